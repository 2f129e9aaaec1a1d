package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

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

// TestBatchNumbersRise over restarts too, without a commit each.
func TestBatchNumbersRise(t *testing.T) {
	w := newWorld(t)
	xb, f := w.homes["XB"], newForger(t)
	xb.mustTake(f.inquiry(1))
	last := uint64(0)
	for i := range 40 {
		if i%10 == 9 {
			xb.start()
		}
		f.supplement(1, 2)
		xb.g.receipts.due(Pair{Ours: xbTech, Peer: xaTech}, w.now)
		before := xb.store.writes
		b := receiptOf(t, xb)
		if b.GetNumber() <= last {
			t.Fatalf("number %d after %d", b.GetNumber(), last)
		}
		if i%10 != 9 && i != 0 && xb.store.writes != before {
			t.Fatal("a receipt cost a commit")
		}
		last = b.GetNumber()
		if len(b.GetRecordCommitment()) != 32 || len(b.GetSealingKeyId()) != 32 || b.GetBundleNumber() != 1 {
			t.Fatalf("batch %v", b)
		}
	}
}

// TestCommitmentOpensToAnAuditor: nonce, size and root give the commitment.
func TestCommitmentOpensToAnAuditor(t *testing.T) {
	w := newWorld(t)
	xb, f := w.homes["XB"], newForger(t)
	xb.mustTake(f.inquiry(1))
	b := receiptOf(t, xb)
	xb.start()
	nonce := xb.g.commitmentNonce(b.GetEpoch(), b.GetNumber())
	root := sha256.Sum256([]byte("XB"))
	want := sha256.Sum256(append(binary.BigEndian.AppendUint64(nonce[:], uint64(len(xb.store.items))), root[:]...))
	if string(b.GetRecordCommitment()) != string(want[:]) {
		t.Fatal("the commitment does not open")
	}
}

func TestBusyPeer(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	w.homes["XB"].setLink(false)
	xa.mustTake(receiptFrom(t, xbTech, xaTech, &valisev1.ReceiptBatch{Epoch: 9, Number: 1, BusyUntil: timestamppb.New(start.AddDate(10, 0, 0))}))
	sent := xa.inquire(xbTech, "x")
	w.tick(23 * time.Hour)
	if len(w.relay.box[xbTech]) != 0 || xa.outbox()[0].GetReason() != valisev1.Reason_REASON_PEER_BUSY {
		t.Fatal("a busy peer was written to")
	}
	w.tick(2 * time.Hour)
	if len(w.relay.box[xbTech]) != 1 {
		t.Fatalf("busy for ten years was believed: %v", xa.outbox())
	}
	_ = sent
}

// TestRefusedByThePeer: both officers are told, and it does not go out again.
func TestRefusedByThePeer(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	sent := xa.inquire(xbTech, "x")
	line := ownChannel(xa, xbTech, 1)
	line.Refused = []*valisev1.RefusedDigest{{Sequence: 1, Digest: line.Mark.Digest, Reason: valisev1.Reason_REASON_UNSUPPORTED}}
	xa.mustTake(receiptFrom(t, xbTech, xaTech, &valisev1.ReceiptBatch{Epoch: 9, Number: 1, Channels: []*valisev1.ChannelReceipt{line}}))
	m := xa.thread(sent.GetThread()).GetMessages()[0]
	if m.GetDelivery() != valisev1.Delivery_DELIVERY_REFUSED || m.GetDeliveryReason() != valisev1.Reason_REASON_UNSUPPORTED || len(xa.outbox()) != 0 {
		t.Fatalf("%v", m)
	}
}

