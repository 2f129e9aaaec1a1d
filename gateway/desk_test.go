package gateway

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// listed reads all pages of a list, and what each said of the whole.
func (h *home) listed(a Actor, r *valisev1.ListThreadsRequest) (out []*valisev1.ThreadView, total uint64) {
	h.w.t.Helper()
	r = proto.CloneOf(r)
	for {
		page, err := h.g.Threads(context.Background(), a, r)
		if err != nil {
			h.w.t.Fatal(err)
		}
		if len(page.GetThreads()) > pageSize(r.GetPageSize()) {
			h.w.t.Fatalf("a page of %d holds %d", r.GetPageSize(), len(page.GetThreads()))
		}
		out, total = append(out, page.GetThreads()...), page.GetNeedsUsTotal()
		if r.PageToken = page.GetNextPageToken(); r.PageToken == "" {
			return out, total
		}
	}
}

func ids(list []*valisev1.ThreadView) (out []string) {
	for _, v := range list {
		out = append(out, v.GetThread())
	}
	return out
}

// dueOf is what a list by deadline goes by, as a view says it.
func dueOf(v *valisev1.ThreadView) (deadline, since time.Time) {
	deadline = time.Unix(1<<40, 0)
	for _, d := range v.GetDeadlines() {
		if at := d.GetAt().AsTime(); at.Before(deadline) {
			deadline = at
		}
	}
	if v.GetUnopenedSince() != nil {
		return deadline, v.GetUnopenedSince().AsTime()
	}
	return deadline, v.GetOpened().AsTime()
}

// assertDesk holds the index against a scan of every thread: which ones need our side, how many, and in
// which order, for officers of every track. The list by change reads each thread and no index.
func assertDesk(h *home) {
	h.w.t.Helper()
	for track, on := range map[string][]ident.Track{"both": nil, "diplomatic": {ident.Diplomatic}, "technical": {ident.Technical}} {
		a := officer
		a.Tracks = on
		all, total := h.listed(a, &valisev1.ListThreadsRequest{PageSize: 500})
		var needing, others []*valisev1.ThreadView
		for _, v := range all {
			if len(v.GetNeeds()) > 0 {
				needing = append(needing, v)
			} else {
				others = append(others, v)
			}
		}
		if total != uint64(len(needing)) {
			h.w.t.Fatalf("%s on %s: %d are said to need us, %d do", h.state, track, total, len(needing))
		}
		want := map[string][]string{"needing by change": ids(needing)}
		slices.SortFunc(needing, func(x, y *valisev1.ThreadView) int {
			xd, xs := dueOf(x)
			yd, ys := dueOf(y)
			return cmp.Or(xd.Compare(yd), xs.Compare(ys), cmp.Compare(x.GetThread(), y.GetThread()))
		})
		want["needing by deadline"], want["all by deadline"] = ids(needing), ids(append(slices.Clone(needing), others...))
		for name, r := range map[string]*valisev1.ListThreadsRequest{
			"needing by change":   {NeedsUs: true},
			"needing by deadline": {NeedsUs: true, Order: byDeadline},
			"all by deadline":     {Order: byDeadline},
		} {
			for _, size := range []int32{2, 500} {
				r.PageSize = size
				if got, _ := h.listed(a, r); !slices.Equal(ids(got), want[name]) {
					h.w.t.Fatalf("%s on %s lists %s, %d a page, as %v, want %v", h.state, track, name, size, ids(got), want[name])
				}
			}
		}
	}
}

func (w *world) assertDesks() {
	for _, s := range w.order {
		if h := w.homes[s]; h.store.fail == nil { // whose store fails learns nothing until it starts anew
			assertDesk(h)
		}
	}
}

// needsOf is what a home says that it needs to do in a thread, as words.
func (h *home) needsOf(thread string) string {
	h.w.t.Helper()
	assertDesk(h)
	return fmt.Sprint(h.thread(thread).GetThread().GetNeeds())
}

