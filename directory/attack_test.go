package directory_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// attack changes one thing of an edition that would be taken otherwise. parts is applied
// before the list is drawn up over the entries, list after it, file after everything is
// signed, bytes at the very end.
type attack struct {
	name   string
	parts  func(*edition)
	list   func(*edition)
	file   func(*edition, *valisev1.ImportBundle)
	bytes  func([]byte) []byte
	reason valisev1.Reason
}

// TestAttacksByFile runs every attack of the list against a book at list 3, restarts it, and
// then takes the honest edition that the attack was made from.
func TestAttacksByFile(t *testing.T) {
	oneGoroutine(t)
	base, honest := bookAtThree(t)
	want := openBook(t, base).Snapshot()
	for _, a := range slices.Concat(listAttacks(t), setAttacks(t), entryAttacks(t), factAttacks(), bundleAttacks(t), fileAttacks(), relayAttacks(t)) {
		t.Run(a.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "book")
			if err := os.CopyFS(dir, os.DirFS(base)); err != nil {
				t.Fatal(err)
			}
			book := openBook(t, dir)
			_, err := book.Import(a.forge(honest), trust(t))
			wantReason(t, err, a.reason)
			sameDirectory(t, want, book.Snapshot())
			again := openBook(t, dir)
			sameDirectory(t, want, again.Snapshot())
			if _, err := again.Import(honest.bytes(), directory.ImportOptions{}); err != nil {
				t.Fatalf("after the attack the honest list is refused: %v", err)
			}
		})
	}
}

// bookAtThree is a book whose list 3 has a tombstone, a State with an earlier key and one
// with a revoked key, and the honest edition 4.
func bookAtThree(t testing.TB) (dir string, honest *edition) {
	dir = t.TempDir()
	book := openBook(t, dir)
	first := firstEdition(t)
	second, third, honest := laterEditions(t, first)
	for _, e := range []*edition{first, second, third} {
		mustImport(t, book, e)
	}
	return dir, honest
}

func laterEditions(t testing.TB, first *edition) (second, third, honest *edition) {
	second = first.next()
	renewKey(t, second, "XB", "technical", "second key")
	second.leave("XE")
	third = second.next()
	id := signingKey(t, "XB/technical").Public().ID(realm)
	third.entries["XB"].Number++
	third.entries["XB"].Revocations = []*valisev1.Revocation{{KeyId: id[:], Since: timestamppb.New(start)}}
	third.enrol()
	honest = third.next()
	renewKey(t, honest, "XC", "technical", "second key of XC")
	honest.enrol()
	return second, third, honest
}

func (a attack) forge(honest *edition) []byte {
	// A copy under the same number: next raises it.
	e := honest.next()
	e.list.Number, e.list.History = honest.list.GetNumber(), slices.Clone(honest.list.GetHistory())
	e.list.Issued, e.list.Expires = honest.list.GetIssued(), honest.list.GetExpires()
	if a.parts != nil {
		a.parts(e)
		e.enrol()
	}
	if a.list != nil {
		a.list(e)
	}
	f := e.file()
	if a.file != nil {
		a.file(e, f)
	}
	b := encode(e.t, f)
	if a.bytes != nil {
		b = a.bytes(b)
	}
	return b
}

