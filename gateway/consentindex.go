package gateway

import (
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// Groups of the table of consents: each lists items, so that what came of a request is found without
// a walk over the record. All but the first are followed by a digest. A-11 s2
const (
	consentAsked   = 'a' // every request
	consentAbout   = 'm' // requests about this message
	consentDecided = 'd' // decisions on this request
	consentEnded   = 'e' // withdrawals of this decision
	consentBack    = 'r' // retractions of this message
)

func consentGroup(of byte, digest []byte) []byte { return append([]byte{of}, digest...) }

// indexConsent lets a message be found by what it is about. Whether it counts is judged when it is
// read: whoever sends may name anything. A-11 s2
func (w *work) indexConsent(item uint64, m proto.Message) error {
	list := func(of byte, digest []byte) error {
		return w.tx.PutRow(tableConsent, consentGroup(of, digest), item, []byte{})
	}
	switch m := m.(type) {
	case *valisev1.ConsentRequest:
		for _, d := range m.GetMessages() {
			if err := list(consentAbout, d); err != nil {
				return err
			}
		}
		return list(consentAsked, nil)
	case *valisev1.ConsentDecision:
		return list(consentDecided, m.GetRequest())
	case *valisev1.ConsentWithdrawal:
		return list(consentEnded, m.GetDecision())
	case *valisev1.Retraction:
		return list(consentBack, m.GetMessage())
	}
	return nil
}

// indexSigned is indexConsent of an item that has its Signed already; one that is signed only now is
// listed by its release. What was refused is listed nowhere.
func (w *work) indexSigned(item *valisev1.Item, n uint64) error {
	switch item.GetType() {
	case valisev1.ItemType_ITEM_TYPE_SENT, valisev1.ItemType_ITEM_TYPE_RECEIVED:
	default:
		return nil
	}
	switch item.GetKind() {
	case valisev1.Kind_KIND_CONSENT_REQUEST, valisev1.Kind_KIND_CONSENT_DECISION,
		valisev1.Kind_KIND_CONSENT_WITHDRAWAL, valisev1.Kind_KIND_RETRACTION:
	default:
		return nil
	}
	if len(item.GetSigned()) == 0 {
		return nil
	}
	_, m, err := readItem(item)
	if err != nil {
		return err
	}
	return w.indexConsent(n, m)
}
