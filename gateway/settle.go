package gateway

import (
	"context"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// SettleQuestion records that a person has looked into a split view, or into what became of our own
// entry, and what came of it: nobody is called for it any more. The error is an *Error: NOT_PERMITTED,
// NOT_FOUND, NOT_IN_THIS_STATE for a root, which a call-back alone settles, BAD_REQUEST, BAD_TEXT,
// REQUEST_ID_CONFLICT or STORAGE_UNKNOWN. docs/protocol.md §8.5
func (g *Gateway) SettleQuestion(ctx context.Context, a Actor, r *valisev1.SettleQuestionRequest) (*valisev1.SettleQuestionResponse, error) {
	const op = "settle question"
	role, err := a.as(mayConfirm)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	out := new(valisev1.SettleQuestionResponse)
	err = g.update(ctx, op, func(w *work) error {
		return w.once(req, out, func() (err error) {
			out.Item, err = w.settleByHand(hand{a.Name, roleName(role)}, r)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (w *work) settleByHand(by hand, r *valisev1.SettleQuestionRequest) (uint64, error) {
	known, err := w.questions()
	if err != nil {
		return 0, err
	}
	s := sifter{}
	if f := s.message(r.ProtoReflect()); f != nil {
		return 0, f.err()
	}
	if r.GetNote() == "" || len(r.GetNote()) > maxContactNote {
		return 0, refuseAt("note", valisev1.Reason_REASON_BAD_REQUEST, "what came of it is said in 1 to %d bytes", maxContactNote)
	}
	for _, q := range known {
		switch {
		case q.item != r.GetItem():
		case q.fact.GetEvent() == valisev1.TrustEvent_TRUST_EVENT_ROOT_IN_QUESTION:
			return 0, notNow("a root is settled by a call-back")
		default:
			fact := proto.CloneOf(q.fact)
			fact.Event, fact.Split, fact.About = valisev1.TrustEvent_TRUST_EVENT_SETTLED, nil, q.fact.GetEvent()
			item, err := w.append(&valisev1.Item{
				Type: valisev1.ItemType_ITEM_TYPE_TRUST, Officer: by.officer, Role: by.role, Trust: fact, Note: r.GetNote(),
			})
			if err != nil {
				return 0, err
			}
			return item, w.settle(q)
		}
	}
	return 0, refuse(valisev1.Reason_REASON_NOT_FOUND, "no such question waits for anybody")
}
