package report

import (
	"slices"
	"strings"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

// facts are what a recording says, put together from its lines.
type facts struct {
	opened    play.Line
	whole     bool          // its last line says that it ended
	end       scenario.Span // ENDEX, or the last moment that is recorded
	lines     uint64
	acts      []play.Line
	refused   []play.Line // what nodes did not let people do
	injected  []play.Line
	control   []play.Line
	notes     []play.Line // judgements and remarks with words
	compared  []play.Line
	missed    []play.Line // results that say so, for the picture
	results   map[string]*result
	threads   map[string]thread
	inquiries []*inquiry
	jumps     []stretch       // in order of time, none inside another
	people    map[string]bool // seats that people have
}

// thread is between whom a thread is.
type thread struct{ from, to string }

// stretch is exercise time from a moment to another.
type stretch struct{ from, to scenario.Span }

// inquiry is one inquiry and what came of it. What did not come is nil.
type inquiry struct {
	sent         play.Line
	from, to     string
	acknowledged *play.Line
	holding      *play.Line
	answered     *play.Line // a response, a refusal to answer or a referral
	sign         *play.Line // the first act of the other side on the thread
	deadlines    []deadline
}

// deadline is when an act on a thread was expected.
type deadline struct {
	expectation string
	at          scenario.Span
	outcome     play.Outcome
	line        uint64
}

// result is what a recording says of one expectation; what came last counts.
type result struct {
	outcome play.Outcome
	line    uint64
	by      *uint64
	after   *int64
	missed  *scenario.Span // when it was missed
	grade   play.Grade
	text    string
}

func factsOf(lines []play.Line) *facts {
	f := &facts{opened: lines[0], results: map[string]*result{}, threads: map[string]thread{}, people: map[string]bool{}, lines: uint64(len(lines))}
	for _, seat := range f.opened.Persons {
		f.people[seat] = true
	}
	byThread := map[string]*inquiry{}
	for _, l := range lines {
		f.end = max(f.end, l.At)
		switch l.Type {
		case play.Acted:
			f.acted(l, byThread)
		case play.Refused:
			f.refused = append(f.refused, l)
		case play.Injected:
			f.injected = append(f.injected, l)
		case play.Control:
			f.controlled(l)
		case play.Result, play.Judged:
			f.resulted(l)
		case play.Compared:
			f.compared = append(f.compared, l)
		case play.Ended:
			f.whole = true
		case play.Noted:
			f.notes = append(f.notes, l)
		default:
		}
	}
	return f
}

// acted puts an act to the inquiry that it belongs to.
func (f *facts) acted(l play.Line, byThread map[string]*inquiry) {
	if l.Person {
		f.people[l.Seat] = true
	}
	if to := recipient(l); l.Thread != "" && (l.Does == scenario.InquirySent || l.Does == scenario.NoticeSent) {
		f.threads[l.Thread] = thread{l.Seat, to}
	}
	if t := f.threads[l.Thread]; len(l.To) == 0 && l.Thread != "" && t.from != "" {
		l.To = []string{t.other(l.Seat)}
	}
	f.acts = append(f.acts, l)
	if l.Does == scenario.InquirySent && byThread[l.Thread] == nil {
		byThread[l.Thread] = &inquiry{sent: l, from: l.Seat, to: recipient(l)}
		f.inquiries = append(f.inquiries, byThread[l.Thread])
		return
	}
	if q := byThread[l.Thread]; q != nil && l.Seat == q.to {
		q.takes(l)
	}
}

func (t thread) other(seat string) string {
	if seat == t.from {
		return t.to
	}
	return t.from
}

// takes notes an act of whoever was asked. The first of each sort counts.
func (q *inquiry) takes(l play.Line) {
	note := func(at **play.Line) {
		if *at == nil {
			*at = &l
		}
	}
	note(&q.sign)
	switch l.Does {
	case scenario.Acknowledged:
		note(&q.acknowledged)
	case scenario.HoldingSent, scenario.EstimateSent:
		note(&q.holding)
	case scenario.ResponseSent, scenario.Declined, scenario.Referred:
		note(&q.answered)
	default:
	}
}

func (f *facts) controlled(l play.Line) {
	f.control = append(f.control, l)
	if to := scenario.Span(l.Value); l.Do == play.JumpTo && to > l.At {
		from := l.At
		if n := len(f.jumps); n > 0 {
			from = max(from, f.jumps[n-1].to)
		}
		if to > from {
			f.jumps = append(f.jumps, stretch{from, to})
		}
	}
}

func (f *facts) resulted(l play.Line) {
	r := f.results[l.Expectation]
	if r == nil {
		r = &result{}
		f.results[l.Expectation] = r
	}
	if l.Type == play.Judged {
		f.notes = append(f.notes, l)
	}
	if r.outcome == play.Waived {
		return // for good
	}
	missed := r.missed
	if l.Outcome == play.Missed {
		f.missed = append(f.missed, l)
		missed = &l.At
	}
	*r = result{l.Outcome, l.Seq, l.By, l.After, missed, l.Grade, l.Text}
}

// jumped is how much of a stretch of time jumps of the clock have skipped.
func (f *facts) jumped(from, to scenario.Span) (skipped scenario.Span) {
	for _, j := range f.jumps {
		skipped += max(0, min(to, j.to)-max(from, j.from))
	}
	return skipped
}

// act finds the act of a line by its number.
func (f *facts) act(line uint64) (play.Line, bool) {
	at, found := slices.BinarySearchFunc(f.acts, line, func(l play.Line, want uint64) int {
		switch {
		case l.Seq < want:
			return -1
		case l.Seq > want:
			return 1
		}
		return 0
	})
	if !found {
		return play.Line{}, false
	}
	return f.acts[at], true
}

// persons reports whether a person took part at all. Where none did, profiles are told of as people are.
func (f *facts) persons() bool {
	return len(f.people) > 0
}

func recipient(l play.Line) string {
	if len(l.To) == 0 {
		return ""
	}
	return l.To[0]
}

func stateOf(seat string) string {
	state, _, _ := strings.Cut(seat, "/")
	return state
}
