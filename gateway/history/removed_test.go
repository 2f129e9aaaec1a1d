package history

import (
	"slices"
	"testing"
)

// TestWhatTheRetentionRuleTakes: XA has closed its thread, XB has signed for all of it, and XA removes an
// item. Each other row is one thing that makes it a fault.
func TestWhatTheRetentionRuleTakes(t *testing.T) {
	closure := func(node string) Event {
		return Event{Event: Recorded, Node: node, Direction: Sent, Place: 3, From: node, To: "XB", Message: "mc", Digest: "dc", Thread: "t", Kind: 18, Epoch: "e", Sequence: 9}
	}
	removed := Event{Event: Removed, Node: "XA", Place: 1}
	more := Event{Event: Recorded, Node: "XA", Direction: Received, Place: 4, From: "XB", Message: "mm", Digest: "dm", Thread: "t", Kind: 10, Epoch: "e", Sequence: 1}
	for name, c := range map[string]struct {
		found  int
		events []Event
		shows  bool
		unpaid bool
	}{
		"closed and signed for":       {0, []Event{closure("XA"), removed}, false, false},
		"never closed":                {1, []Event{removed}, false, false},
		"closed by the peer":          {1, []Event{func() Event { e := closure("XA"); e.Direction, e.From = Received, "XB"; return e }(), removed}, false, false},
		"opened again":                {1, []Event{closure("XA"), more, removed}, false, false},
		"nobody signed for it":        {1, []Event{closure("XA"), removed}, false, true},
		"shown although it is gone":   {1, []Event{closure("XA"), removed}, true, false},
		"a place that has no message": {0, []Event{{Event: Removed, Node: "XA", Place: 7}}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := story()
			for i := range s {
				if s[i].Event == Recorded {
					s[i].To = "XB"
				}
			}
			if !c.shows {
				s = slices.DeleteFunc(s, func(e Event) bool { return e.Event == Shown && e.Node == "XA" && e.Message == "m2" })
			}
			if c.unpaid {
				i := index(t, s, Receipt, func(e *Event) bool { return len(e.Digests) == 2 })
				s[i].Digests = s[i].Digests[1:]
			}
			s = slices.Insert(s, index(t, s, Converged, first), c.events...)
			found := 0
			for _, f := range Check(s).Findings {
				if f.Rule == RuleRemoved {
					found++
				}
			}
			if found != c.found {
				t.Errorf("%d findings of %v, want %d", found, Check(s).Findings, c.found)
			}
		})
	}
}

// TestWhatNoDiskHasTheContentOfIsLost: XB goes back to before m3 came, and XA has removed that: nobody can
// give it back. Where XA still has it, it must come.
func TestWhatNoDiskHasTheContentOfIsLost(t *testing.T) {
	for _, gone := range []bool{true, false} {
		s := story()
		at3 := index(t, s, Recorded, func(e *Event) bool { return e.Node == "XB" && e.Message == "m3" })
		s = slices.Insert(s, at3, Event{Event: Saved, Node: "XB", Copy: "before"})
		back := []Event{{Event: WentBack, Node: "XB", Copy: "before"}}
		if gone {
			back = append(back, Event{Event: Removed, Node: "XA", Place: 2})
		}
		s = slices.Insert(s, index(t, s, Converged, first), back...)
		lost := 0
		for _, f := range Check(s).Findings {
			if f.Rule == RuleOnce {
				lost++
			}
		}
		if want := map[bool]int{true: 0, false: 1}[gone]; lost != want {
			t.Errorf("removed at its sender %v: %d findings, want %d", gone, lost, want)
		}
	}
}
