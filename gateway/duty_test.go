package gateway

import (
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// A thread is to be stepped anew in five seconds, by a clock that is a month ahead; then the
// clock is put right. Nobody waits for a month.
func TestAClockThatWentBackPutsNothingOffForLong(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	backup := xa.store.backup()
	xa.reply(thread, &valisev1.Supplement{Narrative: "more"})
	w.settle()
	xb.reply(thread, outcome(valisev1.Outcome_OUTCOME_FULL))
	w.converge()
	right := w.now.Add(time.Minute)
	w.now = right.AddDate(0, 1, 0)
	xa.restore(backup)
	w.settle()
	if len(xa.g.duties) == 0 {
		t.Fatal("nothing was put off, so that this shows nothing")
	}
	w.now = right
	xa.start()
	w.converge()
	if days := w.now.Sub(right); days > 2*longestPutOff {
		t.Fatalf("it was done after %v", days)
	}
	assertSameMail(t, w)
}
