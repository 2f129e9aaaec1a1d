package gateway

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"buf.build/go/protovalidate"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/directory"
	"valise.example/proto/ident"
	"valise.example/seal"
)

// Tx is one transaction of the store; package store documents each method. Get returns nil, nil
// where there is nothing.
type Tx interface {
	Append(item *valisev1.Item) (number uint64, err error)
	AppendSigned(item *valisev1.Item, size int, sign func() ([]byte, error)) (number uint64, err error)
	Item(number uint64) (*valisev1.Item, error)
	Prune(number uint64) error
	Forget(before time.Time) (months []string, err error)
	Items() uint64
	Get(table string, key []byte) ([]byte, error)
	Put(table string, key, value []byte) error
	Delete(table string, key []byte) error
	PutRow(table string, group []byte, n uint64, value []byte) error
	DeleteRow(table string, group []byte, n uint64) error
	Rows(table string, group []byte, from uint64, descending bool, visit func(n uint64, value []byte) (more bool, err error)) error
}

// Store runs transactions. Update returns nil only when everything fn did is durable; it may run
// fn more than once, and only the last run counts.
type Store interface {
	Update(ctx context.Context, fn func(Tx) error) error
	View(ctx context.Context, fn func(Tx) error) error
}

// Directory is what the core asks of the directory; *directory.Snapshot fills it.
type Directory interface {
	Number() uint64
	Hash() [32]byte
	Lookup(ident.Address) (*directory.POC, error)
	Speaker(ident.KeyID) (seal.Speaker, bool)
	HistoricalSpeaker(ident.KeyID) (seal.Speaker, bool)
	Left(ident.State) (time.Time, bool)
	States() []ident.State
	Entry(ident.State) (*valisev1.Entry, bool)
	Stale(time.Time) bool
	// KeyChanged and InQuestion: States whose root is another than the one in force.
	// docs/protocol.md §8.5
	KeyChanged() []directory.RootChange
	InQuestion(ident.State) bool
	// RootInForce is what a first call is about. docs/protocol.md §8.5
	RootInForce(ident.State) (directory.RootChange, bool)
	// SameList and ListOf: what is known of a list by its number. docs/protocol.md §8.3
	SameList(number uint64, hash [32]byte) (same, decided bool)
	ListOf(number uint64) *valisev1.SignedObject
}

// Signers gives the signing key of one of our POCs.
type Signers interface {
	SigningKey(ident.Address) (*seal.SigningKey, error)
}

// Config is everything a Gateway depends on.
type Config struct {
	// Realm of the home; nothing of another realm is sent or taken.
	Realm ident.Realm
	// Ours are the POCs that this node speaks for: at least one, one State, each track once.
	Ours []ident.Address
	// Store, Directory, Signers: see the interfaces. All must be there.
	Store     Store
	Directory func() Directory
	Signers   Signers
	// Now and Rand are the only time and chance there is.
	Now  func() time.Time
	Rand io.Reader
	// LinkUp tells at a commit whether anything could leave now. Nil means up.
	LinkUp func() bool
	// FourEyes names the tracks on which a second person clears every message. A-9 s4
	FourEyes map[ident.Track]bool
	// Pace is how many seconds Now shows for each second of whoever acts, 1 to 1000; nil: 1. An undo is counted
	// in theirs: ten seconds are for a hand. docs/protocol.md §12.6
	Pace func() int
	// Retention is for how long a thread that our side closed keeps its contents at least; zero: for
	// ever. Nothing is removed but by an officer's act. docs/protocol.md §9.3
	Retention time.Duration
	// PruneStep is about how many items lose their content in one transaction; zero: 1000. A thread
	// goes whole, however long it is. docs/protocol.md §9.3
	PruneStep int
	// Logger may be nil.
	Logger *slog.Logger
	// Sealing names the key that mail for a POC of ours should be sealed to; it stands in every
	// ReceiptBatch. Nil or false: not said. docs/protocol.md §7.4
	Sealing func(ident.Address) (id [32]byte, ok bool)
	// Head is the head of the record, for the commitment in every ReceiptBatch; nil: none.
	// docs/protocol.md §9.2
	Head func(context.Context) (size uint64, root [32]byte, err error)
	// Prove leads from an item to the head of the first size items: the SHA-256 of its row as stored,
	// and the audit path. Nil: nothing is proven. docs/protocol.md §9.4
	Prove func(ctx context.Context, number, size uint64) (stored [32]byte, path [][32]byte, err error)
	// Leaves gives the root of the first size items and the leaves of those that are named. Nil: nothing
	// is printed with a digest of its page. docs/protocol.md §9.6
	Leaves func(ctx context.Context, size uint64, numbers []uint64) (root [32]byte, leaves [][32]byte, err error)
	// Space tells how much room the disk has; nil: enough. docs/protocol.md §7.7
	Space func() Space
	// Quota is what one peer may make us record on a day; zero values are the defaults.
	Quota Quota
	// OwnRule is within how long our own desk wishes to act. docs/protocol.md §12.7
	OwnRule OwnRule
	// Calls say whom to call to the desk. docs/protocol.md §12.7
	Calls CallRules
	// Changed is called after each durable change, when memory follows it: what is due because of
	// the change is due now. Nil: nobody waits for it.
	Changed func()
	// Jitter spreads a delay: it returns no less than that and at most a tenth more.
	// Nil: from Rand.
	Jitter func(time.Duration) time.Duration
}

