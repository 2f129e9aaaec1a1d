package console

import (
	"net/http"
	"strings"

	"google.golang.org/protobuf/proto"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

// beginThread sends what begins a thread: an inquiry to one State, a notice to each of several. I-1, A-9b s3
func (v *visit) beginThread(w *writing, m proto.Message, options *valisev1.SendOptions) (*valisev1.Sent, error) {
	if inquiry, ok := m.(*valisev1.Inquiry); ok {
		answer, err := v.c.door.inquiry.SendInquiry(v.ctx(), &valisev1.SendInquiryRequest{
			To: w.peer, From: w.ours, Inquiry: inquiry, Options: options, Follows: w.follows,
		})
		if err != nil {
			return nil, err
		}
		w.each = []*valisev1.Sent{answer.GetSent()}
		return answer.GetSent(), nil
	}
	notice, _ := m.(*valisev1.VoluntaryNotice)
	answer, err := v.c.door.inquiry.SendNotice(v.ctx(), &valisev1.SendNoticeRequest{To: w.to, From: w.ours, Notice: notice, Options: options})
	if err != nil {
		return nil, err
	}
	w.each = answer.GetSent()
	return w.each[0], nil
}

// begun notes the thread that was begun. Of several, none stands for all: the draft is their page.
func (w *writing) begun(sent *valisev1.Sent) {
	if w.thread = sent.GetThread(); len(w.each) > 1 {
		w.thread, w.sent = "", w.id
	}
}

// eachPage tells what became of a notice to several States.
type eachPage struct {
	*frame
	*writing
	Rows []eachRow
	Held bool // one can still be taken back
}

// eachRow is one of their threads.
type eachRow struct {
	Thread  *valisev1.ThreadView
	Message string
	Undone  bool
}

// sentToEach shows the thread with each State.
func (v *visit) sentToEach() error {
	w, err := v.writing()
	if err != nil {
		return err
	}
	if len(w.each) < 2 {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	p := &eachPage{frame: v.inner(v.t.Write.Done, ""), writing: w}
	for _, sent := range w.each {
		t, err := v.c.door.inquiry.GetThread(v.ctx(), &valisev1.GetThreadRequest{Thread: sent.GetThread()})
		if err != nil {
			return err
		}
		row := eachRow{Thread: t.GetThread(), Message: sent.GetMessage()}
		for _, m := range t.GetMessages() {
			if m.GetMessage() == sent.GetMessage() {
				row.Undone = m.GetDelivery() == valisev1.Delivery_DELIVERY_WITHDRAWN
				p.Held = p.Held || m.GetStage() == valisev1.Stage_STAGE_HELD
			}
		}
		p.Rows = append(p.Rows, row)
	}
	v.show(http.StatusOK, "each", p)
	return nil
}

// undoEach takes back what has not left yet, to whomever it goes. It can be written on for those, and for
// them alone. docs/protocol.md §12.1
func (v *visit) undoEach() error {
	w, err := v.writing()
	if err != nil {
		return err
	}
	act, err := v.act()
	if err != nil {
		return err
	}
	var back []string
	for i, sent := range w.each {
		_, err := v.c.door.inquiry.RetractMessage(v.ctx(), &valisev1.RetractMessageRequest{
			Message: sent.GetMessage(), RequestId: act + "-" + itoa(int64(i)), WithdrawOnly: true,
		})
		switch {
		case err == nil && i < len(w.to):
			back = append(back, w.to[i])
		case err != nil && refusalOf(err).reason != valisev1.Reason_REASON_ALREADY_LEFT:
			return err
		}
	}
	if len(back) > 0 && w.undone == "" {
		again := w.clone()
		if again.id, err = v.c.shell.secret(); err != nil {
			return err
		}
		again.sent, again.each, again.to, again.peer = "", nil, back, back[0]
		w.undone = again.id
		v.c.writings.put(again, v.now)
		v.c.writings.put(w, v.now)
	}
	return v.goTo(w.SentAt())
}

// Referred is the desk on which a matter of this thread is to go on, where this officer may begin there;
// empty where nothing was referred to a track of ours. A-9 s2
func (p *threadPage) Referred() string { return p.v.referred(p.GetThreadResponse) }

func (v *visit) referred(t *valisev1.GetThreadResponse) (to string) {
	for _, m := range t.GetMessages() {
		if r := m.GetPayload().GetReferral(); r != nil && m.GetRetractedBy() == "" && m.GetDigest() != "" {
			to = r.GetTo()
		}
	}
	state, here, _ := strings.Cut(t.GetThread().GetPeer(), "/")
	_, track, named := strings.Cut(to, "/")
	if !named || track == here || !v.c.has(writers...) || v.c.ourDesk(to) == "" {
		return ""
	}
	return state + "/" + track
}

// beginThere begins an inquiry on the track that a thread was referred to, with what we said in this one.
// Nothing crosses by itself: it is checked and sent like any other. A-9 s2, s3
func (v *visit) beginThere() error {
	id, err := v.id("thread")
	if err != nil {
		return err
	}
	t, err := v.c.door.inquiry.GetThread(v.ctx(), &valisev1.GetThreadRequest{Thread: id})
	if err != nil {
		return err
	}
	to := v.referred(t)
	if to == "" {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	w, err := v.blank("inquiry")
	if err != nil {
		return err
	}
	if w.follows == "" {
		w.to, w.follows = []string{to}, id
		w.values["title"] = t.GetThread().GetTitle()
		w.repeat(t.GetMessages())
		if err := v.addressed(w); err != nil {
			return err
		}
		v.c.writings.put(w, v.now)
	}
	return v.goTo(w.place(""))
}

// repeat fills in what an inquiry of ours said; who asks is another on another track.
func (w *writing) repeat(messages []*valisev1.MessageView) {
	for _, m := range messages {
		if inquiry := m.GetPayload().GetInquiry(); inquiry != nil && m.GetOutbound() {
			said := draft.Body(inquiry)
			delete(said, "originator")
			w.fill(said)
		}
	}
}

// GoesOn is the draft in which what was taken back is written on; empty: nothing was.
func (p *eachPage) GoesOn() string { return p.undone }
