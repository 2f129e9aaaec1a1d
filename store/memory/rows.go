package memory

import "slices"

// group is the numbered rows of one group, sorted by number. Values never change in place.
type group struct {
	numbers []uint64
	values  map[uint64][]byte
}

func (t *txn) PutRow(table string, name []byte, n uint64, value []byte) error {
	at, err := t.changeAt(table, name, len(value))
	if err != nil {
		return err
	}
	t.setRow(at, n, append([]byte{}, value...))
	return nil
}

func (t *txn) DeleteRow(table string, name []byte, n uint64) error {
	at, err := t.changeAt(table, name, 0)
	if err != nil {
		return err
	}
	t.setRow(at, n, nil)
	return nil
}

// setRow writes a row, or deletes it where value is nil, and notes how to take it back.
func (t *txn) setRow(at place, n uint64, value []byte) {
	g := t.r.groups[at]
	if g == nil {
		g = &group{values: map[uint64][]byte{}}
		t.r.groups[at] = g
	}
	before := g.values[n]
	t.back = append(t.back, func() { g.set(n, before) })
	g.set(n, value)
}

func (g *group) set(n uint64, value []byte) {
	i, found := slices.BinarySearch(g.numbers, n)
	switch {
	case value == nil && found:
		g.numbers = slices.Delete(g.numbers, i, i+1)
		delete(g.values, n)
	case value != nil:
		if !found {
			g.numbers = slices.Insert(g.numbers, i, n)
		}
		g.values[n] = value
	}
}

// row is one row as it stood when a walk began.
type row struct {
	n     uint64
	value []byte
}

func (t *txn) Rows(table string, name []byte, from uint64, descending bool, visit func(n uint64, value []byte) (bool, error)) error {
	at, err := t.at(table, name)
	if err != nil {
		return err
	}
	g := t.r.groups[at]
	if g == nil {
		return nil
	}
	for _, r := range g.walk(from, descending) {
		more, err := visit(r.n, append([]byte{}, r.value...))
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// walk lists the rows in the order of the walk.
func (g *group) walk(from uint64, descending bool) []row {
	i, found := slices.BinarySearch(g.numbers, from)
	if descending && found {
		i++
	}
	numbers := g.numbers[i:]
	if descending {
		numbers = g.numbers[:i]
	}
	rows := make([]row, len(numbers))
	for j, n := range numbers {
		rows[j] = row{n: n, value: g.values[n]}
	}
	if descending {
		slices.Reverse(rows)
	}
	return rows
}
