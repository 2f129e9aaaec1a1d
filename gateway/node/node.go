package node

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"valise.example/api"
	"valise.example/directory"
	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

const directoryLook = time.Second // how often the book's folder is looked at

// OpenConfig is what a home does not say of itself.
type OpenConfig struct {
	Passphrase []byte
	Logger     *slog.Logger
	Now        func() time.Time
	Rand       io.Reader
	// Version of the program, as monitors read it.
	Version string
	// Running is for how long this process has run, by a clock that nobody can set; nil: as the
	// operating system says. docs/protocol.md §8.5
	Running func() time.Duration
	// Disk measures the home's file system; nil: as the operating system says.
	Disk Disk
	// Clock is in the place of Now where that does not run as the machine's; nil: it does. An operational
	// home refuses it with WRONG_REALM. docs/protocol.md §12.6
	Clock Clock
	// Exercise is what is played, from whoever conducts it; nil: nobody does. An operational home refuses it
	// with WRONG_REALM. docs/protocol.md §12.6
	Exercise api.Exercise
}

// Node is a home that runs, or is about to.
type Node struct {
	home         *Home
	config       Config
	log          *slog.Logger
	now          func() time.Time
	rand         io.Reader
	disk         Disk
	life         atomic.Pointer[life]
	book         *directory.Book
	people       *officers
	door         *tls.Certificate // of the door over TCP; nil: there is none
	changes      *Bell            // rung after every durable change
	mail         *mail
	relayed      *relayed
	metrics      *metrics
	pulse        pulse
	started      time.Time
	items        atomic.Uint64 // as many as were seen
	time         *timekeeper
	keyWork      sync.Mutex            // one at a time makes or destroys keys
	warned       int                   // how near the end of a signing key was when it was last told of; under keyWork
	warnedOf     map[ident.Address]int // of the sealing keys of each peer; guarded by keyWork
	warnedReview int                   // the same of the review of our entry; under keyWork
	others       othersKept            // has a lock of its own
	exercise     api.Exercise          // nil: none is conducted
	clock        Clock                 // nil: as that of the machine
}

// Open takes the home for this process: a second process gets REASON_HOME_IN_USE. A home of an earlier
// form is led forward, with a backup first. docs/protocol.md §9.5
func Open(dir string, oc OpenConfig) (*Node, error) {
	home, err := OpenHome(dir, oc.Passphrase)
	if err != nil {
		return nil, err
	}
	return openNode(home, oc, true)
}

