package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
	"valise.example/store/storetest"
)

// busy keeps the committer in a transaction until release is called, which waits for its end.
// Where the batch cannot be committed its end is *Unknown, as for all of the batch.
func busy(t *testing.T, s *store.Store) (release func()) {
	t.Helper()
	running, free, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		ended <- s.Update(context.Background(), func(store.Tx) error {
			close(running)
			<-free
			return nil
		})
	}()
	<-running
	return func() {
		close(free)
		err := <-ended
		if _, unknown := errors.AsType[*store.Unknown](err); err != nil && !unknown {
			t.Error(err)
		}
	}
}

// queued starts an Update behind a busy committer and gives its outcome.
func queued(ctx context.Context, s *store.Store, fn func(store.Tx) error) <-chan error {
	out := make(chan error, 1)
	go func() { out <- s.Update(ctx, fn) }()
	return out
}

func TestWaitingTransactionsShareOneCommit(t *testing.T) {
	s := storetest.New(t)
	fill(t, s, 1)
	release := busy(t, s)
	before := store.Commits(s)
	var outcomes []<-chan error
	const callers = 20
	waiting := make(chan struct{}, callers)
	for n := range callers {
		fn := func(tx store.Tx) error {
			if _, err := tx.Append(storetest.Item(byte(n))); err != nil {
				return err
			}
			switch n {
			case 3:
				return errTest
			case 11:
				panic("in a batch")
			}
			return nil
		}
		out := make(chan error, 1)
		outcomes = append(outcomes, out)
		go func() { waiting <- struct{}{}; out <- s.Update(context.Background(), fn) }()
	}
	for range callers {
		<-waiting
	}
	release()
	for n, out := range outcomes {
		err := <-out
		_, panicked := errors.AsType[*store.Panicked](err)
		if (n == 3) != errors.Is(err, errTest) || (n == 11) != panicked || n != 3 && n != 11 && err != nil {
			t.Errorf("caller %d: %v", n, err)
		}
	}
	if head, err := s.Head(context.Background()); err != nil || head.Size != callers-1 {
		t.Errorf("%d items, want %d: %v", head.Size, callers-1, err)
	}
	if commits := store.Commits(s) - before; commits >= callers-2 {
		t.Errorf("%d transactions took %d commits", callers, commits)
	}
}

// TestABatchSeesItself queues transactions behind each other, each of which needs what the
// ones before it wrote, in tables, rows and items, before any of it is committed.
func TestABatchSeesItself(t *testing.T) {
	s := storetest.New(t)
	release := busy(t, s)
	const callers = 8
	next := func(tx store.Tx) error {
		n := tx.Items()
		last, err := tx.Get("t", []byte("last"))
		if err != nil || n > 0 && string(last) != fmt.Sprint(n-1) {
			t.Errorf("transaction %d sees %q: %v", n, last, err)
		}
		rows := uint64(0)
		err = tx.Rows("t", nil, 0, false, func(uint64, []byte) (bool, error) { rows++; return true, nil })
		if err != nil || rows != n {
			t.Errorf("transaction %d sees %d rows: %v", n, rows, err)
		}
		for i := range n {
			if it, err := tx.Item(i); err != nil || it.Number != i {
				t.Errorf("transaction %d cannot see item %d: %v", n, i, err)
			}
		}
		_, err = tx.Append(storetest.Item(byte(n)))
		return errors.Join(err, tx.Put("t", []byte("last"), fmt.Append(nil, n)), tx.PutRow("t", nil, n, nil))
	}
	var outcomes []<-chan error
	for range callers {
		outcomes = append(outcomes, queued(context.Background(), s, next))
	}
	release()
	for _, out := range outcomes {
		if err := <-out; err != nil {
			t.Error(err)
		}
	}
	update(t, s, next)
}

var errTest = errors.New("refused by the test")

func TestAReadOnlyBatchCommitsNothing(t *testing.T) {
	s := storetest.New(t)
	fill(t, s, 2)
	before := store.Commits(s)
	update(t, s, func(tx store.Tx) error { _, err := tx.Item(1); return err })
	if err := s.Update(context.Background(), func(tx store.Tx) error { _ = tx.Put("t", nil, nil); return errTest }); !errors.Is(err, errTest) {
		t.Error(err)
	}
	if after := store.Commits(s); after != before {
		t.Errorf("commit %d after %d though nothing was written", after, before)
	}
}

func TestGivingUpInTheQueueStoresNothing(t *testing.T) {
	s := storetest.New(t)
	release := busy(t, s)
	ctx, cancel := context.WithCancelCause(context.Background())
	out := queued(ctx, s, func(store.Tx) error { t.Error("the function ran"); return nil })
	cancel(errTest)
	if err := <-out; !errors.Is(err, store.ErrNotStarted) || !errors.Is(err, errTest) {
		t.Errorf("giving up: %v", err)
	}
	release()
	fill(t, s, 1)
}

func TestTheQueueIsBounded(t *testing.T) {
	s := storetest.New(t)
	release := busy(t, s)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range store.QueueLength + 10 {
		wg.Go(func() {
			if err := s.Update(ctx, func(store.Tx) error { return nil }); err != nil && !errors.Is(err, store.ErrNotStarted) {
				t.Error(err)
			}
		})
	}
	cancel()
	wg.Wait()
	release()
	fill(t, s, 1)
}

