package store

// Rows walks the snapshot and the changes over it side by side. The changes are gathered
// before the walk and the snapshot never changes under it, so visit may write.
func (t *txn) Rows(table string, group []byte, from uint64, descending bool, visit func(n uint64, value []byte) (bool, error)) error {
	if t.done {
		return ErrTxDone
	}
	if err := checkName(table, group); err != nil {
		return err
	}
	at := t.below.keys.rowGroup(table, group)
	changes, order := rowChanges(t.layers(), at, from, descending)
	w := &walk{changes: changes, order: order, descending: descending, visit: visit}
	err := t.below.rows(at, from, descending, w.stored)
	if err == nil && !w.ended {
		_, err = w.flush(nil)
	}
	return t.note(err)
}

// walk merges rows from disk with changes that are not there yet.
type walk struct {
	changes    map[uint64]change
	order      []uint64
	descending bool
	visit      func(n uint64, value []byte) (bool, error)
	ended      bool
}

// stored takes the next row from disk. open decrypts it, only if no change hides it.
func (w *walk) stored(n uint64, open func() ([]byte, error)) (bool, error) {
	if more, err := w.flush(&n); err != nil || !more {
		return false, err
	}
	if _, hidden := w.changes[n]; hidden {
		return true, nil
	}
	value, err := open()
	if err != nil {
		return false, err
	}
	return w.call(n, value)
}

// flush visits the changes up to and including n, all of them where n is nil.
func (w *walk) flush(n *uint64) (bool, error) {
	for len(w.order) > 0 && (n == nil || !w.after(w.order[0], *n)) {
		next := w.order[0]
		w.order = w.order[1:]
		if c := w.changes[next]; !c.deleted {
			if more, err := w.call(next, c.copied()); err != nil || !more {
				return false, err
			}
		}
	}
	return true, nil
}

func (w *walk) call(n uint64, value []byte) (bool, error) {
	more, err := w.visit(n, value)
	w.ended = err != nil || !more
	return !w.ended, err
}

// after reports whether a comes later in the walk than b.
func (w *walk) after(a, b uint64) bool {
	if w.descending {
		return a < b
	}
	return a > b
}
