package gateway

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// forwardWorld is a world in which XA has consented that a file of its goes from XB to other States,
// until a time or for good.
func forwardWorld(t *testing.T, until *timestamppb.Timestamp, to ...string) (w *world, said *valisev1.Sent, file []byte) {
	t.Helper()
	w = newWorld(t, "XA", "XB", "XC")
	file = bytes.Repeat([]byte("abc"), 1000)
	said = w.homes["XA"].sendFiles(file)
	w.converge()
	for _, third := range to {
		w.homes["XB"].replyTo(said.GetMessage(), &valisev1.ConsentRequest{ThirdParty: third, Expires: until})
		w.converge()
		w.homes["XA"].reply(said.GetThread(), &valisev1.ConsentDecision{Consents: true})
		w.converge()
	}
	return w, said, file
}

// viewOf is a message as its own home shows it.
func (h *home) viewOf(s *valisev1.Sent) *valisev1.MessageView {
	h.w.t.Helper()
	for _, m := range h.thread(s.GetThread()).GetMessages() {
		if m.GetMessage() == s.GetMessage() {
			return m
		}
	}
	h.w.t.Fatalf("%s shows no message %s", h.state, s.GetMessage())
	return nil
}

// assertStopped: the message is a draft again that says why, its thread is flagged, the outbox names
// it, and nothing of it is at the peer.
func assertStopped(t *testing.T, h, peer *home, s *valisev1.Sent, why valisev1.Reason) {
	t.Helper()
	v := h.viewOf(s)
	if v.GetStage() != valisev1.Stage_STAGE_DRAFT || v.GetDeliveryReason() != why || v.GetDelivery() != 0 || v.GetDigest() != "" {
		t.Fatalf("%s shows stage %v, delivery %v, reason %v, want a draft stopped by %v", h.state, v.GetStage(), v.GetDelivery(), v.GetDeliveryReason(), why)
	}
	if v.GetPayload() == nil || len(v.GetAttachments()) != 1 {
		t.Fatalf("what was stopped has lost its words or its file: %v", v)
	}
	last := v.GetSteps()[len(v.GetSteps())-1]
	if last.GetAct() != valisev1.DraftAct_DRAFT_ACT_STOPPED || last.GetOfficer() != "" || last.GetNote() == "" {
		t.Fatalf("the last step is %v", last)
	}
	var recorded valisev1.Reason
	for _, item := range h.store.items {
		if item.GetDraftAct() == valisev1.DraftAct_DRAFT_ACT_STOPPED {
			recorded = item.GetReason()
		}
	}
	if recorded != why {
		t.Fatalf("the record says that it was stopped by %v, want %v", recorded, why)
	}
	if th := h.thread(s.GetThread()).GetThread(); th.GetState() != stateDraft || strings.Join(th.GetFlags(), " ") != "undelivered" {
		t.Fatalf("the thread is %v with flags %v", th.GetState(), th.GetFlags())
	}
	rows := h.outbox()
	if len(rows) != 1 || rows[0].GetMessage() != s.GetMessage() || rows[0].GetReason() != why {
		t.Fatalf("the outbox lists %v", rows)
	}
	if len(h.g.held) != 0 {
		t.Fatal("what was stopped is tried again and again")
	}
	if knows(peer, s) {
		t.Fatalf("it has come to %s", peer.state)
	}
}

// knows reports whether a home has a thread.
func knows(h *home, s *valisev1.Sent) bool {
	_, err := h.g.Thread(context.Background(), officer, &valisev1.GetThreadRequest{Thread: s.GetThread()})
	return err == nil
}

// hold writes an inquiry with a file that leaves by itself after a while.
func (h *home) hold(to string, file []byte, o *valisev1.SendOptions) *valisev1.Sent {
	h.w.t.Helper()
	q := inquiry("held")
	q.Attachments = []*valisev1.Attachment{h.bring(officer, "x.bin", file)}
	s, err := h.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: to, Inquiry: q, Options: o})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return s
}

