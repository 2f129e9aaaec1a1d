package directory_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

func TestImportThenRestart(t *testing.T) {
	dir := t.TempDir()
	first := firstEdition(t)
	book := openBook(t, dir)
	if n := book.Snapshot().Number(); n != 0 {
		t.Fatalf("an empty book is at list %d", n)
	}
	changes := mustImport(t, book, first)
	if !changes.First || changes.ListNumber != 1 || len(changes.Joined) != 5 || len(changes.NewBundles) != 9 {
		t.Fatalf("first import: %+v", changes)
	}
	sameDirectory(t, book.Snapshot(), openBook(t, dir).Snapshot())

	again, err := book.Import(first.bytes(), directory.ImportOptions{})
	if err != nil || !again.Unchanged {
		t.Fatalf("the same file again: %+v, %v", again, err)
	}
	second := first.next()
	second.leave("XE")
	changes = mustImport(t, book, second)
	if len(changes.Left) != 1 || changes.Left[0] != "XE" {
		t.Fatalf("XE left: %+v", changes)
	}
	sameDirectory(t, book.Snapshot(), openBook(t, dir).Snapshot())
}

func TestLookup(t *testing.T) {
	first := firstEdition(t)
	delete(first.bundles, "XC/technical")
	book := openBook(t, t.TempDir())
	mustImport(t, book, first)
	second := first.next()
	second.leave("XE")
	mustImport(t, book, second)
	s := book.Snapshot()

	poc, err := s.Lookup(address(t, "XB/technical"))
	if err != nil {
		t.Fatal(err)
	}
	bundle := first.bundles["XB/technical"]
	if poc.Mailbox != bundle.GetMailbox() || poc.SenderToken != bundle.GetSenderToken() || poc.Point.GetTelephones()[0] != "+99900000001" {
		t.Fatalf("looked up %+v", poc)
	}
	key, ok := poc.SealingKey(start.Add(time.Hour))
	if !ok || key.String() != bundle.GetSealingKeys()[0].GetRecipient() {
		t.Fatalf("sealing key %v, %v", key, ok)
	}
	poc, err = s.Lookup(address(t, "XC/technical"))
	if err != nil || poc.Bundle != nil {
		t.Fatalf("a desk without a bundle can be looked up: %+v, %v", poc, err)
	}
	if _, ok := poc.SealingKey(start); ok {
		t.Fatal("a desk without a bundle has a sealing key")
	}
	for name, want := range map[string]valisev1.Reason{
		"XD/technical": valisev1.Reason_REASON_NOT_FOUND, "XE/technical": valisev1.Reason_REASON_STATE_LEFT,
	} {
		_, err := s.Lookup(address(t, name))
		wantReason(t, err, want)
	}
	if at, left := s.Left("XE"); !left || at.IsZero() {
		t.Fatalf("XE left: %v, %v", at, left)
	}
	if _, left := s.Left("XA"); left {
		t.Fatal("XA has left")
	}
}

func TestStaleIsAMark(t *testing.T) {
	book := openBook(t, t.TempDir())
	if !book.Snapshot().Stale(start) {
		t.Fatal("no list at all is fresh")
	}
	first := firstEdition(t)
	first.list.Issued, first.list.Expires = timestamppb.New(start.AddDate(-2, 0, 0)), timestamppb.New(start.AddDate(-1, 0, 0))
	mustImport(t, book, first)
	if s := book.Snapshot(); !s.Stale(start) || s.Stale(start.AddDate(-1, 0, -1)) || s.Number() != 1 {
		t.Fatal("an expired list is taken and is stale")
	}
}

