package play

import "valise.example/exercise/scenario"

// jump moves the exercise to a later moment. What is foreseen in the gap happens in order at its own times, when the
// caller advances; what people owe in it is not scored, whether it counts already or comes to count in the gap.
// Nothing is dropped. docs/exercises.md §4
func (p *Play) jump(to scenario.Span, why Cause) {
	if to <= p.now.at {
		return
	}
	p.gapLine = p.emit(Line{Type: Control, Do: JumpTo, Value: int64(to), Cause: why})
	p.gapEnd = max(p.gapEnd, to)
	for _, e := range p.expectations {
		if e.human && e.outcome == "" && e.due > p.now.at && e.due <= to {
			p.decide(e, NotScored, &p.gapLine)
		}
	}
}
