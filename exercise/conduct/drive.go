package conduct

import (
	"context"
	"errors"
	"time"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// gap is a jump that is being played through: what is foreseen in it happens in order, each at its own time.
type gap struct {
	open bool
	to   scenario.Span
}

// longestRest is how long whoever drives play sleeps at most: it looks again whatever happened to its clocks.
const longestRest = 30 * time.Second

// drive lets happen what is foreseen, when the clock has come to it, until ctx ends.
func (e *Exercise) drive(ctx context.Context) error {
	turned, end := e.clock.Turned()
	defer end()
	woken, done := e.wake.Listen()
	defer done()
	for ctx.Err() == nil {
		wait, err := e.step(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		if wait == 0 {
			continue
		}
		timer := time.NewTimer(min(wait, longestRest))
		select {
		case <-ctx.Done():
		case <-turned:
		case <-woken:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// step lets happen what is due now, and says how long nothing will be.
func (e *Exercise) step(ctx context.Context) (time.Duration, error) {
	e.mu.Lock()
	idle, over := len(e.due) == 0, e.play.Ended()
	switch {
	case !e.begun || e.closed:
		e.mu.Unlock()
		return longestRest, nil
	case over && idle:
		e.mu.Unlock()
		return longestRest, e.finish(ctx)
	case over:
		e.mu.Unlock()
		return longestRest, nil
	case e.cfg.Lockstep || e.gap.open:
		defer e.mu.Unlock()
		return e.stepByStep(idle), nil
	}
	defer e.mu.Unlock()
	return e.stepByClock(), nil
}

// stepByStep moves the clock to the next moment, once all before it is done and written.
func (e *Exercise) stepByStep(idle bool) time.Duration {
	if !idle || e.clock.stands() {
		return longestRest
	}
	at, more := e.play.Next()
	if to := e.gap.to; e.gap.open && (!more || at > to) {
		e.gap = gap{}
		e.clock.letGo(to)
		e.take(e.play.Advance(to))
		return 0
	}
	if !more {
		return longestRest
	}
	e.clock.move(at)
	e.take(e.play.Advance(at))
	return 0
}

// stepByClock plays up to the present.
func (e *Exercise) stepByClock() time.Duration {
	e.take(e.play.Advance(e.clock.span()))
	if e.gap.open {
		return 0
	}
	e.clock.owes(len(e.play.Debts()) > 0)
	at, more := e.play.Next()
	if !more {
		return longestRest
	}
	if wait, ok := e.clock.until(at); ok {
		return max(wait, time.Millisecond)
	}
	return longestRest
}

// take emits lines, and begins a jump that the scenario brings with them.
func (e *Exercise) take(lines []play.Line) {
	for i := range lines {
		l := &lines[i]
		if l.Type != play.Control {
			continue
		}
		switch l.Do {
		case play.JumpTo:
			e.jump(scenario.Span(l.Value))
		case play.EndEx:
			_, _ = e.clock.obey(play.Order{Do: play.EndEx}) // is never refused
		default:
		}
	}
	e.emit(lines)
}

// jump begins to play through to a moment.
func (e *Exercise) jump(to scenario.Span) {
	if e.cfg.Lockstep {
		return // every moment is a step of its own already
	}
	e.gap = gap{open: true, to: max(to, e.gap.to)}
	e.clock.move(e.play.Now())
}

// finish is what follows ENDEX: the records are compared, and the recording is closed once that is asked for.
func (e *Exercise) finish(ctx context.Context) error {
	e.mu.Lock()
	pairs := e.play.Pairs()
	e.mu.Unlock()
	for _, pair := range pairs {
		if err := e.compare(ctx, pair); err != nil {
			return err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closing && !e.cfg.Once {
		return nil
	}
	lines, err := e.play.Finish()
	e.emit(lines)
	if errors.Is(err, play.ErrRefused) {
		return nil // it is finished, and its last lines are on their way
	}
	return err
}

// compare compares two records, once.
func (e *Exercise) compare(ctx context.Context, pair [2]ident.Address) error {
	e.mu.Lock()
	done := e.compared[pair]
	e.mu.Unlock()
	if done {
		return nil
	}
	agree, err := e.stage.Compare(ctx, pair)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	lines, err := e.play.Compared(pair, agree)
	e.compared[pair] = true
	e.emit(lines)
	return err
}

// keepEvery is how often it is written down how far the clock is.
const keepEvery = 200 * time.Millisecond

// watchTime writes down how far the clock is, until ctx ends; then the clock stands, and that is written too.
func (e *Exercise) watchTime(ctx context.Context) error {
	last := scenario.Span(-1)
	for {
		over := ctx.Err() != nil
		if over {
			_, _ = e.clock.obey(play.Order{Do: play.Pause}) // is never refused
		}
		if at := e.clock.span(); at != last {
			if err := e.keepClock(at); err != nil {
				return err
			}
			last = at
		}
		if over {
			return nil
		}
		rest(ctx, keepEvery)
	}
}
