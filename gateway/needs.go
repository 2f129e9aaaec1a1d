package gateway

import (
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// leaving is what of our own in a thread has not reached the peer.
type leaving struct {
	stopped, draft, pending bool
	// since is when the oldest released message without a receipt was made; zero for none.
	since time.Time
}

// leaving reads the rows of a thread in the outbox.
func (w *work) leaving(th *valisev1.Thread) (l leaving, err error) {
	err = w.tx.Rows(tableThreadOut, th.GetId(), 0, false, func(n uint64, _ []byte) (bool, error) {
		row, err := w.loadRow(n)
		if err != nil {
			return false, err
		}
		l.stopped = l.stopped || isStopped(row)
		switch row.GetStage() {
		case valisev1.Stage_STAGE_DRAFT:
			l.draft = true
		case valisev1.Stage_STAGE_PENDING_CLEARANCE:
			l.pending = true
		}
		created := row.GetCreated().AsTime()
		released := row.GetSequence() > 0 && row.GetKind() != valisev1.Kind_KIND_VOID
		if released && (l.since.IsZero() || created.Before(l.since)) {
			l.since = created
		}
		return true, nil
	})
	return l, err
}

// late reports whether a released message has waited for its receipt for so long that a call or an
// email may be the faster way. I-1
func (l leaving) late(now time.Time) bool {
	return !l.since.IsZero() && now.Sub(l.since) > undeliveredAfter
}

// needs is what our own side needs to do in a thread, in the order of the contract. It follows from
// what the summary and the outbox say, so that a script and a page never differ. docs/protocol.md §12.8
func needs(th *valisev1.Thread, l leaving, now time.Time) []valisev1.Need {
	out := lastingNeeds(th, l)
	if l.late(now) {
		out = append(out, valisev1.Need_NEED_CALL)
	}
	return out
}

// lastingNeeds are those that no time brings or ends: all but the call.
func lastingNeeds(th *valisev1.Thread, l leaving) []valisev1.Need {
	var out []valisev1.Need
	add := func(when bool, n valisev1.Need) {
		if when {
			out = append(out, n)
		}
	}
	check := openingOf(th) == valisev1.Kind_KIND_PING
	acknowledge := !check && !isClosed(th) && len(th.GetUnacknowledged()) > int(th.GetFollowed())
	answer := waitsForOurs(th) && len(th.GetInquiry()) > 0 // what has not come is not answered
	add(th.GetUnopenedSince() != nil, valisev1.Need_NEED_OPEN)
	add(acknowledge, valisev1.Need_NEED_ACKNOWLEDGE)
	// Whoever has to acknowledge an inquiry first does one thing after the other.
	add(answer && !check && (!acknowledge || th.GetState() != stateReceived), valisev1.Need_NEED_ANSWER)
	add(!th.GetClosedByUs() && len(th.GetConsentsAsked()) > 0, valisev1.Need_NEED_DECIDE)
	add(!isClosed(th) && len(th.GetChannelAsked()) > 0, valisev1.Need_NEED_CHANNEL)
	add(answer && check, valisev1.Need_NEED_CHECK)
	add(l.pending, valisev1.Need_NEED_CLEAR)
	add(l.draft, valisev1.Need_NEED_REVISE)
	return out
}
