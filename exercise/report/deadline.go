package report

import (
	"cmp"
	"slices"
	"strings"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

// bindDeadlines puts what was expected on a thread to its inquiry: when it was due, and what came of it. The moment
// comes from the results alone: the act less what it took, more what was allowed; or the moment of a miss.
func (f *facts) bindDeadlines(s *scenario.Scenario) {
	for i := range s.Expectations {
		e := &s.Expectations[i]
		r := f.results[e.ID]
		if r == nil || e.Does == "" || e.Does == scenario.InquirySent {
			continue
		}
		due, known := f.due(e, r)
		if q := f.inquiryOf(e, r, s, due); known && q != nil {
			q.deadlines = append(q.deadlines, deadline{e.ID, due, r.outcome, r.line})
		}
	}
	for _, q := range f.inquiries {
		slices.SortStableFunc(q.deadlines, func(a, b deadline) int { return cmp.Compare(a.at, b.at) })
	}
}

// due is when something was expected; false where nothing tells.
func (f *facts) due(e *scenario.Expectation, r *result) (scenario.Span, bool) {
	if r.missed != nil {
		return *r.missed, true
	}
	if r.by == nil || r.after == nil {
		return 0, false
	}
	act, found := f.act(*r.by)
	return max(0, act.At-scenario.Span(*r.after)) + e.Within, found
}

// inquiryOf is the inquiry upon which something was expected: that of the act which decided, else that of what it
// counts from, else the last one before it was due from whom it should have gone to.
func (f *facts) inquiryOf(e *scenario.Expectation, r *result, s *scenario.Scenario, due scenario.Span) *inquiry {
	if r.by != nil {
		if act, found := f.act(*r.by); found {
			return f.onThread(act.Thread)
		}
	}
	if inject, sent := strings.CutSuffix(e.Of, ".sent"); sent {
		for _, q := range f.inquiries {
			if q.sent.Inject == inject {
				return q
			}
		}
	}
	if of := f.results[e.Of]; of != nil && of.by != nil {
		if act, found := f.act(*of.by); found && f.onThread(act.Thread) != nil {
			return f.onThread(act.Thread)
		}
	}
	who, to := e.Who.String(), e.To.String()
	for _, q := range slices.Backward(f.inquiries) {
		if q.to == who && q.from == to && q.sent.At <= due {
			return q
		}
	}
	return nil
}

func (f *facts) onThread(name string) *inquiry {
	for _, q := range f.inquiries {
		if q.sent.Thread == name {
			return q
		}
	}
	return nil
}

// counts reports whether an outcome is one that objectives are measured by.
func counts(o play.Outcome) bool { return o == play.Met || o == play.Missed || o == play.Late }
