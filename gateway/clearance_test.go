package gateway

import (
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func (h *home) send(a Actor, o *valisev1.SendOptions) *valisev1.Sent {
	h.w.t.Helper()
	s, err := h.g.Inquire(context.Background(), a, &valisev1.SendInquiryRequest{To: "XB/technical", Inquiry: inquiry("x"), Options: o})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return s
}

func (h *home) clear(a Actor, message string) (*valisev1.Sent, error) {
	r, err := h.g.Clear(context.Background(), a, &valisev1.ClearMessageRequest{Message: message})
	return r.GetSent(), err
}

func TestFourEyes(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xa.four[ident.Technical] = true
	sent := xa.send(officer, nil)
	if !sent.GetPendingClearance() || sent.GetDelivery() != 0 || xa.stateOf(sent) != statePending {
		t.Fatalf("sent %v", sent)
	}
	w.tick(time.Hour)
	if len(xb.store.items) != 0 {
		t.Fatal("something left before it was cleared")
	}
	both := Actor{Name: officer.Name, Roles: []valisev1.Role{1, 3}}
	wantReason(t, xa, valisev1.Reason_REASON_NEEDS_SECOND_PERSON, func() error { _, err := xa.clear(both, sent.GetMessage()); return err })
	wantReason(t, xa, valisev1.Reason_REASON_NOT_PERMITTED, func() error { _, err := xa.clear(officer, sent.GetMessage()); return err })
	wantReason(t, xa, valisev1.Reason_REASON_NEEDS_SECOND_PERSON, func() error {
		_, err := xa.g.SendBack(context.Background(), both, &valisev1.SendBackMessageRequest{Message: sent.GetMessage()})
		return err
	})
	xa.start()
	if _, err := xa.g.SendBack(context.Background(), clearer, &valisev1.SendBackMessageRequest{Message: sent.GetMessage(), Note: "say less"}); err != nil {
		t.Fatal(err)
	}
	if xa.stateOf(sent) != stateDraft {
		t.Fatal("what was sent back is no draft")
	}
	again, err := xa.clear(officer, sent.GetMessage())
	if err != nil || !again.GetPendingClearance() {
		t.Fatalf("submitting a draft where four eyes are wanted: %v, %v", again, err)
	}
	released, err := xa.clear(clearer, sent.GetMessage())
	if err != nil || released.GetDelivery() != valisev1.Delivery_DELIVERY_WAITING_TO_LEAVE || released.GetPendingClearance() {
		t.Fatalf("cleared %v, %v", released, err)
	}
	w.converge()
	if xb.stateOf(sent) != stateReceived || xa.stateOf(sent) != stateReceived {
		t.Fatal("what was cleared did not arrive")
	}
	wantReason(t, xa, valisev1.Reason_REASON_NOT_IN_THIS_STATE, func() error { _, err := xa.clear(clearer, sent.GetMessage()); return err })
	messages := xa.thread(sent.GetThread()).GetMessages()
	if len(messages) != 1 || messages[0].GetOfficer() != officer.Name {
		t.Fatalf("messages %v", messages)
	}
	// The other track needs nobody.
	other, err := xa.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: "XB/diplomatic", Inquiry: inquiry("x")})
	if err != nil || other.GetPendingClearance() {
		t.Fatalf("%v, %v", other, err)
	}
}

func (h *home) stateOf(s *valisev1.Sent) valisev1.ThreadState {
	return h.thread(s.GetThread()).GetThread().GetState()
}

func TestDraftersNeverRelease(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	sent := xa.send(drafter, nil)
	if !sent.GetPendingClearance() {
		t.Fatal("a drafter released a message")
	}
	if _, err := xa.clear(clearer, sent.GetMessage()); err != nil {
		t.Fatal(err)
	}
	w.converge()
	reply, err := w.homes["XB"].g.Reply(context.Background(), drafter, &valisev1.ReplyRequest{
		Thread: sent.GetThread(), Payload: payloadOf(&valisev1.Acknowledgement{}), Options: &valisev1.SendOptions{Draft: true},
	})
	if err != nil || reply.GetPendingClearance() || reply.GetDelivery() != 0 {
		t.Fatalf("%v, %v", reply, err)
	}
	view := w.homes["XB"].thread(sent.GetThread())
	last := view.GetMessages()[len(view.GetMessages())-1]
	if last.GetStage() != valisev1.Stage_STAGE_DRAFT || last.GetPayload().GetAcknowledgement() == nil || last.GetDigest() != "" {
		t.Fatalf("the draft is shown as %v", last)
	}
	if view.GetThread().GetState() != stateReceived {
		t.Fatal("a draft of a reply moved the thread")
	}
}