// TestUnreadableIsVoided: what a peer cannot read is listed by digest; its sender fills the
// number with a Void, and nothing stays stuck.
func TestUnreadableIsVoided(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	first := xa.inquire(xbTech, "x")
	bad := xa.reply(first.GetThread(), &valisev1.Supplement{Narrative: "cannot be read"})
	last := xa.reply(first.GetThread(), &valisev1.Supplement{Narrative: "after"})
	xa.post()
	for {
		b, ok := w.relay.pop(xbTech, 0)
		if !ok {
			break
		}
		o, err := xb.opener().VerifySigned(b.pub.Signed)
		if err != nil {
			t.Fatal(err)
		}
		if o.Header.MessageID.String() != bad.GetMessage() {
			xb.mustTake(b.pub.Signed)
			continue
		}
		e, err := xb.g.Refused(context.Background(), &seal.Refusal{
			Step: seal.StepWire, Reason: valisev1.Reason_REASON_WIRE_FORM, Digest: o.Digest, From: o.Header.From, Bytes: o.Bytes,
		}, [32]byte{1})
		if err != nil || !e.Recorded || len(e.Send) != 1 {
			t.Fatalf("%v, %v", e, err)
		}
	}
	xb.start()
	w.converge()
	m := xa.thread(first.GetThread()).GetMessages()[1]
	if m.GetMessage() != bad.GetMessage() || m.GetDelivery() != valisev1.Delivery_DELIVERY_REFUSED || m.GetDeliveryReason() != valisev1.Reason_REASON_WIRE_FORM {
		t.Fatalf("the sender sees %v", m)
	}
	view := xb.thread(first.GetThread())
	if view.GetThread().GetGap() || view.GetMessages()[len(view.GetMessages())-1].GetMessage() == bad.GetMessage() {
		t.Fatal("the receiver is stuck")
	}
	if b := receiptAgain(t, xb); len(b.GetChannels()[0].GetUnreadable()) != 0 {
		t.Fatal("a voided digest is still listed as unreadable")
	}
	_ = last
}

func receiptAgain(t *testing.T, h *home) *valisev1.ReceiptBatch {
	t.Helper()
	h.start()
	return receiptOf(t, h)
}

// TestGarbage: what nobody answers for leaves a hash, at most sixty times an hour, and hints.
func TestGarbage(t *testing.T) {
	w := newWorld(t)
	xb := w.homes["XB"]
	for i := range 1000 {
		r := &seal.Refusal{Step: seal.StepDecrypt, Reason: valisev1.Reason_REASON_CANNOT_DECRYPT}
		if _, err := xb.g.Refused(context.Background(), r, [32]byte{byte(i), byte(i >> 8)}); err != nil {
			t.Fatal(err)
		}
	}
	items := xb.itemsOf(valisev1.ItemType_ITEM_TYPE_QUARANTINED)
	if len(items) != unattributedAnHour || len(items[0].GetEvidence()) != 32 {
		t.Fatalf("%d items, evidence of %d bytes", len(items), len(items[0].GetEvidence()))
	}
	hints := 0
	for i := range 10 {
		r := &seal.Refusal{Step: seal.StepDecrypt, Reason: valisev1.Reason_REASON_CANNOT_DECRYPT, From: xaTech}
		e, err := xb.g.Refused(context.Background(), r, [32]byte{byte(i), 99})
		if err != nil {
			t.Fatal(err)
		}
		hints += len(e.Send)
	}
	if hints != 0 {
		t.Fatalf("%d hints beyond the hourly limit of writing", hints)
	}
	w.now = w.now.Add(2 * time.Hour)
	for i := range 10 {
		r := &seal.Refusal{Step: seal.StepDecrypt, Reason: valisev1.Reason_REASON_CANNOT_DECRYPT, From: xaTech}
		e, err := xb.g.Refused(context.Background(), r, [32]byte{byte(i), 98})
		if err != nil {
			t.Fatal(err)
		}
		hints += len(e.Send)
		for _, p := range e.Send {
			if p.Slot != SlotCannotOpen || p.To != xaTech {
				t.Fatalf("hint %v", p)
			}
			if e := w.homes["XA"].mustTake(p.Signed); e.Reason != 0 {
				t.Fatalf("the hint is refused: %v", e.Reason)
			}
		}
	}
	if hints != 1 {
		t.Fatalf("%d hints in an hour, want 1", hints)
	}
}

