package store

import (
	"bytes"
	"slices"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"

	valisev1 "valise.example/proto/valise/v1"
)

// verifier goes through a record once, in steps that may each see a later state of it.
type verifier struct {
	cfg    VerifyConfig
	report Report
	begun  bool
	done   bool

	// head is what the file says of itself when the walk begins; headOK that it opens.
	head   head
	headOK bool
	// next of size items is the next to look at.
	next, size uint64
	// fromItems is the tree that the items make, fromRows the one that the stored leaves
	// make. Where an item is gone or a leaf is, each takes the other's word.
	fromItems, fromRows *frontier
	// suspects are items that open and do not fit their stored leaf.
	suspects []uint64
	// missing are runs of numbers without an item.
	missing []run
}

// run is from, from+1, … to-1.
type run struct{ from, to uint64 }

// verifyChunk is how many items one step looks at: a commit for which the map of the file must grow
// waits for the end of a step.
const verifyChunk = 256

func newVerifier(cfg VerifyConfig) *verifier {
	return &verifier{cfg: cfg, fromItems: newFrontier(), fromRows: newFrontier()}
}

// openKeys reads the keys as far as they open: without one of them the rest can be checked.
func (v *verifier) openKeys(tx *bolt.Tx, cfg Config) (*keyring, error) {
	meta := tx.Bucket([]byte{bucketMeta})
	if meta == nil {
		return nil, ErrFormat
	}
	keys, err := openFormat(meta.Get(keyFormat), cfg.RecordKey, cfg.Realm)
	if err != nil {
		return nil, err
	}
	wrapped := tx.Bucket([]byte{bucketKeys})
	if wrapped == nil {
		return keys, nil
	}
	err = wrapped.ForEach(func(key, value []byte) error {
		next, err := keys.unwrap(key, value)
		if err == nil {
			keys = next
		}
		return nil
	})
	return keys, err
}

// step does a share of the work.
func (v *verifier) step(tx *bolt.Tx, keys *keyring) error {
	switch {
	case !v.begun:
		v.begun = true
		v.begin(tx, keys)
	case v.next < v.size:
		return v.stepItems(tx, keys)
	default:
		v.done = true
		return v.finish(tx, keys)
	}
	return nil
}

// begin looks at everything but the items: buckets, wrapped keys, head, state tables.
func (v *verifier) begin(tx *bolt.Tx, keys *keyring) {
	v.checkBuckets(tx)
	if b := tx.Bucket([]byte{bucketKeys}); b != nil {
		_ = b.ForEach(func(key, value []byte) error {
			if _, err := keys.unwrap(key, value); err != nil {
				v.broken()
			}
			return nil
		})
	}
	h, err := readHead(tx, keys)
	v.head, v.headOK, v.size = h, err == nil, h.size
	if err != nil {
		v.broken()
		v.size = countKeys(tx.Bucket([]byte{bucketItems}))
	}
	v.report.TreeSize, v.report.Root = h.size, h.root
	v.checkTables(tx, keys)
}

func (v *verifier) checkBuckets(tx *bolt.Tx) {
	found := 0
	_ = tx.ForEach(func(name []byte, b *bolt.Bucket) error {
		if b == nil || len(name) != 1 || !slices.Contains(allBuckets, name[0]) {
			v.broken()
			return nil
		}
		found++
		return nil
	})
	if found != len(allBuckets) {
		v.broken()
	}
	if b := tx.Bucket([]byte{bucketMeta}); b != nil && countKeys(b) > 2 {
		v.broken()
	}
}

func countKeys(b *bolt.Bucket) (n uint64) {
	if b == nil {
		return 0
	}
	_ = b.ForEach(func(_, _ []byte) error { n++; return nil })
	return n
}

// checkTables opens every row of the state tables and compares their sum with the head.
func (v *verifier) checkTables(tx *bolt.Tx, keys *keyring) {
	var sum rowSum
	whole := true
	for letter, size := range map[byte]int{bucketTable: nameSize, bucketRows: nameSize + 8} {
		b := tx.Bucket([]byte{letter})
		if b == nil {
			whole = false
			continue
		}
		_ = b.ForEach(func(key, sealed []byte) error {
			if _, err := keys.openPlain(letter, key, sealed); err != nil || len(key) != size {
				v.broken()
				whole = false
				return nil
			}
			sum.add(keys, letter, key, sealed)
			return nil
		})
	}
	if whole && v.headOK && sum != v.head.sum {
		v.broken()
	}
}