func TestSpeakers(t *testing.T) {
	dir := t.TempDir()
	first := firstEdition(t)
	book := openBook(t, dir)
	mustImport(t, book, first)
	old := first.speakers["XB/technical"].Public()
	speaker, ok := book.Snapshot().Speaker(old.ID(realm))
	if !ok || speaker.Address != address(t, "XB/technical") || !speaker.RevokedSince.IsZero() || !speaker.ValidUntil.Equal(start.AddDate(1, 0, 0)) {
		t.Fatalf("speaker %+v, %v", speaker, ok)
	}

	// The next entry has another key and says since when the old one is not to be trusted.
	since := start.Add(36 * time.Hour)
	second := first.next()
	renewKey(t, second, "XB", "technical", "second key")
	id := old.ID(realm)
	second.entries["XB"].Revocations = []*valisev1.Revocation{{KeyId: id[:], Since: timestamppb.New(since)}}
	second.enrol()
	mustImport(t, book, second)
	if speaker, ok := book.Snapshot().Speaker(id); !ok || !speaker.RevokedSince.Equal(since) {
		t.Fatalf("a revoked key is known as revoked: %+v, %v", speaker, ok)
	}

	// A third entry that is silent about it does not bring the key back, and a third key
	// takes the second one's place.
	third := second.next()
	third.entries["XB"].Revocations = nil
	renewKey(t, third, "XB", "technical", "third key")
	third.enrol()
	mustImport(t, book, third)
	s := openBook(t, dir).Snapshot()
	if speaker, ok := s.Speaker(id); !ok || !speaker.RevokedSince.Equal(since) {
		t.Fatalf("a revocation was taken back: %+v, %v", speaker, ok)
	}
	second2 := signingKey(t, "second key").Public().ID(realm)
	if _, ok := s.Speaker(second2); ok {
		t.Fatal("a key of an earlier entry speaks for new messages")
	}
	if speaker, ok := s.HistoricalSpeaker(second2); !ok || speaker.Address != address(t, "XB/technical") {
		t.Fatalf("records signed with the second key cannot be verified: %v", ok)
	}
}

// renewKey gives a desk another signing key and a bundle signed with it, in the next entry.
func renewKey(t testing.TB, e *edition, state, track, name string) {
	t.Helper()
	entry := e.entries[state]
	entry.Number++
	for _, p := range entry.GetPointsOfContact() {
		if p.GetTrack() == track {
			p.SigningKeys[0].Key = signingKey(t, name).Public().Proto()
		}
	}
	a := state + "/" + track
	e.speakers[a] = signingKey(t, name)
	e.bundles[a] = e.newBundle(a, entry.GetNumber(), uint64(start.Unix())+entry.GetNumber())
}

func TestKeysOfAStateThatLeftStayForRecords(t *testing.T) {
	first := firstEdition(t)
	book := openBook(t, t.TempDir())
	mustImport(t, book, first)
	second := first.next()
	second.leave("XE")
	mustImport(t, book, second)
	id := first.speakers["XE/technical"].Public().ID(realm)
	if _, ok := book.Snapshot().Speaker(id); ok {
		t.Fatal("a State that left still speaks")
	}
	if _, ok := book.Snapshot().HistoricalSpeaker(id); !ok {
		t.Fatal("records of a State that left cannot be verified")
	}
}

func TestChangedRootWaitsForConfirmation(t *testing.T) {
	dir := t.TempDir()
	first := firstEdition(t)
	book := openBook(t, dir)
	mustImport(t, book, first)
	held, _ := book.Snapshot().Root("XB")
	second := otherRoot(t, first.next(), "XB")
	offered := second.roots["XB"].Public().ID(realm)
	changes := mustImport(t, book, second)
	if len(changes.KeyChanged) != 1 || changes.KeyChanged[0].State != "XB" || changes.KeyChanged[0].Offered != offered || changes.KeyChanged[0].Held != held {
		t.Fatalf("changes: %+v", changes)
	}
	check := func(s *directory.Snapshot, number uint64, key *seal.SigningKey) {
		t.Helper()
		if e, ok := s.Entry("XB"); !ok || e.GetNumber() != number {
			t.Fatalf("entry %d of XB is in force, want %d", e.GetNumber(), number)
		}
		if _, ok := s.Speaker(key.Public().ID(realm)); !ok {
			t.Fatalf("the key of entry %d does not speak", number)
		}
		if poc, err := s.Lookup(address(t, "XB/technical")); err != nil || poc.Bundle.GetEntryNumber() != number {
			t.Fatalf("bundle %v, %v", poc, err)
		}
	}
	book = openBook(t, dir)
	check(book.Snapshot(), 1, first.speakers["XB/technical"])
	if _, ok := book.Snapshot().Speaker(second.speakers["XB/technical"].Public().ID(realm)); ok {
		t.Fatal("a key under an unconfirmed root speaks")
	}
	if waits := book.Snapshot().KeyChanged(); len(waits) != 1 {
		t.Fatalf("after a restart %d roots wait", len(waits))
	}

	_, err := book.ConfirmRoot("XB", directory.Called{Root: ident.KeyID{1}})
	wantReason(t, err, valisev1.Reason_REASON_KEY_CHANGED)
	_, err = book.ConfirmRoot("XA", directory.Called{Root: offered})
	wantReason(t, err, valisev1.Reason_REASON_NOT_FOUND)
	if _, err := book.ConfirmRoot("XB", directory.Called{Root: offered}); err != nil {
		t.Fatal(err)
	}
	for _, b := range []*directory.Book{book, openBook(t, dir)} {
		check(b.Snapshot(), 2, second.speakers["XB/technical"])
		if len(b.Snapshot().KeyChanged()) != 0 {
			t.Fatal("a confirmed root still waits")
		}
	}
}