func listAttacks(t *testing.T) []attack {
	stranger := signingKey(t, "stranger")
	resign := func(purpose seal.Purpose, in ident.Realm, keys ...*seal.SigningKey) func(*edition, *valisev1.ImportBundle) {
		return func(e *edition, f *valisev1.ImportBundle) {
			o, err := seal.SignObject(in, purpose, f.GetList().GetObject(), keys...)
			if err != nil {
				e.t.Fatal(err)
			}
			f.List = o
		}
	}
	number := func(n uint64, history int) func(*edition) {
		return func(e *edition) {
			e.list.Number = n
			for len(e.list.History) < history {
				e.list.History = append(e.list.History, make([]byte, 32))
			}
			e.list.History = e.list.History[:history]
		}
	}
	return []attack{
		{name: "list/rollback", list: number(2, 1), reason: valisev1.Reason_REASON_ROLLBACK},
		{name: "list/same number, other content", list: number(3, 2), reason: valisev1.Reason_REASON_EQUIVOCATION},
		{name: "list/other history", list: func(e *edition) { e.list.History[0] = make([]byte, 32) }, reason: valisev1.Reason_REASON_EQUIVOCATION},
		{name: "list/fast forward", list: number(516, 512), reason: valisev1.Reason_REASON_FAST_FORWARD},
		{name: "list/fast forward to the end", list: number(^uint64(0), 512), reason: valisev1.Reason_REASON_FAST_FORWARD},
		{name: "list/history left out", list: number(4, 1), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "list/unsigned", file: resign(seal.PurposeList, realm), reason: valisev1.Reason_REASON_QUORUM},
		{name: "list/signed by a stranger", file: resign(seal.PurposeList, realm, stranger), reason: valisev1.Reason_REASON_QUORUM},
		{name: "list/signed for another purpose", file: resign(seal.PurposeEntry, realm, managerKey(t)), reason: valisev1.Reason_REASON_BAD_SIGNATURE},
		{name: "list/signed in another realm", file: resign(seal.PurposeList, ident.Operational, managerKey(t)), reason: valisev1.Reason_REASON_QUORUM},
		{name: "list/one bit", file: func(_ *edition, f *valisev1.ImportBundle) { f.List.Object[40] ^= 1 }, reason: valisev1.Reason_REASON_BAD_SIGNATURE},
		{name: "list/half of the signature", file: func(_ *edition, f *valisev1.ImportBundle) { f.List.Signatures[0].Mldsa65 = make([]byte, 3309) }, reason: valisev1.Reason_REASON_BAD_SIGNATURE},
		{name: "list/another realm", list: func(e *edition) { e.list.Realm = string(ident.Operational) }, reason: valisev1.Reason_REASON_WRONG_REALM},
		{name: "list/no validity", list: func(e *edition) { e.list.Expires = e.list.GetIssued() }, reason: valisev1.Reason_REASON_VALIDITY},
		{name: "list/negative validity", list: func(e *edition) { e.list.Expires = timestamppb.New(start.AddDate(-1, 0, 0)) }, reason: valisev1.Reason_REASON_VALIDITY},
		{name: "list/no dates", list: func(e *edition) { e.list.Issued = nil }, reason: valisev1.Reason_REASON_VALIDITY},
		{name: "list/State of the other realm", list: func(e *edition) { e.list.Members[0].State = "AA" }, reason: valisev1.Reason_REASON_WRONG_REALM},
		{name: "list/no State at all", list: func(e *edition) { e.list.Members[0].State = "Xa" }, reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "list/one root for two States", list: func(e *edition) { e.list.Members[1].Root = e.list.Members[2].GetRoot() }, reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "list/a State twice", list: func(e *edition) { e.list.Members = append(e.list.Members, e.list.Members[len(e.list.Members)-1]) }, reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "list/not in order", list: func(e *edition) { slices.Reverse(e.list.Members) }, reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "list/entry number 0", list: func(e *edition) { e.member("XA").EntryNumber = 0 }, reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "list/a State vanishes", list: func(e *edition) { e.list.Members = e.list.Members[:len(e.list.Members)-1] }, reason: valisev1.Reason_REASON_TOMBSTONE},
		{name: "list/a tombstone vanishes", list: func(e *edition) { e.list.Tombstones = nil }, reason: valisev1.Reason_REASON_TOMBSTONE},
		{name: "list/a tombstone below the last entry", list: func(e *edition) { e.leave("XB"); e.list.Tombstones = sortTombs(e, "XB", 1) }, reason: valisev1.Reason_REASON_TOMBSTONE},
		{name: "list/a tombstone with a lower number", list: func(e *edition) { e.list.Tombstones[0].EntryNumber = 0 }, reason: valisev1.Reason_REASON_TOMBSTONE},
		{name: "list/a tombstone without a date", list: func(e *edition) { e.list.Tombstones[0].Left = nil }, reason: valisev1.Reason_REASON_VALIDITY},
		{name: "list/a removed State reappears", parts: func(e *edition) { e.join("XE", "technical") }, reason: valisev1.Reason_REASON_TOMBSTONE},
		{name: "list/entry number falls", parts: func(e *edition) { e.entries["XB"].Number = 2 }, reason: valisev1.Reason_REASON_ROLLBACK},
		{name: "list/entry of the same number, other content", parts: func(e *edition) { e.entries["XA"].NoteVerbale = "NV/2" }, reason: valisev1.Reason_REASON_EQUIVOCATION},
		{name: "list/entry far ahead", parts: func(e *edition) { e.entries["XA"].Number = 514 }, reason: valisev1.Reason_REASON_FAST_FORWARD},
		{name: "list/new State far ahead", parts: func(e *edition) { e.join("XF"); e.entries["XF"].Number = 1_000_001 }, reason: valisev1.Reason_REASON_FAST_FORWARD},
		{name: "list/of another manager set", list: func(e *edition) { e.list.ManagerSet = 2 }, reason: valisev1.Reason_REASON_MIXED},
		{name: "list/unknown part", list: func(e *edition) { e.list.ProtoReflect().SetUnknown([]byte{0xf8, 0x07, 0x01}) }, reason: valisev1.Reason_REASON_WIRE_FORM},
		{name: "list/a field twice", file: resignObject(func(b []byte) []byte { return append(b, 0x10, 0x04) }), reason: valisev1.Reason_REASON_WIRE_FORM},
		{name: "list/trailing data", file: resignObject(func(b []byte) []byte { return append(b, 0xff) }), reason: valisev1.Reason_REASON_WIRE_FORM},
		{name: "list/empty", file: resignObject(func([]byte) []byte { return nil }), reason: valisev1.Reason_REASON_FRAME},
		{name: "list/too large", file: resignObject(func(b []byte) []byte { return make([]byte, directory.MaxListSize+1) }), reason: valisev1.Reason_REASON_TOO_LARGE},
	}
}

