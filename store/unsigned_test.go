package store_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
	"valise.example/store/storetest"
)

// TestAnItemThatCannotBeSigned: nothing of the batch is stored, the outcome is known, and the
// record stops, as after any error between a function and the commit.
func TestAnItemThatCannotBeSigned(t *testing.T) {
	panicked := func(err error) bool {
		_, ok := errors.AsType[*store.Panicked](err)
		return ok
	}
	for name, c := range map[string]struct {
		sign func() ([]byte, error)
		said func(error) bool
	}{
		"an error":                {func() ([]byte, error) { return nil, errTest }, func(err error) bool { return errors.Is(err, errTest) }},
		"more than was announced": {func() ([]byte, error) { return make([]byte, 11), nil }, func(err error) bool { return errors.Is(err, store.ErrTooLarge) }},
		"a panic":                 {func() ([]byte, error) { panic("of the signer") }, panicked},
	} {
		path := filled(t, 2)
		s := reopen(t, path)
		err := s.Update(context.Background(), func(tx store.Tx) error {
			if err := tx.Put("t", nil, []byte("x")); err != nil {
				return err
			}
			_, err := tx.AppendSigned(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_SENT}, 10, c.sign)
			return err
		})
		if _, unknown := errors.AsType[*store.Unknown](err); unknown || !c.said(err) {
			t.Errorf("%s came back as %v", name, err)
		}
		refusesEverything(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = reopen(t, path)
		storetest.Check(t, s)
		view(t, s, func(tx store.Tx) error {
			if v, err := tx.Get("t", nil); err != nil || v != nil || tx.Items() != 2 {
				t.Errorf("%s: something was stored: %q, %d items, %v", name, v, tx.Items(), err)
			}
			return nil
		})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAFunctionThatFailsSignsNothing: its signature would be wasted, and might be of something
// that never was.
func TestAFunctionThatFailsSignsNothing(t *testing.T) {
	s := storetest.New(t)
	sign := func() ([]byte, error) {
		t.Error("signed")
		return nil, nil
	}
	item := func() *valisev1.Item { return &valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_SENT} }
	err := s.Update(context.Background(), func(tx store.Tx) error {
		_, err := tx.AppendSigned(item(), 10, sign)
		return errors.Join(err, errTest)
	})
	if !errors.Is(err, errTest) {
		t.Errorf("the function's error came back as %v", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Update(context.Background(), func(tx store.Tx) error {
			if _, err := tx.AppendSigned(item(), 10, sign); err != nil {
				return err
			}
			runtime.Goexit()
			return nil
		})
	}()
	<-ended
}

// TestFunctionsDoNotWaitForSignatures: those of one batch are made when all its functions have
// run, so that none waits for the signature of the one before.
func TestFunctionsDoNotWaitForSignatures(t *testing.T) {
	s := storetest.New(t)
	const callers = 3
	began, ran, signed := make(chan struct{}), make(chan int, 2*callers), make(chan error, callers+1)
	go func() {
		signed <- s.Update(context.Background(), func(store.Tx) error {
			close(began)
			for store.Waiting(s) < callers {
				runtime.Gosched()
			}
			return nil
		})
	}()
	<-began
	for range callers {
		go func() {
			signed <- s.Update(context.Background(), func(tx store.Tx) error {
				ran <- 1
				_, err := tx.AppendSigned(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_SENT}, 10, func() ([]byte, error) {
					ran <- 2
					return []byte("signed"), nil
				})
				return err
			})
		}()
	}
	for range callers + 1 {
		if err := <-signed; err != nil {
			t.Error(err)
		}
	}
	for n := range 2 * callers {
		if what := <-ran; (what == 1) != (n < callers) {
			t.Errorf("step %d of %d is of the wrong sort %d", n, 2*callers, what)
		}
	}
}
