package gateway

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nkeys"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// TestMain plays the same cases of the property tests every time, so that a run tells of the
// change that is tested; -rapid.seed and -rapid.checks look further.
func TestMain(m *testing.M) {
	flag.Parse()
	if seed := flag.Lookup("rapid.seed"); seed.Value.String() == "0" {
		if err := flag.Set("rapid.seed", "1"); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}

const realm = ident.Realm("exercise:lab-00112233445566778899aabbccddeeff")

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

var (
	xaTech = ident.Address{State: "XA", Track: ident.Technical}
	xbTech = ident.Address{State: "XB", Track: ident.Technical}
	xcTech = ident.Address{State: "XC", Track: ident.Technical}
	xaDip  = ident.Address{State: "XA", Track: ident.Diplomatic}
	xbDip  = ident.Address{State: "XB", Track: ident.Diplomatic}
)

// randomness is the same bytes for the same name, in every run.
func randomness(name string) io.Reader { return rand.NewChaCha8(sha256.Sum256([]byte(name))) }

// keyring holds the signing keys of every POC of the test world.
type keyring map[ident.Address]*seal.SigningKey

func (k keyring) SigningKey(a ident.Address) (*seal.SigningKey, error) {
	key, ok := k[a]
	if !ok {
		return nil, os.ErrNotExist
	}
	return key, nil
}

// realDirectory is one imported directory with a manager, and XA, XB and XC on both tracks, made once.
var realDirectory = sync.OnceValues(func() (*directory.Snapshot, keyring) {
	dir, err := os.MkdirTemp("", "valise-gateway-test")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	book, err := directory.Open(dir, realm)
	if err != nil {
		panic(err)
	}
	file, manager, keys := directoryFile()
	if _, err := book.Import(file, directory.ImportOptions{TrustManagers: []ident.KeyID{manager.Public().ID(realm)}}); err != nil {
		panic(err)
	}
	return book.Snapshot(), keys
})

func mustKey(name string) *seal.SigningKey {
	k, err := seal.GenerateSigningKey(randomness(name))
	if err != nil {
		panic(err)
	}
	return k
}

func signedObject(p seal.Purpose, m proto.Message, key *seal.SigningKey) *valisev1.SignedObject {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		panic(err)
	}
	o, err := seal.SignObject(realm, p, b, key)
	if err != nil {
		panic(err)
	}
	return o
}

func directoryFile() ([]byte, *seal.SigningKey, keyring) {
	manager, keys := mustKey("manager"), keyring{}
	list := &valisev1.List{Realm: string(realm), Number: 1, ManagerSet: 1, Issued: timestamppb.New(start), Expires: timestamppb.New(start.AddDate(0, 2, 0))}
	file := &valisev1.ImportBundle{}
	for _, state := range []string{"@global", "XA", "XB", "XC"} {
		root := mustKey("root " + state)
		entry := &valisev1.Entry{Realm: string(realm), State: state, Number: 1, Root: root.Public().Proto(),
			Names: []*valisev1.LocalText{{Language: "en", Text: "State " + state}}}
		for _, track := range tracksOf(ident.State(state)) {
			a, key := mustAddress(state+"/"+track), mustKey(state+"/"+track)
			keys[a] = key
			entry.PointsOfContact = append(entry.PointsOfContact, &valisev1.PointOfContact{
				Track: track, Telephones: []string{"+99900000001"}, Languages: []string{"en"},
				SigningKeys: []*valisev1.SigningKey{{Key: key.Public().Proto(), ValidFrom: timestamppb.New(start.AddDate(0, -1, 0)), ValidUntil: timestamppb.New(start.AddDate(1, 0, 0))}},
			})
			file.KeyBundles = append(file.KeyBundles, signedObject(seal.PurposeKeyBundle, keyBundle(a, 1), key))
		}
		signed := signedObject(seal.PurposeEntry, entry, root)
		id, sum := root.Public().ID(realm), sha256.Sum256(signed.GetObject())
		list.Members = append(list.Members, &valisev1.Membership{State: state, Root: id[:], EntryNumber: 1, EntryHash: sum[:]})
		file.Entries = append(file.Entries, signed)
	}
	set := &valisev1.ManagerSet{Realm: string(realm), Number: 1, Threshold: 1, Managers: []*valisev1.PublicKey{manager.Public().Proto()}, Issued: timestamppb.New(start)}
	file.ManagerSets = []*valisev1.SignedObject{signedObject(seal.PurposeManagerSet, set, manager)}
	file.List = signedObject(seal.PurposeList, list, manager)
	b, err := proto.Marshal(file)
	if err != nil {
		panic(err)
	}
	return b, manager, keys
}

// tracksOf: a State of the tests has both, a principal its one desk.
func tracksOf(s ident.State) []string {
	if s.IsPrincipal() {
		return []string{"manager"}
	}
	return []string{"diplomatic", "technical"}
}

