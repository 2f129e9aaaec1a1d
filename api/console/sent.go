package console

import (
	"html/template"
	"net/http"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

type sentPage struct {
	*frame
	Thread  *valisev1.ThreadView
	Message *valisev1.MessageView
	Held    time.Time // until when it can be undone; zero: no longer
	Draft   string    // what it was written as here; empty: elsewhere, or forgotten
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
		p := &sentPage{frame: v.inner(v.t.Write.Done, ""), Thread: t.GetThread(), Message: m}
		if m.GetStage() == valisev1.Stage_STAGE_HELD {
			p.Held = m.GetHeldUntil().AsTime()
		}
		if w := v.c.writings.sentAs(message); w != nil {
			p.Draft = w.id
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
	if err == nil {
		v.reopen(message)
	}
	return v.goTo("thread/" + id + "/sent/" + message)
}

// reopen lets the officer go on writing what was undone; it would leave as another message.
func (v *visit) reopen(message string) {
	if w := v.c.writings.sentAs(message); w != nil {
		w.sent, w.undone, w.revises = "", message, ""
		if forms[w.form].steps > 0 {
			w.thread, w.to = "", []string{w.peer}
		}
		w.revision++
		v.c.writings.put(w, v.now)
	}
}

// Acknowledges reports whether it is an acknowledgement.
func (p *sentPage) Acknowledges() bool {
	return p.Message.GetKind() == valisev1.Kind_KIND_ACKNOWLEDGEMENT
}

// Pending reports whether a second person must clear it. A-9 s4
func (p *sentPage) Pending() bool {
	return p.Message.GetStage() == valisev1.Stage_STAGE_PENDING_CLEARANCE
}

// WhatNext says what happens now, and when.
func (p *sentPage) WhatNext() (template.HTML, error) {
	next, theirs := p.T.Write.Next, p.State(p.Thread.GetPeer())
	switch {
	case p.Pending():
		return p.Say(next.Clear)
	case p.Message.GetStage() == valisev1.Stage_STAGE_DRAFT:
		return p.Say(next.Draft)
	case !p.Held.IsZero():
		at, err := p.Second(p.Held)
		if err != nil {
			return "", err
		}
		return p.Say(next.Held, "time", at, "state", theirs)
	}
	facts := p.Message.GetFacts()
	at := facts.GetReached()
	text := next.Reached
	switch {
	case at == nil && facts.GetLeft() != nil:
		at, text = facts.GetLeft(), next.Left
	case at == nil:
		return p.Say(next.Waits, "state", theirs)
	}
	when, err := p.Moment(at.AsTime())
	if err != nil {
		return "", err
	}
	return p.Say(text, "time", when, "state", theirs)
}

// Second is a moment to the second, for what lasts no longer than that.
func (f *frame) Second(t time.Time) (template.HTML, error) {
	return f.Say(f.T.Time.UTC, "date", f.date(t.UTC()), "clock", template.HTML(`<bdi dir="ltr">`+t.UTC().Format(time.TimeOnly)+`</bdi>`)) //nolint:gosec // digits and colons
}