// sortTombs sets the tombstone of one State and puts all in order.
func sortTombs(e *edition, state string, number uint64) []*valisev1.Tombstone {
	tombs := slices.Clone(e.list.GetTombstones())
	for _, t := range tombs {
		if t.GetState() == state {
			t.EntryNumber = number
		}
	}
	slices.SortFunc(tombs, func(a, b *valisev1.Tombstone) int { return strings.Compare(a.GetState(), b.GetState()) })
	return tombs
}

// resignObject has the manager sign other bytes as the list.
func resignObject(change func([]byte) []byte) func(*edition, *valisev1.ImportBundle) {
	return func(e *edition, f *valisev1.ImportBundle) {
		o, err := seal.SignObject(realm, seal.PurposeList, change(f.GetList().GetObject()), e.signers...)
		if err != nil {
			e.t.Fatal(err)
		}
		f.List = o
	}
}

func setAttacks(t *testing.T) []attack {
	m, other, third := managerKey(t), signingKey(t, "other manager"), signingKey(t, "third manager")
	sets := func(build func(*edition) []*valisev1.SignedObject, signers ...*seal.SigningKey) func(*edition) {
		return func(e *edition) {
			e.sets, e.signers = build(e), signers
			e.list.ManagerSet = uint64(len(e.sets))
		}
	}
	after := func(set *valisev1.SignedObject) func(*edition) []*valisev1.SignedObject {
		return func(e *edition) []*valisev1.SignedObject { return append(e.sets, set) }
	}
	instead := func(set ...*valisev1.SignedObject) func(*edition) []*valisev1.SignedObject {
		return func(*edition) []*valisev1.SignedObject { return set }
	}
	self := []*seal.SigningKey{m}
	half := func() *valisev1.SignedObject {
		mixed := &valisev1.PublicKey{Suite: 1, Ed25519: m.Public().Proto().GetEd25519(), Mldsa65: other.Public().Proto().GetMldsa65()}
		set := &valisev1.ManagerSet{Realm: string(realm), Number: 2, Threshold: 2, Managers: []*valisev1.PublicKey{m.Public().Proto(), mixed}}
		return signed(t, seal.PurposeManagerSet, set, m)
	}
	return []attack{
		{name: "set/none", list: func(e *edition) { e.sets = nil }, reason: valisev1.Reason_REASON_QUORUM},
		{name: "set/threshold 0", list: sets(after(managerSet(t, 2, 0, self, m)), m), reason: valisev1.Reason_REASON_QUORUM},
		{name: "set/threshold out of reach", list: sets(after(managerSet(t, 2, 2, self, m)), m), reason: valisev1.Reason_REASON_QUORUM},
		{name: "set/one key listed twice", list: sets(after(managerSet(t, 2, 2, self, m, m)), m), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "set/half a key listed twice", list: sets(after(half()), m), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "set/not signed by the old one", list: sets(after(managerSet(t, 2, 1, []*seal.SigningKey{other}, other)), other), reason: valisev1.Reason_REASON_QUORUM},
		{name: "set/not signed by the new one", list: sets(after(managerSet(t, 2, 1, self, other)), other), reason: valisev1.Reason_REASON_QUORUM},
		{name: "set/short quorum of the new one", list: sets(after(managerSet(t, 2, 2, []*seal.SigningKey{m, other}, other, third)), other, third), reason: valisev1.Reason_REASON_QUORUM},
		{name: "set/other content under a held number", list: sets(instead(managerSet(t, 1, 1, []*seal.SigningKey{other}, other)), other), reason: valisev1.Reason_REASON_EQUIVOCATION},
		{name: "set/a number left out", list: sets(after(managerSet(t, 3, 1, self, m)), m), reason: valisev1.Reason_REASON_MIXED},
		{name: "set/a set nobody vouches for", list: sets(instead(managerSet(t, 3, 1, self, m)), m), reason: valisev1.Reason_REASON_FAST_FORWARD},
		{name: "set/a State's key", list: sets(after(managerSet(t, 2, 1, []*seal.SigningKey{m, signingKey(t, "XA/technical")}, signingKey(t, "XA/technical"))), signingKey(t, "XA/technical")), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "set/list of two, one signs twice", list: sets(after(managerSet(t, 2, 2, []*seal.SigningKey{m, other}, m, other)), m), file: func(_ *edition, f *valisev1.ImportBundle) {
			f.List.Signatures = append(f.List.GetSignatures(), f.List.GetSignatures()[0])
		}, reason: valisev1.Reason_REASON_QUORUM},
	}
}
