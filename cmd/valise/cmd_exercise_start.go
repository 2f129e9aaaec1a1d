package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"valise.example/api/console"
	"valise.example/exercise/conduct"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// starting is what `exercise start` was asked for.
type starting struct {
	demo, once bool
	seats      []string
	seed       *uint64
}

func newExerciseStartCommand(p *program) *cobra.Command {
	var (
		s    starting
		seed uint64
	)
	cmd := &cobra.Command{
		Use:   "start FILE|NAME [--home D]",
		Short: "Conduct an exercise on this machine: relay, nodes, a desk for each human seat, and the door of control",
		Annotations: documented("conducts an exercise: relay and nodes in one process, a desk for each seat that people have; `--home D` keeps it in D and goes on with what is there; `--seat` names the human seats that people have (default: all); `--demo` has all seats simulated, as fast as the nodes go; `--once` ends after ENDEX; `--seed`",
			`{"ready","scenario","realm","home","phase"}; `+"`ready` is `exercise`",
			`{"seat","link"}; `+"opens the desk of `seat`; for each line on stdin all of them anew",
			`{"part","link"}; `+"opens the page of `part`: control, evaluators or observers; anew as those of desks; not with `--demo --once`",
			timelineObject,
			`{`+recordingKeys+`,"file","report"}; `+"when the recording is closed; `report` is a folder"),
		Long: `Makes a folder with a network of its own, or goes on with the one in --home, and runs it: nothing leaves
127.0.0.1. The clock stands until "valise exercise resume --home D" gives STARTEX. What happens is told as it is
recorded. With --home D the exercise goes on where it was after this process has ended, however it ended: at the
same exercise time, with the clock standing. Without --home the folder is a new one among the temporary files,
and is kept.

With --demo nobody has a seat, so that no desk is served; STARTEX comes at once, and play goes as fast as the nodes
do. Control, evaluators and observers have their pages all the same, unless --once is given too. With --once the
recording is closed at ENDEX and the command ends; without it, evaluators can note and judge until
"valise exercise end --close". The report is written into the folder "report" at ENDEX, in the language of --lang,
and again when the recording is closed.

` + exitTable,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if s.demo && len(s.seats) > 0 {
				return usage("--demo has all seats simulated, so nobody has a --seat")
			}
			s.seed = seedOf(cmd, &seed)
			return p.runExerciseStart(cmd.Context(), args, &s)
		},
	}
	addSeedFlag(cmd, &seed)
	cmd.Flags().BoolVar(&s.demo, "demo", false, "all seats simulated, STARTEX at once, as fast as the nodes go")
	cmd.Flags().BoolVar(&s.once, "once", false, "close the recording at ENDEX, and end")
	cmd.Flags().StringSliceVar(&s.seats, "seat", nil, "human seats that people have, XA/technical,…; stand-ins play the others (default: all)")
	return cmd
}

func (p *program) runExerciseStart(ctx context.Context, args []string, s *starting) error {
	var e *conduct.Exercise
	c := conduct.Config{
		Seed: s.seed, Lockstep: s.demo, Once: s.once, Rand: rand.Reader,
		Told: func(l play.Line) { _ = p.tellLine(l) }, // a closed stdout does not stop an exercise
	}
	if !s.demo {
		c.Desk = p.exerciseDesk
	}
	if err := p.exerciseScenario(&c, args, s); err != nil {
		return err
	}
	var err error
	if c.Dir, err = p.exerciseFolder(); err != nil {
		return err
	}
	c.Ended = func() {
		if err := p.draftReport(c.Dir); err != nil {
			p.fail(err) // the recording is there, and the report can be made of it at any time
		}
	}
	if e, err = conduct.Open(c); err != nil {
		return err
	}
	p.speaksFor(e.Realm())
	stop := p.watchdog(ctx, always)
	defer stop()
	return p.conduct(ctx, e, s.demo, s.demo && s.once)
}

// exerciseScenario reads what is named; without a name it is what the folder has.
func (p *program) exerciseScenario(c *conduct.Config, args []string, s *starting) error {
	if len(args) == 0 {
		if p.home == "" && p.env["VALISE_HOME"] == "" {
			return usageHint("no scenario is named", "a file, or one of the bundled ones; or --home D of an exercise that has begun")
		}
		return nil
	}
	data, err := p.readScenario(args[0])
	if err != nil {
		return err
	}
	if c.Scenario, _, err = p.playable(args[0]); err != nil {
		return err
	}
	c.File = data
	if s.demo {
		return nil
	}
	c.Persons, err = humanSeats(c.Scenario, s.seats)
	return err
}

// humanSeats are those that people have: the named ones, or all that the scenario gives to people.
func humanSeats(s *scenario.Scenario, named []string) (all []ident.Address, err error) {
	for i := range s.Participants {
		participant := &s.Participants[i]
		for _, track := range []ident.Track{ident.Diplomatic, ident.Technical} {
			if participant.Seats[track] == scenario.Human {
				all = append(all, ident.Address{State: participant.State, Track: track})
			}
		}
	}
	if len(named) == 0 {
		return all, nil
	}
	var chosen []ident.Address
	for _, text := range named {
		a, err := ident.ParseAddress(text)
		if err != nil || !slices.Contains(all, a) {
			return nil, usageHint("--seat "+shorten(text)+" is no human seat of this scenario", "XA/technical, one of those that it gives to people")
		}
		chosen = append(chosen, a)
	}
	return chosen, nil
}

