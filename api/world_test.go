package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nkeys"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/directory"
	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
	"valise.example/store"
	"valise.example/store/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const realm = ident.Realm("exercise:lab-00112233445566778899aabbccddeeff")

var (
	start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	xa    = ident.Address{State: "XA", Track: ident.Technical}
	xb    = ident.Address{State: "XB", Track: ident.Technical}
)

// canary stands in every text of the tests; it must be found in no log.
const canary = "canary-7f3a"

func randomness(name string) io.Reader { return rand.NewChaCha8(sha256.Sum256([]byte(name))) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

type keyring map[ident.Address]*seal.SigningKey

func (k keyring) SigningKey(a ident.Address) (*seal.SigningKey, error) {
	if key, ok := k[a]; ok {
		return key, nil
	}
	return nil, os.ErrNotExist
}

// book is one imported directory with XA and XB, made once.
var book = sync.OnceValues(func() (*directory.Snapshot, keyring) {
	dir := must(os.MkdirTemp("", "valise-api-test"))
	defer os.RemoveAll(dir)
	b := must(directory.Open(dir, realm))
	file, manager, keys := directoryFile()
	must(b.Import(file, directory.ImportOptions{TrustManagers: []ident.KeyID{manager.Public().ID(realm)}}))
	return b.Snapshot(), keys
})

func signed(p seal.Purpose, m proto.Message, key *seal.SigningKey) *valisev1.SignedObject {
	b := must(proto.MarshalOptions{Deterministic: true}.Marshal(m))
	return must(seal.SignObject(realm, p, b, key))
}

func directoryFile() ([]byte, *seal.SigningKey, keyring) {
	manager, keys := must(seal.GenerateSigningKey(randomness("manager"))), keyring{}
	list := &valisev1.List{Realm: string(realm), Number: 1, ManagerSet: 1, Issued: timestamppb.New(start), Expires: timestamppb.New(start.AddDate(0, 2, 0))}
	file := &valisev1.ImportBundle{}
	for _, a := range []ident.Address{xa, xb} {
		root, key := must(seal.GenerateSigningKey(randomness("root "+a.String()))), must(seal.GenerateSigningKey(randomness(a.String())))
		keys[a] = key
		entry := &valisev1.Entry{
			Realm: string(realm), State: a.State.String(), Number: 1, Root: root.Public().Proto(),
			Names: []*valisev1.LocalText{{Language: "en", Text: "State " + a.State.String()}},
			PointsOfContact: []*valisev1.PointOfContact{{
				Track: a.Track.String(), Telephones: []string{"+99900000001"}, Languages: []string{"en"},
				SigningKeys: []*valisev1.SigningKey{{Key: key.Public().Proto(), ValidFrom: timestamppb.New(start.AddDate(0, -1, 0)), ValidUntil: timestamppb.New(start.AddDate(1, 0, 0))}},
			}},
		}
		if a == xb {
			entry.PointsOfContact[0].Open, entry.PointsOfContact[0].TimeZone = []string{"always"}, "Etc/UTC"
			entry.FurtherPoints = []*valisev1.PointOfContact{{Track: "technical", Name: "A. Example"}, {Track: "diplomatic", Telephones: []string{"+99900000003"}}}
		}
		object := signed(seal.PurposeEntry, entry, root)
		id, sum := root.Public().ID(realm), sha256.Sum256(object.GetObject())
		list.Members = append(list.Members, &valisev1.Membership{State: a.State.String(), Root: id[:], EntryNumber: 1, EntryHash: sum[:]})
		file.Entries = append(file.Entries, object)
		file.KeyBundles = append(file.KeyBundles, signed(seal.PurposeKeyBundle, keyBundle(a), key))
	}
	set := &valisev1.ManagerSet{Realm: string(realm), Number: 1, Threshold: 1, Managers: []*valisev1.PublicKey{manager.Public().Proto()}, Issued: timestamppb.New(start)}
	file.ManagerSets = []*valisev1.SignedObject{signed(seal.PurposeManagerSet, set, manager)}
	file.List = signed(seal.PurposeList, list, manager)
	return must(proto.Marshal(file)), manager, keys
}

func keyBundle(a ident.Address) *valisev1.KeyBundle {
	seed := sha256.Sum256([]byte("nkey " + a.String()))
	pair := must(nkeys.FromRawSeed(nkeys.PrefixByteUser, seed[:]))
	return &valisev1.KeyBundle{
		Realm: string(realm), Address: a.String(), EntryNumber: 1, Number: 1,
		Mailbox:     must(directory.RandomName(randomness("mailbox " + a.String()))),
		SenderToken: must(directory.RandomName(randomness("token " + a.String()))),
		RelayNkeys:  []string{must(pair.PublicKey())},
		SealingKeys: []*valisev1.SealingKey{{
			Recipient: must(seal.GenerateSealingKey()).Recipient().String(),
			ValidFrom: timestamppb.New(start.AddDate(0, 0, -1)), AcceptedUntil: timestamppb.New(start.AddDate(0, 0, 44)),
		}},
		Issued: timestamppb.New(start.AddDate(0, 0, -1)), Expires: timestamppb.New(start.AddDate(0, 0, 43)),
	}
}

// record joins a record in memory and a gateway, and rings after every change.
type record struct {
	*memory.Record
	mu        sync.Mutex
	listeners map[chan struct{}]bool
	hold      chan struct{} // when not nil, every Update waits for it to close
	entered   chan struct{}
}

func (r *record) Update(ctx context.Context, fn func(gateway.Tx) error) error {
	if r.hold != nil {
		r.entered <- struct{}{}
		<-r.hold
	}
	err := r.Record.Update(ctx, func(tx store.Tx) error { return fn(tx) })
	r.mu.Lock()
	defer r.mu.Unlock()
	for l := range r.listeners {
		select {
		case l <- struct{}{}:
		default:
		}
	}
	return err
}

func (r *record) View(ctx context.Context, fn func(gateway.Tx) error) error {
	return r.Record.View(ctx, func(tx store.Tx) error { return fn(tx) })
}

func (r *record) changes() (<-chan struct{}, func()) {
	l := make(chan struct{}, 1)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.listeners[l] = true
	return l, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.listeners, l)
	}
}