func TestDraftsWithoutFourEyes(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	sent := xa.send(officer, &valisev1.SendOptions{Draft: true})
	if xa.stateOf(sent) != stateDraft || sent.GetPendingClearance() {
		t.Fatalf("%v", sent)
	}
	wantReason(t, xa, valisev1.Reason_REASON_NOT_IN_THIS_STATE, func() error { return xa.tryReply(officer, sent.GetThread(), &valisev1.Supplement{}) })
	wantReason(t, xa, valisev1.Reason_REASON_NOT_PERMITTED, func() error { _, err := xa.clear(clearer, sent.GetMessage()); return err })
	wantReason(t, xa, valisev1.Reason_REASON_NOT_IN_THIS_STATE, func() error {
		_, err := xa.g.SendBack(context.Background(), clearer, &valisev1.SendBackMessageRequest{Message: sent.GetMessage()})
		return err
	})
	if _, err := xa.clear(officer, sent.GetMessage()); err != nil {
		t.Fatal(err)
	}
	w.converge()
	if w.homes["XB"].stateOf(sent) != stateReceived {
		t.Fatal("a draft that was submitted did not arrive")
	}
}

func TestUndo(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.send(officer, &valisev1.SendOptions{UndoSeconds: 10})
	if sent.GetDeliveryReason() != valisev1.Reason_REASON_UNDO_HOLD || sent.GetDelivery() != valisev1.Delivery_DELIVERY_WAITING_TO_LEAVE {
		t.Fatalf("%v", sent)
	}
	// Nothing overtakes the inquiry that begins its thread.
	wantReason(t, xa, valisev1.Reason_REASON_NOT_IN_THIS_STATE, func() error { return xa.tryReply(officer, sent.GetThread(), &valisev1.Supplement{}) })
	w.tick(9 * time.Second)
	xa.start()
	w.settle()
	if len(xb.store.items) != 0 {
		t.Fatal("it left before its time")
	}
	if next, ok := xa.g.Wake(w.now); !ok || !next.Equal(start.Add(10*time.Second)) {
		t.Fatalf("wakes at %v, %v", next, ok)
	}
	out, err := xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: sent.GetMessage()[:12]})
	if err != nil || !out.GetWithdrawn() || out.GetSent().GetDelivery() != valisev1.Delivery_DELIVERY_WITHDRAWN {
		t.Fatalf("%v, %v", out, err)
	}
	w.tick(time.Hour)
	if len(xb.store.items) != 0 || xa.stateOf(sent) != stateWithdrawn {
		t.Fatal("what was withdrawn left all the same")
	}
	view := xa.thread(sent.GetThread())
	if len(view.GetMessages()) != 1 || view.GetMessages()[0].GetDelivery() != valisev1.Delivery_DELIVERY_WITHDRAWN || view.GetMessages()[0].GetPayload() != nil {
		t.Fatalf("messages %v", view.GetMessages())
	}
	if view.GetThread().GetDelivery() != valisev1.Delivery_DELIVERY_WITHDRAWN || len(view.GetAdvice()) != 0 {
		t.Fatalf("thread %v", view.GetThread())
	}
	wantReason(t, xa, valisev1.Reason_REASON_NOT_IN_THIS_STATE, func() error {
		_, err := xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: sent.GetMessage()})
		return err
	})
	wantReason(t, xa, valisev1.Reason_REASON_NOT_IN_THIS_STATE, func() error { return xa.tryReply(officer, sent.GetThread(), &valisev1.Supplement{}) })
	late := xa.send(officer, &valisev1.SendOptions{NotBefore: timestamppb.New(w.now.Add(48 * time.Hour))})
	w.tick(47 * time.Hour)
	if len(xb.store.items) != 0 {
		t.Fatal("it left before its time")
	}
	w.tick(time.Hour)
	if xb.stateOf(late) != stateReceived {
		t.Fatal("its time came, but it did not leave")
	}
}
