package gateway

import (
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// replayThread makes the summary of a thread anew from its items, without what was withdrawn.
// It is used when a message that had stepped the view turns out never to leave.
// docs/protocol.md §5.3
func (w *work) replayThread(th *valisev1.Thread) error {
	fresh := &valisev1.Thread{
		Id: th.GetId(), Ours: th.GetOurs(), Peer: th.GetPeer(), Outbound: th.GetOutbound(), Title: th.GetTitle(),
		Opened: th.GetOpened(), Changed: timestamppb.New(w.now), SentSequence: th.GetSentSequence(), SentEpoch: th.GetSentEpoch(),
		ReceivedSequence: th.GetReceivedSequence(), ReceivedEpoch: th.GetReceivedEpoch(),
		AwaitsInquiry: th.GetAwaitsInquiry(),
	}
	if !th.GetOutbound() {
		fresh.State = stateReceived
	}
	r := replay{w: w, th: fresh, waited: map[uint64]bool{}, passed: map[uint64]bool{}}
	if err := r.late(th.GetId()); err != nil {
		return err
	}
	err := w.tx.Rows(tableThreadItems, th.GetId(), 0, false, func(n uint64, _ []byte) (bool, error) {
		item, err := w.tx.Item(n)
		if err != nil {
			return false, err
		}
		return true, r.item(item)
	})
	if err != nil {
		return err
	}
	if err := r.until(never - 1); err != nil {
		return err
	}
	become(th, r.th)
	return nil
}

// replay is the order in which the items of a thread stepped it.
type replay struct {
	w      *work
	th     *valisev1.Thread
	queue  []lateItem      // what had waited, in the order in which it was applied
	waited map[uint64]bool // the items of all that had
	passed map[uint64]bool // of these the items that never stepped it
}

// lateItem is an item that stepped its thread when the record had grown to another.
type lateItem struct{ item, at uint64 }

func (r *replay) late(thread []byte) error {
	return r.w.tx.Rows(tableThreadLate, thread, 0, false, func(_ uint64, value []byte) (bool, error) {
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

// until applies what had waited and came to its turn no later than the item at.
func (r *replay) until(at uint64) error {
	return r.turns(at, func(item *valisev1.Item) error {
		return r.apply(item, item.GetType() == valisev1.ItemType_ITEM_TYPE_SENT)
	})
}

// turns visits what had waited and came to its turn no later than the item at.
func (r *replay) turns(at uint64, visit func(*valisev1.Item) error) error {
	for len(r.queue) > 0 && r.queue[0].at <= at {
		item, err := r.w.tx.Item(r.queue[0].item)
		if err != nil {
			return err
		}
		if err := visit(item); err != nil {
			return err
		}
		r.queue = r.queue[1:]
	}
	return nil
}

func (r *replay) item(item *valisev1.Item) error {
	if n := item.GetNumber(); n > 0 {
		if err := r.until(n - 1); err != nil {
			return err
		}
	}
	switch item.GetType() {
	case valisev1.ItemType_ITEM_TYPE_SENT:
		return r.sent(item)
	case valisev1.ItemType_ITEM_TYPE_RECEIVED:
		waits, err := r.waits(item)
		if err != nil || waits {
			return err
		}
		return r.apply(item, false)
	case valisev1.ItemType_ITEM_TYPE_DELIVERY:
		if d, ok := ident.DigestFrom(item.GetDigest()); ok && item.GetDelivery().GetDelivery() == valisev1.Delivery_DELIVERY_REACHED {
			r.th = applyReached(r.th, d)
		}
	}
	return nil
}

func (r *replay) apply(item *valisev1.Item, ours bool) error {
	e, err := r.w.eventOf(item, ours)
	if err != nil {
		return err
	}
	r.th = applyMessage(r.th, e)
	if ours && slices.Contains(item.GetMarks(), valisev1.Mark_MARK_RECOVERED) {
		r.th = applyReached(r.th, e.digest)
	}
	return nil
}

// waits reports whether an item did not step the thread when it was recorded.
func (r *replay) waits(item *valisev1.Item) (bool, error) {
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

func (r *replay) sent(item *valisev1.Item) error {
	fact := new(valisev1.DeliveryFact)
	if _, err := r.w.load(tableFacts, item.GetDigest(), fact); err != nil {
		return err
	}
	if waits, err := r.waits(item); err != nil || waits {
		return err
	}
	if fact.GetDelivery() != valisev1.Delivery_DELIVERY_WITHDRAWN {
		return r.apply(item, true)
	}
	if item.GetKind() == valisev1.Kind_KIND_INQUIRY {
		r.th.Inquiry, r.th.State = item.GetDigest(), stateWithdrawn
	}
	return nil
}
