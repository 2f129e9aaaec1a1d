package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
	"valise.example/store/storetest"
)

// brokenRandom gives a few bytes and then fails.
type brokenRandom struct{ left int }

func (b *brokenRandom) Read(p []byte) (int, error) {
	if len(p) > b.left {
		return 0, errTest
	}
	b.left -= len(p)
	return len(p), nil
}

func TestAnErrorBeforeTheCommitIsKnown(t *testing.T) {
	path := filled(t, 2)
	cfg := storetest.Config()
	cfg.Rand = &brokenRandom{left: 24}
	s, err := store.Open(path, cfg)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(context.Background(), func(tx store.Tx) error { return tx.Put("t", nil, []byte("x")) })
	if _, unknown := errors.AsType[*store.Unknown](err); unknown || !errors.Is(err, errTest) {
		t.Errorf("without randomness: %v, want an error that is known", err)
	}
	refusesEverything(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, path)
	defer s.Close()
	storetest.Check(t, s)
	view(t, s, func(tx store.Tx) error {
		if v, err := tx.Get("t", nil); err != nil || v != nil {
			t.Errorf("something was stored: %q, %v", v, err)
		}
		return nil
	})
}

func TestADamagedRowCannotBeCommittedOver(t *testing.T) {
	path := filled(t, 4)
	raw(t, path, func(f *file) {
		f.edit(store.BucketItems, item(2), 60)
		for _, key := range f.keys(store.BucketTable) {
			f.edit(store.BucketTable, key, -1)
		}
		f.edit(store.BucketRows, f.keys(store.BucketRows)[1], -1)
	})
	s := reopen(t, path)
	defer s.Close()
	for name, look := range map[string]func(store.Tx) error{
		"item":  func(tx store.Tx) error { _, err := tx.Item(2); return err },
		"value": func(tx store.Tx) error { _, err := tx.Get("last", nil); return err },
		"row": func(tx store.Tx) error {
			return tx.Rows("seen", []byte("g"), 0, false, func(uint64, []byte) (bool, error) { return true, nil })
		},
	} {
		err := s.Update(context.Background(), func(tx store.Tx) error {
			if _, ok := errors.AsType[*store.Damaged](look(tx)); !ok {
				t.Errorf("a damaged %s was read", name)
			}
			return tx.Put("t", nil, []byte("x"))
		})
		if _, ok := errors.AsType[*store.Damaged](err); !ok {
			t.Errorf("a transaction that hides a damaged %s: %v, want *Damaged", name, err)
		}
	}
	view(t, s, func(tx store.Tx) error {
		if v, err := tx.Get("t", nil); v != nil || err != nil {
			t.Errorf("it was stored: %q, %v", v, err)
		}
		return nil
	})
}

func TestReasons(t *testing.T) {
	for _, c := range []struct {
		err  error
		want valisev1.Reason
	}{
		{nil, valisev1.Reason_REASON_UNSPECIFIED},
		{errTest, valisev1.Reason_REASON_INTERNAL},
		{fmt.Errorf("x: %w", &store.Unknown{Err: errTest}), valisev1.Reason_REASON_STORAGE_UNKNOWN},
		{fmt.Errorf("x: %w", &store.Damaged{What: "x"}), valisev1.Reason_REASON_RECORD_DAMAGED},
		{store.ErrInUse, valisev1.Reason_REASON_HOME_IN_USE},
		{store.ErrWrongRealm, valisev1.Reason_REASON_WRONG_REALM},
		{store.ErrUnsafe, valisev1.Reason_REASON_UNSAFE_PERMISSIONS},
		{store.ErrExists, valisev1.Reason_REASON_ALREADY_EXISTS},
		{store.ErrNotFound, valisev1.Reason_REASON_NOT_FOUND},
		{store.ErrStopped, valisev1.Reason_REASON_NOT_ACCEPTING},
	} {
		if got := store.ReasonOf(c.err); got != c.want {
			t.Errorf("%v: %v, want %v", c.err, got, c.want)
		}
	}
}
