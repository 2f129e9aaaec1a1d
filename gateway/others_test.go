package gateway

import (
	"context"
	"testing"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

var keeperOfOthers = Actor{Name: "admin", Roles: []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN}}

func otherRequest(id, requestID string) *valisev1.ImportOtherRequest {
	return &valisev1.ImportOtherRequest{RequestId: requestID, Directory: &valisev1.OtherDirectory{
		Id: id, Name: "Regional Organisation F", TableHash: make([]byte, 32), MappingHash: make([]byte, 32), Members: []string{"XA", "XB"},
		Contacts: []*valisev1.OtherContact{{Row: 2, State: "XB", Entity: "E"}, {Row: 3, State: "XC", Entity: "E"}},
	}}
}

// TestOthersAreRecorded: who imported and removed what, of which file, how many; nothing of a contact. An act
// that is asked for again answers the same and says whether something came after it. A-12
func TestOthersAreRecorded(t *testing.T) {
	xa := newWorld(t).homes["XA"]
	ctx := context.Background()
	first, newest, err := xa.g.ImportOther(ctx, keeperOfOthers, otherRequest("rof", "i1"))
	if err != nil || !newest || first.GetDirectory().GetContacts() != 2 || first.GetDirectory().GetItem() != first.GetItem() ||
		first.GetDirectory().GetSource().GetOfficer() != "admin" || first.GetDirectory().GetSource().GetImported() == nil {
		t.Fatalf("%v, %v, %v", first, newest, err)
	}
	other, _, err := xa.g.ImportOther(ctx, keeperOfOthers, otherRequest("other", "i2"))
	if err != nil || other.GetItem() == first.GetItem() {
		t.Fatalf("%v, %v", other, err)
	}
	again := func(want bool) {
		t.Helper()
		out, newest, err := xa.g.ImportOther(ctx, keeperOfOthers, otherRequest("rof", "i1"))
		if err != nil || !proto.Equal(out, first) || newest != want {
			t.Errorf("again: %v, newest %v, %v", out, newest, err)
		}
	}
	again(true)
	xa.start()
	again(true)
	removed, newest, err := xa.g.RemoveOther(ctx, keeperOfOthers, &valisev1.RemoveOtherRequest{Id: "rof", RequestId: "r1"}, "Regional Organisation F")
	if err != nil || !newest || removed.GetItem() <= other.GetItem() {
		t.Fatalf("%v, %v, %v", removed, newest, err)
	}
	again(false)
	if _, newest, err := xa.g.RemoveOther(ctx, keeperOfOthers, &valisev1.RemoveOtherRequest{Id: "rof", RequestId: "r1"}, ""); err != nil || !newest {
		t.Errorf("the removal again: %v, %v", newest, err)
	}
	wantReason(t, xa, valisev1.Reason_REASON_NOT_FOUND, func() error {
		_, _, err := xa.g.RemoveOther(ctx, keeperOfOthers, &valisev1.RemoveOtherRequest{Id: "rof", RequestId: "r2"}, "")
		return err
	})
	wantReason(t, xa, valisev1.Reason_REASON_REQUEST_ID_CONFLICT, func() error {
		_, _, err := xa.g.ImportOther(ctx, keeperOfOthers, otherRequest("rof", "i2"))
		return err
	})
	for _, role := range []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_RECORD_KEEPER} {
		by := Actor{Name: "x", Roles: []valisev1.Role{role}}
		wantReason(t, xa, valisev1.Reason_REASON_NOT_PERMITTED, func() error {
			_, _, err := xa.g.ImportOther(ctx, by, otherRequest("rof", ""))
			return err
		})
		wantReason(t, xa, valisev1.Reason_REASON_NOT_PERMITTED, func() error {
			_, _, err := xa.g.RemoveOther(ctx, by, &valisev1.RemoveOtherRequest{Id: "rof"}, "x")
			return err
		})
	}
	nameless := otherRequest("rof", "")
	nameless.Directory.Name = ""
	wantReason(t, xa, valisev1.Reason_REASON_BAD_REQUEST, func() error {
		_, _, err := xa.g.ImportOther(ctx, keeperOfOthers, nameless)
		return err
	})
	items := xa.itemsOf(valisev1.ItemType_ITEM_TYPE_OTHER_DIRECTORY)
	if len(items) != 3 {
		t.Fatalf("%d items", len(items))
	}
	want := &valisev1.OtherFact{Id: "rof", Name: "Regional Organisation F", TableHash: make([]byte, 32), MappingHash: make([]byte, 32), Contacts: 2}
	if it := items[0]; !proto.Equal(it.GetOther(), want) || it.GetOfficer() != "admin" || it.GetRole() != "node_admin" {
		t.Errorf("the import is recorded as %v", it)
	}
	if it := items[2]; !proto.Equal(it.GetOther(), &valisev1.OtherFact{Id: "rof", Name: "Regional Organisation F", Removed: true}) || it.GetOfficer() != "admin" {
		t.Errorf("the removal is recorded as %v", it)
	}
}
