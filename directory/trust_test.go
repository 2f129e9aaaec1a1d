package directory_test

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

func TestTheWholeQuorumCannotChangeKeysUnseen(t *testing.T) {
	dir, honest := bookAtThree(t)
	book := openBook(t, dir)
	// The managers make XA's entry up, with a root of their own.
	changes := mustImport(t, book, otherRoot(t, honest, "XA"))
	if len(changes.KeyChanged) != 1 {
		t.Fatalf("changes: %+v", changes)
	}
	if _, ok := openBook(t, dir).Snapshot().Speaker(signingKey(t, "another key of XA/technical").Public().ID(realm)); ok {
		t.Fatal("the quorum changed a State's keys")
	}
}

func TestFirstImportNeedsTrust(t *testing.T) {
	file := firstEdition(t).bytes()
	other := signingKey(t, "other manager").Public().ID(realm)
	known := managerKey(t).Public().ID(realm)
	errNo := os.ErrPermission
	for name, c := range map[string]struct {
		opts directory.ImportOptions
		want valisev1.Reason
	}{
		"nothing":        {directory.ImportOptions{}, valisev1.Reason_REASON_UNKNOWN_KEY},
		"another key":    {directory.ImportOptions{TrustManagers: []ident.KeyID{other}}, valisev1.Reason_REASON_KEY_CHANGED},
		"one key beside": {directory.ImportOptions{TrustManagers: []ident.KeyID{known, other}}, valisev1.Reason_REASON_KEY_CHANGED},
		"a person's no":  {directory.ImportOptions{Confirm: func(directory.ManagerInfo) error { return errNo }}, valisev1.Reason_REASON_KEY_CHANGED},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			_, err := openBook(t, dir).Import(file, c.opts)
			wantReason(t, err, c.want)
			if openBook(t, dir).Snapshot().Number() != 0 {
				t.Fatal("a list is in force")
			}
		})
	}
	var asked directory.ManagerInfo
	confirm := func(i directory.ManagerInfo) error { asked = i; return nil }
	if _, err := openBook(t, t.TempDir()).Import(file, directory.ImportOptions{Confirm: confirm}); err != nil {
		t.Fatal(err)
	}
	if asked.Number != 1 || asked.Threshold != 1 || len(asked.Managers) != 1 || asked.Managers[0] != known {
		t.Fatalf("a person was asked about %+v", asked)
	}
}

