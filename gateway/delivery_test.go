package gateway

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// TestDeliveryReasons: why nothing can leave now is decided at the commit.
func TestDeliveryReasons(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(xa *home)
		want valisev1.Reason
	}{
		{"all is well", func(*home) {}, 0},
		{"link down", func(xa *home) { xa.setLink(false) }, valisev1.Reason_REASON_RELAY_DOWN},
		{"no key", func(xa *home) { xa.dir.noKey["XB"] = true }, valisev1.Reason_REASON_NO_SEALING_KEY},
		{"neither", func(xa *home) { xa.setLink(false); xa.dir.noKey["XB"] = true }, valisev1.Reason_REASON_NO_SEALING_KEY},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			xa, xb := w.homes["XA"], w.homes["XB"]
			c.set(xa)
			sent := xa.inquire(xbTech, "x")
			if sent.GetDeliveryReason() != c.want || sent.GetDelivery() != valisev1.Delivery_DELIVERY_WAITING_TO_LEAVE {
				t.Fatalf("%v", sent)
			}
			if rows := xa.outbox(); len(rows) != 1 || rows[0].GetReason() != c.want {
				t.Fatalf("outbox %v", rows)
			}
			w.tick(time.Hour)
			if c.want != 0 && len(xb.store.items) != 0 {
				t.Fatal("it left all the same")
			}
			if c.want != 0 {
				if rows := xa.outbox(); rows[0].GetReason() != c.want {
					t.Fatalf("after an hour the outbox says %v", rows[0].GetReason())
				}
				if v := xa.thread(sent.GetThread()).GetThread(); len(v.GetFlags()) != 0 && v.GetFlags()[0] != "undelivered" {
					t.Fatalf("flags %v", v.GetFlags())
				}
			}
			xa.dir.noKey["XB"] = false
			if err := xa.g.DirectoryChanged(context.Background()); err != nil {
				t.Fatal(err)
			}
			if !xa.link {
				xa.setLink(true)
			}
			w.settle()
			if xb.stateOf(sent) != stateReceived || len(xa.outbox()) != 0 {
				t.Fatal("it did not leave when it could")
			}
		})
	}
}

func TestUndeliveredIsFlagged(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	w.homes["XB"].setLink(false)
	sent := xa.inquire(xbTech, "x")
	w.tick(59 * time.Minute)
	if got := xa.thread(sent.GetThread()).GetThread().GetFlags(); len(got) != 0 {
		t.Fatalf("flags %v", got)
	}
	w.tick(2 * time.Minute)
	if got := xa.thread(sent.GetThread()).GetThread().GetFlags(); len(got) != 1 || got[0] != "undelivered" {
		t.Fatalf("flags %v", got)
	}
}

// TestWindow: no more than 256 numbers are ever under way; the rest waits and leaves in order.
func TestWindow(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xb.setLink(false)
	thread := xa.inquire(xbTech, "x").GetThread()
	for i := 2; i <= 300; i++ {
		sent := xa.reply(thread, &valisev1.Supplement{Narrative: fmt.Sprint(i)})
		want := valisev1.Reason_REASON_UNSPECIFIED
		if i > 256 {
			want = valisev1.Reason_REASON_MAILBOX_FULL
		}
		if sent.GetDeliveryReason() != want {
			t.Fatalf("message %d waits for %v, want %v", i, sent.GetDeliveryReason(), want)
		}
	}
	w.settle()
	if got := len(w.relay.box[xbTech]); got != 256 {
		t.Fatalf("%d are at the relay, want 256", got)
	}
	xa.start()
	w.settle()
	if got := len(xa.outbox()); got != 300 {
		t.Fatalf("%d wait, want 300", got)
	}
	// The first is lost on the way: nothing beyond its window may leave, whatever is held.
	dropNumber(t, w, 1)
	xb.setLink(true)
	xb.fetch()
	xb.post()
	xa.fetch()
	for _, p := range xa.g.Due(w.now) {
		if h, err := seal.ParseHeader(mustParse(t, p.Signed).Content.Header); err != nil || h.Sequence != 1 {
			t.Fatalf("number %d leaves, but the peer's mark is 0: %v", h.Sequence, err)
		}
	}
	w.now = w.now.Add(inFlight)
	w.converge()
	if got := len(xb.thread(thread).GetMessages()); got != 300 {
		t.Fatalf("%d messages arrived, want 300", got)
	}
	assertNoSuspicion(t, w)
	var s slots
	copy(s[:], xa.store.keys[tableSlots+"\x00"+string(Pair{Ours: xaTech, Peer: xbTech}.key())])
	if s != (slots{}) {
		t.Fatal("slots stay taken after all is receipted")
	}
	assertPromises(t, w)
}

// TestWindowAtRelease: free slots alone let nothing leave beyond the window.
func TestWindowAtRelease(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xb.setLink(false)
	thread := xa.inquire(xbTech, "x").GetThread()
	for range 255 {
		xa.reply(thread, &valisev1.Supplement{Narrative: "x"})
	}
	w.settle()
	dropNumber(t, w, 1)
	xb.setLink(true)
	xb.fetch()
	xb.post()
	xa.fetch()
	if got := len(xa.outbox()); got != 1 {
		t.Fatalf("%d wait for a receipt, want the lost one", got)
	}
	if sent := xa.reply(thread, &valisev1.Supplement{Narrative: "257"}); sent.GetDeliveryReason() != valisev1.Reason_REASON_MAILBOX_FULL {
		t.Fatalf("number 257 waits for %v", sent.GetDeliveryReason())
	}
	w.converge()
	assertPromises(t, w)
	assertNoSuspicion(t, w)
}