// openNode leads the home forward first where it has an earlier form; with keep it makes a backup before.
func openNode(home *Home, oc OpenConfig, keep bool) (*Node, error) {
	if oc.Clock != nil {
		oc.Now = oc.Clock.Now
	}
	if (oc.Exercise != nil || oc.Clock != nil) && home.config.Realm.IsOperational() {
		return nil, &Fault{Why: valisev1.Reason_REASON_WRONG_REALM, Detail: "a node of the operational realm takes no part in an exercise"}
	}
	book, err := home.Directory()
	if err != nil {
		return nil, err
	}
	n := &Node{
		home: home, config: home.config, log: oc.Logger, now: oc.Now, rand: oc.Rand, book: book,
		changes: NewBell(), started: oc.Now(), time: newTimekeeper(oc.Running), exercise: oc.Exercise, clock: oc.Clock,
	}
	n.metrics = newMetrics(n, oc.Version)
	n.pulse.beat = n.beat
	if n.disk = oc.Disk; n.disk == nil {
		n.disk = func() (free, total uint64, err error) { return spaceAt(home.dir) }
	}
	n.people = &officers{store: record{n}, now: oc.Now, rand: oc.Rand, tracks: home.config.Tracks, saved: n.changes.Ring}
	if n.door, err = openDoor(home, oc.Passphrase); err != nil {
		return nil, err
	}
	n.mail = newMail(n)
	n.relayed = newRelayed(n)
	if err := n.upgrade(context.Background(), oc.Passphrase, keep); err != nil {
		return nil, err
	}
	first, err := n.begin(context.Background())
	if err != nil {
		return nil, err
	}
	n.life.Store(first)
	if _, err := n.people.List(context.Background()); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	n.watchOwnEntry(context.Background())
	if err := n.recallVerified(context.Background()); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

func (n *Node) gatewayConfig(l *life) gateway.Config {
	fourEyes := map[ident.Track]bool{}
	for _, t := range n.config.FourEyes {
		fourEyes[t] = true
	}
	return gateway.Config{
		Realm:     n.config.Realm,
		Ours:      n.config.Addresses(),
		Store:     keeper{l},
		Directory: func() gateway.Directory { return n.book.Snapshot() },
		Signers:   signers{n},
		Now:       n.now,
		Rand:      n.rand,
		LinkUp:    n.mail.linkUp,
		FourEyes:  fourEyes,
		Retention: n.config.Retention.ClosedThreads,
		Logger:    n.log,
		Sealing:   n.sealingKeyID,
		Head:      l.head,
		Prove:     l.prove,
		Leaves:    l.leaves,
		Space:     n.space,
		Quota:     gateway.Quota{Items: n.config.Quota.ItemsPerDay, Bytes: n.config.Quota.BytesPerDay},
		Changed:   n.changes.Ring,
		OwnRule:   n.config.Deadlines,
		Pace:      n.pace,
		Calls:     n.config.Away.callRules(),
	}
}

// Gateway is the protocol core of this node. After a storage error there is another one, so
// nobody keeps it for longer than an act.
func (n *Node) Gateway() *gateway.Gateway { return n.life.Load().gateway }

// Officers says who may do what on this node. A-9 s4
func (n *Node) Officers() api.Officers { return n.people }

// Directory is the directory in force, and the way to take a new one.
func (n *Node) Directory() api.DirectoryKeeper { return directoryKeeper{n} }

// Changes gives a channel that receives after every durable change, and a function that ends it:
// for whoever runs a node in a process of its own and waits for what the record tells.
func (n *Node) Changes() (<-chan struct{}, func()) { return n.changes.Listen() }

// Close gives the home back. Run must have ended.
func (n *Node) Close() error { return n.life.Load().store.Close() }

// Run serves the operator's door and the mail until ctx ends. ready is called once, with the
// State's code, when the door is open; the relay may come later, in any order.
func (n *Node) Run(ctx context.Context, ready func(state string)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	health, err := n.listenHealth()
	if err != nil {
		return err
	}
	door, err := n.serve()
	if err != nil {
		return errors.Join(err, closeHealth(health))
	}
	work := start(ctx, stop, n.tasks(door, health))
	ready(n.config.State.String())
	err = door.wait(ctx)
	stop()
	return errors.Join(work(), err)
}

// watchDirectory takes up what another process, such as "directory import", wrote to the book.
func (n *Node) watchDirectory(ctx context.Context) {
	tick := time.NewTicker(directoryLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		changed, err := n.book.Reload()
		if err != nil {
			n.log.Error("a new directory cannot be used; the one before stays in force", slog.String("reason", reasonText(err)))
		}
		if changed {
			n.directoryChanged(ctx)
		}
	}
}

// directoryChanged lets what waited for a key, a peer or a relay go on.
func (n *Node) directoryChanged(ctx context.Context) {
	if err := n.Gateway().DirectoryChanged(ctx); err != nil {
		n.log.Error("messages that waited for the directory still wait", slog.String("reason", reasonText(err)))
	}
	n.watchOwnEntry(ctx)
	n.mail.wake.Ring()
	n.changes.Ring()
}

// sealingKeyID names the key that mail for one of our POCs should be sealed to now.
func (n *Node) sealingKeyID(a ident.Address) ([32]byte, bool) {
	k, ok := n.home.keys.currentSealing(a.Track, n.now())
	if !ok {
		return [32]byte{}, false
	}
	return k.key.Recipient().ID(), true
}

// opener opens mail that came to the mailbox of one of our POCs: its keys are tried first, which
// spares mail in the right box the try of every other key.
func (n *Node) opener(box ident.Address) seal.Opener {
	return seal.Opener{
		Realm:   n.config.Realm,
		Keys:    func() []seal.HeldKey { return n.home.keys.held(n.config, box) },
		Resolve: resolving(n.book.Snapshot().Claimant),
		Mine:    n.config.speaks,
	}
}
