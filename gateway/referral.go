package gateway

import (
	"bytes"
	"errors"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// pointsWithin reports whether a Referral points to an agency alone, or to a POC of one of the two
// States on the other track: one of a third State would be told of what is not its matter. A-9 s2
func pointsWithin(p Pair, m *valisev1.Referral) bool {
	if m.GetTo() == "" {
		return true
	}
	to, err := ident.ParseAddress(m.GetTo())
	return err == nil && (to.State == p.Ours.State || to.State == p.Peer.State) && to.Track != p.Ours.Track
}

func fitsReferral(th *valisev1.Thread, m *valisev1.Referral) error {
	p, err := pairOf(th)
	if err != nil {
		return err
	}
	if m.GetTo() == "" && m.GetAgency() == nil {
		return refuseAt("to", valisev1.Reason_REASON_PAYLOAD, "a referral names a point of contact or an agency")
	}
	if !pointsWithin(p, m) {
		return refuseAt("to", valisev1.Reason_REASON_BAD_REQUEST, "a referral points to the other track of one of the two States, or to an agency")
	}
	return nil
}

// refer: the matter goes on elsewhere, if anybody there takes it up. An answer given stays. A-9 s2
func refer(th *valisev1.Thread, e event) {
	if e.kind != valisev1.Kind_KIND_REFERRAL {
		return
	}
	switch lastOpen(th) {
	case stateResponded, stateDeclined:
	default:
		setState(th, stateReferred)
	}
}

// takeUp begins the thread in which a matter goes on that was referred, and links both at home.
// Nothing crosses tracks by itself: an officer of the track referred to does this. A-9 s2, s3
func (w *work) takeUp(m outgoing, inquiry *valisev1.Inquiry, follows string, sent *valisev1.Sent) error {
	before, d, err := w.referred(m, follows)
	if err != nil {
		return err
	}
	inquiry.Referral = d
	th, err := w.openThread(m, &valisev1.Thread{Title: inquiry.GetTitle()}, sent)
	if err != nil {
		return err
	}
	return w.link(m.by(), before, th)
}

// referred finds the last Referral of a thread, and holds the inquiry that takes it up against it:
// between the same two States, and on the track that it names. A-9 s2
func (w *work) referred(m outgoing, follows string) (*valisev1.Thread, []byte, error) {
	th, err := w.findReferred(m, follows)
	if err != nil {
		return nil, nil, err
	}
	before, err := pairOf(th)
	if err != nil {
		return nil, nil, err
	}
	if before.Peer.State != m.pair.Peer.State {
		return nil, nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "a referral is taken up between the two States of its thread")
	}
	d, referral, err := w.lastReferral(th)
	if err != nil {
		return nil, nil, err
	}
	if referral == nil {
		return nil, nil, notNow("nothing was referred in that thread")
	}
	if to, err := ident.ParseAddress(referral.GetTo()); err == nil && to.Track != m.pair.Ours.Track {
		return nil, nil, refuse(valisev1.Reason_REASON_WRONG_TRACK, "the referral points to the %s track", to.Track)
	}
	return th, d, nil
}

// findReferred finds the thread that an inquiry follows. One of another track exists for an officer
// who is bound to theirs only if it was referred to them. A-9 s2, s4
func (w *work) findReferred(m outgoing, follows string) (*valisev1.Thread, error) {
	th, err := w.findThread(m.actor, follows)
	if e, ok := errors.AsType[*Error](err); !ok || e.Reason != valisev1.Reason_REASON_NOT_FOUND {
		return th, err
	}
	other, elsewhere := w.findThread(Actor{}, follows)
	if elsewhere != nil {
		return nil, err
	}
	before, failed := pairOf(other)
	if failed != nil {
		return nil, failed
	}
	_, referral, failed := w.lastReferral(other)
	if failed != nil {
		return nil, failed
	}
	if to, bad := ident.ParseAddress(referral.GetTo()); bad != nil || to.Track != m.pair.Ours.Track || before.Peer.State != m.pair.Peer.State {
		return nil, err
	}
	return other, nil
}

// lastReferral finds the newest Referral of a thread that its sender has not taken back; nil for none.
func (w *work) lastReferral(th *valisev1.Thread) (digest []byte, referral *valisev1.Referral, err error) {
	var failed error
	item, err := w.newestIn(th, func(item *valisev1.Item) bool {
		if item.GetKind() != valisev1.Kind_KIND_REFERRAL || failed != nil {
			return false
		}
		taken, err := w.retractedIn(th, item)
		failed = err
		return err == nil && !taken
	})
	if err = errors.Join(err, failed); err != nil || item == nil {
		return nil, nil, err
	}
	_, m, err := readItem(item)
	referral, _ = m.(*valisev1.Referral)
	return item.GetDigest(), referral, err
}

// retractedIn reports whether the sender of a message has asked to disregard it. docs/protocol.md §5.2
func (w *work) retractedIn(th *valisev1.Thread, of *valisev1.Item) (bool, error) {
	var failed error
	found, err := w.newestIn(th, func(item *valisev1.Item) bool {
		if item.GetKind() != valisev1.Kind_KIND_RETRACTION || item.GetType() != of.GetType() || failed != nil {
			return false
		}
		_, m, err := readItem(item)
		failed = err
		retraction, _ := m.(*valisev1.Retraction)
		return bytes.Equal(retraction.GetMessage(), of.GetDigest())
	})
	return found != nil, errors.Join(err, failed)
}

// linkReferred links at home the thread in which a Referral stands with the one that takes it up,
// whichever of both comes first: they are of two tracks, and so of two channels. What names a message
// that is no Referral between the same two States is taken, and linked with nothing. A-9 s2, s3
func (w *work) linkReferred(th *valisev1.Thread, e event) error {
	switch m := e.message.(type) {
	case *valisev1.Inquiry:
		if len(m.GetReferral()) == 0 {
			return nil
		}
		p, referral, err := w.messageAt(m.GetReferral())
		if err != nil {
			return err
		}
		if referral == nil {
			return w.tx.Put(tableReferred, m.GetReferral(), th.GetId())
		}
		if _, is := referral.(*valisev1.Referral); !is {
			return nil
		}
		return w.linkBothStates(th, p.thread)
	case *valisev1.Referral:
		id, err := w.tx.Get(tableReferred, e.digest[:])
		if err != nil || len(id) != 16 {
			return err
		}
		if err := w.tx.Delete(tableReferred, e.digest[:]); err != nil {
			return err
		}
		return w.linkBothStates(th, ident.ThreadID(id))
	}
	return nil
}

// linkBothStates links a thread with another one of the same two States. A link that is full gets no
// more: what arrives is taken all the same. P7
func (w *work) linkBothStates(th *valisev1.Thread, id ident.ThreadID) error {
	other, found, err := w.thread(id)
	if err != nil || !found || id == idOf(th) {
		return err
	}
	p, err := pairOf(th)
	if err != nil {
		return err
	}
	before, err := pairOf(other)
	if err != nil || p.Peer.State != before.Peer.State {
		return err
	}
	err = w.link(hand{}, other, th)
	if e, ok := errors.AsType[*Error](err); ok && e.Reason == valisev1.Reason_REASON_BAD_REQUEST {
		return nil
	}
	return err
}
