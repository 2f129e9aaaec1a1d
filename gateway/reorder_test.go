package gateway

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// scramble hands over some of what the relay has, in any order, and loses some of it.
func (w *world) scramble(draw func(below int) int) {
	w.t.Helper()
	for range 40 {
		for _, s := range w.order {
			w.homes[s].post()
		}
		for _, s := range w.order {
			for range draw(4) {
				b, ok := w.relay.pop(ident.Address{State: s, Track: ident.Technical}, draw(64))
				if !ok || draw(4) == 0 {
					continue
				}
				w.homes[s].mustTake(b.pub.Signed)
			}
		}
		w.now = w.now.Add(time.Duration(draw(20)) * time.Second)
	}
	w.converge()
}

// shownOrder is the messages of a thread as officers see them.
func (h *home) shownOrder(thread string) (ids []string) {
	h.w.t.Helper()
	for _, m := range h.thread(thread).GetMessages() {
		ids = append(ids, m.GetMessage())
	}
	return ids
}

// assertShownOrder: of one sender and epoch, what was sent first is shown first. P3
func assertShownOrder(t testingT, h *home) {
	t.Helper()
	list, err := h.g.Threads(context.Background(), officer, &valisev1.ListThreadsRequest{PageSize: 500})
	if err != nil {
		t.Fatal(err)
	}
	type stream struct {
		from  ident.Address
		epoch ident.Epoch
	}
	for _, th := range list.GetThreads() {
		last := map[stream]uint64{}
		for _, m := range h.thread(th.GetThread()).GetMessages() {
			if m.GetDigest() == "" {
				continue
			}
			head, _, err := readItem(h.store.items[m.GetItem()])
			if err != nil {
				t.Fatal(err)
			}
			s := stream{head.From, head.Epoch}
			if head.ThreadSequence <= last[s] {
				t.Errorf("P3: %s shows number %d of %s after %d", h.state, head.ThreadSequence, head.From, last[s])
			}
			last[s] = head.ThreadSequence
		}
	}
}

// longTalk is a thread in which both sides say a dozen things and the last of each decides what
// the thread is: in another order it would be in another state.
func (w *world) longTalk(thread string) {
	w.t.Helper()
	xa, xb := w.homes["XA"], w.homes["XB"]
	for i := range 4 {
		xa.reply(thread, &valisev1.Supplement{Narrative: fmt.Sprint("more ", i)})
		w.settle()
		xb.reply(thread, &valisev1.HoldingReply{})
		w.settle()
		xa.reply(thread, &valisev1.Acknowledgement{})
		w.settle()
		if i%2 == 0 {
			xa.reply(thread, &valisev1.Closure{})
			xa.reply(thread, &valisev1.Reopen{})
			w.settle()
			xb.reply(thread, &valisev1.RevisedEstimate{Estimate: &valisev1.Estimate{Estimate: &valisev1.Estimate_WithinSeconds{WithinSeconds: 60}}})
			w.settle()
		}
		w.tick(time.Minute)
	}
	xa.reply(thread, &valisev1.AgencyNomination{Agency: &valisev1.Agency{Name: "CERT Birch"}})
	xa.reply(thread, &valisev1.AgencyNomination{Agency: &valisev1.Agency{Name: "CERT Cedar"}})
	xa.reply(thread, &valisev1.Closure{})
	w.converge()
}

// What a restored home has forgotten comes back in any order, and some of it only when it is sent
// again: its officers read the thread as it was said, its state is what it was, and a restart
// changes neither. P3
func TestWhatComesBackIsShownAsItWasSaid(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t)
			xa := w.homes["XA"]
			thread := xa.inquire(xbTech, "long").GetThread()
			w.converge()
			backup := xa.store.backup()
			w.longTalk(thread)
			said, was := xa.shownOrder(thread), xa.thread(thread).GetThread()
			if len(said) < 16 {
				t.Fatalf("only %d messages", len(said))
			}
			xa.restore(backup)
			rng := rand.New(rand.NewPCG(seed, 0))
			w.scramble(rng.IntN)
			came := xa.shownOrder(thread)
			if !slices.Equal(came, said) {
				t.Errorf("after the restore the thread reads\n%v, it was\n%v", came, said)
			}
			is := xa.thread(thread).GetThread()
			if is.GetState() != was.GetState() || is.GetOurAgency() != "CERT Cedar" || is.GetState() != stateClosedByUs {
				t.Errorf("after the restore the thread is %v, it was %v", is, was)
			}
			xa.start()
			if again := xa.shownOrder(thread); !slices.Equal(again, came) {
				t.Errorf("after a restart the thread reads\n%v, it was\n%v", again, came)
			}
			assertShownOrder(t, xa)
			assertSameMail(t, w)
			xa.reply(thread, &valisev1.Reopen{})
			w.converge()
			assertShownOrder(t, xa)
			assertSameMail(t, w)
		})
	}
}

