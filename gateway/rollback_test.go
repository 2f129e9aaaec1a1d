package gateway

import (
	"context"
	"testing"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func (h *home) standing() *valisev1.Standing {
	h.w.t.Helper()
	s, err := h.g.Standing(context.Background())
	if err != nil {
		h.w.t.Fatal(err)
	}
	return s
}

// TestRolledBack: a copy of the store is put back and nobody says so. The first message under a
// number that the peer holds for another shows it: what the peer holds stands, what was made in
// its place is made again, and officers see each once.
func TestRolledBack(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	backup := xb.store.backup()
	w.talk(2)
	w.now = w.now.Add(time.Hour)
	xb.rollBack(backup)
	before := xb.g.Epoch()
	sent := xb.inquire(xaTech, "made in the place of another")
	more := xb.reply(sent.GetThread(), &valisev1.Supplement{Narrative: "more"})
	w.converge()
	assertSameMail(t, w)
	if xb.g.Epoch() == before {
		t.Fatal("no new epoch")
	}
	s := xb.standing()
	if s.GetStopped() || len(s.GetLives()) != 1 || !s.GetLives()[0].GetProven() || s.GetLives()[0].GetRecovered() == 0 {
		t.Fatalf("standing %v", s)
	}
	view := xa.thread(sent.GetThread())
	if len(view.GetMessages()) != 2 || view.GetMessages()[1].GetMessage() != more.GetMessage() {
		t.Fatalf("XA sees %v", view.GetMessages())
	}
	if v := xb.thread(sent.GetThread()).GetThread(); v.GetState() != stateReceived || v.GetDelivery() != valisev1.Delivery_DELIVERY_REACHED {
		t.Fatalf("XB sees %v", v)
	}
	w.talk(1)
	assertSameMail(t, w)
}

// TestRolledBackFarBehind: with more than a window of numbers gone, and many made in their place.
func TestRolledBackFarBehind(t *testing.T) {
	oneGoroutine(t)
	w := newWorld(t)
	xb := w.homes["XB"]
	w.talk(1)
	backup := xb.store.backup()
	thread := xb.inquire(xaTech, "long").GetThread()
	for range 300 {
		xb.reply(thread, &valisev1.Supplement{Narrative: "x"})
	}
	w.converge()
	xb.rollBack(backup)
	other := xb.inquire(xaTech, "other").GetThread()
	for range 50 {
		xb.reply(other, &valisev1.Supplement{Narrative: "y"})
	}
	w.converge()
	assertSameMail(t, w)
}

// TestRolledBackReceiver: a home that only receives learns it from its own receipt.
func TestRolledBackReceiver(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xa.inquire(xbTech, "before")
	w.converge()
	backup := xb.store.backup()
	for range 3 {
		xa.inquire(xbTech, "after")
		w.converge()
	}
	w.now = w.now.Add(time.Hour)
	xb.rollBack(backup)
	w.converge()
	assertSameMail(t, w)
	if s := xb.standing(); len(s.GetLives()) != 1 || !s.GetLives()[0].GetProven() {
		t.Fatalf("standing %v", s)
	}
	assertNoSuspicion(t, w)
}

// One that did not go back is not moved by its own old receipt.
func TestAnOldReceiptProvesNothing(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xa.inquire(xbTech, "x")
	xa.post()
	xb.fetch()
	old := receiptOf(t, xb)
	w.converge()
	signed := receiptFrom(t, xbTech, xaTech, old)
	f := newForger(t)
	f.epoch = xa.g.Epoch() + 1
	epoch := xb.g.Epoch()
	wantEffects(t, xb.mustTake(f.sign(f.header(valisev1.Kind_KIND_RETURN, 0, 0), &valisev1.Return{Signed: signed})), 0, true)
	if xb.g.Epoch() != epoch {
		t.Fatal("an old receipt made a new epoch")
	}
}

// copyOf is a home that runs beside another on a copy of its store, with the same mailbox.
func (h *home) copyOf() *home {
	c := *h
	c.store, c.rand = h.store.backup(), randomness("copy of "+h.state.String())
	c.start()
	return &c
}

// TestCopyRunTwice: two copies of one home share a mailbox. One of them stops sending, and nothing
// that was accepted is lost or doubled at the peer.
func TestCopyRunTwice(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	twin := xb.copyOf()
	said := map[string]bool{}
	stopped := func() *home {
		for _, h := range []*home{xb, twin} {
			if h.standing().GetStopped() {
				return h
			}
		}
		return nil
	}
	for round := 0; stopped() == nil; round++ {
		if round == 200 {
			t.Fatal("neither copy has noticed")
		}
		for i, h := range []*home{xb, twin} {
			if (round+i)%3 != 0 {
				said[h.inquire(xaTech, "of one of two").GetMessage()] = true
			}
		}
		for turn := range 6 {
			xb.post()
			twin.post()
			xa.post()
			xa.fetch()
			// Mail lands at either.
			for _, h := range [][]*home{{xb, twin}, {twin, xb}}[(round+turn)%2] {
				if b, ok := w.relay.pop(xbTech, 0); ok {
					h.mustTake(b.pub.Signed)
				}
			}
		}
		w.now = w.now.Add(10 * time.Minute)
	}
	clone := stopped()
	other := xb
	if clone == xb {
		other = twin
	}
	waiting := clone.inquire(xaTech, "waits")
	if waiting.GetDeliveryReason() != valisev1.Reason_REASON_SENDING_STOPPED {
		t.Fatalf("told %v", waiting)
	}
	clone.start()
	if clone.post() {
		t.Fatal("a node that stopped sending sends")
	}
	if rows := clone.outbox(); len(rows) == 0 || rows[len(rows)-1].GetReason() != valisev1.Reason_REASON_SENDING_STOPPED {
		t.Fatalf("outbox %v", rows)
	}
	// The other copy is switched off, and the one that stopped goes on.
	for _, row := range other.outbox() {
		delete(said, row.GetMessage()) // it dies with its copy
	}
	w.homes["XB"] = clone
	wantReason(t, clone, valisev1.Reason_REASON_NOT_PERMITTED, func() error { return clone.g.ResumeSending(context.Background(), officer) })
	if err := clone.g.ResumeSending(context.Background(), nodeAdmin); err != nil {
		t.Fatal(err)
	}
	wantReason(t, clone, valisev1.Reason_REASON_NOT_IN_THIS_STATE, func() error { return clone.g.ResumeSending(context.Background(), nodeAdmin) })
	w.converge()
	said[waiting.GetMessage()] = true
	at := mailOf(xa, "XB")
	for id := range said {
		if at[id] != 1 {
			t.Errorf("a message of one of the two copies is at XA %d times", at[id])

		}
	}
	assertSameMail(t, w)
}

// A peer's bare claim is logged and never obeyed: not a receipt for what was never sent, not
// something of another State, not garbage.
func TestNothingButOurOwnSignatureProvesARollback(t *testing.T) {
	w := newWorld(t, "XA", "XB", "XC")
	xa, xb, xc := w.homes["XA"], w.homes["XB"], w.homes["XC"]
	xb.inquire(xaTech, "x")
	xb.inquire(xcTech, "for XC's eyes")
	xa.inquire(xbTech, "y")
	w.converge()
	toXC := xc.itemsOf(valisev1.ItemType_ITEM_TYPE_RECEIVED)[0].GetSigned()
	ofXA := xa.itemsOf(valisev1.ItemType_ITEM_TYPE_SENT)[0].GetSigned()
	ours := xb.itemsOf(valisev1.ItemType_ITEM_TYPE_SENT)[0].GetSigned()
	broken := append([]byte{}, ours...)
	broken[len(broken)-1] ^= 1
	epoch, items := xb.g.Epoch(), len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_SENT))
	line := ownChannel(xb, xaTech, 1)
	line.Mark.Mark, line.Mark.Digest = 40, make([]byte, 32)
	line.Mark.Digest[0] = 1
	claim := receiptFrom(t, xaTech, xbTech, &valisev1.ReceiptBatch{Epoch: uint64(xa.g.Epoch()), Number: 1 << 40, Channels: []*valisev1.ChannelReceipt{line}})
	wantEffects(t, xb.mustTake(claim), valisev1.Reason_REASON_SEQUENCE, true)
	f := newForger(t)
	f.epoch = 0xE9
	for _, c := range []struct {
		name   string
		signed []byte
		want   valisev1.Reason
	}{
		{"nothing", nil, 0},
		{"garbage", []byte("garbage"), valisev1.Reason_REASON_FRAME},
		{"a huge one", make([]byte, maxReturned), valisev1.Reason_REASON_FRAME},
		{"one too long", make([]byte, maxReturned+1), valisev1.Reason_REASON_PAYLOAD},
		{"its own", ofXA, valisev1.Reason_REASON_UNKNOWN_KEY},
		{"ours to a third State", toXC, valisev1.Reason_REASON_NOT_FOR_US},
		{"ours with a broken signature", broken, valisev1.Reason_REASON_BAD_SIGNATURE},
		{"ours, which is here", ours, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantEffects(t, xb.mustTake(f.sign(f.header(valisev1.Kind_KIND_RETURN, 0, 0), &valisev1.Return{Signed: c.signed})), c.want, true)
		})
	}
	if xb.g.Epoch() != epoch || xb.standing().GetStopped() || len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_SENT)) != items {
		t.Fatal("a bare claim was obeyed")
	}
	assertReplay(t, xb)
}

