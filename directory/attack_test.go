package directory_test

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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
	base, honest := bookAtThree(t)
	want := openBook(t, base).Snapshot()
	for _, a := range slices.Concat(listAttacks(t), setAttacks(t), entryAttacks(t), bundleAttacks(t), fileAttacks(), relayAttacks(t)) {
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
func bookAtThree(t *testing.T) (dir string, honest *edition) {
	dir = t.TempDir()
	book := openBook(t, dir)
	first := firstEdition(t)
	mustImport(t, book, first)
	second := first.next()
	renewKey(t, second, "XB", "technical", "second key")
	second.leave("XE")
	mustImport(t, book, second)
	third := second.next()
	id := signingKey(t, "XB/technical").Public().ID(realm)
	third.entries["XB"].Number++
	third.entries["XB"].Revocations = []*valisev1.Revocation{{KeyId: id[:], Since: timestamppb.New(start)}}
	third.enrol()
	mustImport(t, book, third)
	honest = third.next()
	renewKey(t, honest, "XC", "technical", "second key of XC")
	honest.enrol()
	return dir, honest
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

func entryAttacks(t *testing.T) []attack {
	point := func(e *edition, state string) *valisev1.PointOfContact {
		e.entries[state].Number++
		return e.entries[state].GetPointsOfContact()[0]
	}
	key := func(name string) func(*edition) {
		return func(e *edition) {
			point(e, "XC").SigningKeys[0].Key = signingKey(t, name).Public().Proto()
			delete(e.bundles, "XC/diplomatic")
		}
	}
	fact := func(change func(*valisev1.Entry, *valisev1.PointOfContact)) func(*edition) {
		return func(e *edition) { p := point(e, "XC"); change(e.entries["XC"], p) }
	}
	dates := func(from, until time.Time) func(*edition) {
		return fact(func(_ *valisev1.Entry, p *valisev1.PointOfContact) {
			p.SigningKeys[0].ValidFrom, p.SigningKeys[0].ValidUntil = timestamppb.New(from), timestamppb.New(until)
		})
	}
	resigned := func(keys ...*seal.SigningKey) func(*edition, *valisev1.ImportBundle) {
		return func(e *edition, f *valisev1.ImportBundle) {
			f.Entries[3] = signed(e.t, seal.PurposeEntry, e.entries["XC"], keys...)
		}
	}
	return []attack{
		{name: "entry/missing", file: func(_ *edition, f *valisev1.ImportBundle) { f.Entries = f.Entries[:3] }, reason: valisev1.Reason_REASON_MIXED},
		{name: "entry/one too many", file: func(e *edition, f *valisev1.ImportBundle) {
			f.Entries = append(f.Entries, signed(e.t, seal.PurposeEntry, &valisev1.Entry{Realm: string(realm), State: "XZ"}, managerKey(t)))
		}, reason: valisev1.Reason_REASON_MIXED},
		{name: "entry/twice", file: func(_ *edition, f *valisev1.ImportBundle) { f.Entries = append(f.Entries, f.Entries[0]) }, reason: valisev1.Reason_REASON_MIXED},
		{name: "entry/of an earlier version", file: func(e *edition, f *valisev1.ImportBundle) {
			old := e.entries["XC"]
			old.Number = 1
			f.Entries[3] = signed(e.t, seal.PurposeEntry, old, e.roots["XC"])
		}, reason: valisev1.Reason_REASON_MIXED},
		{name: "entry/number differs from the list", list: func(e *edition) { e.member("XC").EntryNumber = 3 }, reason: valisev1.Reason_REASON_MIXED},
		{name: "entry/root differs from the list", list: func(e *edition) { e.member("XC").Root = make([]byte, 32) }, reason: valisev1.Reason_REASON_MIXED},
		{name: "entry/of another State", list: func(e *edition) {
			a, b := e.member("XA"), e.member("XC")
			b.EntryHash, b.EntryNumber, b.Root = a.EntryHash, 2, make([]byte, 32)
		}, reason: valisev1.Reason_REASON_MIXED},
		{name: "entry/unsigned", file: resigned(), reason: valisev1.Reason_REASON_BAD_SIGNATURE},
		{name: "entry/signed by the manager", file: resigned(managerKey(t)), reason: valisev1.Reason_REASON_BAD_SIGNATURE},
		{name: "entry/signed by its own desk", file: resigned(signingKey(t, "XC/diplomatic")), reason: valisev1.Reason_REASON_BAD_SIGNATURE},
		{name: "entry/another realm", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) { e.Realm = "operational" }), reason: valisev1.Reason_REASON_WRONG_REALM},
		{name: "entry/key of another State", parts: key("XA/technical"), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "entry/earlier key of another State", parts: key("XB/technical"), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "entry/key of a State that left", parts: key("XE/technical"), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "entry/key of its other desk", parts: key("second key of XC"), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "entry/its root as a desk's key", parts: key("root of XC"), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "entry/the manager's key", parts: key("manager"), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "entry/root of another State as the next", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) {
			e.NextRoot = signingKey(t, "root of XA").Public().Proto()
		}), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "entry/its root as the next", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) { e.NextRoot = e.GetRoot() }), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "entry/no root", file: func(e *edition, f *valisev1.ImportBundle) {}, parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) { e.Root = nil }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/key without validity", parts: dates(start, start), reason: valisev1.Reason_REASON_VALIDITY},
		{name: "entry/key with negative validity", parts: dates(start, start.Add(-time.Hour)), reason: valisev1.Reason_REASON_VALIDITY},
		{name: "entry/reviewed before it is valid", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) {
			e.ValidFrom, e.ReviewBy = timestamppb.New(start), timestamppb.New(start)
		}), reason: valisev1.Reason_REASON_VALIDITY},
		{name: "entry/revocation without a date", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) {
			e.Revocations = []*valisev1.Revocation{{KeyId: make([]byte, 32)}}
		}), reason: valisev1.Reason_REASON_VALIDITY},
		{name: "entry/revocation of no key", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) {
			e.Revocations = []*valisev1.Revocation{{KeyId: []byte{1}, Since: timestamppb.New(start)}}
		}), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/two desks on one track", parts: fact(func(e *valisev1.Entry, p *valisev1.PointOfContact) { p.Track = "technical" }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/a manager desk", parts: fact(func(_ *valisev1.Entry, p *valisev1.PointOfContact) { p.Track = "manager" }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/direction override", parts: fact(func(_ *valisev1.Entry, p *valisev1.PointOfContact) { p.Name = "desk\u202eBX" }), reason: valisev1.Reason_REASON_BAD_TEXT},
		{name: "entry/control character", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) { e.Names[0].Text = "XA\x1b[2J" }), reason: valisev1.Reason_REASON_BAD_TEXT},
		{name: "entry/line break in a telephone", parts: fact(func(_ *valisev1.Entry, p *valisev1.PointOfContact) { p.Telephones = []string{"+99900000001\n"} }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/telephone that is not E.164", parts: fact(func(_ *valisev1.Entry, p *valisev1.PointOfContact) { p.Telephones = []string{"00 999"} }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/no email address", parts: fact(func(_ *valisev1.Entry, p *valisev1.PointOfContact) { p.Emails = []string{"desk"} }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/no language", parts: fact(func(_ *valisev1.Entry, p *valisev1.PointOfContact) { p.Languages = []string{"e n"} }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/no time zone", parts: fact(func(_ *valisev1.Entry, p *valisev1.PointOfContact) { p.TimeZone = "../../etc" }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/no date", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) { e.NoteVerbaleDate = "2026-13-01" }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/text without a language", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) { e.Names[0].Language = "" }), reason: valisev1.Reason_REASON_PAYLOAD},
	}
}

