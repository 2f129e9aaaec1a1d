package gateway

import (
	"context"
	"slices"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// assertPromises holds the records of all homes against each other: what was sent is there once
// (P1, P2), in order within each thread (P3), and every receipt implies a record (P4).
func assertPromises(t testingT, w *world) {
	t.Helper()
	for _, s := range w.order {
		from := w.homes[s]
		voided := map[string]bool{}
		for _, it := range from.itemsOf(valisev1.ItemType_ITEM_TYPE_DELIVERY) {
			if it.GetDelivery().GetDelivery() == valisev1.Delivery_DELIVERY_WITHDRAWN {
				voided[string(it.GetDigest())] = true
			}
		}
		waiting := map[string]bool{}
		for _, row := range from.outbox() {
			waiting[row.GetMessage()] = true
		}
		for _, it := range from.itemsOf(valisev1.ItemType_ITEM_TYPE_SENT) {
			if from.store.pruned[it] {
				continue // who has it, only its number tells
			}
			h, _, err := readItem(it)
			if err != nil {
				t.Fatal(err)
			}
			to := w.homes[h.To.State]
			if to == nil || voided[string(it.GetDigest())] {
				continue
			}
			count := 0
			for _, got := range to.store.items {
				switch got.GetType() {
				case valisev1.ItemType_ITEM_TYPE_RECEIVED, valisev1.ItemType_ITEM_TYPE_REFUSED:
					if string(got.GetDigest()) == string(it.GetDigest()) {
						count++
						if string(got.GetSigned()) == "" && !to.store.pruned[got] {
							t.Error("recorded without its bytes")
						}
					}
				}
			}
			if count > 1 {
				t.Errorf("P2: a message of %s is at %s %d times", s, h.To.State, count)
			}
			if count == 0 && !waiting[h.MessageID.String()] && h.Kind != valisev1.Kind_KIND_VOID {
				t.Errorf("P1: a message of %s (number %d) is neither at %s nor waits", s, h.Sequence, h.To.State)
			}
		}
		assertOrder(t, from)
	}
	assertReceipts(t, w)
}

// assertOrder: the messages of one sender in one thread are applied in the order sent. The view's
// last seen digest follows that order, so it is the last that has no gap before it.
func assertOrder(t testingT, h *home) {
	t.Helper()
	last, gone := map[string]uint64{}, false
	for _, it := range h.store.items {
		if it.GetType() != valisev1.ItemType_ITEM_TYPE_SENT || slices.Contains(it.GetMarks(), valisev1.Mark_MARK_RECOVERED) {
			continue
		}
		if h.store.pruned[it] {
			gone = true
			continue
		}
		head, _, err := readItem(it)
		if err != nil {
			t.Fatal(err)
		}
		if head.Thread.IsZero() {
			continue
		}
		key := string(threadEpochKey(head.Thread, head.Epoch))
		if head.Kind != valisev1.Kind_KIND_VOID && head.ThreadSequence != last[key]+1 && (!gone || last[key] > 0) {
			t.Errorf("P3: thread sequence %d follows %d", head.ThreadSequence, last[key])
		}
		last[key] = max(last[key], head.ThreadSequence)
	}
}

// assertReceipts: whatever one side believes to have reached the other is recorded there.
func assertReceipts(t testingT, w *world) {
	t.Helper()
	for _, s := range w.order {
		h := w.homes[s]
		for _, it := range h.itemsOf(valisev1.ItemType_ITEM_TYPE_DELIVERY) {
			fact := it.GetDelivery().GetDelivery()
			if fact != valisev1.Delivery_DELIVERY_REACHED && fact != valisev1.Delivery_DELIVERY_REFUSED {
				continue
			}
			if !recordedSomewhere(w, s, it.GetDigest()) {
				t.Errorf("P4: %s has a receipt for what nobody recorded", s)
			}
		}
	}
}

func recordedSomewhere(w *world, except ident.State, digest []byte) bool {
	for _, s := range w.order {
		if s == except {
			continue
		}
		for _, it := range w.homes[s].store.items {
			received := it.GetType() == valisev1.ItemType_ITEM_TYPE_RECEIVED || it.GetType() == valisev1.ItemType_ITEM_TYPE_REFUSED
			if received && string(it.GetDigest()) == string(digest) {
				return true
			}
			if it.GetType() == valisev1.ItemType_ITEM_TYPE_QUARANTINED && string(it.GetDigest()) == string(digest) {
				return true // listed as unreadable
			}
		}
	}
	return false
}

// assertReplay: the summary that was stepped along the way is the one that the items tell.
func assertReplay(t testingT, h *home) {
	t.Helper()
	err := h.g.view(context.Background(), "test", func(wk *work) error {
		return wk.tx.Rows(tableThreadOrder, nil, 0, false, func(_ uint64, id []byte) (bool, error) {
			th, found, err := wk.thread(ident.ThreadID(id))
			if err != nil || !found {
				return false, err
			}
			again := proto.CloneOf(th)
			if err := wk.replayThread(again); err != nil {
				return false, err
			}
			again.Changed = th.GetChanged()
			if (len(th.GetInquiry()) > 0 || !th.GetOutbound()) && !proto.Equal(th, again) {
				t.Errorf("%s: the view of a thread is\n%v\nits items tell\n%v", h.state, th, again)
			}
			return true, nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// assertNoSuspicion: nothing that an honest peer does ever looks like a contradiction.
func assertNoSuspicion(t testingT, w *world) {
	t.Helper()
	for _, s := range w.order {
		for _, it := range w.homes[s].itemsOf(valisev1.ItemType_ITEM_TYPE_QUARANTINED) {
			t.Errorf("%s put something of an honest peer into quarantine: %v", s, it.GetReason())
		}
		for _, it := range w.homes[s].itemsOf(valisev1.ItemType_ITEM_TYPE_REFUSED) {
			t.Errorf("%s refused something of an honest peer: %v", s, it.GetReason())
		}
	}
}