func (r *record) Items(ctx context.Context) uint64 {
	head, err := r.Head(ctx)
	if err != nil {
		return 0
	}
	return head.Size
}

func (r *record) GetHead(ctx context.Context) (*valisev1.GetHeadResponse, error) {
	head, err := r.Head(ctx)
	return &valisev1.GetHeadResponse{Size: head.Size, Root: hex.EncodeToString(head.Root[:]), At: timestamppb.New(start)}, err
}

func (r *record) VerifyRecord(ctx context.Context, _ []*valisev1.KnownHead) (*valisev1.VerifyRecordResponse, error) {
	head, err := r.Head(ctx)
	return &valisev1.VerifyRecordResponse{Ok: true, Items: head.Size, TreeSize: head.Size}, err
}

// people keeps officers in memory.
type people struct {
	mu   sync.Mutex
	list []*valisev1.Officer
	gone *valisev1.Officer // whom replace took away last
}

func (p *people) find(fits func(*valisev1.Officer) bool) (*valisev1.Officer, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.IndexFunc(p.list, fits); i >= 0 {
		return p.list[i], true
	}
	return nil, false
}

func (p *people) ByUID(_ context.Context, uid uint32) (*valisev1.Officer, bool) {
	return p.find(func(o *valisev1.Officer) bool { return slices.Contains(o.GetUids(), uid) })
}

func (p *people) ByToken(_ context.Context, hash [32]byte) (*valisev1.Officer, bool) {
	return p.find(func(o *valisev1.Officer) bool { return o.GetTokenHash() == hex.EncodeToString(hash[:]) })
}

func (p *people) ByCertificate(_ context.Context, pin Pin) (*valisev1.Officer, bool) {
	return p.find(func(o *valisev1.Officer) bool { return o.GetCertificate() == pin.String() })
}

func (p *people) ByName(_ context.Context, name string) (*valisev1.Officer, bool) {
	return p.find(func(o *valisev1.Officer) bool { return o.GetName() == name })
}

