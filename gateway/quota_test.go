package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// inbox are the titles of the inquiries that a home has from a peer, each as often as it is there.
func (h *home) inbox(from ident.Address) map[string]int {
	h.w.t.Helper()
	out := map[string]int{}
	token := ""
	for {
		list, err := h.g.Threads(context.Background(), officer, &valisev1.ListThreadsRequest{PageToken: token, PageSize: 500})
		if err != nil {
			h.w.t.Fatal(err)
		}
		for _, th := range list.GetThreads() {
			if th.GetPeer() == from.String() && !th.GetOutbound() {
				out[th.GetTitle()]++
			}
		}
		if token = list.GetNextPageToken(); token == "" {
			return out
		}
	}
}

// pass lets time pass as a node lives through it: minute by minute.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	for end := w.now.Add(d); w.now.Before(end); {
		w.tick(time.Minute)
	}
}

func (h *home) setSpace(s Space) {
	h.space = s
	h.g.LookAtSpace(h.w.now)
}

// The last tenth of the disk is not for what our officers begin; what was accepted goes on, and so
// does what peers send. docs/protocol.md §7.7
func TestTheReserveIsForWhatIsUnderWay(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	request := &valisev1.SendInquiryRequest{To: "XA/technical", Inquiry: inquiry("before"), Options: &valisev1.SendOptions{RequestId: "before"}}
	before, err := xb.g.Inquire(context.Background(), officer, request)
	if err != nil {
		t.Fatal(err)
	}
	xb.setSpace(SpaceReserve)
	for name, act := range map[string]func() error{
		"inquiry": func() error {
			_, err := xb.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: "XA/technical", Inquiry: inquiry("new")})
			return err
		},
		"draft": func() error {
			_, err := xb.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{
				To: "XA/technical", Inquiry: inquiry("draft"), Options: &valisev1.SendOptions{Draft: true},
			})
			return err
		},
		"reply": func() error {
			_, err := xb.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{
				Thread: before.GetThread(), Payload: payloadOf(&valisev1.Supplement{Narrative: "more"}),
			})
			return err
		},
		"file": func() error {
			_, err := xb.g.Upload(context.Background(), officer, strings.NewReader("a file"))
			return err
		},
		"call": func() error {
			_, err := xb.g.LogContact(context.Background(), officer, &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{Peer: "XA/technical", Note: "a call"}})
			return err
		},
	} {
		err := act()
		if e, ok := errors.AsType[*Error](err); !ok || e.Reason != valisev1.Reason_REASON_DISK_FULL {
			t.Errorf("%s on the reserve: %v", name, err)
		}
	}
	if again, err := xb.g.Inquire(context.Background(), officer, request); err != nil || again.GetMessage() != before.GetMessage() {
		t.Errorf("what was answered before has another answer now: %v, %v", again, err)
	}
	xa.inquire(xbTech, "to a full disk")
	w.settle()
	if len(xa.outbox())+len(xb.outbox()) != 0 || xb.inbox(xaTech)["to a full disk"] != 1 || xa.inbox(xbTech)["before"] != 1 {
		t.Errorf("the reserve does not carry what is under way: %v %v", xa.outbox(), xb.outbox())
	}
	xb.setSpace(SpaceFree)
	xb.inquire(xaTech, "new")
}

// On the very last of the disk mail of peers is not taken, and its sender is told to wait; the
// receipts that empty our outbox still are. With room again all of it comes, once. P1, P7
func TestAFullDiskSaysBusy(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xa.inquire(xbTech, "first")
	w.settle()
	xb.inquire(xaTech, "ours")
	xb.setSpace(SpaceLast)
	items := len(xb.store.items)
	for i := range 5 {
		xa.inquire(xbTech, fmt.Sprint("late ", i))
	}
	w.settle()
	if got := len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_RECEIVED)); got != 1 {
		t.Errorf("%d messages of a peer on a full disk", got)
	}
	if len(xb.outbox()) != 0 {
		t.Errorf("the receipt for ours was not taken: %v", xb.outbox())
	}
	w.tick(time.Minute)
	xa.inquire(xbTech, "later")
	w.pass(time.Hour)
	rows := xa.outbox()
	if len(rows) != 6 {
		t.Fatalf("%d messages wait, want 6: nothing was receipted", len(rows))
	}
	for _, r := range rows {
		if r.GetAttempts() > 2 {
			t.Errorf("a busy peer was written to %d times in an hour", r.GetAttempts())
		}
	}
	if rows[5].GetReason() != valisev1.Reason_REASON_PEER_BUSY {
		t.Errorf("the officer reads %s", rows[5].GetReason())
	}
	if grew := len(xb.store.items) - items; grew > 3 { // left, reached, and the receipt that says so
		t.Errorf("the record of a full disk grew by %d items", grew)
	}
	xb.setSpace(SpaceFree)
	w.settle()
	got := xb.inbox(xaTech)
	if len(got) != 7 || len(xa.outbox()) != 0 {
		t.Errorf("with room again only %v came by themselves, %v", got, xa.outbox())
	}
	for title, times := range got {
		if times != 1 {
			t.Errorf("%s came %d times", title, times)
		}
	}
}

