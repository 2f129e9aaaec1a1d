package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	bolt "go.etcd.io/bbolt"
)

const (
	// queueLength is how many callers wait in the queue; more wait at its door. P7
	queueLength = 256
	// batchLength and batchBytes end a batch, so that its first caller does not wait for ever
	// and the memory stays bounded. P7
	batchLength = 256
	batchBytes  = 4 << 20
)

// request is one Update that waits, runs or is done. Its function runs on its caller's own
// goroutine when the committer gives it the turn.
type request struct {
	taken atomic.Bool // by the committer, or by a caller that gives up
	turn  chan *txn
	ran   chan error
	done  chan error
}

func newRequest() *request {
	return &request{turn: make(chan *txn), ran: make(chan error), done: make(chan error, 1)}
}

// Update runs fn in a transaction and commits it, together with whatever else waits, in one
// durable commit. If fn returns an error or panics (*Panicked) nothing of it is stored and no
// other caller is harmed; an error that fn returns comes back as it is.
//
// ctx counts until fn starts: then ErrNotStarted, and nothing is stored. After that Update
// waits for the outcome. *Unknown says that the commit gave an error, to every caller of the
// batch; from then on all answers are ErrStopped. Others: ErrClosed, ErrReadOnly, *Damaged.
// fn must not call Update or View, nor keep its Tx. docs/protocol.md §9.1
func (s *Store) Update(ctx context.Context, fn func(Tx) error) error {
	if s.readOnly {
		return ErrReadOnly
	}
	if err := s.usable(ctx); err != nil {
		return err
	}
	r := newRequest()
	select {
	case s.queue <- r:
	case <-ctx.Done():
		return notStarted(ctx)
	case <-s.dead:
		return ErrClosed
	}
	return r.await(ctx, s.dead, fn)
}

// await waits for the turn, runs fn and waits for the outcome.
func (r *request) await(ctx context.Context, dead <-chan struct{}, fn func(Tx) error) error {
	select {
	case t := <-r.turn:
		r.run(t, fn)
	case err := <-r.done:
		return err
	case <-ctx.Done():
		if r.take() {
			return notStarted(ctx)
		}
		return r.late(fn)
	case <-dead:
		if r.take() {
			return ErrClosed
		}
		return r.late(fn)
	}
	return <-r.done
}

// late goes on where the committer took the request in the moment that the caller gave up.
func (r *request) late(fn func(Tx) error) error {
	select {
	case t := <-r.turn:
		r.run(t, fn)
		return <-r.done
	case err := <-r.done:
		return err
	}
}

// take is won by one side only.
func (r *request) take() bool { return r.taken.CompareAndSwap(false, true) }

// run calls fn and tells the committer, also when fn panics or ends its goroutine. Then it signs.
func (r *request) run(t *txn, fn func(Tx) error) {
	if r.runOnly(t, fn) == nil {
		t.sign()
	}
}

func (r *request) runOnly(t *txn, fn func(Tx) error) (err error) {
	err = errAbandoned
	defer func() {
		t.done = true
		r.ran <- err
	}()
	err = contained(func() error { return fn(t) })
	return err
}

var errAbandoned = errors.New("store: the function ended its goroutine, nothing was stored")

func notStarted(ctx context.Context) error {
	return fmt.Errorf("%w: %w", ErrNotStarted, context.Cause(ctx))
}

// loop is the committer: one goroutine that takes whatever waits into one commit as soon as
// the last one has ended. No timer: a lone caller never waits for company.
func (s *Store) loop() {
	defer close(s.dead)
	for {
		select {
		case <-s.stopping:
			return
		case r := <-s.queue:
			s.commit(r)
		}
	}
}

// batch is what goes into one commit.
type batch struct {
	s        *Store
	snap     *snapshot
	merged   *layer
	results  []result
	gathered chan struct{}
	// What the commit makes true once it is durable.
	next head
	edge *frontier
	txid int64
}

// result is how one function ended; its caller hears it after the commit, for it may rest on
// what the batch wrote.
type result struct {
	r   *request
	err error
}

// errNothing rolls back a batch that wrote nothing.
var errNothing = errors.New("store: nothing to commit")

// notCommitted is an error from before the commit began: the outcome is known.
type notCommitted struct{ err error }

func (n *notCommitted) Error() string { return n.err.Error() }
func (n *notCommitted) Unwrap() error { return n.err }

func (s *Store) commit(first *request) {
	if err := s.failure(); err != nil {
		if first.take() {
			first.done <- err
		}
		return
	}
	b := &batch{s: s, merged: newLayer(), gathered: make(chan struct{})}
	fl := &flight{done: make(chan struct{})}
	s.flight.Store(fl)
	err := s.containedUpdate(func(tx *bolt.Tx) error {
		b.txid = int64(tx.ID())
		b.snap = &snapshot{tx: tx, keys: s.keys.Load(), head: *s.head.Load()}
		b.gather(first)
		if b.merged.isEmpty() {
			return errNothing
		}
		if err := b.apply(); err != nil {
			return &notCommitted{err: err}
		}
		return nil
	})
	s.conclude(b, first, err)
	close(fl.done)
}

// conclude makes the commit known, or stops the Store, and answers every caller.
func (s *Store) conclude(b *batch, first *request, err error) {
	switch {
	case errors.Is(err, errNothing):
		err = nil
	case err == nil:
		if s.landed != nil {
			s.landed()
		}
		s.edge = b.edge
		s.head.Store(&b.next)
		s.durable.Store(b.txid)
	default:
		err = s.stop(err)
	}
	if len(b.results) == 0 && err != nil && first.take() {
		first.done <- err
	}
	for _, res := range b.results {
		if err != nil {
			res.err = err
		}
		res.r.done <- res.err
	}
}

// gather gives the turn to the first caller and to all that wait behind it. When nobody waits it
// lets whoever can run do so once: on a busy machine they are about to come, and a commit costs
// much the same for ten as for one. Alone it goes on at once, without a timer.
func (b *batch) gather(first *request) {
	defer close(b.gathered)
	b.run(first)
	for yielded := false; len(b.results) < batchLength && b.merged.size < batchBytes; {
		select {
		case r := <-b.s.queue:
			b.run(r)
		default:
			if yielded {
				return
			}
			yielded = true
			runtime.Gosched()
		}
	}
}

func (b *batch) run(r *request) {
	if !r.take() {
		return
	}
	own := newLayer()
	t := &txn{below: b.snap, batch: b.merged, own: own, gathered: b.gathered, now: b.s.cfg.Now}
	r.turn <- t
	err := <-r.ran
	if err == nil && t.broken != nil {
		err = t.broken
	}
	if err == nil {
		b.merged.take(own)
	}
	b.results = append(b.results, result{r: r, err: err})
}
