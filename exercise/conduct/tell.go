package conduct

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// text is the line as it stands in the recording.
func (w *written) text() string {
	if w.json != "" {
		return w.json
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(w.Line) != nil {
		return "" // cannot be: it was read from a recording
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// tellOwed lists what seats are hoped to do next, the most urgent first.
func (e *Exercise) tellOwed(r *valisev1.GetControlResponse) {
	for i, s := range e.play.Standings() {
		x := &e.scenario.Expectations[i]
		if !s.Armed || s.Outcome != "" || x.Does == "" {
			continue
		}
		for _, seat := range seatsNamed(x) {
			one := &valisev1.OwedAct{Expectation: x.ID, Seat: seat.String(), Does: string(x.Does), Due: int64(s.Due), Person: e.human(seat)}
			if !x.To.IsZero() {
				one.To = x.To.String()
			}
			r.Owed = append(r.Owed, one)
		}
	}
	slices.SortStableFunc(r.GetOwed(), func(a, b *valisev1.OwedAct) int { return cmp.Compare(a.GetDue(), b.GetDue()) })
}

// seatsNamed are the seats of whom an expectation speaks.
func seatsNamed(x *scenario.Expectation) (all []ident.Address) {
	for _, a := range []ident.Address{x.Who, x.Pair[0], x.Pair[1]} {
		if !a.IsZero() {
			all = append(all, a)
		}
	}
	return all
}

// tellExpectations lists all of them with what became of them so far.
func (e *Exercise) tellExpectations(r *valisev1.GetControlResponse, language string) {
	decided := map[string]scenario.Span{}
	lines := make([]play.Line, len(e.lines))
	for i := range e.lines {
		lines[i] = e.lines[i].Line
		if l := &lines[i]; l.Expectation != "" && (l.Type == play.Result || l.Type == play.Judged) {
			decided[l.Expectation] = l.At
		}
	}
	objectives := map[string]string{}
	for i := range e.scenario.Objectives {
		objectives[e.scenario.Objectives[i].ID] = e.scenario.Objectives[i].Text.In(language)
	}
	for i, v := range play.Verdicts(e.scenario, lines) {
		x := &e.scenario.Expectations[i]
		one := &valisev1.ExpectationState{
			Id: x.ID, Objective: x.Objective, ObjectiveText: objectives[x.Objective], Does: string(x.Does), Judge: x.Judge.In(language),
			Outcome: string(v.Outcome), Decided: int64(decided[x.ID]), After: v.After, Performed: string(v.Grade),
			Points: uint32(max(x.Points, 0)), Unscored: x.Unscored,
		}
		if x.Never != "" {
			one.Does = string(x.Never)
		}
		for _, a := range seatsNamed(x) {
			one.Seats = append(one.Seats, a.String())
		}
		r.Expectations = append(r.Expectations, one)
	}
}