// TestNeeds plays what either side may do, and asks each time what our side still needs to do.
// docs/protocol.md §12.8
func TestNeeds(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.inquire(xbTech, "x")
	id := sent.GetThread()
	want := func(what, ofXA, ofXB string) {
		t.Helper()
		w.converge()
		if a, b := xa.needsOf(id), xb.needsOf(id); a != "["+ofXA+"]" || b != "["+ofXB+"]" {
			t.Errorf("%s: XA needs %s, want [%s]; XB needs %s, want [%s]", what, a, ofXA, b, ofXB)
		}
	}
	open := func(h *home) {
		t.Helper()
		if _, err := h.g.OpenThread(context.Background(), officer, &valisev1.OpenThreadRequest{Thread: id}); err != nil {
			t.Fatal(err)
		}
	}
	want("it came", "", "NEED_OPEN NEED_ACKNOWLEDGE")
	open(xb)
	want("it was opened", "", "NEED_ACKNOWLEDGE")
	xb.reply(id, &valisev1.Acknowledgement{})
	want("it was acknowledged", "NEED_OPEN", "NEED_ANSWER")
	xb.reply(id, &valisev1.HoldingReply{})
	open(xa)
	want("they look into it", "NEED_OPEN NEED_ACKNOWLEDGE", "NEED_ANSWER")
	xa.reply(id, &valisev1.ChannelProposal{Channels: []*valisev1.Channel{{Kind: "valise"}}})
	open(xa)
	want("a channel was proposed", "", "NEED_OPEN NEED_ACKNOWLEDGE NEED_ANSWER NEED_CHANNEL")
	open(xb)
	xb.reply(id, &valisev1.ChannelAnswer{Decision: valisev1.ChannelDecision_CHANNEL_DECISION_COUNTER, Channel: &valisev1.Channel{Kind: "valise"}})
	open(xa)
	want("another was proposed", "NEED_OPEN NEED_ACKNOWLEDGE NEED_CHANNEL", "NEED_ANSWER")
	xa.reply(id, &valisev1.ChannelAnswer{Decision: valisev1.ChannelDecision_CHANNEL_DECISION_ACCEPT})
	xa.reply(id, &valisev1.ConsentRequest{ThirdParty: cert, Messages: [][]byte{digestNamed(t, xa, sent.GetMessage())}})
	open(xa)
	want("a consent is asked", "", "NEED_OPEN NEED_ACKNOWLEDGE NEED_ANSWER NEED_DECIDE")
	open(xb)
	xb.reply(id, &valisev1.ConsentDecision{})
	xb.reply(id, &valisev1.Response{Outcome: valisev1.Outcome_OUTCOME_PARTIAL})
	want("it was answered", "NEED_OPEN NEED_ACKNOWLEDGE", "")
	xa.reply(id, &valisev1.Acknowledgement{})
	xa.reply(id, &valisev1.Closure{})
	want("it was closed", "", "NEED_OPEN")
}

