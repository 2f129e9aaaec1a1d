package play

import (
	"fmt"

	"valise.example/exercise/scenario"
)

// Order is what control gives. docs/exercises.md §5
type Order struct {
	Do     Command
	Value  int64  // rate of a speed, 0 for auto; target of a jump, in milliseconds since STARTEX
	Inject string // of a release, hold or skip
	Seat   string // of a real event: which seat raised it, or "evaluators" or "observers"; empty: control did
}

// Command puts in what control does at an exercise time, and returns the lines up to and with it. What has passed
// already is taken as done now. The clock is not the play's: pause, resume, speed, real event and stand-down are
// written down, and a Clock obeys them. After a jump, Advance to its target. The lines count even where the
// command is refused: ErrNotFound, ErrFired, ErrEnded, ErrRefused.
func (p *Play) Command(at scenario.Span, o Order) ([]Line, error) {
	if err := p.enter(at, byControl); err != nil {
		return p.take(), err
	}
	err := p.obey(o)
	p.checkTriggers()
	return p.take(), err
}

func (p *Play) obey(o Order) error {
	switch o.Do {
	case Pause, Resume, Speed, RealEvent, StandDown:
		p.emit(Line{Type: Control, Do: o.Do, Value: o.Value, Seat: o.Seat, Cause: ByControl})
		return nil
	case JumpTo:
		if to := scenario.Span(o.Value); to <= p.now.at || to > p.scenario.End {
			return fmt.Errorf("%w: a jump leads to a later moment before ENDEX", ErrRefused)
		}
		p.jump(scenario.Span(o.Value), ByControl)
		return nil
	case Release, Hold, Skip:
		return p.handle(o)
	case EndEx:
		p.end(ByControl)
		return nil
	default:
		return fmt.Errorf("%w: %.40q is no command of control", ErrRefused, o.Do)
	}
}

// handle is what control does with an inject: let it reach its seats now, keep it back until then, or drop it.
func (p *Play) handle(o Order) error {
	in := p.injectOf[o.Inject]
	if in == nil {
		return fmt.Errorf("%w: inject %.40q", ErrNotFound, o.Inject)
	}
	if in.fired != "" {
		return fmt.Errorf("%w: %s", ErrFired, in.ID)
	}
	p.emit(Line{Type: Control, Do: o.Do, Inject: in.ID, Cause: ByControl})
	switch o.Do {
	case Hold:
		in.held = true
	case Skip:
		in.fired = BySkip
		p.emit(Line{Type: Injected, Inject: in.ID, Cause: BySkip})
	default:
		p.fire(in, ByControl)
	}
	return nil
}
