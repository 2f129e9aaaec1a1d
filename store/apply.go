package store

import (
	"bytes"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"
)

// fillAscending packs pages of the buckets whose keys only grow.
const fillAscending = 0.95

// apply seals what the batch gathered and puts it into bbolt's transaction: data key, table rows,
// items with their leaves, which others may be signing meanwhile, and last the head over all of it.
func (b *batch) apply() error {
	b.next, b.edge = b.snap.head, b.s.edge.clone()
	keyNumber, err := b.dataKey()
	if err != nil {
		return err
	}
	if err := b.putTable(keyNumber); err != nil {
		return err
	}
	if err := b.putRows(keyNumber); err != nil {
		return err
	}
	if err := b.putItems(keyNumber); err != nil {
		return err
	}
	if err := b.prune(keyNumber); err != nil {
		return err
	}
	root, err := b.edge.root()
	if err != nil {
		return err
	}
	b.next.root = root
	sealed, err := b.snap.keys.sealHead(b.s.cfg.Rand, b.next)
	if err != nil {
		return err
	}
	meta, err := bucketOf(b.snap.tx, bucketMeta)
	if err != nil {
		return err
	}
	return meta.Put(keyHead, sealed)
}

// dataKey finds or makes the key of this month. A new keyring is shown to readers before the
// commit, for a reader may see the commit first; a key too many does no harm.
func (b *batch) dataKey() (uint32, error) {
	m := month(b.s.cfg.Now())
	if number, ok := b.snap.keys.forMonth(m); ok {
		return number, nil
	}
	next, number, wrapped, err := b.snap.keys.newDataKey(b.s.cfg.Rand, m)
	if err != nil {
		return 0, err
	}
	keys, err := bucketOf(b.snap.tx, bucketKeys)
	if err != nil {
		return 0, err
	}
	b.snap.keys = next
	b.s.keys.Store(next)
	return number, keys.Put(numberKey(uint64(number)), wrapped)
}

// putItems writes each item with its leaf. docs/protocol.md §9.1
func (b *batch) putItems(keyNumber uint32) error {
	items, err := bucketOf(b.snap.tx, bucketItems)
	if err != nil {
		return err
	}
	tree, err := bucketOf(b.snap.tx, bucketTree)
	if err != nil {
		return err
	}
	items.FillPercent, tree.FillPercent = fillAscending, fillAscending
	for _, p := range b.merged.items {
		plain, err := p.bytes()
		if err != nil {
			return err
		}
		sealedBy := keyNumber
		if !p.content {
			sealedBy = rootKeyNumber
		}
		row, err := b.snap.keys.sealItem(b.s.cfg.Rand, formValue, sealedBy, p.leaf.Number, plain)
		if err != nil {
			return err
		}
		if err := items.Put(numberKey(p.leaf.Number), row); err != nil {
			return err
		}
		leaf := p.leaf.over(row)
		if err := b.putLeaf(tree, leaf.Hash()); err != nil {
			return err
		}
	}
	b.next.size = b.edge.size
	return nil
}

func (b *batch) putLeaf(tree *bolt.Bucket, leaf tlog.Hash) error {
	at := uint64(tlog.StoredHashIndex(0, int64(b.edge.size)))
	hashes, err := b.edge.add(leaf)
	if err != nil {
		return err
	}
	for i, h := range hashes {
		if err := tree.Put(numberKey(at+uint64(i)), h[:]); err != nil {
			return err
		}
	}
	return nil
}

// putTable writes the keyed rows in the order of their names on disk, so that two runs with
// the same randomness write the same file.
func (b *batch) putTable(keyNumber uint32) error {
	bucket, err := bucketOf(b.snap.tx, bucketTable)
	if err != nil {
		return err
	}
	for _, at := range sortedNames(b.merged.table) {
		if err := b.putChange(bucket, bucketTable, keyNumber, at[:], b.merged.table[at]); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) putRows(keyNumber uint32) error {
	bucket, err := bucketOf(b.snap.tx, bucketRows)
	if err != nil {
		return err
	}
	for _, group := range sortedNames(b.merged.rows) {
		rows := b.merged.rows[group]
		for _, n := range slices.Sorted(maps.Keys(rows)) {
			if err := b.putChange(bucket, bucketRows, keyNumber, rowKey(group, n), rows[n]); err != nil {
				return err
			}
		}
	}
	return nil
}

// putChange writes or deletes one row and keeps the sum over all rows.
func (b *batch) putChange(bucket *bolt.Bucket, letter byte, keyNumber uint32, key []byte, c change) error {
	keys := b.snap.keys
	old := bucket.Get(key)
	if old != nil {
		b.next.sum.remove(keys, letter, key, old)
	}
	switch {
	case c.deleted && old == nil:
		return nil // put and deleted in one batch: nothing of it ever was on disk
	case c.deleted:
		return bucket.Delete(key)
	}
	sealed, err := keys.sealValue(b.s.cfg.Rand, formValue, keyNumber, letter, key, c.value)
	if err != nil {
		return err
	}
	b.next.sum.add(keys, letter, key, sealed)
	return bucket.Put(key, sealed)
}

func sortedNames[V any](m map[name]V) []name {
	return slices.SortedFunc(maps.Keys(m), func(a, b name) int { return bytes.Compare(a[:], b[:]) })
}