func keyBundle(a ident.Address, number uint64) *valisev1.KeyBundle {
	sealing, err := seal.GenerateSealingKey()
	if err != nil {
		panic(err)
	}
	box, err1 := directory.RandomName(randomness("mailbox " + a.String()))
	token, err2 := directory.RandomName(randomness("token " + a.String()))
	seed := sha256.Sum256([]byte("nkey " + a.State.String()))
	pair, err3 := nkeys.FromRawSeed(nkeys.PrefixByteUser, seed[:])
	if err1 != nil || err2 != nil || err3 != nil {
		panic("no names")
	}
	public, err := pair.PublicKey()
	if err != nil {
		panic(err)
	}
	return &valisev1.KeyBundle{
		Realm: string(realm), Address: a.String(), EntryNumber: 1, Number: number, Mailbox: box, SenderToken: token, RelayNkeys: []string{public},
		SealingKeys: []*valisev1.SealingKey{{Recipient: sealing.Recipient().String(), ValidFrom: timestamppb.New(start.AddDate(0, 0, -1)), AcceptedUntil: timestamppb.New(start.AddDate(0, 0, 44))}},
		Issued:      timestamppb.New(start.AddDate(0, 0, -1)), Expires: timestamppb.New(start.AddDate(0, 0, 43)),
	}
}

func mustAddress(s string) ident.Address {
	a, err := ident.ParseAddress(s)
	if err != nil {
		panic(err)
	}
	return a
}

// testDirectory is the real one, with what a test wants to be otherwise.
type testDirectory struct {
	*directory.Snapshot
	noKey map[ident.State]bool
	left  map[ident.State]time.Time
	hash  *[32]byte
	stale bool
	moved map[ident.Address]string // mailbox that a POC has moved to
	who   map[ident.KeyID]seal.Speaker
	roots []directory.RootChange
	lists map[uint64][32]byte // what this home was shown under a number
	// review is the day by which each entry is to be looked through; nil: as the entries say.
	review *time.Time
}

func (d *testDirectory) Entry(s ident.State) (*valisev1.Entry, bool) {
	entry, known := d.Snapshot.Entry(s)
	if known && d.review != nil {
		entry = proto.CloneOf(entry)
		entry.ReviewBy = timestamppb.New(*d.review)
	}
	return entry, known
}

func (d *testDirectory) SameList(number uint64, hash [32]byte) (same, decided bool) {
	if ours, shown := d.lists[number]; shown {
		return ours == hash, true
	}
	return d.Snapshot.SameList(number, hash)
}

func (d *testDirectory) KeyChanged() []directory.RootChange { return d.roots }

func (d *testDirectory) InQuestion(s ident.State) bool {
	return slices.ContainsFunc(d.roots, func(c directory.RootChange) bool { return c.State == s && !c.Denied })
}

func (d *testDirectory) Lookup(a ident.Address) (*directory.POC, error) {
	if _, gone := d.left[a.State]; gone {
		return nil, &directory.Refusal{Object: "address", Reason: valisev1.Reason_REASON_STATE_LEFT, Err: os.ErrNotExist}
	}
	poc, err := d.Snapshot.Lookup(a)
	if err == nil && d.noKey[a.State] {
		return &directory.POC{Address: a, Point: poc.Point}, nil
	}
	if box, moved := d.moved[a]; err == nil && moved {
		there := *poc
		there.Mailbox = box
		return &there, nil
	}
	return poc, err
}

func (d *testDirectory) Left(s ident.State) (time.Time, bool) {
	at, ok := d.left[s]
	return at, ok
}

func (d *testDirectory) Hash() [32]byte {
	if d.hash != nil {
		return *d.hash
	}
	return d.Snapshot.Hash()
}

func (d *testDirectory) Stale(now time.Time) bool { return d.stale || d.Snapshot.Stale(now) }

func (d *testDirectory) Speaker(id ident.KeyID) (seal.Speaker, bool) {
	if s, ok := d.who[id]; ok {
		return s, true
	}
	return d.Snapshot.Speaker(id)
}

// world is some homes, one clock, and a relay that can be trusted with nothing.
type world struct {
	t     testingT
	now   time.Time
	homes map[ident.State]*home
	order []ident.State
	relay *toyRelay
	// resumes: an officer switches a copy off and resumes whoever stops.
	resumes bool
}

// home is one State's gateway and what it depends on.
type home struct {
	w         *world
	state     ident.State
	store     *memStore
	keys      keyring
	dir       *testDirectory
	link      bool
	rand      io.Reader
	four      map[ident.Track]bool
	space     Space
	quota     Quota
	keep      time.Duration // its retention rule
	pruneStep int           // items; zero: as a node has it
	calls     CallRules
	g         *Gateway
}

// testingT is what rapid and testing have in common.
type testingT interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Logf(string, ...any)
	Error(...any)
	Errorf(string, ...any)
}

func newWorld(t testing.TB, states ...ident.State) *world { return newWorldIn(t, states...) }

