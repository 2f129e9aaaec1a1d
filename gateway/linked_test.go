package gateway

import (
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// XB's record goes back without a word, and XB uses four numbers for other messages. XA has two of them
// already, refuses what does not fit, and holds the last one, which nothing contradicts. XB gets its
// own two back in the wrong order; its next epoch names the last that XA has of them, and no gap stays.
func TestWhatWasGivenUpIsNoPartOfTheChain(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xb.inquire(xaTech, "x").GetThread()
	w.converge()
	backup := xb.store.backup()
	for range 2 {
		xb.reply(thread, &valisev1.Supplement{Narrative: "said first"})
	}
	w.converge()
	w.now = w.now.Add(time.Hour)
	xb.rollBack(backup)
	for range 4 {
		xb.reply(thread, &valisev1.Supplement{Narrative: "said again"})
	}
	xb.post()
	xa.fetch()
	for xa.post() {
	}
	var back [][]byte
	for {
		b, ok := w.relay.pop(xbTech, 0)
		if !ok {
			break
		}
		back = append([][]byte{b.pub.Signed}, back...)
	}
	for _, b := range back {
		xb.mustTake(b)
	}
	w.converge()
	if v := xa.thread(thread); v.GetThread().GetGap() || len(v.GetMessages()) != 7 {
		t.Fatalf("XA shows %d messages, and a gap: %v", len(v.GetMessages()), v.GetThread().GetGap())
	}
	assertSameMail(t, w)
}
