package store

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// Limits of what one transaction may hold; above them ErrTooLarge. docs/protocol.md §9.1
const (
	// MaxTable is the length of a table's name in bytes; the least is 1.
	MaxTable = 64
	// MaxKey is the length of a key or a group in bytes; the least is 0.
	MaxKey = 1024
	// MaxValue is the length of a value, and of a marshalled item, in bytes.
	MaxValue = 1 << 20
	// MaxTx is the sum of all keys, values and items that one function may write, in bytes.
	MaxTx = 64 << 20
)

// Tx is what a function given to Update or View works with. It sees what its own function and
// the committed ones before it wrote. It ends with the function. Byte slices are copied in and
// out. Not for several goroutines at once.
type Tx interface {
	// Append adds an item to the record, sets its Number and returns it. Recorded is set to
	// now where it is absent. The tree leaf goes into the same commit. docs/protocol.md §9.1
	Append(item *valisev1.Item) (number uint64, err error)
	// AppendSigned is Append of an item whose Signed, of at most size bytes, is what sign gives.
	// sign runs once: after the function has returned or when the item is read, beside those of
	// other functions, and before the commit. It must not use the Tx. If it fails, nothing of the
	// whole batch is stored, and the Store stops. docs/protocol.md §9.1
	AppendSigned(item *valisev1.Item, size int, sign func() ([]byte, error)) (number uint64, err error)
	// Item reads one item: ErrNotFound beyond the end, a *Pruned, which is ErrPruned, where
	// the content was removed.
	Item(number uint64) (*valisev1.Item, error)
	// Prune removes the content of an item that was committed before, for good: what is left is its
	// leaf. Tree, head and numbers stay. It is no error where the content is gone. Errors:
	// ErrNotFound, and ErrInvalid for an item that is only being committed. docs/protocol.md §9.3
	Prune(number uint64) error
	// Forget destroys the keys of the months that ended before a time and of which no content is
	// left, and names them, "2026-01". docs/protocol.md §9.3
	Forget(before time.Time) (months []string, err error)
	// Items is how many items the record has; the next one gets this number.
	Items() uint64
	// Get reads the value at key; nil, nil where there is none. An empty value is not nil.
	Get(table string, key []byte) ([]byte, error)
	// Put writes the value at key.
	Put(table string, key, value []byte) error
	// Delete removes the value at key; it is no error where there is none.
	Delete(table string, key []byte) error
	// PutRow writes the numbered row n of a group. Rows and keys of one table are apart.
	PutRow(table string, group []byte, n uint64, value []byte) error
	// DeleteRow removes a row; it is no error where there is none.
	DeleteRow(table string, group []byte, n uint64) error
	// Rows visits a group's rows in order of n, from n upwards or, descending, downwards,
	// until visit says no more or gives an error, which Rows returns. What visit itself
	// writes does not change the walk.
	Rows(table string, group []byte, from uint64, descending bool, visit func(n uint64, value []byte) (more bool, err error)) error
}

// txn is the one Tx: a snapshot below, over it what the batch has gathered, over that what
// this function writes. In a View the two layers are nil.
type txn struct {
	below *snapshot
	batch *layer
	own   *layer
	// gathered closes when every function of the batch has run.
	gathered <-chan struct{}
	now      func() time.Time
	done     bool
	// broken is the first damage that the function met: what follows is doubtful, so the
	// function cannot commit even if it hides the error. P6
	broken error
}

var _ Tx = (*txn)(nil)

func (t *txn) Items() uint64 {
	n := t.below.head.size
	for _, l := range t.layers() {
		n += uint64(len(l.items))
	}
	return n
}

func (t *txn) Append(item *valisev1.Item) (uint64, error) {
	return t.append(item, func() (pending, int, error) {
		p, err := newPending(t.Items(), item, t.now)
		return p, len(p.plain), err
	})
}

func (t *txn) AppendSigned(item *valisev1.Item, size int, sign func() ([]byte, error)) (uint64, error) {
	return t.append(item, func() (pending, int, error) { return newUnsigned(t.Items(), item, t.now, size, sign) })
}