// dropNumber loses one number of a home's at the relay.
func dropNumber(t *testing.T, w *world, n uint64) {
	t.Helper()
	for i, k := range w.relay.order[xbTech] {
		h, err := seal.ParseHeader(mustParse(t, w.relay.box[xbTech][k].pub.Signed).Content.Header)
		if err == nil && h.Sequence == n {
			w.relay.order[xbTech] = slices.Delete(w.relay.order[xbTech], i, i+1)
			return
		}
	}
	t.Fatal("the number is not at the relay")
}

func mustParse(t *testing.T, b []byte) seal.Signed {
	t.Helper()
	s, err := seal.ParseSigned(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// receiptFrom signs a batch as a peer would.
func receiptFrom(t *testing.T, from, to ident.Address, batch *valisev1.ReceiptBatch) []byte {
	f := newForger(t)
	f.from, f.to, f.epoch = from, to, ident.Epoch(batch.GetEpoch())
	h := f.header(valisev1.Kind_KIND_RECEIPT_BATCH, 0, 0)
	h.Sequence, h.Previous = 0, ident.Digest{}
	binary.BigEndian.PutUint64(h.MessageID[8:], batch.GetNumber())
	return f.sign(h, batch)
}

// ownChannel is the receipt line that covers everything a home has sent to a peer.
func ownChannel(h *home, to ident.Address, n uint64) *valisev1.ChannelReceipt {
	c := channel{from: ident.Address{State: h.state, Track: to.Track}, to: to, epoch: h.g.Epoch()}
	row := h.store.rows[tableOutNumber+"\x00"+string(c.key())].values[n]
	return &valisev1.ChannelReceipt{Mark: &valisev1.ChannelMark{Epoch: uint64(c.epoch), Mark: n, Digest: row[:32]}}
}

// TestReceiptsThatClearNothing: forged, old or empty claims leave the outbox as it is.
func TestReceiptsThatClearNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*valisev1.ReceiptBatch)
		want   valisev1.Reason
		kept   bool
	}{
		{"another digest", func(b *valisev1.ReceiptBatch) { b.Channels[0].Mark.Digest = make([]byte, 32) }, valisev1.Reason_REASON_EQUIVOCATION, true},
		{"a number never used", func(b *valisev1.ReceiptBatch) { b.Channels[0].Mark.Mark = 9 }, valisev1.Reason_REASON_SEQUENCE, true},
		{"an epoch never lived", func(b *valisev1.ReceiptBatch) { b.Channels[0].Mark.Epoch = 5 }, 0, false},
		{"another lane", func(b *valisev1.ReceiptBatch) { b.Channels[0].Mark.Lane = 1 }, 0, false},
		{"held, but another digest", func(b *valisev1.ReceiptBatch) {
			b.Channels[0] = &valisev1.ChannelReceipt{Mark: &valisev1.ChannelMark{Epoch: b.Channels[0].Mark.Epoch}, Held: []*valisev1.NumberedDigest{{Sequence: 1, Digest: make([]byte, 32)}}}
		}, valisev1.Reason_REASON_EQUIVOCATION, true},
		{"nothing", func(b *valisev1.ReceiptBatch) { b.Channels = nil }, 0, false},
		{"number 0", func(b *valisev1.ReceiptBatch) { b.Number = 0 }, valisev1.Reason_REASON_PAYLOAD, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			xa := w.homes["XA"]
			xa.inquire(xbTech, "x")
			batch := &valisev1.ReceiptBatch{Epoch: 9, Number: 1, Channels: []*valisev1.ChannelReceipt{ownChannel(xa, xbTech, 1)}}
			c.change(batch)
			e := xa.mustTake(receiptFrom(t, xbTech, xaTech, batch))
			if e.Reason != c.want || e.Recorded != c.kept {
				t.Fatalf("effects %v, %v", e.Reason, e.Recorded)
			}
			if len(xa.outbox()) != 1 {
				t.Fatal("the outbox was cleared")
			}
		})
	}
}

// TestReceiptOfAnotherPeer: only the addressee can sign for a message.
func TestReceiptOfAnotherPeer(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	xa.inquire(xbTech, "x")
	batch := &valisev1.ReceiptBatch{Epoch: 9, Number: 1, Channels: []*valisev1.ChannelReceipt{ownChannel(xa, xbTech, 1)}}
	xa.mustTake(receiptFrom(t, xcTech, xaTech, batch))
	if len(xa.outbox()) != 1 {
		t.Fatal("a third State cleared the outbox")
	}
}

func TestOlderBatchesAreIgnored(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	xa.inquire(xbTech, "x")
	take := func(epoch, number uint64, lines ...*valisev1.ChannelReceipt) valisev1.Reason {
		return xa.mustTake(receiptFrom(t, xbTech, xaTech, &valisev1.ReceiptBatch{Epoch: epoch, Number: number, Channels: lines})).Reason
	}
	for i, c := range []struct {
		epoch, number uint64
		want          valisev1.Reason
	}{
		{9, 5, 0}, {9, 5, valisev1.Reason_REASON_DUPLICATE}, {9, 4, valisev1.Reason_REASON_DUPLICATE}, {9, 6, 0},
		{8, 1, 0}, {9, 7, valisev1.Reason_REASON_DUPLICATE}, {8, 2, 0},
	} {
		if got := take(c.epoch, c.number); got != c.want {
			t.Errorf("batch %d (epoch %d, number %d): %v, want %v", i, c.epoch, c.number, got, c.want)
		}
	}
	if got := take(8, 2, ownChannel(xa, xbTech, 1)); got != valisev1.Reason_REASON_DUPLICATE || len(xa.outbox()) != 1 {
		t.Fatal("an older batch cleared the outbox")
	}
	if take(8, 3, ownChannel(xa, xbTech, 1)); len(xa.outbox()) != 0 {
		t.Fatal("a newer batch did not clear the outbox")
	}
}