// TestQuorums walks from one manager to two of three, and on to another three, with a
// newcomer who knows only the last sheet.
func TestQuorums(t *testing.T) {
	one := managerKey(t)
	var keys []*seal.SigningKey
	for _, name := range []string{"m1", "m2", "m3", "m4"} {
		keys = append(keys, signingKey(t, name))
	}
	first := firstEdition(t)
	dir := t.TempDir()
	book := openBook(t, dir)
	mustImport(t, book, first)

	second := first.next()
	second.sets = append(second.sets, managerSet(t, 2, 2, []*seal.SigningKey{one, keys[0], keys[1], keys[2]}, keys[0], keys[1], keys[2]))
	second.list.ManagerSet = 2
	for _, c := range []struct {
		name    string
		signers []*seal.SigningKey
		want    valisev1.Reason
	}{
		{"nobody", nil, valisev1.Reason_REASON_QUORUM},
		{"the old manager", []*seal.SigningKey{one}, valisev1.Reason_REASON_QUORUM},
		{"one of three", []*seal.SigningKey{keys[0]}, valisev1.Reason_REASON_QUORUM},
		{"one of three and a stranger", []*seal.SigningKey{keys[0], keys[3]}, valisev1.Reason_REASON_QUORUM},
		{"two of three", []*seal.SigningKey{keys[0], keys[2]}, 0},
	} {
		second.signers = c.signers
		_, err := openBook(t, dir).Import(second.bytes(), directory.ImportOptions{})
		if got := reasonOf(err); got != c.want {
			t.Fatalf("%s: %v (%v), want %v", c.name, got, err, c.want)
		}
	}
	third := second.next()
	third.sets = append(third.sets, managerSet(t, 3, 2, []*seal.SigningKey{keys[1], keys[2], keys[3]}, keys[1], keys[2], keys[3]))
	third.list.ManagerSet = 3
	third.signers = []*seal.SigningKey{keys[1], keys[3]}
	if _, err := openBook(t, dir).Import(third.bytes(), directory.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	info, _ := openBook(t, dir).Snapshot().Managers()
	if info.Number != 3 || info.Threshold != 2 {
		t.Fatalf("managers: %+v", info)
	}
	_, err := openBook(t, dir).Import(second.next().bytes(), directory.ImportOptions{})
	wantReason(t, err, valisev1.Reason_REASON_ROLLBACK)
	newcomers(t, third.bytes(), one, keys)
}

// newcomers trust the sheet they were given, the last or an older one, and no part of one.
func newcomers(t *testing.T, file []byte, one *seal.SigningKey, keys []*seal.SigningKey) {
	t.Helper()
	ids := func(keys ...*seal.SigningKey) (all []ident.KeyID) {
		for _, k := range keys {
			all = append(all, k.Public().ID(realm))
		}
		return all
	}
	for name, c := range map[string]struct {
		trust []ident.KeyID
		want  valisev1.Reason
	}{
		"the last sheet": {ids(keys[1], keys[2], keys[3]), 0}, "an older sheet": {ids(keys[0], keys[1], keys[2]), 0},
		"the first sheet": {ids(one), 0}, "part of a sheet": {ids(keys[1], keys[2]), valisev1.Reason_REASON_KEY_CHANGED},
	} {
		_, err := openBook(t, t.TempDir()).Import(file, directory.ImportOptions{TrustManagers: c.trust})
		if got := reasonOf(err); got != c.want {
			t.Fatalf("%s: %v (%v), want %v", name, got, err, c.want)
		}
	}
}

// TestOneThiefCannotLowerTheThreshold shows why a set that is trusted by key ids must be signed by
// all of its keys: one thief would lower the threshold.
func TestOneThiefCannotLowerTheThreshold(t *testing.T) {
	m1, m2 := managerKey(t), signingKey(t, "m2")
	forged := firstEdition(t)
	forged.sets = []*valisev1.SignedObject{managerSet(t, 1, 1, []*seal.SigningKey{m1}, m1, m2)}
	opts := directory.ImportOptions{TrustManagers: []ident.KeyID{m1.Public().ID(realm), m2.Public().ID(realm)}}
	_, err := openBook(t, t.TempDir()).Import(forged.bytes(), opts)
	wantReason(t, err, valisev1.Reason_REASON_QUORUM)

	// Nor behind a chain of the thief's own.
	thief := signingKey(t, "thief")
	forged.sets = []*valisev1.SignedObject{
		managerSet(t, 1, 1, []*seal.SigningKey{thief}, thief),
		managerSet(t, 2, 1, []*seal.SigningKey{thief, m1}, m1, m2),
	}
	forged.list.ManagerSet = 2
	_, err = openBook(t, t.TempDir()).Import(forged.bytes(), opts)
	wantReason(t, err, valisev1.Reason_REASON_QUORUM)
}

func TestFirstListOfTheFarFuture(t *testing.T) {
	first := firstEdition(t)
	first.list.Number = 1_000_001
	for range 512 {
		first.list.History = append(first.list.History, make([]byte, 32))
	}
	_, err := openBook(t, t.TempDir()).Import(first.bytes(), trust(t))
	wantReason(t, err, valisev1.Reason_REASON_FAST_FORWARD)
}

// TestNodesKnowNewerBundles: what a peer announced by KeyNotice is not taken back by the
// older start in the directory.
func TestNodesKnowNewerBundles(t *testing.T) {
	dir := t.TempDir()
	first := firstEdition(t)
	book := openBook(t, dir)
	mustImport(t, book, first)
	newer := first.newBundle("XB/technical", 1, uint64(start.Unix())+7)
	if changed, err := book.LearnBundle(signed(t, seal.PurposeKeyBundle, newer, first.speakers["XB/technical"])); err != nil || !changed {
		t.Fatalf("learned: %v, %v", changed, err)
	}
	if book.Snapshot().Roster().GetNumber() != 1<<20+1 {
		t.Fatalf("roster %d", book.Snapshot().Roster().GetNumber())
	}
	mustImport(t, book, first.next())
	poc, err := openBook(t, dir).Snapshot().Lookup(address(t, "XB/technical"))
	if err != nil || poc.Bundle.GetNumber() != newer.GetNumber() {
		t.Fatalf("bundle %d, %v", poc.Bundle.GetNumber(), err)
	}
	// A directory that holds another bundle under the newest number: kept, and said.
	third := first.next().next()
	third.list.History = third.list.History[:2]
	third.bundles["XB/technical"] = first.newBundle("XB/technical", 1, newer.GetNumber())
	changes := mustImport(t, book, third)
	if len(changes.Notices) != 1 || changes.Notices[0].Reason != valisev1.Reason_REASON_EQUIVOCATION {
		t.Fatalf("changes: %+v", changes)
	}
}

// noticeAttack changes a bundle for XB/technical that would be taken from a KeyNotice otherwise.
type noticeAttack struct {
	name   string
	change func(*valisev1.KeyBundle)
	signer string
	want   valisev1.Reason
}

// noticeAttacks are against a book that holds the bundle of that number.
func noticeAttacks(t *testing.T, number uint64) []noticeAttack {
	return []noticeAttack{
		{name: "newer"},
		{name: "older", change: func(b *valisev1.KeyBundle) { b.Number = number - 1 }, want: valisev1.Reason_REASON_ROLLBACK},
		{name: "older entry", change: func(b *valisev1.KeyBundle) { b.EntryNumber = 0 }, want: valisev1.Reason_REASON_ROLLBACK},
		{name: "same number, other content", change: func(b *valisev1.KeyBundle) { b.Number = number }, want: valisev1.Reason_REASON_EQUIVOCATION},
		{name: "entry not here yet", change: func(b *valisev1.KeyBundle) { b.EntryNumber = 2 }, want: valisev1.Reason_REASON_FAST_FORWARD},
		{name: "another's mailbox", change: func(b *valisev1.KeyBundle) { b.Mailbox = randomName(t, "mailbox XA/technical") }, want: valisev1.Reason_REASON_SHARED_KEY},
		{name: "another's connection", change: func(b *valisev1.KeyBundle) { b.RelayNkeys = []string{relayKey(t, "XA")} }, want: valisev1.Reason_REASON_SHARED_KEY},
		{name: "another's signature", signer: "XA/technical", want: valisev1.Reason_REASON_UNKNOWN_KEY},
		{name: "unknown State", change: func(b *valisev1.KeyBundle) { b.Address = "XD/technical" }, want: valisev1.Reason_REASON_UNKNOWN_KEY},
		{name: "another realm", change: func(b *valisev1.KeyBundle) { b.Realm = "operational" }, want: valisev1.Reason_REASON_WRONG_REALM},
		{name: "46 days", change: func(b *valisev1.KeyBundle) { b.Expires = timestamppb.New(start.AddDate(0, 0, 46)) }, want: valisev1.Reason_REASON_VALIDITY},
	}
}

func (a noticeAttack) forge(first *edition) *valisev1.SignedObject {
	b := first.newBundle("XB/technical", 1, first.bundles["XB/technical"].GetNumber()+1)
	if a.change != nil {
		a.change(b)
	}
	signer := "XB/technical"
	if a.signer != "" {
		signer = a.signer
	}
	return signed(first.t, seal.PurposeKeyBundle, b, first.speakers[signer])
}

func TestLearnBundle(t *testing.T) {
	base := t.TempDir()
	first := firstEdition(t)
	mustImport(t, openBook(t, base), first)
	for _, c := range noticeAttacks(t, uint64(start.Unix())) {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "book")
			if err := os.CopyFS(dir, os.DirFS(base)); err != nil {
				t.Fatal(err)
			}
			book := openBook(t, dir)
			before := book.Snapshot()
			o := c.forge(first)
			changed, err := book.LearnBundle(o)
			if c.want != 0 {
				wantReason(t, err, c.want)
				sameDirectory(t, before, book.Snapshot())
				sameDirectory(t, before, openBook(t, dir).Snapshot())
				return
			}
			if err != nil || !changed {
				t.Fatalf("%v, %v", changed, err)
			}
			if changed, err := openBook(t, dir).LearnBundle(o); err != nil || changed {
				t.Fatalf("the same again: %v, %v", changed, err)
			}
		})
	}
}

