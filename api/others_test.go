package api

import (
	"strings"
	"testing"

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
