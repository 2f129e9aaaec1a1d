package node

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"valise.example/gateway"
	"valise.example/gateway/node/crashpoint"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

// life is the record while it is open, and the core whose memory was made from it. After a storage
// error nobody knows what of the last commit is durable, so both are made anew and neither is
// asked again. P6
type life struct {
	store   *store.Store
	gateway *gateway.Gateway
	metrics *metrics
	over    chan struct{} // closed when the record has stopped
	next    chan struct{} // closed when another life has taken the place of this one
	end     sync.Once
	writes  atomic.Uint64 // how often it was written to, or may have been
}

// begin opens the record, which checks it first where it was not closed in order, and makes the
// core's memory from it.
func (n *Node) begin(ctx context.Context) (*life, error) {
	s, err := store.Open(filepath.Join(n.home.dir, recordFile), store.Config{
		RecordKey: n.home.keys.record, Realm: n.config.Realm, Now: n.now, Rand: n.rand, Logger: n.log,
	})
	if err != nil {
		return nil, err
	}
	l := &life{store: s, metrics: n.metrics, over: make(chan struct{}), next: make(chan struct{})}
	if l.gateway, err = gateway.New(ctx, n.gatewayConfig(l)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return l, nil
}

// note looks, after an error, whether the record has stopped, and ends the life with it. What was
// asked of a record that had stopped before has not happened, and is told so.
func (l *life) note(err error) error {
	if err == nil {
		return nil
	}
	if _, gone := l.store.Head(context.Background()); gone != nil {
		l.end.Do(func() { close(l.over) })
	}
	switch _, damaged := errors.AsType[*store.Damaged](err); {
	case errors.Is(err, store.ErrStopped), errors.Is(err, store.ErrClosed):
		return &Fault{Why: valisev1.Reason_REASON_NOT_ACCEPTING, Detail: "the record stopped after a storage error and is being opened again", Err: err}
	case damaged:
		return &Fault{Why: valisev1.Reason_REASON_RECORD_DAMAGED, Detail: "the record is damaged", Err: err}
	}
	return err
}

// check ends a life whose record has stopped without anybody hearing of it.
func (l *life) check() error {
	return l.note(l.store.View(context.Background(), func(store.Tx) error { return nil }))
}

func (l *life) isOver() bool {
	select {
	case <-l.over:
		return true
	default:
		return false
	}
}

// keeper lets the core use the record of its own life through the core's own small interface.
type keeper struct{ life *life }

// Update is store.Update. What it appended is counted once it is durable.
func (k keeper) Update(ctx context.Context, fn func(gateway.Tx) error) error {
	var items []*valisev1.Item
	err := commit(ctx, k.life.store, func(tx store.Tx) error {
		items = nil // of several runs the last one counts
		return fn(tallied{tx, &items})
	})
	k.life.writes.Add(1)
	if err == nil {
		k.life.metrics.count(items)
	}
	return k.life.note(err)
}

// View is store.View.
func (k keeper) View(ctx context.Context, fn func(gateway.Tx) error) error {
	return k.life.note(k.life.store.View(ctx, func(tx store.Tx) error { return fn(tx) }))
}

// record is the record of whatever life there is now.
type record struct{ node *Node }

// Update is store.Update.
func (r record) Update(ctx context.Context, fn func(store.Tx) error) error {
	l := r.node.life.Load()
	err := l.store.Update(ctx, fn)
	l.writes.Add(1)
	return l.note(err)
}

// View is store.View.
func (r record) View(ctx context.Context, fn func(store.Tx) error) error {
	l := r.node.life.Load()
	return l.note(l.store.View(ctx, fn))
}

// Head is store.Head.
func (r record) Head(ctx context.Context) (store.Head, error) {
	l := r.node.life.Load()
	head, err := l.store.Head(ctx)
	return head, l.note(err)
}

// awaitRecord returns true once the record is open, and false when ctx has ended.
func (n *Node) awaitRecord(ctx context.Context) bool {
	for ctx.Err() == nil {
		l := n.life.Load()
		if !l.isOver() {
			return true
		}
		select {
		case <-l.next:
		case <-ctx.Done():
		}
	}
	return false
}

// accepting says why the record takes nothing any more; unspecified while it does. P6
func (n *Node) accepting() valisev1.Reason {
	if n.life.Load().check() != nil {
		return valisev1.Reason_REASON_STORAGE_UNKNOWN
	}
	return valisev1.Reason_REASON_UNSPECIFIED
}

// watchRecord opens the record again each time it has stopped. It returns an error when it must
// stay closed: it is damaged, or it is not ours. P6
func (n *Node) watchRecord(ctx context.Context, serving func(bool)) error {
	var retry backoff
	for {
		if !n.untilOver(ctx) {
			return nil
		}
		serving(false)
		if err := n.reopen(ctx, &retry); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		serving(true)
	}
}

// untilOver waits for the end of this life; false when ctx ends first. It also asks now and then,
// for a record can stop in an act whose caller has gone.
func (n *Node) untilOver(ctx context.Context) bool {
	tick := time.NewTicker(directoryLook)
	defer tick.Stop()
	l := n.life.Load()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-l.over:
			return true
		case <-tick.C:
			_ = l.check()
		}
	}
}

