package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

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
		}, [32]byte{1}, ident.Address{})
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
		if _, err := xb.g.Refused(context.Background(), r, [32]byte{byte(i), byte(i >> 8)}, ident.Address{}); err != nil {
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
		e, err := xb.g.Refused(context.Background(), r, [32]byte{byte(i), 99}, ident.Address{})
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
		e, err := xb.g.Refused(context.Background(), r, [32]byte{byte(i), 98}, ident.Address{})
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
