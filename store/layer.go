package store

import (
	"fmt"
	"maps"
	"slices"
)

// layer gathers what functions write before it goes to disk, so that a function that fails
// leaves no trace and harms no other of its batch.
type layer struct {
	items []pending
	table map[name]change
	rows  map[name]map[uint64]change
	size  int

	pruned    map[uint64]Leaf // items that lose their content
	reseal    map[uint32]int  // how many rows under a key to seal anew
	forgotten []uint32        // keys that are destroyed then
}

// change is a new value or a deletion.
type change struct {
	value   []byte
	deleted bool
}

// rowCost is what a row costs beside its value, for the limit of a transaction.
const rowCost = 128

func newLayer() *layer {
	return &layer{
		table: map[name]change{}, rows: map[name]map[uint64]change{}, pruned: map[uint64]Leaf{}, reseal: map[uint32]int{},
	}
}

func (c change) copied() []byte {
	if c.deleted {
		return nil
	}
	return append([]byte{}, c.value...)
}

// grow counts n more bytes, so that no function can fill the memory. P7
func (l *layer) grow(n int) error {
	if l.size+n > MaxTx {
		return fmt.Errorf("%w: the transaction writes more than %d bytes", ErrTooLarge, MaxTx)
	}
	l.size += n
	return nil
}

func (l *layer) setRow(group name, n uint64, c change) {
	rows := l.rows[group]
	if rows == nil {
		rows = map[uint64]change{}
		l.rows[group] = rows
	}
	rows[n] = c
}

func (l *layer) isEmpty() bool {
	return len(l.items) == 0 && len(l.table) == 0 && len(l.rows) == 0 && len(l.pruned) == 0 && len(l.reseal) == 0
}

// take adds what a function that succeeded wrote. The items already have their numbers: the
// functions of a batch run one after the other.
func (l *layer) take(own *layer) {
	l.items = append(l.items, own.items...)
	maps.Copy(l.table, own.table)
	maps.Copy(l.pruned, own.pruned)
	for key, rows := range own.reseal {
		l.reseal[key] = max(l.reseal[key], rows)
	}
	for _, n := range own.forgotten {
		if !slices.Contains(l.forgotten, n) {
			l.forgotten = append(l.forgotten, n)
		}
	}
	for group, rows := range own.rows {
		if l.rows[group] == nil {
			l.rows[group] = rows
			continue
		}
		maps.Copy(l.rows[group], rows)
	}
	l.size += own.size
}

// rowChanges gives the changes to one group in all layers, the upper ones first to count, and
// their numbers in the order of the walk.
func rowChanges(layers []*layer, group name, from uint64, descending bool) (map[uint64]change, []uint64) {
	changes := map[uint64]change{}
	for _, l := range layers {
		for n, c := range l.rows[group] {
			if (descending && n <= from) || (!descending && n >= from) {
				changes[n] = c
			}
		}
	}
	order := slices.Sorted(maps.Keys(changes))
	if descending {
		slices.Reverse(order)
	}
	return changes, order
}
