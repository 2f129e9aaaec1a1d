package gateway

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// A message is lost at the relay, what follows it is held, and then its sender is restored from a
// backup that has neither: what is held is shown in order and marked, officers are told, the
// receipt never covers what did not come, and what comes all the same is taken.
func TestALostMessageIsToldAndWhatFollowedIsShown(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	backup := xa.store.backup()
	xa.reply(thread, &valisev1.Supplement{Narrative: "lost"})
	xa.post()
	var lost []byte
	for {
		b, ok := w.relay.pop(xbTech, 0)
		if !ok {
			break
		}
		if b.pub.Slot < SlotReceipt {
			lost = b.pub.Signed
		}
	}
	xa.reply(thread, &valisev1.Closure{})
	xa.post()
	xb.fetch()
	if v := xb.thread(thread).GetThread(); v.GetState() != stateReceived || !v.GetGap() {
		t.Fatalf("before the restore XB sees %v", v)
	}
	xa.restore(backup)
	w.converge()
	v := xb.thread(thread)
	last := v.GetMessages()[len(v.GetMessages())-1]
	if v.GetThread().GetState() != stateClosedByPeer || v.GetThread().GetGap() || !slices.Contains(last.GetMarks(), valisev1.Mark_MARK_AFTER_LOSS) {
		t.Fatalf("after it XB sees %v, %v", v.GetThread(), last)
	}
	told := 0
	for n := range xb.store.items {
		e, shown, err := xb.g.Event(context.Background(), officer, uint64(n))
		if err != nil {
			t.Fatal(err)
		}
		if shown && e.GetPeer() == xaTech.String() && xb.store.items[n].GetReason() == valisev1.Reason_REASON_SEQUENCE {
			told++
		}
	}
	if told != 1 {
		t.Fatalf("officers were told %d times", told)
	}
	line := receiptAgain(t, xb).GetChannels()[0]
	if line.GetMark().GetMark() != 1 || len(line.GetHeld()) != 1 {
		t.Fatalf("the receipt covers what did not come: %v", line)
	}
	assertReplay(t, xb)
	// It was under way all the time.
	wantEffects(t, xb.mustTake(lost), 0, true)
	w.converge()
	if got := len(xb.thread(thread).GetMessages()); got != 3 {
		t.Fatalf("%d messages after the lost one came", got)
	}
	assertSameMail(t, w)
}

// Mail of the old epoch that arrives after the opening is taken, and given back too.
func TestOldMailAfterTheOpening(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	backup := xa.store.backup()
	for range 3 {
		xa.inquire(xbTech, "under way")
	}
	xa.post()
	var slow [][]byte
	for {
		b, ok := w.relay.pop(xbTech, 0)
		if !ok {
			break
		}
		slow = append(slow, b.pub.Signed)
	}
	w.now = w.now.Add(time.Hour)
	xa.restore(backup)
	w.converge()
	for _, b := range slow {
		if e := xb.mustTake(b); e.Reason != 0 {
			t.Fatalf("old mail is refused: %v", e.Reason)
		}
	}
	w.converge()
	assertSameMail(t, w)
	assertNoSuspicion(t, w)
}

