package gateway

import (
	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// turns is the order in which the items of a thread step it and are shown: that of recording, but
// for what had waited, and for what came when its turn had gone by. docs/protocol.md §5.2, §7.6, P3
type turns struct {
	w      *work
	thread []byte
	queue  []lateItem      // what had waited, in the order in which it was applied
	waited map[uint64]bool // the items of all that had
	passed map[uint64]bool // of these the items that never stepped it

	awaited []ident.Digest // what messages that came back had seen, and is not here
}

// lateItem is an item that stepped its thread when the record had grown to another.
type lateItem struct{ item, at uint64 }

// visits is what is done with each item, and which items are left out at the place where they
// were recorded.
type visits struct {
	elsewhere func(*turns, *valisev1.Item) (bool, error)
	visit     func(*valisev1.Item) error
}

// each visits the items of a thread in the order of their turns.
func (r *turns) each(v visits) error {
	back, err := r.unordered()
	if err != nil {
		return err
	}
	if len(back) == 0 {
		return r.recorded(v)
	}
	m := &merge{back: back}
	if err := r.recorded(visits{v.elsewhere, m.learn}); err != nil {
		return err
	}
	slots := m.slots()
	r.awaited = m.awaited
	emit := func(upTo int) error {
		for len(slots) > 0 && slots[0].after <= upTo {
			if err := r.visit(slots[0].item, v.visit); err != nil {
				return err
			}
			slots = slots[1:]
		}
		return nil
	}
	stayed := 0
	err = r.recorded(visits{v.elsewhere, func(item *valisev1.Item) error {
		if back[item.GetNumber()] {
			return nil
		}
		if isMessageItem(item) {
			if err := emit(stayed); err != nil {
				return err
			}
			stayed++
		}
		return v.visit(item)
	}})
	if err != nil {
		return err
	}
	return emit(stayed)
}

// recorded visits the items in the order of recording, but for what had waited.
func (r *turns) recorded(v visits) error {
	if err := r.late(); err != nil {
		return err
	}
	err := r.w.tx.Rows(tableThreadItems, r.thread, 0, false, func(n uint64, _ []byte) (bool, error) {
		if n > 0 {
			if err := r.until(n-1, v.visit); err != nil {
				return false, err
			}
		}
		item, err := r.w.kept(n)
		if err != nil || item == nil {
			return err == nil, err
		}
		if waits, err := v.elsewhere(r, item); err != nil || waits {
			return true, err
		}
		return true, v.visit(item)
	})
	if err != nil {
		return err
	}
	return r.until(never-1, v.visit)
}

func (r *turns) late() error {
	r.queue, r.waited, r.passed = nil, map[uint64]bool{}, map[uint64]bool{}
	return r.w.tx.Rows(tableThreadLate, r.thread, 0, false, func(_ uint64, value []byte) (bool, error) {
		if len(value) != 16 {
			return false, damaged("the order of a thread cannot be read")
		}
		item, _ := readNumber(value[:8])
		at, _ := readNumber(value[8:])
		r.waited[item] = true
		if r.passed[item] = at == never; at != never {
			r.queue = append(r.queue, lateItem{item, at})
		}
		return true, nil
	})
}

// until visits what had waited and came to its turn no later than the item at.
func (r *turns) until(at uint64, visit func(*valisev1.Item) error) error {
	for len(r.queue) > 0 && r.queue[0].at <= at {
		if err := r.visit(r.queue[0].item, visit); err != nil {
			return err
		}
		r.queue = r.queue[1:]
	}
	return nil
}

// visit visits one item, unless its content was removed. docs/protocol.md §9.3
func (r *turns) visit(n uint64, visit func(*valisev1.Item) error) error {
	item, err := r.w.kept(n)
	if err != nil || item == nil {
		return err
	}
	return visit(item)
}

// waits reports whether an item did not step the thread when it was recorded.
func (r *turns) waits(item *valisev1.Item) (bool, error) {
	if r.waited[item.GetNumber()] {
		return true, nil
	}
	if item.GetType() == valisev1.ItemType_ITEM_TYPE_SENT {
		still, err := r.w.row(tableRecovered, item.GetThread(), item.GetNumber())
		return still != nil, err
	}
	h, _, err := readItem(item)
	if err != nil {
		return false, err
	}
	still, err := r.w.row(tableThreadWaiting, threadEpochKey(h.Thread, h.Epoch), h.ThreadSequence)
	if err != nil || still == nil {
		return false, err
	}
	at, err := readNumber(still)
	return at == item.GetNumber(), err
}

// unordered lists the items of the thread that are no part of the order of recording.
func (r *turns) unordered() (map[uint64]bool, error) {
	back := map[uint64]bool{}
	err := r.w.tx.Rows(tableOutOfOrder, r.thread, 0, false, func(n uint64, _ []byte) (bool, error) {
		back[n] = true
		return true, nil
	})
	return back, err
}

func isMessageItem(item *valisev1.Item) bool {
	switch item.GetType() {
	case valisev1.ItemType_ITEM_TYPE_SENT, valisev1.ItemType_ITEM_TYPE_RECEIVED, valisev1.ItemType_ITEM_TYPE_REFUSED:
		return true
	}
	return false
}
