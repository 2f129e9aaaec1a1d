package api

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"

	"valise.example/directory"
	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Limits of a call. P7
const (
	// maxRequest is how large a request may be; a message holds 250,000 bytes.
	maxRequest = 1 << 20
	// maxBundle is how large a directory bundle may be.
	maxBundle = 8 << 20
	overhead  = 64 << 10
	maxHeader = 16 << 10
	// maxCalls is how many calls one connection may have open, and how many of its handlers run.
	maxCalls = 128
)

// Core is what the services ask of the gateway; *gateway.Gateway fills it. Each part stands beside
// the handlers that need it. Every error has a Reason as *gateway.Error.
type Core interface {
	attachments
	checks
	consents
	events
	exports
	inquiries
	items
	links
	notes
	notices
	openings
	papers
	prunes
	revisions
	sending
	questions
	roots
}

var _ Core = (*gateway.Gateway)(nil)

// RecordReader checks the record and tells its size.
type RecordReader interface {
	VerifyRecord(context.Context, []*valisev1.KnownHead) (*valisev1.VerifyRecordResponse, error)
	GetHead(context.Context) (*valisev1.GetHeadResponse, error)
	// Items is the number of items that are durable; it never falls while a node runs.
	Items(context.Context) uint64
}

// NodeReader tells how the node does; nothing of it may be content.
type NodeReader interface {
	Status(context.Context) (*valisev1.GetStatusResponse, error)
}

// BackupKeeper gives the record to a backup. Its values are sealed, so nothing of it is content.
type BackupKeeper interface {
	// CopyRecord sends the whole record file as of one durable commit and gives its head.
	CopyRecord(ctx context.Context, send func(piece []byte) error) (*valisev1.KnownHead, error)
	NoteBackup(ctx context.Context, by gateway.Actor, r *valisev1.NoteBackupRequest) (*valisev1.NoteBackupResponse, error)
}

// KeyKeeper makes the next keys of a node.
type KeyKeeper interface {
	RotateKeys(ctx context.Context, by gateway.Actor, r *valisev1.RotateKeysRequest) (*valisev1.RotateKeysResponse, error)
}

// DirectoryKeeper holds the directory in force and takes a new one.
type DirectoryKeeper interface {
	Current() *directory.Snapshot
	Import(ctx context.Context, bundle []byte) (*valisev1.ImportDirectoryResponse, error)
}

// OtherKeeper keeps what directories of other bodies say, for people to read. A-12
type OtherKeeper interface {
	ImportOther(ctx context.Context, by gateway.Actor, r *valisev1.ImportOtherRequest) (*valisev1.ImportOtherResponse, error)
	RemoveOther(ctx context.Context, by gateway.Actor, r *valisev1.RemoveOtherRequest) (*valisev1.RemoveOtherResponse, error)
	Others(context.Context) (*valisev1.ListOthersResponse, error)
	// CompareOthers says what they have of a State, beside its entry in force.
	CompareOthers(ctx context.Context, state ident.State) (*valisev1.CompareOthersResponse, error)
}

// Officers keeps who may do what on this node. A-9 s4
type Officers interface {
	Add(ctx context.Context, by gateway.Actor, officer *valisev1.Officer, withToken bool) (added *valisev1.Officer, token string, err error)
	List(context.Context) ([]*valisev1.Officer, error)
	Remove(ctx context.Context, by gateway.Actor, name string) error
	ByUID(ctx context.Context, uid uint32) (*valisev1.Officer, bool)
	// ByToken finds an officer by the SHA-256 of the token's text.
	ByToken(ctx context.Context, hash [32]byte) (*valisev1.Officer, bool)
	// ByCertificate finds an officer by the pin of a client certificate.
	ByCertificate(ctx context.Context, pin Pin) (*valisev1.Officer, bool)
	ByName(ctx context.Context, name string) (*valisev1.Officer, bool)
}

// Config is what the services stand on. All but Exercise, Logger and Now must be there.
type Config struct {
	Gateway   Core
	Record    RecordReader
	Node      NodeReader
	Backup    BackupKeeper
	Keys      KeyKeeper
	Directory DirectoryKeeper
	Others    OtherKeeper
	Officers  Officers
	// Exercise is what is played; nil: nobody conducts an exercise at this node, and no ExerciseService is
	// offered. Never of an operational realm. docs/protocol.md §12.6
	Exercise Exercise
	// Own is the State whose node it is.
	Own ident.State
	// Changes gives a channel that receives after items were added (one waiting signal is
	// enough for any number), and a function that ends it.
	Changes func() (<-chan struct{}, func())
	// Logger may be nil.
	Logger *slog.Logger
	// Now is the node's clock; nil: time.Now.
	Now func() time.Time
}

// Server is the services of one node.
type Server struct {
	cfg    Config
	health *health.Server
	closed chan struct{}
	once   sync.Once
	// allowed is permissions, but where a test looks past it at what the gateway itself refuses.
	allowed map[string][]valisev1.Role
	// open counts the calls over TCP.
	open *quota[Pin]
}

// New makes the services. Put ServerOptions into grpc.NewServer, then Register.
func New(cfg Config) *Server {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Server{cfg: cfg, health: health.NewServer(), closed: make(chan struct{}), allowed: permissions, open: newQuota[Pin](maxCallsOverTCP, maxCallsOfOne)}
}

// ServerOptions are what the door needs of a gRPC server: who is calling, limits, and the way
// every call takes. Without them every call but health is refused.
func (s *Server) ServerOptions() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.Creds(doorCredentials{}),
		grpc.InTapHandle(s.makeRoom),
		grpc.MaxRecvMsgSize(maxBundle + overhead),
		grpc.MaxHeaderListSize(maxHeader),
		grpc.MaxConcurrentStreams(maxCalls),
		grpc.ConnectionTimeout(10 * time.Second),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: 15 * time.Minute, Time: time.Minute, Timeout: 20 * time.Second}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
		grpc.ChainUnaryInterceptor(s.unary),
		grpc.ChainStreamInterceptor(s.stream),
	}
}

// Register puts the services on a gRPC server: inquiries, record, directory, node, officers,
// health and, where one is conducted, the exercise. Reflection is never offered.
func (s *Server) Register(on *grpc.Server) {
	valisev1.RegisterInquiryServiceServer(on, &inquiryService{server: s})
	valisev1.RegisterRecordServiceServer(on, &recordService{server: s})
	valisev1.RegisterDirectoryServiceServer(on, &directoryService{server: s})
	valisev1.RegisterNodeServiceServer(on, &nodeService{server: s})
	valisev1.RegisterOfficerServiceServer(on, &officerService{server: s})
	if s.cfg.Exercise != nil {
		valisev1.RegisterExerciseServiceServer(on, &exerciseService{server: s})
	}
	healthv1.RegisterHealthServer(on, s.health)
	for name := range on.GetServiceInfo() {
		s.health.SetServingStatus(name, healthv1.HealthCheckResponse_SERVING)
	}
}

// SetServing tells the health service whether the node takes calls; true from the start.
func (s *Server) SetServing(serving bool) {
	if serving {
		s.health.Resume()
		return
	}
	s.health.Shutdown()
}

// Close ends every Watch and tells the health service, so that GracefulStop of the gRPC server
// need not wait for them. It may be called more than once.
func (s *Server) Close() {
	s.once.Do(func() {
		close(s.closed)
		s.health.Shutdown()
	})
}