// Pair is one of our POCs and one of the peers it speaks with.
type Pair struct{ Ours, Peer ident.Address }

// Publication is one Signed that should leave now. The node seals it to the recipient's key of
// today and publishes it to the slot. docs/protocol.md §7.8
type Publication struct {
	MessageID ident.MessageID
	// Digest names the message to Left and NotSent.
	Digest ident.Digest
	// Signed is the exact bytes.
	Signed   []byte
	From, To ident.Address
	// Slot at the relay: 0–255 messages, 256–319 parts, 320 receipts, 321 keys, 322 hints.
	Slot int

	generation uint64
}

// Slots that the machine-made, unsequenced kinds own. docs/protocol.md §7.8
const (
	SlotReceipt    = 320
	SlotKeyNotice  = 321
	SlotCannotOpen = 322
)

// Effects is what came of something that arrived. It is durable when it is returned.
type Effects struct {
	// Reason is why it was refused, quarantined or counted as a duplicate; unspecified when it
	// was taken.
	Reason valisev1.Reason
	// Item is the item that tells of it; only when Recorded.
	Item     uint64
	Recorded bool
	// ReceiptTo lists the pairs whose ReceiptsDue has something new.
	ReceiptTo []Pair
	// Learn is a KeyBundle for the directory, which judges it; nil for none.
	Learn *valisev1.SignedObject
	// Send is at most one CannotOpen hint. Whether it leaves does not matter.
	Send []Publication
}

// Gateway is the protocol core of one home. All methods may be called from several goroutines;
// it starts none itself.
type Gateway struct {
	cfg       Config
	validator protovalidate.Validator
	random    sync.Mutex // guards cfg.Rand

	mu       sync.Mutex // guards what follows
	epoch    epochs
	secret   [32]byte // makes the nonces of record commitments
	schedule *schedule
	held     heldRows
	// relaySeen is the last answer of a relay for a peer's mailbox, until it is on disk.
	relaySeen map[Pair]uint64
	receipts  *receiptQueue
	ceiling   uint64 // batch numbers up to here are reserved on disk
	batch     uint64 // the last batch number used
	limits    limits
	quotas    *quotas
	parts     []Pair // may have parts to number
	uploads   int    // files being brought now
	unopened  []Pair // peers that do not know of the present epoch yet
	duties    duties
	calls     *valisev1.CallState // nil until it is read
	desk      desk                // has a lock of its own, taken after mu
	stopped   bool                // a copy of this node runs: nothing is sent

	releasing sync.Mutex // one plan of parts at a time; taken before mu
}

