package directory_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nkeys"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

const realm = ident.Realm("exercise:lab-00112233445566778899aabbccddeeff")

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// randomness is the same bytes for the same name, in every run.
func randomness(name string) io.Reader { return rand.NewChaCha8(sha256.Sum256([]byte(name))) }

func signingKey(t testing.TB, name string) *seal.SigningKey {
	t.Helper()
	key, err := seal.GenerateSigningKey(randomness(name))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sealingRecipient(t testing.TB) string {
	t.Helper()
	key, err := seal.GenerateSealingKey()
	if err != nil {
		t.Fatal(err)
	}
	return key.Recipient().String()
}

func relayKey(t testing.TB, name string) string {
	t.Helper()
	seed := sha256.Sum256([]byte("nkey " + name))
	pair, err := nkeys.FromRawSeed(nkeys.PrefixByteUser, seed[:])
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return public
}

func randomName(t testing.TB, name string) string {
	t.Helper()
	s, err := directory.RandomName(randomness(name))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// edition is one directory file in parts, made by hand and not by the package under test, so
// that every part can be forged before it is signed.
type edition struct {
	t        testing.TB
	sets     []*valisev1.SignedObject
	list     *valisev1.List
	signers  []*seal.SigningKey
	entries  map[string]*valisev1.Entry
	roots    map[string]*seal.SigningKey
	bundles  map[string]*valisev1.KeyBundle
	speakers map[string]*seal.SigningKey
}

func managerKey(t testing.TB) *seal.SigningKey { return signingKey(t, "manager") }

func managerSet(t testing.TB, number uint64, threshold uint32, signers []*seal.SigningKey, managers ...*seal.SigningKey) *valisev1.SignedObject {
	t.Helper()
	set := &valisev1.ManagerSet{Realm: string(realm), Number: number, Threshold: threshold, Issued: timestamppb.New(start)}
	for _, m := range managers {
		set.Managers = append(set.Managers, m.Public().Proto())
	}
	return signed(t, seal.PurposeManagerSet, set, signers...)
}

func signed(t testing.TB, purpose seal.Purpose, m proto.Message, keys ...*seal.SigningKey) *valisev1.SignedObject {
	t.Helper()
	o, err := seal.SignObject(realm, purpose, encode(t, m), keys...)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func encode(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// firstEdition has three States with both desks and the manager's own desk. XE, a fourth,
// is there to leave.
func firstEdition(t testing.TB) *edition {
	m := managerKey(t)
	e := &edition{
		t: t, signers: []*seal.SigningKey{m}, sets: []*valisev1.SignedObject{managerSet(t, 1, 1, []*seal.SigningKey{m}, m)},
		list:    &valisev1.List{Realm: string(realm), ManagerSet: 1},
		entries: map[string]*valisev1.Entry{}, roots: map[string]*seal.SigningKey{},
		bundles: map[string]*valisev1.KeyBundle{}, speakers: map[string]*seal.SigningKey{},
	}
	for _, state := range []string{"XA", "XB", "XC", "XE"} {
		e.join(state, "diplomatic", "technical")
	}
	e.join("@global", "manager")
	return e.next()
}

// join adds a State as its first entry would.
func (e *edition) join(state string, tracks ...string) {
	root := signingKey(e.t, "root of "+state)
	body := &valisev1.Entry{
		Realm: string(realm), State: state, Number: 1, Root: root.Public().Proto(),
		Names: []*valisev1.LocalText{{Language: "en", Text: "State " + state}},
	}
	for _, track := range tracks {
		address := state + "/" + track
		key := signingKey(e.t, address)
		body.PointsOfContact = append(body.PointsOfContact, &valisev1.PointOfContact{
			Track: track, Telephones: []string{"+99900000001"}, Emails: []string{"desk@cert.example"}, Languages: []string{"en"},
			SigningKeys: []*valisev1.SigningKey{{
				Key: key.Public().Proto(), ValidFrom: timestamppb.New(start), ValidUntil: timestamppb.New(start.AddDate(1, 0, 0)),
			}},
		})
		e.speakers[address] = key
		e.bundles[address] = e.newBundle(address, 1, uint64(start.Unix()))
	}
	e.entries[state], e.roots[state] = body, root
}

func (e *edition) newBundle(address string, entryNumber, number uint64) *valisev1.KeyBundle {
	return &valisev1.KeyBundle{
		Realm: string(realm), Address: address, EntryNumber: entryNumber, Number: number,
		SealingKeys: []*valisev1.SealingKey{{
			Recipient: sealingRecipient(e.t), ValidFrom: timestamppb.New(start), AcceptedUntil: timestamppb.New(start.AddDate(0, 0, 45)),
		}},
		Mailbox: randomName(e.t, "mailbox "+address), SenderToken: randomName(e.t, "token "+address),
		RelayNkeys: []string{relayKey(e.t, address[:2])},
		Issued:     timestamppb.New(start), Expires: timestamppb.New(start.AddDate(0, 0, 40)),
	}
}

// next is the edition that follows e, as honest managers make it: a deep copy with the next
// number, the history, and the same States.
func (e *edition) next() *edition {
	n := &edition{
		t: e.t, sets: slices.Clone(e.sets), signers: slices.Clone(e.signers), list: proto.CloneOf(e.list),
		entries: map[string]*valisev1.Entry{}, roots: maps.Clone(e.roots),
		bundles: map[string]*valisev1.KeyBundle{}, speakers: maps.Clone(e.speakers),
	}
	for k, v := range e.entries {
		n.entries[k] = proto.CloneOf(v)
	}
	for k, v := range e.bundles {
		n.bundles[k] = proto.CloneOf(v)
	}
	if e.list.GetNumber() > 0 {
		sum := sha256.Sum256(encode(e.t, e.list))
		n.list.History = append([][]byte{sum[:]}, n.list.History...)
	}
	n.list.Number++
	day := time.Duration(n.list.GetNumber()) * 24 * time.Hour
	n.list.Issued, n.list.Expires = timestamppb.New(start.Add(day)), timestamppb.New(start.Add(day+30*24*time.Hour))
	n.enrol()
	return n
}

// enrol writes the members' lines from the entries as they are now.
func (e *edition) enrol() {
	e.list.Members = nil
	for _, state := range slices.Sorted(maps.Keys(e.entries)) {
		root := e.roots[state].Public().ID(realm)
		sum := sha256.Sum256(encode(e.t, e.entries[state]))
		e.list.Members = append(e.list.Members, &valisev1.Membership{State: state, Root: root[:], EntryNumber: e.entries[state].GetNumber(), EntryHash: sum[:]})
	}
}

// leave takes a State out with a tombstone.
func (e *edition) leave(state string) {
	e.list.Tombstones = append(e.list.Tombstones, &valisev1.Tombstone{
		State: state, EntryNumber: e.entries[state].GetNumber(), Left: e.list.GetIssued(),
	})
	delete(e.entries, state)
	maps.DeleteFunc(e.bundles, func(address string, _ *valisev1.KeyBundle) bool { return address[:2] == state })
	e.enrol()
}

func (e *edition) member(state string) *valisev1.Membership {
	for _, m := range e.list.GetMembers() {
		if m.GetState() == state {
			return m
		}
	}
	e.t.Fatalf("%s is no member", state)
	return nil
}

// file signs every part and puts them together.
func (e *edition) file() *valisev1.ImportBundle {
	f := &valisev1.ImportBundle{ManagerSets: e.sets, List: signed(e.t, seal.PurposeList, e.list, e.signers...)}
	for _, state := range slices.Sorted(maps.Keys(e.entries)) {
		f.Entries = append(f.Entries, signed(e.t, seal.PurposeEntry, e.entries[state], e.roots[state]))
	}
	for _, address := range slices.Sorted(maps.Keys(e.bundles)) {
		f.KeyBundles = append(f.KeyBundles, signed(e.t, seal.PurposeKeyBundle, e.bundles[address], e.speakers[address]))
	}
	return f
}

func (e *edition) bytes() []byte { return encode(e.t, e.file()) }

// trust is what an importer knows who never saw a list.
func trust(t testing.TB) directory.ImportOptions {
	return directory.ImportOptions{TrustManagers: []ident.KeyID{managerKey(t).Public().ID(realm)}}
}

func openBook(t testing.TB, dir string) *directory.Book {
	t.Helper()
	b, err := directory.Open(dir, realm)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustImport(t testing.TB, b *directory.Book, e *edition) directory.Changes {
	t.Helper()
	c, err := b.Import(e.bytes(), trust(t))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func reasonOf(err error) valisev1.Reason {
	if r, ok := errors.AsType[*directory.Refusal](err); ok {
		return r.Reason
	}
	return valisev1.Reason_REASON_UNSPECIFIED
}

func wantReason(t testing.TB, err error, want valisev1.Reason) {
	t.Helper()
	if got := reasonOf(err); got != want || err == nil {
		t.Fatalf("refused with %v (%v), want %v", got, err, want)
	}
}

// sameDirectory compares what two snapshots say in everything that others use.
func sameDirectory(t testing.TB, a, b *directory.Snapshot) {
	t.Helper()
	x, err := directory.EncodeRoster(a.Roster())
	if err != nil {
		t.Fatal(err)
	}
	y, err := directory.EncodeRoster(b.Roster())
	if err != nil {
		t.Fatal(err)
	}
	if a.Number() != b.Number() || a.Hash() != b.Hash() || !slices.Equal(a.States(), b.States()) || !bytes.Equal(x, y) {
		t.Fatalf("list %d is now list %d, or its States, entries or roster differ", a.Number(), b.Number())
	}
	for _, state := range a.States() {
		p, _ := a.Entry(state)
		q, _ := b.Entry(state)
		if !proto.Equal(p, q) {
			t.Fatalf("the entry of %s differs", state)
		}
	}
}

func address(t testing.TB, s string) ident.Address {
	t.Helper()
	a, err := ident.ParseAddress(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
