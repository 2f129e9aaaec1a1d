package store_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"valise.example/store"
	"valise.example/store/storetest"
)

// Leaves of an earlier head are those from which its root was made, also after pruning; a size or an
// item that a tree does not have is refused. docs/protocol.md §9.1, §9.6
func TestLeavesLeadToTheHeadOfThen(t *testing.T) {
	path := filled(t, 20)
	s, err := store.Open(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	numbers := []uint64{0, 3, 12}
	before, leaves, err := s.Leaves(t.Context(), 13, numbers)
	if err != nil || before.Size != 13 {
		t.Fatal(before, err)
	}
	for i, n := range numbers {
		proof, err := s.ProveItem(t.Context(), n, 13)
		if err != nil {
			t.Fatal(err)
		}
		var path []tlog.Hash
		for _, h := range proof.Path {
			path = append(path, h)
		}
		if err := tlog.CheckRecord(path, 13, before.Root, int64(n), leaves[i]); err != nil {
			t.Errorf("leaf of item %d: %v", n, err)
		}
	}
	update(t, s, func(tx store.Tx) error { return tx.Prune(3) })
	fill(t, s, 5)
	after, again, err := s.Leaves(t.Context(), 13, numbers)
	if err != nil || after != before || again[1] != leaves[1] {
		t.Errorf("after pruning and five items more: %v, %v", after, err)
	}
	if now, _, err := s.Leaves(t.Context(), 0, nil); err != nil || now.Size != 25 {
		t.Errorf("of now: %v, %v", now, err)
	}
	for name, c := range map[string]struct {
		size   uint64
		number uint64
	}{"a size that was never": {26, 0}, "an item beyond": {13, 13}} {
		if _, _, err := s.Leaves(t.Context(), c.size, []uint64{c.number}); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A row and its leaf in the tree that differ are damage, whichever of them was changed.
// docs/protocol.md §9.1, §9.6
func TestALeafThatItsRowDidNotMake(t *testing.T) {
	path := filled(t, 20)
	raw(t, path, func(f *file) {
		key := binary.BigEndian.AppendUint64(nil, uint64(tlog.StoredHashIndex(0, 3)))
		if tree := f.bucket(store.BucketTree); tree.Get(key) == nil {
			t.Fatal("the tree has no leaf of item 3")
		} else if err := tree.Put(key, make([]byte, 32)); err != nil {
			t.Fatal(err)
		}
	})
	s, err := store.Open(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, _, err = s.Leaves(t.Context(), 0, []uint64{3})
	if _, is := errors.AsType[*store.Damaged](err); !is {
		t.Errorf("got %v", err)
	}
}