// What ends a consent while a message is held stops it: nothing leaves, and nothing is lost.
// docs/protocol.md §9.4, A-11 s2
func TestAConsentThatEndsStopsWhatIsHeld(t *testing.T) {
	undo := &valisev1.SendOptions{UndoSeconds: 3600}
	for _, c := range []struct {
		name  string
		until *timestamppb.Timestamp
		ends  func(*testing.T, *world, *valisev1.Sent, []byte)
		why   valisev1.Reason
		wants string
	}{
		{"withdrawn", nil, func(_ *testing.T, w *world, said *valisev1.Sent, _ []byte) {
			w.homes["XA"].reply(said.GetThread(), &valisev1.ConsentWithdrawal{})
		}, valisev1.Reason_REASON_NO_CONSENT, "it was withdrawn"},
		{"its time is over", timestamppb.New(start.Add(30 * time.Minute)), func(*testing.T, *world, *valisev1.Sent, []byte) {},
			valisev1.Reason_REASON_NO_CONSENT, "it has expired"},
		{"taken back by whoever said it", nil, func(t *testing.T, w *world, said *valisev1.Sent, _ []byte) {
			if _, err := w.homes["XA"].g.Retract(t.Context(), officer, &valisev1.RetractMessageRequest{Message: said.GetMessage()}); err != nil {
				t.Fatal(err)
			}
		}, valisev1.Reason_REASON_NO_CONSENT, "took it back"},
		{"said again under a stricter label", nil, func(_ *testing.T, w *world, said *valisev1.Sent, file []byte) {
			xa := w.homes["XA"]
			a := xa.bring(officer, "again.bin", file)
			a.Tlp = valisev1.Tlp_TLP_RED
			xa.reply(said.GetThread(), &valisev1.Supplement{Narrative: "under another label", Attachments: []*valisev1.Attachment{a}})
		}, valisev1.Reason_REASON_HANDLING, "TLP:RED"},
	} {
		for _, restarted := range []bool{false, true} {
			t.Run(c.name, func(t *testing.T) {
				w, said, file := forwardWorld(t, c.until, "XC")
				xb := w.homes["XB"]
				held := xb.hold("XC/technical", file, undo)
				w.settle()
				c.ends(t, w, said, file)
				w.tick(5 * time.Minute)
				if restarted {
					xb.start()
				}
				if v := xb.viewOf(held); v.GetStage() != valisev1.Stage_STAGE_HELD {
					t.Fatalf("it is not held: %v", v.GetStage())
				}
				w.tick(2 * time.Hour)
				assertStopped(t, xb, w.homes["XC"], held, c.why)
				steps := xb.viewOf(held).GetSteps()
				if note := steps[len(steps)-1].GetNote(); !strings.Contains(note, c.wants) {
					t.Errorf("officers read %q", note)
				}
				xb.start()
				assertStopped(t, xb, w.homes["XC"], held, c.why)
				assertPromises(t, w)
			})
		}
	}
}

// While the consent holds, what is held leaves when its time has come.
func TestWhatIsHeldLeavesWhileTheConsentHolds(t *testing.T) {
	w, _, file := forwardWorld(t, nil, "XC")
	held := w.homes["XB"].hold("XC/technical", file, &valisev1.SendOptions{UndoSeconds: 60})
	w.tick(2 * time.Minute)
	w.converge()
	if w.homes["XC"].stateOf(held) != stateReceived {
		t.Fatal("it did not arrive")
	}
}

