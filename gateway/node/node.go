package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"google.golang.org/grpc"

	"valise.example/api"
	"valise.example/directory"
	"valise.example/gateway"
	"valise.example/gateway/node/crashpoint"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
	"valise.example/store"
)

const directoryLook = time.Second // how often the book's folder is looked at

// OpenConfig is what a home does not say of itself.
type OpenConfig struct {
	Passphrase []byte
	Logger     *slog.Logger
	Now        func() time.Time
	Rand       io.Reader
}

// Node is a home that runs, or is about to.
type Node struct {
	home    *Home
	config  Config
	log     *slog.Logger
	now     func() time.Time
	store   *store.Store
	book    *directory.Book
	gateway *gateway.Gateway
	people  *officers
	changes *bell // rung after every durable change
	mail    *mail
	started time.Time
}

// Open takes the home for this process: a second process gets REASON_HOME_IN_USE.
func Open(dir string, oc OpenConfig) (*Node, error) {
	home, err := OpenHome(dir, oc.Passphrase)
	if err != nil {
		return nil, err
	}
	book, err := home.Directory()
	if err != nil {
		return nil, err
	}
	s, err := store.Open(filepath.Join(dir, recordFile), store.Config{
		RecordKey: home.keys.record, Realm: home.config.Realm, Now: oc.Now, Rand: oc.Rand, Logger: oc.Logger,
	})
	if err != nil {
		return nil, err
	}
	n := &Node{
		home: home, config: home.config, log: oc.Logger, now: oc.Now, store: s, book: book,
		changes: newBell(), started: oc.Now(),
	}
	n.people = &officers{store: s, now: oc.Now, rand: oc.Rand, saved: n.changes.ring}
	n.mail = newMail(n)
	if n.gateway, err = gateway.New(context.Background(), n.gatewayConfig(oc)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return n, nil
}

func (n *Node) gatewayConfig(oc OpenConfig) gateway.Config {
	fourEyes := map[ident.Track]bool{}
	for _, t := range n.config.FourEyes {
		fourEyes[t] = true
	}
	return gateway.Config{
		Realm:     n.config.Realm,
		Ours:      n.config.Addresses(),
		Store:     keeper{n.store},
		Directory: func() gateway.Directory { return n.book.Snapshot() },
		Signers:   n.home.keys,
		Now:       oc.Now,
		Rand:      oc.Rand,
		LinkUp:    n.mail.linkUp,
		FourEyes:  fourEyes,
		Logger:    oc.Logger,
		Sealing:   n.sealingKeyID,
		Head:      n.recordHead,
		Changed:   n.changes.ring,
	}
}

// Gateway is the protocol core of this node.
func (n *Node) Gateway() *gateway.Gateway { return n.gateway }

// Officers says who may do what on this node. A-9 s4
func (n *Node) Officers() api.Officers { return n.people }

// Directory is the directory in force, and the way to take a new one.
func (n *Node) Directory() api.DirectoryKeeper { return directoryKeeper{n} }

// Close gives the home back. Run must have ended.
func (n *Node) Close() error { return n.store.Close() }

// Run serves the operator's door and the mail until ctx ends. ready is called once, with the
// State's code, when the door is open; the relay may come later, in any order.
func (n *Node) Run(ctx context.Context, ready func(state string)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	server, err := n.serve(ctx)
	if err != nil {
		return err
	}
	var work sync.WaitGroup
	work.Go(func() { n.mail.run(ctx) })
	work.Go(func() { n.watchDirectory(ctx) })
	var broken error
	work.Go(func() {
		if broken = n.watchRecord(ctx); broken != nil {
			stop()
		}
	})
	ready(n.config.State.String())
	err = server.wait(ctx)
	stop()
	work.Wait()
	return errors.Join(broken, err)
}

// watchRecord ends the node when the record has stopped: the outcome of the last act is unknown
// until it is opened again, and nothing can be taken before. P6
func (n *Node) watchRecord(ctx context.Context) error {
	tick := time.NewTicker(directoryLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if why := n.accepting(); why != valisev1.Reason_REASON_UNSPECIFIED {
			return &Fault{Why: why, Detail: "the record stopped after a storage error and must be opened again: start the node anew"}
		}
	}
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
	if err := n.gateway.DirectoryChanged(ctx); err != nil {
		n.log.Error("messages that waited for the directory still wait", slog.String("reason", reasonText(err)))
	}
	n.mail.wake.ring()
	n.changes.ring()
}

// door is the gRPC server on the home's socket.
type door struct {
	service *api.Server
	server  *grpc.Server
	ended   chan error
}

func (n *Node) serve(ctx context.Context) (*door, error) {
	listener, err := api.ListenUnix(filepath.Join(n.home.dir, SocketFile))
	if err != nil {
		return nil, err
	}
	service := api.New(api.Config{
		Gateway:   n.gateway,
		Record:    recordReader{n},
		Node:      statusReader{n},
		Directory: directoryKeeper{n},
		Officers:  n.people,
		Changes:   n.changes.listen,
		Logger:    n.log,
	})
	server := grpc.NewServer(append(service.ServerOptions(), atTheDoor()...)...)
	service.Register(server)
	d := &door{service: service, server: server, ended: make(chan error, 1)}
	go func() { d.ended <- server.Serve(listener) }()
	return d, nil
}

// wait ends when ctx does or the door breaks. Every Watch ends at once; calls under way get a
// moment to finish and are cut after it.
func (d *door) wait(ctx context.Context) error {
	select {
	case err := <-d.ended:
		return fmt.Errorf("node: the operator's door closed by itself, so nobody could act: %w", err)
	case <-ctx.Done():
	}
	d.service.Close()
	graceful := make(chan struct{})
	go func() { d.server.GracefulStop(); close(graceful) }()
	select {
	case <-graceful:
	case <-time.After(2 * time.Second):
		d.server.Stop()
		<-graceful
	}
	return <-d.ended
}

// sealingKeyID names the key that mail for one of our POCs should be sealed to now.
func (n *Node) sealingKeyID(a ident.Address) ([32]byte, bool) {
	held := n.home.keys.sealing[a.Track]
	if len(held) == 0 {
		return [32]byte{}, false
	}
	return held[0].key.Recipient().ID(), true
}

func (n *Node) recordHead(ctx context.Context) (size uint64, root [32]byte, err error) {
	crashpoint.Hit("D10")
	head, err := n.store.Head(ctx)
	return head.Size, head.Root, err
}

func (n *Node) opener() seal.Opener {
	return seal.Opener{
		Realm:   n.config.Realm,
		Keys:    func() []seal.HeldKey { return n.home.keys.held(n.config) },
		Resolve: resolving(n.book.Snapshot().Speaker),
		Mine:    n.config.speaks,
	}
}

// keeper lets the core use the store through its own small interface.
type keeper struct{ store *store.Store }

func (k keeper) Update(ctx context.Context, fn func(gateway.Tx) error) error {
	return commit(ctx, k.store, func(tx store.Tx) error { return fn(tx) })
}

func (k keeper) View(ctx context.Context, fn func(gateway.Tx) error) error {
	return k.store.View(ctx, func(tx store.Tx) error { return fn(tx) })
}

// accepting says why the record takes nothing any more; unspecified while it does. P6
func (n *Node) accepting() valisev1.Reason {
	if err := n.store.View(context.Background(), func(store.Tx) error { return nil }); err != nil {
		return valisev1.Reason_REASON_STORAGE_UNKNOWN
	}
	return valisev1.Reason_REASON_UNSPECIFIED
}
