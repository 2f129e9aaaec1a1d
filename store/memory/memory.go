package memory

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

// Record is a record in memory. Its methods are safe for several goroutines; Updates run one
// after the other.
type Record struct {
	now    func() time.Time
	mu     sync.RWMutex
	closed bool
	items  [][]byte
	pruned map[uint64]store.Leaf
	hashes []tlog.Hash
	table  map[place][]byte
	groups map[place]*group
}

// place is a table with a key or a group.
type place struct{ table, key string }

// New makes an empty record. now dates items that come without a date; nil means time.Now.
func New(now func() time.Time) *Record {
	if now == nil {
		now = time.Now
	}
	return &Record{now: now, pruned: map[uint64]store.Leaf{}, table: map[place][]byte{}, groups: map[place]*group{}}
}

// Update runs fn as store.Update does: it takes effect wholly or, where fn gives an error or
// panics, not at all.
func (r *Record) Update(ctx context.Context, fn func(store.Tx) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.usable(ctx); err != nil {
		return err
	}
	t := &txn{r: r, writable: true, began: uint64(len(r.items))}
	ok := false
	defer func() {
		t.done = true
		if !ok {
			t.undo()
		}
	}()
	err := contained(t, fn)
	ok = err == nil
	return err
}

// View runs fn on the present state.
func (r *Record) View(ctx context.Context, fn func(store.Tx) error) error {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if err := r.usable(ctx); err != nil {
		return err
	}
	t := &txn{r: r}
	defer func() { t.done = true }()
	return contained(t, fn)
}

// Head gives size and root of the tree. docs/protocol.md §9.2
func (r *Record) Head(ctx context.Context) (store.Head, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if err := r.usable(ctx); err != nil {
		return store.Head{}, err
	}
	root, err := tlog.TreeHash(int64(len(r.items)), tlog.HashReaderFunc(r.readHashes))
	return store.Head{Size: uint64(len(r.items)), Root: root}, err
}

// HeadAt gives the root that the tree had at a size; false where it never had it.
// docs/protocol.md §9.2
func (r *Record) HeadAt(size uint64) (store.Head, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if size > uint64(len(r.items)) {
		return store.Head{}, false
	}
	root, err := tlog.TreeHash(int64(size), tlog.HashReaderFunc(r.readHashes))
	return store.Head{Size: size, Root: root}, err == nil
}

// Copy is a second record with the same content, as a backup or a copied disk is. Each goes its
// own way from here on.
func (r *Record) Copy() *Record {
	r.mu.RLock()
	defer r.mu.RUnlock()
	groups := make(map[place]*group, len(r.groups))
	for at, g := range r.groups {
		groups[at] = &group{numbers: slices.Clone(g.numbers), values: maps.Clone(g.values)}
	}
	return &Record{
		now: r.now, items: slices.Clone(r.items), pruned: maps.Clone(r.pruned), hashes: slices.Clone(r.hashes), table: maps.Clone(r.table), groups: groups,
	}
}

// Close ends the record; everything after it answers store.ErrClosed.
func (r *Record) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	return nil
}

func (r *Record) usable(ctx context.Context) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", store.ErrNotStarted, context.Cause(ctx))
	}
	if r.closed {
		return store.ErrClosed
	}
	return nil
}

func (r *Record) readHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = r.hashes[index]
	}
	return out, nil
}

func contained(t *txn, fn func(store.Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &store.Panicked{Value: p, Stack: debug.Stack()}
		}
	}()
	return fn(t)
}

// txn writes at once and keeps how to take everything back.
type txn struct {
	r        *Record
	writable bool
	done     bool
	written  int
	began    uint64 // how many items there were
	back     []func()
}

var _ store.Tx = (*txn)(nil)

func (t *txn) undo() {
	for _, v := range slices.Backward(t.back) {
		v()
	}
}

// change checks that n more bytes may be written.
func (t *txn) change(n int) error {
	switch {
	case t.done:
		return store.ErrTxDone
	case !t.writable:
		return store.ErrReadOnly
	case n > store.MaxValue || t.written+n > store.MaxTx:
		return store.ErrTooLarge
	}
	t.written += n
	return nil
}

func (t *txn) Items() uint64 { return uint64(len(t.r.items)) }