// otherRoot gives a State a new root, keys and bundles, as after a theft or a coup.
func otherRoot(t testing.TB, e *edition, state string) *edition {
	t.Helper()
	e.roots[state] = signingKey(t, "another root of "+state)
	e.entries[state].Root = e.roots[state].Public().Proto()
	e.entries[state].NextRoot = nil
	e.entries[state].Number++
	for _, p := range e.entries[state].GetPointsOfContact() {
		a := state + "/" + p.GetTrack()
		e.speakers[a] = signingKey(t, "another key of "+a)
		p.SigningKeys[0].Key = e.speakers[a].Public().Proto()
		e.bundles[a] = e.newBundle(a, e.entries[state].GetNumber(), uint64(start.Unix())+1)
	}
	e.enrol()
	return e
}

func TestAnnouncedRootSucceeds(t *testing.T) {
	first := firstEdition(t)
	first.entries["XB"].NextRoot = signingKey(t, "another root of XB").Public().Proto()
	first.enrol()
	book := openBook(t, t.TempDir())
	mustImport(t, book, first)
	changes := mustImport(t, book, otherRoot(t, first.next(), "XB"))
	if len(changes.KeyChanged) != 0 || len(changes.Updated) != 1 {
		t.Fatalf("an announced root: %+v", changes)
	}
}

func TestReturningStateWithAnotherRootIsNotReachable(t *testing.T) {
	dir := t.TempDir()
	first := firstEdition(t)
	book := openBook(t, dir)
	mustImport(t, book, first)
	second := first.next()
	second.leave("XE")
	mustImport(t, book, second)
	third := second.next()
	third.join("XE", "technical")
	third.entries["XE"].Number = 1
	otherRoot(t, third, "XE")
	changes := mustImport(t, book, third)
	if len(changes.KeyChanged) != 1 {
		t.Fatalf("changes: %+v", changes)
	}
	_, err := openBook(t, dir).Snapshot().Lookup(address(t, "XE/technical"))
	wantReason(t, err, valisev1.Reason_REASON_KEY_CHANGED)
}

func TestReturningStateWithItsRootJoins(t *testing.T) {
	first := firstEdition(t)
	book := openBook(t, t.TempDir())
	mustImport(t, book, first)
	second := first.next()
	second.leave("XE")
	mustImport(t, book, second)
	third := second.next()
	third.join("XE", "technical")
	third.entries["XE"].Number = 2
	third.enrol()
	if changes := mustImport(t, book, third); len(changes.Joined) != 1 {
		t.Fatalf("changes: %+v", changes)
	}
	if _, left := book.Snapshot().Left("XE"); left {
		t.Fatal("XE is back and has left")
	}
}

func TestSplitViewIsSeen(t *testing.T) {
	first := firstEdition(t)
	book := openBook(t, t.TempDir())
	mustImport(t, book, first)
	before := book.Snapshot().Hash()
	mustImport(t, book, first.next())
	s := book.Snapshot()
	for _, c := range []struct {
		number        uint64
		hash          [32]byte
		same, decided bool
	}{
		{2, s.Hash(), true, true}, {1, before, true, true}, {1, s.Hash(), false, true}, {2, before, false, true},
		{3, s.Hash(), false, false}, {0, [32]byte{}, false, false},
	} {
		if same, decided := s.SameList(c.number, c.hash); same != c.same || decided != c.decided {
			t.Errorf("list %d: same %v, decided %v", c.number, same, decided)
		}
	}
}

func TestEntryOfANewerVersionIsTaken(t *testing.T) {
	first := firstEdition(t)
	first.entries["XB"].ProtoReflect().SetUnknown([]byte{0xf8, 0x07, 0x01}) // field 127
	first.enrol()
	book := openBook(t, t.TempDir())
	mustImport(t, book, first)
	if _, ok := book.Snapshot().Entry("XB"); !ok {
		t.Fatal("one State's newer node shut the others out")
	}
}