// A full disk may drop the very first message of a peer: no channel of it is known, so that no receipt
// has a line for it. The one that ends BUSY lets it come again at once all the same. docs/protocol.md §7.7
func TestTheFirstMessageToAFullDiskComesAgainAtOnce(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xb.setSpace(SpaceLast)
	xa.inquire(xbTech, "first")
	w.settle()
	if left := xa.outbox(); len(left) != 1 || left[0].GetAttempts() != 1 {
		t.Fatalf("%v", left)
	}
	w.pass(2 * time.Minute)
	xb.setSpace(SpaceFree)
	w.settle()
	if got := xb.inbox(xaTech); got["first"] != 1 || len(xa.outbox()) != 0 {
		t.Errorf("with room again %v came, and %v waits", got, xa.outbox())
	}
}

// BUSY is said at once, though nothing else is to be told. Where that is lost, and whoever owes it forgets that it does,
// the sender's second clock brings what was dropped all the same: nobody need write again. docs/protocol.md §7.4, §7.7
func TestWhatWasDroppedComesAgainWhenNobodyHearsOfBusy(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xb.setSpace(SpaceLast)
	xa.inquire(xbTech, "first")
	xa.post()
	if xb.fetch(); len(xb.inbox(xaTech)) != 0 {
		t.Fatal("a full disk takes mail")
	}
	if at, owed := xb.g.WakeReceipts(w.now); !owed || at.After(w.now) {
		t.Errorf("BUSY is to be said at %v, %t", at, owed)
	}
	xb.post()
	if _, ok := w.relay.pop(xaTech, 0); !ok {
		t.Error("BUSY does not leave by itself")
	}
	xb.space = SpaceFree
	xb.start()
	if at, owed := xb.g.WakeReceipts(w.now); owed {
		t.Fatalf("XB still has something to tell at %v", at)
	}
	w.pass(13 * time.Minute)
	if rows := xa.outbox(); len(rows) != 1 || rows[0].GetAttempts() != 1 || rows[0].GetReason() != valisev1.Reason_REASON_UNSPECIFIED {
		t.Fatalf("XA heard of BUSY: %v", rows)
	}
	w.pass(5 * time.Minute)
	if got := xb.inbox(xaTech); got["first"] != 1 || len(xa.outbox()) != 0 {
		t.Errorf("after the first repeat %v came, and %v waits", got, xa.outbox())
	}
}

// BUSY that ends unsaid, because the node that said it was started anew, holds nobody up for long.
func TestBusyIsForgottenWithARestart(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xa.inquire(xbTech, "first")
	w.settle()
	xb.setSpace(SpaceLast)
	xa.inquire(xbTech, "second")
	w.settle()
	xb.space = SpaceFree
	xb.start()
	w.converge()
	if got := xb.inbox(xaTech); got["second"] != 1 || w.now.Sub(start) > time.Hour {
		t.Errorf("%v after %v", got, w.now.Sub(start))
	}
}

