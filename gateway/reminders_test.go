package gateway

import (
	"context"
	"fmt"
	"testing"
	"time"
)

const day = 24 * time.Hour

// checkDue fails unless the home says that a check of everybody is due, or is not.
func (h *home) checkDue(what string, want bool) {
	h.w.t.Helper()
	since, err := h.g.CheckDue(context.Background())
	if err != nil || since.IsZero() == want || since.After(h.w.now) {
		h.w.t.Errorf("%s: a check is due since %v, %v", what, since, err)
	}
}

// TestOurEntryIsCalledFor: 30, 14 and 3 days before the day that our entry names, and on it, the first
// is called, once each, also through restarts; a peer's day calls nobody who has none. A-8
func TestOurEntryIsCalledFor(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	review := w.now.Add(40 * day)
	xa.dir.review = &review
	w.callsOf(xa, nobodyQuiet)
	w.callsOf(xb, nobodyQuiet)
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{9 * day, ""}, {25 * time.Hour, "first"}, {15 * day, ""}, {day, "first"}, {10 * day, ""}, {day, "first"},
		{2 * day, ""}, {day, "first"}, {100 * day, ""},
	} {
		_, next, err := xa.g.CallDue(context.Background())
		if err != nil || next.IsZero() && w.now.Before(review) || next.After(review) {
			t.Errorf("it is looked again at %v, %v", next, err)
		}
		w.skip(c.after)
		xa.wantCalls(fmt.Sprint("after another ", c.after), c.want)
		xa.start()
		xa.wantCalls("after a restart", "")
		xb.wantCalls("the peer", "")
	}
	review = w.now.Add(15 * day)
	xa.wantCalls("a new day that is near", "first")
	xa.wantCalls("once", "")
	w.skip(2 * day)
	xa.wantCalls("14 days before the new day", "first")
}

// TestCheckOfEverybodyIsCalledFor: six calendar months after the last check of everybody the manager's
// people are called, once; nothing is asked in their place. A State is called only if it has begun to
// check. A-8 s1
func TestCheckOfEverybodyIsCalledFor(t *testing.T) {
	w := newWorld(t, "@global", "XA", "XB")
	manager, xa := w.homes[global], w.homes["XA"]
	w.callsOf(manager, nobodyQuiet)
	w.callsOf(xa, nobodyQuiet)
	began := w.now
	for range 2 { // of one is none of everybody
		manager.check(xaTech.String())
		w.skip(30 * day)
	}
	manager.wantCalls("one was checked", "")
	for _, last := range []string{"the record began", "the first check", "the second check"} {
		w.now = addMonths(began, checksEvery).Add(-time.Second)
		manager.wantCalls("before six months are over since "+last, "")
		manager.checkDue("before six months are over", false)
		w.skip(time.Second)
		items := len(manager.store.items)
		manager.wantCalls("six months since "+last, "first")
		manager.checkDue("after six months", true)
		manager.start()
		w.skip(30 * day)
		manager.wantCalls("a month later", "")
		if asked := len(manager.store.items) - items; asked != 1 {
			t.Errorf("%d items came of a call, want the call's own", asked)
		}
		began = w.now
		manager.check()
		manager.checkDue("it was begun", false)
		manager.wantCalls("it was begun", "")
	}
	w.now = addMonths(w.now, 5)
	xa.checkDue("a State that checks nobody", false)
}

// TestUndoneHoldsAllQuietBack: the daily sign says that nothing needs anybody, and is not given while the
// day of our entry has passed or a check is due. docs/protocol.md §12.7
func TestUndoneHoldsAllQuietBack(t *testing.T) {
	w := newWorld(t, "@global", "XA", "XB")
	manager := w.homes[global]
	rules := nobodyQuiet
	rules.Quiet = 8 * time.Hour
	w.callsOf(manager, rules)
	manager.wantCalls("the first start", "all quiet")
	w.now = addMonths(w.now, checksEvery).Add(-time.Hour)
	manager.wantCalls("the day before", "all quiet")
	w.skip(day)
	manager.wantCalls("a check is due", "first")
	w.skip(day)
	manager.wantCalls("it still is", "")
	manager.check()
	manager.wantCalls("it was begun", "all quiet")
	review := w.now.Add(-time.Hour)
	manager.dir.review = &review
	w.skip(day)
	manager.wantCalls("the day of our entry has passed", "first")
	manager.wantCalls("once", "")
	review = w.now.Add(300 * day)
	manager.wantCalls("a new day", "all quiet")
}
