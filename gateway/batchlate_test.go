package gateway

import (
	"testing"

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
