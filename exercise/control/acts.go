package control

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"valise.example/exercise/play"
	valisev1 "valise.example/proto/valise/v1"
)

// act is one form of a part.
type act struct {
	path string
	do   func(v *visit, ctx context.Context) error
}

func commands(c valisev1.ControlCommand) func(*visit, context.Context) error {
	return func(v *visit, ctx context.Context) error {
		return v.command(ctx, &valisev1.CommandRequest{Command: c, Inject: v.r.PathValue("inject")})
	}
}

var (
	realEvent = act{"real-event", (*visit).realEvent}
	note      = act{"note", (*visit).note}
)

// actsOf are the acts of each part. What is not here has no path there: an observer stops play and does nothing else.
// docs/protocol.md §12.6
var actsOf = map[Part][]act{
	Control: {
		realEvent, note,
		{"begin", commands(valisev1.ControlCommand_CONTROL_COMMAND_STARTEX)},
		{"pause", commands(valisev1.ControlCommand_CONTROL_COMMAND_PAUSE)},
		{"resume", commands(valisev1.ControlCommand_CONTROL_COMMAND_RESUME)},
		{"stand-down", commands(valisev1.ControlCommand_CONTROL_COMMAND_STAND_DOWN)},
		{"inject/{inject}/release", commands(valisev1.ControlCommand_CONTROL_COMMAND_RELEASE)},
		{"inject/{inject}/hold", commands(valisev1.ControlCommand_CONTROL_COMMAND_HOLD)},
		{"inject/{inject}/skip", commands(valisev1.ControlCommand_CONTROL_COMMAND_SKIP)},
		{"speed", (*visit).speed},
		{"jump", (*visit).jump},
		{"end", spoken(valisev1.ControlCommand_CONTROL_COMMAND_ENDEX)},
		{"close", spoken(valisev1.ControlCommand_CONTROL_COMMAND_CLOSE)},
		{"waive", (*visit).waive},
	},
	Evaluators: {realEvent, note, {"judge", (*visit).judge}},
	Observers:  {realEvent},
}

// act does what a form asks for, once.
func (v *visit) act(a act) error {
	// Whoever hangs up after the click has still clicked.
	ctx, stop := context.WithTimeout(context.WithoutCancel(v.r.Context()), doTime)
	defer stop()
	named, err := v.p.shell.Once(v.r, func() error { return a.do(v, ctx) })
	if err != nil {
		return err
	}
	if !named {
		return wrong{v.t.Control.BadValue}
	}
	return v.back()
}

func (v *visit) command(ctx context.Context, r *valisev1.CommandRequest) error {
	_, err := v.p.control.Command(ctx, r)
	return err
}

func (v *visit) speed(ctx context.Context) error {
	rate, err := strconv.ParseUint(v.r.PostFormValue("rate"), 10, 16)
	if err != nil {
		return wrong{v.t.Control.BadValue}
	}
	return v.command(ctx, &valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_SPEED, Rate: uint32(rate)})
}

func (v *visit) jump(ctx context.Context) error {
	to, err := play.ParseMoment(v.r.PostFormValue("to"))
	if err != nil {
		return wrong{v.t.Control.BadValue}
	}
	return v.command(ctx, &valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_JUMP, To: int64(to)})
}

// spoken is a command that cannot be taken back: whoever gives it types the codeword.
func spoken(c valisev1.ControlCommand) func(*visit, context.Context) error {
	return func(v *visit, ctx context.Context) error {
		now, err := v.p.control.GetControl(ctx, &valisev1.GetControlRequest{Lines: 1})
		if err != nil {
			return err
		}
		if word := now.GetExercise().GetCodeword(); word != "" && v.r.PostFormValue("codeword") != word {
			return wrong{v.t.Control.WrongWord}
		}
		return v.command(ctx, &valisev1.CommandRequest{Command: c})
	}
}

// realEvent stops play; the recording says at whose page. docs/protocol.md §12.6
func (v *visit) realEvent(ctx context.Context) error {
	return v.command(ctx, &valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_REAL_EVENT, By: string(v.p.cfg.Part)})
}

func (v *visit) note(ctx context.Context) error {
	text := v.r.PostFormValue("text")
	if strings.TrimSpace(text) == "" {
		return wrong{v.t.Control.Missing}
	}
	_, err := v.p.control.AddExerciseNote(ctx, &valisev1.AddExerciseNoteRequest{Text: text, Seat: v.r.PostFormValue("seat")})
	return err
}

// waive takes an expectation out of the score, with who decided so, by function, and why: a recording names no person.
// docs/exercises.md §6
func (v *visit) waive(ctx context.Context) error {
	expectation := v.r.PostFormValue("expectation")
	who, why := strings.TrimSpace(v.r.PostFormValue("who")), strings.TrimSpace(v.r.PostFormValue("text"))
	if expectation == "" || who == "" || why == "" {
		return wrong{v.t.Control.Missing}
	}
	text := strings.NewReplacer("{who}", who, "{why}", why).Replace(v.t.Control.WaivedBy.String())
	_, err := v.p.control.Judge(ctx, &valisev1.JudgeRequest{Expectation: expectation, Text: text})
	return err
}

// judge takes one of the four grades: a page without a choice would waive instead.
func (v *visit) judge(ctx context.Context) error {
	grade := v.r.PostFormValue("grade")
	if !slices.Contains([]string{"P", "S", "M", "U"}, grade) {
		return wrong{v.t.Control.Choose}
	}
	_, err := v.p.control.Judge(ctx, &valisev1.JudgeRequest{
		Expectation: v.r.PostFormValue("expectation"), Performed: grade, Text: v.r.PostFormValue("text"),
	})
	return err
}
