package storetest

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"valise.example/store"
)

// touch writes to every kind of place.
func touch(tx store.Tx, value string) error {
	_, err := tx.Append(Item(9))
	return errors.Join(err, tx.Prune(0),
		tx.Put("t", []byte("old"), []byte(value)), tx.Put("t", []byte("new"), []byte(value)), tx.Delete("t", []byte("gone")),
		tx.PutRow("t", nil, 1, []byte(value)), tx.PutRow("t", nil, 2, []byte(value)), tx.DeleteRow("t", nil, 3))
}

// seed writes what touch changes and deletes.
func seed(t *testing.T, r Record) {
	must(t, r.Update, func(tx store.Tx) error {
		_, err := tx.Append(Item(1))
		return errors.Join(err,
			tx.Put("t", []byte("old"), []byte("seed")), tx.Put("t", []byte("gone"), []byte("seed")),
			tx.PutRow("t", nil, 1, []byte("seed")), tx.PutRow("t", nil, 3, []byte("seed")))
	})
}

// untouched checks that the record is as seed left it and still works.
func untouched(t *testing.T, r Record) {
	t.Helper()
	must(t, r.View, func(tx store.Tx) error {
		for key, want := range map[string]string{"old": "seed", "gone": "seed", "new": ""} {
			if v, err := tx.Get("t", []byte(key)); err != nil || string(v) != want {
				t.Errorf("key %s holds %q, want %q: %v", key, v, want, err)
			}
		}
		if first, err := tx.Item(0); err != nil || !same(first, Item(1)) {
			t.Errorf("the first item is not what it was: %v", err)
		}
		if got := collect(t, tx, "t", nil, 0, false); got != "1=seed 3=seed" || tx.Items() != 1 {
			t.Errorf("rows %s, %d items", got, tx.Items())
		}
		return nil
	})
	must(t, r.Update, func(tx store.Tx) error {
		n, err := tx.Append(Item(2))
		if n != 1 {
			t.Errorf("the next item got number %d, want 1", n)
		}
		return err
	})
}

func testErrorLeavesNoTrace(t *testing.T, r Record) {
	seed(t, r)
	err := r.Update(context.Background(), func(tx store.Tx) error {
		if err := touch(tx, "no"); err != nil {
			return err
		}
		return errRefused
	})
	if !errors.Is(err, errRefused) {
		t.Errorf("the function's error came back as %v", err)
	}
	untouched(t, r)
}

func testPanic(t *testing.T, r Record) {
	seed(t, r)
	err := r.Update(context.Background(), func(tx store.Tx) error {
		if err := touch(tx, "no"); err != nil {
			return err
		}
		panic("secret of the function")
	})
	panicked, ok := errors.AsType[*store.Panicked](err)
	if !ok || panicked.Value != "secret of the function" || len(panicked.Stack) == 0 {
		t.Errorf("a panic came back as %v", err)
	}
	if err != nil && len(err.Error()) > 100 {
		t.Errorf("the error tells too much: %v", err)
	}
	err = r.View(context.Background(), func(store.Tx) error { panic("in a view") })
	if _, ok := errors.AsType[*store.Panicked](err); !ok {
		t.Errorf("a panic in a View came back as %v", err)
	}
	untouched(t, r)
}

func testGoexit(t *testing.T, r Record) {
	seed(t, r)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = r.Update(context.Background(), func(tx store.Tx) error {
			if err := touch(tx, "no"); err != nil {
				return err
			}
			runtime.Goexit()
			return nil
		})
	}()
	<-ended
	untouched(t, r)
}

func testView(t *testing.T, r Record) {
	seed(t, r)
	must(t, r.View, func(tx store.Tx) error {
		_, err := tx.Append(Item(0))
		_, forgot := tx.Forget(Now())
		for name, err := range map[string]error{
			"Append": err, "Prune": tx.Prune(0), "Forget": forgot, "Put": tx.Put("t", nil, nil), "Delete": tx.Delete("t", nil),
			"PutRow": tx.PutRow("t", nil, 0, nil), "DeleteRow": tx.DeleteRow("t", nil, 0),
		} {
			if !errors.Is(err, store.ErrReadOnly) {
				t.Errorf("%s in a View: %v, want ErrReadOnly", name, err)
			}
		}
		return nil
	})
	if err := r.View(context.Background(), func(store.Tx) error { return errRefused }); !errors.Is(err, errRefused) {
		t.Errorf("the function's error came back as %v", err)
	}
	untouched(t, r)
}

func testTxDone(t *testing.T, r Record) {
	seed(t, r)
	var kept []store.Tx
	keep := func(tx store.Tx) error { kept = append(kept, tx); return nil }
	must(t, r.Update, keep)
	must(t, r.View, keep)
	for _, tx := range kept {
		_, appended := tx.Append(Item(0))
		_, item := tx.Item(0)
		_, got := tx.Get("t", nil)
		_, forgot := tx.Forget(Now())
		walked := tx.Rows("t", nil, 0, false, func(uint64, []byte) (bool, error) { return true, nil })
		for _, err := range []error{appended, item, got, forgot, tx.Prune(0), walked, tx.Put("t", nil, nil), tx.Delete("t", nil), tx.PutRow("t", nil, 0, nil), tx.DeleteRow("t", nil, 0)} {
			if !errors.Is(err, store.ErrTxDone) {
				t.Errorf("a kept Tx answers %v, want ErrTxDone", err)
			}
		}
	}
	untouched(t, r)
}

func testContext(t *testing.T, r Record) {
	seed(t, r)
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errRefused)
	called := func(store.Tx) error { t.Error("the function ran"); return nil }
	for name, err := range map[string]error{"Update": r.Update(ctx, called), "View": r.View(ctx, called), "Head": second(r.Head(ctx))} {
		if !errors.Is(err, store.ErrNotStarted) || !errors.Is(err, errRefused) {
			t.Errorf("%s with an ended context: %v", name, err)
		}
	}
	late, stop := context.WithCancel(context.Background())
	err := r.Update(late, func(tx store.Tx) error { stop(); return tx.Put("other", nil, []byte("x")) })
	if err != nil {
		t.Errorf("a context that ended after the start: %v, want the outcome", err)
	}
	untouched(t, r)
}
