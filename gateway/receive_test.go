package gateway

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	"valise.example/proto/notes"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// forger writes what a peer's node would, or would never, write: it holds the peer's keys.
type forger struct {
	t        testing.TB
	from, to ident.Address
	epoch    ident.Epoch
	sequence uint64
	previous ident.Digest
	ids      byte
	now      time.Time
}

func newForger(t testing.TB) *forger {
	return &forger{t: t, from: xaTech, to: xbTech, epoch: 0xE1, now: start}
}

// header is the next honest one of a thread.
func (f *forger) header(kind valisev1.Kind, thread byte, threadSequence uint64) seal.Header {
	f.ids++
	f.sequence++
	h := seal.Header{
		Realm: realm, Kind: kind, From: f.from, To: f.to, Epoch: f.epoch, Sequence: f.sequence, Previous: f.previous,
		MessageID: ident.MessageID{f.ids, byte(f.epoch), 1}, Created: f.now,
	}
	if kind == valisev1.Kind_KIND_ATTACHMENT_PART {
		h.Lane = 1
	}
	if thread > 0 {
		h.Thread, h.ThreadSequence = ident.ThreadID{thread, 1}, threadSequence
	}
	return h
}

// sign makes the Signed and goes on with the chain.
func (f *forger) sign(h seal.Header, m proto.Message) []byte {
	f.t.Helper()
	payload, err := proto.Marshal(m)
	if err != nil {
		f.t.Fatal(err)
	}
	return f.signBytes(h, payload)
}

func (f *forger) signBytes(h seal.Header, payload []byte) []byte {
	f.t.Helper()
	_, keys := realDirectory()
	content, err := seal.NewContent(h, [32]byte{f.ids}, payload)
	if err != nil {
		f.t.Fatal(err)
	}
	signed, err := seal.SignContent(realm, keys[f.from], content)
	if err != nil {
		f.t.Fatal(err)
	}
	if valisev1.IsSequenced(h.Kind) {
		f.previous = content.Digest()
	}
	return signed.Marshal()
}

func (f *forger) inquiry(thread byte) []byte {
	return f.sign(f.header(valisev1.Kind_KIND_INQUIRY, thread, 1), f.inquiryPayload())
}

func (f *forger) inquiryPayload() *valisev1.Inquiry {
	q := inquiry("forged")
	q.Preamble = &valisev1.Preamble{Notes: notes.References(valisev1.Kind_KIND_INQUIRY)}
	return q
}

func (f *forger) supplement(thread byte, n uint64) []byte {
	return f.sign(f.header(valisev1.Kind_KIND_SUPPLEMENT, thread, n), &valisev1.Supplement{Narrative: "More."})
}

// taken: recorded, whatever became of it.
func wantEffects(t *testing.T, e Effects, reason valisev1.Reason, recorded bool) {
	t.Helper()
	if e.Reason != reason || e.Recorded != recorded {
		t.Fatalf("effects %v, recorded %v; want %v, %v", e.Reason, e.Recorded, reason, recorded)
	}
}

