package gateway

import (
	"context"
	"fmt"
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

func TestThreadsNewestChangeFirst(t *testing.T) {
	w := newWorld(t, "XA", "XB", "XC")
	xa := w.homes["XA"]
	var all []string
	for i := range 7 {
		to := xbTech
		if i%2 == 1 {
			to = xcTech
		}
		all = append(all, xa.inquire(to, fmt.Sprint(i)).GetThread())
	}
	dip := xa.inquire(xbDip, "dip").GetThread()
	xa.reply(all[0], &valisev1.Supplement{Narrative: "again"})
	list := func(r *valisev1.ListThreadsRequest) (titles []string) {
		for {
			page, err := xa.g.Threads(context.Background(), officer, r)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range page.GetThreads() {
				titles = append(titles, v.GetTitle())
			}
			if page.GetNextPageToken() == "" {
				return titles
			}
			r.PageToken = page.GetNextPageToken()
		}
	}
	for _, c := range []struct {
		r    *valisev1.ListThreadsRequest
		want string
	}{
		{&valisev1.ListThreadsRequest{}, "[0 dip 6 5 4 3 2 1]"},
		{&valisev1.ListThreadsRequest{PageSize: 3}, "[0 dip 6 5 4 3 2 1]"},
		{&valisev1.ListThreadsRequest{PageSize: 1, Peer: "XC"}, "[5 3 1]"},
		{&valisev1.ListThreadsRequest{Peer: "XB/diplomatic"}, "[dip]"},
		{&valisev1.ListThreadsRequest{States: []valisev1.ThreadState{stateClosed}}, "[]"},
		{&valisev1.ListThreadsRequest{Track: "diplomatic"}, "[dip]"},
		{&valisev1.ListThreadsRequest{Track: "technical", PageSize: 2, Peer: "XB"}, "[0 6 4 2]"},
		{&valisev1.ListThreadsRequest{States: []valisev1.ThreadState{stateQueued}, Peer: "XB"}, "[0 dip 6 4 2]"},
	} {
		if got := fmt.Sprint(list(c.r)); got != c.want {
			t.Errorf("%v lists %s, want %s", c.r, got, c.want)
		}
	}
	for _, r := range []*valisev1.ListThreadsRequest{{PageToken: "x"}, {Peer: "xb"}} {
		if _, err := xa.g.Threads(context.Background(), officer, r); reasonOf(err) != valisev1.Reason_REASON_BAD_REQUEST {
			t.Errorf("%v: %v", r, err)
		}
	}
	_ = dip
}

// TestEventsMissNothing: every durable change of a thread can be told from the record alone.
func TestEventsMissNothing(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	draft := xa.send(officer, &valisev1.SendOptions{Draft: true})
	if _, err := xa.clear(officer, draft.GetMessage()); err != nil {
		t.Fatal(err)
	}
	w.settle()
	xb.reply(draft.GetThread(), &valisev1.Acknowledgement{})
	w.settle()
	if _, err := xa.g.LogContact(context.Background(), officer, &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{Peer: "XB/technical"}}); err != nil {
		t.Fatal(err)
	}
	var told []string
	for n := range uint64(len(xa.store.items)) {
		e, ok, err := xa.g.Event(context.Background(), officer, n)
		if err != nil || e.GetCursor() != n+1 {
			t.Fatalf("%v, %v", e, err)
		}
		if !ok {
			continue
		}
		if e.GetPeer() != "XB/technical" || e.GetType() != valisev1.ItemType_ITEM_TYPE_CONTACT_LOG && e.GetThread() != draft.GetThread() {
			t.Errorf("event %v", e)
		}
		if e.GetKind() == valisev1.Kind_KIND_INQUIRY && e.GetMessage() != draft.GetMessage() {
			t.Errorf("event %v names another message", e)
		}
		told = append(told, fmt.Sprintf("%v/%v", e.GetType().Number(), e.GetDelivery().Number()))
	}
	// Drafted, cleared, sent, left, reached, the acknowledgement and what it says, the call.
	want := "[10/0 10/0 1/0 6/2 6/3 2/0 6/4 7/0]"
	if got := fmt.Sprint(told); got != want {
		t.Errorf("events %s, want %s", got, want)
	}
	if _, _, err := xa.g.Event(context.Background(), officer, 1<<40); reasonOf(err) != valisev1.Reason_REASON_NOT_FOUND {
		t.Errorf("beyond the record: %v", err)
	}
}

