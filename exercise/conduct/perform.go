package conduct

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// entry is a line that came out of the play and is not written yet: first its act is done.
type entry struct {
	line play.Line
	act  play.Act
	does bool
}

// written is a line of the recording with its bytes.
type written struct {
	play.Line
	json string
}

// arrival is an inject that has reached its seats.
type arrival struct {
	inject *scenario.Inject
	at     scenario.Span
}

// byControl is who raised a REAL EVENT that no seat did.
const byControl = "control"

// emit takes lines out of the play, to be performed in their order. The caller holds the lock, or nothing runs yet.
func (e *Exercise) emit(lines []play.Line) {
	for _, l := range lines {
		act, does := e.play.ActOf(l)
		e.due = append(e.due, entry{l, act, does})
		e.emitted = l.Seq + 1
	}
	if len(lines) > 0 {
		e.wake.Ring()
	}
}

// perform does what is due and writes it, one line after another, until ctx ends: a line is never there before what
// it tells of is durable on both sides.
func (e *Exercise) perform(ctx context.Context) error {
	woken, done := e.wake.Listen()
	defer done()
	for ctx.Err() == nil {
		next, some := e.nextDue()
		if !some {
			select {
			case <-ctx.Done():
			case <-woken:
			}
			continue
		}
		if err := e.performOne(ctx, next); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
	return nil
}

func (e *Exercise) nextDue() (entry, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.due) == 0 {
		return entry{}, false
	}
	return e.due[0], true
}

// couldNot notes that a node refused what a simulated seat was to do: a person may have closed or taken back what it
// was about. Where no person has a seat nobody did, and play ends.
func (e *Exercise) couldNot(ctx context.Context, next entry, why error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	what := fmt.Sprintf("line %d of the recording, %s of %s, could not be done", next.line.Seq+1, next.line.Does, next.line.Seat)
	if len(e.cfg.Persons) == 0 {
		return fmt.Errorf("conduct: %s: %w", what, why)
	}
	e.log.Warn("what a simulated seat was to do was refused by its node; that is noted in the recording")
	e.mu.Lock()
	defer e.mu.Unlock()
	lines, err := e.play.Note(e.play.Now(), play.Remark{Seat: next.act.Seat, Text: what})
	e.take(lines)
	if errors.Is(err, play.ErrEnded) {
		return nil
	}
	return err
}

func (e *Exercise) performOne(ctx context.Context, next entry) error {
	if next.does {
		if err := e.do(ctx, next.act); err != nil {
			if err := e.couldNot(ctx, next, err); err != nil {
				return err
			}
		}
	}
	e.turnOn(next.line)
	if err := e.file.writer.Write(next.line); err != nil {
		return err
	}
	e.mu.Lock()
	e.due = e.due[1:]
	e.wrote(next.line)
	e.lines[len(e.lines)-1].json = string(e.file.last)
	idle := len(e.due) == 0
	draft := idle && !e.drafted && e.play.Ended() && len(e.compared) >= len(e.play.Pairs())
	e.drafted = e.drafted || draft
	e.mu.Unlock()
	if e.cfg.Told != nil {
		e.cfg.Told(next.line)
	}
	if draft && e.cfg.Ended != nil {
		e.cfg.Ended()
	}
	e.news.Ring()
	if idle {
		e.wake.Ring()
	}
	return nil
}

// do carries out an act of a simulated seat.
func (e *Exercise) do(ctx context.Context, a play.Act) error {
	if a.Does == scenario.RealEventRaised {
		e.mu.Lock()
		e.drill = a.Seat // until its last line: who raises a stop before that raises one of their own
		e.mu.Unlock()
	}
	return e.stage.Do(ctx, a)
}

// turnOn lets the clock run again after a stop that a simulated seat has rehearsed; one that somebody else has raised
// meanwhile stays. docs/exercises.md §4
func (e *Exercise) turnOn(l play.Line) {
	if l.Type != play.Control || l.Cause != play.ByTime || l.Do != play.StandDown && l.Do != play.Resume {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if raised := e.stop.GetSeat(); raised == "" || raised == l.Seat {
		_, _ = e.clock.obey(play.Order{Do: l.Do}) // it is refused only while another stop stands
	}
	if l.Do == play.Resume {
		e.drill = ident.Address{}
	}
}

// wrote is what control and players see of a line from now on.
func (e *Exercise) wrote(l play.Line) {
	e.lines = append(e.lines, written{Line: l})
	switch l.Type {
	case play.Injected:
		if l.Cause != play.BySkip {
			e.arrived = append(e.arrived, arrival{e.inject(l.Inject), l.At})
		}
	case play.Acted:
		if a, err := ident.ParseAddress(l.Seat); err == nil {
			e.acts[a]++
		}
	case play.Control:
		e.controlled(l)
	case play.Compared:
		if pair, err := persons(l.Seats); err == nil && len(pair) == 2 {
			e.compared[[2]ident.Address(pair)] = true
		}
	case play.Ended:
		e.closed = true
	default:
	}
}

func (e *Exercise) controlled(l play.Line) {
	switch l.Do {
	case play.RealEvent:
		if e.stop == nil {
			e.stop = &valisev1.RealEvent{Seat: l.Seat, At: int64(l.At)}
		}
		if e.stop.GetSeat() == "" {
			e.stop.Seat = byControl
		}
	case play.StandDown:
		if l.Cause != play.ByTime || e.stop.GetSeat() == l.Seat {
			e.stop = nil
		}
	case play.JumpTo:
		for i := range e.scenario.Jumps {
			if j := &e.scenario.Jumps[i]; j.At == l.At && int64(j.To) == l.Value {
				e.said = j.Say
			}
		}
	default:
	}
}

func (e *Exercise) inject(id string) *scenario.Inject {
	for i := range e.scenario.Injects {
		if in := &e.scenario.Injects[i]; in.ID == id {
			return in
		}
	}
	return &scenario.Inject{ID: id}
}

// durable waits until all lines up to a number are written; false where ctx ends first.
func (e *Exercise) durable(ctx context.Context, lines uint64) bool {
	return e.await(ctx, func() bool { return uint64(len(e.lines)) >= lines })
}

// await waits until something holds, which is asked under the lock; false where ctx or the exercise ends before it
// does. The last line of a recording ends the exercise as well: at that end is asked once more, or whoever closed it
// would be told at times that it was not done.
func (e *Exercise) await(ctx context.Context, holds func() bool) bool {
	changed, done := e.news.Listen()
	defer done()
	for over := false; ; {
		e.mu.Lock()
		there := holds()
		e.mu.Unlock()
		if there || over {
			return there
		}
		select {
		case <-ctx.Done():
			return false
		case <-e.over:
			over = true
		case <-changed:
		}
	}
}

// cutShort is why nobody waits any longer for a line.
func (e *Exercise) cutShort(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return refuse(valisev1.Reason_REASON_NOT_ACCEPTING, "the exercise is no longer conducted")
}

// refusedByPlay gives a refusal of the play its reason.
func refusedByPlay(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, play.ErrNotFound):
		return &Error{Why: valisev1.Reason_REASON_NOT_FOUND, Detail: ownWords(err), Err: err}
	case errors.Is(err, play.ErrEnded), errors.Is(err, play.ErrFired), errors.Is(err, play.ErrRefused), errors.Is(err, play.ErrSimulated):
		return &Error{Why: valisev1.Reason_REASON_NOT_AT_THIS_POINT, Detail: ownWords(err), Err: err}
	}
	return err
}

// ownWords is an error without the name of its package.
func ownWords(err error) string { return strings.TrimPrefix(err.Error(), "play: ") }
