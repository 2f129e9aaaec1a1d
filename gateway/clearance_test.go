package gateway

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
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

// TestReleaseIsDoneOnce though its outcome was unknown: the commit took place, and its answer was
// an error.
func TestReleaseIsDoneOnce(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	xa.send(officer, &valisev1.SendOptions{UndoSeconds: 10})
	w.now = w.now.Add(10 * time.Second)
	xa.store.fail = func() (error, error) { return nil, errors.New("EIO") }
	if err := xa.g.Release(context.Background(), w.now); err == nil {
		t.Fatal("a storage error was hidden")
	}
	xa.store.fail = nil
	w.now = w.now.Add(10 * time.Minute)
	if err := xa.g.Release(context.Background(), w.now); err != nil {
		t.Fatal(err)
	}
	if got := len(xa.itemsOf(valisev1.ItemType_ITEM_TYPE_SENT)); got != 1 {
		t.Fatalf("released %d times", got)
	}
}

// TestRetractByVoid: a message with a number that never left is voided; the number, the thread and
// the peer go on as if it had never been, and no word of it leaves.
func TestRetractByVoid(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	first := xa.inquire(xbTech, "first")
	w.settle()
	xb.reply(first.GetThread(), &valisev1.Supplement{Narrative: "seen"})
	w.settle()
	xa.setLink(false)
	ack := xa.reply(first.GetThread(), &valisev1.Acknowledgement{})
	close := xa.reply(first.GetThread(), &valisev1.Closure{})
	for _, m := range []string{close.GetMessage(), ack.GetMessage()} {
		out, err := xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: m})
		if err != nil || !out.GetWithdrawn() {
			t.Fatalf("%v, %v", out, err)
		}
	}
	if xa.stateOf(first) != stateReceived {
		t.Fatalf("after voiding, the thread is %v", xa.stateOf(first))
	}
	if again := xa.reply(first.GetThread(), &valisev1.Acknowledgement{}); len(again.GetCovers()) != 1 {
		t.Fatal("what a voided acknowledgement covered is not open again")
	}
	xa.setLink(true)
	w.converge()
	for _, it := range xb.itemsOf(valisev1.ItemType_ITEM_TYPE_RECEIVED) {
		if it.GetKind() == valisev1.Kind_KIND_CLOSURE {
			t.Fatal("a voided message arrived")
		}
	}
	if got := xb.thread(first.GetThread()).GetThread(); got.GetGap() || got.GetState() != stateReceived {
		t.Fatalf("the peer sees %v", got)
	}
	for _, m := range xa.thread(first.GetThread()).GetMessages() {
		if m.GetMessage() == close.GetMessage() && m.GetDelivery() != valisev1.Delivery_DELIVERY_WITHDRAWN {
			t.Fatalf("the voided message is %v", m.GetDelivery())
		}
	}
	assertReplay(t, xa)
	assertReplay(t, xb)
	assertPromises(t, w)
}

func TestVoidedInquiryIsWithdrawn(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xa.setLink(false)
	sent := xa.inquire(xbTech, "x")
	if _, err := xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: sent.GetMessage()}); err != nil {
		t.Fatal(err)
	}
	if xa.stateOf(sent) != stateWithdrawn {
		t.Fatalf("the thread is %v", xa.stateOf(sent))
	}
	xa.setLink(true)
	after := xa.inquire(xbTech, "y")
	w.converge()
	if xb.stateOf(after) != stateReceived {
		t.Fatal("what follows a Void does not arrive")
	}
	assertReplay(t, xa)
}

// TestRetractAfterItLeft sends a Retraction: nothing is deleted anywhere.
func TestRetractAfterItLeft(t *testing.T) {
	for _, restart := range []bool{false, true} {
		w := newWorld(t)
		xa, xb := w.homes["XA"], w.homes["XB"]
		sent := xa.inquire(xbTech, "x")
		if restart {
			// It may have been published just before the crash: nobody can tell any more.
			xa.start()
		} else {
			w.settle()
		}
		out, err := xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: sent.GetMessage(), Reason: "sent in error"})
		if err != nil || out.GetWithdrawn() || out.GetSent().GetKind() != valisev1.Kind_KIND_RETRACTION {
			t.Fatalf("%v, %v", out, err)
		}
		w.converge()
		messages := xb.thread(sent.GetThread()).GetMessages()
		if len(messages) != 2 || messages[1].GetPayload().GetRetraction().GetReason() != "sent in error" || messages[0].GetPayload().GetInquiry() == nil {
			t.Fatalf("the peer sees %v", messages)
		}
		if xa.stateOf(sent) != stateReceived {
			t.Fatal("a Retraction changed the state")
		}
	}
}

