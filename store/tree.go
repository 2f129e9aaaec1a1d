package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"

	"golang.org/x/mod/sumdb/tlog"
)

// Head is the size and root of the tree over all items. docs/protocol.md §9.2
type Head struct {
	// Size is how many items the tree covers.
	Size uint64
	// Root is the RFC 6962 root hash; of no items it is the SHA-256 of nothing.
	Root [32]byte
}

// Commitment is SHA-256(nonce ‖ uint64BE size ‖ root): what leaves in a receipt, so that the
// growth of a record shows to nobody but an auditor who gets the nonce. docs/protocol.md §9.2
func Commitment(nonce [32]byte, head Head) [32]byte {
	b := make([]byte, 0, 32+8+32)
	b = append(b, nonce[:]...)
	b = binary.BigEndian.AppendUint64(b, head.Size)
	b = append(b, head.Root[:]...)
	return sha256.Sum256(b)
}

// ItemProof proves that a tree holds an item, to whoever has the tree's head, without the
// item's content. docs/protocol.md §9.2
type ItemProof struct {
	// Leaf is what the item's leaf hash is computed over.
	Leaf Leaf
	// Head is the tree that holds it.
	Head Head
	// Path is the RFC 6962 audit path.
	Path [][32]byte
}

// Check reports an error unless the path leads from the leaf to the head.
func (p ItemProof) Check() error {
	if p.Leaf.Number >= p.Head.Size {
		return fmt.Errorf("%w: item %d is not in a tree of %d", ErrInvalid, p.Leaf.Number, p.Head.Size)
	}
	return tlog.CheckRecord(toHashes(p.Path), int64(p.Head.Size), p.Head.Root, int64(p.Leaf.Number), p.Leaf.Hash())
}

// TreeProof proves that a tree begins with an older one: nothing was changed, dropped or put
// in between. docs/protocol.md §9.2
type TreeProof struct {
	// Old and Head are the two trees.
	Old, Head Head
	// Path is the RFC 6962 consistency proof.
	Path [][32]byte
}

// Check reports an error unless the old tree is the beginning of the newer one.
func (p TreeProof) Check() error {
	if p.Old.Size > p.Head.Size {
		return fmt.Errorf("%w: a tree of %d does not begin with one of %d", ErrInvalid, p.Head.Size, p.Old.Size)
	}
	if p.Old.Size == 0 {
		return checkEmptyStart(p.Old)
	}
	return tlog.CheckTree(toHashes(p.Path), int64(p.Head.Size), p.Head.Root, int64(p.Old.Size), p.Old.Root)
}

// checkEmptyStart knows the one root that no items have.
func checkEmptyStart(old Head) error {
	if old.Root != sha256.Sum256(nil) {
		return fmt.Errorf("%w: no tree of no items has this root", ErrInvalid)
	}
	return nil
}

// frontier is the right edge of a tree: the few hashes that the next leaf and the root need.
type frontier struct {
	size uint64
	at   map[int64]tlog.Hash
}

func newFrontier() *frontier { return &frontier{at: map[int64]tlog.Hash{}} }

func (f *frontier) clone() *frontier { return &frontier{size: f.size, at: maps.Clone(f.at)} }

// ReadHashes implements tlog.HashReader over the edge.
func (f *frontier) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	return readHashes(indexes, func(index int64) (tlog.Hash, bool) {
		h, ok := f.at[index]
		return h, ok
	})
}

// add appends a leaf and gives the hashes to store from StoredHashIndex(0, size) on.
func (f *frontier) add(leaf tlog.Hash) ([]tlog.Hash, error) {
	hashes, err := tlog.StoredHashesForRecordHash(int64(f.size), leaf, f)
	if err != nil {
		return nil, err
	}
	first := tlog.StoredHashIndex(0, int64(f.size))
	for i, h := range hashes {
		f.at[first+int64(i)] = h
	}
	f.size++
	if f.size&edgeMask == 0 {
		_, err = f.root()
	}
	return hashes, err
}

// edgeMask: every so many leaves the edge forgets the hashes that nothing needs any more.
const edgeMask = 1<<6 - 1

// root computes the root and forgets what lies behind the edge.
func (f *frontier) root() (tlog.Hash, error) {
	edge := map[int64]tlog.Hash{}
	root, err := tlog.TreeHash(int64(f.size), tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes, err := f.ReadHashes(indexes)
		for i, h := range hashes {
			edge[indexes[i]] = h
		}
		return hashes, err
	}))
	if err == nil {
		f.at = edge
	}
	return root, err
}

// loadFrontier reads the edge of a stored tree and its root.
func loadFrontier(size uint64, stored tlog.HashReader) (*frontier, tlog.Hash, error) {
	f := &frontier{size: size, at: map[int64]tlog.Hash{}}
	root, err := tlog.TreeHash(int64(size), tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes, err := stored.ReadHashes(indexes)
		for i, h := range hashes {
			f.at[indexes[i]] = h
		}
		return hashes, err
	}))
	return f, root, err
}

// readHashes gathers hashes one by one and refuses to go on without one.
func readHashes(indexes []int64, get func(int64) (tlog.Hash, bool)) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		h, ok := get(index)
		if !ok {
			return nil, &Damaged{What: fmt.Sprintf("tree hash %d is missing", index)}
		}
		hashes[i] = h
	}
	return hashes, nil
}

func toHashes(path [][32]byte) []tlog.Hash {
	out := make([]tlog.Hash, len(path))
	for i, h := range path {
		out[i] = h
	}
	return out
}

func fromHashes(path []tlog.Hash) [][32]byte {
	out := make([][32]byte, len(path))
	for i, h := range path {
		out[i] = h
	}
	return out
}
