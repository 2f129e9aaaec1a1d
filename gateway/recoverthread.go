package gateway

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// maxEarlyAcks bounds what one Acknowledgement can make us remember of messages that this record
// does not have yet. P7
const maxEarlyAcks = 256

// recoveredInThread lets the view of a thread follow a message of ours that came back. An inquiry
// begins its thread anew; what came after it waits for whichever inquiry the thread has.
// docs/protocol.md §7.6
func (w *work) recoveredInThread(h seal.Header, item uint64) error {
	th, found, err := w.thread(h.Thread)
	if err != nil {
		return err
	}
	if found && (th.GetOurs() != h.From.String() || th.GetPeer() != h.To.String()) {
		return nil // the record keeps it; the thread is another pair's
	}
	inquiry := opensThread(h.Kind)
	if !found {
		th = &valisev1.Thread{
			Id: h.Thread[:], Ours: h.From.String(), Peer: h.To.String(), State: stateReceived, Opened: timestamppb.New(h.Created),
			AwaitsInquiry: !inquiry,
		}
		if err := w.addPrefix(prefixThread, named{id: h.Thread}); err != nil {
			return err
		}
	}
	if inquiry && len(th.GetInquiry()) == 0 {
		th.Outbound = true
	}
	th.Changed = timestamppb.New(w.now)
	if !inquiry && len(th.GetInquiry()) == 0 {
		if err := w.tx.PutRow(tableRecovered, h.Thread[:], item, []byte{}); err != nil {
			return err
		}
		return w.saveThread(th)
	}
	if err := w.applyOurs(th, item); err != nil {
		return err
	}
	if inquiry {
		if err := w.inquiryCame(th); err != nil {
			return err
		}
	}
	if err := w.reorder(th); err != nil {
		return err
	}
	return w.saveThread(th)
}

// applyOurs steps a view by a message of ours.
func (w *work) applyOurs(th *valisev1.Thread, item uint64) error {
	it, err := w.kept(item)
	if err != nil || it == nil {
		return err
	}
	e, err := w.eventOf(it, true)
	if err != nil {
		return err
	}
	become(th, applyMessage(th, e))
	become(th, applyReached(th, e.digest)) // only what reached the peer comes back
	return w.linkReferred(th, e)
}

// inquiryCame applies what of ours had come back before the inquiry of its thread, and, where the
// inquiry is ours, what the peer had answered.
func (w *work) inquiryCame(th *valisev1.Thread) error {
	if err := w.recoveredBefore(th); err != nil || !th.GetOutbound() {
		return err
	}
	p, err := pairOf(th)
	if err != nil {
		return err
	}
	open, err := w.epochList(tableInEpochs, p.key())
	if err != nil {
		return err
	}
	for _, e := range open {
		wait, err := w.waitsForOlder(th, e, valisev1.Kind_KIND_UNSPECIFIED)
		if err != nil || wait {
			return err
		}
		if err := w.drain(th, e); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) recoveredBefore(th *valisev1.Thread) error {
	for {
		n, _, found, err := w.firstRow(tableRecovered, th.GetId(), 0, false)
		if err != nil || !found {
			return err
		}
		if err := w.reorder(th); err != nil {
			return err
		}
		if err := w.tx.DeleteRow(tableRecovered, th.GetId(), n); err != nil {
			return err
		}
		if err := w.applyLate(th, n, true); err != nil {
			return err
		}
	}
}

// rememberAck keeps that a person of the peer has acknowledged a message of ours which this record
// does not have: it may come back. A-10 s4
func (w *work) rememberAck(th *valisev1.Thread, d []byte) error {
	return w.tx.Put(tableEarlyAck, d, th.GetId())
}

func (w *work) acknowledgedEarly(t ident.ThreadID, d ident.Digest) error {
	b, err := w.tx.Get(tableEarlyAck, d[:])
	if err != nil || b == nil {
		return err
	}
	if err := w.tx.Delete(tableEarlyAck, d[:]); err != nil || string(b) != string(t[:]) {
		return err
	}
	return w.deliver(t[:], d, valisev1.Delivery_DELIVERY_ACKNOWLEDGED, w.now, 0)
}
