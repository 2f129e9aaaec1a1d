package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// View runs fn on the last durable state. What fn reads is on disk for good: a commit that
// bbolt shows before its last sync is waited for. Writing gives ErrReadOnly. fn should be
// short, since old pages are kept for it, and must not call Update. Errors: what fn returns,
// ErrNotStarted, ErrStopped, ErrClosed, *Damaged, *Panicked.
func (s *Store) View(ctx context.Context, fn func(Tx) error) error {
	return s.read(ctx, func(snap *snapshot) error {
		t := &txn{below: snap}
		defer func() { t.done = true }()
		return contained(func() error { return fn(t) })
	})
}

// read runs fn on a durable snapshot.
func (s *Store) read(ctx context.Context, fn func(*snapshot) error) (err error) {
	if err := s.usable(ctx); err != nil {
		return err
	}
	defer s.contain(&err)()
	err = s.db.View(func(tx *bolt.Tx) error {
		if err := s.awaitDurable(ctx, tx); err != nil {
			return err
		}
		keys := s.keys.Load()
		h, err := readHead(tx, keys)
		if err != nil {
			return err
		}
		return fn(&snapshot{tx: tx, keys: keys, head: h})
	})
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

// awaitDurable waits while tx shows a commit that is not yet synced. bbolt writes the meta
// page, which makes the commit visible, before it syncs it; a receipt made from such a state
// could leave for something that a power failure takes back. P4
func (s *Store) awaitDurable(ctx context.Context, tx *bolt.Tx) error {
	for int64(tx.ID()) > s.durable.Load() {
		fl := s.flight.Load()
		if int64(tx.ID()) <= s.durable.Load() {
			break
		}
		select {
		case <-fl.done:
		case <-ctx.Done():
			return notStarted(ctx)
		}
		if err := s.failure(); err != nil {
			return err
		}
		if int64(tx.ID()) > s.durable.Load() && s.flight.Load() == fl {
			return &Damaged{What: "the file holds a commit that is not of this Store"}
		}
	}
	return nil
}

// usable reports why the Store cannot be used now.
func (s *Store) usable(ctx context.Context) error {
	if ctx.Err() != nil {
		return notStarted(ctx)
	}
	select {
	case <-s.stopping:
		return ErrClosed
	default:
	}
	return s.failure()
}

// failure gives ErrStopped with its cause once the Store has stopped.
func (s *Store) failure() error {
	if f := s.failed.Load(); f != nil {
		return fmt.Errorf("%w: %w", ErrStopped, f.err)
	}
	return nil
}

// stop makes the Store refuse everything from now on (P6) and gives what the callers of the
// batch hear: *Unknown, unless the error is surely from before the commit.
func (s *Store) stop(err error) error {
	before, ok := errors.AsType[*notCommitted](err)
	if ok {
		err = before.err
	} else if !isDamage(err) {
		err = &Unknown{Err: err}
	}
	if s.failed.CompareAndSwap(nil, &failure{err: err}) {
		s.cfg.Logger.Error("the record stopped and must be opened again", slog.String("reason", ReasonOf(err).String()))
	}
	return err
}

// contain turns a panic in this goroutine into an error and stops the Store: it comes from
// storage that cannot be read. Use as defer s.contain(&err)().
func (s *Store) contain(err *error) func() {
	before := debug.SetPanicOnFault(true)
	return func() {
		p := recover()
		debug.SetPanicOnFault(before)
		if p != nil {
			*err = &Damaged{What: "a page of the file cannot be read"}
		}
		if fault, ok := errors.AsType[*storageFault](*err); ok {
			*err = fault.damage
		} else if p == nil {
			return
		}
		_ = s.stop(*err)
	}
}

// containedUpdate is bbolt's Update; whatever panics in it is an error.
func (s *Store) containedUpdate(fn func(*bolt.Tx) error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(before)
		if p := recover(); p != nil {
			err = fmt.Errorf("the storage panicked: %v", p)
		}
	}()
	return s.db.Update(fn)
}

// contained runs a caller's function. Its panic becomes *Panicked; memory of the file that is
// not there becomes a storageFault.
func contained(fn func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer func() {
		p := recover()
		debug.SetPanicOnFault(before)
		if p == nil {
			return
		}
		if _, fault := p.(interface{ Addr() uintptr }); fault {
			err = &storageFault{damage: &Damaged{What: "a page of the file cannot be read"}}
			return
		}
		err = &Panicked{Value: p, Stack: debug.Stack()}
	}()
	return fn()
}

// storageFault marks damage that must stop the Store.
type storageFault struct{ damage *Damaged }

func (f *storageFault) Error() string { return f.damage.Error() }
func (f *storageFault) Unwrap() error { return f.damage }
