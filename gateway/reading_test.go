package gateway

import (
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// All four facts are by our own clock: a peer whose clock is a year behind puts none of them out
// of order. docs/protocol.md §7.4
func TestFactsAreByOurOwnClock(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	sent := xa.inquire(xbTech, "x")
	h := hello(t, w, sent.GetThread(), w.now.AddDate(-1, 0, 0))
	facts := xa.thread(sent.GetThread()).GetMessages()[0].GetFacts()
	for name, at := range map[string]*timestamppb.Timestamp{"left": facts.GetLeft(), "reached": facts.GetReached(), "acknowledged": facts.GetAcknowledged()} {
		if at == nil || at.AsTime().Before(facts.GetWaiting().AsTime()) {
			t.Errorf("%s at %v, waiting since %v, peer's clock %v", name, at.AsTime(), facts.GetWaiting().AsTime(), h)
		}
	}
}

// hello lets XB take and acknowledge a thread with its clock set to at, and gives that time.
func hello(t *testing.T, w *world, thread string, at time.Time) time.Time {
	t.Helper()
	xa, xb := w.homes["XA"], w.homes["XB"]
	ours := w.now
	xa.post()
	w.now = at
	xb.fetch()
	if _, err := xb.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{Thread: thread, Payload: payloadOf(&valisev1.Acknowledgement{})}); err != nil {
		t.Fatal(err)
	}
	xb.post()
	w.now = ours.Add(time.Minute)
	w.converge()
	return at
}

// What the peer says of its officer is shown with its message. A-9 s4
func TestThePeersOfficerIsShown(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	sent := xa.inquire(xbTech, "x")
	hello(t, w, sent.GetThread(), w.now)
	var shown []string
	for _, m := range xa.thread(sent.GetThread()).GetMessages() {
		if !m.GetOutbound() {
			shown = append(shown, m.GetRole())
		}
	}
	if len(shown) != 1 || shown[0] == "" {
		t.Errorf("the acknowledgement was made in the roles %q", shown)
	}
}

// What was never sent leaves no words behind, and nothing is advised on it before.
func TestAWithdrawnDraftLeavesNoWords(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	sent, err := xa.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{
		To: xbTech.String(), Inquiry: inquiry("words"), Options: &valisev1.SendOptions{UndoSeconds: 60},
	})
	if err != nil {
		t.Fatal(err)
	}
	if open := xa.thread(sent.GetThread()).GetAdvice(); len(open) != 0 {
		t.Errorf("advised before release: %v", open)
	}
	if _, err := xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: sent.GetMessage()}); err != nil {
		t.Fatal(err)
	}
	if title := xa.thread(sent.GetThread()).GetThread().GetTitle(); title != "" {
		t.Errorf("still titled %q", title)
	}
}

// A held message says first what will hinder it: the undo time ends by itself, the rest may not.
func TestAHeldMessageSaysWhatWillHinderIt(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	held := func() valisev1.Reason {
		sent, err := xa.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{
			To: xbTech.String(), Inquiry: inquiry("x"), Options: &valisev1.SendOptions{UndoSeconds: 60},
		})
		if err != nil {
			t.Fatal(err)
		}
		return sent.GetDeliveryReason()
	}
	if got := held(); got != valisev1.Reason_REASON_UNDO_HOLD {
		t.Errorf("with a link: %s", got)
	}
	xa.setLink(false)
	if got := held(); got != valisev1.Reason_REASON_RELAY_DOWN {
		t.Errorf("without: %s", got)
	}
}

// What is withheld is no open step; what is not known yet is one. A-10b
func TestWhatIsWithheldIsNotAdvised(t *testing.T) {
	for why, want := range map[valisev1.Absence]bool{
		valisev1.Absence_ABSENCE_WITHHELD: false, valisev1.Absence_ABSENCE_NOT_APPLICABLE: false, valisev1.Absence_ABSENCE_UNKNOWN: true,
	} {
		w := newWorld(t)
		q := inquiry("x")
		q.NominatedAgency = nil
		q.Absent = []*valisev1.AbsentFact{{Field: "nominated_agency", Why: why}}
		sent, err := w.homes["XA"].g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: xbTech.String(), Inquiry: q})
		if err != nil {
			t.Fatal(err)
		}
		advised := false
		for _, a := range sent.GetAdvice() {
			advised = advised || a.GetText() == "nominate the agency that leads for this incident"
		}
		if advised != want {
			t.Errorf("%s: advised %v", why, advised)
		}
	}
}
