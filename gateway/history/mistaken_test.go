package history

import (
	"slices"
	"testing"
)

// TestAWithdrawalThatWasForgotten: XA's disk went back to before m1 was withdrawn, and it counts m1
// as received for a moment. Only where a disk went back may it, and only if it knows better in the
// end.
func TestAWithdrawalThatWasForgotten(t *testing.T) {
	for _, c := range []struct {
		name            string
		knows, wentBack bool
		findings        int
	}{{"it knows better", true, true, 0}, {"it never does", false, true, 1}, {"no disk went back", true, false, 1}} {
		t.Run(c.name, func(t *testing.T) {
			s := story()
			s = slices.Delete(s, index(t, s, Receipt, first), index(t, s, Receipt, first)+1)
			i := index(t, s, Cleared, first)
			s[i].Message = "m1"
			if c.knows {
				s = slices.Insert(s, i+1, Event{Event: Withdrawn, Node: "XA", Message: "m1"})
			}
			if c.wentBack {
				s = slices.Insert(s, 1, Event{Event: WentBack, Node: "XB", Copy: "none"})
			}
			cleared := 0
			for _, f := range Check(s).Findings {
				if f.Rule == RuleCleared {
					cleared++
				}
			}
			if cleared != c.findings {
				t.Errorf("%d findings, want %d", cleared, c.findings)
			}
		})
	}
}