// TestRevokedKeysBundleIsNotUsed: a thief's sealing key goes out of use with the news.
func TestRevokedKeysBundleIsNotUsed(t *testing.T) {
	first := firstEdition(t)
	book := openBook(t, t.TempDir())
	mustImport(t, book, first)
	stolen := first.speakers["XB/technical"]
	thief := first.newBundle("XB/technical", 1, uint64(start.Unix())+99)
	if _, err := book.LearnBundle(signed(t, seal.PurposeKeyBundle, thief, stolen)); err != nil {
		t.Fatal(err)
	}
	second := first.next()
	id := stolen.Public().ID(realm)
	second.entries["XB"].Number++
	second.entries["XB"].Revocations = []*valisev1.Revocation{{KeyId: id[:], Since: timestamppb.New(start)}}
	delete(second.bundles, "XB/technical")
	second.enrol()
	changes := mustImport(t, book, second)
	if len(changes.Notices) != 1 || changes.Notices[0].Reason != valisev1.Reason_REASON_REVOKED_KEY {
		t.Fatalf("changes: %+v", changes)
	}
	poc, err := book.Snapshot().Lookup(address(t, "XB/technical"))
	if err != nil || poc.Bundle != nil {
		t.Fatalf("a thief's bundle is in use: %v, %v", poc.Bundle, err)
	}
}

func TestHashIsOfTheExactBytes(t *testing.T) {
	first := firstEdition(t)
	book := openBook(t, t.TempDir())
	mustImport(t, book, first)
	if book.Snapshot().Hash() != sha256.Sum256(encode(t, first.list)) {
		t.Fatal("the list's hash is not the SHA-256 of its bytes")
	}
}
