package gateway

import (
	"context"
	"testing"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// What no key of ours opens is signed by nobody that we know; the token of its slot says whom a hint
// may help. One goes there in an hour, and none to nobody, to ourselves or to the other track.
// docs/protocol.md §7.5
func TestAHintGoesToTheOwnerOfTheSlot(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	garbage := byte(0)
	unopened := func(owner ident.Address) []Publication {
		t.Helper()
		garbage++
		r := &seal.Refusal{Step: seal.StepDecrypt, Reason: valisev1.Reason_REASON_CANNOT_DECRYPT}
		e, err := xb.g.Refused(context.Background(), r, [32]byte{garbage}, owner)
		if err != nil || !e.Recorded {
			t.Fatalf("%v, %v", e, err)
		}
		return e.Send
	}
	for _, owner := range []ident.Address{{}, xbTech, {State: "XA", Track: ident.Manager}} {
		if hints := unopened(owner); len(hints) != 0 {
			t.Errorf("a hint for %q", owner)
		}
	}
	hints := unopened(xaTech)
	if len(hints) != 1 || hints[0].To != xaTech || hints[0].From != xbTech || hints[0].Slot != SlotCannotOpen {
		t.Fatalf("for a slot of XA: %v", hints)
	}
	o, err := xa.opener().VerifySigned(hints[0].Signed)
	if err != nil {
		t.Fatal(err)
	}
	said := o.Message.(*valisev1.CannotOpen)
	if said.GetReason() != valisev1.Reason_REASON_CANNOT_DECRYPT || said.GetEnvelopeHash()[0] != garbage {
		t.Errorf("the hint says %v", said)
	}
	if more := append(unopened(xaTech), unopened(xaTech)...); len(more) != 0 {
		t.Errorf("%d hints more within the hour", len(more))
	}
	if other := unopened(xaDip); len(other) != 1 || other[0].From != xbDip {
		t.Errorf("the other pair has an hour of its own: %v", other)
	}
	w.now = w.now.Add(time.Hour)
	if again := unopened(xaTech); len(again) != 1 {
		t.Errorf("%d hints after an hour, want 1", len(again))
	}
}

// Whoever is told that something did not open sends its lowest message once more and does nothing
// else, however often it is told. docs/protocol.md §7.5
func TestAHintIsNeverObeyed(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	for _, title := range []string{"first", "second"} {
		xa.inquire(xbTech, title)
	}
	left := xa.g.Due(w.now)
	for i, p := range left {
		if err := xa.g.Left(context.Background(), p.Digest, uint64(i+1)); err != nil {
			t.Fatal(err)
		}
	}
	items, again := len(xa.store.items), []Publication{}
	for range 20 {
		w.now = w.now.Add(time.Second)
		hint, err := xb.g.machineMessage(Pair{Ours: xbTech, Peer: xaTech}, SlotCannotOpen, &valisev1.CannotOpen{
			Reason: valisev1.Reason_REASON_CANNOT_DECRYPT, EnvelopeHash: make([]byte, 32),
		})
		if err != nil {
			t.Fatal(err)
		}
		if e := xa.mustTake(hint.Signed); e.Reason != 0 || e.Recorded || len(e.Send) != 0 {
			t.Fatalf("a hint did %v", e)
		}
		again = append(again, xa.g.Due(w.now)...)
	}
	if len(again) != 1 || again[0].Digest != left[0].Digest {
		t.Errorf("twenty hints let %d publications leave, want the lowest message once", len(again))
	}
	if len(xa.store.items) != items {
		t.Errorf("hints put %d items into the record", len(xa.store.items)-items)
	}
}
