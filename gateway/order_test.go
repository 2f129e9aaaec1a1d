package gateway

import (
	"context"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
)

// lose takes everything of one home's mail to another from the relay.
func (w *world) lose(h *home, to *home) {
	w.t.Helper()
	h.post()
	for _, a := range h.config().Ours {
		a.State = to.state
		for {
			if _, ok := w.relay.pop(a, 0); !ok {
				break
			}
		}
	}
}

// The inquiry is lost at the relay, its sender begins a new epoch, and what follows in the thread
// arrives first: it waits for the inquiry and is not refused. docs/protocol.md §7.6
func TestANewEpochDoesNotOvertakeTheInquiry(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	old := xa.inquire(xbTech, "old")
	w.lose(xa, xb)
	if err := xa.g.BeginEpoch(context.Background()); err != nil {
		t.Fatal(err)
	}
	xa.reply(old.GetThread(), &valisev1.Supplement{Narrative: "more"})
	xa.reply(old.GetThread(), &valisev1.Closure{})
	w.settle()
	if v := xb.thread(old.GetThread()).GetThread(); !v.GetGap() || v.GetState() != stateReceived {
		t.Fatalf("before the inquiry the thread says %v", v)
	}
	w.converge()
	if v := xb.thread(old.GetThread()).GetThread(); v.GetTitle() != "old" || v.GetState() != stateClosedByPeer || v.GetGap() {
		t.Fatalf("after it the thread says %v", v)
	}
	assertPromises(t, w)
	assertNoSuspicion(t, w)
	assertReplay(t, xb)
	xb.reply(old.GetThread(), &valisev1.Acknowledgement{})
	if got := len(xb.thread(old.GetThread()).GetMessages()[3].GetPayload().GetAcknowledgement().GetMessages()); got != 3 {
		t.Fatalf("the acknowledgement covers %d of three messages", got)
	}
}

// Of one thread, what the older epoch still holds back comes before what the newer one says.
func TestTheOlderEpochComesFirstInItsThread(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	xa.reply(thread, &valisev1.Supplement{Narrative: "lost on its way"})
	w.lose(xa, xb)
	xa.reply(thread, &valisev1.Closure{})
	xa.post()
	if err := xa.g.BeginEpoch(context.Background()); err != nil {
		t.Fatal(err)
	}
	xa.reply(thread, &valisev1.Reopen{})
	w.settle()
	w.converge()
	if v := xb.thread(thread).GetThread(); v.GetState() != stateReceived || v.GetGap() {
		t.Fatalf("the view of the thread is %v", v)
	}
	assertPromises(t, w)
	assertNoSuspicion(t, w)
	assertReplay(t, xb)
}

// A message with no inquiry before it, of a sender that has no epoch before this one, is refused
// as it was; one whose epoch may have had another before it waits, and is shown without inquiry
// once it is known that none can come.
func TestAThreadWhoseInquiryNeverComes(t *testing.T) {
	w := newWorld(t)
	xb := w.homes["XB"]
	first := newForger(t)
	wantEffects(t, xb.mustTake(first.inquiry(1)), 0, true)
	wantEffects(t, xb.mustTake(first.supplement(7, 1)), valisev1.Reason_REASON_THREAD, true)
	under := first.inquiry(8)
	held := first.supplement(1, 2)
	wantEffects(t, xb.mustTake(held), 0, true)

	next := newForger(t)
	next.epoch, next.ids = 0xE2, 100
	h := next.header(valisev1.Kind_KIND_SUPPLEMENT, 9, 1)
	h.Opening = &valisev1.EpochOpening{PreviousEpoch: 0xE1, LastSequence: 3, LastDigest: make([]byte, 32)}
	h.Opening.LastDigest[0] = 1
	orphan := next.sign(h, &valisev1.Supplement{Narrative: "of no inquiry"})
	wantEffects(t, xb.mustTake(orphan), 0, true)
	thread := xb.threadOf(orphan)
	if v := xb.thread(thread).GetThread(); !v.GetGap() {
		t.Fatalf("nothing is said to be under way: %v", v)
	}
	wantReplayOfAll(t, xb)
	wantEffects(t, xb.mustTake(under), 0, true)
	if v := xb.thread(thread).GetThread(); v.GetGap() || v.GetTitle() != "" {
		t.Fatalf("nothing can come before it any more, and the thread says %v", v)
	}
	if got := len(xb.thread(thread).GetMessages()); got != 1 {
		t.Fatalf("%d messages are shown", got)
	}
	wantReplayOfAll(t, xb)
}

func (h *home) threadOf(signed []byte) string {
	o, err := h.opener().VerifySigned(signed)
	if err != nil {
		h.w.t.Fatal(err)
	}
	return o.Header.Thread.String()
}

func wantReplayOfAll(t *testing.T, h *home) {
	t.Helper()
	assertReplay(t, h)
	h.start()
	assertReplay(t, h)
}

// Of the epoch before nothing has come at all, only that there was one is known: what follows in
// one of its threads waits for it all the same.
func TestNothingOfTheOlderEpochHasComeYet(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	old := xa.inquire(xbTech, "old")
	w.lose(xa, xb)
	if err := xa.g.BeginEpoch(context.Background()); err != nil {
		t.Fatal(err)
	}
	xa.inquire(xbTech, "new")
	w.settle()
	xa.reply(old.GetThread(), &valisev1.Supplement{Narrative: "more"})
	w.settle()
	w.converge()
	if v := xb.thread(old.GetThread()).GetThread(); v.GetTitle() != "old" || v.GetGap() {
		t.Fatalf("the thread says %v", v)
	}
	assertPromises(t, w)
	assertNoSuspicion(t, w)
	assertReplay(t, xb)
}
