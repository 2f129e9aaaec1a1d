package gateway

import (
	"testing"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// returnedBy lists the digests of what a home gave back.
func (h *home) returnedBy() map[string]bool {
	h.w.t.Helper()
	out := map[string]bool{}
	for _, it := range h.itemsOf(valisev1.ItemType_ITEM_TYPE_SENT) {
		_, m, err := readItem(it)
		if err != nil {
			h.w.t.Fatal(err)
		}
		if back, is := m.(*valisev1.Return); is && len(back.GetSigned()) > 0 {
			out[string(back.GetSigned())] = true
		}
	}
	return out
}

// XA is restored twice from one backup, and XB, which has lost its disk, hears of three of its lives
// backwards: the second one's message, the opening of the third, which goes on from the first, and
// the first. Only then is it plain that the third has forgotten the second. P8
func TestWhatAnOpeningForgotIsPlainLater(t *testing.T) {
	for _, last := range []struct {
		name    string
		opening bool
	}{{"its opening", true}, {"a later message of it", false}} {
		t.Run(last.name, func(t *testing.T) {
			w := newWorld(t)
			xb := w.homes["XB"]
			first, second, third := newForger(t), newForger(t), newForger(t)
			second.epoch, third.epoch = 0xE2, 0xE3
			inquiry, supplement := first.inquiry(1), first.supplement(1, 2)
			second.header(valisev1.Kind_KIND_RETURN, 0, 0)
			second.previous, second.now = [32]byte{1}, start.Add(time.Hour)
			forgotten := second.inquiry(2)
			third.now = start.Add(2 * time.Hour)
			h := third.header(valisev1.Kind_KIND_RETURN, 0, 0)
			h.Opening = &valisev1.EpochOpening{PreviousEpoch: uint64(first.epoch), LastSequence: 2, LastDigest: first.previous[:]}
			wantEffects(t, xb.mustTake(forgotten), 0, true)
			wantEffects(t, xb.mustTake(third.sign(h, &valisev1.Return{})), 0, true)
			w.settle()
			if xb.returnedBy()[string(forgotten)] {
				t.Fatal("given back before it is known to be forgotten, so that this shows nothing")
			}
			came := inquiry
			if !last.opening {
				came = supplement
			}
			wantEffects(t, xb.mustTake(came), 0, true)
			xb.post()
			if !xb.returnedBy()[string(forgotten)] {
				t.Fatal("what the third life has forgotten is not given back")
			}
		})
	}
}

// XA's clock stood still while it was restored twice. What comes of the second life when its opening
// is lost for ever is older than the third, whose opening is here: it is shown, and waits for nothing.
func TestAClockThatStoodStillHidesNoLife(t *testing.T) {
	w := newWorld(t)
	xb := w.homes["XB"]
	first, second, third := newForger(t), newForger(t), newForger(t)
	second.epoch, third.epoch = 0xE2, 0xE3
	wantEffects(t, xb.mustTake(first.inquiry(1)), 0, true)
	h := third.header(valisev1.Kind_KIND_RETURN, 0, 0)
	h.Opening = &valisev1.EpochOpening{PreviousEpoch: uint64(first.epoch), LastSequence: 1, LastDigest: first.previous[:]}
	wantEffects(t, xb.mustTake(third.sign(h, &valisev1.Return{})), 0, true)
	second.header(valisev1.Kind_KIND_RETURN, 0, 0)
	second.previous = [32]byte{1}
	wantEffects(t, xb.mustTake(second.supplement(1, 2)), 0, true)
	w.settle()
	v := xb.thread(ident.ThreadID{1, 1}.String())
	if v.GetThread().GetGap() || len(v.GetMessages()) != 2 {
		t.Fatalf("it waits for what never comes: %v", v)
	}
}

// XA was restored three times: the third life goes on from the first, and the fourth from the second.
// What is missing of the third never comes, although the fourth does not name it: no life before the
// fourth is the third. P1
func TestALifeThatNoLaterOneGoesOnFromIsForgotten(t *testing.T) {
	w := newWorld(t)
	xb := w.homes["XB"]
	first := newForger(t)
	wantEffects(t, xb.mustTake(first.inquiry(1)), 0, true)
	open := func(e ident.Epoch, from *forger, last uint64) *forger {
		f := newForger(t)
		f.epoch, f.now = e, start.Add(time.Duration(e)*time.Hour)
		h := f.header(valisev1.Kind_KIND_RETURN, 0, 0)
		h.Opening = &valisev1.EpochOpening{PreviousEpoch: uint64(from.epoch), LastSequence: last, LastDigest: from.previous[:]}
		wantEffects(t, xb.mustTake(f.sign(h, &valisev1.Return{})), 0, true)
		return f
	}
	second := open(0xE2, first, 1)
	third := open(0xE3, first, 1)
	third.supplement(1, 1)
	wantEffects(t, xb.mustTake(third.supplement(1, 2)), 0, true)
	if !xb.thread(ident.ThreadID{1, 1}.String()).GetThread().GetGap() {
		t.Fatal("nothing is missing, so that this shows nothing")
	}
	open(0xE4, second, 1)
	v := xb.thread(ident.ThreadID{1, 1}.String())
	if v.GetThread().GetGap() || len(v.GetMessages()) != 2 {
		t.Fatalf("it waits for what never comes: %v", v)
	}
}

// XA's clock was hours ahead in its first life, and right in the two that were restored from it. What
// comes after the first is still in the order of that clock: the third forgot the second, and what is
// missing of the second never comes. P1
func TestAFirstLifeByAFastClockTurnsNoLaterOnesRound(t *testing.T) {
	w := newWorld(t)
	xb := w.homes["XB"]
	first := newForger(t)
	first.now = start.Add(10 * time.Hour)
	wantEffects(t, xb.mustTake(first.inquiry(1)), 0, true)
	open := func(e ident.Epoch, at time.Time) *forger {
		f := newForger(t)
		f.epoch, f.now = e, at
		h := f.header(valisev1.Kind_KIND_RETURN, 0, 0)
		h.Opening = &valisev1.EpochOpening{PreviousEpoch: uint64(first.epoch), LastSequence: 1, LastDigest: first.previous[:]}
		wantEffects(t, xb.mustTake(f.sign(h, &valisev1.Return{})), 0, true)
		return f
	}
	second := open(0xE2, start.Add(time.Hour))
	second.supplement(1, 1)
	wantEffects(t, xb.mustTake(second.supplement(1, 2)), 0, true)
	if !xb.thread(ident.ThreadID{1, 1}.String()).GetThread().GetGap() {
		t.Fatal("nothing is missing, so that this shows nothing")
	}
	open(0xE3, start.Add(2*time.Hour))
	v := xb.thread(ident.ThreadID{1, 1}.String())
	if v.GetThread().GetGap() || len(v.GetMessages()) != 2 {
		t.Fatalf("it waits for what never comes: %v", v)
	}
}
