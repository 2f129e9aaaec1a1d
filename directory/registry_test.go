package directory_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// TestOperatorOrder walks the order of the operator's guide on the directory's side.
func TestOperatorOrder(t *testing.T) {
	dir, r := newRegistry(t)
	xa, xb := newSeat(t, "XA"), newSeat(t, "XB")
	if a := admit(t, dir, xa.export(start)); a.Entry.State != "XA" || a.Entry.Number != 1 || a.Entry.Root != xa.sheet.Root.ID || len(a.Entry.Bundles) != 2 {
		t.Fatalf("admitted %+v", a)
	}
	admit(t, dir, xb.export(start))
	if a := admit(t, dir, relayCard(t, "relay one", "127.0.0.1:4222")); a.Relay.GetAddress() != "127.0.0.1:4222" {
		t.Fatalf("admitted %+v", a)
	}
	if r.Published().Number() != 0 {
		t.Fatal("admitting published something")
	}
	p := publish(t, dir, start)
	for name, want := range map[string][]byte{directory.ImportFile: p.Import, directory.RosterFile: p.Roster} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%s differs from what was published: %v", name, err)
		}
	}
	book := openBook(t, t.TempDir())
	if _, err := book.Import(p.Import, directory.ImportOptions{TrustManagers: r.Managers().Managers}); err != nil {
		t.Fatal(err)
	}
	if len(book.Snapshot().Relays()) != 1 {
		t.Fatalf("relays: %v", book.Snapshot().Relays())
	}
	roster, err := directory.ParseRoster(realm, p.Roster)
	if err != nil {
		t.Fatal(err)
	}
	own, err := directory.EncodeRoster(book.Snapshot().Roster())
	if err != nil || !bytes.Equal(own, p.Roster) || roster.GetNumber() != 1<<20 {
		t.Fatal("the node derives another roster from the same list")
	}
}

func TestRegistryLife(t *testing.T) {
	dir, r := newRegistry(t)
	xa, xb := newSeat(t, "XA"), newSeat(t, "XB")
	first := xb.export(start)
	admit(t, dir, xa.export(start))
	admit(t, dir, first)
	card := relayCard(t, "relay one", "127.0.0.1:4222")
	admit(t, dir, card)
	node := openBook(t, t.TempDir())
	take := func(p directory.Publication) directory.Changes {
		t.Helper()
		c, err := node.Import(p.Import, directory.ImportOptions{TrustManagers: r.Managers().Managers})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	take(publish(t, dir, start))

	xb.edit(func(f *directory.EntryFacts) { f.NoteVerbale = "NV/2026/0002" })
	admit(t, dir, xb.export(start))
	if c := take(publish(t, dir, start.Add(time.Hour))); len(c.Updated) != 1 || len(c.NewBundles) != 2 {
		t.Fatalf("a new entry: %+v", c)
	}
	_, err := reopen(t, dir).Admit(first, directory.AdmitOptions{Now: start})
	wantReason(t, err, valisev1.Reason_REASON_ROLLBACK)

	left := start.Add(2 * time.Hour)
	if err := reopen(t, dir).Withdraw("XB", left); err != nil {
		t.Fatal(err)
	}
	if err := reopen(t, dir).WithdrawRelay("relay one"); err != nil {
		t.Fatal(err)
	}
	if c := take(publish(t, dir, start.Add(3*time.Hour))); len(c.Left) != 1 || len(node.Snapshot().Relays()) != 0 {
		t.Fatalf("XB and the relay left: %+v", c)
	}
	if at, ok := node.Snapshot().Left("XB"); !ok || !at.Equal(left) {
		t.Fatalf("XB left at %v, %v", at, ok)
	}
	take(publish(t, dir, start.Add(4*time.Hour)))

	_, err = reopen(t, dir).Admit(first, directory.AdmitOptions{Now: start})
	wantReason(t, err, valisev1.Reason_REASON_TOMBSTONE)
	xb.edit(func(f *directory.EntryFacts) { f.NoteVerbale = "NV/2026/0003" })
	admit(t, dir, xb.export(start))
	if c := take(publish(t, dir, start.Add(5*time.Hour))); len(c.Joined) != 1 || c.ListNumber != 5 {
		t.Fatalf("XB came back: %+v", c)
	}
	for _, gone := range []error{reopen(t, dir).Withdraw("XQ", start), reopen(t, dir).Withdraw("../../x", start), reopen(t, dir).WithdrawRelay("relay one")} {
		wantReason(t, gone, valisev1.Reason_REASON_NOT_FOUND)
	}
}

func TestReadingKeyChangesWhenAStateLeaves(t *testing.T) {
	dir, _ := newRegistry(t)
	admit(t, dir, newSeat(t, "XA").export(start))
	admit(t, dir, newSeat(t, "XB").export(start))
	key := func(p directory.Publication) string {
		t.Helper()
		f := &valisev1.ImportBundle{}
		decode(t, p.Import, f)
		return f.GetReadingKey()
	}
	first, second := key(publish(t, dir, start)), key(publish(t, dir, start.Add(time.Hour)))
	if err := reopen(t, dir).Withdraw("XB", start); err != nil {
		t.Fatal(err)
	}
	third := key(publish(t, dir, start.Add(2*time.Hour)))
	if first == "" || first != second || third == second {
		t.Fatal("the reading key changes exactly when a State leaves")
	}
}

func TestAdmitRefuses(t *testing.T) {
	dir, _ := newRegistry(t)
	xa := newSeat(t, "XA")
	admit(t, dir, xa.export(start))
	publish(t, dir, start)

	thief := newSeat(t, "XB")
	thief.box = "XA"
	operational := encode(t, &valisev1.RelayCard{Realm: "operational", Name: "r", Address: "192.0.2.1:1", TlsKey: make([]byte, 32)})
	another := newSeatSeeded(t, "XA", "another root")
	for name, c := range map[string]struct {
		file []byte
		want valisev1.Reason
	}{
		"another's mailboxes":      {thief.export(start), valisev1.Reason_REASON_SHARED_KEY},
		"another root":             {another.export(start), valisev1.Reason_REASON_EQUIVOCATION},
		"relay of another realm":   {operational, valisev1.Reason_REASON_WRONG_REALM},
		"neither entry nor card":   {[]byte("hello"), valisev1.Reason_REASON_WIRE_FORM},
		"nothing":                  {nil, valisev1.Reason_REASON_FRAME},
		"a directory file instead": {publish(t, dir, start).Import, valisev1.Reason_REASON_WIRE_FORM},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := reopen(t, dir).Admit(c.file, directory.AdmitOptions{Now: start})
			wantReason(t, err, c.want)
		})
	}
	// Nothing of it is in the next list.
	if p := publish(t, dir, start.Add(time.Hour)); len(p.Changes.Joined)+len(p.Changes.Updated) != 0 {
		t.Fatalf("published %+v", p.Changes)
	}
}

