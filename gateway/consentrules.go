package gateway

import (
	"bytes"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// fitsConsentRequest: what goes to a third party must be of this thread, and both States hold it.
// Where no message is named the peer's last is meant. A-11 s2
func (w *work) fitsConsentRequest(th *valisev1.Thread, m *valisev1.ConsentRequest, target place) error {
	if len(m.GetMessages()) == 0 {
		switch {
		case !target.digest.IsZero():
			m.Messages = [][]byte{digestOf(target.digest)}
		case len(th.GetLastSeen()) > 0:
			m.Messages = [][]byte{th.GetLastSeen()}
		default:
			return notNow("the peer has said nothing here that could go to a third party")
		}
	}
	for _, d := range m.GetMessages() {
		if said, _, err := w.acceptedIn(th, d); err != nil {
			return err
		} else if said == nil {
			return refuse(valisev1.Reason_REASON_NOT_FOUND, "this thread has no such message that both States hold")
		}
	}
	return nil
}

// fitsConsentDecision: a decision answers a request of the peer in this thread, once. Where none is
// named, the peer's last is meant. A-11 s2
func (w *work) fitsConsentDecision(th *valisev1.Thread, m *valisev1.ConsentDecision, target place) error {
	if len(m.GetRequest()) == 0 && !target.digest.IsZero() {
		m.Request = digestOf(target.digest)
	}
	if len(m.GetRequest()) == 0 {
		last, err := w.newestIn(th, func(item *valisev1.Item) bool {
			return item.GetType() == valisev1.ItemType_ITEM_TYPE_RECEIVED && item.GetKind() == valisev1.Kind_KIND_CONSENT_REQUEST
		})
		if err != nil {
			return err
		}
		if last == nil {
			return notNow("the peer has asked for no consent here")
		}
		m.Request = last.GetDigest()
	}
	item, asked, err := w.acceptedIn(th, m.GetRequest())
	if err != nil {
		return err
	}
	if _, is := asked.(*valisev1.ConsentRequest); !is || item.GetType() != valisev1.ItemType_ITEM_TYPE_RECEIVED {
		return refuse(valisev1.Reason_REASON_NOT_FOUND, "this thread has no such request of the peer")
	}
	return w.saidOnce(th, m, highest)
}

// saidOnce refuses to decide a request, or to withdraw a consent, that was decided or withdrawn, also
// by what is held and leaves by itself. ordinal is the message's own row; drafts forbid nothing, so
// of several only the first that goes on does. A-11 s2
func (w *work) saidOnce(th *valisev1.Thread, m proto.Message, ordinal uint64) error {
	kind, about := valisev1.KindOf(m), consentTarget(m)
	same := func(said proto.Message) bool { return bytes.Equal(consentTarget(said), about) }
	said, err := w.saidIn(th, kind, kind == valisev1.Kind_KIND_CONSENT_DECISION, same)
	if err == nil && !said {
		said, err = w.heldIn(th, kind, ordinal, same)
	}
	if err != nil || !said {
		return err
	}
	if kind == valisev1.Kind_KIND_CONSENT_DECISION {
		return notNow("this request has been decided; a consent can be withdrawn")
	}
	return notNow("this consent has been withdrawn")
}

// consentTarget is what a decision decides, or a withdrawal ends; nil for all else.
func consentTarget(m proto.Message) []byte {
	switch m := m.(type) {
	case *valisev1.ConsentDecision:
		return m.GetRequest()
	case *valisev1.ConsentWithdrawal:
		return m.GetDecision()
	}
	return nil
}

// stillFits holds a draft against what was said since it was written. A-11 s2
func (w *work) stillFits(th *valisev1.Thread, row *valisev1.Outgoing, ordinal uint64) error {
	m, err := rowPayload(row)
	if err != nil {
		return err
	}
	p, err := pairOf(th)
	if err != nil {
		return err
	}
	if err := w.mayForward(p.Peer.State, m); err != nil || consentTarget(m) == nil {
		return err
	}
	return w.saidOnce(th, m, ordinal)
}

// heldIn reports whether a message of ours that leaves by itself, other than that of row ordinal,
// says this.
func (w *work) heldIn(th *valisev1.Thread, kind valisev1.Kind, ordinal uint64, says func(proto.Message) bool) (held bool, err error) {
	err = w.tx.Rows(tableThreadOut, th.GetId(), 0, false, func(n uint64, _ []byte) (bool, error) {
		if n == ordinal {
			return true, nil
		}
		row, err := w.loadRow(n)
		if err != nil || row.GetKind() != kind || row.GetStage() != valisev1.Stage_STAGE_HELD {
			return err == nil, err
		}
		m, err := rowPayload(row)
		held = err == nil && says(m)
		return err == nil && !held, err
	})
	return held, err
}

// rowPayload is what a message says that is not released.
func rowPayload(row *valisev1.Outgoing) (proto.Message, error) {
	m, known := valisev1.NewPayload(row.GetKind())
	if !known {
		return nil, damaged("a message of ours is of no known kind")
	}
	return m, unmarshalOwn(row.GetPayload(), m)
}

// fitsConsentWithdrawal: either side ends a consent that was given in this thread, once. A-11 s2
func (w *work) fitsConsentWithdrawal(th *valisev1.Thread, m *valisev1.ConsentWithdrawal, target place) error {
	if len(m.GetDecision()) == 0 && !target.digest.IsZero() {
		m.Decision = digestOf(target.digest)
	}
	if len(m.GetDecision()) == 0 {
		last, err := w.newestIn(th, func(item *valisev1.Item) bool { return item.GetKind() == valisev1.Kind_KIND_CONSENT_DECISION })
		if err != nil {
			return err
		}
		if last == nil {
			return notNow("no consent was given here")
		}
		m.Decision = last.GetDigest()
	}
	_, said, err := w.acceptedIn(th, m.GetDecision())
	if err != nil {
		return err
	}
	decision, is := said.(*valisev1.ConsentDecision)
	if !is {
		return refuse(valisev1.Reason_REASON_NOT_FOUND, "this thread has no such decision on a consent")
	}
	if !decision.GetConsents() {
		return notNow("this consent was not given")
	}
	return w.saidOnce(th, m, highest)
}

// acceptedIn finds a message between officers of a thread by its digest: sent and not taken back
// before it left, or accepted. The item is nil where the thread has none.
func (w *work) acceptedIn(th *valisev1.Thread, digest []byte) (*valisev1.Item, proto.Message, error) {
	p, found, err := w.placeAt(tableDigest, digest)
	if err != nil || !found || p.thread != idOf(th) {
		return nil, nil, err
	}
	item, err := w.kept(p.item)
	if err != nil {
		return nil, nil, err
	}
	if stands, err := w.stands(item); err != nil || !stands || isMachine(item.GetKind()) {
		return nil, nil, err
	}
	_, m, err := readItem(item)
	return item, m, err
}

// stands reports whether an item is a message that counts: one of the peer that was accepted, or one
// of ours that was not withdrawn before it left.
func (w *work) stands(item *valisev1.Item) (bool, error) {
	switch item.GetType() {
	case valisev1.ItemType_ITEM_TYPE_RECEIVED:
		return true, nil
	case valisev1.ItemType_ITEM_TYPE_SENT:
		fact := new(valisev1.DeliveryFact)
		_, err := w.load(tableFacts, item.GetDigest(), fact)
		return fact.GetDelivery() != valisev1.Delivery_DELIVERY_WITHDRAWN, err
	}
	return false, nil
}

// saidIn reports whether a message of a kind that stands in a thread, ours or anybody's, says this.
func (w *work) saidIn(th *valisev1.Thread, kind valisev1.Kind, ours bool, says func(proto.Message) bool) (bool, error) {
	var failed error
	item, err := w.newestIn(th, func(item *valisev1.Item) bool {
		if item.GetKind() != kind || ours && item.GetType() != valisev1.ItemType_ITEM_TYPE_SENT {
			return false
		}
		_, m, err := readItem(item)
		if err != nil {
			failed = err
		}
		return err == nil && m != nil && says(m)
	})
	if failed != nil {
		return false, failed
	}
	return item != nil, err
}

// newestIn finds the newest message of a thread that stands and matches; nil for none.
func (w *work) newestIn(th *valisev1.Thread, matches func(*valisev1.Item) bool) (found *valisev1.Item, err error) {
	err = w.tx.Rows(tableThreadItems, th.GetId(), highest, true, func(n uint64, _ []byte) (bool, error) {
		item, err := w.kept(n)
		if err != nil {
			return false, err
		}
		if stands, err := w.stands(item); err != nil || !stands || !matches(item) {
			return true, err
		}
		found = item
		return false, nil
	})
	return found, err
}