// TestSignedAgain: our key is revoked while a message waits; the Content and its place stay.
func TestSignedAgain(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xb.setLink(false)
	sent := xa.inquire(xbTech, "x")
	w.settle()
	old := xa.keys[xaTech]
	fresh := mustKey("a new key of XA")
	keys := keyring{}
	for a, k := range xa.keys {
		keys[a] = k
	}
	keys[xaTech] = fresh
	xa.keys = keys
	for _, h := range []*home{xa, xb} {
		h.dir.who[old.Public().ID(realm)] = seal.Speaker{Key: old.Public(), Address: xaTech, RevokedSince: w.now}
		h.dir.who[fresh.Public().ID(realm)] = seal.Speaker{Key: fresh.Public(), Address: xaTech, ValidFrom: start.AddDate(0, 0, 1), ValidUntil: start.AddDate(1, 0, 0)}
	}
	xa.start()
	if err := xa.g.DirectoryChanged(context.Background()); err != nil {
		t.Fatal(err)
	}
	xb.setLink(true)
	w.converge()
	if xb.stateOf(sent) != stateReceived {
		t.Fatal("a message signed again did not arrive")
	}
	if len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_RECEIVED)) != 1 {
		t.Fatal("signing again made a second message")
	}
}

// TestEpochsOfOurs: a new epoch begins new channels and tells of the old one; what waits in the
// old one still goes out unchanged.
func TestEpochsOfOurs(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	f := newForger(t)
	f.from, f.to, f.epoch = xbTech, xaTech, 0xB1
	xa.mustTake(f.inquiry(9))
	xb.setLink(false)
	old := xa.inquire(xbTech, "old")
	first := xa.g.Epoch()
	if err := xa.g.BeginEpoch(context.Background()); err != nil {
		t.Fatal(err)
	}
	xa.start()
	if xa.g.Epoch() == first {
		t.Fatal("the epoch is the same")
	}
	next := xa.inquire(xbTech, "new")
	more := xa.reply(old.GetThread(), &valisev1.Supplement{Narrative: "more"})
	sent := xa.itemsOf(valisev1.ItemType_ITEM_TYPE_SENT)
	h, _, err := readItem(sent[1])
	if err != nil {
		t.Fatal(err)
	}
	if h.Sequence != 1 || h.Opening.GetPreviousEpoch() != uint64(first) || h.Opening.GetLastSequence() != 1 ||
		string(h.Opening.GetLastDigest()) != string(sent[0].GetDigest()) || len(h.Opening.GetMarks()) != 1 || h.Opening.GetMarks()[0].GetMark() != 1 {
		t.Fatalf("the opening says %v", h.Opening)
	}
	if h2, _, _ := readItem(sent[2]); h2.ThreadSequence != 1 || h2.Opening != nil {
		t.Fatalf("thread sequence %d in the new epoch", h2.ThreadSequence)
	}
	xb.setLink(true)
	w.converge()
	for _, s := range []*valisev1.Sent{old, next, more} {
		if xb.stateOf(s) != stateReceived {
			t.Fatal("something of two epochs did not arrive")
		}
	}
	if got := len(xb.thread(old.GetThread()).GetMessages()); got != 2 {
		t.Fatalf("%d messages in the thread of two epochs", got)
	}
	assertPromises(t, w)
	assertReplay(t, xb)
}