// TestConsumedRefusals: a message that verifies but breaks a rule uses its number, leaves an item
// "refused", steps no view, and stands in the next receipt with its reason.
func TestConsumedRefusals(t *testing.T) {
	noted := &valisev1.Preamble{Notes: notes.References(valisev1.Kind_KIND_ACKNOWLEDGEMENT)}
	for _, c := range []struct {
		name   string
		kind   valisev1.Kind
		thread byte
		n      uint64
		m      proto.Message
		want   valisev1.Reason
	}{
		{"a communication check of no thread", valisev1.Kind_KIND_PING, 0, 0, &valisev1.Ping{}, valisev1.Reason_REASON_THREAD},
		{"a communication check in a thread that has begun", valisev1.Kind_KIND_PING, 1, 2, &valisev1.Ping{}, valisev1.Reason_REASON_THREAD},
		{"an answer to no communication check", valisev1.Kind_KIND_PING_REPLY, 1, 2, &valisev1.PingReply{Ping: make([]byte, 32)}, valisev1.Reason_REASON_THREAD},
		{"a view of a term", valisev1.Kind_KIND_TERM_VIEW, 0, 0, &valisev1.TermView{}, valisev1.Reason_REASON_UNSUPPORTED},
		{"a Return of nothing that is signed", valisev1.Kind_KIND_RETURN, 0, 0, &valisev1.Return{Signed: []byte("x")}, valisev1.Reason_REASON_FRAME},
		{"an attachment part", valisev1.Kind_KIND_ATTACHMENT_PART, 0, 0, &valisev1.AttachmentPart{Message: make([]byte, 31)}, valisev1.Reason_REASON_PAYLOAD},
		{"an exercise control", valisev1.Kind_KIND_EXERCISE_CONTROL, 0, 0, &valisev1.ExerciseControl{}, valisev1.Reason_REASON_UNSUPPORTED},
		{"a rule of the contract broken", valisev1.Kind_KIND_RESPONSE, 1, 2, &valisev1.Response{Preamble: noted}, valisev1.Reason_REASON_PAYLOAD},
		{"an acknowledgement without its note", valisev1.Kind_KIND_ACKNOWLEDGEMENT, 1, 2, &valisev1.Acknowledgement{Preamble: &valisev1.Preamble{}, Messages: [][]byte{make([]byte, 32)}}, valisev1.Reason_REASON_PAYLOAD},
		{"an inquiry without the territory note", valisev1.Kind_KIND_INQUIRY, 9, 1, inquiry("x"), valisev1.Reason_REASON_PAYLOAD},
		{"a thread without an inquiry", valisev1.Kind_KIND_SUPPLEMENT, 9, 1, &valisev1.Supplement{}, valisev1.Reason_REASON_THREAD},
		{"a second inquiry in a thread", valisev1.Kind_KIND_INQUIRY, 1, 2, (&forger{}).inquiryPayload(), valisev1.Reason_REASON_THREAD},
		{"a thread sequence used before", valisev1.Kind_KIND_SUPPLEMENT, 1, 1, &valisev1.Supplement{}, valisev1.Reason_REASON_THREAD},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			xb, f := w.homes["XB"], newForger(t)
			xb.mustTake(f.inquiry(1))
			h := f.header(c.kind, c.thread, c.n)
			if h.Lane == 1 {
				h.Sequence, h.Previous = 1, ident.Digest{}
			}
			wantEffects(t, xb.mustTake(f.sign(h, c.m)), c.want, true)
			item := xb.store.items[len(xb.store.items)-1]
			if item.GetType() != valisev1.ItemType_ITEM_TYPE_REFUSED || item.GetReason() != c.want {
				t.Fatalf("item %v, %v", item.GetType(), item.GetReason())
			}
			batch := receiptOf(t, xb)
			found := false
			for _, line := range batch.GetChannels() {
				for _, r := range line.GetRefused() {
					found = found || r.GetReason() == c.want && r.GetSequence() == h.Sequence
				}
				if line.GetMark().GetLane() == h.Lane && line.GetMark().GetMark() != h.Sequence {
					t.Fatalf("the number was not consumed: mark %d", line.GetMark().GetMark())
				}
			}
			if !found {
				t.Fatal("the receipt does not tell the sender")
			}
			if view := xb.thread(ident.ThreadID{1, 1}.String()); view.GetThread().GetTitle() != "forged" || view.GetThread().GetState() != stateReceived {
				t.Fatalf("the view moved: %v", view.GetThread())
			}
			// What follows goes on.
			if h.Lane == 0 {
				next := uint64(2)
				if c.thread == 1 && c.n == 2 {
					next = 3
				}
				wantEffects(t, xb.mustTake(f.supplement(1, next)), 0, true)
				if xb.thread(ident.ThreadID{1, 1}.String()).GetThread().GetGap() {
					t.Fatal("a refused message leaves a gap in its thread")
				}
			}
		})
	}
}

// receiptOf is the batch that a home would send now.
func receiptOf(t *testing.T, h *home) *valisev1.ReceiptBatch {
	t.Helper()
	pubs, err := h.g.ReceiptsDue(context.Background())
	if err != nil || len(pubs) != 1 {
		t.Fatalf("%d receipts are due, %v", len(pubs), err)
	}
	s, err := seal.ParseSigned(pubs[0].Signed)
	if err != nil {
		t.Fatal(err)
	}
	batch := new(valisev1.ReceiptBatch)
	if err := proto.Unmarshal(s.Content.Payload(), batch); err != nil {
		t.Fatal(err)
	}
	return batch
}