// One peer that floods costs what its quota says and no more, tells itself apart from nobody else
// and loses nothing; the others notice nothing. P7
func TestAFloodCostsItsQuotaAndHarmsNobodyElse(t *testing.T) {
	w := newWorld(t, "XA", "XB", "XC")
	xa, xb, xc := w.homes["XA"], w.homes["XB"], w.homes["XC"]
	const quota, flood = 10, 50
	xb.quota = Quota{Items: quota}
	xb.start()
	for i := range flood {
		xc.inquire(xbTech, fmt.Sprint("flood ", i))
	}
	for i := range quota {
		xa.inquire(xbTech, fmt.Sprint("lawful ", i))
		xb.inquire(xaTech, fmt.Sprint("answer ", i))
		w.settle()
	}
	if len(xa.outbox())+len(xb.outbox()) != 0 || len(xb.inbox(xaTech)) != quota {
		t.Errorf("the flood of XC held up XA and XB: %v, %v", xa.outbox(), xb.outbox())
	}
	if got := len(xb.inbox(xcTech)); got != quota {
		t.Errorf("%d messages of XC on the first day, its quota is %d", got, quota)
	}
	w.tick(2 * time.Minute)
	for _, r := range xc.outbox() {
		if r.GetReason() != valisev1.Reason_REASON_PEER_BUSY && r.GetAttempts() > 2 {
			t.Errorf("XC was told to wait, and sends: %v", r)
		}
	}
	// A restart within the day gives no second quota.
	before := len(xb.inbox(xcTech))
	for range 5 {
		xb.start()
		w.pass(30 * time.Minute)
	}
	if got := len(xb.inbox(xcTech)); got != before {
		t.Errorf("five restarts gave XC %d messages more", got-before)
	}
	for day := range flood/quota + 1 {
		w.now = start.Truncate(24*time.Hour).AddDate(0, 0, day+1)
		w.pass(2 * time.Hour)
	}
	got := xb.inbox(xcTech)
	if len(got) != flood || len(xc.outbox()) != 0 {
		t.Errorf("%d of %d came in the days after, and %d wait", len(got), flood, len(xc.outbox()))
	}
	for title, times := range got {
		if times != 1 {
			t.Errorf("%s came %d times", title, times)
		}
	}
}

// A peer that was too fast is told until when to wait, and hears when that is over: what was
// dropped comes at once and not with the second retry clock.
func TestWhoWasTooFastIsToldWhenToGoOn(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xa.inquire(xbTech, "first")
	w.settle()
	xa.inquire(xbTech, "dropped")
	xa.post()
	if _, ok := w.relay.pop(xbTech, 0); !ok {
		t.Fatal("nothing was sent")
	}
	xb.g.OverQuota(Pair{Ours: xbTech, Peer: xaTech}, w.now.Add(2*time.Minute))
	w.settle()
	xa.inquire(xbTech, "held")
	w.settle()
	if rows := xa.outbox(); len(rows) != 2 || rows[1].GetReason() != valisev1.Reason_REASON_PEER_BUSY || rows[1].GetAttempts() != 0 {
		t.Errorf("XA was told to wait: %v", rows)
	}
	w.converge()
	if got := xb.inbox(xaTech); got["dropped"] != 1 || got["held"] != 1 || w.now.Sub(start) > 5*time.Minute {
		t.Errorf("%v after %v", got, w.now.Sub(start))
	}
}

// What a full disk dropped comes as soon as there is room, also when that was a moment ago.
func TestAShortBusyCostsNoQuarterOfAnHour(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xa.inquire(xbTech, "first")
	w.settle()
	w.tick(2 * time.Minute)
	xb.setSpace(SpaceLast)
	xa.inquire(xbTech, "dropped")
	w.tick(time.Second)
	w.tick(time.Second)
	xb.setSpace(SpaceFree)
	w.tick(time.Second)
	if got := xb.inbox(xaTech); got["dropped"] != 1 {
		t.Errorf("with room again after two seconds: %v, waiting %v", got, xa.outbox())
	}
}

// Parts of an attachment are mail too: a disk without room takes none, and with room again the
// file comes whole, each part once. docs/protocol.md §6, §7.7
func TestAFileWaitsForRoom(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	file := make([]byte, 40*PartSize)
	if _, err := randomness("file").Read(file); err != nil {
		t.Fatal(err)
	}
	sent := xa.sendFiles(file)
	xa.post()
	xb.fetch()
	xb.setSpace(SpaceLast)
	w.pass(5 * time.Minute)
	if got := len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_RECEIVED)); got == 1+40 {
		t.Error("a disk without room took the whole file")
	}
	xb.setSpace(SpaceFree)
	w.converge()
	xb.wantBytes(sent.GetMessage(), 0, file)
	if got := len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_RECEIVED)); got != 1+40 {
		t.Errorf("%d items of one message and 40 parts", got)
	}
}
