package gateway

import (
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// TestAReceiptThatCameBeforeTheReturns: a restored home cannot read a receipt that speaks of what
// it has forgotten. Once the peer has given that back, the home asks for the receipt again by
// itself, and nothing waits for the second retry clock.
func TestAReceiptThatCameBeforeTheReturns(t *testing.T) {
	w := newWorld(t, "XA", "XB")
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.talk(1)
	xb.setLink(false)
	waits := xa.inquire(xbTech, "in the backup, waiting for its receipt")
	w.settle()
	backup := xa.store.backup()
	xa.inquire(xbTech, "forgotten")
	w.settle()
	xb.setLink(true)
	xb.post()
	xb.fetch()

	xa.restore(backup)
	// What XB has to say of it, and that the first of them came twice, leaves before the opening comes.
	xa.post()
	opening := -1
	for i, k := range w.relay.order[xbTech] {
		o, err := xb.opener().VerifySigned(w.relay.box[xbTech][k].pub.Signed)
		if err != nil {
			t.Fatal(err)
		}
		if o.Header.Kind == valisev1.Kind_KIND_RETURN {
			opening = i
		}
	}
	if opening < 0 {
		t.Fatal("the restored home opened no epoch")
	}
	first, _ := w.relay.pop(xbTech, opening)
	xb.fetch()
	xb.post()
	xa.fetch()
	xb.mustTake(first.pub.Signed)
	w.settle()
	if got := xa.outbox(); len(got) != 1 || got[0].GetMessage() != waits.GetMessage() {
		t.Fatalf("XA waits for %v: the story does not reach the moment it is about", got)
	}
	w.tick(duplicateReceipt)
	if got := xa.outbox(); len(got) > 0 {
		t.Errorf("the receipt was not asked for again: %v", got)
	}
	w.tick(time.Hour)
	assertSameMail(t, w)
}