// Who has stolen a key of ours that is revoked can make us begin an epoch, and never stop us.
func TestARevokedKeyNeverStopsUs(t *testing.T) {
	w := newWorld(t)
	xb := w.homes["XB"]
	xb.inquire(xaTech, "x")
	w.converge()
	key := xb.keys[xbTech].Public()
	speaker, _ := xb.dir.Speaker(key.ID(realm))
	speaker.RevokedSince = w.now
	xb.dir.who[key.ID(realm)] = speaker
	f := newForger(t)
	f.epoch = 0xE9
	for n := range byte(3) {
		thief := newForger(t)
		thief.from, thief.to, thief.epoch, thief.ids = xbTech, xaTech, xb.g.Epoch(), 50+10*n
		thief.sequence, thief.previous = 40, ident.Digest{1}
		forged := thief.sign(thief.header(valisev1.Kind_KIND_INQUIRY, 70+n, 1), thief.inquiryPayload())
		wantEffects(t, xb.mustTake(f.sign(f.header(valisev1.Kind_KIND_RETURN, 0, 0), &valisev1.Return{Signed: forged})), 0, true)
	}
	if xb.standing().GetStopped() {
		t.Fatal("a revoked key stopped the node")
	}
}

// What reached the peer before a record went back unnoticed is held there behind numbers that are
// given out anew: the receipts name what we never sent, and still clear what we did.
func TestReceiptsOfWhatNobodyHereRemembers(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	before := xa.store.backup()
	xa.inquire(xbTech, "lost")
	xa.inquire(xbTech, "lost as well")
	w.lose(xa, xb)
	xa.inquire(xbTech, "held")
	xa.post()
	w.settle()
	xa.rollBack(before)
	xa.inquire(xbTech, "new")
	w.converge()
	if got := len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_RECEIVED)); got != 2 {
		t.Fatalf("XB has %d messages, want the one held and the new one", got)
	}
	if len(xa.itemsOf(valisev1.ItemType_ITEM_TYPE_QUARANTINED)) == 0 {
		t.Error("what contradicts this record is not kept as evidence")
	}
}
