package gateway

import (
	"context"
	"slices"
	"testing"

	"pgregory.net/rapid"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

func (h *home) linkThreads(a Actor, end bool, thread string, with ...string) error {
	_, err := h.g.LinkThreads(context.Background(), a, &valisev1.LinkThreadsRequest{Thread: thread, With: with, End: end})
	return err
}

// Whatever is linked and parted in whatever order: every thread shows the others of its group, as
// plain sets would have it, and none else.
func TestLinksAreGroups(t *testing.T) {
	w := newWorld(t, "XA", "XB")
	xa := w.homes["XA"]
	var threads []string
	for range 6 {
		threads = append(threads, xa.inquire(xbTech, "x").GetThread())
	}
	groups := map[string]map[string]bool{}
	for _, id := range threads {
		groups[id] = map[string]bool{id: true}
	}
	rapid.Check(t, func(rt *rapid.T) {
		drawn := rapid.SliceOfNDistinct(rapid.SampledFrom(threads), 2, 4, rapid.ID[string]).Draw(rt, "threads")
		end := rapid.Bool().Draw(rt, "end")
		alone := end && rapid.Bool().Draw(rt, "alone")
		if alone {
			drawn = drawn[:1]
		}
		err := xa.linkThreads(officer, end, drawn[0], drawn[1:]...)
		if wrong := steppedGroups(groups, end, drawn); wrong != (err != nil) {
			rt.Fatalf("end %v of %v in %v: %v", end, drawn, groups, err)
		}
		for _, id := range threads {
			want := make([]string, 0, len(groups[id]))
			for other := range groups[id] {
				if other != id {
					want = append(want, other)
				}
			}
			slices.Sort(want)
			if got := xa.linkedWith(id); !slices.Equal(got, want) {
				rt.Fatalf("%.8s is linked with %v, want %v", id, got, want)
			}
		}
	})
}

// steppedGroups does the same with plain sets; wrong tells that it must be refused.
func steppedGroups(groups map[string]map[string]bool, end bool, drawn []string) (wrong bool) {
	if !end {
		all := map[string]bool{}
		for _, id := range drawn {
			for other := range groups[id] {
				all[other] = true
			}
		}
		for id := range all {
			groups[id] = all
		}
		return false
	}
	group, leaving := groups[drawn[0]], drawn[1:]
	if len(leaving) == 0 {
		leaving = drawn
	}
	for _, id := range leaving {
		if len(group) < 2 || !group[id] {
			return true
		}
	}
	for _, id := range leaving {
		delete(group, id)
		groups[id] = map[string]bool{id: true}
	}
	return false
}

// Who parts threads leaves an item at each that leaves, and at the one named, with what it was
// linked with; nothing of it reaches a peer. A-9 s3
func TestPartingIsRecorded(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	a, b, c := xa.inquire(xbTech, "a").GetThread(), xa.inquire(xbTech, "b").GetThread(), xa.inquire(xbDip, "c").GetThread()
	w.converge()
	before := len(w.homes["XB"].store.items)
	if err := xa.linkThreads(officer, false, a, b[:8], c); err != nil {
		t.Fatal(err)
	}
	first := len(xa.store.items)
	if err := xa.linkThreads(officer, true, a, c); err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	for _, item := range xa.store.items[first:] {
		if !item.GetLink().GetEnded() || item.GetOfficer() != "duty" {
			t.Errorf("an item of the parting is %v", item)
		}
		told[threadHex(item)] = len(item.GetLink().GetThreads())
	}
	if len(told) != 2 || told[a] != 1 || told[c] != 2 {
		t.Errorf("the parting tells %v", told)
	}
	xa.start()
	w.converge()
	if got := xa.linkedWith(a); !slices.Equal(got, []string{b}) || len(w.homes["XB"].store.items) != before {
		t.Errorf("a is linked with %v; XB has %d items, had %d", got, len(w.homes["XB"].store.items), before)
	}
	// The last of a link is in none.
	if err := xa.linkThreads(officer, true, a, b); err != nil {
		t.Fatal(err)
	}
	wantReason(t, xa, valisev1.Reason_REASON_NOT_IN_THIS_STATE, func() error { return xa.linkThreads(officer, true, a) })
}

func TestLinksThatAreRefused(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	a, b, dip := xa.inquire(xbTech, "a").GetThread(), xa.inquire(xbTech, "b").GetThread(), xa.inquire(xbDip, "c").GetThread()
	for name, c := range map[string]struct {
		actor Actor
		end   bool
		with  []string
		want  valisev1.Reason
	}{
		"a clearer":           {clearer, false, []string{b}, valisev1.Reason_REASON_NOT_PERMITTED},
		"nothing":             {officer, false, nil, valisev1.Reason_REASON_BAD_REQUEST},
		"itself":              {officer, false, []string{a}, valisev1.Reason_REASON_BAD_REQUEST},
		"no such thread":      {officer, false, []string{"00000000"}, valisev1.Reason_REASON_NOT_FOUND},
		"another track":       {on(ident.Technical), false, []string{dip}, valisev1.Reason_REASON_NOT_FOUND},
		"65 others":           {officer, false, slices.Repeat([]string{b}, 65), valisev1.Reason_REASON_BAD_REQUEST},
		"parting, not linked": {officer, true, nil, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		"parting from one":    {officer, true, []string{b}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
	} {
		t.Run(name, func(t *testing.T) {
			wantReason(t, xa, c.want, func() error { return xa.linkThreads(c.actor, c.end, a, c.with...) })
		})
	}
}