// A peer that begins epoch after epoch does not make us send for ever: four openings a day are
// answered at once, the rest when the day is over, however many there were.
func TestAFloodOfOpenings(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xb.inquire(xaTech, "x").GetThread()
	for range 30 {
		xb.reply(thread, &valisev1.Supplement{Narrative: "x"})
	}
	w.converge()
	xa.setLink(false)
	clear(w.relay.count)
	open := func(i int) {
		f := newForger(t)
		f.epoch, f.ids, f.now = ident.Epoch(0x1000+i), byte(i), w.now
		h := f.header(valisev1.Kind_KIND_RETURN, 0, 0)
		h.MessageID = ident.MessageID{1, byte(i), byte(i >> 8)}
		h.Opening = &valisev1.EpochOpening{PreviousEpoch: 0x999}
		xb.mustTake(f.sign(h, &valisev1.Return{}))
		for range 3 {
			xb.post()
		}
		// It signs for all of it, so that the next opening can ask for all of it again.
		last := uint64(len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_SENT)))
		xb.mustTake(receiptFrom(t, xaTech, xbTech, &valisev1.ReceiptBatch{
			Epoch: uint64(f.epoch), Number: 1, Channels: []*valisev1.ChannelReceipt{ownChannel(xb, xaTech, last)},
		}))
		w.now = w.now.Add(time.Second)
	}
	for i := range 100 {
		open(i)
	}
	total := 0
	for _, n := range w.relay.count {
		total += n
	}
	if total > 5*31+3*100 {
		t.Fatalf("a hundred openings made %d publications", total)
	}
	if rows := len(xb.outbox()); rows > 5*31 {
		t.Fatalf("%d rows wait", rows)
	}
	if n := len(xb.g.duties); n > 4*2 {
		t.Fatalf("%d queues of duties for one peer", n)
	}
	w.now = w.now.Add(25 * time.Hour)
	before := len(xb.outbox())
	xb.post()
	if got := len(xb.outbox()); got > before+200 {
		t.Fatalf("a day later %d rows more wait", got-before)
	}
}

// Four epochs with a gap each, which their sender knows of, keep a fifth out until they are filled.
// They do not lock a peer out that was restored: its newest opening says that what is missing is
// lost.
func TestFourGapsDoNotLockAPeerOut(t *testing.T) {
	w := newWorld(t)
	xb := w.homes["XB"]
	opening := &valisev1.EpochOpening{PreviousEpoch: 0x99}
	for i := range openEpochs {
		f := newForger(t)
		f.epoch, f.ids, f.now = ident.Epoch(0xA0+i), byte(10*i), w.now
		h := f.header(valisev1.Kind_KIND_INQUIRY, byte(20+i), 1)
		h.Opening = proto.CloneOf(opening)
		wantEffects(t, xb.mustTake(f.sign(h, f.inquiryPayload())), 0, true)
		f.supplement(byte(20+i), 2) // never comes
		wantEffects(t, xb.mustTake(f.supplement(byte(20+i), 3)), 0, true)
		opening = &valisev1.EpochOpening{PreviousEpoch: uint64(f.epoch), LastSequence: 3, LastDigest: f.previous[:]}
		w.now = w.now.Add(time.Minute)
	}
	other := newForger(t)
	other.epoch, other.ids, other.now = 0xAF, 80, w.now
	o := other.header(valisev1.Kind_KIND_INQUIRY, 39, 1)
	o.Opening = opening
	wantEffects(t, xb.mustTake(other.sign(o, other.inquiryPayload())), valisev1.Reason_REASON_EPOCH, true)
	fifth := newForger(t)
	fifth.epoch, fifth.ids, fifth.now = 0xB0, 90, w.now
	h := fifth.header(valisev1.Kind_KIND_INQUIRY, 40, 1)
	h.Opening = &valisev1.EpochOpening{PreviousEpoch: 0x99}
	wantEffects(t, xb.mustTake(fifth.sign(h, fifth.inquiryPayload())), 0, true)
	gaps, err := xb.g.Gaps(context.Background())
	if err != nil || len(gaps) != 0 {
		t.Fatalf("gaps %v, %v", gaps, err)
	}
	for i := range openEpochs {
		if v := xb.thread(ident.ThreadID{byte(20 + i), 1}.String()); v.GetThread().GetGap() || len(v.GetMessages()) != 2 {
			t.Fatalf("thread %d: %v", i, v)
		}
	}
	assertReplay(t, xb)
}

// A duty survives the death of the node at every step.
func TestDutiesSurvive(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	backup := xb.store.backup()
	thread := xa.inquire(xbTech, "long").GetThread()
	for range 40 {
		xa.reply(thread, &valisev1.Supplement{Narrative: "x"})
	}
	back := xb.inquire(xaTech, "long too").GetThread()
	for range 40 {
		xb.reply(back, &valisev1.Supplement{Narrative: "y"})
	}
	w.converge()
	xb.restore(backup)
	for range 60 {
		xa.start()
		xb.start()
		xa.post()
		xb.post()
		xa.fetch()
		xb.fetch()
		w.now = w.now.Add(time.Second)
	}
	w.converge()
	assertSameMail(t, w)
}
