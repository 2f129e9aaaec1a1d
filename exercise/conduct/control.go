package conduct

import (
	"context"
	"fmt"
	"slices"

	"valise.example/api"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func notNow(detail string) error { return refuse(valisev1.Reason_REASON_NOT_AT_THIS_POINT, detail) }

// raisers are those who raise a REAL EVENT and have no seat. docs/protocol.md §12.6
var raisers = []string{"", byControl, "evaluators", "observers"}

// Command does what control orders; when it returns, the line that tells of it is durable. docs/protocol.md §12.6
func (e *Exercise) Command(ctx context.Context, r *valisev1.CommandRequest) (*valisev1.CommandResponse, error) {
	line, err := e.command(ctx, r)
	if err != nil {
		return nil, err
	}
	e.news.Ring()
	there := line == nil || e.durable(ctx, *line+1)
	if r.GetCommand() == valisev1.ControlCommand_CONTROL_COMMAND_CLOSE {
		line, there = e.awaitClosed(ctx)
	}
	if !there {
		return nil, e.cutShort(ctx)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return &valisev1.CommandResponse{Clock: e.clockNow(), Line: line}, nil
}

func (e *Exercise) command(ctx context.Context, r *valisev1.CommandRequest) (line *uint64, err error) {
	if r.GetCommand() == valisev1.ControlCommand_CONTROL_COMMAND_STARTEX {
		return e.startEx(ctx)
	}
	if r.GetCommand() == valisev1.ControlCommand_CONTROL_COMMAND_REAL_EVENT {
		if !slices.Contains(raisers, r.GetBy()) {
			return nil, api.RefuseField("by", "is none of control, evaluators and observers")
		}
		if _, err := e.realEvent(ctx, ident.Address{}, r.GetBy()); err != nil {
			return nil, err
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		return e.lastControl(play.RealEvent), nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch r.GetCommand() {
	case valisev1.ControlCommand_CONTROL_COMMAND_STAND_DOWN:
		return e.standDown()
	case valisev1.ControlCommand_CONTROL_COMMAND_CLOSE:
		return e.close()
	}
	if err := e.plays(); err != nil {
		return nil, err
	}
	switch r.GetCommand() {
	case valisev1.ControlCommand_CONTROL_COMMAND_PAUSE:
		if e.clock.stands() {
			return nil, notNow("the clock stands already")
		}
		return e.turn(play.Order{Do: play.Pause})
	case valisev1.ControlCommand_CONTROL_COMMAND_RESUME:
		if !e.clock.stands() {
			return nil, notNow("the clock runs already")
		}
		return e.turn(play.Order{Do: play.Resume})
	case valisev1.ControlCommand_CONTROL_COMMAND_SPEED:
		return e.speed(int64(r.GetRate()))
	case valisev1.ControlCommand_CONTROL_COMMAND_JUMP:
		return e.order(play.Order{Do: play.JumpTo, Value: r.GetTo()})
	case valisev1.ControlCommand_CONTROL_COMMAND_RELEASE:
		return e.order(play.Order{Do: play.Release, Inject: r.GetInject()})
	case valisev1.ControlCommand_CONTROL_COMMAND_HOLD:
		return e.order(play.Order{Do: play.Hold, Inject: r.GetInject()})
	case valisev1.ControlCommand_CONTROL_COMMAND_SKIP:
		return e.order(play.Order{Do: play.Skip, Inject: r.GetInject()})
	case valisev1.ControlCommand_CONTROL_COMMAND_ENDEX:
		return e.order(play.Order{Do: play.EndEx})
	}
	return nil, api.RefuseField("command", "is none that this version knows")
}

// plays refuses what is only for the time between STARTEX and ENDEX.
func (e *Exercise) plays() error {
	switch {
	case !e.begun:
		return notNow("STARTEX has not been")
	case e.play.Ended():
		return notNow("ENDEX has been")
	}
	return nil
}

// turn is a command that the clock obeys first.
func (e *Exercise) turn(o play.Order) (*uint64, error) {
	if _, err := e.clock.obey(o); err != nil {
		return nil, refusedByPlay(err)
	}
	return e.order(o)
}

func (e *Exercise) speed(rate int64) (*uint64, error) {
	if e.cfg.Lockstep {
		return nil, notNow("play goes as fast as the nodes do")
	}
	if rate > play.MaxRate {
		return nil, api.RefuseField("rate", fmt.Sprintf("is more than %d", play.MaxRate))
	}
	return e.turn(play.Order{Do: play.Speed, Value: rate})
}

// order puts a command into the play and names its line.
func (e *Exercise) order(o play.Order) (*uint64, error) {
	lines, err := e.play.Command(e.clock.span(), o)
	e.take(lines)
	if err != nil {
		return nil, refusedByPlay(err)
	}
	return e.lastControl(o.Do), nil
}

// standDown ends a REAL EVENT; the clock still stands.
func (e *Exercise) standDown() (*uint64, error) {
	if e.stop == nil {
		return nil, notNow("no real event stands")
	}
	// What a crash would let stand again goes first: whoever was told that it stands no more is not told otherwise later.
	if err := e.keepStop(nil); err != nil {
		return nil, err
	}
	if _, err := e.clock.obey(play.Order{Do: play.StandDown}); err != nil {
		return nil, refusedByPlay(err)
	}
	e.stop = nil
	if e.plays() != nil {
		return nil, nil
	}
	return e.order(play.Order{Do: play.StandDown})
}

// close asks for the last line: nobody notes or judges anything after it.
func (e *Exercise) close() (*uint64, error) {
	if !e.play.Ended() {
		return nil, notNow("ENDEX has not been")
	}
	e.closing = true
	e.wake.Ring()
	return nil, nil
}

// awaitClosed waits for the last line and gives its number; false where ctx ends first.
func (e *Exercise) awaitClosed(ctx context.Context) (*uint64, bool) {
	var last uint64
	there := e.await(ctx, func() bool {
		last = uint64(len(e.lines)) - 1
		return e.closed
	})
	if !there {
		return nil, false
	}
	return &last, true
}

// lastControl is the number of the last line that tells of a command; nil: none does.
func (e *Exercise) lastControl(do play.Command) *uint64 {
	for i := len(e.due) - 1; i >= 0; i-- {
		if l := &e.due[i].line; l.Type == play.Control && l.Do == do {
			return &l.Seq
		}
	}
	for i := len(e.lines) - 1; i >= 0; i-- {
		if l := &e.lines[i].Line; l.Type == play.Control && l.Do == do {
			return &l.Seq
		}
	}
	return nil
}

// AddExerciseNote writes down a remark. docs/protocol.md §12.6
func (e *Exercise) AddExerciseNote(ctx context.Context, r *valisev1.AddExerciseNoteRequest) (*valisev1.AddExerciseNoteResponse, error) {
	remark := play.Remark{Expectation: r.GetExpectation(), Text: r.GetText()}
	if err := words("text", r.GetText(), true); err != nil {
		return nil, err
	}
	if r.GetSeat() != "" {
		seat, err := ident.ParseAddress(r.GetSeat())
		if err != nil {
			return nil, api.RefuseField("seat", "is no address")
		}
		remark.Seat = seat
	}
	line, err := e.remark(ctx, func(at scenario.Span) ([]play.Line, error) { return e.play.Note(at, remark) })
	if err != nil {
		return nil, err
	}
	return &valisev1.AddExerciseNoteResponse{Line: line}, nil
}

// Judge writes down what a person says of an expectation. docs/protocol.md §12.6
func (e *Exercise) Judge(ctx context.Context, r *valisev1.JudgeRequest) (*valisev1.JudgeResponse, error) {
	if err := words("text", r.GetText(), r.GetPerformed() == ""); err != nil {
		return nil, err
	}
	put := func(at scenario.Span) ([]play.Line, error) { return e.play.Waive(at, r.GetExpectation(), r.GetText()) }
	switch grade := play.Grade(r.GetPerformed()); grade {
	case "":
	case play.Performed, play.SomeTrouble, play.MajorTrouble, play.Unperformed:
		put = func(at scenario.Span) ([]play.Line, error) {
			return e.play.Judge(at, r.GetExpectation(), grade, r.GetText())
		}
	default:
		return nil, api.RefuseField("performed", "is none of P, S, M and U")
	}
	line, err := e.remark(ctx, put)
	if err != nil {
		return nil, err
	}
	return &valisev1.JudgeResponse{Line: line}, nil
}

// maxWords is how many bytes an evaluator writes at once. docs/protocol.md §12.6
const maxWords = 4000

func words(field, text string, must bool) error {
	switch {
	case text == "" && must:
		return api.RefuseField(field, "is missing")
	case len(text) > maxWords:
		return api.RefuseField(field, fmt.Sprintf("is longer than %d bytes", maxWords))
	}
	return nil
}

// remark puts in what a person says at the present of the exercise.
func (e *Exercise) remark(ctx context.Context, put func(scenario.Span) ([]play.Line, error)) (uint64, error) {
	e.mu.Lock()
	if !e.begun || e.closed {
		defer e.mu.Unlock()
		return 0, notNow("nothing is recorded before STARTEX, or after the recording is closed")
	}
	lines, err := put(e.clock.span())
	e.take(lines)
	upTo := e.emitted
	e.mu.Unlock()
	if err != nil {
		return 0, refusedByPlay(err)
	}
	if !e.durable(ctx, upTo) {
		return 0, e.cutShort(ctx)
	}
	return upTo - 1, nil
}
