package node

import (
	"log/slog"
	"time"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// reviewWarningsAt are how long before our entry is to be looked through people are told.
// docs/protocol.md §8.1
var reviewWarningsAt = []time.Duration{30 * 24 * time.Hour, 14 * 24 * time.Hour, 3 * 24 * time.Hour, 0}

// reviewLeft is how long there is until the entry of a State is to be looked through; false where it does
// not say when. A-8
func reviewLeft(s *directory.Snapshot, state ident.State, now time.Time) (by time.Time, left time.Duration, said bool) {
	entry, known := s.Entry(state)
	if !known || entry.GetReviewBy() == nil {
		return time.Time{}, 0, false
	}
	by = entry.GetReviewBy().AsTime()
	return by, by.Sub(now), true
}

// reviewWarnings tell our desk that our own entry is to be looked through soon. Nothing is refused after
// that day. A-8
func (n *Node) reviewWarnings(snapshot *directory.Snapshot) []*valisev1.StandingWarning {
	by, left, said := reviewLeft(snapshot, n.config.State, n.now())
	switch {
	case !said || left > reviewWarningsAt[0]:
		return nil
	case left > 0:
		return []*valisev1.StandingWarning{warn(valisev1.Warning_WARNING_REVIEW_DUE, withDay("day", by))}
	}
	return []*valisev1.StandingWarning{warn(valisev1.Warning_WARNING_REVIEW_PASSED, withDay("day", by))}
}

// warnOfReview writes the same to the log 30, 14 and 3 days ahead and on the day; once each.
func (n *Node) warnOfReview() {
	level := 0
	if _, left, said := reviewLeft(n.book.Snapshot(), n.config.State, n.now()); said {
		for i, at := range reviewWarningsAt {
			if left <= at {
				level = i + 1
			}
		}
	}
	if level > n.warnedReview {
		n.log.Warn("our entry in the directory is to be looked through soon, or was", slog.Int("days", int(reviewWarningsAt[level-1]/(24*time.Hour))))
	}
	n.warnedReview = level
}
