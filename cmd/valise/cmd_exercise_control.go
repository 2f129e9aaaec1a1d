package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"valise.example/api"
	"valise.example/exercise/conduct"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	valisev1 "valise.example/proto/valise/v1"
)

// clockObject is what a command of control prints.
const clockObject = `{"at","clock","shows","phase","rate","line"}; ` +
	"`at` is milliseconds since STARTEX and `clock` the same as T+01:30:00; `shows` is what the clock of the exercise shows; `line` is the number of the line in the recording, null where there is none"

// controlHelp says where the commands of control go to.
const controlHelp = `Speaks to the process of "valise exercise start --home D" through D/control.sock: only the user who runs it can.
When the command ends with 0, the recording has it on the disk.

` + exitTable

func newExercisePauseCommand(p *program) *cobra.Command {
	var realEvent bool
	cmd := &cobra.Command{
		Use: "pause --home D", Short: "Let the clock of the exercise stand",
		Annotations: documented("the clock stands; `--real-event`: because something real happens, until it is stood down", clockObject),
		Long: `Lets the clock stand for everybody. With --real-event it is the stop that every officer of every seat can raise:
play stops because something real happens, every desk says so, and it goes on only with "resume --stand-down".

` + controlHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c := valisev1.ControlCommand_CONTROL_COMMAND_PAUSE
			if realEvent {
				c = valisev1.ControlCommand_CONTROL_COMMAND_REAL_EVENT
			}
			return p.runControl(cmd.Context(), &valisev1.CommandRequest{Command: c})
		},
	}
	cmd.Flags().BoolVar(&realEvent, "real-event", false, "REAL EVENT: something real happens")
	return cmd
}

func newExerciseResumeCommand(p *program) *cobra.Command {
	var standDown bool
	cmd := &cobra.Command{
		Use: "resume --home D", Short: "STARTEX, or let the clock of the exercise run again",
		Annotations: documented("STARTEX, where that has not been; else the clock runs again; `--stand-down` ends a REAL EVENT first", clockObject),
		Long: `Gives STARTEX where play has not begun, and lets the clock run again after a pause. While a REAL EVENT stands it is
refused; --stand-down says that whoever raised it has been heard and play can go on.

` + controlHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runResume(cmd.Context(), standDown) },
	}
	cmd.Flags().BoolVar(&standDown, "stand-down", false, "end the REAL EVENT that stands, then let the clock run")
	return cmd
}

func newExerciseSpeedCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "speed N --home D", Short: "Let the clock of the exercise run at N seconds a second",
		Annotations: documented("the clock runs at N exercise seconds a second, 1 to 1000; 0: as the scenario says", clockObject),
		Long:        "Sets the rate of the clock. With 0 it is the scenario's again, and its `auto` has its way.\n\n" + controlHelp,
		Args:        cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := strconv.ParseUint(args[0], 10, 32)
			if err != nil || n > play.MaxRate {
				return usage(fmt.Sprintf("a speed is a whole number from 0 to %d", play.MaxRate))
			}
			return p.runControl(cmd.Context(), &valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_SPEED, Rate: uint32(n)})
		},
	}
}

func newExerciseJumpCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "jump T --home D", Short: "Let the clock of the exercise go on at a later moment",
		Annotations: documented("the clock goes on at T, `T+01:30:00` or `90m` since STARTEX", clockObject),
		Long: `What is foreseen until T happens in order, each at its own time; what people owe in between is not scored.

` + controlHelp,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			to, err := momentFlag(args[0])
			if err != nil {
				return err
			}
			return p.runControl(cmd.Context(), &valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_JUMP, To: int64(to)})
		},
	}
}

func newExerciseInjectCommand(p *program) *cobra.Command {
	var hold, skip bool
	cmd := &cobra.Command{
		Use: "inject I --home D", Short: "Release an inject now, hold it back, or skip it",
		Annotations: documented("the inject I reaches its seats now; `--hold`: only when it is released; `--skip`: never", clockObject),
		Long:        "Releases an inject by hand, also one that waits for its time or its condition.\n\n" + controlHelp,
		Args:        cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c := valisev1.ControlCommand_CONTROL_COMMAND_RELEASE
			switch {
			case hold && skip:
				return usage("--hold and --skip exclude each other")
			case hold:
				c = valisev1.ControlCommand_CONTROL_COMMAND_HOLD
			case skip:
				c = valisev1.ControlCommand_CONTROL_COMMAND_SKIP
			}
			return p.runControl(cmd.Context(), &valisev1.CommandRequest{Command: c, Inject: args[0]})
		},
	}
	cmd.Flags().BoolVar(&hold, "hold", false, "it comes only when it is released")
	cmd.Flags().BoolVar(&skip, "skip", false, "it never comes")
	return cmd
}

func newExerciseEndCommand(p *program) *cobra.Command {
	var closes bool
	cmd := &cobra.Command{
		Use: "end --home D", Short: "ENDEX; with --close also the last line of the recording",
		Annotations: documented("ENDEX; `--close` also closes the recording, after which nobody notes or judges, and the nodes end", clockObject),
		Long: `Ends play. The records of those who exchanged messages are compared, and evaluators can note and judge until the
recording is closed.

` + controlHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runEnd(cmd.Context(), closes) },
	}
	cmd.Flags().BoolVar(&closes, "close", false, "close the recording; play that still goes on is ended first")
	return cmd
}

// remarkFlags are what `exercise note` says.
type remarkFlags struct {
	file, seat, expectation, grade string
	waive                          bool
}

