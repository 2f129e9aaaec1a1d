package gateway

import (
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// replayThread makes the summary of a thread anew from its items, without what was withdrawn.
// It is used when a message that had stepped the view turns out never to leave, and when messages
// of ours came back in another order than that in which they were sent.
// docs/protocol.md §5.3, §7.6
func (w *work) replayThread(th *valisev1.Thread) error {
	_, err := w.replayed(th)
	return err
}

// replayed is replayThread, and lists what messages of ours that came back had seen and this
// record does not show: once that comes, their places are others.
func (w *work) replayed(th *valisev1.Thread) (awaited []ident.Digest, err error) {
	fresh, err := w.beforeReplay(th)
	if err != nil {
		return nil, err
	}
	r := replay{w: w, th: fresh}
	order := turns{w: w, thread: th.GetId()}
	if err := order.each(visits{r.waits, r.item}); err != nil {
		return nil, err
	}
	become(th, r.th)
	return order.awaited, nil
}

// beforeReplay is the summary that the first item steps.
func (w *work) beforeReplay(th *valisev1.Thread) (*valisev1.Thread, error) {
	fresh := &valisev1.Thread{
		Id: th.GetId(), Ours: th.GetOurs(), Peer: th.GetPeer(), Outbound: th.GetOutbound(), Title: th.GetTitle(),
		Opened: th.GetOpened(), Changed: timestamppb.New(w.now), SentSequence: th.GetSentSequence(), SentEpoch: th.GetSentEpoch(),
		ReceivedSequence: th.GetReceivedSequence(), ReceivedEpoch: th.GetReceivedEpoch(),
		AwaitsInquiry: th.GetAwaitsInquiry(), Opening: th.GetOpening(), UnopenedSince: th.GetUnopenedSince(), UnopenedItem: th.GetUnopenedItem(),
		Escalated: th.GetEscalated(), Link: th.GetLink(), Pruned: th.GetPruned(),
	}
	if !th.GetOutbound() {
		fresh.State = stateReceived
	}
	if campaign := th.GetCheck().GetCampaign(); len(campaign) > 0 {
		fresh.Check = &valisev1.ThreadCheck{Campaign: campaign}
	}
	if th.GetPruned() == nil {
		return fresh, nil
	}
	return w.sinceRemoval(fresh)
}

// replay is a summary that is stepped anew.
type replay struct {
	w  *work
	th *valisev1.Thread
}

// waits reports whether an item has not stepped the thread where it was recorded.
func (r *replay) waits(order *turns, item *valisev1.Item) (bool, error) {
	switch item.GetType() {
	case valisev1.ItemType_ITEM_TYPE_SENT, valisev1.ItemType_ITEM_TYPE_RECEIVED:
		return order.waits(item)
	}
	return false, nil
}

func (r *replay) item(item *valisev1.Item) error {
	switch item.GetType() {
	case valisev1.ItemType_ITEM_TYPE_SENT:
		return r.sent(item)
	case valisev1.ItemType_ITEM_TYPE_RECEIVED:
		return r.apply(item, false)
	case valisev1.ItemType_ITEM_TYPE_CONTACT_LOG:
		answerByContact(r.th, item.GetContactLog())
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

func (r *replay) sent(item *valisev1.Item) error {
	fact := new(valisev1.DeliveryFact)
	if _, err := r.w.load(tableFacts, item.GetDigest(), fact); err != nil {
		return err
	}
	if fact.GetDelivery() != valisev1.Delivery_DELIVERY_WITHDRAWN {
		return r.apply(item, true)
	}
	if opensThread(item.GetKind()) {
		r.th.Inquiry, r.th.State = item.GetDigest(), stateWithdrawn
	}
	return nil
}
