package gateway

import (
	"context"
	"slices"
	"testing"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// linkAtHome links threads as an act of the node does.
func (h *home) linkAtHome(by hand, threads ...string) error {
	return h.g.update(context.Background(), "link", func(w *work) error {
		var list []*valisev1.Thread
		for _, id := range threads {
			th, err := w.findThread(Actor{}, id)
			if err != nil {
				return err
			}
			list = append(list, th)
		}
		return w.link(by, list...)
	})
}

// linkedWith are the ids of what a thread is linked with, in order.
func (h *home) linkedWith(thread string) (ids []string) {
	for _, other := range h.thread(thread).GetThread().GetLinked() {
		ids = append(ids, other.GetThread())
	}
	slices.Sort(ids)
	return ids
}

func sorted(ids ...string) []string { return slices.Sorted(slices.Values(ids)) }

// Threads that were linked in two links are in one afterwards, also after a start and after the
// thread was stepped anew; the peers have no trace of it. A-9 s3
func TestLinksMerge(t *testing.T) {
	w := newWorld(t, "XA", "XB", "XC")
	xa := w.homes["XA"]
	var threads []string
	for _, to := range []string{"XB", "XC", "XB", "XC", "XB"} {
		threads = append(threads, xa.inquire(mustAddress(to+"/technical"), "x").GetThread())
	}
	w.converge()
	before := [2]int{len(w.homes["XB"].store.items), len(w.homes["XC"].store.items)}
	link := func(threads ...string) {
		t.Helper()
		if err := xa.linkAtHome(hand{officer: "duty", role: "duty_officer"}, threads...); err != nil {
			t.Fatal(err)
		}
	}
	link(threads[0], threads[1])
	link(threads[2], threads[3], threads[4])
	link(threads[1], threads[2])
	all := sorted(threads...)
	for _, thread := range threads {
		if got, want := xa.linkedWith(thread), slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == thread }); !slices.Equal(got, want) {
			t.Errorf("%.8s is linked with %v, want %v", thread, got, want)
		}
	}
	items := len(xa.store.items)
	link(threads...)
	if len(xa.store.items) != items {
		t.Error("what is linked was linked again")
	}
	xa.start()
	if err := xa.g.update(context.Background(), "replay", func(w *work) error {
		th, err := w.findThread(Actor{}, threads[0])
		if err != nil {
			return err
		}
		if err := w.replayThread(th); err != nil {
			return err
		}
		return w.saveThread(th)
	}); err != nil {
		t.Fatal(err)
	}
	if got := xa.linkedWith(threads[0]); len(got) != 4 {
		t.Errorf("after a start and a replay %d are linked", len(got))
	}
	w.converge()
	if after := [2]int{len(w.homes["XB"].store.items), len(w.homes["XC"].store.items)}; after != before {
		t.Errorf("the peers have %v items, and had %v", after, before)
	}
}

// Nothing is changed where too many threads would belong together. P7
func TestALinkIsBounded(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	var threads []string
	for range mostLinked + 1 {
		threads = append(threads, xa.inquire(xbTech, "x").GetThread())
	}
	wantReason(t, xa, valisev1.Reason_REASON_BAD_REQUEST, func() error { return xa.linkAtHome(hand{}, threads...) })
	if err := xa.linkAtHome(hand{}, threads[1:]...); err != nil {
		t.Fatal(err)
	}
	wantReason(t, xa, valisev1.Reason_REASON_BAD_REQUEST, func() error { return xa.linkAtHome(hand{}, threads[:2]...) })
	if got := xa.linkedWith(threads[0]); len(got) != 0 {
		t.Errorf("a thread is linked with %d although that was refused", len(got))
	}
}

// Every thread that a link touches has an item that names the others and who linked it; the one
// that only stands in the link already has none.
func TestALinkIsRecorded(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	a, b, c := xa.inquire(xbTech, "a").GetThread(), xa.inquire(xbTech, "b").GetThread(), xa.inquire(xbTech, "c").GetThread()
	for _, pair := range [][]string{{a, b}, {b, c}} {
		if err := xa.linkAtHome(hand{officer: "duty", role: "duty_officer"}, pair...); err != nil {
			t.Fatal(err)
		}
	}
	told := map[string]int{}
	for _, item := range xa.store.items {
		if item.GetType() != valisev1.ItemType_ITEM_TYPE_LINK {
			continue
		}
		for thread, id := range map[string]string{"a": a, "b": b, "c": c} {
			if xa.thread(id).GetThread().GetThread() == threadHex(item) {
				told[thread] += len(item.GetLink().GetThreads())
			}
		}
		if item.GetOfficer() != "duty" || item.GetRole() != "duty_officer" {
			t.Errorf("an item of a link was made by %q as %q", item.GetOfficer(), item.GetRole())
		}
	}
	if told["a"] != 1 || told["b"] != 3 || told["c"] != 2 {
		t.Errorf("the items name %v others", told)
	}
}

func threadHex(item *valisev1.Item) string {
	return idOf(&valisev1.Thread{Id: item.GetThread()}).String()
}

// A link may reach over both tracks. Whoever may not read the other one learns that there is a
// thread, and with whom, but not its title: that is content. A-9 s2, s3
func TestALinkShowsNoTitleOfAnotherTrack(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	tech, dip := xa.inquire(xbTech, "technical words").GetThread(), xa.inquire(xbDip, "diplomatic words").GetThread()
	if err := xa.linkAtHome(hand{}, tech, dip); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		actor Actor
		title string
	}{{on(ident.Technical), ""}, {officer, "diplomatic words"}} {
		shown, err := xa.g.Thread(context.Background(), c.actor, &valisev1.GetThreadRequest{Thread: tech})
		if err != nil {
			t.Fatal(err)
		}
		linked := shown.GetThread().GetLinked()
		if len(linked) != 1 || linked[0].GetThread() != dip || linked[0].GetTitle() != c.title {
			t.Errorf("%s sees %v", c.actor.Name, linked)
		}
	}
}