func newExerciseNoteCommand(p *program) *cobra.Command {
	var f remarkFlags
	cmd := &cobra.Command{
		Use: "note --home D --file F", Short: "Note something of the exercise, or judge or waive an expectation",
		Annotations: documented("a note of an evaluator, from `--file`; `--seat`, `--expectation`; with `--grade` (P, S, M or U) it judges the expectation, with `--waive` it takes it out of the score",
			`{"line"}; `+"number of the line in the recording"),
		Long: `Writes words into the recording, at the present of the exercise. With --expectation and --grade they judge: P
performed, S with some challenges, M with major challenges, U not performed. With --waive they say why an
expectation does not count.

` + controlHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.expectation == "" && (f.grade != "" || f.waive) || f.grade != "" && f.waive || f.seat != "" && (f.grade != "" || f.waive) {
				return usage("--grade and --waive exclude each other, go with --expectation and not with --seat")
			}
			return p.runNote(cmd.Context(), &f)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.file, "file", "", "the words; - reads stdin")
	fs.StringVar(&f.seat, "seat", "", "the seat that it is about")
	fs.StringVar(&f.expectation, "expectation", "", "the expectation that it is about")
	fs.StringVar(&f.grade, "grade", "", "judge the expectation: P, S, M or U")
	fs.BoolVar(&f.waive, "waive", false, "take the expectation out of the score")
	return cmd
}

// atControl runs an act at the door of control.
func (p *program) atControl(ctx context.Context, act func(valisev1.ControlServiceClient) error) error {
	dir, err := p.ownHome()
	if err != nil {
		return err
	}
	conn, err := api.Dial(ctx, filepath.Join(dir, conduct.ControlSocket), api.DialOptions{})
	if err != nil {
		return err
	}
	defer conn.Close()
	return act(valisev1.NewControlServiceClient(conn))
}

func (p *program) runControl(ctx context.Context, r *valisev1.CommandRequest) error {
	return p.atControl(ctx, func(control valisev1.ControlServiceClient) error {
		answer, err := control.Command(ctx, r)
		if err != nil {
			return err
		}
		return p.tellClock(answer)
	})
}

func (p *program) runResume(ctx context.Context, standDown bool) error {
	return p.atControl(ctx, func(control valisev1.ControlServiceClient) error {
		if standDown {
			if _, err := control.Command(ctx, &valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_STAND_DOWN}); err != nil {
				return err
			}
		}
		now, err := control.GetControl(ctx, &valisev1.GetControlRequest{Lines: 1})
		if err != nil {
			return err
		}
		c := valisev1.ControlCommand_CONTROL_COMMAND_RESUME
		if now.GetExercise().GetClock().GetPhase() == valisev1.ExercisePhase_EXERCISE_PHASE_PREPARED {
			c = valisev1.ControlCommand_CONTROL_COMMAND_STARTEX
		}
		answer, err := control.Command(ctx, &valisev1.CommandRequest{Command: c})
		if err != nil {
			return err
		}
		return p.tellClock(answer)
	})
}

func (p *program) runEnd(ctx context.Context, closes bool) error {
	return p.atControl(ctx, func(control valisev1.ControlServiceClient) error {
		now, err := control.GetControl(ctx, &valisev1.GetControlRequest{Lines: 1})
		if err != nil {
			return err
		}
		var answer *valisev1.CommandResponse
		if !closes || now.GetExercise().GetClock().GetPhase() != valisev1.ExercisePhase_EXERCISE_PHASE_ENDED {
			if answer, err = control.Command(ctx, &valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_ENDEX}); err != nil {
				return err
			}
		}
		if closes {
			if answer, err = control.Command(ctx, &valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_CLOSE}); err != nil {
				return err
			}
		}
		return p.tellClock(answer)
	})
}

func (p *program) runNote(ctx context.Context, f *remarkFlags) error {
	words, err := p.readWords(f.file)
	if err != nil {
		return err
	}
	return p.atControl(ctx, func(control valisev1.ControlServiceClient) error {
		var line uint64
		if f.grade == "" && !f.waive {
			answer, err := control.AddExerciseNote(ctx, &valisev1.AddExerciseNoteRequest{Text: words, Seat: f.seat, Expectation: f.expectation})
			if err != nil {
				return err
			}
			line = answer.GetLine()
		} else {
			answer, err := control.Judge(ctx, &valisev1.JudgeRequest{Expectation: f.expectation, Performed: f.grade, Text: words})
			if err != nil {
				return err
			}
			line = answer.GetLine()
		}
		return p.result(object{"line": line}, fmt.Sprintf("recorded as line %d", line))
	})
}

// phaseName is how far play is, as --json has it.
func phaseName(phase valisev1.ExercisePhase) string {
	return strings.ToLower(strings.TrimPrefix(phase.String(), "EXERCISE_PHASE_"))
}

// tellClock says what the clock did.
func (p *program) tellClock(r *valisev1.CommandResponse) error {
	c := r.GetClock()
	o := object{
		"at": c.GetAt(), "clock": scenario.Span(c.GetAt()).Clock(), "shows": stamp(c.GetShows()), "phase": phaseName(c.GetPhase()),
		"rate": c.GetRate(), "line": r.GetLine(),
	}
	if r.Line == nil {
		o["line"] = nil
	}
	return p.result(o, fmt.Sprintf("%s  %s, %d seconds a second", scenario.Span(c.GetAt()).Clock(), phaseName(c.GetPhase()), c.GetRate()))
}