// TestQuarantine: what contradicts what is recorded is kept as evidence and consumes nothing.
func TestQuarantine(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(f *forger) []byte
		want valisev1.Reason
	}{
		{"same number, other message", func(f *forger) []byte {
			f.sequence, f.previous = 0, ident.Digest{}
			return f.inquiry(7)
		}, valisev1.Reason_REASON_EQUIVOCATION},
		{"same message id, other body", func(f *forger) []byte {
			h := f.header(valisev1.Kind_KIND_SUPPLEMENT, 1, 2)
			h.MessageID = ident.MessageID{1, 0xE1, 1}
			return f.sign(h, &valisev1.Supplement{Narrative: "other"})
		}, valisev1.Reason_REASON_EQUIVOCATION},
		{"beyond the window", func(f *forger) []byte {
			f.sequence = 257
			return f.supplement(1, 2)
		}, valisev1.Reason_REASON_SEQUENCE},
		{"2^63-1", func(f *forger) []byte {
			f.sequence = seal.MaxNumber - 1
			return f.supplement(1, 2)
		}, valisev1.Reason_REASON_SEQUENCE},
		{"not in the chain", func(f *forger) []byte {
			f.previous = ident.Digest{9}
			return f.supplement(1, 2)
		}, valisev1.Reason_REASON_CHAIN},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			xb, f := w.homes["XB"], newForger(t)
			xb.mustTake(f.inquiry(1))
			receiptOf(t, xb)
			honest := *f
			bad := c.make(f)
			wantEffects(t, xb.mustTake(bad), c.want, true)
			item := xb.store.items[len(xb.store.items)-1]
			if item.GetType() != valisev1.ItemType_ITEM_TYPE_QUARANTINED || string(item.GetEvidence()) != string(bad) {
				t.Fatal("the evidence is not kept")
			}
			rows, err := xb.g.Quarantine(context.Background())
			if err != nil || len(rows) != 1 || rows[0].GetReason() != c.want {
				t.Fatalf("quarantine %v, %v", rows, err)
			}
			honest.ids = 100
			wantEffects(t, xb.mustTake(honest.supplement(1, 2)), 0, true)
		})
	}
}

func TestEvidenceIsBounded(t *testing.T) {
	w := newWorld(t)
	xb, f := w.homes["XB"], newForger(t)
	xb.mustTake(f.inquiry(1))
	for n := range uint64(100) {
		xb.mustTake(f.supplement(1, n+2)) // honest mail takes nothing of what evidence may cost
	}
	for range 200 {
		f.sequence = 1000
		xb.mustTake(f.supplement(1, 2))
	}
	if got := len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_QUARANTINED)); got != evidenceAnHour {
		t.Fatalf("a peer made us keep %d contradictions in one hour, want %d", got, evidenceAnHour)
	}
}

func TestDuplicates(t *testing.T) {
	w := newWorld(t)
	xb, f := w.homes["XB"], newForger(t)
	first := f.inquiry(1)
	wantEffects(t, xb.mustTake(first), 0, true)
	receiptOf(t, xb)
	items := len(xb.store.items)
	for range 20 {
		wantEffects(t, xb.mustTake(first), valisev1.Reason_REASON_DUPLICATE, false)
	}
	xb.start()
	wantEffects(t, xb.mustTake(first), valisev1.Reason_REASON_DUPLICATE, false)
	if len(xb.store.items) != items {
		t.Fatal("P2: a duplicate left an item")
	}
}

