package directory_test

import (
	"testing"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// TestADeniedRoot: the State said that the root is not its own. What is in force stays, its keys speak,
// and neither a restart nor a later list with the same root makes a question of it again; another root
// does, and a call-back can still take the denial back. docs/protocol.md §8.5
func TestADeniedRoot(t *testing.T) {
	dir := t.TempDir()
	first := firstEdition(t)
	mustImport(t, openBook(t, dir), first)
	second := otherRoot(t, first.next(), "XB")
	book := openBook(t, dir)
	mustImport(t, book, second)
	offered := second.roots["XB"].Public().ID(realm)
	theirs, made := first.speakers["XB/technical"].Public().ID(realm), second.speakers["XB/technical"].Public().ID(realm)

	s := book.Snapshot()
	if claim, ok := s.Claimant(made); !s.InQuestion("XB") || !ok || !claim.Unconfirmed {
		t.Fatalf("a root in question: %v, its key claims %v", s.InQuestion("XB"), claim)
	}
	if speaker, ok := s.Claimant(theirs); !ok || speaker.Unconfirmed {
		t.Fatal("the key in force is taken for one of the entry in quarantine")
	}
	wantReason(t, book.DenyRoot("XB", ident.KeyID{1}), valisev1.Reason_REASON_KEY_CHANGED)
	wantReason(t, book.DenyRoot("XA", offered), valisev1.Reason_REASON_NOT_FOUND)
	for range 2 {
		if err := book.DenyRoot("XB", offered); err != nil {
			t.Fatal(err)
		}
	}
	third := second.next()
	mustImport(t, openBook(t, dir), third)
	s = openBook(t, dir).Snapshot()
	if _, claims := s.Claimant(made); claims || s.InQuestion("XB") {
		t.Fatal("a denied root is in question again")
	}
	if changed := s.KeyChanged(); len(changed) != 1 || !changed[0].Denied {
		t.Fatalf("the list still shows it: %+v", changed)
	}
	if _, speaks := s.Speaker(theirs); !speaks {
		t.Fatal("the State does not speak any more")
	}

	fourth := third.next()
	fourth.roots["XB"] = signingKey(t, "a third root of XB")
	fourth.entries["XB"].Root = fourth.roots["XB"].Public().Proto()
	fourth.entries["XB"].Number++
	fourth.enrol()
	mustImport(t, openBook(t, dir), fourth)
	if !openBook(t, dir).Snapshot().InQuestion("XB") {
		t.Fatal("a third root takes the place of the one that was denied, unseen")
	}

	// The State was wrong, or somebody else had been on the line.
	again := openBook(t, t.TempDir())
	mustImport(t, again, first)
	mustImport(t, again, second)
	if err := again.DenyRoot("XB", offered); err != nil {
		t.Fatal(err)
	}
	if _, err := again.ConfirmRoot("XB", directory.Called{Root: offered}); err != nil {
		t.Fatal(err)
	}
	if root, _ := again.Snapshot().Root("XB"); root != offered || len(again.Snapshot().KeyChanged()) != 0 {
		t.Fatal("the root that was confirmed is not in force")
	}
}

// TestTheNumberToCall: it is the old entry's, and one that only the new entry names is known as such.
func TestTheNumberToCall(t *testing.T) {
	first := firstEdition(t)
	first.entries["XB"].PointsOfContact[0].Telephones = []string{"+99900000001", "+99900000002"}
	first.enrol()
	book := openBook(t, t.TempDir())
	mustImport(t, book, first)
	second := otherRoot(t, first.next(), "XB")
	for _, p := range second.entries["XB"].GetPointsOfContact() {
		p.Telephones = []string{"+99900000002", "+99900000666"}
	}
	second.enrol()
	var change directory.RootChange
	for _, c := range mustImport(t, book, second).KeyChanged {
		change = c
	}
	for _, n := range change.Telephones {
		if n == "+99900000666" {
			t.Fatalf("the number to call is the new entry's: %v", change.Telephones)
		}
	}
	if len(change.OnlyOffered) != 1 || change.OnlyOffered[0] != "+99900000666" || len(change.Telephones) < 2 {
		t.Fatalf("numbers: %+v", change)
	}
}
