package gateway

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// TestSignedAgain: our key is revoked while a message waits; the Content and its place stay.
func TestSignedAgain(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xb.setLink(false)
	sent := xa.inquire(xbTech, "x")
	w.settle()
	old := xa.keys[xaTech]
	fresh := mustKey("a new key of XA")
	keys := maps.Clone(xa.keys)
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
	named, err := xa.g.BundlesNamed(context.Background(), xaTech, xbTech, xcTech)
	if err != nil || len(named) != 2 || named[0].Peer != xbTech || named[0].Number >= 77 || !named[0].Spoke || named[1] != (BundleNamed{Peer: xcTech}) {
		t.Fatalf("%v, %v", named, err)
	}
	pub, err := xa.g.KeyNotice(Pair{Ours: xaTech, Peer: xbTech}, signed)
	if err != nil || pub.Slot != SlotKeyNotice || pub.To != xbTech {
		t.Fatalf("%v, %v", pub, err)
	}
	e := xb.mustTake(pub.Signed)
	if !proto.Equal(e.Learn, signed) || !e.Recorded {
		t.Fatalf("effects %v", e)
	}
	if again := xb.mustTake(pub.Signed); again.Learn == nil || again.Recorded {
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
	if named, err := xa.g.BundlesNamed(context.Background(), xaTech); err != nil || len(named) != 1 || named[0].Number != 77 {
		t.Fatalf("a peer named the bundle: %v, %v", named, err)
	}
	// The directory took it a moment after the core did: the receipt that names it leaves at once,
	// though one left just before.
	due, err := xb.g.ReceiptsDue(context.Background())
	if err != nil || len(due) != 1 {
		t.Fatalf("%d receipts, %v", len(due), err)
	}
	xb.g.ReceiptLeft(due[0])
	xb.g.Learned(Pair{Ours: xbTech, Peer: xaTech})
	if receipts, err := xb.g.ReceiptsDue(context.Background()); err != nil || len(receipts) != 1 {
		t.Fatalf("%d receipts, %v", len(receipts), err)
	}
	_ = sent
}