func TestAdmitANewRootAfterCallBack(t *testing.T) {
	dir, r := newRegistry(t)
	admit(t, dir, newSeat(t, "XA").export(start))
	published := publish(t, dir, start)
	another := newSeatSeeded(t, "XA", "another root")
	another.shown = 1
	file := another.export(start)
	_, err := reopen(t, dir).Admit(file, directory.AdmitOptions{Now: start})
	wantReason(t, err, valisev1.Reason_REASON_KEY_CHANGED)
	_, view, err := another.folder.Signed()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reopen(t, dir).Admit(file, directory.AdmitOptions{Now: start, ConfirmRoot: view.Root}); err != nil {
		t.Fatal(err)
	}
	next := publish(t, dir, start.Add(time.Hour))
	if len(next.Changes.Updated) != 1 || len(next.Changes.KeyChanged) != 0 {
		t.Fatalf("published %+v", next.Changes)
	}
	// The manager's confirmation is not the nodes': each asks its own officer.
	node := openBook(t, t.TempDir())
	for _, p := range []directory.Publication{published, next} {
		c, err := node.Import(p.Import, directory.ImportOptions{TrustManagers: r.Managers().Managers})
		if err != nil {
			t.Fatal(err)
		}
		if p.Changes.ListNumber == 2 && len(c.KeyChanged) != 1 {
			t.Fatalf("a node took the manager's word for a root: %+v", c)
		}
	}
	c, err := openBook(t, t.TempDir()).Import(next.Import, directory.ImportOptions{
		TrustManagers: r.Managers().Managers, ConfirmRoots: map[ident.State]ident.KeyID{"XA": view.Root},
	})
	if err != nil || len(c.KeyChanged) != 0 {
		t.Fatalf("%+v, %v", c, err)
	}
}

func TestAdmitASignedRelayCard(t *testing.T) {
	dir, r := newRegistry(t)
	key := signingKey(t, "relay")
	card := &valisev1.RelayCard{Realm: string(realm), Name: "relay one", Address: "192.0.2.1:4222", TlsKey: make([]byte, 32), Key: key.Public().Proto()}
	_, err := r.Admit(encode(t, card), directory.AdmitOptions{Now: start})
	wantReason(t, err, valisev1.Reason_REASON_BAD_SIGNATURE)
	_, err = r.Admit(encode(t, signed(t, seal.PurposeRelayCard, card, managerKey(t))), directory.AdmitOptions{Now: start})
	wantReason(t, err, valisev1.Reason_REASON_BAD_SIGNATURE)
	admit(t, dir, encode(t, signed(t, seal.PurposeRelayCard, card, key)))
	// The relay moves: the card of one name takes the place of the one before.
	card.Address = "192.0.2.2:4222"
	admit(t, dir, encode(t, signed(t, seal.PurposeRelayCard, card, key)))
	publish(t, dir, start)
	if relays := reopen(t, dir).Published().Relays(); len(relays) != 1 || relays[0].GetAddress() != "192.0.2.2:4222" {
		t.Fatalf("relays %v", relays)
	}
	if r.Realm() != realm || reopen(t, dir).Published().Number() != 1 {
		t.Fatal("the registry is of another realm or list")
	}
}

