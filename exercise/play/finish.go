package play

import (
	"fmt"

	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// end is ENDEX: from here on, nobody plays. What is open stays open until Finish.
func (p *Play) end(why Cause) {
	p.emit(Line{Type: Control, Do: EndEx, Cause: why})
	p.ended = true
}

// Remark is what an evaluator or control notes: in words, about a seat, an expectation, both or none.
type Remark struct {
	Seat        ident.Address // zero: about none
	Expectation string        // empty: about none
	Text        string
}

// Note puts in a remark. It counts after all else of its millisecond, and may be given until Finish. ErrNotFound,
// ErrEnded.
func (p *Play) Note(at scenario.Span, r Remark) ([]Line, error) {
	line := Line{Type: Noted, Expectation: r.Expectation, Text: r.Text}
	if r.Expectation != "" && p.hopeOf[r.Expectation] == nil {
		return nil, fmt.Errorf("%w: expectation %.40q", ErrNotFound, r.Expectation)
	}
	if !r.Seat.IsZero() {
		if p.seats[r.Seat] == nil {
			return nil, fmt.Errorf("%w: seat %s", ErrNotFound, r.Seat)
		}
		line.Seat = r.Seat.String()
	}
	return p.afterwards(at, func() { p.emit(line) })
}

// Judge puts in what a person says of an expectation that a person is to judge; the last word counts. ErrNotFound,
// ErrEnded; ErrRefused where a machine decides.
func (p *Play) Judge(at scenario.Span, expectation string, grade Grade, text string) ([]Line, error) {
	e := p.hopeOf[expectation]
	if e == nil {
		return nil, fmt.Errorf("%w: expectation %.40q", ErrNotFound, expectation)
	}
	if len(e.Judge) == 0 {
		return nil, fmt.Errorf("%w: %s is decided by machine", ErrRefused, e.ID)
	}
	return p.afterwards(at, func() {
		e.graded = true
		p.emit(Line{Type: Judged, Expectation: e.ID, Grade: grade, Text: text})
	})
}

// Waive takes an expectation out of the score, with the reason, whatever became of it so far. ErrNotFound, ErrEnded.
func (p *Play) Waive(at scenario.Span, expectation, why string) ([]Line, error) {
	e := p.hopeOf[expectation]
	if e == nil {
		return nil, fmt.Errorf("%w: expectation %.40q", ErrNotFound, expectation)
	}
	return p.afterwards(at, func() {
		e.outcome = Waived
		p.emit(Line{Type: Result, Expectation: e.ID, Outcome: Waived, Text: why})
	})
}

func (p *Play) afterwards(at scenario.Span, write func()) ([]Line, error) {
	if err := p.enter(at, afterwards); err != nil {
		return p.take(), err
	}
	write()
	return p.take(), nil
}

// Pairs are the seats that had a thread with each other, in the order of their first: whose records are compared at
// ENDEX.
func (p *Play) Pairs() [][2]ident.Address {
	var pairs [][2]ident.Address
	seen := map[[2]ident.Address]bool{}
	for _, t := range p.inOrder {
		pair, back := [2]ident.Address{t.from, t.to}, [2]ident.Address{t.to, t.from}
		if !seen[pair] && !seen[back] {
			seen[pair] = true
			pairs = append(pairs, pair)
		}
	}
	return pairs
}

// Compared puts in whether the records of two seats say the same, after ENDEX. ErrRefused before it.
func (p *Play) Compared(pair [2]ident.Address, agree bool) ([]Line, error) {
	if !p.ended || p.finished {
		return nil, fmt.Errorf("%w: records are compared after ENDEX", ErrRefused)
	}
	line := Line{Type: Compared, Seats: []string{pair[0].String(), pair[1].String()}, Agree: &agree}
	line.Seq = p.emit(line)
	p.compared = append(p.compared, line)
	return p.take(), nil
}

// Finish decides what is open and writes the last line. Afterwards nothing can be put in. ErrRefused before ENDEX.
func (p *Play) Finish() ([]Line, error) {
	if !p.ended || p.finished {
		return nil, fmt.Errorf("%w: it is finished after ENDEX, once", ErrRefused)
	}
	for _, e := range p.expectations {
		if e.outcome == "" && !e.graded {
			outcome, by := p.atEnd(e)
			p.decide(e, outcome, by)
		}
	}
	p.finished = true
	p.emit(Line{Type: Ended, Lines: p.next})
	return p.take(), nil
}

// atEnd is what becomes of an expectation that ENDEX finds open. docs/exercises.md §6
func (p *Play) atEnd(e *expectation) (Outcome, *uint64) {
	switch {
	case len(e.Judge) > 0:
		return Unjudged, nil
	case e.Never != "":
		return p.never(e)
	case !e.armed:
		return NotReached, nil
	case e.due == noDue:
		return Missed, nil
	default:
		return NotScored, nil // its time was not over
	}
}

// never decides what must not have happened, and by which line it has.
func (p *Play) never(e *expectation) (Outcome, *uint64) {
	if e.Never == scenario.RecordMismatch {
		return p.neverMismatch()
	}
	for i := range p.broken {
		if a := &p.broken[i]; a.Breaks == e.Never {
			return Missed, &a.line
		}
	}
	return Met, nil
}

func (p *Play) neverMismatch() (Outcome, *uint64) {
	for i := range p.compared {
		if line := &p.compared[i]; !*line.Agree {
			return Missed, &line.Seq
		}
	}
	if len(p.compared) == 0 {
		return NotReached, nil
	}
	return Met, nil
}
