package gateway

import (
	"context"
	"fmt"
	"testing"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// restore puts a home back to a backup, as "node restore" does.
func (h *home) restore(backup *memStore) {
	h.w.t.Helper()
	h.rollBack(backup)
	if err := h.g.BeginEpoch(context.Background()); err != nil {
		h.w.t.Fatal(err)
	}
}

// rollBack puts a home back to a copy of its store without anybody saying so.
func (h *home) rollBack(backup *memStore) {
	h.w.t.Helper()
	h.store = backup.backup()
	h.start()
}

// mailOf is what officers of one State said, as a record holds it: how often, by message.
func mailOf(h *home, from ident.State) map[string]int {
	out := map[string]int{}
	voided := map[string]bool{}
	for _, it := range h.store.items {
		if it.GetDelivery().GetDelivery() == valisev1.Delivery_DELIVERY_WITHDRAWN {
			voided[string(it.GetDigest())] = true
		}
	}
	for _, it := range h.store.items {
		sent := it.GetType() == valisev1.ItemType_ITEM_TYPE_SENT && h.state == from
		received := it.GetType() == valisev1.ItemType_ITEM_TYPE_RECEIVED && h.state != from
		if !valisev1.IsHuman(it.GetKind()) || !sent && !received || voided[string(it.GetDigest())] {
			continue
		}
		head, _, err := readItem(it)
		if err != nil {
			h.w.t.Fatal(err)
		}
		if head.From.State == from {
			out[head.MessageID.String()]++
		}
	}
	return out
}

// assertSameMail: what one State has said to the other stands in both records, and in the other's
// once.
func assertSameMail(t testingT, w *world) {
	t.Helper()
	for _, from := range w.order {
		for _, at := range w.order {
			if from == at {
				continue
			}
			ours, theirs := mailOf(w.homes[from], from), mailOf(w.homes[at], from)
			for id := range ours {
				if theirs[id] == 0 {
					t.Errorf("%s has said %s, and %s does not have it", from, id, at)
				}
			}
			for id, n := range theirs {
				if n > 1 {
					t.Errorf("P2: %s has %s of %s %d times", at, id, from, n)
				}
				if ours[id] == 0 {
					t.Errorf("P8: %s has %s of %s, which does not know it", at, id, from)
				}
			}
		}
	}
	for _, s := range w.order {
		h := w.homes[s]
		assertReplay(t, h)
		assertDelivered(t, h)
	}
}

// assertDelivered: every message of ours that a record shows is shown once, and has reached the
// peer.
func assertDelivered(t testingT, h *home) {
	t.Helper()
	list, err := h.g.Threads(context.Background(), officer, &valisev1.ListThreadsRequest{PageSize: 500})
	if err != nil {
		t.Fatal(err)
	}
	for _, th := range list.GetThreads() {
		seen := map[string]bool{}
		for _, m := range h.thread(th.GetThread()).GetMessages() {
			if m.GetMessage() == "" || m.GetRefused() != 0 {
				continue
			}
			if seen[m.GetMessage()] {
				t.Errorf("%s shows %s twice", h.state, m.GetMessage())
			}
			seen[m.GetMessage()] = true
			switch m.GetDelivery() {
			case valisev1.Delivery_DELIVERY_WAITING_TO_LEAVE, valisev1.Delivery_DELIVERY_LEFT:
				t.Errorf("%s shows that %s has not reached the peer: %v", h.state, m.GetMessage(), m.GetDelivery())
			}
		}
		if th.GetGap() {
			t.Errorf("%s shows a gap in a thread", h.state)
		}
	}
}

// talk is an hour of mail both ways.
func (w *world) talk(rounds int) (threads []string) {
	w.t.Helper()
	xa, xb := w.homes["XA"], w.homes["XB"]
	for i := range rounds {
		a := xa.inquire(xbTech, fmt.Sprint("of XA ", i)).GetThread()
		b := xb.inquire(xaTech, fmt.Sprint("of XB ", i)).GetThread()
		w.settle()
		xb.reply(a, &valisev1.Acknowledgement{})
		xb.reply(a, outcome(valisev1.Outcome_OUTCOME_FULL))
		xa.reply(b, &valisev1.Acknowledgement{})
		w.settle()
		xa.reply(a, &valisev1.Supplement{Narrative: "more"})
		xb.reply(b, &valisev1.Supplement{Narrative: "more"})
		threads = append(threads, a, b)
		w.tick(time.Minute)
	}
	w.converge()
	return threads
}

// TestRestored: one home, the other, or both go back an hour in which mail went both ways. Each
// gets back what it had said and what it had been told, and officers see every message once.
func TestRestored(t *testing.T) {
	for _, who := range [][]ident.State{{"XB"}, {"XA"}} {
		t.Run(fmt.Sprint(who), func(t *testing.T) {
			w := newWorld(t)
			w.talk(2)
			backups := map[ident.State]*memStore{}
			for _, s := range who {
				backups[s] = w.homes[s].store.backup()
			}
			threads := w.talk(3)
			w.now = w.now.Add(time.Hour)
			for _, s := range who {
				w.homes[s].restore(backups[s])
			}
			w.converge()
			assertSameMail(t, w)
			assertPromises(t, w)
			for _, th := range threads {
				va, vb := w.homes["XA"].thread(th), w.homes["XB"].thread(th)
				if va.GetThread().GetState() != vb.GetThread().GetState() || va.GetThread().GetTitle() != vb.GetThread().GetTitle() {
					t.Errorf("after the restore XA sees %v, XB sees %v", va.GetThread(), vb.GetThread())
				}
				if len(va.GetMessages()) != len(vb.GetMessages()) {
					t.Errorf("XA sees %d messages, XB %d", len(va.GetMessages()), len(vb.GetMessages()))
				}
			}
			w.talk(1)
			assertSameMail(t, w)
		})
	}
}

// What both had and both lost is gone; what either kept is at both.
func TestBothRestored(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	backupA := xa.store.backup()
	w.talk(1)
	backupB := xb.store.backup()
	w.talk(1)
	xa.restore(backupA)
	xb.restore(backupB)
	w.converge()
	assertSameMail(t, w)
	w.talk(1)
	assertSameMail(t, w)
}

// Restored twice from one backup, with mail in between and without.
func TestRestoredTwice(t *testing.T) {
	for _, between := range []int{0, 1} {
		w := newWorld(t)
		xb := w.homes["XB"]
		w.talk(1)
		backup := xb.store.backup()
		w.talk(1)
		xb.restore(backup)
		w.talk(between)
		w.now = w.now.Add(time.Hour)
		xb.restore(backup)
		w.converge()
		assertSameMail(t, w)
		s, err := xb.g.Standing(context.Background())
		if err != nil || s.GetStopped() || len(s.GetLives()) != 1 {
			t.Fatalf("standing %v, %v", s, err)
		}
	}
}

// A home that only receives is noticed too, though nobody there has anything to say.
func TestARestoredHomeThatOnlyReceives(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xa.inquire(xbTech, "before")
	w.converge()
	backup := xb.store.backup()
	thread := xa.inquire(xbTech, "after").GetThread()
	w.converge()
	facts := len(xa.itemsOf(valisev1.ItemType_ITEM_TYPE_DELIVERY))
	xb.restore(backup)
	xb.start() // and dies before it has told anybody
	w.converge()
	if got := xb.thread(thread).GetThread().GetTitle(); got != "after" {
		t.Fatalf("what only the sender has is not sent again: %q", got)
	}
	if got := len(xa.itemsOf(valisev1.ItemType_ITEM_TYPE_DELIVERY)); got != facts {
		t.Fatalf("sending again told %d facts anew", got-facts)
	}
	assertSameMail(t, w)
	assertNoSuspicion(t, w)
}

// With whom a home first spoke after its backup was made, it does not know: that peer's word, or
// only its answer to our new keys, lets it ask for what it has forgotten. P8
func TestAPeerThatTheBackupDoesNotKnow(t *testing.T) {
	writes := func(xb *home) { xb.inquire(xaTech, "contact") }
	signs := func(xb *home) { xb.g.Learned(Pair{Ours: xbTech, Peer: xaTech}) }
	for name, contact := range map[string]func(xb *home){"writes": writes, "signs": signs} {
		for _, first := range []ident.State{"XA", "XB"} {
			t.Run(first.String()+" spoke, XB "+name, func(t *testing.T) {
				w := newWorld(t)
				xa, xb := w.homes["XA"], w.homes["XB"]
				backup := xa.store.backup()
				to := map[ident.State]ident.Address{"XA": xbTech, "XB": xaTech}[first]
				thread := w.homes[first].inquire(to, "forgotten").GetThread()
				w.converge()
				xa.restore(backup)
				w.converge()
				contact(xb)
				w.converge()
				if got := xa.thread(thread).GetThread().GetTitle(); got != "forgotten" {
					t.Fatalf("what the peer has did not come back: %q", got)
				}
				assertSameMail(t, w)
				assertNoSuspicion(t, w)
			})
		}
	}
}

// A home that hears of a peer's newest epoch only has not closed the older ones: it never heard of
// them, and what was said there is sent again. P1
func TestTheNewestEpochIsNotAllThatIsLacking(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	before := xb.store.backup()
	thread := xa.inquire(xbTech, "forgotten").GetThread()
	w.converge()
	xb.restore(before)
	xa.restore(xa.store.backup()) // so that the first thing XB hears is a new epoch
	w.converge()
	if got := xb.thread(thread).GetThread().GetTitle(); got != "forgotten" {
		t.Fatalf("what was said in the older epoch is not sent again: %q", got)
	}
	assertSameMail(t, w)
	assertNoSuspicion(t, w)
}

// A late receipt of a life that this record never heard of does not end the one that goes on. P1
func TestALateReceiptOfAForgottenLife(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	empty := xa.store.backup()
	xa.inquire(xbTech, "before")
	w.converge()
	w.now = w.now.Add(time.Minute)
	xb.g.Learned(Pair{Ours: xbTech, Peer: xaTech})
	late, err := xb.g.ReceiptsDue(context.Background())
	if err != nil || len(late) != 1 {
		t.Fatalf("%d receipts, %v", len(late), err)
	}
	w.now = w.now.Add(time.Minute)
	xb.restore(xb.store.backup())
	xa.restore(empty)
	w.converge()
	xa.inquire(xbTech, "between")
	w.converge()
	wantEffects(t, xa.mustTake(late[0].Signed), valisev1.Reason_REASON_DUPLICATE, false)
	w.now = w.now.Add(time.Minute)
	xa.inquire(xbTech, "after")
	w.converge()
	if rows := xa.outbox(); len(rows) > 0 {
		t.Fatalf("the peer has it, and it still waits: %v", rows)
	}
	assertSameMail(t, w)
}

// A home that lost its disk begins anew with its keys, and gets all back.
func TestALostDisk(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	threads := w.talk(2)
	xb.store = newMemStore()
	xb.start()
	sent := xb.inquire(xaTech, "the first of a new disk")
	w.converge()
	assertSameMail(t, w)
	for _, th := range append(threads, sent.GetThread()) {
		if a, b := xa.thread(th), xb.thread(th); a.GetThread().GetState() != b.GetThread().GetState() || len(a.GetMessages()) != len(b.GetMessages()) {
			t.Errorf("XA sees %v, XB sees %v", a.GetThread(), b.GetThread())
		}
	}
}

// A person's acknowledgement that came while its message was lost is not forgotten.
func TestAcknowledgedBeforeItCameBack(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	backup := xa.store.backup()
	lost := xa.reply(thread, &valisev1.Supplement{Narrative: "more"})
	w.converge()
	xb.reply(thread, &valisev1.Acknowledgement{})
	acknowledgement := xb.itemsOf(valisev1.ItemType_ITEM_TYPE_SENT)[0].GetSigned()
	w.converge()
	xa.restore(backup)
	wantEffects(t, xa.mustTake(acknowledgement), 0, true)
	w.converge()
	assertSameMail(t, w)
	for _, m := range xa.thread(thread).GetMessages() {
		if m.GetMessage() != lost.GetMessage() {
			continue
		}
		if m.GetDelivery() != valisev1.Delivery_DELIVERY_ACKNOWLEDGED || len(m.GetMarks()) != 1 || m.GetMarks()[0] != valisev1.Mark_MARK_RECOVERED {
			t.Fatalf("the message that came back is %v", m)
		}
		return
	}
	t.Fatal("the message did not come back")
}

// Two restores in a row, the first of which told nobody, do not hide what was before them.
func TestTwoEpochsInARow(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	xa.inquire(xbTech, "x")
	w.converge()
	backup, first := xa.store.backup(), xa.g.Epoch()
	thread := xa.inquire(xbTech, "forgotten").GetThread()
	w.converge()
	xa.restore(backup)
	if err := xa.g.BeginEpoch(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.converge()
	sent := xa.itemsOf(valisev1.ItemType_ITEM_TYPE_SENT)
	if h, _, err := readItem(sent[1]); err != nil || h.Kind != valisev1.Kind_KIND_RETURN || h.Opening.GetPreviousEpoch() != uint64(first) || h.Opening.GetLastSequence() != 1 {
		t.Fatalf("the opening says %v, %v", h.Opening, err)
	}
	if xa.thread(thread).GetThread().GetTitle() != "forgotten" {
		t.Fatal("it did not come back")
	}
	assertSameMail(t, w)
	assertPromises(t, w)

}
