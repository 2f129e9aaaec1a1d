package console

import (
	"net/http"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

type sentPage struct {
	*frame
	Thread  *valisev1.ThreadView
	Message *valisev1.MessageView
	Held    time.Time // until when it can be undone; zero: no longer
}

// sent follows an act: a reference, what happens next, and undoing it while that is possible.
func (v *visit) sent() error {
	id, err := v.id("thread")
	if err != nil {
		return err
	}
	message, err := v.id("message")
	if err != nil {
		return err
	}
	t, err := v.c.door.inquiry.GetThread(v.ctx(), &valisev1.GetThreadRequest{Thread: id})
	if err != nil {
		return err
	}
	for _, m := range t.GetMessages() {
		if m.GetMessage() != message || !m.GetOutbound() {
			continue
		}
		p := &sentPage{frame: v.inner(v.t.Sent.Acknowledged, ""), Thread: t.GetThread(), Message: m}
		if m.GetStage() == valisev1.Stage_STAGE_HELD {
			p.Held = m.GetHeldUntil().AsTime()
		}
		v.show(http.StatusOK, "sent", p)
		return nil
	}
	return refuse(valisev1.Reason_REASON_NOT_FOUND)
}

// Undone reports whether it was taken back before it left.
func (p *sentPage) Undone() bool {
	return p.Message.GetDelivery() == valisev1.Delivery_DELIVERY_WITHDRAWN
}

// undo takes a message back while nothing of it has left, and does nothing when it comes too late: the page
// says which of both it was. docs/protocol.md §12.1
func (v *visit) undo() error {
	id, err := v.id("thread")
	if err != nil {
		return err
	}
	message, err := v.id("message")
	if err != nil {
		return err
	}
	act, err := v.act()
	if err != nil {
		return err
	}
	_, err = v.c.door.inquiry.RetractMessage(v.ctx(), &valisev1.RetractMessageRequest{Message: message, RequestId: act, WithdrawOnly: true})
	if err != nil && refusalOf(err).reason != valisev1.Reason_REASON_ALREADY_LEFT {
		return err
	}
	return v.goTo("thread/" + id + "/sent/" + message)
}
