package gateway

import (
	"testing"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// TestVoidFillsItsNumber: whichever of the message and its Void is recorded first stands.
func TestVoidFillsItsNumber(t *testing.T) {
	for _, voidFirst := range []bool{true, false} {
		w := newWorld(t)
		xb, f := w.homes["XB"], newForger(t)
		xb.mustTake(f.inquiry(1))
		at := *f
		message := f.supplement(1, 2)
		d := f.previous
		at.ids = 50
		void := at.sign(at.header(valisev1.Kind_KIND_VOID, 1, 2), &valisev1.Void{Digest: d[:]})
		after := f.supplement(1, 3)
		order := [][]byte{message, void}
		if voidFirst {
			order = [][]byte{void, message}
		}
		wantEffects(t, xb.mustTake(order[0]), 0, true)
		wantEffects(t, xb.mustTake(order[1]), valisev1.Reason_REASON_DUPLICATE, false)
		wantEffects(t, xb.mustTake(after), 0, true)
		line := receiptOf(t, xb).GetChannels()[0]
		if line.GetMark().GetMark() != 3 {
			t.Fatalf("mark %d", line.GetMark().GetMark())
		}
		if v := xb.thread(ident.ThreadID{1, 1}.String()).GetThread(); v.GetGap() {
			t.Fatal("a Void leaves a gap in its thread")
		}
		assertReplay(t, xb)
	}
}

// TestVoidOfNothing: a Void that names no digest is refused as the message it is, and leaves
// nothing behind that our own next epoch could not tell.
func TestVoidOfNothing(t *testing.T) {
	w := newWorld(t)
	xb, f := w.homes["XB"], newForger(t)
	xb.mustTake(f.inquiry(1))
	wantEffects(t, xb.mustTake(f.sign(f.header(valisev1.Kind_KIND_VOID, 1, 2), &valisev1.Void{Digest: make([]byte, 32)})), valisev1.Reason_REASON_PAYLOAD, true)
	wantEffects(t, xb.mustTake(f.supplement(1, 3)), 0, true)
	xb.inquire(xaTech, "the first of ours, which names what we have received")
}

// TestEpochsOfAPeer: four are open at once. A fifth closes the oldest when nothing is missing
// there; a closed one takes nothing more, but still knows what it has.
func TestEpochsOfAPeer(t *testing.T) {
	if openEpochs != 4 {
		t.Fatalf("%d epochs of a peer are open at once", openEpochs)
	}
	w := newWorld(t)
	xb := w.homes["XB"]
	var forgers []*forger
	for i := range openEpochs + 1 {
		f := newForger(t)
		f.epoch, f.ids = ident.Epoch(0xE0+i), byte(10*i)
		forgers = append(forgers, f)
	}
	oldest := forgers[0]
	first, second := oldest.inquiry(1), oldest.supplement(1, 2)
	wantEffects(t, xb.mustTake(second), 0, true)
	opening := func(i int) []byte {
		f, h := forgers[i], forgers[i].header(valisev1.Kind_KIND_INQUIRY, byte(20+i), 1)
		h.Opening = &valisev1.EpochOpening{PreviousEpoch: uint64(forgers[i-1].epoch), LastSequence: forgers[i-1].sequence, LastDigest: forgers[i-1].previous[:]}
		return f.sign(h, f.inquiryPayload())
	}
	for i := range forgers[1:openEpochs] {
		wantEffects(t, xb.mustTake(opening(i+1)), 0, true)
	}
	if got := len(receiptOf(t, xb).GetChannels()); got != openEpochs {
		t.Fatalf("a receipt speaks of %d epochs, want %d", got, openEpochs)
	}
	fifth := opening(openEpochs)
	wantEffects(t, xb.mustTake(fifth), valisev1.Reason_REASON_EPOCH, true)
	wantEffects(t, xb.mustTake(first), 0, true)
	wantEffects(t, xb.mustTake(fifth), 0, true)
	wantEffects(t, xb.mustTake(oldest.supplement(1, 3)), valisev1.Reason_REASON_EPOCH, true)
	wantEffects(t, xb.mustTake(second), valisev1.Reason_REASON_DUPLICATE, false)
}

func TestRemadeInANewEpochIsNotShownTwice(t *testing.T) {
	w := newWorld(t)
	xb, f := w.homes["XB"], newForger(t)
	xb.mustTake(f.inquiry(1))
	again := newForger(t)
	again.epoch = 0xE2
	h := again.header(valisev1.Kind_KIND_INQUIRY, 1, 1)
	h.MessageID = ident.MessageID{1, 0xE1, 1}
	e := xb.mustTake(again.sign(h, again.inquiryPayload()))
	if e.Reason != valisev1.Reason_REASON_DUPLICATE || !e.Recorded {
		t.Fatalf("effects %v", e)
	}
	if got := len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_RECEIVED)); got != 1 {
		t.Fatalf("P2: accepted %d times", got)
	}
	again.ids = 60
	wantEffects(t, xb.mustTake(again.supplement(1, 2)), 0, true)
}
