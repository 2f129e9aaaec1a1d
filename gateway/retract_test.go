package gateway

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

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

// TestWithdrawOnly: an undo takes back what is held, or what never left, and sends nothing when it comes
// too late.
func TestWithdrawOnly(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	undo := func(m string) (*valisev1.RetractMessageResponse, error) {
		return xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: m, WithdrawOnly: true})
	}
	held := xa.send(officer, &valisev1.SendOptions{UndoSeconds: 10})
	view := xa.thread(held.GetThread()).GetMessages()[0]
	if want := w.now.Add(10 * time.Second); !view.GetHeldUntil().AsTime().Equal(want) {
		t.Fatalf("held until %v, want %v", view.GetHeldUntil().AsTime(), want)
	}
	if out, err := undo(held.GetMessage()); err != nil || !out.GetWithdrawn() {
		t.Fatalf("%v, %v", out, err)
	}
	if at := xa.thread(held.GetThread()).GetMessages()[0].GetHeldUntil(); at != nil {
		t.Fatalf("a message that was withdrawn is held until %v", at.AsTime())
	}
	for _, restart := range []bool{false, true} {
		sent := xa.inquire(xbTech, "x")
		if restart {
			xa.start()
		} else {
			w.settle()
		}
		wantReason(t, xa, valisev1.Reason_REASON_ALREADY_LEFT, func() error { _, err := undo(sent.GetMessage()); return err })
		w.converge()
		if got := xb.thread(sent.GetThread()).GetMessages(); len(got) != 1 {
			t.Fatalf("an undo that came too late sent something: %v", got)
		}
		if at := xa.thread(sent.GetThread()).GetMessages()[0].GetHeldUntil(); at != nil {
			t.Fatalf("what has left is held until %v", at.AsTime())
		}
	}
	assertReplay(t, xa)
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
		"note": func() (proto.Message, error) {
			return xa.g.AddNote(ctx, officer, &valisev1.AddNoteRequest{Thread: thread.GetThread(), Text: "x", RequestId: "note"})
		},
		"link": func() (proto.Message, error) {
			return xa.g.LinkThreads(ctx, officer, &valisev1.LinkThreadsRequest{Thread: thread.GetThread(), With: []string{pending.GetThread()}, RequestId: "link"})
		},
		"open": func() (proto.Message, error) {
			return xa.g.OpenThread(ctx, officer, &valisev1.OpenThreadRequest{Thread: thread.GetThread(), RequestId: "open"})
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