func TestRecordReading(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.inquire(xbTech, "x")
	w.settle()
	xb.reply(sent.GetThread(), &valisev1.Acknowledgement{})
	w.settle()
	xa.inquire(xbTech, "another")
	var numbers []uint64
	r := &valisev1.ListItemsRequest{PageSize: 2, Thread: sent.GetThread()[:8]}
	for {
		page, err := xa.g.Items(context.Background(), keeper, r)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.GetItems() {
			numbers = append(numbers, v.GetItem().GetNumber())
			if v.GetThread() != sent.GetThread() || v.GetItem().GetSigned() != nil || v.GetItem().GetEvidence() != nil {
				t.Fatalf("item %v", v)
			}
		}
		if r.PageToken = page.GetNextPageToken(); r.PageToken == "" {
			break
		}
	}
	if len(numbers) != 5 {
		t.Fatalf("items %v of the thread, want sent, left, reached, received, acknowledged", numbers)
	}
	all, err := xa.g.Items(context.Background(), keeper, &valisev1.ListItemsRequest{})
	if err != nil || len(all.GetItems()) != len(xa.store.items) {
		t.Fatalf("%d items, %v", len(all.GetItems()), err)
	}
	one, err := xa.g.Item(context.Background(), keeper, &valisev1.GetItemRequest{Item: numbers[0]})
	if err != nil || one.GetItem().GetMessage() != sent.GetMessage() || len(one.GetItem().GetItem().GetSigned()) == 0 || one.GetItem().GetTo() != "XB/technical" {
		t.Fatalf("%v, %v", one, err)
	}
	if _, err := xa.g.Item(context.Background(), keeper, &valisev1.GetItemRequest{Item: 1 << 40}); reasonOf(err) != valisev1.Reason_REASON_NOT_FOUND {
		t.Fatal(err)
	}
}

func TestOutboxTellsHowOften(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	w.homes["XB"].setLink(false)
	sent := xa.inquire(xbTech, "x")
	w.tick(time.Second)
	w.tick(15*time.Minute + 2*time.Minute)
	rows := xa.outbox()
	if len(rows) != 1 || rows[0].GetAttempts() != 2 || rows[0].GetMessage() != sent.GetMessage() || rows[0].GetTo() != "XB/technical" || !rows[0].GetSince().AsTime().Equal(start) {
		t.Fatalf("outbox %v", rows)
	}
	xa.start()
	if got := xa.outbox()[0].GetAttempts(); got != 2 {
		t.Fatalf("after a restart %d attempts are known", got)
	}
}

func TestStartRefuses(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(*Config){
		"no address":    func(c *Config) { c.Ours = nil },
		"no store":      func(c *Config) { c.Store = nil },
		"no realm":      func(c *Config) { c.Realm = "x" },
		"two States":    func(c *Config) { c.Ours = append(c.Ours[:1:1], xbTech) },
		"a track twice": func(c *Config) { c.Ours = append(c.Ours, xaTech) },
	} {
		c := w.homes["XA"].config()
		change(&c)
		if _, err := New(context.Background(), c); reasonOf(err) != valisev1.Reason_REASON_BAD_CONFIG {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := w.homes["XA"].config()
	c.Realm = "operational"
	if _, err := New(context.Background(), c); reasonOf(err) != valisev1.Reason_REASON_WRONG_REALM {
		t.Errorf("an invented State in operation: %v", err)
	}
}
