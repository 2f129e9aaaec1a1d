package gateway

import (
	"context"
	"testing"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// begun lets a home begin an epoch and speak in it, until its peer has signed for that.
func (h *home) begun(w *world) {
	h.w.t.Helper()
	w.tick(time.Hour)
	if err := h.g.BeginEpoch(context.Background()); err != nil {
		h.w.t.Fatal(err)
	}
	h.inquire(xbTech, "in a new epoch")
	w.converge()
}

// givenBack counts what a home has given back to its peers.
func (h *home) givenBack() (n int) {
	h.w.t.Helper()
	for _, it := range h.itemsOf(valisev1.ItemType_ITEM_TYPE_SENT) {
		if it.GetKind() != valisev1.Kind_KIND_RETURN {
			continue
		}
		_, m, err := readItem(it)
		if err != nil {
			h.w.t.Fatal(err)
		}
		if back, is := m.(*valisev1.Return); is && len(back.GetSigned()) > 0 {
			n++
		}
	}
	return n
}

// channelsNamed counts the channels that a receipt of this home would name now.
func (h *home) channelsNamed(peer ident.Address) int {
	h.w.t.Helper()
	ours := ident.Address{State: h.state, Track: peer.Track}
	b, err := h.g.batchFor(context.Background(), Pair{Ours: ours, Peer: peer})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return len(b.GetChannels())
}

// TestAClosedEpochIsNotMissed: XA's fifth epoch closes the first at XB, whose receipts name it no
// more. They know no less for it: XA gives nothing back.
func TestAClosedEpochIsNotMissed(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xa.inquire(xbTech, "in the first epoch")
	w.converge()
	for range openEpochs {
		xa.begun(w)
	}
	if got := xb.channelsNamed(xaTech); got != openEpochs {
		t.Fatalf("a receipt names %d channels, so that this shows nothing", got)
	}
	if n := xa.givenBack(); n > 0 {
		t.Errorf("%d receipts were given back to a peer that has lost nothing", n)
	}
}

// TestAnEpochThatWasNeverClosedIsMissed: with one epoch less none can be closed. XB's record goes
// back without a word to before XA's fourth, and its receipts do not name that one. XA gives the
// last one back, and XB learns of it. P1
func TestAnEpochThatWasNeverClosedIsMissed(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xa.inquire(xbTech, "in the first epoch")
	w.converge()
	for range openEpochs - 2 {
		xa.begun(w)
	}
	backup := xb.store.backup()
	xa.begun(w)
	w.now = w.now.Add(time.Hour)
	xb.rollBack(backup)
	if got := xb.channelsNamed(xaTech); got != openEpochs-1 {
		t.Fatalf("a receipt names %d channels, so that this shows nothing", got)
	}
	w.converge()
	assertSameMail(t, w)
	if s := xb.standing(); len(s.GetLives()) != 1 || !s.GetLives()[0].GetProven() {
		t.Errorf("standing %v", s)
	}
}