// exerciseFolder is the one that is named, or a new one.
func (p *program) exerciseFolder() (string, error) {
	if p.home != "" || p.env["VALISE_HOME"] != "" {
		return p.homeDir()
	}
	return os.MkdirTemp(p.env["TMPDIR"], "valise-exercise-")
}

// conduct runs an exercise and tells what it was. Where it is over at once nobody is served a page.
func (p *program) conduct(ctx context.Context, e *conduct.Exercise, demo, once bool) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var (
		pages  partPages
		failed error
	)
	err := e.Run(ctx, func(desks []conduct.ServedSeat) {
		if !once {
			pages, failed = p.serveParts(ctx, e.Dir())
		}
		if failed == nil {
			failed = p.conducting(ctx, e, demo, desks, pages)
		}
		if failed != nil {
			stop()
		}
	})
	orderlyErr := orderly(ctx, err)
	stop()
	if err := errors.Join(failed, orderlyErr, pages.close()); err != nil {
		return err
	}
	if !e.Closed() {
		p.tell("it goes on with: valise exercise start --home %s", e.Dir())
		return nil
	}
	if err := p.draftReport(e.Dir()); err != nil {
		return err
	}
	return p.tellRecording(e)
}

// reportFolder is where the report of an exercise is, in its folder.
const reportFolder = "report"

// draftReport writes what the recording says so far as a report, in the place of an earlier one.
func (p *program) draftReport(dir string) error {
	path := filepath.Join(dir, conduct.RecordingFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	recording, err := play.Whole(bytes.NewReader(data))
	if err != nil {
		return err
	}
	r, err := p.reportOf(recording, path, filepath.Join(dir, conduct.ScenarioFile), "")
	if err != nil {
		return err
	}
	folder := filepath.Join(dir, reportFolder)
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	_, err = p.writeReport(r, folder)
	return err
}

// conducting says that all is there, and lets a demonstration begin.
func (p *program) conducting(ctx context.Context, e *conduct.Exercise, demo bool, desks []conduct.ServedSeat, pages partPages) error {
	id := e.Scenario().ID
	p.ready(object{"ready": "exercise", "scenario": id, "realm": e.Realm(), "home": e.Dir(), "phase": phaseName(e.Phase())}, "ready exercise "+id)
	p.tell("realm %s, folder %s", e.Realm(), e.Dir())
	tell := func() error { return errors.Join(p.tellDesks(desks), p.tellParts(pages)) }
	if err := tell(); err != nil {
		return err
	}
	if len(pages) > 0 {
		go p.keepLinks(ctx, tell)
	}
	if !demo {
		p.tell("the clock stands; it runs with: valise exercise resume --home %s", e.Dir())
		return nil
	}
	switch e.Phase() {
	case valisev1.ExercisePhase_EXERCISE_PHASE_PREPARED:
		return e.Begin(ctx)
	case valisev1.ExercisePhase_EXERCISE_PHASE_PAUSED:
		return e.Continue(ctx)
	}
	return nil
}

// tellDesks prints a new link for each desk.
func (p *program) tellDesks(desks []conduct.ServedSeat) error {
	for _, d := range desks {
		link, err := d.Desk.Link()
		if err != nil {
			return err
		}
		if err := p.result(object{"seat": d.Seat.String(), "link": link}, d.Seat.String()+"  "+link); err != nil {
			return err
		}
	}
	return nil
}

// keepLinks makes new links for each line on stdin until ctx ends.
func (p *program) keepLinks(ctx context.Context, tell func() error) {
	lines := p.lines(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-lines:
			_ = tell() // a closed stdout does not stop an exercise
		}
	}
}

// tellRecording names the recording that was closed.
func (p *program) tellRecording(e *conduct.Exercise) error {
	path := filepath.Join(e.Dir(), conduct.RecordingFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	r, err := play.Read(bytes.NewReader(data))
	if err != nil {
		return err
	}
	o := r.Opened()
	return p.result(object{
		"scenario": o.Scenario, "digest": o.Digest, "seed": o.Seed, "engine": o.Engine, "lines": len(r.Lines), "hash": r.Hash,
		"file": path, "report": filepath.Join(e.Dir(), reportFolder),
	}, "recorded in "+clean(path), "hash "+r.Hash, "report in "+clean(filepath.Join(e.Dir(), reportFolder)))
}

// exerciseDesk serves the desk of a seat, on the clock of the exercise.
func (p *program) exerciseDesk(ctx context.Context, _ ident.Address, home, token string, present func() time.Time) (conduct.Served, error) {
	door, err := openDesk(ctx, home, "", token)
	if err != nil {
		return nil, err
	}
	page, err := p.serveDesk(ctx, door, consoleFlags{
		listen: "127.0.0.1:0", idle: console.DefaultIdle, undo: console.DefaultUndo, quiet: true, present: present,
	})
	if err != nil {
		door.close()
		return nil, err
	}
	return &seatDesk{door, page}, nil
}

// seatDesk is the desk of a seat that a person has.
type seatDesk struct {
	door *desk
	page *servedDesk
}

// Link begins one session.
func (d *seatDesk) Link() (string, error) { return d.page.console.Link() }

// Close waits for a desk whose context has ended.
func (d *seatDesk) Close() error {
	err := d.page.close(nil)
	d.door.close()
	return err
}
