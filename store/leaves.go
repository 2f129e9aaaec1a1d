package store

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Leaves gives the head of the first size items and the leaf hashes of those that are named, each made
// anew from its row or from what pruning left of it, and held against the one in the tree; size 0
// means the present tree. Errors: ErrInvalid for a size that the tree never had or that does not hold
// an item; *Damaged where a row and its leaf differ. docs/protocol.md §9.6
func (s *Store) Leaves(ctx context.Context, size uint64, numbers []uint64) (head Head, leaves [][32]byte, err error) {
	err = s.read(ctx, func(snap *snapshot) error {
		at, stored, err := snap.headAt(size)
		if err != nil {
			return err
		}
		head, leaves = at, make([][32]byte, len(numbers))
		for i, n := range numbers {
			if n >= at.Size {
				return fmt.Errorf("%w: item %d is not in a tree of %d", ErrInvalid, n, at.Size)
			}
			_, leaf, err := snap.itemAndLeaf(n)
			if err != nil {
				return err
			}
			leaves[i] = leaf.Hash()
			kept, err := stored.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(n))})
			if err != nil {
				return err
			}
			if kept[0] != leaves[i] {
				return &Damaged{What: fmt.Sprintf("item %d is not what its leaf was made of", n)}
			}
		}
		return nil
	})
	return head, leaves, err
}
