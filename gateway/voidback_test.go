package gateway

import (
	"context"
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// TestAWithdrawalThatABackupDoesNotKnow: a message has its number when the backup is made; then an
// officer withdraws it, and the peer gets the Void. The restored home hears of the withdrawal. It
// never counts as received what no peer has, whether the receipt or the Void comes first.
func TestAWithdrawalThatABackupDoesNotKnow(t *testing.T) {
	for name, before := range map[string]bool{"the receipt comes first": true, "the Void comes first": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "XA", "XB")
			xa, xb := w.homes["XA"], w.homes["XB"]
			threads := w.talk(1)
			xa.setLink(false)
			sent := xa.reply(threads[1], &valisev1.Supplement{Narrative: "to be withdrawn"})
			backup := xa.store.backup()
			if _, err := xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: sent.GetMessage()}); err != nil {
				t.Fatal(err)
			}
			xa.setLink(true)
			w.converge()
			xa.restore(backup)
			if before {
				w.tick(duplicateReceipt)
				xb.g.receipts.due(Pair{Ours: xbTech, Peer: xaTech}, w.now)
				xb.post()
				xa.fetch()
			}
			w.converge()
			w.tick(time.Hour)
			for _, m := range xa.thread(threads[1]).GetMessages() {
				if m.GetMessage() == sent.GetMessage() && m.GetDelivery() != valisev1.Delivery_DELIVERY_WITHDRAWN {
					t.Errorf("the restored home says %v of a message that the peer never had", m.GetDelivery())
				}
			}
			for _, m := range xb.thread(threads[1]).GetMessages() {
				if m.GetMessage() == sent.GetMessage() && m.GetRefused() == 0 {
					t.Error("the peer shows it")
				}
			}
			assertSameMail(t, w)
		})
	}
}