// TestPeerAwayForThirtyDays: at most 40 publications a message, the rest of the world goes on, and
// on the day the peer comes back all is there.
func TestPeerAwayForThirtyDays(t *testing.T) {
	w := newWorld(t, "XA", "XB", "XC")
	xa, xb := w.homes["XA"], w.homes["XB"]
	xb.setLink(false)
	away := xa.inquire(xbTech, "away")
	for i := range 5 {
		xa.reply(away.GetThread(), &valisev1.Supplement{Narrative: fmt.Sprint(i)})
	}
	for day := range 30 {
		here := xa.inquire(xcTech, "here")
		for hour := range 24 {
			w.tick(time.Hour)
			if hour%5 == day%5 {
				xa.setLink(false)
				xa.setLink(true)
				w.settle()
			}
		}
		if w.homes["XC"].stateOf(here) != stateReceived {
			t.Fatalf("on day %d another State is jammed too", day)
		}
		if day%7 == 6 {
			xa.start()
		}
	}
	for d, n := range w.relay.count {
		if n > 40 && isMessage(xa, d) {
			t.Errorf("a waiting message went out %d times", n)
		}
	}
	xb.setLink(true)
	w.settle()
	if got := len(xb.thread(away.GetThread()).GetMessages()); got != 6 {
		t.Fatalf("%d messages after the peer came back", got)
	}
	w.converge()
	assertPromises(t, w)
}

func isMessage(h *home, d ident.Digest) bool {
	_, ok := h.store.keys[tableDigest+"\x00"+string(d[:])]
	return ok
}

// TestWipedRelay: everything that was on its way goes out again, though the sender was restarted
// in between.
func TestWipedRelay(t *testing.T) {
	for _, restart := range []bool{false, true} {
		w := newWorld(t)
		xa, xb := w.homes["XA"], w.homes["XB"]
		xb.setLink(false)
		thread := xa.inquire(xbTech, "x").GetThread()
		for i := range 9 {
			xa.reply(thread, &valisev1.Supplement{Narrative: fmt.Sprint(i)})
		}
		w.settle()
		w.relay.wipe()
		if restart {
			xa.start() // its link comes with it
		} else {
			xa.setLink(false)
			xa.setLink(true)
			xa.g.LinkChanged(true, true, w.now)
		}
		w.settle()
		w.now = w.now.Add(time.Second)
		w.settle()
		if got := len(w.relay.box[xbTech]); got != 10 {
			t.Fatalf("restart %v: %d of 10 are at the new relay", restart, got)
		}
		xb.setLink(true)
		w.converge()
		assertPromises(t, w)
	}
}

func TestKeyNotices(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.inquire(xbTech, "x")
	w.settle()
	signed := signedObject(seal.PurposeKeyBundle, keyBundle(xaTech, 77), xa.keys[xaTech])
	pubs, err := xa.g.KeyNotices(context.Background(), xaTech, signed, 77)
	if err != nil || len(pubs) != 1 || pubs[0].Slot != SlotKeyNotice || pubs[0].To != xbTech {
		t.Fatalf("%v, %v", pubs, err)
	}
	e := xb.mustTake(pubs[0].Signed)
	if !proto.Equal(e.Learn, signed) || !e.Recorded {
		t.Fatalf("effects %v", e)
	}
	if again := xb.mustTake(pubs[0].Signed); again.Learn == nil || again.Recorded {
		t.Fatal("the same notice left a second item")
	}
	// A bundle of somebody else is not passed on.
	other := signedObject(seal.PurposeKeyBundle, keyBundle(xcTech, 78), xa.keys[xcTech])
	forged, err := xa.g.machineMessage(Pair{Ours: xaTech, Peer: xbTech}, SlotKeyNotice, &valisev1.KeyNotice{Bundle: other})
	if err != nil {
		t.Fatal(err)
	}
	if e := xb.mustTake(forged.Signed); e.Learn != nil || e.Reason != valisev1.Reason_REASON_PAYLOAD {
		t.Fatalf("effects %v", e)
	}
	w.now = w.now.Add(time.Minute)
	xa.mustTake(receiptFrom(t, xbTech, xaTech, &valisev1.ReceiptBatch{Epoch: uint64(xb.g.Epoch()), Number: 1 << 40, BundleNumber: 77}))
	if pubs, err := xa.g.KeyNotices(context.Background(), xaTech, signed, 77); err != nil || len(pubs) != 0 {
		t.Fatalf("a peer that names the bundle gets it again: %v, %v", pubs, err)
	}
	_ = sent
}
