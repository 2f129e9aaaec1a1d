package history

import (
	"slices"
	"testing"
)

// TestAMessageThatWasMadeAgainWasSentThen: XA's disk went back without a word, and its first message was
// made again in the epoch that followed, because XB holds another under its number. It may be shown
// after what was asked for later; but only where a disk went back, and it was made again.
func TestAMessageThatWasMadeAgainWasSentThen(t *testing.T) {
	for _, c := range []struct {
		name              string
		madeAgain, backed bool
		findings          int
	}{{"it was", true, true, 0}, {"it was not", false, true, 1}, {"no disk went back", true, false, 1}} {
		t.Run(c.name, func(t *testing.T) {
			s := story()
			i, j := index(t, s, Shown, at("XB", 0)), index(t, s, Shown, at("XB", 2))
			s[i].Place, s[j].Place = 2, 0
			s[i].Sequence, s[j].Sequence = 3, 1
			if c.madeAgain {
				again := s[index(t, s, Recorded, at("XA", 0))]
				again.Place, again.Digest = 3, "made again"
				s = slices.Insert(s, index(t, s, Converged, first), again)
			}
			if c.backed {
				s = slices.Insert(s, 1, Event{Event: WentBack, Node: "XB", Copy: "none"})
			}
			order := 0
			for _, f := range Check(s).Findings {
				if f.Rule == RuleOrder {
					order++
				}
			}
			if order != c.findings {
				t.Errorf("%d findings, want %d", order, c.findings)
			}
		})
	}
}
