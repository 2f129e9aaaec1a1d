package gateway

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// memStore is a store in memory with the rules of the real one: a failing function leaves no
// trace, and what is read is a copy.
type memStore struct {
	mu    sync.Mutex
	items []*valisev1.Item
	// pruned are those of which the leaf is left.
	pruned map[*valisev1.Item]bool
	keys   map[string][]byte
	rows   map[string]*rowSet
	undo   []func()
	// fail, when set, decides about every commit: an error before or after it took place.
	fail   func() (before, after error)
	again  bool // runs every function twice, as a group commit may
	writes int
}

type rowSet struct {
	order  []uint64
	values map[uint64][]byte
}

func newMemStore() *memStore {
	return &memStore{keys: map[string][]byte{}, rows: map[string]*rowSet{}}
}

func (s *memStore) Update(ctx context.Context, fn func(Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.again {
		_ = fn(memTx{s, true})
		s.rollback()
	}
	err := fn(memTx{s, true})
	var after error
	if err == nil && s.fail != nil {
		err, after = s.fail()
	}
	if err != nil {
		s.rollback()
		return err
	}
	s.undo = nil
	s.writes++
	return after
}

func (s *memStore) View(_ context.Context, fn func(Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fn(memTx{s, false})
}

func (s *memStore) rollback() {
	for _, undo := range slices.Backward(s.undo) {
		undo()
	}
	s.undo = nil
}

var errReadOnly = errors.New("written in a view")

type memTx struct {
	s     *memStore
	write bool
}

func (t memTx) Append(item *valisev1.Item) (uint64, error) {
	if !t.write {
		return 0, errReadOnly
	}
	n := uint64(len(t.s.items))
	item.Number = n
	t.s.items = append(t.s.items, proto.CloneOf(item))
	t.s.undo = append(t.s.undo, func() { t.s.items = t.s.items[:n] })
	return n, nil
}

func (t memTx) AppendSigned(item *valisev1.Item, _ int, sign func() ([]byte, error)) (n uint64, err error) {
	if item.Signed, err = sign(); err != nil {
		return 0, err
	}
	return t.Append(item)
}

func (t memTx) Item(n uint64) (*valisev1.Item, error) {
	if n >= uint64(len(t.s.items)) {
		return nil, errors.New("no such item")
	}
	item := t.s.items[n]
	if item == nil { // a test took it away
		return nil, gone{&valisev1.Item{Number: n}}
	}
	if t.s.pruned[item] {
		return nil, gone{item}
	}
	return proto.CloneOf(t.s.items[n]), nil
}

// gone is the store's error for an item of which the leaf is left.
type gone struct{ left *valisev1.Item }

func (g gone) Error() string             { return "the content was removed" }
func (g gone) Reason() valisev1.Reason   { return valisev1.Reason_REASON_PRUNED }
func (g gone) Tombstone() *valisev1.Item { return proto.CloneOf(g.left) }

func (t memTx) Prune(n uint64) error {
	if !t.write {
		return errReadOnly
	}
	was := t.s.items[n]
	t.s.undo = append(t.s.undo, func() { t.s.items[n] = was })
	t.s.items[n] = &valisev1.Item{Number: n, Type: was.GetType(), Recorded: was.GetRecorded(), Digest: was.GetDigest()}
	if t.s.pruned == nil {
		t.s.pruned = map[*valisev1.Item]bool{}
	}
	t.s.pruned[t.s.items[n]] = true
	return nil
}

func (t memTx) Forget(time.Time) ([]string, error) { return nil, nil }

func (t memTx) Items() uint64 { return uint64(len(t.s.items)) }

func (t memTx) Get(table string, key []byte) ([]byte, error) {
	v, ok := t.s.keys[table+"\x00"+string(key)]
	if !ok {
		return nil, nil
	}
	return append([]byte{}, v...), nil
}

func (t memTx) Put(table string, key, value []byte) error {
	if !t.write {
		return errReadOnly
	}
	t.set(table+"\x00"+string(key), append([]byte{}, value...), true)
	return nil
}

func (t memTx) Delete(table string, key []byte) error {
	if !t.write {
		return errReadOnly
	}
	t.set(table+"\x00"+string(key), nil, false)
	return nil
}

func (t memTx) set(k string, v []byte, there bool) {
	old, was := t.s.keys[k]
	t.s.undo = append(t.s.undo, func() {
		if was {
			t.s.keys[k] = old
		} else {
			delete(t.s.keys, k)
		}
	})
	if there {
		t.s.keys[k] = v
	} else {
		delete(t.s.keys, k)
	}
}

func (t memTx) PutRow(table string, group []byte, n uint64, value []byte) error {
	if !t.write {
		return errReadOnly
	}
	t.setRow(table+"\x00"+string(group), n, append([]byte{}, value...), true)
	return nil
}

func (t memTx) DeleteRow(table string, group []byte, n uint64) error {
	if !t.write {
		return errReadOnly
	}
	t.setRow(table+"\x00"+string(group), n, nil, false)
	return nil
}

func (t memTx) setRow(k string, n uint64, v []byte, there bool) {
	r := t.s.rows[k]
	if r == nil {
		r = &rowSet{values: map[uint64][]byte{}}
		t.s.rows[k] = r
	}
	old, was := r.values[n]
	t.s.undo = append(t.s.undo, func() { r.set(n, old, was) })
	r.set(n, v, there)
}

func (r *rowSet) set(n uint64, v []byte, there bool) {
	at, found := slices.BinarySearch(r.order, n)
	switch {
	case there && !found:
		r.order = slices.Insert(r.order, at, n)
	case !there && found:
		r.order = slices.Delete(r.order, at, at+1)
	}
	if there {
		r.values[n] = v
	} else {
		delete(r.values, n)
	}
}

func (t memTx) Rows(table string, group []byte, from uint64, descending bool, visit func(uint64, []byte) (bool, error)) error {
	r := t.s.rows[table+"\x00"+string(group)]
	if r == nil {
		return nil
	}
	order := slices.Clone(r.order)
	if descending {
		slices.Reverse(order)
	}
	for _, n := range order {
		if !descending && n < from || descending && n > from {
			continue
		}
		v, ok := r.values[n]
		if !ok {
			continue
		}
		more, err := visit(n, append([]byte{}, v...))
		if err != nil || !more {
			return err
		}
	}
	return nil
}