func (p *people) Add(_ context.Context, _ gateway.Actor, o *valisev1.Officer, withToken bool) (*valisev1.Officer, string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	added, token := proto.CloneOf(o), ""
	if withToken {
		token = "token-" + o.GetName()
		added.TokenHash = hashOf(token)
	}
	p.list = append(p.list, added)
	return added, token, nil
}

func (p *people) Remove(_ context.Context, _ gateway.Actor, name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.list, func(o *valisev1.Officer) bool { return o.GetName() == name })
	if i < 0 {
		return &gateway.Error{Op: "remove", Reason: valisev1.Reason_REASON_NOT_FOUND}
	}
	p.list = slices.Delete(p.list, i, i+1)
	return nil
}

func (p *people) List(context.Context) ([]*valisev1.Officer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.list), nil
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// world is the node of XA with a real gateway, and XB's gateway to write from.
type world struct {
	record *record
	core   *gateway.Gateway
	peer   *gateway.Gateway
	people *people
	server *Server
	log    *syncBuffer
	cfg    Config
}

func newGateway(s gateway.Store, ours ident.Address) *gateway.Gateway {
	snapshot, keys := book()
	return must(gateway.New(context.Background(), gateway.Config{
		Realm: realm, Ours: []ident.Address{ours}, Store: s, Signers: keys,
		Directory: func() gateway.Directory { return snapshot },
		Now:       func() time.Time { return start }, Rand: randomness("gateway " + ours.String()),
	}))
}

func newRecord() *record {
	return &record{Record: memory.New(func() time.Time { return start }), listeners: map[chan struct{}]bool{}}
}

// newWorld has one officer for each role, with the role's name as token and no user id.
func newWorld(t testing.TB, change ...func(*Config)) *world {
	t.Helper()
	w := &world{record: newRecord(), people: &people{}, log: &syncBuffer{}}
	w.core, w.peer = newGateway(w.record, xa), newGateway(newRecord(), xb)
	for _, r := range anyone {
		w.people.list = append(w.people.list, &valisev1.Officer{Name: roleToken(r), Roles: []valisev1.Role{r}, TokenHash: hashOf(roleToken(r))})
	}
	snapshot, _ := book()
	w.cfg = Config{
		Gateway: w.core, Record: w.record, Node: healthy{}, Backup: healthy{}, Keys: healthy{}, Directory: shelf{snapshot}, Others: othersShelf{w}, Officers: w.people,
		Exercise: &played{changed: make(chan struct{}, 9)},
		Changes:  w.record.changes, Logger: slog.New(slog.NewJSONHandler(w.log, nil)), Now: func() time.Time { return start },
	}
	for _, c := range change {
		c(&w.cfg)
	}
	w.server = New(w.cfg)
	t.Cleanup(func() {
		if bytes.Contains(w.log.Bytes(), []byte(canary)) {
			t.Errorf("the log holds content:\n%s", w.log.Bytes())
		}
	})
	return w
}

func roleToken(r valisev1.Role) string { return "token-" + r.String() }

type healthy struct{}

func (healthy) Status(context.Context) (*valisev1.GetStatusResponse, error) {
	return &valisev1.GetStatusResponse{State: "XA", Ready: true}, nil
}

func (healthy) CopyRecord(_ context.Context, send func([]byte) error) (*valisev1.KnownHead, error) {
	for _, piece := range []string{"a sealed ", "record"} {
		if err := send([]byte(piece)); err != nil {
			return nil, err
		}
	}
	return &valisev1.KnownHead{Size: 7, Root: nothing + nothing}, nil
}

func (healthy) NoteBackup(_ context.Context, by gateway.Actor, r *valisev1.NoteBackupRequest) (*valisev1.NoteBackupResponse, error) {
	if by.Name == "" {
		return nil, os.ErrInvalid
	}
	return &valisev1.NoteBackupResponse{Item: r.GetHead().GetSize()}, nil
}

type shelf struct{ snapshot *directory.Snapshot }

func (k shelf) Current() *directory.Snapshot { return k.snapshot }

