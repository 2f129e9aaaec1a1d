package api

import (
	"context"
	"slices"
	"strings"
	"testing"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// TestOthersAtTheDoor: what is malformed is refused before anything is recorded; everybody reads, and only
// whoever runs the node writes (roles_test.go). A-12
func TestOthersAtTheDoor(t *testing.T) {
	w := newWorld(t)
	c := valisev1.NewDirectoryServiceClient(w.call(t, roleToken(admin)))
	for name, contact := range map[string]*valisev1.OtherContact{
		"an escape":     {Entity: "\x1b[2J"},
		"a turned word": {Name: "a\u202eb"},
		"two lines":     {Notes: "a\nb"},
		"a long note":   {Notes: strings.Repeat("a", 1001)},
		"many numbers":  {Telephones: make([]string, 9)},
	} {
		_, err := c.ImportOther(t.Context(), &valisev1.ImportOtherRequest{Directory: &valisev1.OtherDirectory{Id: "rof", Name: "F", Contacts: []*valisev1.OtherContact{contact}}})
		if e, ok := FromStatus(err); !ok || e.Exit != 2 {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := c.ImportOther(t.Context(), &valisev1.ImportOtherRequest{})
	wantReason(t, err, bad)
	_, err = c.ImportOther(t.Context(), &valisev1.ImportOtherRequest{Directory: &valisev1.OtherDirectory{Id: "rof", Name: "F", Contacts: make([]*valisev1.OtherContact, 5001)}})
	wantReason(t, err, bad)
	_, err = c.RemoveOther(t.Context(), &valisev1.RemoveOtherRequest{})
	wantReason(t, err, bad)
	_, err = c.CompareOthers(t.Context(), &valisev1.CompareOthersRequest{State: "Alder"})
	wantReason(t, err, bad)
	if n := w.record.Items(t.Context()); n != 0 {
		t.Errorf("%d items are recorded", n)
	}
	out, err := c.ImportOther(t.Context(), &valisev1.ImportOtherRequest{Directory: &valisev1.OtherDirectory{Id: "rof", Name: "F"}})
	if err != nil || out.GetDirectory().GetItem() != out.GetItem() {
		t.Errorf("%v, %v", out, err)
	}
	duties := valisev1.NewDirectoryServiceClient(w.call(t, roleToken(duty)))
	if list, err := duties.ListOthers(t.Context(), &valisev1.ListOthersRequest{}); err != nil || len(list.GetUnreadable()) != 1 {
		t.Errorf("%v, %v", list, err)
	}
	if said, err := duties.CompareOthers(t.Context(), &valisev1.CompareOthersRequest{State: "XB"}); err != nil || said.GetUnreadable()[0] != "XB" {
		t.Errorf("%v, %v", said, err)
	}
}

// openShelf takes from everybody: what is refused before it was refused at the door.
type openShelf struct{ othersShelf }

func (openShelf) ImportOther(context.Context, gateway.Actor, *valisev1.ImportOtherRequest) (*valisev1.ImportOtherResponse, error) {
	return new(valisev1.ImportOtherResponse), nil
}

func (openShelf) RemoveOther(context.Context, gateway.Actor, *valisev1.RemoveOtherRequest) (*valisev1.RemoveOtherResponse, error) {
	return new(valisev1.RemoveOtherResponse), nil
}

// TestOnlyWhoRunsTheNodeWritesOthers: whoever has another role, or every other role at once, is refused at the door
// and told which role it needs, whatever the core behind it would say. A-12
func TestOnlyWhoRunsTheNodeWritesOthers(t *testing.T) {
	w := newWorld(t)
	w.server.cfg.Others = openShelf{}
	everyOther := slices.DeleteFunc(slices.Clone(anyone), func(r valisev1.Role) bool { return r == admin })
	w.people.list = append(w.people.list, &valisev1.Officer{Name: "all", Roles: everyOther, TokenHash: hashOf("all")})
	tokens := map[string]string{"all others": "all"}
	for _, r := range everyOther {
		tokens[r.String()] = roleToken(r)
	}
	for who, token := range tokens {
		calls := every(w.call(t, token))
		for _, method := range []string{"ImportOther", "RemoveOther"} {
			err := calls[method](t.Context())
			if e, ok := FromStatus(err); !ok || e.Reason != denied || e.Detail != "this needs the role node_admin" {
				t.Errorf("%s calling %s: %v", who, method, err)
			}
		}
	}
	calls := every(w.call(t, roleToken(admin)))
	for _, method := range []string{"ImportOther", "RemoveOther"} {
		if err := calls[method](t.Context()); err != nil {
			t.Errorf("who runs the node calling %s: %v", method, err)
		}
	}
}
