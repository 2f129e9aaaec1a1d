package report

import (
	"cmp"
	"slices"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

// leastSpread is how many other States must have a value before a report for one State shows their spread: of fewer,
// each would be known.
const leastSpread = 3

// wait is one time to acknowledge: an inquiry, or a communication check.
type wait struct {
	seat   string // who acknowledged
	took   scenario.Span
	line   uint64
	thread string // empty: a communication check
}

// silence is how long an inquiry had no sign of life.
type silence struct {
	took       scenario.Span
	thread, to string
}

// measures are the figures of the page; they are of the seats that the reader sees by name.
type measures struct {
	waits      []wait // of all seats, in the order of the recording
	unmeasured int    // own ones within which a jump lies
	unanswered int    // inquiries to own seats that were not acknowledged
	asked      int    // inquiries to own seats
	silence    *silence
}

func (r *Report) measure() (m measures) {
	for _, q := range r.facts.inquiries {
		if r.own(q.to) {
			m.asked++
		}
		if r.own(q.to) && q.acknowledged == nil {
			m.unanswered++
		}
		if r.own(q.to) {
			if s := r.silenceOf(q); s.took > 0 && (m.silence == nil || s.took > m.silence.took) {
				m.silence = &s
			}
		}
		if q.acknowledged == nil {
			continue
		}
		if r.acrossJump(q.sent.At, q.acknowledged) {
			if r.own(q.to) {
				m.unmeasured++
			}
			continue
		}
		m.waits = append(m.waits, wait{q.to, q.acknowledged.At - q.sent.At, q.acknowledged.Seq, q.sent.Thread})
	}
	m.waits = append(m.waits, r.checks()...)
	slices.SortStableFunc(m.waits, func(a, b wait) int { return cmp.Compare(a.line, b.line) })
	return m
}

// checks are the times after which communication checks were answered, as the expectations have measured them. A-8
func (r *Report) checks() (all []wait) {
	for i := range r.in.Scenario.Expectations {
		e := &r.in.Scenario.Expectations[i]
		found := r.facts.results[e.ID]
		if e.Does != scenario.CheckAnswered || found == nil || found.by == nil || found.after == nil {
			continue
		}
		if act, known := r.facts.act(*found.by); known {
			all = append(all, wait{act.Seat, scenario.Span(*found.after), act.Seq, ""})
		}
	}
	return all
}

// acrossJump reports whether a person acknowledged after a jump of the clock that skipped some of the time: nobody
// can act in time that is skipped. docs/exercises.md §6
func (r *Report) acrossJump(from scenario.Span, l *play.Line) bool {
	return l.Person && r.facts.jumped(from, l.At) > 0
}

// silenceOf is the time from an inquiry to the first sign of life of the other side, or to the end, without what
// jumps have skipped.
func (r *Report) silenceOf(q *inquiry) silence {
	until := r.facts.end
	if q.sign != nil {
		until = q.sign.At
	}
	return silence{until - q.sent.At - r.facts.jumped(q.sent.At, until), q.sent.Thread, q.to}
}

// ownWaits are those of the reader's seats.
func (r *Report) ownWaits() (all []wait) {
	for _, w := range r.measures.waits {
		if r.own(w.seat) {
			all = append(all, w)
		}
	}
	return all
}

// otherWaits are those of all other seats, shortest first, without who or where; none where they would tell that.
func (r *Report) otherWaits() (all []wait) {
	states := map[string]bool{}
	for _, w := range r.measures.waits {
		if !r.own(w.seat) {
			states[stateOf(w.seat)] = true
			all = append(all, wait{took: w.took})
		}
	}
	if len(states) < leastSpread {
		return nil
	}
	slices.SortFunc(all, func(a, b wait) int { return cmp.Compare(a.took, b.took) })
	return all
}

// median is the middle one of times, the lower of two; false where there is none.
func median(waits []wait) (scenario.Span, bool) {
	if len(waits) == 0 {
		return 0, false
	}
	took := make([]scenario.Span, len(waits))
	for i, w := range waits {
		took[i] = w.took
	}
	return middle(took), true
}

func middle(values []scenario.Span) scenario.Span {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}

// spread is one measure of the reader's State beside those of all others, which have no name.
type spread struct {
	own                     *scenario.Span // nil: no value
	lowest, middle, highest scenario.Span
	few                     bool // fewer than leastSpread others have a value
}

func (r *Report) spreadOf(value func(state string) (scenario.Span, bool)) (s spread) {
	var others []scenario.Span
	for _, p := range r.in.Scenario.Participants {
		v, has := value(p.State.String())
		switch {
		case has && p.State == r.in.For:
			s.own = &v
		case has:
			others = append(others, v)
		}
	}
	if s.few = len(others) < leastSpread; !s.few {
		s.lowest, s.middle, s.highest = slices.Min(others), middle(others), slices.Max(others)
	}
	return s
}

// medianOf is the median time to acknowledge of a State.
func (r *Report) medianOf(state string) (scenario.Span, bool) {
	var waits []wait
	for _, w := range r.measures.waits {
		if stateOf(w.seat) == state {
			waits = append(waits, w)
		}
	}
	return median(waits)
}

// shareOf is how many per cent of what counts of a State were met.
func (r *Report) shareOf(state string) (scenario.Span, bool) {
	met, counted := 0, 0
	for i := range r.in.Scenario.Expectations {
		e := r.expectationOf(&r.in.Scenario.Expectations[i])
		if !e.counted() || !e.ofState(state) {
			continue
		}
		counted++
		if e.met() {
			met++
		}
	}
	if counted == 0 {
		return 0, false
	}
	return scenario.Span(met * 100 / counted), true
}

func (e expectation) ofState(state string) bool {
	for _, seat := range e.seats() {
		if stateOf(seat) == state {
			return true
		}
	}
	return false
}