func (k shelf) Import(_ context.Context, bundle []byte) (*valisev1.ImportDirectoryResponse, error) {
	if len(bundle) < 100 {
		return nil, &directory.Refusal{Object: "import", Reason: valisev1.Reason_REASON_QUORUM, Err: os.ErrInvalid}
	}
	return &valisev1.ImportDirectoryResponse{Number: uint64(len(bundle))}, nil
}

// othersShelf lets the record tell of other directories and keeps none.
type othersShelf struct{ w *world }

func (k othersShelf) ImportOther(ctx context.Context, by gateway.Actor, r *valisev1.ImportOtherRequest) (*valisev1.ImportOtherResponse, error) {
	out, _, err := k.w.core.ImportOther(ctx, by, r)
	return out, err
}

func (k othersShelf) RemoveOther(ctx context.Context, by gateway.Actor, r *valisev1.RemoveOtherRequest) (*valisev1.RemoveOtherResponse, error) {
	out, _, err := k.w.core.RemoveOther(ctx, by, r, r.GetId())
	return out, err
}

func (othersShelf) Others(context.Context) (*valisev1.ListOthersResponse, error) {
	return &valisev1.ListOthersResponse{Unreadable: []string{"rof"}}, nil
}

func (othersShelf) CompareOthers(_ context.Context, state ident.State) (*valisev1.CompareOthersResponse, error) {
	return &valisev1.CompareOthersResponse{Unreadable: []string{state.String()}}, nil
}

// call opens the door in memory and calls it with a token.
func (w *world) call(t testing.TB, token string, options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	pipe := bufconn.Listen(1 << 20)
	s := grpc.NewServer(w.server.ServerOptions()...)
	w.server.Register(s)
	done := make(chan error, 1)
	go func() { done <- s.Serve(pipe) }()
	conn := must(grpc.NewClient("passthrough:///door", append([]grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return pipe.DialContext(ctx) }),
		grpc.WithPerRPCCredentials(caller{Token: token}),
	}, options...)...))
	t.Cleanup(func() { conn.Close(); s.Stop(); <-done })
	return conn
}

func (w *world) inquiries(t testing.TB, role valisev1.Role) valisev1.InquiryServiceClient {
	return valisev1.NewInquiryServiceClient(w.call(t, roleToken(role)))
}

// deliver carries what waits from one gateway to the other.
func deliver(t testing.TB, from, to *gateway.Gateway, mine ident.Address) {
	t.Helper()
	snapshot, _ := book()
	opener := seal.Opener{Realm: realm, Resolve: snapshot.Speaker, Mine: func(a ident.Address) bool { return a == mine }}
	for i, p := range from.Due(start.Add(time.Second)) {
		opened := must(opener.VerifySigned(p.Signed))
		must(to.Receive(t.Context(), opened))
		if err := from.Left(t.Context(), p.Digest, uint64(i+1)); err != nil {
			t.Fatal(err)
		}
	}
}

func inquiry(title string) *valisev1.SendInquiryRequest {
	return &valisev1.SendInquiryRequest{To: xb.String(), Inquiry: &valisev1.Inquiry{
		Originator: &valisev1.Person{Name: "A. Officer " + canary, Affiliation: "National CERT", Email: "duty@cert.example"},
		Title:      title, Narrative: "What happened " + canary,
	}}
}

func wantReason(t testing.TB, err error, want valisev1.Reason) *Error {
	t.Helper()
	e, ok := FromStatus(err)
	if !ok || e.Reason != want {
		t.Fatalf("got %v (%v), want %v", err, e, want)
	}
	return e
}

// syncBuffer is a log that may be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) Bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.b.Bytes())
}

func (healthy) RotateKeys(_ context.Context, by gateway.Actor, r *valisev1.RotateKeysRequest) (*valisev1.RotateKeysResponse, error) {
	if by.Name == "" {
		return nil, os.ErrInvalid
	}
	use := valisev1.KeyUse_KEY_USE_SEALING
	if r.GetSigning() {
		use = valisev1.KeyUse_KEY_USE_SIGNING
	}
	return &valisev1.RotateKeysResponse{Keys: []*valisev1.KeyStatus{{Address: "XA/technical", Use: use}}}, nil
}
