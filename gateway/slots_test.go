package gateway

import (
	"context"
	"fmt"
	"testing"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// inquireMany lets a home ask so often.
func (h *home) inquireMany(to ident.Address, times int) {
	h.w.t.Helper()
	for i := range times {
		h.inquire(to, fmt.Sprint("of ", h.state, " ", i))
	}
}

// TestAnOpeningAlwaysFindsASlot: a home goes back to where all its slots were taken. Of what holds
// them nothing can be receipted before the peer has given back what the home has forgotten, and
// that it does only for an opening.
func TestAnOpeningAlwaysFindsASlot(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	xb.setLink(false)
	xa.inquireMany(xbTech, 300)
	w.settle()
	backup := xa.store.backup()
	xb.setLink(true)
	w.converge()
	xa.inquireMany(xbTech, 20)
	w.converge()
	w.tick(time.Hour)

	xa.restore(backup)
	w.converge()
	assertSameMail(t, w)
}

// TestWhatLiesBeyondTheWindowGivesUpItsSlot: a peer goes back so far that what is under way to it
// is none of what it can take. It must not keep the slots from what the peer lacks.
func TestWhatLiesBeyondTheWindowGivesUpItsSlot(t *testing.T) {
	oneGoroutine(t)
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	backup := xb.store.backup()
	xa.inquireMany(xbTech, 600)
	w.converge()
	xb.setLink(false)
	xa.inquireMany(xbTech, 300)
	w.settle()

	xb.restore(backup)
	xb.setLink(true)
	w.converge()
	assertSameMail(t, w)
}

// TestManyUnderWayBothGoBack: both of the above at once, mail under way in both directions.
func TestManyUnderWayBothGoBack(t *testing.T) {
	oneGoroutine(t)
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	early := xb.store.backup()
	xa.inquireMany(xbTech, 270)
	xb.inquireMany(xaTech, 270)
	w.converge()
	xa.inquireMany(xbTech, 300)
	late := xa.store.backup()
	w.settle()
	xa.inquireMany(xbTech, 100)
	xb.inquireMany(xaTech, 300)
	w.settle()
	w.converge()
	xa.setLink(false)
	xb.inquireMany(xaTech, 300)
	xa.inquireMany(xbTech, 300)
	w.settle()

	xb.restore(early)
	xa.restore(late)
	xa.setLink(true)
	w.converge()
	assertSameMail(t, w)
}

// TestPartsFindASlotAfterARestore: the same of the lane of parts, whose opening is the first part
// that a home has for the peer.
func TestPartsFindASlotAfterARestore(t *testing.T) {
	oneGoroutine(t)
	file := fileOf("long", 80*PartSize)
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	sent := xa.sendFiles(file)
	w.settle()
	xb.setLink(false)
	second := xa.sendFiles(fileOf("longer", 100*PartSize))
	w.settle()
	backup := xa.store.backup()
	xb.setLink(true)
	w.converge()

	xa.restore(backup)
	w.converge()
	third := xa.sendFiles(fileOf("after", 2*PartSize))
	w.converge()
	assertSameMail(t, w)
	xb.wantBytes(sent.GetMessage(), 0, file)
	xb.wantFile(second.GetThread(), 0, whole, 100)
	xb.wantFile(third.GetThread(), 0, whole, 2)
}

// TestManyLostWithoutAWord: a home goes back by more than a window and does not know it. It learns
// of it when somebody says something.
func TestManyLostWithoutAWord(t *testing.T) {
	oneGoroutine(t)
	for _, who := range []ident.State{"XA", "XB"} {
		t.Run(string(who), func(t *testing.T) {
			w := newWorld(t)
			xa, xb := w.homes["XA"], w.homes["XB"]
			w.talk(1)
			backup := w.homes[who].store.backup()
			xa.inquireMany(xbTech, 300)
			xb.inquireMany(xaTech, 300)
			w.converge()
			w.homes[who].rollBack(backup)
			c := &lossy{chaos: chaos{w: w}}
			c.contact()
			assertSameMail(t, w)
		})
	}
}

// TestWhatGaveUpItsSlotHasLeft: it may have reached the peer, and no Void can stand for it.
func TestWhatGaveUpItsSlotHasLeft(t *testing.T) {
	oneGoroutine(t)
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	backup := xb.store.backup()
	xa.inquireMany(xbTech, 300)
	w.converge()
	xb.setLink(false)
	var last *valisev1.Sent
	for range 200 {
		last = xa.inquire(xbTech, "under way")
	}
	w.settle()
	xb.restore(backup)
	for xb.link = true; xa.rowOf(last).GetSlot() >= 0; {
		xb.post()
		xa.fetch()
		w.now = w.now.Add(time.Second)
	}
	if got := xa.rowOf(last).GetSlot(); got != slotGivenUp {
		t.Fatalf("the slot of what left is %d", got)
	}
	out, err := xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: last.GetMessage()})
	if err != nil || out.GetWithdrawn() {
		t.Fatalf("%v, %v", out, err)
	}
	w.converge()
	assertSameMail(t, w)
}