func TestWhoMayRetract(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	theirs := xa.send(officer, &valisev1.SendOptions{Draft: true})
	retract := func(a Actor, m string) error {
		_, err := xa.g.Retract(context.Background(), a, &valisev1.RetractMessageRequest{Message: m})
		return err
	}
	wantReason(t, xa, valisev1.Reason_REASON_NOT_PERMITTED, func() error { return retract(drafter, theirs.GetMessage()) })
	wantReason(t, xa, valisev1.Reason_REASON_NOT_PERMITTED, func() error { return retract(keeper, theirs.GetMessage()) })
	wantReason(t, xa, valisev1.Reason_REASON_NOT_FOUND, func() error { return retract(officer, "00000000") })
	own := xa.send(drafter, &valisev1.SendOptions{Draft: true})
	if err := retract(drafter, own.GetMessage()); err != nil {
		t.Fatal(err)
	}
	sent := xa.inquire(xbTech, "x")
	wantReason(t, xa, valisev1.Reason_REASON_NOT_PERMITTED, func() error { return retract(clearer, sent.GetMessage()) })
	w.settle()
	peer := w.homes["XB"].thread(sent.GetThread()).GetMessages()[0].GetMessage()
	if _, err := w.homes["XB"].g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: peer}); reasonOf(err) != valisev1.Reason_REASON_NOT_FOUND {
		t.Fatalf("a message of the peer was taken back: %v", err)
	}
}

func TestCorrection(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.inquire(xbTech, "x")
	w.settle()
	_, err := xa.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{
		InReplyTo: sent.GetMessage(), Payload: payloadOf(&valisev1.Correction{Text: "It was the other host."}),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.settle()
	messages := xb.thread(sent.GetThread()).GetMessages()
	if messages[1].GetInReplyTo() != sent.GetMessage() || len(messages[1].GetPayload().GetCorrection().GetMessage()) != 32 {
		t.Fatalf("the peer sees %v", messages[1])
	}
}

func TestRolesThatRead(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	sent := xa.inquire(xbTech, "x")
	ctx := context.Background()
	acts := map[string]func(a Actor) error{
		"threads": func(a Actor) error { _, err := xa.g.Threads(ctx, a, &valisev1.ListThreadsRequest{}); return err },
		"thread": func(a Actor) error {
			_, err := xa.g.Thread(ctx, a, &valisev1.GetThreadRequest{Thread: sent.GetThread()})
			return err
		},
		"items": func(a Actor) error { _, err := xa.g.Items(ctx, a, &valisev1.ListItemsRequest{}); return err },
		"item":  func(a Actor) error { _, err := xa.g.Item(ctx, a, &valisev1.GetItemRequest{}); return err },
	}
	for name, c := range map[string]struct {
		a   Actor
		may []string
	}{
		"duty officer":  {officer, []string{"threads", "thread"}},
		"drafter":       {drafter, []string{"threads", "thread"}},
		"clearer":       {clearer, []string{"threads", "thread"}},
		"record keeper": {keeper, []string{"threads", "thread", "items", "item"}},
		"node admin":    {nodeAdmin, nil},
		"nobody":        {Actor{}, nil},
		"all roles":     {allRoles, []string{"threads", "thread", "items", "item"}},
	} {
		may := map[string]bool{}
		for _, m := range c.may {
			may[m] = true
		}
		for act, do := range acts {
			want := valisev1.Reason_REASON_NOT_PERMITTED
			if may[act] {
				want = 0
			}
			if got := reasonOf(do(c.a)); got != want {
				t.Errorf("%s, %s: %v, want %v", name, act, got, want)
			}
		}
	}
}

// TestRequestsOfEveryAct: each act answers a repeated request as it did, and does nothing.
func TestRequestsOfEveryAct(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	ctx := context.Background()
	thread := xa.inquire(xbTech, "x")
	draft := xa.send(officer, &valisev1.SendOptions{Draft: true})
	pending := xa.send(drafter, nil)
	for name, act := range map[string]func() (proto.Message, error){
		"reply": func() (proto.Message, error) {
			return xa.g.Reply(ctx, officer, &valisev1.ReplyRequest{Thread: thread.GetThread(), Payload: payloadOf(&valisev1.Supplement{}), Options: &valisev1.SendOptions{RequestId: "reply"}})
		},
		"log": func() (proto.Message, error) {
			return xa.g.LogContact(ctx, officer, &valisev1.LogContactRequest{Thread: thread.GetThread(), Contact: &valisev1.ContactLog{}, RequestId: "log"})
		},
		"retract": func() (proto.Message, error) {
			return xa.g.Retract(ctx, officer, &valisev1.RetractMessageRequest{Message: draft.GetMessage(), RequestId: "retract"})
		},
		"clear": func() (proto.Message, error) {
			return xa.g.Clear(ctx, clearer, &valisev1.ClearMessageRequest{Message: pending.GetMessage(), RequestId: "clear"})
		},
	} {
		first, err := act()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		items := len(xa.store.items)
		again, err := act()
		if err != nil || !proto.Equal(first, again) || len(xa.store.items) != items {
			t.Errorf("%s again: %v, %v, want %v", name, again, err, first)
		}
	}
}