func TestABatchIsBounded(t *testing.T) {
	s := storetest.New(t)
	release := busy(t, s)
	before := store.Commits(s)
	const callers = 3 * store.BatchLength
	var outcomes []<-chan error
	for n := range callers {
		outcomes = append(outcomes, queued(context.Background(), s, func(tx store.Tx) error { return tx.PutRow("t", nil, uint64(n), nil) }))
	}
	release()
	for _, out := range outcomes {
		if err := <-out; err != nil {
			t.Error(err)
		}
	}
	if commits := store.Commits(s) - before; commits < 3 {
		t.Errorf("%d transactions went into %d commits", callers, commits)
	}
}

func TestCloseAnswersWhoWaits(t *testing.T) {
	path := storetest.Path(t)
	s, err := store.Create(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	release := busy(t, s)
	var outcomes []<-chan error
	for n := range 30 {
		outcomes = append(outcomes, queued(context.Background(), s, func(tx store.Tx) error {
			return tx.Put("t", []byte{byte(n)}, []byte("x"))
		}))
	}
	ended := make(chan error)
	go func() { ended <- s.Close() }()
	release()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	done := map[byte]bool{}
	for n, out := range outcomes {
		switch err := <-out; {
		case err == nil:
			done[byte(n)] = true
		case !errors.Is(err, store.ErrClosed):
			t.Errorf("caller %d: %v", n, err)
		}
	}
	s = reopen(t, path)
	defer s.Close()
	storetest.Check(t, s)
	view(t, s, func(tx store.Tx) error {
		for n := range byte(30) {
			if v, err := tx.Get("t", []byte{n}); err != nil || (v != nil) != done[n] {
				t.Errorf("caller %d was told %v, stored: %v, %v", n, done[n], v != nil, err)
			}
		}
		return nil
	})
}

func view(t testing.TB, s *store.Store, fn func(store.Tx) error) {
	t.Helper()
	if err := s.View(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func TestAFailedCommitStopsTheStore(t *testing.T) {
	path := storetest.Path(t)
	s, err := store.Create(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, 3)
	store.LimitFile(s, 1)
	release := busy(t, s)
	var outcomes []<-chan error
	for n := range 4 {
		outcomes = append(outcomes, queued(context.Background(), s, func(tx store.Tx) error {
			if n == 0 {
				return errTest
			}
			return tx.PutRow("big", nil, uint64(n), make([]byte, store.MaxValue))
		}))
	}
	release()
	stopped := 0
	for n, out := range outcomes {
		err := <-out
		if unknown, ok := errors.AsType[*store.Unknown](err); ok && unknown.Err != nil && store.ReasonOf(err) == valisev1.Reason_REASON_STORAGE_UNKNOWN {
			stopped++
		} else if !errors.Is(err, store.ErrStopped) && !errors.Is(err, errTest) {
			t.Errorf("caller %d: %v, want *Unknown or ErrStopped", n, err)
		}
	}
	if stopped == 0 {
		t.Error("nobody heard that the outcome is unknown")
	}
	refusesEverything(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, path)
	defer s.Close()
	storetest.Check(t, s)
	fill(t, s, 2)
	if head, err := s.Head(context.Background()); err != nil || head.Size != 5 {
		t.Errorf("%d items after reopening, want 5: %v", head.Size, err)
	}
}

func refusesEverything(t *testing.T, s *store.Store) {
	t.Helper()
	ctx := context.Background()
	nothing := func(store.Tx) error { t.Error("a function ran"); return nil }
	_, head := s.Head(ctx)
	_, verified := s.Verify(ctx, store.VerifyConfig{})
	_, proof := s.ProveItem(ctx, 0, 0)
	for name, err := range map[string]error{"Update": s.Update(ctx, nothing), "View": s.View(ctx, nothing), "Head": head, "Verify": verified, "ProveItem": proof} {
		if !errors.Is(err, store.ErrStopped) || store.ReasonOf(err) == valisev1.Reason_REASON_INTERNAL {
			t.Errorf("%s of a stopped record: %v", name, err)
		}
	}
}

// TestAViewSeesOnlyWhatIsDurable looks from between bbolt's making a commit visible and its
// being known as synced.
func TestAViewSeesOnlyWhatIsDurable(t *testing.T) {
	s := storetest.New(t)
	fill(t, s, 1)
	looked := false
	store.OnLanded(s, func() {
		looked = true
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		err := s.View(ctx, func(store.Tx) error { t.Error("a View saw a commit that is not durable"); return nil })
		if !errors.Is(err, store.ErrNotStarted) {
			t.Errorf("a View during a commit: %v", err)
		}
		if head, err := s.Head(context.Background()); err != nil || head.Size != 1 {
			t.Errorf("the head of a commit that is not durable shows: %d, %v", head.Size, err)
		}
	})
	update(t, s, func(tx store.Tx) error { _, err := tx.Append(storetest.Item(2)); return err })
	store.OnLanded(s, nil)
	if !looked {
		t.Fatal("the test did not look")
	}
	view(t, s, func(tx store.Tx) error {
		if tx.Items() != 2 {
			t.Errorf("%d items, want 2", tx.Items())
		}
		return nil
	})
}