func bundleAttacks(t *testing.T) []attack {
	const victim = "XC/diplomatic"
	change := func(f func(b *valisev1.KeyBundle)) func(*edition) {
		return func(e *edition) { e.bundles[victim].Number++; f(e.bundles[victim]) }
	}
	speaker := func(name string) func(*edition) {
		return func(e *edition) { e.speakers[victim] = signingKey(t, name) }
	}
	return []attack{
		{name: "bundle/two for one desk", file: func(_ *edition, f *valisev1.ImportBundle) { f.KeyBundles = append(f.KeyBundles, f.KeyBundles[0]) }, reason: valisev1.Reason_REASON_MIXED},
		{name: "bundle/of no member", list: func(e *edition) {
			e.bundles["XE/technical"], e.speakers["XE/technical"] = e.newBundle("XE/technical", 1, 9), signingKey(t, "XE/technical")
		}, reason: valisev1.Reason_REASON_MIXED},
		{name: "bundle/signed by another State", list: speaker("XA/diplomatic"), reason: valisev1.Reason_REASON_UNKNOWN_KEY},
		{name: "bundle/signed by its other desk", list: speaker("second key of XC"), reason: valisev1.Reason_REASON_UNKNOWN_KEY},
		{name: "bundle/signed by its root", list: speaker("root of XC"), reason: valisev1.Reason_REASON_UNKNOWN_KEY},
		{name: "bundle/signed by an earlier key", list: func(e *edition) { e.speakers["XC/technical"] = signingKey(t, "XC/technical") }, reason: valisev1.Reason_REASON_UNKNOWN_KEY},
		{name: "bundle/signed by a revoked key", parts: func(e *edition) {
			e.entries["XB"].Number++
			p := e.entries["XB"].GetPointsOfContact()[1]
			old := signingKey(t, "XB/technical")
			p.SigningKeys = append(p.SigningKeys, &valisev1.SigningKey{Key: old.Public().Proto(), ValidFrom: timestamppb.New(start), ValidUntil: timestamppb.New(start.AddDate(1, 0, 0))})
			e.entries["XB"].Revocations = nil
			e.speakers["XB/technical"] = old
		}, reason: valisev1.Reason_REASON_REVOKED_KEY},
		{name: "bundle/one bit", file: func(_ *edition, f *valisev1.ImportBundle) { f.KeyBundles[0].Signatures[0].Ed25519[3] ^= 1 }, reason: valisev1.Reason_REASON_BAD_SIGNATURE},
		{name: "bundle/another realm", list: change(func(b *valisev1.KeyBundle) { b.Realm = "operational" }), reason: valisev1.Reason_REASON_WRONG_REALM},
		{name: "bundle/no address", list: change(func(b *valisev1.KeyBundle) { b.Address = "XC" }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "bundle/State of the other realm", list: change(func(b *valisev1.KeyBundle) { b.Address = "AA/technical" }), reason: valisev1.Reason_REASON_WRONG_REALM},
		{name: "bundle/46 days", list: change(func(b *valisev1.KeyBundle) { b.Expires = timestamppb.New(start.AddDate(0, 0, 46)) }), reason: valisev1.Reason_REASON_VALIDITY},
		{name: "bundle/no validity", list: change(func(b *valisev1.KeyBundle) { b.Expires = b.Issued }), reason: valisev1.Reason_REASON_VALIDITY},
		{name: "bundle/sealing key without validity", list: change(func(b *valisev1.KeyBundle) { b.SealingKeys[0].AcceptedUntil = b.SealingKeys[0].ValidFrom }), reason: valisev1.Reason_REASON_VALIDITY},
		{name: "bundle/number of the far future", list: change(func(b *valisev1.KeyBundle) { b.Number = 1<<33 + 1 }), reason: valisev1.Reason_REASON_FAST_FORWARD},
		{name: "bundle/entry of the far future", list: change(func(b *valisev1.KeyBundle) { b.EntryNumber = 1 << 40 }), reason: valisev1.Reason_REASON_FAST_FORWARD},
		{name: "bundle/entry that is not there yet", list: change(func(b *valisev1.KeyBundle) { b.EntryNumber = 3 }), reason: valisev1.Reason_REASON_FAST_FORWARD},
		{name: "bundle/number 0", list: change(func(b *valisev1.KeyBundle) { b.EntryNumber, b.Number = 2, 0 }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "bundle/mailbox of another", list: change(func(b *valisev1.KeyBundle) { b.Mailbox = randomName(t, "mailbox XA/diplomatic") }), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "bundle/mailbox of its other desk", list: change(func(b *valisev1.KeyBundle) { b.Mailbox = randomName(t, "mailbox XC/technical") }), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "bundle/token of another", list: change(func(b *valisev1.KeyBundle) { b.SenderToken = randomName(t, "token XA/diplomatic") }), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "bundle/connection of another", list: change(func(b *valisev1.KeyBundle) { b.RelayNkeys = []string{relayKey(t, "XA")} }), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "bundle/sealing key of another", list: func(e *edition) {
			e.bundles[victim].Number++
			e.bundles[victim].SealingKeys[0].Recipient = e.bundles["XA/technical"].GetSealingKeys()[0].GetRecipient()
		}, reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "bundle/one sealing key twice", list: change(func(b *valisev1.KeyBundle) { b.SealingKeys = append(b.SealingKeys, b.SealingKeys[0]) }), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "bundle/no sealing key", list: change(func(b *valisev1.KeyBundle) { b.SealingKeys = nil }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "bundle/classic recipient", list: change(func(b *valisev1.KeyBundle) {
			b.SealingKeys[0].Recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
		}), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "bundle/mailbox with a wildcard", list: change(func(b *valisev1.KeyBundle) { b.Mailbox = "*" }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "bundle/no connection key", list: change(func(b *valisev1.KeyBundle) { b.RelayNkeys = []string{"UABC"} }), reason: valisev1.Reason_REASON_PAYLOAD},
	}
}

func fileAttacks() []attack {
	to := func(b []byte) func([]byte) []byte { return func([]byte) []byte { return b } }
	return []attack{
		{name: "file/empty", bytes: to(nil), reason: valisev1.Reason_REASON_FRAME},
		{name: "file/text", bytes: to([]byte("this is no directory")), reason: valisev1.Reason_REASON_WIRE_FORM},
		{name: "file/too large", bytes: to(make([]byte, directory.MaxImportSize+1)), reason: valisev1.Reason_REASON_TOO_LARGE},
		{name: "file/truncated", bytes: func(b []byte) []byte { return b[:len(b)-1] }, reason: valisev1.Reason_REASON_WIRE_FORM},
		{name: "file/unknown part", bytes: func(b []byte) []byte { return append(b, 0xf8, 0x07, 0x01) }, reason: valisev1.Reason_REASON_WIRE_FORM},
		{name: "file/two lists", bytes: func(b []byte) []byte { return append(b, 0x12, 0x00) }, reason: valisev1.Reason_REASON_WIRE_FORM},
		{name: "file/no list", file: func(_ *edition, f *valisev1.ImportBundle) { f.List = nil }, reason: valisev1.Reason_REASON_MIXED},
		{name: "file/reading key of another kind", file: func(_ *edition, f *valisev1.ImportBundle) { f.ReadingKey = "AGE-SECRET-KEY-1" }, reason: valisev1.Reason_REASON_PAYLOAD},
	}
}

func relayAttacks(t *testing.T) []attack {
	card := func(name, addr string) *valisev1.RelayCard {
		return &valisev1.RelayCard{Realm: string(realm), Name: name, Address: addr, TlsKey: bytes.Repeat([]byte{1}, 32)}
	}
	with := func(cards ...*valisev1.RelayCard) func(*edition) {
		return func(e *edition) {
			for _, c := range cards {
				e.list.Relays = append(e.list.Relays, signed(t, seal.PurposeRelayCard, c))
			}
		}
	}
	elsewhere := card("a", "192.0.2.1:4222")
	elsewhere.Realm = "operational"
	keyed := card("a", "192.0.2.1:4222")
	keyed.Key = signingKey(t, "relay").Public().Proto()
	short := card("a", "192.0.2.1:4222")
	short.TlsKey = short.TlsKey[:31]
	return []attack{
		{name: "relay/another realm", list: with(elsewhere), reason: valisev1.Reason_REASON_WRONG_REALM},
		{name: "relay/one name twice", list: with(card("a", "192.0.2.1:4222"), card("a", "192.0.2.2:4222")), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "relay/one address twice", list: with(card("a", "192.0.2.1:4222"), card("b", "192.0.2.1:4222")), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "relay/names a key and is unsigned", list: with(keyed), reason: valisev1.Reason_REASON_BAD_SIGNATURE},
		{name: "relay/short TLS key", list: with(short), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "relay/no address", list: with(card("a", "")), reason: valisev1.Reason_REASON_PAYLOAD},
	}
}

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

	ids := func(keys ...*seal.SigningKey) (all []ident.KeyID) {
		for _, k := range keys {
			all = append(all, k.Public().ID(realm))
		}
		return all
	}
	file := third.bytes()
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

func TestLearnBundle(t *testing.T) {
	base := t.TempDir()
	first := firstEdition(t)
	mustImport(t, openBook(t, base), first)
	number := uint64(start.Unix())
	for _, c := range []struct {
		name   string
		change func(*valisev1.KeyBundle)
		signer string
		want   valisev1.Reason
	}{
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
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "book")
			if err := os.CopyFS(dir, os.DirFS(base)); err != nil {
				t.Fatal(err)
			}
			book := openBook(t, dir)
			before := book.Snapshot()
			b := first.newBundle("XB/technical", 1, number+1)
			if c.change != nil {
				c.change(b)
			}
			signer := "XB/technical"
			if c.signer != "" {
				signer = c.signer
			}
			o := signed(t, seal.PurposeKeyBundle, b, first.speakers[signer])
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
