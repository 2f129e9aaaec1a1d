package gateway

import (
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// XB's clock stood still while it was restored, and a late receipt of its first life comes to XA, whose
// record knows of that one by the opening of the second alone. It does not end the second. P1
func TestALateReceiptByAClockThatStoodStill(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	xa.inquire(xbTech, "waits")
	xa.post()
	f := newForger(t)
	f.from, f.to, f.epoch = xbTech, xaTech, 0xE2
	h := f.header(valisev1.Kind_KIND_RETURN, 0, 0)
	h.Opening = &valisev1.EpochOpening{PreviousEpoch: 0xE1}
	wantEffects(t, xa.mustTake(f.sign(h, &valisev1.Return{})), 0, true)
	batch := func(e, n uint64, lines ...*valisev1.ChannelReceipt) []byte {
		return receiptFrom(t, xbTech, xaTech, &valisev1.ReceiptBatch{Epoch: e, Number: n, Channels: lines})
	}
	xa.mustTake(batch(0xE2, 1))
	wantEffects(t, xa.mustTake(batch(0xE1, 9)), valisev1.Reason_REASON_DUPLICATE, false)
	xa.mustTake(batch(0xE2, 2, ownChannel(xa, xbTech, 1)))
	if rows := xa.outbox(); len(rows) > 0 {
		t.Fatalf("the peer has it, and it still waits: %v", rows)
	}
}

// XB's record went back without a word, to before it had reserved the numbers of its last receipts: those
// that it makes now have lower ones, and XA reads them all the same. P1
func TestReceiptNumbersThatComeAgain(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xa.inquire(xbTech, "before")
	w.converge()
	backup := xb.store.backup()
	for range 3 {
		w.tick(time.Minute)
		xb.start() // reserves more
		xb.g.Learned(Pair{Ours: xbTech, Peer: xaTech})
		w.settle()
	}
	xb.rollBack(backup)
	w.now = w.now.Add(time.Minute)
	xa.inquire(xbTech, "after")
	w.settle()
	if rows := xa.outbox(); len(rows) > 0 {
		t.Fatalf("the peer has it, and it still waits: %v", rows)
	}
	assertSameMail(t, w)
}

// XA signs for a message beyond a gap, and its record goes back without a word to before it came. Its
// next receipts name no lower mark, and show no trace of that message: XB gives the old one back, and
// XA gets its message again. P1
func TestWhatWasHeldBeyondAGapIsMissed(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xb.inquire(xaTech, "waits")
	xb.post()
	if _, ok := w.relay.pop(xaTech, 0); !ok {
		t.Fatal("nothing left")
	}
	w.now = w.now.Add(time.Second)
	backup := xa.store.backup()
	held := xb.inquire(xaTech, "held").GetThread()
	xb.post()
	xa.fetch()
	xa.post()
	xb.fetch()
	if rows := xb.outbox(); len(rows) != 1 {
		t.Fatalf("%d messages wait, so that this shows nothing", len(rows))
	}
	xa.rollBack(backup)
	w.now = w.now.Add(time.Minute)
	w.converge()
	if got := xa.thread(held).GetThread().GetTitle(); got != "held" {
		t.Fatalf("it is missed by nobody: %q", got)
	}
	assertSameMail(t, w)
}
