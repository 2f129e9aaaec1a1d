package directory_test

import (
	"path/filepath"
	"testing"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// TestAStateThatComesLater: nobody has compared its root here, unlike those of the first list of an
// exercise. A call with the right fingerprint ends that, over a restart, while its State stays and where
// the root follows one that announced it. docs/protocol.md §8.5
func TestAStateThatComesLater(t *testing.T) {
	dir := t.TempDir()
	first := firstEdition(t)
	mustImport(t, openBook(t, dir), first)
	second := first.next()
	second.join("XF", "technical")
	second.enrol()
	mustImport(t, openBook(t, dir), second)
	book := openBook(t, dir)
	s := book.Snapshot()
	if s.NotCalledBack("XB") || !s.NotCalledBack("XF") || s.NotCalledBack("XG") {
		t.Fatalf("XB %v, XF %v, XG %v", s.NotCalledBack("XB"), s.NotCalledBack("XF"), s.NotCalledBack("XG"))
	}
	root := second.roots["XF"].Public().ID(realm)
	known, ok := s.RootInForce("XF")
	if !ok || known.Held != root || known.Offered != root || known.Number != 1 || len(known.Telephones) != 1 || len(known.OnlyOffered) != 0 {
		t.Fatalf("a first call is about %+v", known)
	}
	wantReason(t, book.ConfirmFirst("XF", directory.Called{Root: ident.KeyID{1}, At: start}), valisev1.Reason_REASON_KEY_CHANGED)
	wantReason(t, book.ConfirmFirst("XG", directory.Called{Root: root, At: start}), valisev1.Reason_REASON_NOT_FOUND)
	if !openBook(t, dir).Snapshot().NotCalledBack("XF") {
		t.Fatal("a fingerprint that was not read aloud ends it")
	}
	call := directory.Called{Root: root, At: start, Officer: "duty", Item: 7, OwnNumber: true}
	if err := book.ConfirmFirst("XF", call); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*directory.Snapshot{book.Snapshot(), openBook(t, dir).Snapshot()} {
		if got, ok := s.CalledBack("XF"); !ok || got != call || s.NotCalledBack("XF") {
			t.Fatalf("called back: %+v", got)
		}
	}

	third := second.next()
	third.leave("XF")
	third.enrol()
	mustImport(t, openBook(t, dir), third)
	if s := openBook(t, dir).Snapshot(); s.NotCalledBack("XF") {
		t.Fatal("a State that left is to be called")
	}
	fourth := third.next()
	fourth.join("XF", "technical")
	fourth.entries["XF"].Number = 2
	next := signingKey(t, "the next root of XF")
	fourth.entries["XF"].NextRoot = next.Public().Proto()
	fourth.bundles["XF/technical"].EntryNumber = 2
	fourth.enrol()
	mustImport(t, openBook(t, dir), fourth)
	fifth := fourth.next()
	fifth.roots["XF"] = next
	fifth.entries["XF"].Root, fifth.entries["XF"].NextRoot, fifth.entries["XF"].Number = next.Public().Proto(), nil, 3
	fifth.bundles["XF/technical"].EntryNumber = 3
	fifth.enrol()
	mustImport(t, openBook(t, dir), fifth)
	s = openBook(t, dir).Snapshot()
	if got, ok := s.CalledBack("XF"); !ok || got != call || s.NotCalledBack("XF") {
		t.Fatalf("after its announced root: %+v, %v", got, ok)
	}
}

// TestAChangedRootNeedsItsOwnCall: what was said of the root before says nothing of the one that came
// after it unannounced, and while that is in question there is no first call.
func TestAChangedRootNeedsItsOwnCall(t *testing.T) {
	first := firstEdition(t)
	second := first.next()
	second.join("XF", "technical")
	second.enrol()
	third := otherRoot(t, second.next(), "XF")
	before, offered := second.roots["XF"].Public().ID(realm), third.roots["XF"].Public().ID(realm)
	inQuestion := func(t *testing.T) *directory.Book {
		t.Helper()
		book := openBook(t, t.TempDir())
		mustImport(t, book, first)
		mustImport(t, book, second)
		if err := book.ConfirmFirst("XF", directory.Called{Root: before, At: start, Officer: "before"}); err != nil {
			t.Fatal(err)
		}
		mustImport(t, book, third)
		return book
	}
	book := inQuestion(t)
	wantReason(t, book.ConfirmFirst("XF", directory.Called{Root: before, At: start}), valisev1.Reason_REASON_KEY_CHANGED)
	call := directory.Called{Root: offered, At: start, Officer: "after"}
	if _, err := book.ConfirmRoot("XF", call); err != nil {
		t.Fatal(err)
	}
	if got, _ := book.Snapshot().CalledBack("XF"); got != call || book.Snapshot().NotCalledBack("XF") {
		t.Fatalf("the call about the new root: %+v", got)
	}

	book = inQuestion(t)
	if err := book.DenyRoot("XF", offered); err != nil {
		t.Fatal(err)
	}
	if got, _ := book.Snapshot().CalledBack("XF"); got.Officer != "before" {
		t.Fatalf("after the new root was denied: %+v", got)
	}

	book = inQuestion(t)
	if _, err := book.Import(third.bytes(), directory.ImportOptions{ConfirmRoots: map[ident.State]ident.KeyID{"XF": offered}}); err != nil {
		t.Fatal(err)
	}
	if got, called := book.Snapshot().CalledBack("XF"); called || book.Snapshot().NotCalledBack("XF") {
		t.Fatalf("confirmed with a file, which says nothing of who called: %+v", got)
	}
}

// TestTheFirstListOfTheOperationalRealm: whoever compared the managers' fingerprints has compared no
// State's root.
func TestTheFirstListOfTheOperationalRealm(t *testing.T) {
	seat, dir, bookDir := t.TempDir(), filepath.Join(t.TempDir(), "registry"), t.TempDir()
	sheet, err := directory.HoldCeremony(directory.CeremonyConfig{
		Dir: seat, Realm: ident.Operational, State: "AA", Tracks: []ident.Track{ident.Technical}, ValidFrom: start, Rand: randomness("AA"),
	})
	if err != nil {
		t.Fatal(err)
	}
	folder, err := directory.InitStateFolder(seat, ident.Operational, directory.EntryFacts{State: "AA", Points: []directory.PointFacts{{Track: "technical"}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := folder.SignEntry(operationalKey(t, filepath.Join(seat, directory.RootKeyFile)), 0); err != nil {
		t.Fatal(err)
	}
	export, err := folder.Export()
	if err != nil {
		t.Fatal(err)
	}
	registry, err := directory.InitManager(dir, directory.ManagerConfig{Realm: ident.Operational, Rand: randomness("registry"), Now: start})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := registry.Admit(export, directory.AdmitOptions{Now: start}); err != nil {
		t.Fatal(err)
	}
	p, err := registry.Publish(directory.PublishConfig{Now: start, Signers: []*seal.SigningKey{operationalKey(t, filepath.Join(dir, directory.ManagerKeyFile))}})
	if err != nil {
		t.Fatal(err)
	}
	book, err := directory.Open(bookDir, ident.Operational)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.Import(p.Import, directory.ImportOptions{TrustManagers: registry.Managers().Managers}); err != nil {
		t.Fatal(err)
	}
	if !book.Snapshot().NotCalledBack("AA") {
		t.Fatal("its root counts as compared")
	}
	if l := book.Snapshot().ShowAt("AA", start); l.States[0].NotCalledBack {
		t.Error("a State is told to call itself")
	}
	if l := book.Snapshot().ShowAt("ZZ", start); !l.States[0].NotCalledBack {
		t.Error("the listing does not say it")
	}
	if err := book.ConfirmFirst("AA", directory.Called{Root: sheet.Root.ID, At: start}); err != nil || book.Snapshot().NotCalledBack("AA") {
		t.Fatal("it was called, and still is to be", err)
	}
}

func operationalKey(t *testing.T, path string) *seal.SigningKey {
	t.Helper()
	k, err := seal.ReadSigningKey(path, ident.Operational, nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
