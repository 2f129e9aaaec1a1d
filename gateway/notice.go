package gateway

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// maxRecipients is how many POCs one notice may go to. docs/protocol.md §12.1
const maxRecipients = 32

// SendNotice informs one or several States without asking anything of them: one bilateral thread
// each, all of them or none, linked at home only. No recipient learns of another. It is durable when
// it returns, and done once for each request id. The error is an *Error: those of Inquire, and
// BAD_REQUEST where the recipients are none, more than 32, or one of them is named twice.
// A-9b s3, B-1c-ii
func (g *Gateway) SendNotice(ctx context.Context, a Actor, r *valisev1.SendNoticeRequest) (*valisev1.SendNoticeResponse, error) {
	const op = "send notice"
	role, err := a.as(maySend)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	if n := len(r.GetTo()); n == 0 || n > maxRecipients {
		return nil, asError(op, refuse(valisev1.Reason_REASON_BAD_REQUEST, "a notice goes to 1 to %d points of contact", maxRecipients), 0)
	}
	req, err := newRequest(op, a, r.GetOptions().GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	messages := make([]outgoing, len(r.GetTo()))
	for i := range messages {
		m := &messages[i]
		m.actor, m.role, m.options = a, roleName(role), r.GetOptions()
		if err := g.newIDs(&m.id, &m.thread); err != nil {
			return nil, asError(op, err, 0)
		}
	}
	out := new(valisev1.SendNoticeResponse)
	err = g.update(ctx, op, func(w *work) error {
		return w.onceWithRoom(req, out, func() error { return w.inform(messages, r, out) })
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// inform begins one thread for each recipient, and links them at home.
func (w *work) inform(messages []outgoing, r *valisev1.SendNoticeRequest, out *valisev1.SendNoticeResponse) error {
	pairs, err := w.recipients(messages[0].actor, r)
	if err != nil {
		return err
	}
	notice := proto.CloneOf(r.GetNotice())
	if notice == nil {
		return refuse(valisev1.Reason_REASON_BAD_REQUEST, "there is no notice to send")
	}
	if err := requireOriginator(notice); err != nil {
		return err
	}
	all := outgoing{actor: messages[0].actor, payload: notice}
	if err := w.bindAttachments(&all); err != nil {
		return err
	}
	if err := w.shareUploads(all, len(pairs)); err != nil {
		return err
	}
	threads := make([]*valisev1.Thread, len(pairs))
	for i, m := range messages {
		m.pair, m.payload, m.uploads, m.bound = pairs[i], proto.CloneOf(notice), all.uploads, true
		sent := new(valisev1.Sent)
		if threads[i], err = w.openThread(m, &valisev1.Thread{Title: notice.GetTitle()}, sent); err != nil {
			return err
		}
		out.Sent = append(out.Sent, sent)
	}
	return w.link(messages[0].by(), threads...)
}

// recipients finds the pairs of a notice: all of one track, each once, and all of them reachable. A-9 s2
func (w *work) recipients(a Actor, r *valisev1.SendNoticeRequest) (pairs []Pair, err error) {
	named := map[ident.Address]bool{}
	for i, to := range r.GetTo() {
		p, err := w.pairFor(to, r.GetFrom())
		if err != nil {
			return nil, ofRecipient(i, err)
		}
		switch {
		case named[p.Peer]:
			return nil, ofRecipient(i, refuse(valisev1.Reason_REASON_BAD_REQUEST, "it is named twice"))
		case i > 0 && p.Ours != pairs[0].Ours:
			return nil, ofRecipient(i, refuse(valisev1.Reason_REASON_WRONG_TRACK, "one notice goes to points of contact of one track"))
		}
		if err := a.speaksOn(p.Ours.Track); err != nil {
			return nil, err
		}
		named[p.Peer] = true
		pairs = append(pairs, p)
	}
	return pairs, nil
}

// ofRecipient says which of the recipients an error is about: without it nobody was informed.
func ofRecipient(i int, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	of := *e
	if of.Detail = fmt.Sprintf("recipient %d", i+1); e.Detail != "" {
		of.Detail += ": " + e.Detail
	}
	return &of
}

// opening is what the kinds that begin a thread have in common. docs/protocol.md §5.2
type opening interface {
	GetOriginator() *valisev1.Person
	GetTitle() string
}

// openingOf is the kind that began a thread; unspecified while that has not come.
func openingOf(th *valisev1.Thread) valisev1.Kind {
	if th.GetOpening() == valisev1.Kind_KIND_UNSPECIFIED && (th.GetOutbound() || len(th.GetInquiry()) > 0) {
		return valisev1.Kind_KIND_INQUIRY
	}
	return th.GetOpening()
}

// adviseNotice lists what whoever informs may still say. A notice asks nothing, so the other side has
// no step of a procedure to take. A-10a
func adviseNotice(th *valisev1.Thread) []*valisev1.Advice {
	if !th.GetOutbound() {
		return nil
	}
	return advice{
		{"I-1", th.GetOursDone().GetIdentified(), "give name and affiliation of whoever informs"},
		{"I-2", th.GetOursDone().GetNature(), "tell what is known"},
	}.open()
}
