package play

import (
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// Standing is what became of an expectation so far.
type Standing struct {
	Expectation string
	Armed       bool          // what it counts from has happened
	Anchor      scenario.Span // when, if armed
	Due         scenario.Span // last millisecond; -1: ENDEX, or not known yet
	Outcome     Outcome       // empty: open
	Graded      bool          // a person has judged it
}

// Standings are those of all expectations, in the order of the scenario.
func (p *Play) Standings() []Standing {
	list := make([]Standing, 0, len(p.expectations))
	for _, e := range p.expectations {
		list = append(list, Standing{e.ID, e.armed, e.anchor, e.due, e.outcome, e.graded})
	}
	return list
}

// Pending is how far an inject has come.
type Pending struct {
	Inject string
	Known  bool          // its time is known
	Due    scenario.Span // that time
	Held   bool          // kept back by control
	Fired  Cause         // why it has reached its seats, or never will; empty: not yet
}

// Injects are how far all have come, in the order of the scenario.
func (p *Play) Injects() []Pending {
	list := make([]Pending, 0, len(p.injects))
	for _, in := range p.injects {
		list = append(list, Pending{in.ID, in.foreseen, in.due, in.held, in.fired})
	}
	return list
}

// Debt is what a seat owes: by an expectation that counts, or an inquiry on which it has said nothing yet.
type Debt struct {
	Seat        ident.Address
	Person      bool          // a person has the seat
	Expectation string        // empty: no expectation speaks of it
	Thread      string        // on which it is owed; empty: none yet
	Due         scenario.Span // -1: no time limit
}

// Debts are what seats owe: by expectations first, in the order of the scenario, then inquiries in theirs. While one
// of a person is among them, Clock.Owes is true.
func (p *Play) Debts() []Debt {
	var list []Debt
	for _, e := range p.expectations {
		if e.isAct() && e.armed && e.outcome == "" {
			list = append(list, p.debtsOf(e)...)
		}
	}
	for _, t := range p.inOrder {
		if s := p.seats[t.to]; s != nil && !t.over && !t.taken() {
			list = append(list, Debt{Seat: t.to, Person: s.person, Thread: t.name, Due: noDue})
		}
	}
	return list
}

func (p *Play) debtsOf(e *expectation) (list []Debt) {
	for i, a := range []ident.Address{e.Who, e.Pair[0], e.Pair[1]} {
		s := p.seats[a]
		if s == nil || i > 0 && e.did[i-1] {
			continue
		}
		debt := Debt{Seat: a, Person: s.person, Expectation: e.ID, Due: e.due}
		if e.thread != nil && e.thread.of(a) {
			debt.Thread = e.thread.name
		}
		list = append(list, debt)
	}
	return list
}

// taken reports whether the other side of a thread has said anything on it.
func (t *thread) taken() bool {
	for _, a := range t.acts {
		if a.Seat == t.to {
			return true
		}
	}
	return false
}
