package report

import (
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// undecided is the outcome of an expectation of which the recording says nothing yet.
const undecided play.Outcome = "open"

// judged is the outcome of an expectation that a person has graded.
const judged play.Outcome = "judged"

// expectation is one of the scenario with its result.
type expectation struct {
	*scenario.Expectation
	result
}

func (r *Report) expectationOf(e *scenario.Expectation) expectation {
	x := expectation{Expectation: e, result: result{outcome: undecided}}
	if found := r.facts.results[e.ID]; found != nil {
		x.result = *found
	}
	if x.grade != "" && (x.outcome == "" || x.outcome == play.Unjudged || x.outcome == undecided) {
		x.outcome = judged
	}
	if x.outcome == "" {
		x.outcome = undecided
	}
	return x
}

// sees: control sees all. A State sees what is expected of its own seats, and what must never happen, which names no
// seat. Who judges may name anybody, so that a judgement of no single seat is for control.
func (r *Report) sees(e expectation) bool {
	return r.forControl() || e.Never != "" || e.of(r.in.For)
}

// of reports whether it is expected of a seat of a State.
func (e expectation) of(s ident.State) bool {
	return e.Who.State == s || e.Pair[0].State == s || e.Pair[1].State == s
}

// seats of whom it is expected; none where it is of all.
func (e expectation) seats() (all []string) {
	for _, a := range []ident.Address{e.Who, e.Pair[0], e.Pair[1]} {
		if !a.IsZero() {
			all = append(all, a.String())
		}
	}
	return all
}

// counted reports whether it counts towards its objective: it is scored, and something came of it.
func (e expectation) counted() bool {
	return !e.Unscored && (counts(e.outcome) || e.outcome == judged)
}

// met: done in time, or performed as an evaluator judges, with some difficulty or without.
func (e expectation) met() bool {
	return e.outcome == play.Met || e.outcome == judged && (e.grade == play.Performed || e.grade == play.SomeTrouble)
}

// reached is how far an objective was reached.
type reached string

const (
	full reached = "full" // all that counts was met
	part reached = "part"
	none reached = "none"
	not  reached = "not" // nothing counts
)

// objective is one of the scenario, measured by the expectations that the reader sees.
type objective struct {
	*scenario.Objective
	counted, met     int
	points, ofPoints int
}

func (o objective) reached() reached {
	switch {
	case o.counted == 0:
		return not
	case o.met == o.counted:
		return full
	case o.met == 0:
		return none
	}
	return part
}

func objectivesOf(s *scenario.Scenario, expectations []expectation) []objective {
	all := make([]objective, len(s.Objectives))
	at := map[string]*objective{}
	for i := range s.Objectives {
		all[i].Objective = &s.Objectives[i]
		at[s.Objectives[i].ID] = &all[i]
	}
	for _, e := range expectations {
		o := at[e.Objective]
		if o == nil || !e.counted() {
			continue
		}
		got, of := play.Points(e.Expectation, play.Verdict{Outcome: e.outcome, Grade: e.grade})
		o.counted++
		o.points += got
		o.ofPoints += of
		if e.met() {
			o.met++
		}
	}
	return all
}
