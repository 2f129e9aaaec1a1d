package api

import (
	"testing"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// TestContactsSayWhoWasCalled: a State that was called shows when and by whom; our own shows nothing, for
// nobody calls themselves. docs/protocol.md §8.5
func TestContactsSayWhoWasCalled(t *testing.T) {
	file, manager, _ := directoryFile()
	b := must(directory.Open(t.TempDir(), realm))
	must(b.Import(file, directory.ImportOptions{TrustManagers: []ident.KeyID{manager.Public().ID(realm)}}))
	for _, state := range []ident.State{"XA", "XB"} {
		root, _ := b.Snapshot().Root(state)
		if err := b.ConfirmFirst(state, directory.Called{Root: root, At: start, Officer: "birch", Item: 7, OwnNumber: true}); err != nil {
			t.Fatal(err)
		}
	}
	w := newWorld(t, func(c *Config) { c.Directory, c.Own = shelf{b.Snapshot()}, "XA" })
	all, err := valisev1.NewDirectoryServiceClient(w.call(t, roleToken(admin))).ListContacts(t.Context(), &valisev1.ListContactsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all.GetContacts() {
		called := c.GetCalledBack()
		if mustAddress(t, c.GetAddress()).State == "XA" {
			if called != nil || c.GetNotCalledBack() {
				t.Errorf("our own State shows %v", called)
			}
			continue
		}
		if called.GetOfficer() != "birch" || called.GetItem() != 7 || !called.GetOwnNumber() || !called.GetAt().AsTime().Equal(start) || c.GetNotCalledBack() {
			t.Errorf("%s shows %v", c.GetAddress(), called)
		}
	}
}

func mustAddress(t *testing.T, s string) ident.Address {
	t.Helper()
	a, err := ident.ParseAddress(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