func digestNamed(t *testing.T, h *home, message string) (d []byte) {
	t.Helper()
	if err := h.g.view(context.Background(), "test", func(w *work) error {
		p, err := w.findMessage(officer, message)
		d = p.digest[:]
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestNeedsOfDraftsAndClearance: what waits at home is found at home. A-9 s4
func TestNeedsOfDraftsAndClearance(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	xa.four[ident.Technical] = true
	draft := xa.send(drafter, &valisev1.SendOptions{Draft: true})
	want := func(what, needs string) {
		t.Helper()
		if got := xa.needsOf(draft.GetThread()); got != "["+needs+"]" {
			t.Errorf("%s: it needs %s, want [%s]", what, got, needs)
		}
	}
	want("a draft", "NEED_REVISE")
	if _, err := xa.clear(officer, draft.GetMessage()); err != nil {
		t.Fatal(err)
	}
	want("submitted", "NEED_CLEAR")
	if _, err := xa.g.SendBack(context.Background(), clearer, &valisev1.SendBackMessageRequest{Message: draft.GetMessage(), Note: "say less"}); err != nil {
		t.Fatal(err)
	}
	want("sent back", "NEED_REVISE")
	for _, a := range []Actor{officer, clearer} {
		if _, err := xa.clear(a, draft.GetMessage()); err != nil {
			t.Fatal(err)
		}
	}
	want("released", "")
	// Nothing but time passes, and nothing is written: the desk tells it all the same.
	w.now = w.now.Add(undeliveredAfter)
	want("an hour", "")
	w.now = w.now.Add(time.Nanosecond)
	want("more than an hour", "NEED_CALL")
	w.now = w.now.Add(-undeliveredAfter)
	want("the clock was put back", "")
	w.converge()
	w.now = w.now.Add(2 * undeliveredAfter)
	want("it arrived", "")
}

// TestNeedsOfACheck: a person answers it, and an acknowledgement is no answer. A-8
func TestNeedsOfACheck(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	id := xa.check("XB/technical").GetSent()[0].GetThread()
	w.converge()
	if a, b := xa.needsOf(id), xb.needsOf(id); a != "[]" || b != "[NEED_OPEN NEED_CHECK]" {
		t.Errorf("asked: XA needs %s, XB needs %s", a, b)
	}
	xb.reply(id, &valisev1.PingReply{EntryCorrect: true})
	w.converge()
	if a, b := xa.needsOf(id), xb.needsOf(id); a != "[NEED_OPEN]" || b != "[NEED_OPEN]" {
		t.Errorf("answered: XA needs %s, XB needs %s", a, b)
	}
}

// TestRelistNotesWhatIsAsked: a record that a program without needs wrote tells them once it is listed
// anew. docs/protocol.md §9.5
func TestRelistNotesWhatIsAsked(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.inquire(xbTech, "x")
	w.converge()
	xb.reply(sent.GetThread(), &valisev1.HoldingReply{})
	w.converge()
	xa.reply(sent.GetThread(), &valisev1.ConsentRequest{ThirdParty: cert, Messages: [][]byte{digestNamed(t, xa, sent.GetMessage())}})
	xa.reply(sent.GetThread(), &valisev1.ChannelProposal{Channels: []*valisev1.Channel{{Kind: "valise"}}})
	w.converge()
	want := xb.needsOf(sent.GetThread())
	if err := xb.g.update(context.Background(), "test", func(wk *work) error {
		th, err := wk.findThread(officer, sent.GetThread())
		if err != nil {
			return err
		}
		th.ConsentsAsked, th.ChannelAsked, th.Followed = nil, nil, 0
		return wk.saveThread(th)
	}); err != nil {
		t.Fatal(err)
	}
	if got := xb.needsOf(sent.GetThread()); got == want {
		t.Fatalf("without what is asked it needs %s as well", got)
	}
	xb.relist()
	if got := xb.needsOf(sent.GetThread()); got != want {
		t.Errorf("listed anew it needs %s, want %s", got, want)
	}
}

// TestPageTokensOfThreads: what no page gave is refused, in every list. docs/protocol.md §12
func TestPageTokensOfThreads(t *testing.T) {
	xa := newWorld(t).homes["XA"]
	for _, r := range []*valisev1.ListThreadsRequest{
		{PageToken: "o1"}, {PageToken: "x"}, {NeedsUs: true, PageToken: "o1"}, {NeedsUs: true, Order: byDeadline, PageToken: "o1"},
		{Order: byDeadline, PageToken: "1"}, {Order: byDeadline, PageToken: "o"}, {Order: byDeadline, PageToken: "ox"},
		{Order: byDeadline, PageToken: "00"}, {Order: 9},
	} {
		if _, err := xa.g.Threads(context.Background(), officer, r); reasonOf(err) != valisev1.Reason_REASON_BAD_REQUEST {
			t.Errorf("%v gave %v", r, err)
		}
	}
}

// asked lets XA ask XB, with a time that it would like to have the answer by; zero: none.
func (h *home) asked(to ident.Address, by time.Duration) string {
	h.w.t.Helper()
	q := inquiry("x")
	if by != 0 {
		q.TimeSensitivity = &valisev1.TimeSensitivity{Level: valisev1.Urgency_URGENCY_ROUTINE, NeededBy: timestamppb.New(h.w.now.Add(by))}
	}
	s, err := h.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: to.String(), Inquiry: q})
	if err != nil {
		h.w.t.Fatal(err)
	}
	h.w.now = h.w.now.Add(time.Second)
	h.w.converge()
	return s.GetThread()
}

// TestTheDeskGoesByDeadlines: the nearest deadline of our side is first, then what waits longest; who is
// on one track counts what is of it; and a desk that lives on agrees with one that begins anew, after an
// opening, an answer and a removal by the retention rule. docs/protocol.md §12.8
func TestTheDeskGoesByDeadlines(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	keepFor(w, "XB")
	old := xa.asked(xbTech, 0)
	late := xa.asked(xbTech, 48*time.Hour)
	soon := xa.asked(xbTech, time.Hour)
	young := xa.asked(xbTech, 0)
	other := xa.asked(xbDip, 2*time.Hour)
	want := func(what string, a Actor, threads ...string) {
		t.Helper()
		got, total := xb.listed(a, &valisev1.ListThreadsRequest{NeedsUs: true, Order: byDeadline, PageSize: 2})
		if !slices.Equal(ids(got), threads) || total != uint64(len(threads)) {
			t.Errorf("%s: %v, %d in all, want %v", what, ids(got), total, threads)
		}
		assertDesk(xb)
	}
	technical := Actor{Name: officer.Name, Roles: officer.Roles, Tracks: []ident.Track{ident.Technical}}
	want("all came", officer, soon, other, late, old, young)
	want("of one track", technical, soon, late, old, young)
	xb.reply(soon, &valisev1.Response{Outcome: valisev1.Outcome_OUTCOME_PARTIAL})
	if _, err := xb.g.OpenThread(context.Background(), officer, &valisev1.OpenThreadRequest{Thread: soon}); err != nil {
		t.Fatal(err)
	}
	w.converge()
	want("one is answered", technical, late, old, young)
	xb.reply(soon, &valisev1.Closure{})
	w.converge()
	w.now = w.now.Add(72 * time.Hour)
	if xb.prune().GetPruned().GetThreads() != 1 {
		t.Fatal("nothing was removed")
	}
	want("one was removed", officer, other, late, old, young)
	list, _ := xb.listed(officer, &valisev1.ListThreadsRequest{Order: byDeadline, PageSize: 2})
	if got := ids(list); !slices.Equal(got, []string{other, late, old, young, soon}) {
		t.Errorf("with the others after them: %v", got)
	}
	xb.start()
	want("it began anew", officer, other, late, old, young)
}

// BenchmarkDesk is what the home page of an officer costs: what needs us by deadline, and what changed,
// a page of each, after something has happened. Every thread of the larger desk needs somebody.
func BenchmarkDesk(b *testing.B) {
	for _, threads := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(threads), func(b *testing.B) {
			xb := newWorld(b).homes["XB"]
			var last *valisev1.Thread
			fill := func(w *work) error {
				for i := range threads {
					id := ident.ThreadID{byte(i >> 8), byte(i), 1}
					th := &valisev1.Thread{
						Id: id[:], Ours: xbTech.String(), Peer: xaTech.String(), State: stateReceived, Title: "x", Inquiry: make([]byte, 32), Opening: valisev1.Kind_KIND_INQUIRY,
						Opened: timestamppb.New(start), Changed: timestamppb.New(start), NeededBy: timestamppb.New(start.Add(time.Duration(i*7919%threads) * time.Second)),
					}
					if _, err := w.append(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_NOTE, Thread: id[:]}); err != nil {
						return err
					}
					if err := w.saveThread(th); err != nil {
						return err
					}
					last = th
				}
				return nil
			}
			if err := xb.g.update(b.Context(), "bench", fill); err != nil {
				b.Fatal(err)
			}
			page := func(r *valisev1.ListThreadsRequest) {
				if out, err := xb.g.Threads(b.Context(), officer, r); err != nil || len(out.GetThreads()) != 50 || out.GetNeedsUsTotal() != uint64(threads) {
					b.Fatal(len(out.GetThreads()), out.GetNeedsUsTotal(), err)
				}
			}
			page(&valisev1.ListThreadsRequest{PageSize: 50})
			for b.Loop() {
				if err := xb.g.update(b.Context(), "bench", func(w *work) error { return w.saveThread(last) }); err != nil {
					b.Fatal(err)
				}
				page(&valisev1.ListThreadsRequest{PageSize: 50, NeedsUs: true, Order: byDeadline})
				page(&valisev1.ListThreadsRequest{PageSize: 50})
			}
		})
	}
}