func (t *txn) append(item *valisev1.Item, freeze func() (p pending, size int, err error)) (uint64, error) {
	if err := t.writable(); err != nil {
		return 0, err
	}
	if item == nil {
		return 0, fmt.Errorf("%w: no item", ErrInvalid)
	}
	p, size, err := freeze()
	if err != nil {
		return 0, err
	}
	if err := t.own.grow(size); err != nil {
		return 0, err
	}
	t.own.items = append(t.own.items, p)
	item.Number = p.leaf.Number
	if item.Recorded == nil {
		item.Recorded = p.timestamp()
	}
	return item.Number, nil
}

func (t *txn) Item(number uint64) (*valisev1.Item, error) {
	if t.done {
		return nil, ErrTxDone
	}
	if number >= t.Items() {
		return nil, ErrNotFound
	}
	if leaf, gone := t.prunedHere(number); gone {
		return nil, &Pruned{Leaf: leaf}
	}
	if number < t.below.head.size {
		item, err := t.below.item(number)
		return item, t.note(err)
	}
	at := number - t.below.head.size
	for _, l := range t.layers() {
		if at < uint64(len(l.items)) {
			plain, err := l.items[at].bytes()
			if err != nil {
				return nil, err
			}
			item := new(valisev1.Item)
			return item, proto.Unmarshal(plain, item)
		}
		at -= uint64(len(l.items))
	}
	return nil, ErrNotFound
}

func (t *txn) Get(table string, key []byte) ([]byte, error) {
	if t.done {
		return nil, ErrTxDone
	}
	if err := checkName(table, key); err != nil {
		return nil, err
	}
	at := t.below.keys.tableKey(table, key)
	for i := len(t.layers()) - 1; i >= 0; i-- {
		if c, ok := t.layers()[i].table[at]; ok {
			return c.copied(), nil
		}
	}
	value, err := t.below.get(at)
	return value, t.note(err)
}

func (t *txn) Put(table string, key, value []byte) error {
	return t.change(table, key, value, func(l *layer, c change) {
		l.table[t.below.keys.tableKey(table, key)] = c
	})
}

func (t *txn) Delete(table string, key []byte) error {
	return t.change(table, key, nil, func(l *layer, _ change) {
		l.table[t.below.keys.tableKey(table, key)] = change{deleted: true}
	})
}

func (t *txn) PutRow(table string, group []byte, n uint64, value []byte) error {
	return t.change(table, group, value, func(l *layer, c change) {
		l.setRow(t.below.keys.rowGroup(table, group), n, c)
	})
}

func (t *txn) DeleteRow(table string, group []byte, n uint64) error {
	return t.change(table, group, nil, func(l *layer, _ change) {
		l.setRow(t.below.keys.rowGroup(table, group), n, change{deleted: true})
	})
}

// change checks names and limits before write puts the change into this function's own layer.
func (t *txn) change(table string, key, value []byte, write func(*layer, change)) error {
	if err := t.writable(); err != nil {
		return err
	}
	if err := checkName(table, key); err != nil {
		return err
	}
	if len(value) > MaxValue {
		return fmt.Errorf("%w: a value of %d bytes, the limit is %d", ErrTooLarge, len(value), MaxValue)
	}
	if err := t.own.grow(rowCost + len(value)); err != nil {
		return err
	}
	write(t.own, change{value: append([]byte{}, value...)})
	return nil
}

func (t *txn) writable() error {
	if t.done {
		return ErrTxDone
	}
	if t.own == nil {
		return ErrReadOnly
	}
	return nil
}

// note keeps the first damage that was met.
func (t *txn) note(err error) error {
	if t.broken == nil && isDamage(err) {
		t.broken = err
	}
	return err
}

// layers gives what lies over the snapshot, lowest first.
func (t *txn) layers() []*layer {
	if t.own == nil {
		return nil
	}
	return []*layer{t.batch, t.own}
}

func checkName(table string, key []byte) error {
	if len(table) == 0 {
		return fmt.Errorf("%w: a table without a name", ErrInvalid)
	}
	if len(table) > MaxTable || len(key) > MaxKey {
		return fmt.Errorf("%w: table name %d of %d bytes, key %d of %d", ErrTooLarge, len(table), MaxTable, len(key), MaxKey)
	}
	return nil
}
