package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// replaying is what `exercise replay` was asked for.
type replaying struct {
	verify   bool
	scenario string
	state    string
	from     string
	speed    int
}

func newExerciseReplayCommand(p *program) *cobra.Command {
	var r replaying
	cmd := &cobra.Command{
		Use:   "replay R",
		Short: "Tell a recording again; with --verify, play it again and hold every line against what comes out",
		Annotations: documented("tells the recording R again, at once or in its own time; `--state XA`, `--from T+01:30:00`, `--speed 1` to 1000; `--verify` plays it again instead, `--scenario F` with that file, and ends with 0 or 7",
			timelineObject,
			verdictObject),
		Long: `Prints the lines of a recording: all at once, or with --speed N exercise seconds a second. --state keeps the
lines about seats of one State, --from begins at a moment, "T+01:30:00" or "90m".

With --verify the exercise is played again, with what people and control did out of the recording. Every line
must come out byte for byte; the first that does not is named, and the command ends with 7. For that it needs
the scenario of the recording: a bundled one is found by itself, another is named with --scenario. A recording
of another version of the rules of play is told and not played again (exit 4).

` + exitTable,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if r.speed < 0 || r.speed > play.MaxRate {
				return usage(fmt.Sprintf("--speed is 1 to %d", play.MaxRate))
			}
			if r.verify {
				return p.runExerciseVerify(args[0], r.scenario, true)
			}
			return p.runExerciseReplay(cmd.Context(), args[0], r)
		},
	}
	cmd.Flags().BoolVar(&r.verify, "verify", false, "play it again and compare, instead of telling it")
	cmd.Flags().StringVar(&r.scenario, "scenario", "", "with --verify: the scenario, where it is not a bundled one")
	cmd.Flags().StringVar(&r.state, "state", "", "only lines about seats of this State")
	cmd.Flags().StringVar(&r.from, "from", "", "begin at this moment: T+01:30:00, or 90m")
	cmd.Flags().IntVar(&r.speed, "speed", 0, "exercise seconds a second, 1 to 1000; without it all at once")
	return cmd
}

func (p *program) runExerciseReplay(ctx context.Context, file string, r replaying) error {
	from, err := momentFlag(r.from)
	if err != nil {
		return err
	}
	if _, err := ident.ParseState(r.state); r.state != "" && err != nil {
		return usage(err.Error())
	}
	data, err := p.readInput(file, play.MaxRecording)
	if err != nil {
		return err
	}
	recording, err := play.Whole(bytes.NewReader(data))
	if err != nil {
		return err
	}
	p.speaksForRecording(recording)
	at := from
	for _, l := range recording.Lines {
		if l.At < from || r.state != "" && !concerns(l, r.state) {
			continue
		}
		if err := pass(ctx, l.At-at, r.speed); err != nil {
			return err
		}
		at = l.At
		if err := p.tellLine(l); err != nil {
			return err
		}
	}
	if !recording.Complete {
		p.tell("the recording stops here, without its last line")
	}
	return nil
}

func momentFlag(s string) (scenario.Span, error) {
	if s == "" {
		return 0, nil
	}
	at, err := play.ParseMoment(s)
	if err != nil {
		return 0, usage(ownWords(err.Error()))
	}
	return at, nil
}

// concerns reports whether a line is about a seat of a State, or about all.
func concerns(l play.Line, state string) bool {
	seats := slices.Concat([]string{l.Seat}, l.To, l.Seats)
	seats = slices.DeleteFunc(seats, func(s string) bool { return s == "" })
	return len(seats) == 0 || slices.ContainsFunc(seats, func(s string) bool { return strings.HasPrefix(s, state+"/") })
}

// pass waits as long as exercise time takes at a speed; 0: not at all.
func pass(ctx context.Context, span scenario.Span, speed int) error {
	if speed == 0 || span <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(time.Duration(span) * time.Millisecond / time.Duration(speed))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
