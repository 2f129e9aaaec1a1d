package gateway

import (
	"google.golang.org/protobuf/proto"

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
	e, err := w.event(h, m, item.GetDigest(), ours)
	e.recorded = item.GetRecorded().AsTime()
	return e, err
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

// applyItem steps the view by one recorded message of the peer. What it says of our messages
// becomes delivery facts. A refused one steps nothing.
func (w *work) applyItem(th *valisev1.Thread, number uint64) error {
	item, err := w.kept(number)
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
	w.waitsToBeOpened(th, item)
	if err := w.awaitedCame(th, item.GetDigest()); err != nil {
		return err
	}
	if opensThread(e.kind) {
		if err := w.inquiryCame(th); err != nil {
			return err
		}
	}
	if ack, ok := e.message.(*valisev1.Acknowledgement); ok {
		return w.acknowledged(th, ack.GetMessages(), e)
	}
	if answer, ok := e.message.(*valisev1.PingReply); ok {
		return w.acknowledged(th, [][]byte{answer.GetPing()}, e) // a person answered it. A-8 s2
	}
	return w.linkReferred(th, e)
}

// acknowledged notes which of our messages a person of the peer has acknowledged: only those of
// this thread. A-10 s4
func (w *work) acknowledged(th *valisev1.Thread, messages [][]byte, e event) error {
	early := 0
	for _, b := range messages {
		p, found, err := w.placeAt(tableDigest, b)
		if err != nil {
			return err
		}
		if !found && early < maxEarlyAcks {
			early++
			if err := w.rememberAck(th, b); err != nil {
				return err
			}
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
