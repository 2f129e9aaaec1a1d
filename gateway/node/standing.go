package node

import (
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// standingShown is how long after its beginning an epoch that followed a restore is told in the
// status of a node.
const standingShown = 30 * 24 * time.Hour

// standingWarnings says what this home does not know of its own past, and that it sends nothing
// because a copy of it runs. docs/protocol.md §7.6, P8
func standingWarnings(s *valisev1.Standing, now time.Time) (out []*valisev1.StandingWarning) {
	if s.GetStopped() {
		out = append(out, warn(valisev1.Warning_WARNING_COPY_RUNS, withTime("time", s.GetStoppedAt().AsTime())))
	}
	for _, life := range s.GetLives() {
		begun := life.GetBegun().AsTime()
		if now.Sub(begun) > standingShown {
			break
		}
		out = append(out, lifeWarning(life))
	}
	return out
}

// lifeWarning tells the span that is not known, and what of it came back from peers.
func lifeWarning(life *valisev1.HomeLife) *valisev1.StandingWarning {
	from, to := life.GetKnownUntil().AsTime(), life.GetBegun().AsTime()
	number, newest := life.GetRecovered(), life.GetRecoveredUntil().AsTime()
	switch {
	case life.GetProven() && number > 0:
		return warn(valisev1.Warning_WARNING_WENT_BACK_IN_PART, withTime("from", from), withTime("to", to), withNumber("number", number), withTime("newest", newest))
	case life.GetProven():
		return warn(valisev1.Warning_WARNING_WENT_BACK, withTime("from", from), withTime("to", to))
	case number > 0:
		return warn(valisev1.Warning_WARNING_RESTORED_IN_PART, withTime("from", from), withTime("to", to), withNumber("number", number), withTime("newest", newest))
	}
	return warn(valisev1.Warning_WARNING_RESTORED, withTime("from", from), withTime("to", to))
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
