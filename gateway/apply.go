package gateway

import (
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// become gives th the value of next.
func become(th, next *valisev1.Thread) {
	if th != next {
		proto.Reset(th)
		proto.Merge(th, next)
	}
}

// eventOf reads an item of the record as a step of its thread.
func (w *work) eventOf(item *valisev1.Item, ours bool) (event, error) {
	h, m, err := readItem(item)
	if err != nil {
		return event{}, err
	}
	return w.event(h, m, item.GetDigest(), ours)
}

func (w *work) event(h seal.Header, m proto.Message, digest []byte, ours bool) (event, error) {
	d, _ := ident.DigestFrom(digest)
	e := event{ours: ours, kind: h.Kind, message: m, digest: d, created: h.Created}
	if h.Kind == valisev1.Kind_KIND_VOID {
		e.message = nil
	}
	answer, ok := m.(*valisev1.ChannelAnswer)
	if !ok || answer.GetDecision() != valisev1.ChannelDecision_CHANNEL_DECISION_ACCEPT {
		return e, nil
	}
	var err error
	e.agreed, err = w.agreed(h.Thread, answer, ours)
	return e, err
}

// agreed finds the channel that an accepting answer agrees on. Only a proposal of the other side
// in the same thread can be accepted: it takes both. A-10 s3
func (w *work) agreed(thread ident.ThreadID, a *valisev1.ChannelAnswer, ours bool) (*valisev1.Channel, error) {
	p, m, err := w.messageAt(a.GetProposal())
	if err != nil || m == nil || p.ours == ours || p.thread != thread {
		return nil, err
	}
	proposed, _ := nominated(m)
	if len(proposed) == 0 {
		return nil, nil
	}
	if a.GetChannel() != nil {
		return a.GetChannel(), nil
	}
	return proposed[0], nil
}

// applyInOrder steps a thread by a message of the peer, in the order in which the peer sent it.
// What comes before its predecessor waits; other threads go on. last says that nothing earlier of
// its channel can still come, so that it waits for nothing. docs/protocol.md §5.2
func (w *work) applyInOrder(th *valisev1.Thread, h seal.Header, item uint64, last bool) error {
	key := threadEpochKey(h.Thread, h.Epoch)
	next, err := w.nextInThread(key)
	if err != nil {
		return err
	}
	if h.ThreadSequence > next && !last {
		value := appendNumber(nil, item)
		return w.tx.PutRow(tableThreadWaiting, key, h.ThreadSequence, value)
	}
	if err := w.applyItem(th, item); err != nil {
		return err
	}
	next = max(next, h.ThreadSequence+1)
	if next, err = w.drain(th, key, next); err != nil {
		return err
	}
	th.ReceivedSequence, th.ReceivedEpoch = next, uint64(h.Epoch)
	return w.saveNumber(tableThreadNext, key, next)
}

// nextInThread is the thread sequence expected next of a peer's epoch, from 1.
func (w *work) nextInThread(key []byte) (uint64, error) {
	n, err := w.loadNumber(tableThreadNext, key)
	return max(n, 1), err
}

// drain applies what waited, for as long as it follows without a gap.
func (w *work) drain(th *valisev1.Thread, key []byte, next uint64) (uint64, error) {
	for {
		at, value, found, err := w.firstRow(tableThreadWaiting, key, 0, false)
		if err != nil || !found || at > next {
			return next, err
		}
		if err := w.tx.DeleteRow(tableThreadWaiting, key, at); err != nil {
			return next, err
		}
		if at < next {
			continue // its number was taken meanwhile; the record keeps it
		}
		item, err := readNumber(value)
		if err != nil {
			return next, err
		}
		if err := w.applyItem(th, item); err != nil {
			return next, err
		}
		next = at + 1
	}
}

// applyItem steps the view by one recorded message of the peer. What it says of our messages
// becomes delivery facts. A refused one steps nothing.
func (w *work) applyItem(th *valisev1.Thread, number uint64) error {
	item, err := w.tx.Item(number)
	if err != nil {
		return err
	}
	if item.GetType() != valisev1.ItemType_ITEM_TYPE_RECEIVED {
		return nil
	}
	e, err := w.eventOf(item, false)
	if err != nil {
		return err
	}
	become(th, applyMessage(th, e))
	ack, ok := e.message.(*valisev1.Acknowledgement)
	if !ok {
		return nil
	}
	return w.acknowledged(th, ack, e)
}

// acknowledged notes which of our messages a person of the peer has acknowledged: only those of
// this thread. A-10 s4
func (w *work) acknowledged(th *valisev1.Thread, ack *valisev1.Acknowledgement, e event) error {
	for _, b := range ack.GetMessages() {
		p, found, err := w.placeAt(tableDigest, b)
		if err != nil {
			return err
		}
		if !found || !p.ours || string(p.thread[:]) != string(th.GetId()) {
			continue
		}
		if err := w.deliver(th.GetId(), p.digest, valisev1.Delivery_DELIVERY_ACKNOWLEDGED, e.created, 0); err != nil {
			return err
		}
	}
	return nil
}

// replayThread makes the summary of a thread anew from its items, without what was withdrawn.
// It is used when a message that had stepped the view turns out never to leave.
// docs/protocol.md §5.3
func (w *work) replayThread(th *valisev1.Thread) error {
	fresh := &valisev1.Thread{
		Id: th.GetId(), Ours: th.GetOurs(), Peer: th.GetPeer(), Outbound: th.GetOutbound(), Title: th.GetTitle(),
		Opened: th.GetOpened(), Changed: timestamppb.New(w.now), SentSequence: th.GetSentSequence(), SentEpoch: th.GetSentEpoch(),
		ReceivedSequence: th.GetReceivedSequence(), ReceivedEpoch: th.GetReceivedEpoch(),
	}
	r := replay{w: w, th: fresh, next: map[ident.Epoch]uint64{}, waiting: map[ident.Epoch]map[uint64]event{}}
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
	if err := r.forced(); err != nil {
		return err
	}
	become(th, r.th)
	return nil
}

// forced applies what once was applied over a gap that nothing could fill any more.
func (r *replay) forced() error {
	for _, epoch := range slices.Sorted(maps.Keys(r.waiting)) {
		for _, n := range slices.Sorted(maps.Keys(r.waiting[epoch])) {
			still, err := r.w.row(tableThreadWaiting, threadEpochKey(ident.ThreadID(r.th.GetId()), epoch), n)
			if err != nil {
				return err
			}
			if still == nil {
				r.th = applyMessage(r.th, r.waiting[epoch][n])
			}
		}
	}
	return nil
}

// replay is the order of a thread, in memory.
type replay struct {
	w       *work
	th      *valisev1.Thread
	next    map[ident.Epoch]uint64
	waiting map[ident.Epoch]map[uint64]event
}

func (r *replay) item(item *valisev1.Item) error {
	switch item.GetType() {
	case valisev1.ItemType_ITEM_TYPE_SENT:
		return r.sent(item)
	case valisev1.ItemType_ITEM_TYPE_RECEIVED, valisev1.ItemType_ITEM_TYPE_REFUSED:
		return r.received(item)
	case valisev1.ItemType_ITEM_TYPE_DELIVERY:
		if d, ok := ident.DigestFrom(item.GetDigest()); ok && item.GetDelivery().GetDelivery() == valisev1.Delivery_DELIVERY_REACHED {
			r.th = applyReached(r.th, d)
		}
	}
	return nil
}

func (r *replay) sent(item *valisev1.Item) error {
	fact := new(valisev1.DeliveryFact)
	if _, err := r.w.load(tableFacts, item.GetDigest(), fact); err != nil {
		return err
	}
	e, err := r.w.eventOf(item, true)
	if err != nil {
		return err
	}
	if fact.GetDelivery() != valisev1.Delivery_DELIVERY_WITHDRAWN {
		r.th = applyMessage(r.th, e)
	} else if e.kind == valisev1.Kind_KIND_INQUIRY {
		r.th.Inquiry, r.th.State = item.GetDigest(), stateWithdrawn
	}
	return nil
}

func (r *replay) received(item *valisev1.Item) error {
	h, m, err := readItem(item)
	if err != nil {
		return err
	}
	e, err := r.w.event(h, m, item.GetDigest(), false)
	if err != nil {
		return err
	}
	if item.GetType() == valisev1.ItemType_ITEM_TYPE_REFUSED {
		e.kind = valisev1.Kind_KIND_VOID // takes its place in the order and steps nothing
	}
	next := max(r.next[h.Epoch], 1)
	waiting := r.waiting[h.Epoch]
	if waiting == nil {
		waiting = map[uint64]event{}
		r.waiting[h.Epoch] = waiting
	}
	if _, taken := waiting[h.ThreadSequence]; !taken {
		waiting[h.ThreadSequence] = e
	}
	for {
		e, ok := waiting[next]
		if !ok {
			break
		}
		delete(waiting, next)
		r.th = applyMessage(r.th, e)
		next++
	}
	r.next[h.Epoch] = next
	return nil
}