// contract holds payloads against the rules of the contract. One serves the whole process: it
// compiles the rules of a message once, which costs more than all else at a start, and then only
// reads them.
var contract = sync.OnceValues(func() (protovalidate.Validator, error) { return protovalidate.New() })

// New loads what the store holds, makes an epoch for a new home, and rebuilds the schedule from
// the outbox. docs/protocol.md §7.6
func New(ctx context.Context, cfg Config) (*Gateway, error) {
	if err := cfg.check(); err != nil {
		return nil, asError("start", err, valisev1.Reason_REASON_BAD_CONFIG)
	}
	validator, err := contract()
	if err != nil {
		return nil, &Error{Op: "start", Reason: valisev1.Reason_REASON_INTERNAL, Err: err}
	}
	g := &Gateway{cfg: cfg.withDefaults(), validator: validator}
	g.cfg.Store = halved(g.cfg.Store)
	g.schedule = newSchedule(g.jitter)
	g.relaySeen = map[Pair]uint64{}
	g.receipts = newReceiptQueue()
	g.limits = newLimits()
	g.quotas = newQuotas(g.cfg.Quota)
	if err := g.loadEpoch(ctx); err != nil {
		return nil, err
	}
	if err := g.forgetUnfinished(ctx); err != nil {
		return nil, err
	}
	if err := g.view(ctx, "start", g.rebuild); err != nil {
		return nil, err
	}
	// Keys and directory may have changed while nobody ran. docs/protocol.md §8.5
	if err := g.DirectoryChanged(ctx); err != nil {
		return nil, err
	}
	return g, nil
}

// Epoch is the present epoch of this home. docs/protocol.md §7.6
func (g *Gateway) Epoch() ident.Epoch {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.epoch.present()
}

func (c Config) check() error {
	if len(c.Ours) == 0 || c.Store == nil || c.Directory == nil || c.Signers == nil || c.Now == nil || c.Rand == nil {
		return refuse(valisev1.Reason_REASON_BAD_CONFIG, "a gateway needs addresses, store, directory, signers, clock and randomness")
	}
	if _, err := ident.ParseRealm(string(c.Realm)); err != nil {
		return refuse(valisev1.Reason_REASON_BAD_CONFIG, "a gateway needs a realm")
	}
	seen := map[ident.Track]bool{}
	for _, a := range c.Ours {
		if a.State != c.Ours[0].State || seen[a.Track] {
			return refuse(valisev1.Reason_REASON_BAD_CONFIG, "a home speaks for one State, once on each track")
		}
		if !c.Realm.Admits(a.State) {
			return refuse(valisev1.Reason_REASON_WRONG_REALM, "our State is not at home in this realm")
		}
		seen[a.Track] = true
	}
	return nil
}

func (c Config) withDefaults() Config {
	if c.LinkUp == nil {
		c.LinkUp = func() bool { return true }
	}
	if c.Changed == nil {
		c.Changed = func() {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// speaksFor reports whether a is a POC of ours.
func (c Config) speaksFor(a ident.Address) bool { return slices.Contains(c.Ours, a) }

// fill takes randomness; a source that gives none stops the act, it never weakens an id.
func (g *Gateway) fill(b []byte) error {
	g.random.Lock()
	defer g.random.Unlock()
	if _, err := io.ReadFull(g.cfg.Rand, b); err != nil {
		return &Error{Reason: valisev1.Reason_REASON_INTERNAL, Err: err, Detail: "there is no randomness, so nothing is signed"}
	}
	return nil
}

// jitter spreads delays so that nodes that woke together do not stay together.
func (g *Gateway) jitter(d time.Duration) time.Duration {
	if g.cfg.Jitter != nil {
		return g.cfg.Jitter(d)
	}
	var b [1]byte
	if err := g.fill(b[:]); err != nil {
		return d
	}
	return d + d/10*time.Duration(b[0])/256
}