// What was stopped goes on by an officer's act alone: with a new consent as it stands, or written anew
// without what may not go; or it is withdrawn. A-9 s4, A-11 s2
func TestWhatWasStoppedGoesOnByAnOfficersAct(t *testing.T) {
	stopped := func() (w *world, said, held *valisev1.Sent) {
		w, said, file := forwardWorld(t, nil, "XC")
		held = w.homes["XB"].hold("XC/technical", file, &valisev1.SendOptions{UndoSeconds: 60})
		w.settle()
		w.homes["XA"].reply(said.GetThread(), &valisev1.ConsentWithdrawal{})
		w.settle()
		w.tick(2 * time.Minute)
		assertStopped(t, w.homes["XB"], w.homes["XC"], held, valisev1.Reason_REASON_NO_CONSENT)
		return w, said, held
	}
	arrives := func(w *world, s *valisev1.Sent) {
		t.Helper()
		w.converge()
		if v := w.homes["XB"].viewOf(s); v.GetDeliveryReason() != 0 || w.homes["XC"].stateOf(s) != stateReceived {
			t.Fatalf("it did not arrive: %v", v)
		}
		assertPromises(t, w)
	}

	w, said, held := stopped()
	if _, err := w.homes["XB"].clear(officer, held.GetMessage()); reasonOf(err) != valisev1.Reason_REASON_NO_CONSENT {
		t.Fatalf("without a consent: %v", err)
	}
	w.homes["XB"].replyTo(said.GetMessage(), &valisev1.ConsentRequest{ThirdParty: "XC"})
	w.settle()
	w.homes["XA"].reply(said.GetThread(), &valisev1.ConsentDecision{Consents: true})
	w.settle()
	if _, err := w.homes["XB"].clear(officer, held.GetMessage()); err != nil {
		t.Fatal(err)
	}
	arrives(w, held)

	w, _, held = stopped()
	if _, err := w.homes["XB"].g.Revise(t.Context(), officer, &valisev1.ReviseMessageRequest{Message: held.GetMessage(), Payload: payloadOf(inquiry("without the file"))}); err != nil {
		t.Fatal(err)
	}
	if v := w.homes["XB"].viewOf(held); v.GetDeliveryReason() != 0 {
		t.Fatalf("a draft without what may not go is still shown as stopped: %v", v.GetDeliveryReason())
	}
	if _, err := w.homes["XB"].clear(officer, held.GetMessage()); err != nil {
		t.Fatal(err)
	}
	arrives(w, held)

	w, _, held = stopped()
	w.homes["XB"].takeBack(held.GetMessage())
	w.converge()
	if w.homes["XB"].stateOf(held) != stateWithdrawn || knows(w.homes["XC"], held) {
		t.Fatal("what was stopped and withdrawn is not")
	}
}

// Where the State wants four eyes, what was stopped needs them again. A-9 s4
func TestWhatWasStoppedIsClearedAgain(t *testing.T) {
	w, said, file := forwardWorld(t, nil, "XC")
	xb := w.homes["XB"]
	xb.four[ident.Technical] = true
	held := xb.hold("XC/technical", file, &valisev1.SendOptions{UndoSeconds: 3600})
	if _, err := xb.clear(clearer, held.GetMessage()); err != nil {
		t.Fatal(err)
	}
	w.settle()
	w.homes["XA"].reply(said.GetThread(), &valisev1.ConsentWithdrawal{})
	w.settle()
	w.tick(2 * time.Hour)
	assertStopped(t, xb, w.homes["XC"], held, valisev1.Reason_REASON_NO_CONSENT)
	again, err := xb.clear(officer, held.GetMessage())
	if err != nil || !again.GetPendingClearance() {
		t.Fatalf("submitted again: %v, %v", again, err)
	}
	wantReason(t, xb, valisev1.Reason_REASON_NO_CONSENT, func() error { _, err := xb.clear(clearer, held.GetMessage()); return err })
}

