package gateway

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// consentHistory is what was said of one request.
type consentHistory struct {
	requestBack []statement // its sender took it back
	decisions   []decided
}

// decided is a decision, and what ended it: withdrawals by either side and retractions by its sender.
type decided struct {
	statement
	withdrawals []statement
}

// standing is where a consent stands now. A-11 s2
type standing struct {
	state      valisev1.ConsentState
	conditions []string
	expires    *timestamppb.Timestamp
	decided    *statement
	ended      time.Time
	byUs       bool
}

// foldConsent judges a request by all that was said of it. Only whoever was asked decides. Silence is
// none; of several decisions the strictest holds; a grant counts when nothing of its sender is under
// way before it, a refusal and a withdrawal at once: what is in doubt is no consent. A-11 s2
func foldConsent(asker bool, asked *valisev1.ConsentRequest, h consentHistory, now time.Time) standing {
	s := standing{state: valisev1.ConsentState_CONSENT_STATE_ASKED, expires: asked.GetExpires()}
	s.condition(asked.GetConditions())
	for _, back := range h.requestBack {
		s.end(back)
	}
	refused := false
	for _, d := range h.decisions {
		says, is := d.says.(*valisev1.ConsentDecision)
		if !is || d.ours == asker || says.GetConsents() && d.waits {
			continue
		}
		if s.decided == nil || !says.GetConsents() && !refused {
			s.decided = &d.statement
		}
		if !says.GetConsents() {
			refused = true
			continue
		}
		s.condition(says.GetConditions())
		s.expires = firstEnd(s.expires, says.GetExpires())
		for _, end := range d.withdrawals {
			s.end(end)
		}
	}
	switch {
	case refused:
		s.state = valisev1.ConsentState_CONSENT_STATE_NOT_GRANTED
	case !s.ended.IsZero():
		s.state = valisev1.ConsentState_CONSENT_STATE_WITHDRAWN
	case s.decided == nil:
	case s.expires != nil && !now.Before(s.expires.AsTime()):
		s.state = valisev1.ConsentState_CONSENT_STATE_EXPIRED
	default:
		s.state = valisev1.ConsentState_CONSENT_STATE_GRANTED
	}
	return s
}

func (s *standing) condition(text string) {
	if text != "" {
		s.conditions = append(s.conditions, text)
	}
}

// end notes the first that ended it.
func (s *standing) end(by statement) {
	if s.ended.IsZero() || by.at.Before(s.ended) {
		s.ended, s.byUs = by.at, by.ours
	}
}

// firstEnd is the first of two times, of which either may not be said.
func firstEnd(a, b *timestamppb.Timestamp) *timestamppb.Timestamp {
	if a == nil || b != nil && b.AsTime().Before(a.AsTime()) {
		return b
	}
	return a
}
