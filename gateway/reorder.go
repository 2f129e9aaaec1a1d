package gateway

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// reorderAfter is how long a thread waits until it is stepped anew: what comes back comes in
// great numbers, and stepping a thread costs as much as the thread is long. P7
const reorderAfter = 5 * time.Second

// outOfOrder keeps that an item is no part of the order of recording: a message of ours that came
// back, or one of the peer that had been given up for lost. docs/protocol.md §7.6
func (w *work) outOfOrder(th *valisev1.Thread, item uint64) error {
	if err := w.tx.PutRow(tableOutOfOrder, th.GetId(), item, []byte{}); err != nil {
		return err
	}
	return w.reorder(th)
}

// reorder lets a thread be stepped anew in the order of its messages: one of ours came back, and
// what had stepped the thread before was said after it. docs/protocol.md §7.6, P3
func (w *work) reorder(th *valisev1.Thread) error {
	p, err := pairOf(th)
	if err != nil {
		return err
	}
	first, _, found, err := w.firstRow(tableThreadItems, th.GetId(), 0, false)
	if err != nil || !found {
		return err
	}
	known, err := w.row(tableReorder, p.key(), first)
	if err != nil || known != nil {
		return err
	}
	if err := w.tx.PutRow(tableReorder, p.key(), first, th.GetId()); err != nil {
		return err
	}
	return w.addDuty(p, &valisev1.Duty{
		Kind: valisev1.DutyKind_DUTY_KIND_REORDER, NotBefore: timestamppb.New(w.now.Add(reorderAfter)),
	})
}

// reorderOne steps one thread of a pair anew. more says that there are others.
func (w *work) reorderOne(p Pair) (more bool, err error) {
	n, value, found, err := w.firstRow(tableReorder, p.key(), 0, false)
	if err != nil || !found {
		return false, err
	}
	if err := w.tx.DeleteRow(tableReorder, p.key(), n); err != nil {
		return false, err
	}
	t, ok := ident.ThreadIDFrom(value)
	if !ok {
		return false, damaged("a thread that is to be stepped anew cannot be read")
	}
	th, found, err := w.thread(t)
	if err != nil || !found {
		return true, err
	}
	awaited, err := w.replayed(th)
	if err != nil {
		return false, err
	}
	for _, d := range awaited {
		if err := w.tx.Put(tableAwaited, d[:], th.GetId()); err != nil {
			return false, err
		}
	}
	return true, w.saveThread(th)
}

// awaitedCame: what one of ours had seen is shown now, so that ours stands after it.
func (w *work) awaitedCame(th *valisev1.Thread, d []byte) error {
	b, err := w.tx.Get(tableAwaited, d)
	if err != nil || string(b) != string(th.GetId()) {
		return err
	}
	if err := w.tx.Delete(tableAwaited, d); err != nil {
		return err
	}
	return w.reorder(th)
}