// Of a notice that is held for two, that to the State without consent is stopped, and the other goes:
// here back to where the file came from. A-9b s3, A-11 s2
func TestANoticeStopsForTheStateWithoutConsent(t *testing.T) {
	w, said, file := forwardWorld(t, nil, "XC")
	xa, xb := w.homes["XA"], w.homes["XB"]
	n := notice("what we saw")
	n.Attachments = []*valisev1.Attachment{xb.bring(officer, "x.bin", file)}
	r := noticeTo(n, "XA/technical", "XC/technical")
	r.Options = &valisev1.SendOptions{UndoSeconds: 3600}
	sent := xb.inform(officer, r)
	w.settle()
	xa.reply(said.GetThread(), &valisev1.ConsentWithdrawal{})
	w.settle()
	w.tick(2 * time.Hour)
	if v := xa.thread(sent[0].GetThread()); len(v.GetMessages()) != 1 || v.GetMessages()[0].GetAttachments()[0].GetState() != valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE {
		t.Fatalf("XA has %v", v)
	}
	assertStopped(t, xb, w.homes["XC"], sent[1], valisev1.Reason_REASON_NO_CONSENT)
	assertPromises(t, w)
	// Its file is still there, although the other recipient's is gone.
	xb.replyTo(said.GetMessage(), &valisev1.ConsentRequest{ThirdParty: "XC"})
	w.settle()
	xa.reply(said.GetThread(), &valisev1.ConsentDecision{Consents: true})
	w.settle()
	if _, err := xb.clear(officer, sent[1].GetMessage()); err != nil {
		t.Fatal(err)
	}
	w.converge()
	if v := w.homes["XC"].files(sent[1].GetThread()); len(v) != 1 || v[0].GetState() != valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE {
		t.Fatalf("XC has %v", v)
	}
}

// What is held behind a message in its thread goes on when that was stopped.
func TestWhatFollowsAStoppedMessageGoes(t *testing.T) {
	w, said, file := forwardWorld(t, nil, "XC")
	xb := w.homes["XB"]
	thread := xb.inquire(xcTech, "first").GetThread()
	w.converge()
	stops, err := xb.g.Reply(t.Context(), officer, &valisev1.ReplyRequest{
		Thread: thread, Options: &valisev1.SendOptions{UndoSeconds: 3600},
		Payload: payloadOf(&valisev1.Supplement{Narrative: "with the file", Attachments: []*valisev1.Attachment{xb.bring(officer, "x.bin", file)}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	next := xb.reply(thread, &valisev1.Supplement{Narrative: "behind it"})
	w.settle()
	w.homes["XA"].reply(said.GetThread(), &valisev1.ConsentWithdrawal{})
	w.settle()
	w.tick(2 * time.Hour)
	if v := xb.viewOf(stops); v.GetStage() != valisev1.Stage_STAGE_DRAFT || v.GetDeliveryReason() != valisev1.Reason_REASON_NO_CONSENT {
		t.Fatalf("%v", v)
	}
	if v := xb.viewOf(next); v.GetDelivery() != valisev1.Delivery_DELIVERY_REACHED {
		t.Fatalf("what follows waits: %v", v)
	}
	if got := len(w.homes["XC"].thread(thread).GetMessages()); got != 2 {
		t.Fatalf("XC shows %d messages", got)
	}
	assertPromises(t, w)
}

// A notice that brings another State's file is refused without consent, to all of its recipients, and
// goes with it. A-9b s3, A-11 s2
func TestANoticeBringsAnothersFileWithConsentOnly(t *testing.T) {
	for _, c := range []struct {
		name string
		to   []string // XA has consented that it goes to these
		want valisev1.Reason
	}{
		{"to nobody", nil, valisev1.Reason_REASON_NO_CONSENT},
		{"to another State", []string{"XE"}, valisev1.Reason_REASON_NO_CONSENT},
		{"to this one", []string{"XC"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, _, file := forwardWorld(t, nil, c.to...)
			xb := w.homes["XB"]
			n := notice("what we saw")
			n.Attachments = []*valisev1.Attachment{xb.bring(officer, "x.bin", file)}
			err := xb.tryInform(officer, noticeTo(n, "XA/technical", "XC/technical"))
			if reasonOf(err) != c.want {
				t.Fatalf("%v, want %v", err, c.want)
			}
			w.converge()
			for _, at := range []*home{w.homes["XA"], w.homes["XC"]} {
				got := 0
				for _, it := range at.store.items {
					if it.GetKind() == valisev1.Kind_KIND_VOLUNTARY_NOTICE && it.GetType() == valisev1.ItemType_ITEM_TYPE_RECEIVED {
						got++
					}
				}
				if want := map[bool]int{true: 1}[c.want == 0]; got != want {
					t.Errorf("%s has %d notices, want %d", at.state, got, want)
				}
			}
		})
	}
}