// rowOf is the row of the outbox that a message has.
func (h *home) rowOf(s *valisev1.Sent) *valisev1.Outgoing {
	h.w.t.Helper()
	var out *valisev1.Outgoing
	err := h.g.view(context.Background(), "test", func(w *work) error {
		p, err := w.findOurs(officer, s.GetMessage())
		if err != nil || p.row == 0 {
			return err
		}
		out, err = w.loadRow(p.row - 1)
		return err
	})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return out
}

// TestALatePublicationIsNotTakenForAnother: it may have put out of its slot what has it now.
func TestALatePublicationIsNotTakenForAnother(t *testing.T) {
	for _, news := range []string{"answered", "not sent"} {
		t.Run(news, func(t *testing.T) {
			s, now := newSchedule(plain), start
			old, fresh := testEntry(5), testEntry(1)
			fresh.channel.epoch, fresh.slot, fresh.digest = 8, old.slot, ident.Digest{9}
			s.add(old, now)
			s.due(now, openToAll)
			s.pause(old.digest)
			s.add(fresh, now)
			s.due(now, openToAll)
			s.answered(fresh.digest, 1, now)
			if news == "answered" {
				if e, _ := s.answered(old.digest, 2, now); e != nil {
					t.Fatal("what is not on the clock was answered")
				}
			} else {
				s.notSent(old.digest, valisev1.Reason_REASON_RELAY_DOWN, now)
			}
			if got := s.due(now, openToAll); len(got) != 1 || got[0].digest != fresh.digest {
				t.Fatalf("goes out again: %v", got)
			}
			if len(s.stale) != 0 {
				t.Fatal("it is remembered for ever")
			}
		})
	}
}

// TestSlotsThatComeFreeServeOthersAtOnce: a home that went back has slots for nothing but what it
// had said before, and its peer goes back too, to before all of that. What was said since leaves
// with the slots that come free then, and waits for no receipt.
func TestSlotsThatComeFreeServeOthersAtOnce(t *testing.T) {
	oneGoroutine(t)
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	early := xb.store.backup()
	xa.inquireMany(xbTech, 270)
	w.converge()
	xb.setLink(false)
	xa.inquireMany(xbTech, 260)
	w.settle()
	xa.restore(xa.store.backup())
	w.settle()
	last := xa.inquire(xbTech, "since")
	if got := xa.rowOf(last).GetSlot(); got >= 0 {
		t.Fatalf("it has slot %d already, so that this shows nothing", got)
	}
	xb.restore(early)
	xb.setLink(true)
	xb.post()
	xa.fetch()
	if got := xa.rowOf(last).GetSlot(); got < 0 {
		t.Error("slots came free, and what waits for one has none")
	}
	w.converge()
	assertSameMail(t, w)
}