func newWorldIn(t testingT, states ...ident.State) *world {
	w := &world{t: t, now: start, homes: map[ident.State]*home{}, relay: newToyRelay()}
	if len(states) == 0 {
		states = []ident.State{"XA", "XB"}
	}
	snapshot, keys := realDirectory()
	for _, s := range states {
		h := &home{
			w: w, state: s, store: newMemStore(), keys: keys, link: true, rand: randomness("home " + s.String()),
			dir:  &testDirectory{Snapshot: snapshot, noKey: map[ident.State]bool{}, left: map[ident.State]time.Time{}, who: map[ident.KeyID]seal.Speaker{}},
			four: map[ident.Track]bool{},
		}
		w.homes[s] = h
		w.order = append(w.order, s)
		h.start()
	}
	return w
}

func (h *home) ours() (out []ident.Address) {
	for _, track := range tracksOf(h.state) {
		out = append(out, mustAddress(h.state.String()+"/"+track))
	}
	return out
}

func (h *home) config() Config {
	return Config{
		Realm: realm, Ours: h.ours(),
		Store: h.store, Directory: func() Directory { return h.dir }, Signers: h.keys,
		Now: func() time.Time { return h.w.now }, Rand: h.rand, LinkUp: func() bool { return h.link }, FourEyes: h.four,
		Space: func() Space { return h.space }, Quota: h.quota, Retention: h.keep, PruneStep: h.pruneStep, Calls: h.calls,
		Sealing: func(ident.Address) ([32]byte, bool) { return [32]byte{1}, true },
		Head: func(context.Context) (uint64, [32]byte, error) {
			h.store.mu.Lock()
			defer h.store.mu.Unlock()
			return uint64(len(h.store.items)), sha256.Sum256([]byte(h.state)), nil
		},
		Prove: func(_ context.Context, n, size uint64) ([32]byte, [][32]byte, error) {
			return sha256.Sum256(appendNumber(nil, n)), [][32]byte{sha256.Sum256(appendNumber(nil, size))}, nil
		},
		Leaves: h.leaves,
	}
}

// start begins a new life on the same store.
func (h *home) start() {
	g, err := New(context.Background(), h.config())
	if err != nil {
		h.w.t.Fatalf("%s does not start: %v", h.state, err)
	}
	h.g = g
	if h.link {
		h.g.LinkChanged(true, false, h.w.now)
	}
}

func (h *home) opener() seal.Opener {
	return seal.Opener{Realm: realm, Resolve: h.dir.Speaker, Mine: func(a ident.Address) bool { return a.State == h.state }}
}

// take opens a Signed as the node would and hands it to the core.
func (h *home) take(signed []byte) (Effects, error) {
	o, err := h.opener().VerifySigned(signed)
	if refusal, is := errors.AsType[*seal.Refusal](err); is {
		return h.g.Refused(context.Background(), refusal, sha256.Sum256(signed), ident.Address{})
	}
	return h.g.Receive(context.Background(), o)
}

func (h *home) mustTake(signed []byte) Effects {
	h.w.t.Helper()
	e, err := h.take(signed)
	if err != nil {
		h.w.t.Fatal(err)
	}
	return e
}

// Officers of the tests.
var (
	officer   = Actor{Name: "duty", Roles: []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER}, ShownAs: "Duty Officer"}
	drafter   = Actor{Name: "drafter", Roles: []valisev1.Role{valisev1.Role_ROLE_DRAFTER}}
	clearer   = Actor{Name: "clearer", Roles: []valisev1.Role{valisev1.Role_ROLE_CLEARER}}
	keeper    = Actor{Name: "keeper", Roles: []valisev1.Role{valisev1.Role_ROLE_RECORD_KEEPER}}
	nodeAdmin = Actor{Name: "admin", Roles: []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN}}
	allRoles  = Actor{Name: "lab", Roles: []valisev1.Role{1, 2, 3, 4, 5, 6}}
)

func inquiry(title string) *valisev1.Inquiry {
	return &valisev1.Inquiry{
		Originator: &valisev1.Person{Name: "A. Officer", Affiliation: "CERT Alder", Phone: "+99900000001"},
		Title:      title, Narrative: "Something was seen.", Questions: []string{"Is it yours?"},
		PreferredChannels: []*valisev1.Channel{{Kind: "valise"}}, NominatedAgency: &valisev1.Agency{Name: "CERT Alder"},
	}
}

func (h *home) inquire(to ident.Address, title string) *valisev1.Sent {
	h.w.t.Helper()
	s, err := h.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: to.String(), Inquiry: inquiry(title)})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return s
}

func (h *home) reply(thread string, m proto.Message) *valisev1.Sent {
	h.w.t.Helper()
	s, err := h.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{Thread: thread, Payload: payloadOf(m)})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return s
}

func payloadOf(m proto.Message) *valisev1.Payload { return wrap(valisev1.KindOf(m), m) }

func (h *home) thread(id string) *valisev1.GetThreadResponse {
	h.w.t.Helper()
	th, err := h.g.Thread(context.Background(), officer, &valisev1.GetThreadRequest{Thread: id})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return th
}

func (h *home) outbox() []*valisev1.OutboxRow {
	h.w.t.Helper()
	rows, err := h.g.Outbox(context.Background())
	if err != nil {
		h.w.t.Fatal(err)
	}
	return rows
}
