package play

import (
	"fmt"

	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// Attempt is what a node did not let a person do, because it would have broken what must not happen: whose act,
// towards whom, which rule. It is no act: nothing went out, no thread was opened, and no expectation is met by it.
// docs/exercises.md §6
type Attempt struct {
	Seat   ident.Address
	To     ident.Address // zero: to nobody who has an address in the exercise
	Breaks scenario.Never
}

// Refused puts in an attempt at an exercise time, and returns the lines up to and with it. Of one seat, towards one
// address, each rule is written once: what is tried again breaks nothing more. The lines count even where the
// attempt is refused: ErrSimulated, ErrNotFound and ErrEnded as of an act; ErrRefused for a rule that no attempt breaks.
func (p *Play) Refused(at scenario.Span, a Attempt) ([]Line, error) {
	if err := p.enter(at, bySeat); err != nil {
		return p.take(), err
	}
	if err := p.person(a.Seat); err != nil {
		return p.take(), err
	}
	if a.Breaks != scenario.CrossTrack && a.Breaks != scenario.ThirdParty {
		return p.take(), fmt.Errorf("%w: no attempt breaks %.40q", ErrRefused, a.Breaks)
	}
	if !p.tried[a] {
		p.tried[a] = true
		line := Line{Type: Refused, Seat: a.Seat.String(), Person: true, Breaks: a.Breaks}
		if !a.To.IsZero() {
			line.To = []string{a.To.String()}
		}
		p.broken = append(p.broken, act{Act: Act{Seat: a.Seat, To: a.To, Breaks: a.Breaks}, line: p.emit(line)})
	}
	p.checkTriggers()
	return p.take(), nil
}

func putRefused(p *Play, l Line) ([]Line, error) {
	a, err := actOf(l)
	if err != nil {
		return nil, err
	}
	return p.Refused(l.At, Attempt{Seat: a.Seat, To: a.To, Breaks: a.Breaks})
}
