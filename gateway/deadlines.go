package gateway

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// OwnRule is within how long our own desk wishes to act, by the level that the peer asked for; a
// level that is missing has none. An inquiry without a level counts as routine. It binds nobody,
// and the peer is told nothing of it. docs/protocol.md §12.7
type OwnRule struct {
	Acknowledge, Answer map[valisev1.Urgency]time.Duration
}

// deadlines are what our side may do by when in a thread: what the peer asked, what we promised and
// what our own rule says stand apart and are never one. Where we ask there is none, for nothing is a
// peer's duty (A-10 s2); where our side has done its part, or the thread goes on elsewhere, neither.
// docs/protocol.md §12.7
func deadlines(th *valisev1.Thread, rule OwnRule, now time.Time) []*valisev1.Deadline {
	if !waitsForOurs(th) {
		return nil
	}
	var out []*valisev1.Deadline
	add := func(is valisev1.DeadlineType, at time.Time) {
		out = append(out, &valisev1.Deadline{Type: is, At: timestamppb.New(at), Passed: at.Before(now)})
	}
	if asked := th.GetNeededBy(); asked != nil {
		add(valisev1.DeadlineType_DEADLINE_TYPE_ASKED, asked.AsTime()) // I-3
	}
	if promised := th.GetEstimate(); promised != nil {
		add(valisev1.DeadlineType_DEADLINE_TYPE_PROMISED, promised.AsTime())
	}
	if th.GetOpening() == valisev1.Kind_KIND_PING {
		return out // our own rule is about inquiries
	}
	opened, level := th.GetOpened().AsTime(), levelOf(th)
	if within := rule.Acknowledge[level]; within > 0 && lastOpen(th) == stateReceived {
		add(valisev1.DeadlineType_DEADLINE_TYPE_OWN_ACKNOWLEDGE, opened.Add(within))
	}
	if within := rule.Answer[level]; within > 0 {
		add(valisev1.DeadlineType_DEADLINE_TYPE_OWN_ANSWER, opened.Add(within))
	}
	return out
}

// waitsForOurs reports whether a peer's inquiry has no answer of ours yet and goes on here.
func waitsForOurs(th *valisev1.Thread) bool {
	if th.GetOutbound() || isClosed(th) || th.GetOursDone().GetAnswered() || th.GetPruned() != nil {
		return false
	}
	if th.GetOpening() == valisev1.Kind_KIND_VOLUNTARY_NOTICE {
		return false // it asks nothing. A-9b s3
	}
	switch th.GetState() {
	case stateReceived, stateAcknowledged, stateHolding:
		return true
	}
	return false
}

// levelOf is the level asked for; routine where none was. I-3
func levelOf(th *valisev1.Thread) valisev1.Urgency {
	level := valisev1.Urgency(valisev1.Urgency_value[th.GetTimeSensitivity()])
	if level == valisev1.Urgency_URGENCY_UNSPECIFIED {
		return valisev1.Urgency_URGENCY_ROUTINE
	}
	return level
}

// promise is when an estimate of ours is at risk, which is when three quarters of its time have
// passed, and when it has passed; false where there is none that still counts. A communication check
// that nobody of ours has answered is called for in the same way. s2
func promise(th *valisev1.Thread) (atRisk, passed time.Time, ok bool) {
	if th.GetOpening() == valisev1.Kind_KIND_PING && waitsForOurs(th) && th.GetNeededBy() != nil {
		return threeQuarters(th.GetOpened().AsTime(), th.GetNeededBy().AsTime())
	}
	if !waitsForOurs(th) || th.GetEstimate() == nil || th.GetEstimateGiven() == nil {
		return atRisk, passed, false
	}
	return threeQuarters(th.GetEstimateGiven().AsTime(), th.GetEstimate().AsTime())
}

func threeQuarters(given, until time.Time) (atRisk, passed time.Time, ok bool) {
	return given.Add(until.Sub(given) / 4 * 3), until, true
}
