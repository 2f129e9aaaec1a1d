package gateway

import (
	"bytes"
	"context"
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// What a Return gives back is with the peer once it has the Return, and a peer whose disk goes back once
// more asks for that. It stays as long as what it gives back does. docs/protocol.md §7.6, §9.3
func TestAReturnStaysAsLongAsWhatItGivesBack(t *testing.T) {
	w := newWorld(t)
	keepFor(w, "XA")
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	before := xb.store.backup()
	id := xb.inquireOf(xaTech, secret).GetThread()
	w.converge()
	xb.restore(before)
	xa.setLink(false)
	w.settle()
	w.tick(10 * time.Minute)
	between := xb.store.backup()
	xa.setLink(true)
	w.converge()
	if xb.thread(id).GetThread().GetTitle() != secret {
		t.Fatal("what XB forgot was not given back")
	}
	w.pass(48 * time.Hour)
	xa.prune()
	xb.restore(between)
	w.converge()
	if v := xb.thread(id); v.GetThread().GetTitle() != secret {
		t.Errorf("XA has it and XB shows %v", v)
	}
	assertPromises(t, w)

	xa.reply(id, &valisev1.Closure{})
	w.converge()
	w.pass(48 * time.Hour)
	xa.prune()
	xa.prune()
	if where := xa.says(secret); len(where) > 0 {
		t.Errorf("once the thread is over, it is left in %q", where)
	}
	w.talk(1)
	assertPromises(t, w)
}

func (h *home) inquireOf(to ident.Address, title string) *valisev1.Sent {
	h.w.t.Helper()
	sent, err := h.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: to.String(), Inquiry: inquiry(title)})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return sent
}

// Files that are half here keep a thread: the rest may still come. What their sender has taken back
// never does, and keeps nothing for ever. docs/protocol.md §6, §9.3
func TestAFileThatIsHalfHereKeepsItsThread(t *testing.T) {
	w := newWorld(t)
	keepFor(w, "XB")
	xa, xb := w.homes["XA"], w.homes["XB"]
	file := fileOf(secret, 90*PartSize) // more than may be numbered before the message is there
	sent := xa.sendFiles(file)
	id := sent.GetThread()
	xa.post()
	xb.fetch()
	xa.setLink(false)
	w.settle()
	xb.reply(id, &valisev1.Closure{})
	w.now = w.now.Add(72 * time.Hour)
	if out := xb.prune(); out.GetPruned().GetThreads() != 0 {
		t.Fatalf("half a file is here, and removed is %v", out)
	}
	if _, err := xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: sent.GetMessage()}); err != nil {
		t.Fatal(err)
	}
	xa.setLink(true)
	w.converge()
	if f := xb.files(id); f[0].GetState() != valisev1.AttachmentState_ATTACHMENT_STATE_UNDER_WAY {
		t.Fatalf("the file is %v", f[0].GetState())
	}
	xb.reply(id, &valisev1.Closure{})
	w.converge()
	w.pass(72 * time.Hour)
	if out := xb.prune(); out.GetPruned().GetThreads() != 1 || len(xb.says(secret)) != 0 {
		t.Errorf("removed %v, left in %q", out, xb.says(secret))
	}
	w.talk(1)
	assertPromises(t, w)
}

// A peer corrects and takes back what is removed here: that is shown as what came since, marks nothing
// and breaks nothing. docs/protocol.md §5.2, §9.3
func TestACorrectionOfWhatWasRemoved(t *testing.T) {
	for name, about := range map[string]func(d []byte) *valisev1.Payload{
		"corrected": func(d []byte) *valisev1.Payload {
			return payloadOf(&valisev1.Correction{Message: d, Text: "as it was"})
		},
		"taken back": nil,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			keepFor(w, "XB")
			xa, xb := w.homes["XA"], w.homes["XB"]
			sent := xa.inquire(xbTech, secret)
			id := sent.GetThread()
			w.converge()
			xb.reply(id, &valisev1.Closure{})
			w.converge()
			w.pass(48 * time.Hour)
			if out := xb.prune(); out.GetPruned().GetThreads() != 1 {
				t.Fatalf("removed %v", out)
			}
			var err error
			if about == nil {
				_, err = xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: sent.GetMessage()})
			} else {
				_, err = xa.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{Thread: id, Payload: about(xa.digestOfMessage(t, id, sent.GetMessage()))})
			}
			if err != nil {
				t.Fatal(err)
			}
			w.converge()
			if v := xb.thread(id); len(v.GetMessages()) != 1 || v.GetMessages()[0].GetRefused() != 0 {
				t.Errorf("what came since reads as %v", v.GetMessages())
			}
			assertReplay(t, xb)
			assertPromises(t, w)
		})
	}
}

// A receipt comes late, and again, for what is removed here meanwhile: nothing waits for it, and nothing
// of it is told twice. docs/protocol.md §7.4, §9.3
func TestALateReceiptOfWhatWasRemoved(t *testing.T) {
	w := newWorld(t)
	keepFor(w, "XA")
	xa, xb := w.homes["XA"], w.homes["XB"]
	id := xa.inquire(xbTech, secret).GetThread()
	w.converge()
	xa.reply(id, &valisev1.Closure{})
	xa.post()
	for xb.fetch() {
	}
	xb.post()
	late := bytes.Clone(xb.store.items[len(xb.store.items)-1].GetSigned())
	if w.now = w.now.Add(72 * time.Hour); xa.prune().GetPruned().GetThreads() != 0 {
		t.Fatal("what has no receipt was removed")
	}
	w.converge()
	w.pass(48 * time.Hour)
	if out := xa.prune(); out.GetPruned().GetThreads() != 1 {
		t.Fatalf("removed %v", out)
	}
	facts := len(xa.itemsOf(valisev1.ItemType_ITEM_TYPE_DELIVERY))
	if len(late) > 0 {
		if _, err := xa.take(late); err != nil {
			t.Fatal(err)
		}
	}
	w.converge()
	if n := len(xa.itemsOf(valisev1.ItemType_ITEM_TYPE_DELIVERY)); n != facts || len(xa.outbox()) != 0 {
		t.Errorf("after the late receipt %d facts of %d, and %v waits", n, facts, xa.outbox())
	}
	w.talk(1)
	assertPromises(t, w)
}

// The same file stands in two messages, and only the thread of one is over: the other keeps its bytes, on
// both sides. docs/protocol.md §6, §9.3
func TestAFileOfTwoMessagesOutlivesOne(t *testing.T) {
	w := newWorld(t)
	keepFor(w, "XA", "XB")
	xa, xb := w.homes["XA"], w.homes["XB"]
	file := fileOf(secret, 3*PartSize+7)
	over, stays := xa.sendFiles(file), xa.sendFiles(file)
	w.converge()
	for _, h := range []*home{xa, xb} {
		h.reply(over.GetThread(), &valisev1.Closure{})
		w.converge()
	}
	w.pass(48 * time.Hour)
	for _, h := range []*home{xa, xb} {
		if out := h.prune(); out.GetPruned().GetThreads() != 1 {
			t.Fatalf("%s removed %v", h.state, out)
		}
		h.wantBytes(stays.GetMessage(), 0, file)
		if _, err := h.read(officer, over.GetMessage(), 0); err == nil {
			t.Errorf("%s still gives out what it removed", h.state)
		}
	}
	w.talk(1)
	assertPromises(t, w)
}