// An acknowledgement of ours comes back before what it acknowledges is sent again: once that is
// here it stands before, and is not left open.
func TestWhatOursHadSeenComesLater(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	backup := xa.store.backup()
	xb.reply(thread, &valisev1.HoldingReply{})
	w.settle()
	xa.reply(thread, &valisev1.Acknowledgement{})
	w.converge()
	said := xa.shownOrder(thread)
	xa.restore(backup)
	var later []byte
	for range 30 {
		xa.post()
		xb.fetch()
		xb.post()
		for {
			b, ok := w.relay.pop(xaTech, 0)
			if !ok {
				break
			}
			o, err := xa.opener().VerifySigned(b.pub.Signed)
			if err != nil {
				t.Fatal(err)
			}
			if o.Header.Kind == valisev1.Kind_KIND_HOLDING_REPLY {
				later = b.pub.Signed
			} else {
				xa.mustTake(b.pub.Signed)
			}
		}
		w.now = w.now.Add(time.Second)
	}
	if later == nil || !slices.Equal(xa.shownOrder(thread), []string{said[0], said[2]}) {
		t.Fatalf("before it is here the thread reads %v", xa.shownOrder(thread))
	}
	assertReplay(t, xa)
	xa.mustTake(later)
	w.converge()
	if came := xa.shownOrder(thread); !slices.Equal(came, said) {
		t.Errorf("the thread reads %v, it was %v", came, said)
	}
	assertSameMail(t, w)
	if err := xa.tryReply(officer, thread, &valisev1.Acknowledgement{}); reasonOf(err) != valisev1.Reason_REASON_NOT_IN_THIS_STATE {
		t.Errorf("what was acknowledged is open again: %v", err)
	}
}

// A thread whose messages come back is stepped anew a bounded number of times, however many come.
func TestAThreadIsNotSteppedAnewForEveryMessage(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	thread := xa.inquire(xbTech, "long").GetThread()
	w.converge()
	backup := xa.store.backup()
	w.longTalk(thread)
	xa.restore(backup)
	w.settle()
	rows := 0
	for _, q := range xa.g.duties {
		if q.queue.kind == valisev1.DutyKind_DUTY_KIND_REORDER {
			rows++
			if !q.at.Equal(w.now.Add(reorderAfter)) {
				t.Errorf("stepped anew at %v, want %v later", q.at, reorderAfter)
			}
		}
	}
	if rows != 1 {
		t.Fatalf("after all came back at once, %d duties wait", rows)
	}
	xa.start() // the duty outlives the process
	w.converge()
	assertReplay(t, xa)
	assertShownOrder(t, xa)
}

// Both sides forget, one after the other or one twice, and what they say meanwhile is shown in
// order too; what had been given up for lost and came all the same stands where it was said.
func TestWhatComesBackInAnyOrder(t *testing.T) {
	oneGoroutine(t)
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t)
			draw := rand.New(rand.NewPCG(seed, 1)).IntN
			xa, xb := w.homes["XA"], w.homes["XB"]
			thread := xa.inquire(xbTech, "long").GetThread()
			w.converge()
			backups := map[ident.State]*memStore{"XA": xa.store.backup(), "XB": xb.store.backup()}
			for range 2 {
				w.longTalk(thread)
				h := w.homes[w.order[draw(2)]]
				h.restore(backups[h.state])
				if draw(2) == 0 {
					h.reply(thread, &valisev1.Supplement{Narrative: "meanwhile"})
				}
				w.scramble(draw)
				for _, s := range w.order {
					assertShownOrder(t, w.homes[s])
				}
				assertSameMail(t, w)
			}
		})
	}
}
