package gateway

import (
	"context"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// work is one run of one act within a transaction: what it may read, and what it wants done once
// it is durable. It is made anew for every run.
type work struct {
	tx     Tx
	g      *Gateway
	now    time.Time
	dir    Directory
	epochs epochs
	after  aftermath
}

// aftermath is what a durable transaction changes in memory. docs/protocol.md §7.4
type aftermath struct {
	pause   []ident.Digest     // have given up their slots
	publish []entry            // may leave now
	forget  []ident.Digest     // covered, withdrawn or replaced
	hold    []heldRow          // wait for their time
	unhold  []uint64           // ordinals that no longer wait
	dirty   []Pair             // have a receipt due
	repeat  []Pair             // sent something twice: a receipt at most once a minute
	again   []ident.Digest     // go out again at once
	missing []missing          // the peer's newest batch does not show these
	busy    map[Pair]time.Time // the peer takes nothing before
	alive   []Pair             // the peer's node was heard
	parts   []Pair             // may have parts to number
	spent   []spending         // what of peers was recorded
	desk    []ident.ThreadID   // may need our side now, or no longer

	epochs   epochs         // a new one has begun; nil for none
	secret   [32]byte       // with epochs
	unopened []Pair         // have not been told of it
	open     []Pair         // are known only now, and are to be told of the present one
	stopped  *bool          // nothing is sent any more, or again
	duties   []dutyQueue    // have something to do now
	later    []dutyDeferred // have something to do, but not yet
}

// update runs fn in one durable transaction and then lets memory follow. Every error has a
// reason; a storage error means that the outcome is unknown. P6
func (g *Gateway) update(ctx context.Context, op string, fn func(*work) error) error {
	var w *work
	err := g.cfg.Store.Update(ctx, func(tx Tx) error {
		w = g.newWork(tx)
		// The epoch may have changed in a commit that memory has not followed yet.
		e, err := w.epochList(tableMeta, metaEpoch)
		if err != nil {
			return err
		}
		if len(e) > 0 {
			w.epochs = e
		}
		return fn(w)
	})
	if err != nil {
		return asError(op, err, valisev1.Reason_REASON_STORAGE_UNKNOWN)
	}
	g.follow(w.now, w.after)
	// Not before: who looks at once must find what the change made due.
	g.cfg.Changed()
	return nil
}

// view runs fn on one consistent state of the store.
func (g *Gateway) view(ctx context.Context, op string, fn func(*work) error) error {
	err := g.cfg.Store.View(ctx, func(tx Tx) error { return fn(g.newWork(tx)) })
	return asError(op, err, valisev1.Reason_REASON_INTERNAL)
}

func (g *Gateway) newWork(tx Tx) *work {
	g.mu.Lock()
	e := g.epoch
	g.mu.Unlock()
	return &work{tx: tx, g: g, now: g.cfg.Now(), dir: g.cfg.Directory(), epochs: e}
}

// follow brings memory to where the committed transaction is. Its parts commute, so that the
// order in which two commits are followed does not matter.
func (g *Gateway) follow(now time.Time, a aftermath) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, d := range a.pause {
		g.schedule.pause(d)
	}
	for _, e := range a.publish {
		g.schedule.add(e, now)
	}
	for _, d := range a.forget {
		g.schedule.remove(d)
	}
	for p, until := range a.busy {
		g.schedule.setBusy(p, until, now)
		if until.IsZero() {
			g.schedule.showDropped(p, now)
		}
	}
	for _, p := range a.alive {
		g.schedule.heard(p, now)
	}
	for _, d := range a.again {
		g.schedule.again(d, now)
	}
	for _, m := range a.missing {
		g.schedule.showMissing(m, now)
	}
	for _, h := range a.hold {
		g.held = append(g.held, h)
	}
	for _, n := range a.unhold {
		g.held = g.held.without(n)
	}
	for _, p := range a.parts {
		if !slices.Contains(g.parts, p) {
			g.parts = append(g.parts, p)
		}
	}
	for _, p := range a.dirty {
		g.receipts.due(p, now)
	}
	for _, s := range a.spent {
		g.quotas.follow(s.from, s.at, s.size)
	}
	g.desk.changed(a.desk)
	for _, p := range a.repeat {
		g.receipts.repeat(p, now)
	}
	g.followLives(now, a)
}

// followLives is follow for what restores ask for.
func (g *Gateway) followLives(now time.Time, a aftermath) {
	if a.epochs != nil && (len(g.epoch) == 0 || slices.Index(a.epochs, g.epoch.present()) > 0) {
		g.epoch, g.secret, g.unopened = a.epochs, a.secret, a.unopened
	}
	for _, p := range a.open {
		if !slices.Contains(g.unopened, p) {
			g.unopened = append(g.unopened, p)
		}
	}
	if a.stopped != nil {
		g.stopped = *a.stopped
	}
	for _, q := range a.duties {
		g.duties.add(q, now)
	}
	for _, d := range a.later {
		g.duties.add(d.queue, d.at)
	}
	for _, p := range a.alive {
		g.duties.heard(p, now)
	}
}

// append adds an item of now to the record and, where it belongs to a thread, to its list.
func (w *work) append(item *valisev1.Item) (uint64, error) {
	return w.appended(item, w.tx.Append)
}

// appendSigned is append of a message of ours that is yet to be signed: signing takes longer than
// all else that an act does, and need not keep the next act waiting.
func (w *work) appendSigned(item *valisev1.Item, c seal.Content, sign func() ([]byte, error)) (uint64, error) {
	return w.appended(item, func(item *valisev1.Item) (uint64, error) {
		return w.tx.AppendSigned(item, c.SignedSize(), sign)
	})
}

func (w *work) appended(item *valisev1.Item, to func(*valisev1.Item) (uint64, error)) (uint64, error) {
	item.Recorded = timestamppb.New(w.now)
	n, err := to(item)
	if err != nil {
		return 0, err
	}
	if err := w.indexSigned(item, n); err != nil {
		return 0, err
	}
	if t, ok := ident.ThreadIDFrom(item.GetThread()); ok {
		return n, w.indexThreadItem(t, n)
	}
	return n, nil
}