// TestPublishFailsAfterTheCommit: the list is in the registry's book but its file could not be
// written. Its number is used, and the next list follows it.
func TestPublishFailsAfterTheCommit(t *testing.T) {
	dir, _ := newRegistry(t)
	admit(t, dir, newSeat(t, "XA").export(start))
	key, err := seal.ReadSigningKey(filepath.Join(dir, directory.ManagerKeyFile), realm, nil)
	if err != nil {
		t.Fatal(err)
	}
	blocked := filepath.Join(dir, directory.ImportFile)
	if err := os.MkdirAll(filepath.Join(blocked, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err = reopen(t, dir).Publish(directory.PublishConfig{Now: start, Signers: []*seal.SigningKey{key}})
	wantReason(t, err, valisev1.Reason_REASON_STORAGE_UNKNOWN)
	if err := os.RemoveAll(blocked); err != nil {
		t.Fatal(err)
	}
	p := publish(t, dir, start.Add(time.Minute))
	if p.Changes.ListNumber != 2 {
		t.Fatalf("published %+v", p.Changes)
	}
	if _, err := openBook(t, t.TempDir()).Import(p.Import, directory.ImportOptions{TrustManagers: reopen(t, dir).Managers().Managers}); err != nil {
		t.Fatal(err)
	}
}

func TestPublishNeedsTheQuorum(t *testing.T) {
	dir, _ := newRegistry(t)
	admit(t, dir, newSeat(t, "XA").export(start))
	for name, signers := range map[string][]*seal.SigningKey{"nobody": nil, "a stranger": {signingKey(t, "stranger")}} {
		_, err := reopen(t, dir).Publish(directory.PublishConfig{Now: start, Signers: signers})
		if got := reasonOf(err); got != valisev1.Reason_REASON_QUORUM {
			t.Fatalf("%s: %v (%v)", name, got, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, directory.ImportFile)); !os.IsNotExist(err) {
		t.Fatalf("a file was written without a quorum: %v", err)
	}
	if p := publish(t, dir, start); p.Changes.ListNumber != 1 {
		t.Fatalf("published %+v", p.Changes)
	}
}

func TestRegistryWithAQuorum(t *testing.T) {
	keys := []*seal.SigningKey{signingKey(t, "m1"), signingKey(t, "m2"), signingKey(t, "m3")}
	dir := filepath.Join(t.TempDir(), "registry")
	_, err := directory.InitRegistry(dir, realm, managerSet(t, 1, 2, keys[:2], keys...))
	wantReason(t, err, valisev1.Reason_REASON_QUORUM)
	r, err := directory.InitRegistry(dir, realm, managerSet(t, 1, 2, keys, keys...))
	if err != nil {
		t.Fatal(err)
	}
	admit(t, dir, newSeat(t, "XA").export(start))
	_, err = r.Publish(directory.PublishConfig{Now: start, Signers: keys[:1]})
	wantReason(t, err, valisev1.Reason_REASON_QUORUM)
	if _, err := r.Publish(directory.PublishConfig{Now: start, Signers: keys[1:]}); err != nil {
		t.Fatal(err)
	}
}

func TestRegistryIsMadeOnceAndForOneRealm(t *testing.T) {
	dir, _ := newRegistry(t)
	_, err := directory.InitManager(dir, directory.ManagerConfig{Realm: realm, Rand: randomness("x"), Now: start})
	wantReason(t, err, valisev1.Reason_REASON_ALREADY_EXISTS)
	_, err = directory.OpenRegistry(dir, ident.Operational)
	wantReason(t, err, valisev1.Reason_REASON_WRONG_REALM)
	_, err = directory.OpenRegistry(t.TempDir(), realm)
	wantReason(t, err, valisev1.Reason_REASON_NOT_FOUND)
	if err := os.WriteFile(filepath.Join(dir, "registry.toml"), []byte("realm = \""+string(realm)+"\"\nx = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = directory.OpenRegistry(dir, realm)
	wantReason(t, err, valisev1.Reason_REASON_RECORD_DAMAGED)
}

// TestALargeDirectory: every State that an exercise can have, with two desks each.
func TestALargeDirectory(t *testing.T) {
	e := firstEdition(t)
	for c := 'A'; c <= 'Z'; c++ {
		if state := "Q" + string(c); realm.Admits(ident.State(state)) {
			e.join(state, "diplomatic", "technical")
		}
		if state := "X" + string(c); c != 'K' && e.entries[state] == nil {
			e.join(state, "diplomatic", "technical")
		}
	}
	e.enrol()
	book := openBook(t, t.TempDir())
	mustImport(t, book, e)
	b, err := directory.EncodeRoster(book.Snapshot().Roster())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := directory.ParseRoster(realm, b); err != nil {
		t.Fatal(err)
	}
}