func (t *txn) Append(item *valisev1.Item) (uint64, error) {
	if err := t.change(0); err != nil {
		return 0, err
	}
	if item == nil || item.Type == valisev1.ItemType_ITEM_TYPE_UNSPECIFIED {
		return 0, fmt.Errorf("%w: an item without a type", store.ErrInvalid)
	}
	if n := len(item.Thread); n != 0 && n != len(ident.ThreadID{}) {
		return 0, fmt.Errorf("%w: an item with a thread of %d bytes", store.ErrInvalid, n)
	}
	stored := proto.CloneOf(item)
	stored.Number = t.Items()
	if stored.Recorded == nil {
		stored.Recorded = timestamppb.New(t.r.now())
	}
	b, err := proto.Marshal(stored)
	if err != nil {
		return 0, fmt.Errorf("%w: an item that cannot be marshalled", store.ErrInvalid)
	}
	leaf, err := store.LeafOf(stored, b)
	if err != nil {
		return 0, err
	}
	if err := t.change(len(b)); err != nil {
		return 0, err
	}
	hashes, err := tlog.StoredHashesForRecordHash(int64(stored.Number), leaf.Hash(), tlog.HashReaderFunc(t.r.readHashes))
	if err != nil {
		return 0, err
	}
	items, before := len(t.r.items), len(t.r.hashes)
	t.back = append(t.back, func() { t.r.items, t.r.hashes = t.r.items[:items], t.r.hashes[:before] })
	t.r.items, t.r.hashes = append(t.r.items, b), append(t.r.hashes, hashes...)
	item.Number, item.Recorded = stored.Number, stored.Recorded
	return stored.Number, nil
}

// AppendSigned signs at once: what is slow here is nobody's concern.
func (t *txn) AppendSigned(item *valisev1.Item, size int, sign func() ([]byte, error)) (uint64, error) {
	if item == nil {
		return t.Append(nil)
	}
	if size < 0 || size > store.MaxValue {
		return 0, fmt.Errorf("%w: an item of %d signed bytes", store.ErrTooLarge, size)
	}
	signed, err := sign()
	if err != nil {
		return 0, err
	}
	if len(signed) > size {
		return 0, fmt.Errorf("%w: %d signed bytes, %d were announced", store.ErrTooLarge, len(signed), size)
	}
	whole := proto.CloneOf(item)
	whole.Signed = signed
	n, err := t.Append(whole)
	if err != nil {
		return 0, err
	}
	item.Number, item.Recorded = whole.Number, whole.Recorded
	return n, nil
}

func (t *txn) Item(number uint64) (*valisev1.Item, error) {
	if t.done {
		return nil, store.ErrTxDone
	}
	if number >= t.Items() {
		return nil, store.ErrNotFound
	}
	if leaf, gone := t.r.pruned[number]; gone {
		return nil, &store.Pruned{Leaf: leaf}
	}
	item := new(valisev1.Item)
	return item, proto.Unmarshal(t.r.items[number], item)
}

// Prune drops what is stored of an item and keeps its leaf. docs/protocol.md §9.3
func (t *txn) Prune(number uint64) error {
	if err := t.change(0); err != nil {
		return err
	}
	switch _, gone := t.r.pruned[number]; {
	case number >= t.Items():
		return store.ErrNotFound
	case number >= t.began:
		return fmt.Errorf("%w: an item that is not committed yet cannot lose its content", store.ErrInvalid)
	case gone:
		return nil
	}
	before := t.r.items[number]
	item := new(valisev1.Item)
	if err := proto.Unmarshal(before, item); err != nil {
		return err
	}
	leaf, err := store.LeafOf(item, before)
	if err != nil {
		return err
	}
	t.back = append(t.back, func() {
		t.r.items[number] = before
		delete(t.r.pruned, number)
	})
	t.r.items[number], t.r.pruned[number] = nil, leaf
	return nil
}

// Forget names no month: nothing here is sealed.
func (t *txn) Forget(time.Time) ([]string, error) { return nil, t.change(0) }

func (t *txn) Get(table string, key []byte) ([]byte, error) {
	at, err := t.at(table, key)
	if err != nil {
		return nil, err
	}
	value, ok := t.r.table[at]
	if !ok {
		return nil, nil
	}
	return append([]byte{}, value...), nil
}

func (t *txn) Put(table string, key, value []byte) error {
	at, err := t.changeAt(table, key, len(value))
	if err != nil {
		return err
	}
	t.keep(at)
	t.r.table[at] = append([]byte{}, value...)
	return nil
}

func (t *txn) Delete(table string, key []byte) error {
	at, err := t.changeAt(table, key, 0)
	if err != nil {
		return err
	}
	t.keep(at)
	delete(t.r.table, at)
	return nil
}

// keep notes what stands at a key, for undo.
func (t *txn) keep(at place) {
	before, ok := t.r.table[at]
	t.back = append(t.back, func() {
		delete(t.r.table, at)
		if ok {
			t.r.table[at] = before
		}
	})
}

func (t *txn) changeAt(table string, key []byte, n int) (place, error) {
	if err := t.change(n); err != nil {
		return place{}, err
	}
	return t.at(table, key)
}

func (t *txn) at(table string, key []byte) (place, error) {
	switch {
	case t.done:
		return place{}, store.ErrTxDone
	case table == "":
		return place{}, fmt.Errorf("%w: a table without a name", store.ErrInvalid)
	case len(table) > store.MaxTable || len(key) > store.MaxKey:
		return place{}, store.ErrTooLarge
	}
	return place{table: table, key: string(key)}, nil
}
