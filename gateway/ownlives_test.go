package gateway

import (
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// forgottenLife is XB with a life that its backup does not know: in it XB has said something to XA.
// The backup of XA that comes with it was made before that.
func forgottenLife(t *testing.T) (w *world, beforeB, beforeA *memStore, thread string) {
	t.Helper()
	w = newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xb.inquire(xaTech, "before")
	w.converge()
	beforeB = xb.store.backup()
	w.now = w.now.Add(time.Hour)
	xb.restore(beforeB)
	w.converge()
	beforeA = xa.store.backup()
	thread = xb.inquire(xaTech, "said in a life that is forgotten").GetThread()
	w.converge()
	w.now = w.now.Add(time.Hour)
	return w, beforeB, beforeA, thread
}

// What XA gave back to XB of a life that XB's backup does not know, XA loses in its turn: XB has it
// and sends it again. P1
func TestWhatCameBackIsSentAgain(t *testing.T) {
	w, beforeB, beforeA, thread := forgottenLife(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xb.restore(beforeB)
	w.converge()
	xa.restore(beforeA)
	w.converge()
	if got := xa.thread(thread).GetThread().GetTitle(); got != "said in a life that is forgotten" {
		t.Fatalf("it is not sent again: %q", got)
	}
	assertSameMail(t, w)
	assertNoSuspicion(t, w)
}

// The same, and what XA gave back comes to XB after the opening of XA's next life. P1
func TestWhatCameBackAfterTheOpeningIsSentAgain(t *testing.T) {
	w, beforeB, beforeA, thread := forgottenLife(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xb.restore(beforeB)
	xb.post()
	xa.fetch()
	for xa.post() {
	}
	var slow [][]byte
	for {
		b, ok := w.relay.pop(xbTech, 0)
		if !ok {
			break
		}
		slow = append(slow, b.pub.Signed)
	}
	if len(slow) < 2 {
		t.Fatalf("%d envelopes are under way, so that this shows nothing", len(slow))
	}
	xa.restore(beforeA)
	w.converge()
	for _, b := range slow {
		xb.mustTake(b)
	}
	w.converge()
	if got := xa.thread(thread).GetThread().GetTitle(); got != "said in a life that is forgotten" {
		t.Fatalf("it is not sent again: %q", got)
	}
	assertSameMail(t, w)
}

// What came back has a gap below it, which nobody can fill: XB, which loses it in its turn, gets it
// again all the same. P1
func TestWhatCameBackBeyondAGapIsSentAgain(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	beforeA, beforeB := xa.store.backup(), xb.store.backup()
	xa.reply(thread, &valisev1.Supplement{Narrative: "lost on its way"})
	xa.post()
	for {
		if _, ok := w.relay.pop(xbTech, 0); !ok {
			break
		}
	}
	after := xa.reply(thread, &valisev1.Supplement{Narrative: "came"})
	xa.post()
	xb.fetch()
	w.now = w.now.Add(time.Hour)
	xa.restore(beforeA)
	w.converge()
	xb.restore(beforeB)
	w.converge()
	if mailOf(xb, "XA")[after.GetMessage()] != 1 {
		t.Fatal("what came back is not sent again")
	}
	assertSameMail(t, w)
}
