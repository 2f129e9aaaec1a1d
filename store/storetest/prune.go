package storetest

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/store"
)

// testPrune: an item whose content is removed reads as its leaf, and nothing else of the record
// changes by it.
func testPrune(t *testing.T, r Record) {
	seedItems(t, r, 6)
	head, err := r.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	must(t, r.Update, func(tx store.Tx) error {
		err := errors.Join(tx.Prune(0), tx.Prune(3), tx.Prune(3))
		isTombstone(t, tx, 3)
		return err
	})
	must(t, r.Update, func(tx store.Tx) error {
		isTombstone(t, tx, 0)
		return errors.Join(tx.Prune(0), tx.Put("t", []byte("k"), []byte("v")))
	})
	must(t, r.View, func(tx store.Tx) error {
		isTombstone(t, tx, 0)
		isTombstone(t, tx, 3)
		for _, n := range []uint64{1, 2, 4, 5} {
			if item, err := tx.Item(n); err != nil || !same(item, Item(byte(n))) {
				t.Errorf("item %d is not what it was: %v", n, err)
			}
		}
		if tx.Items() != 6 {
			t.Errorf("%d items, want 6", tx.Items())
		}
		return nil
	})
	if after, err := r.Head(context.Background()); err != nil || after != head {
		t.Errorf("the head was %v and is %v: %v", head, after, err)
	}
	must(t, r.Update, func(tx store.Tx) error {
		n, err := tx.Append(Item(9))
		if n != 6 {
			t.Errorf("the next item got number %d", n)
		}
		return err
	})
}

// testPruneRefused: what was never committed has no leaf that could stay.
func testPruneRefused(t *testing.T, r Record) {
	seedItems(t, r, 2)
	must(t, r.Update, func(tx store.Tx) error {
		if err := tx.Prune(2); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("beyond the end: %v, want ErrNotFound", err)
		}
		n, err := tx.Append(Item(7))
		if err := tx.Prune(n); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("of its own transaction: %v, want ErrInvalid", err)
		}
		return err
	})
	must(t, r.View, func(tx store.Tx) error {
		item, err := tx.Item(2)
		if err != nil || !same(item, Item(7)) {
			t.Errorf("the item is not whole: %v", err)
		}
		return nil
	})
}

// testForget: with nothing removed there is no key to destroy, and with a record of one month there
// is none that is over.
func testForget(t *testing.T, r Record) {
	seedItems(t, r, 3)
	for range 2 {
		must(t, r.Update, func(tx store.Tx) error {
			months, err := tx.Forget(Now())
			if len(months) != 0 {
				t.Errorf("the key of %v is destroyed", months)
			}
			return errors.Join(err, tx.Prune(0), tx.Prune(1), tx.Prune(2), tx.Put("t", nil, []byte("v")))
		})
	}
	must(t, r.View, func(tx store.Tx) error {
		v, err := tx.Get("t", nil)
		if string(v) != "v" {
			t.Errorf("a row reads as %q", v)
		}
		return err
	})
}

func seedItems(t *testing.T, r Record, count byte) {
	must(t, r.Update, func(tx store.Tx) error {
		for n := range count {
			if _, err := tx.Append(Item(n)); err != nil {
				return err
			}
		}
		return nil
	})
}

// isTombstone checks that nothing of an item but its leaf is there.
func isTombstone(t *testing.T, tx store.Tx, n uint64) {
	t.Helper()
	item, err := tx.Item(n)
	pruned, ok := errors.AsType[*store.Pruned](err)
	if !ok || item != nil || !errors.Is(err, store.ErrPruned) {
		t.Errorf("a removed item reads as %v, %v", item, err)
		return
	}
	was, left := Item(byte(n)), pruned.Tombstone()
	if left.GetNumber() != n || left.GetType() != was.GetType() || !bytes.Equal(left.GetDigest(), was.GetDigest()) ||
		!proto.Equal(left.GetRecorded(), was.GetRecorded()) {
		t.Errorf("of item %d is left %v", n, left)
	}
	left.Number, left.Type, left.Digest, left.Recorded = 0, 0, nil, nil
	if proto.Size(left) != 0 {
		t.Errorf("of item %d is left more than its leaf: %v", n, left)
	}
}
