package gateway

import (
	"context"
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

func (h *home) open(a Actor, thread string, unseen uint64) *valisev1.OpenThreadResponse {
	h.w.t.Helper()
	out, err := h.g.OpenThread(context.Background(), a, &valisev1.OpenThreadRequest{Thread: thread, Unseen: unseen})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return out
}

// unopened is since when a thread waits to be opened; zero for not at all.
func (h *home) unopened(thread string) time.Time {
	h.w.t.Helper()
	if at := h.thread(thread).GetThread().GetUnopenedSince(); at != nil {
		return at.AsTime()
	}
	return time.Time{}
}

func (h *home) nextItem() uint64 { return uint64(len(h.store.items)) }

// What the peer sends waits until a person opens it, by the oldest of it; reading a thread opens
// nothing. The opening is an item, and no trace of it leaves. docs/protocol.md §12.7
func TestOpening(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xa.inquire(xbTech, "x").GetThread()
	if !xa.unopened(thread).IsZero() {
		t.Error("what is ours waits to be opened")
	}
	w.converge()
	came := xb.unopened(thread)
	if came.IsZero() {
		t.Fatal("the inquiry does not wait to be opened")
	}
	w.now = w.now.Add(time.Hour)
	xa.reply(thread, &valisev1.Supplement{Narrative: "more"})
	w.converge()
	xb.start()
	if got := xb.unopened(thread); !got.Equal(came) {
		t.Errorf("it waits since %v, want %v", got, came)
	}
	before := len(xa.store.items)
	out := xb.open(clearer, thread, 0)
	if item := xb.store.items[out.GetItem()]; !out.GetOpened() || item.GetType() != valisev1.ItemType_ITEM_TYPE_OPENED ||
		item.GetOfficer() != "clearer" || item.GetRole() != "clearer" || threadHex(item) != thread {
		t.Errorf("the opening is %v, %v", out, item)
	}
	items := len(xb.store.items)
	if again := xb.open(officer, thread, 0); again.GetOpened() || again.GetItem() != 0 || len(xb.store.items) != items {
		t.Errorf("opened again: %v", again)
	}
	xb.start()
	w.converge()
	if !xb.unopened(thread).IsZero() || len(xa.store.items) != before {
		t.Errorf("it waits since %v; XA has %d items, had %d", xb.unopened(thread), len(xa.store.items), before)
	}
}

// Who was shown a thread has not opened what came to it after that; and an older view than somebody
// else's opens nothing and closes nothing.
func TestWhatCameAfterItWasShown(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	shown := xb.nextItem()
	w.now = w.now.Add(time.Hour)
	xa.reply(thread, &valisev1.Supplement{Narrative: "between"})
	w.converge()
	if out := xb.open(officer, thread, shown); !out.GetOpened() {
		t.Error("nothing was opened")
	}
	if got := xb.unopened(thread); !got.After(start.Add(time.Minute)) {
		t.Errorf("it waits since %v, want the second message", got)
	}
	if out := xb.open(officer, thread, shown); out.GetOpened() || xb.unopened(thread).IsZero() {
		t.Errorf("an older view opened %v", out)
	}
	if out := xb.open(officer, thread, xb.nextItem()); !out.GetOpened() || !xb.unopened(thread).IsZero() {
		t.Errorf("it waits since %v after all was opened", xb.unopened(thread))
	}
}

// A message that waits for the one before it is not shown, and so it is neither waited for nor
// opened until it is.
func TestWhatIsNotShownIsNotOpened(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	shown := xb.nextItem()
	for range 2 {
		xa.reply(thread, &valisev1.Supplement{Narrative: "more"})
	}
	for xa.post() {
	}
	first, _ := w.relay.pop(xbTech, 0)
	second, _ := w.relay.pop(xbTech, 0)
	xb.mustTake(second.pub.Signed)
	if out := xb.open(officer, thread, shown); !out.GetOpened() || !xb.unopened(thread).IsZero() {
		t.Errorf("what is not shown yet waits to be opened: %v", out)
	}
	w.now = w.now.Add(time.Minute)
	xb.mustTake(first.pub.Signed)
	if xb.unopened(thread).IsZero() {
		t.Error("what is shown now does not wait to be opened")
	}
}

// An Acknowledgement is an officer's word that all of it arrived: nobody is called for it again.
func TestAnAcknowledgementOpens(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	xb.reply(thread, &valisev1.AgencyNomination{Agency: &valisev1.Agency{Name: "CERT Birch"}})
	if xb.unopened(thread).IsZero() {
		t.Error("any message of ours opens what came")
	}
	xb.reply(thread, &valisev1.Acknowledgement{})
	if !xb.unopened(thread).IsZero() {
		t.Error("what was acknowledged waits to be opened")
	}
}

func TestOpeningsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	thread := xa.inquire(xbTech, "x").GetThread()
	for name, c := range map[string]struct {
		actor  Actor
		thread string
		want   valisev1.Reason
	}{
		"who only keeps the record": {keeper, thread, valisev1.Reason_REASON_NOT_PERMITTED},
		"an administrator":          {nodeAdmin, thread, valisev1.Reason_REASON_NOT_PERMITTED},
		"another track":             {on(ident.Diplomatic), thread, valisev1.Reason_REASON_NOT_FOUND},
		"no such thread":            {officer, "00000000", valisev1.Reason_REASON_NOT_FOUND},
	} {
		t.Run(name, func(t *testing.T) {
			wantReason(t, xa, c.want, func() error {
				_, err := xa.g.OpenThread(context.Background(), c.actor, &valisev1.OpenThreadRequest{Thread: c.thread})
				return err
			})
		})
	}
}