// TestGapDelaysOnlyItsThread: what came beyond a gap is recorded and receipted at once; its own
// thread waits, other threads go on.
func TestGapDelaysOnlyItsThread(t *testing.T) {
	w := newWorld(t)
	xb, f := w.homes["XB"], newForger(t)
	one := f.inquiry(1)
	lost := f.supplement(1, 2)
	late := f.sign(f.header(valisev1.Kind_KIND_CLOSURE, 1, 3), &valisev1.Closure{})
	other := f.inquiry(2)
	for _, m := range [][]byte{one, late, other} {
		wantEffects(t, xb.mustTake(m), 0, true)
	}
	t1, t2 := ident.ThreadID{1, 1}.String(), ident.ThreadID{2, 1}.String()
	if v := xb.thread(t1).GetThread(); v.GetState() != stateReceived || !v.GetGap() {
		t.Fatalf("the thread with the gap is %v, gap %v", v.GetState(), v.GetGap())
	}
	if v := xb.thread(t2).GetThread(); v.GetState() != stateReceived || !v.GetGap() || v.GetTitle() == "" {
		t.Fatalf("the other thread is %v; it goes on, and tells that something is under way", v)
	}
	if len(xb.thread(t1).GetMessages()) != 1 {
		t.Fatal("what comes after the gap is shown before it") // docs/protocol.md §5.2
	}
	line := receiptOf(t, xb).GetChannels()[0]
	if line.GetMark().GetMark() != 1 || len(line.GetHeld()) != 2 {
		t.Fatalf("receipt %v", line)
	}
	if gaps, err := xb.g.Gaps(context.Background()); err != nil || len(gaps) != 1 || gaps[0].GetHeld() != 2 {
		t.Fatalf("gaps %v, %v", gaps, err)
	}
	xb.start()
	wantEffects(t, xb.mustTake(lost), 0, true)
	if xb.thread(t2).GetThread().GetGap() {
		t.Fatal("nothing is under way any more")
	}
	if v := xb.thread(t1).GetThread(); v.GetState() != stateClosedByPeer || v.GetGap() {
		t.Fatalf("after the gap is filled the thread is %v, gap %v", v.GetState(), v.GetGap())
	}
	if got := receiptOf(t, xb).GetChannels()[0]; got.GetMark().GetMark() != 4 || len(got.GetHeld()) != 0 {
		t.Fatalf("receipt %v", got)
	}
	var shown []valisev1.Kind
	for _, m := range xb.thread(t1).GetMessages() {
		shown = append(shown, m.GetKind())
	}
	if !slices.Equal(shown, []valisev1.Kind{valisev1.Kind_KIND_INQUIRY, valisev1.Kind_KIND_SUPPLEMENT, valisev1.Kind_KIND_CLOSURE}) {
		t.Fatalf("an officer reads %v, which is not the order of sending", shown)
	}
	assertReplay(t, xb)
}

// TestThreadBeginsInReverse: everything of a thread comes before its inquiry.
func TestThreadBeginsInReverse(t *testing.T) {
	w := newWorld(t)
	xb, f := w.homes["XB"], newForger(t)
	var all [][]byte
	all = append(all, f.inquiry(1))
	for n := uint64(2); n <= 9; n++ {
		all = append(all, f.supplement(1, n))
	}
	for _, m := range slices.Backward(all) {
		wantEffects(t, xb.mustTake(m), 0, true)
	}
	v := xb.thread(ident.ThreadID{1, 1}.String())
	if v.GetThread().GetTitle() != "forged" || v.GetThread().GetGap() || len(v.GetMessages()) != 9 {
		t.Fatalf("the thread is %v", v.GetThread())
	}
	assertReplay(t, xb)
}

// TestSenderThatLeavesOutAThreadSequence does not hide its messages for ever.
func TestSenderThatLeavesOutAThreadSequence(t *testing.T) {
	w := newWorld(t)
	xb, f := w.homes["XB"], newForger(t)
	first := f.inquiry(1)
	between := f.inquiry(2)
	skipped := f.sign(f.header(valisev1.Kind_KIND_CLOSURE, 1, 5), &valisev1.Closure{})
	for _, m := range [][]byte{first, skipped, between} {
		xb.mustTake(m)
	}
	if v := xb.thread(ident.ThreadID{1, 1}.String()).GetThread(); v.GetState() != stateClosedByPeer || v.GetGap() {
		t.Fatalf("the thread is %v, gap %v", v.GetState(), v.GetGap())
	}
	assertReplay(t, xb)
}

func TestThreadBelongsToOnePair(t *testing.T) {
	w := newWorld(t)
	xb, xa := w.homes["XB"], newForger(t)
	xb.mustTake(xa.inquiry(1))
	xc := newForger(t)
	xc.from, xc.epoch = xcTech, 0xC1
	wantEffects(t, xb.mustTake(xc.supplement(1, 2)), valisev1.Reason_REASON_THREAD, true)
	dip := newForger(t)
	dip.from, dip.to, dip.epoch = xaDip, xbDip, 0xD1
	wantEffects(t, xb.mustTake(dip.supplement(1, 2)), valisev1.Reason_REASON_THREAD, true)
	if got := len(xb.thread(ident.ThreadID{1, 1}.String()).GetMessages()); got != 1 {
		t.Fatalf("the thread shows %d messages, want its own one", got)
	}
}