// reopen closes what has stopped and opens the record until that succeeds or can never succeed.
// What the last commit was is decided by what is on disk and, for whoever asks again, by the
// request id. docs/protocol.md §9.1
func (n *Node) reopen(ctx context.Context, retry *backoff) error {
	old := n.life.Load()
	n.log.Warn("the record is closed and opened again after a storage error")
	if err := old.store.Close(); err != nil {
		n.log.Warn("the record that stopped did not close in order", slog.String("reason", reasonText(err)))
	}
	for retry.wait(ctx) {
		next, err := n.begin(ctx)
		if err == nil {
			n.take(old, next)
			return nil
		}
		if ctx.Err() == nil && lasting(err) {
			return &Fault{Why: ReasonOf(err), Detail: "the record stopped after a storage error and cannot be opened again", Err: err}
		}
		n.log.Error("the record cannot be opened yet", slog.String("reason", reasonText(err)))
	}
	return nil
}

// take puts the next life in the place of the one that is over, and lets it catch up with what
// link and directory did meanwhile.
func (n *Node) take(old, next *life) {
	n.life.Store(next)
	close(old.next)
	n.log.Info("the record is open again")
	n.directoryChanged(context.Background())
	if n.mail.linkUp() {
		next.gateway.LinkChanged(true, false, n.now())
	}
	n.changes.Ring()
}

// lasting reports an error that waiting does not mend: the file is damaged, gone, unsafe, or
// belongs to another key or realm. What the disk refuses now it may take later.
func lasting(err error) bool {
	if errors.Is(err, store.ErrNoChild) {
		return true
	}
	switch ReasonOf(err) {
	case valisev1.Reason_REASON_RECORD_DAMAGED, valisev1.Reason_REASON_KEY_CHANGED, valisev1.Reason_REASON_WRONG_REALM,
		valisev1.Reason_REASON_NOT_FOUND, valisev1.Reason_REASON_UNSAFE_PERMISSIONS, valisev1.Reason_REASON_LATER_VERSION:
		return true
	}
	return false
}

func (l *life) head(ctx context.Context) (size uint64, root [32]byte, err error) {
	crashpoint.Hit("D10")
	head, err := l.store.Head(ctx)
	return head.Size, head.Root, l.note(err)
}

// prove leads from an item to a head of the record. docs/protocol.md §9.4
func (l *life) prove(ctx context.Context, number, size uint64) (stored [32]byte, path [][32]byte, err error) {
	proof, err := l.store.ProveItem(ctx, number, size)
	return proof.Leaf.Stored, proof.Path, l.note(err)
}

// leaves are those of some items under a head of the record. docs/protocol.md §9.6
func (l *life) leaves(ctx context.Context, size uint64, numbers []uint64) (root [32]byte, leaves [][32]byte, err error) {
	head, leaves, err := l.store.Leaves(ctx, size, numbers)
	return head.Root, leaves, l.note(err)
}
