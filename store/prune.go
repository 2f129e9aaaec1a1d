package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// Pruned is the ErrPruned of one item: its leaf is all that is left. docs/protocol.md §9.3
type Pruned struct {
	// Leaf is what the item's leaf is computed over.
	Leaf Leaf
}

func (p *Pruned) Error() string { return ErrPruned.Error() }

// Unwrap gives ErrPruned.
func (p *Pruned) Unwrap() error { return ErrPruned }

// Reason is REASON_PRUNED. docs/protocol.md §10
func (p *Pruned) Reason() valisev1.Reason { return valisev1.Reason_REASON_PRUNED }

// Tombstone is what is left as an item: number, type, time and D. docs/protocol.md §9.3
func (p *Pruned) Tombstone() *valisev1.Item {
	item := &valisev1.Item{
		Number: p.Leaf.Number, Type: p.Leaf.Type, Recorded: timestamppb.New(time.Unix(0, p.Leaf.Recorded)),
	}
	if p.Leaf.Digest != [32]byte{} {
		item.Digest = p.Leaf.Digest[:]
	}
	return item
}

// holdsContent reports whether an item is sealed by the key of its month, so that destroying that
// key takes what it says. What belongs to no thread and was written by no person or peer, a head
// or a receipt say, tells of the record itself: it stays, and must not keep a month's key alive.
// docs/protocol.md §9.3
func holdsContent(item *valisev1.Item) bool {
	if len(item.GetThread()) > 0 {
		return true
	}
	switch item.GetType() {
	case valisev1.ItemType_ITEM_TYPE_SENT, valisev1.ItemType_ITEM_TYPE_RECEIVED, valisev1.ItemType_ITEM_TYPE_REFUSED:
		return item.GetKind() != valisev1.Kind_KIND_VOID
	case valisev1.ItemType_ITEM_TYPE_QUARANTINED, valisev1.ItemType_ITEM_TYPE_CONTACT_LOG, valisev1.ItemType_ITEM_TYPE_NOTE:
		return true
	}
	return false
}

// Prune writes down that an item loses its content with this transaction. docs/protocol.md §9.3
func (t *txn) Prune(number uint64) error {
	if err := t.writable(); err != nil {
		return err
	}
	if number >= t.Items() {
		return ErrNotFound
	}
	if number >= t.below.head.size {
		return fmt.Errorf("%w: an item that is not committed yet cannot lose its content", ErrInvalid)
	}
	if _, gone := t.prunedHere(number); gone {
		return nil
	}
	item, leaf, err := t.below.itemAndLeaf(number)
	if err != nil {
		return t.note(err)
	}
	if item == nil {
		return nil
	}
	if err := t.own.grow(rowCost); err != nil {
		return err
	}
	t.own.pruned[number] = leaf
	return nil
}

// prunedHere finds an item that loses its content with the commit under way.
func (t *txn) prunedHere(number uint64) (Leaf, bool) {
	for _, l := range t.layers() {
		if leaf, ok := l.pruned[number]; ok {
			return leaf, true
		}
	}
	return Leaf{}, false
}

// marshalTombstone is the inverse of parseTombstone.
func marshalTombstone(l Leaf) []byte {
	b := make([]byte, 0, tombstoneSize)
	b = binary.BigEndian.AppendUint32(b, uint32(l.Type))
	b = binary.BigEndian.AppendUint64(b, uint64(l.Recorded))
	b = append(b, l.Digest[:]...)
	return append(b, l.Stored[:]...)
}

// prune puts the tombstones in their places and destroys the keys under which nothing is left then.
func (b *batch) prune(keyNumber uint32) error {
	if err := b.putTombstones(); err != nil {
		return err
	}
	if err := b.resealRows(keyNumber); err != nil {
		return err
	}
	return b.forgetKeys()
}

// putTombstones puts what is left of an item in its place, under the root key: it outlives the key
// of the month. docs/protocol.md §9.3
func (b *batch) putTombstones() error {
	items, err := bucketOf(b.snap.tx, bucketItems)
	if err != nil {
		return err
	}
	for _, number := range slices.Sorted(maps.Keys(b.merged.pruned)) {
		plain := marshalTombstone(b.merged.pruned[number])
		row, err := b.snap.keys.sealItem(b.s.cfg.Rand, formTombstone, rootKeyNumber, number, plain)
		if err != nil {
			return err
		}
		if err := items.Put(numberKey(number), row); err != nil {
			return err
		}
	}
	return nil
}

// resealAtOnce is how many rows of the state tables one commit seals anew at most. P7
const resealAtOnce = 50_000

// Forget destroys, with this transaction, the keys of months that ended before a time and of which
// no content is left, and names the months. Rows of the state tables that stand under such a key
// are sealed anew by the key of now. Where that is too much for one commit, some of them are, and the
// month is named by a later call. docs/protocol.md §9.3
func (t *txn) Forget(before time.Time) (months []string, err error) {
	if err := t.writable(); err != nil {
		return nil, err
	}
	old := t.oldKeys(before)
	if len(old) == 0 {
		return nil, nil
	}
	holds, err := t.contentsUnder()
	if err != nil {
		return nil, t.note(err)
	}
	rows, err := t.below.rowsUnder()
	if err != nil {
		return nil, t.note(err)
	}
	left := resealAtOnce
	for _, number := range old {
		if holds[number] > 0 {
			continue
		}
		if rows[number] > left {
			t.own.reseal[number] = left
			break
		}
		left -= rows[number]
		t.own.reseal[number] = rows[number]
		t.own.forgotten = append(t.own.forgotten, number)
		months = append(months, monthName(t.below.keys.data[number].month))
	}
	return slices.Compact(months), nil
}