// stepItems looks at the next items and their leaves.
func (v *verifier) stepItems(tx *bolt.Tx, keys *keyring) error {
	end := min(v.next+verifyChunk, v.size)
	items := follow(tx, bucketItems, v.next, v.broken)
	tree := follow(tx, bucketTree, uint64(tlog.StoredHashIndex(0, int64(v.next))), v.treeBroken)
	for ; v.next < end; v.next++ {
		if err := v.item(v.next, items.at(v.next), keys, tree); err != nil {
			return err
		}
	}
	items.skip(numberKey(end))
	tree.skip(numberKey(uint64(tlog.StoredHashCount(int64(end)))))
	return nil
}

func (v *verifier) treeBroken() { v.note(None, v.next, valisev1.Reason_REASON_RECORD_TREE_BROKEN) }

// item looks at one item and at the hashes that were stored with it. docs/protocol.md §9.2
func (v *verifier) item(n uint64, row []byte, keys *keyring, tree *follower) error {
	at := uint64(tlog.StoredHashIndex(0, int64(n)))
	stored, haveStored := asHash(tree.at(at))
	computed, haveComputed := v.judge(n, row, keys)
	switch {
	case !haveStored:
		v.note(n, n, valisev1.Reason_REASON_RECORD_TREE_BROKEN)
		stored = computed
	case !haveComputed:
		computed = stored
	case computed != stored && len(v.suspects) < MaxProblems:
		v.suspects = append(v.suspects, n)
	}
	fromItems, err := v.fromItems.add(computed)
	if err != nil {
		return err
	}
	fromRows, err := v.fromRows.add(stored)
	if err != nil {
		return err
	}
	for i := 1; i < len(fromItems); i++ {
		h, ok := asHash(tree.at(at + uint64(i)))
		if !ok || h != fromItems[i] && h != fromRows[i] {
			v.note(None, n, valisev1.Reason_REASON_RECORD_TREE_BROKEN)
		}
	}
	return nil
}

// judge opens an item and computes its leaf; ok is false where there is none to compute.
func (v *verifier) judge(n uint64, row []byte, keys *keyring) (leaf tlog.Hash, ok bool) {
	if row == nil {
		v.miss(n)
		return tlog.Hash{}, false
	}
	v.report.Items++
	item, l, err := keys.openItem(n, row)
	if err != nil {
		v.note(n, n, whyClosed(n, row, keys))
		return tlog.Hash{}, false
	}
	if item != nil && v.cfg.Item != nil {
		if reason := v.cfg.Item(item); reason != valisev1.Reason_REASON_UNSPECIFIED {
			v.note(n, n, reason)
		}
	}
	return l.Hash(), true
}

// whyClosed tells an item of another number, which opens there, from a changed one.
func whyClosed(n uint64, row []byte, keys *keyring) valisev1.Reason {
	written, _, ok := parseItemRow(row)
	if ok && written != n {
		if _, _, err := keys.openItem(written, row); err == nil {
			return valisev1.Reason_REASON_RECORD_ITEM_MOVED
		}
	}
	return valisev1.Reason_REASON_RECORD_ITEM_CHANGED
}

// miss adds n to the runs of missing items.
func (v *verifier) miss(n uint64) {
	if last := len(v.missing) - 1; last >= 0 && v.missing[last].to == n {
		v.missing[last].to++
		return
	}
	if len(v.missing) > MaxProblems {
		v.report.More = true
		return
	}
	v.missing = append(v.missing, run{from: n, to: n + 1})
}

