package play

import (
	"slices"

	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// expectation is one of the scenario, and what became of it. docs/exercises.md §6
type expectation struct {
	*scenario.Expectation
	human     bool          // a human seat owes it
	armed     bool          // what it counts from has happened
	anchor    scenario.Span // when
	from      uint64        // line of that; only what comes after it counts
	thread    *thread       // of that, if it was a message
	due       scenario.Span // last millisecond; noDue where it is ENDEX
	outcome   Outcome       // so far; empty: open
	missed    bool          // it was, whatever came later
	fulfilled bool          // the act has happened, in time or not
	did       [2]bool       // of a pair: who has done it
	graded    bool          // a person has judged it
}

// noDue is the due moment of what has no time limit but ENDEX.
const noDue scenario.Span = -1

func newExpectation(e *scenario.Expectation, s *scenario.Scenario) *expectation {
	human := func(a ident.Address) bool {
		for _, participant := range s.Participants {
			if participant.State == a.State {
				return participant.Seats[a.Track] == scenario.Human
			}
		}
		return false
	}
	return &expectation{Expectation: e, due: noDue, human: human(e.Who) || human(e.Pair[0]) || human(e.Pair[1])}
}

// isAct reports whether an expectation waits for an act, not for a judge or for ENDEX.
func (e *expectation) isAct() bool { return e.Does != "" }

func (e *expectation) isPair() bool { return e.Pair != [2]ident.Address{} }

// reached lets every expectation count that counts from this: STARTEX (empty), an inject, the message that it caused,
// or another expectation.
func (p *Play) reached(what string, line uint64, t *thread) {
	for _, e := range p.expectations {
		if !e.isAct() || e.armed || e.Of != what {
			continue
		}
		e.armed, e.anchor, e.from, e.thread = true, p.now.at, line, t
		if e.Within == 0 || e.outcome != "" {
			continue
		}
		e.due = p.now.at + e.Within
		if e.human && e.due <= p.gapEnd {
			p.decide(e, NotScored, &p.gapLine)
			continue
		}
		p.queue.add(moment{e.due, byDeadline}, func() {
			if e.outcome == "" {
				e.missed = true
				p.decide(e, Missed, nil)
			}
		})
	}
}

// seen shows an act to everything that waits for one.
func (p *Play) seen(a act) {
	p.awaitedSeen(a.Act)
	for _, e := range p.expectations {
		if e.waitsFor(a) && e.complete(a) {
			p.fulfil(e, a)
		}
	}
}

// waitsFor reports whether an act is by whom, to whom and after what an expectation says. An answer counts on the
// thread of the message from which the expectation counts, if whoever gives it is of that thread.
func (e *expectation) waitsFor(a act) bool {
	if !e.armed || e.fulfilled || a.line <= e.from {
		return false
	}
	if e.thread != nil && a.thread != nil && !opens(a.Does) && e.thread.of(a.Seat) && e.thread != a.thread {
		return false
	}
	if e.isPair() {
		return a.Seat == e.Pair[0] && a.To == e.Pair[1] || a.Seat == e.Pair[1] && a.To == e.Pair[0]
	}
	return a.Seat == e.Who && (e.To == ident.Address{} || e.To == a.To)
}

// complete reports whether, with this act, all has been done that an expectation names. It remembers which side of a
// pair has done its part. A channel is agreed by one answer: the other side has proposed it.
func (e *expectation) complete(a act) bool {
	if e.Does == scenario.Acknowledged && len(e.Has) > 0 {
		return e.acknowledgedWith(a)
	}
	if !means(a.Act, e.Does) || !covers(a.Has, e.Has) {
		return false
	}
	if !e.isPair() || e.Does == scenario.ChannelAgreed {
		return true
	}
	e.did[slices.Index(e.Pair[:], a.Seat)] = true
	return e.did == [2]bool{true, true}
}

// acknowledgedWith reports whether an acknowledgement and what the same seat promised with it or after it, on the
// same thread, have all facts. R-2
func (e *expectation) acknowledgedWith(last act) bool {
	if !promises(last.Does) || last.thread == nil {
		return false
	}
	acknowledged, facts := false, []scenario.Fact{}
	for _, a := range last.thread.acts {
		if a.Seat == last.Seat && a.line > e.from && promises(a.Does) {
			acknowledged = acknowledged || a.Does == scenario.Acknowledged
			facts = append(facts, a.Has...)
		}
	}
	return acknowledged && covers(facts, e.Has)
}

func promises(does scenario.Act) bool {
	return does == scenario.Acknowledged || does == scenario.HoldingSent || does == scenario.EstimateSent
}

// alsoIn are the facts by which a message does what otherwise an act of its own does. I-4, R-2, R-3
var alsoIn = map[scenario.Act]scenario.Fact{
	scenario.AgencyNamed:     scenario.LeadAgency,
	scenario.ChannelProposed: scenario.PreferredChannel,
	scenario.EstimateSent:    scenario.EstimateGiven,
}

// means reports whether an act does what is named: by itself, or by a fact that it has.
func means(a Act, does scenario.Act) bool {
	fact, other := alsoIn[does]
	return a.Does == does || other && slices.Contains(a.Has, fact)
}

func covers(has, want []scenario.Fact) bool {
	for _, fact := range want {
		if !slices.Contains(has, fact) {
			return false
		}
	}
	return true
}

// fulfil is the moment at which the act has happened: in time, or late. What counts from it counts now.
func (p *Play) fulfil(e *expectation, by act) {
	e.fulfilled = true
	switch e.outcome {
	case "":
		p.decide(e, Met, &by.line)
	case Missed:
		p.decide(e, Late, &by.line)
	default: // not scored or waived: it stays so
	}
	p.reached(e.ID, by.line, by.thread)
}

// decide writes down what became of an expectation.
func (p *Play) decide(e *expectation, outcome Outcome, by *uint64) {
	e.outcome = outcome
	line := Line{Type: Result, Expectation: e.ID, Outcome: outcome}
	if by != nil {
		number := *by
		line.By = &number
	}
	if outcome == Met && e.armed || outcome == Late {
		after := int64(p.now.at - e.anchor)
		line.After = &after
	}
	p.emit(line)
}
