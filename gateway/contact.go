package gateway

import (
	"context"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Bounds of what a logged contact may hold, in bytes.
const (
	maxContactLine = 300
	maxContactNote = 20_000
)

// LogContact records a call or email outside the gateway, with which the procedure begins, in a
// thread or bound to a peer alone. Nothing of it is ever sent. I-1, A-11 s3
func (g *Gateway) LogContact(ctx context.Context, a Actor, r *valisev1.LogContactRequest) (*valisev1.LogContactResponse, error) {
	const op = "log contact"
	role, err := a.as(mayLog)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	out := new(valisev1.LogContactResponse)
	err = g.update(ctx, op, func(w *work) error {
		return w.onceWithRoom(req, out, func() error {
			item := &valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_CONTACT_LOG, Officer: a.Name, Role: roleName(role)}
			out.Item, err = w.logContact(a, r, item)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (w *work) logContact(a Actor, r *valisev1.LogContactRequest, item *valisev1.Item) (uint64, error) {
	if r.GetContact() == nil {
		return 0, refuseAt("contact", valisev1.Reason_REASON_BAD_REQUEST, "there is no call or email to log")
	}
	c := proto.CloneOf(r.GetContact())
	item.ContactLog = c
	th, err := w.contactIn(a, r.GetThread(), c)
	if err != nil {
		return 0, err
	}
	if th != nil {
		item.Thread, c.Peer = th.GetId(), th.GetPeer()
	}
	if err := w.finishContact(c); err != nil {
		return 0, err
	}
	if peer, err := ident.ParseAddress(c.GetPeer()); err == nil && th == nil && !w.g.cfg.deskWith(a, peer) {
		return 0, a.speaksOn(peer.Track)
	}
	n, err := w.append(item)
	if err != nil {
		return 0, err
	}
	if err := w.tx.PutRow(tableContacts, []byte(c.GetPeer()), n, []byte{}); err != nil || th == nil {
		return n, err
	}
	answerByContact(th, c)
	th.Changed = timestamppb.New(w.now)
	return n, w.saveThread(th)
}

// contactIn finds the thread of a contact; nil for one that is bound to the peer alone. An answer to a
// communication check belongs to the thread of the check. A-8 s2
func (w *work) contactIn(a Actor, thread string, c *valisev1.ContactLog) (th *valisev1.Thread, err error) {
	answers := c.GetCheckAnswer() != valisev1.CheckAnswer_CHECK_ANSWER_UNSPECIFIED
	switch {
	case thread != "":
		th, err = w.findThread(a, thread)
	case answers:
		th, err = w.checkAnswered(a, c.GetPeer())
	}
	switch {
	case err != nil || th == nil || !answers:
		return th, err
	case th.GetOpening() != valisev1.Kind_KIND_PING || !th.GetOutbound() || th.GetCheck().GetAsked() == nil:
		return nil, notNow("our side has asked for no communication check in this thread")
	case c.GetAt() != nil && c.GetAt().AsTime().Before(th.GetCheck().GetAsked().AsTime()):
		return nil, refuseAt("contact.at", valisev1.Reason_REASON_BAD_REQUEST, "an answer is not given before the question")
	case c.GetAt() != nil && c.GetAt().AsTime().After(w.now):
		return nil, refuseAt("contact.at", valisev1.Reason_REASON_BAD_REQUEST, "an answer that has not been given yet is not logged")
	}
	return th, nil
}

// deskWith reports whether the actor is of the desk of ours that has to do with a peer: at a manager's
// home of its one desk, with a manager of any, and else of the peer's track. A-9 s2
func (c Config) deskWith(a Actor, peer ident.Address) bool {
	if ours, speaks := c.checksFrom(peer); speaks {
		return a.on(ours.Track)
	}
	return a.onWith(peer)
}

func checkContact(c *valisev1.ContactLog) error {
	if _, err := ident.ParseAddress(c.GetPeer()); err != nil {
		return refuseAt("contact.peer", valisev1.Reason_REASON_BAD_REQUEST, "a contact names its thread, or the peer's address")
	}
	return checkCallLog(c)
}

// checkCallLog is checkContact where no POC need be named.
func checkCallLog(c *valisev1.ContactLog) error {
	if !c.GetAt().IsValid() {
		return refuseAt("contact.at", valisev1.Reason_REASON_BAD_REQUEST, "the time of the contact is no time")
	}
	for _, text := range []struct {
		field, says string
		most        int
	}{
		{"contact.person", c.GetPerson(), maxContactLine}, {"contact.detail", c.GetDetail(), maxContactLine}, {"contact.note", c.GetNote(), maxContactNote},
	} {
		if len(text.says) > text.most {
			return refuseAt(text.field, valisev1.Reason_REASON_BAD_REQUEST, "the log of a contact is too long")
		}
	}
	_, means := valisev1.ContactMeans_name[int32(c.GetMeans())]
	_, result := valisev1.ContactResult_name[int32(c.GetResult())]
	_, answer := valisev1.CheckAnswer_name[int32(c.GetCheckAnswer())]
	if !means || !result || !answer {
		return refuse(valisev1.Reason_REASON_BAD_REQUEST, "the means, the result or the answer of the contact is none that is known")
	}
	s := sifter{}
	if f := s.message(c.ProtoReflect()); f != nil {
		return f.below("contact").err()
	}
	if f := checkLines(c.ProtoReflect()); f != nil {
		return f.below("contact").err()
	}
	return nil
}