// finish judges what only shows at the end: missing tails, suspects, roots, what stands
// beyond the head, and heads known from elsewhere.
func (v *verifier) finish(tx *bolt.Tx, keys *keyring) error {
	for _, r := range v.missing {
		reason := valisev1.Reason_REASON_RECORD_ITEM_MISSING
		if r.to == v.size {
			reason = valisev1.Reason_REASON_RECORD_TRUNCATED
		}
		for n := r.from; n < r.to && !v.report.More; n++ {
			v.note(n, n, reason)
		}
	}
	if err := v.judgeRoots(); err != nil {
		return err
	}
	present := head{size: v.size}
	if v.headOK {
		h, err := readHead(tx, keys)
		if err != nil || h.size < v.size {
			v.broken()
			return nil
		}
		present = h
	}
	v.beyond(tx, present.size)
	v.checkHeads(tx, present.size)
	return nil
}

// judgeRoots decides for each suspect whether the item or its stored leaf was changed: the
// sealed head can only have been made over one of them.
func (v *verifier) judgeRoots() error {
	fromItems, err := v.fromItems.root()
	if err != nil {
		return err
	}
	fromRows, err := v.fromRows.root()
	if err != nil {
		return err
	}
	root := tlog.Hash(v.head.root)
	reason := valisev1.Reason_REASON_RECORD_ITEM_CHANGED
	if v.headOK && fromRows != root && fromItems == root {
		reason = valisev1.Reason_REASON_RECORD_TREE_BROKEN
	}
	for _, n := range v.suspects {
		v.note(n, n, reason)
	}
	if v.headOK && fromRows != root && fromItems != root {
		v.note(None, None, valisev1.Reason_REASON_RECORD_TREE_BROKEN)
	}
	return nil
}

// beyond names what stands after the last item and the last hash.
func (v *verifier) beyond(tx *bolt.Tx, size uint64) {
	if b := tx.Bucket([]byte{bucketItems}); b != nil {
		c := b.Cursor()
		for key, _ := c.Seek(numberKey(size)); key != nil && !v.report.More; key, _ = c.Next() {
			n, ok := parseNumberKey(key)
			if !ok {
				n = None
			}
			v.note(n, None, valisev1.Reason_REASON_RECORD_TREE_BROKEN)
		}
	}
	if b := tx.Bucket([]byte{bucketTree}); b != nil {
		c := b.Cursor()
		if key, _ := c.Seek(numberKey(uint64(tlog.StoredHashCount(int64(size))))); key != nil {
			v.note(None, size, valisev1.Reason_REASON_RECORD_TREE_BROKEN)
		}
	}
}

// checkHeads compares with heads from elsewhere: a record that lacks one was rolled back, one
// that differs was rewritten. P5
func (v *verifier) checkHeads(tx *bolt.Tx, size uint64) {
	tree := tx.Bucket([]byte{bucketTree})
	if tree == nil {
		return
	}
	for _, h := range v.cfg.Heads {
		if h.Size > size {
			v.note(size, None, valisev1.Reason_REASON_RECORD_TRUNCATED)
			continue
		}
		root, err := tlog.TreeHash(int64(h.Size), storedHashes(tree))
		if err != nil || root != tlog.Hash(h.Root) {
			v.note(None, h.Size, valisev1.Reason_REASON_RECORD_TREE_BROKEN)
		}
	}
}

// follower reads rows whose keys are numbers that only grow, and calls strange for each key
// in between that nobody asked for.
type follower struct {
	cursor     *bolt.Cursor
	key, value []byte
	strange    func()
}

func follow(tx *bolt.Tx, bucket byte, from uint64, strange func()) *follower {
	f := &follower{strange: strange}
	if b := tx.Bucket([]byte{bucket}); b != nil {
		f.cursor = b.Cursor()
		if f.key, f.value = f.cursor.First(); from > 0 {
			f.key, f.value = f.cursor.Seek(numberKey(from))
		}
	}
	return f
}

// at gives the row of number n, or nil.
func (f *follower) at(n uint64) []byte {
	want := numberKey(n)
	f.skip(want)
	if !bytes.Equal(f.key, want) {
		return nil
	}
	value := f.value
	f.key, f.value = f.cursor.Next()
	return value
}

// skip passes over what stands before a key.
func (f *follower) skip(want []byte) {
	for f.key != nil && bytes.Compare(f.key, want) < 0 {
		f.strange()
		f.key, f.value = f.cursor.Next()
	}
}
