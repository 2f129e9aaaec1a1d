package gateway

import (
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// TestAFileForSeveralOutlivesOneThread: a file went to several States at once. That one of their
// threads is over and its contents are removed takes nothing from a State that has been away.
func TestAFileForSeveralOutlivesOneThread(t *testing.T) {
	oneGoroutine(t)
	w := newWorld(t, "XA", "XB", "XC")
	xa, xc := w.homes["XA"], w.homes["XC"]
	keepFor(w, "XA")
	file := fileOf("for both", 69*PartSize+1) // more than may be numbered before the message is there
	n := notice("to several")
	n.Attachments = []*valisev1.Attachment{xa.bring(officer, "a.bin", file)}
	xc.link = false
	sent := xa.inform(officer, noticeTo(n, "XB/technical", "XC/technical"))
	w.settle()
	for range 20 {
		w.tick(time.Minute)
	}
	w.homes["XB"].wantBytes(sent[0].GetMessage(), 0, file)
	xa.reply(sent[0].GetThread(), &valisev1.Closure{})
	for range 50 {
		w.tick(time.Hour)
	}
	if out := xa.prune(); out.GetPruned().GetThreads() != 1 {
		t.Fatalf("%v was removed, want the thread with XB", out.GetPruned())
	}
	xc.link = true
	w.converge()
	xc.wantBytes(sent[1].GetMessage(), 0, file)
	xa.wantBytes(sent[1].GetMessage(), 0, file)
}