// oldKeys are the keys of whole months before a time, oldest first; never one that is still used.
func (t *txn) oldKeys(before time.Time) []uint32 {
	end := min(month(before), month(t.now()))
	var out []uint32
	for number, key := range t.below.keys.data {
		if key.month < end && !key.forgotten {
			out = append(out, number)
		}
	}
	slices.SortFunc(out, func(a, b uint32) int {
		if d := int(t.below.keys.data[a].month) - int(t.below.keys.data[b].month); d != 0 {
			return d
		}
		return int(a) - int(b)
	})
	return out
}

// monthName is "2026-01".
func monthName(m uint32) string { return fmt.Sprintf("%04d-%02d", m/12, m%12+1) }

// contentsUnder counts the items that are left under each key when this transaction is done.
func (t *txn) contentsUnder() (map[uint32]int, error) {
	items, err := bucketOf(t.below.tx, bucketItems)
	if err != nil {
		return nil, err
	}
	out := map[uint32]int{}
	err = items.ForEach(func(key, row []byte) error {
		number, sealed, ok := parseItemRow(row)
		v, err := parseSealed(sealed)
		if !ok || err != nil {
			return &Damaged{What: "an item"}
		}
		if _, gone := t.prunedHere(number); !gone {
			out[v.key]++
		}
		return nil
	})
	return out, err
}

// rowsUnder counts the rows of the state tables under each key.
func (s *snapshot) rowsUnder() (map[uint32]int, error) {
	out := map[uint32]int{}
	err := s.eachSealedRow(func(_ byte, _, sealed []byte) error {
		v, err := parseSealed(sealed)
		if err != nil {
			return &Damaged{What: "a row of a table"}
		}
		out[v.key]++
		return nil
	})
	return out, err
}

func (s *snapshot) eachSealedRow(visit func(letter byte, key, sealed []byte) error) error {
	for _, letter := range []byte{bucketTable, bucketRows} {
		b, err := bucketOf(s.tx, letter)
		if err != nil {
			return err
		}
		if err := b.ForEach(func(key, sealed []byte) error { return visit(letter, key, sealed) }); err != nil {
			return err
		}
	}
	return nil
}

// errInUse keeps a key from going while something would be lost with it.
var errInUse = errors.New("store: something still stands under a key that was to be destroyed, nothing was stored")

// resealRows seals rows of the state tables that stand under a key that goes anew by the key of now.
func (b *batch) resealRows(keyNumber uint32) error {
	if len(b.merged.reseal) == 0 {
		return nil
	}
	type stands struct {
		letter byte
		key    []byte
	}
	left, list := maps.Clone(b.merged.reseal), []stands(nil)
	err := b.snap.eachSealedRow(func(letter byte, key, sealed []byte) error {
		v, err := parseSealed(sealed)
		if err != nil {
			return &Damaged{What: "a row of a table"}
		}
		if left[v.key] > 0 {
			left[v.key]--
			list = append(list, stands{letter, slices.Clone(key)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, at := range list {
		if err := b.resealRow(at.letter, at.key, keyNumber); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) resealRow(letter byte, key []byte, keyNumber uint32) error {
	bucket, err := bucketOf(b.snap.tx, letter)
	if err != nil {
		return err
	}
	plain, err := b.snap.keys.openPlain(letter, key, bucket.Get(key))
	if err != nil {
		return &Damaged{What: "a row of a table", Err: err}
	}
	return b.putChange(bucket, letter, keyNumber, key, change{value: plain})
}

// forgetKeys takes wrapped keys out of the file, when nothing stands under them any more: not after
// what else this commit brought, either. docs/protocol.md §9.3
func (b *batch) forgetKeys() error {
	if len(b.merged.forgotten) == 0 {
		return nil
	}
	wrapped, err := bucketOf(b.snap.tx, bucketKeys)
	if err != nil {
		return err
	}
	used, err := b.snap.rowsUnder()
	if err != nil {
		return err
	}
	items, err := bucketOf(b.snap.tx, bucketItems)
	if err != nil {
		return err
	}
	if err := countItemKeys(items, used); err != nil {
		return err
	}
	for _, number := range b.merged.forgotten {
		if used[number] > 0 {
			return errInUse
		}
		if err := wrapped.Delete(numberKey(uint64(number))); err != nil {
			return err
		}
	}
	b.snap.keys = b.snap.keys.forgetting(b.merged.forgotten)
	b.s.keys.Store(b.snap.keys)
	return nil
}

func countItemKeys(items *bolt.Bucket, used map[uint32]int) error {
	return items.ForEach(func(_, row []byte) error {
		_, sealed, ok := parseItemRow(row)
		v, err := parseSealed(sealed)
		if !ok || err != nil {
			return &Damaged{What: "an item"}
		}
		used[v.key]++
		return nil
	})
}
