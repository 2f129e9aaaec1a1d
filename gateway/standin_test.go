package gateway

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// gapsSeenAt counts the numbers that a home waits for.
func gapsSeenAt(t *testing.T, h *home) int {
	t.Helper()
	gaps, err := h.g.Gaps(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return len(gaps)
}

// secondLife puts a home back without its knowing, lets it say something else, and begin an epoch in
// the belief that its numbers are its own.
func (h *home) secondLife(backup *memStore, thread string) {
	h.w.t.Helper()
	h.w.now = h.w.now.Add(time.Hour)
	h.rollBack(backup)
	h.reply(thread, &valisev1.Supplement{Narrative: "said instead"})
	if err := h.g.BeginEpoch(context.Background()); err != nil {
		h.w.t.Fatal(err)
	}
}

// TestANumberThatNobodyCanFill: the sender fills it with a Void, so that the peer waits no longer.
func TestANumberThatNobodyCanFill(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xb.inquire(xaTech, "one").GetThread()
	w.converge()
	backup := xb.store.backup()
	lost := xb.reply(thread, &valisev1.Supplement{Narrative: "lost on its way"})
	xb.post()
	w.relay.wipe()
	xb.inquire(xaTech, "arrives")
	xb.post()
	xa.fetch()
	if gapsSeenAt(t, xa) != 1 {
		t.Fatal("XA waits for nothing; the test tells nothing")
	}
	xb.secondLife(backup, thread)
	w.converge()
	w.tick(2 * time.Hour)
	w.converge()
	assertSameMail(t, w)
	if n := gapsSeenAt(t, xa); n != 0 {
		t.Fatalf("XA waits for %d numbers that nobody has", n)
	}
	told := false
	for _, it := range xb.store.items {
		told = told || it.GetReason() == valisev1.Reason_REASON_SEQUENCE && it.GetType() == valisev1.ItemType_ITEM_TYPE_NODE
	}
	if !told {
		t.Fatal("the officers of XB are not told that a message was lost")
	}
	for _, m := range xa.thread(thread).GetMessages() {
		if m.GetMessage() == lost.GetMessage() {
			t.Fatal("XA shows what never came")
		}
	}
	w.talk(1)
	assertSameMail(t, w)
}

// TestWhatWasLostComesAfterAll: the message for which a Void stands in comes to the peer before the
// Void does. Then the peer gives it back, and it has its place in both records.
func TestWhatWasLostComesAfterAll(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xb.inquire(xaTech, "one").GetThread()
	w.converge()
	backup := xb.store.backup()
	late := xb.reply(thread, &valisev1.Supplement{Narrative: "late"})
	xb.post()
	held, ok := w.relay.pop(xaTech, 0)
	if !ok {
		t.Fatal("nothing is under way")
	}
	xb.inquire(xaTech, "arrives")
	xb.post()
	xa.fetch()
	xb.secondLife(backup, thread)
	for round := 0; !xb.isVoided(held.pub.Digest); round++ {
		if round == 100 {
			t.Fatal("no Void stands in for what is lost")
		}
		w.now = w.now.Add(time.Minute)
		xb.post()
		xa.fetch()
		xa.post()
		xb.fetch()
	}
	if _, err := xa.take(held.pub.Signed); err != nil {
		t.Fatal(err)
	}
	w.converge()
	w.tick(2 * time.Hour)
	w.converge()
	assertSameMail(t, w)
	if n := gapsSeenAt(t, xa); n != 0 {
		t.Fatalf("XA waits for %d numbers", n)
	}
	for _, h := range []*home{xa, xb} {
		if !slices.ContainsFunc(h.thread(thread).GetMessages(), func(m *valisev1.MessageView) bool { return m.GetMessage() == late.GetMessage() }) {
			t.Errorf("%s does not show what came after all", h.state)
		}
	}
}

// isVoided reports whether a record has a Void of its own that stands for a digest.
func (h *home) isVoided(d ident.Digest) bool {
	for _, it := range h.store.items {
		if it.GetType() != valisev1.ItemType_ITEM_TYPE_SENT || it.GetKind() != valisev1.Kind_KIND_VOID {
			continue
		}
		if _, m, err := readItem(it); err == nil && bytes.Equal(m.(*valisev1.Void).GetDigest(), d[:]) {
			return true
		}
	}
	return false
}

// TestWhatHasAnotherNumberIsNotLost: the number that a message had is filled as well, and no officer is
// told that it was lost, for it goes under its new one.
func TestWhatHasAnotherNumberIsNotLost(t *testing.T) {
	w := newWorld(t)
	xb := w.homes["XB"]
	thread := xb.inquire(xaTech, "one").GetThread()
	xb.reply(thread, &valisev1.Supplement{Narrative: "two"})
	xb.reply(thread, &valisev1.Supplement{Narrative: "three"})
	c := channel{from: xbTech, to: xaTech, epoch: xb.g.Epoch()}
	if err := xb.g.BeginEpoch(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := xb.g.update(t.Context(), "test", func(w *work) error {
		var d [4]ident.Digest
		for n := range uint64(3) {
			own, _, err := w.ownNumber(c, n+1)
			if err != nil {
				return err
			}
			d[n+1] = own.digest
		}
		p := Pair{Ours: c.from, Peer: c.to}
		if err := w.remakeOne(p, c, 2, d[2]); err != nil {
			return err
		}
		filled, err := w.fillGap(p, c, gap{number: 2, before: d[1], after: d[3]})
		if !filled {
			t.Error("the number is not filled")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range xb.store.items {
		if it.GetReason() == valisev1.Reason_REASON_SEQUENCE {
			t.Errorf("officers are told: %s", it.GetNote())
		}
	}
}

// TestWhatWasMadeAgainComesBackUnderItsOldNumber: the record holds it from before, so that it is
// recorded no second time, and the Void that stood in for it there stands for it no more. P2
// docs/protocol.md §7.3, §7.6
func TestWhatWasMadeAgainComesBackUnderItsOldNumber(t *testing.T) {
	w := newWorld(t)
	xb := w.homes["XB"]
	thread := xb.inquire(xaTech, "one").GetThread()
	two := xb.reply(thread, &valisev1.Supplement{Narrative: "two"})
	xb.reply(thread, &valisev1.Supplement{Narrative: "three"})
	old := channel{from: xbTech, to: xaTech, epoch: xb.g.Epoch()}
	if err := xb.g.BeginEpoch(t.Context()); err != nil {
		t.Fatal(err)
	}
	var lost ident.Digest
	change := func(fn func(w *work) error) {
		t.Helper()
		if err := xb.g.update(t.Context(), "test", fn); err != nil {
			t.Fatal(err)
		}
	}
	change(func(w *work) error {
		before, _, err := w.ownNumber(old, 1)
		if err != nil {
			return err
		}
		own, _, err := w.ownNumber(old, 2)
		if err != nil {
			return err
		}
		after, _, err := w.ownNumber(old, 3)
		if err != nil {
			return err
		}
		lost = own.digest
		p := Pair{Ours: old.from, Peer: old.to}
		if err := w.remakeOne(p, old, 2, lost); err != nil {
			return err
		}
		filled, err := w.fillGap(p, old, gap{number: 2, before: before.digest, after: after.digest})
		if err == nil && !filled {
			t.Error("the number is not filled")
		}
		return err
	})
	said := xb.sentAs(lost)
	if len(said) != 1 {
		t.Fatalf("the message stands %d times before it comes back", len(said))
	}
	change(func(w *work) error {
		opened, err := seal.Opener{Realm: realm, Resolve: xb.g.resolveOurs}.VerifySigned(said[0].GetSigned())
		if err != nil {
			return err
		}
		carrier := &seal.Opened{Header: seal.Header{From: xaTech, To: xbTech, Epoch: 7}}
		return w.takeBack(incoming{opened: carrier, back: opened})
	})
	if n := len(xb.sentAs(lost)); n != 1 {
		t.Errorf("the record holds it %d times", n)
	}
	change(func(w *work) error {
		at, found, err := w.placeAt(tableDigest, lost[:])
		if err == nil && (!found || at.item != said[0].GetNumber() || at.row != 0 || at.thread.IsZero()) {
			t.Errorf("its digest leads to %+v, want item %d", at, said[0].GetNumber())
		}
		return err
	})
	shown := 0
	for _, m := range xb.thread(thread).GetMessages() {
		if m.GetMessage() == two.GetMessage() {
			shown++
		}
	}
	if shown != 1 {
		t.Errorf("officers see it %d times", shown)
	}
}

// sentAs are the items of a home that hold a message of its own with this digest.
func (h *home) sentAs(d ident.Digest) (list []*valisev1.Item) {
	for _, it := range h.store.items {
		if it.GetType() == valisev1.ItemType_ITEM_TYPE_SENT && bytes.Equal(it.GetDigest(), d[:]) {
			list = append(list, it)
		}
	}
	return list
}
