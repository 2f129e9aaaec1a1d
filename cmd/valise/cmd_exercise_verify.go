package main

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	valisev1 "valise.example/proto/valise/v1"
)

// verdictObject is what is said of a recording that was checked, as docs/cli.md shows it.
const verdictObject = `{"ok","replayed",` + recordingKeys + `,"line","problem"}; ` +
	"line is the first that is wrong, from 1, and problem says what; both are null where ok is true, and what names the recording is null where it cannot be read"

func newExerciseVerifyCommand(p *program) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "verify R",
		Short: "Check a recording: its chain of hashes and, with its scenario, every line of it",
		Annotations: documented("checks the recording R: nothing in it was changed, dropped, doubled or moved; with its scenario, bundled or `--scenario F`, that it can have come about; ends with 0 or 7",
			verdictObject),
		Long: `Ends with 0 or 7, and names the first line that is wrong. The hash names the whole recording: compare it with
the one that the report shows, because whoever writes all of a recording anew can give it a chain that holds.
Where the scenario is at hand, the exercise is played again as with replay --verify; "replayed" says whether it was.

` + exitTable,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return p.runExerciseVerify(args[0], file, false) },
	}
	cmd.Flags().StringVar(&file, "scenario", "", "the scenario, where it is not a bundled one")
	return cmd
}

// runExerciseVerify checks a recording. Where the replay is a must, what is in its way is an error.
func (p *program) runExerciseVerify(file, scenarioFile string, must bool) error {
	data, err := p.readInput(file, play.MaxRecording)
	if err != nil {
		return err
	}
	recording, err := play.Read(bytes.NewReader(data))
	if err == nil {
		err = p.playAgain(recording, scenarioFile)
	}
	switch {
	case err == nil:
		return p.printVerdict(recording, true, nil)
	case isDamage(err):
		return p.printVerdict(recording, recording != nil, err)
	case recording != nil && !must && scenarioFile == "":
		return p.printVerdict(recording, false, nil)
	}
	return err
}

// playAgain plays a recording again with its scenario.
func (p *program) playAgain(r *play.Recording, file string) error {
	name := file
	if name == "" {
		name = r.Opened().Scenario
		if _, bundled := scenario.Open(name); !bundled {
			return refuse(valisev1.Reason_REASON_NOT_FOUND, fmt.Sprintf("the scenario %.40q is not bundled", clean(name)), "name its file with --scenario")
		}
	}
	s, digest, err := p.playable(name)
	if err != nil {
		return err
	}
	err = play.Verify(s, digest, r)
	if errors.Is(err, play.ErrScenario) {
		return usageHint(ownWords(err.Error()), "name the file that was played with --scenario: its SHA-256 is "+r.Opened().Digest)
	}
	return err
}

func isDamage(err error) bool {
	_, flaw := errors.AsType[*play.Flaw](err)
	_, difference := errors.AsType[*play.Difference](err)
	return flaw || difference
}

// printVerdict tells what was found, and ends with 7 where something was.
func (p *program) printVerdict(r *play.Recording, replayed bool, damage error) error {
	o := object{"ok": damage == nil, "replayed": replayed, "line": nil, "problem": nil}
	for _, key := range []string{"scenario", "digest", "seed", "engine", "lines", "hash"} {
		o[key] = nil
	}
	var lines []string
	if r != nil {
		p.speaksForRecording(r)
		first := r.Opened()
		o["scenario"], o["digest"], o["seed"], o["engine"], o["lines"], o["hash"] = first.Scenario, first.Digest, first.Seed, first.Engine, len(r.Lines), r.Hash
		lines = append(lines, clean(fmt.Sprintf("%s, seed %d, %d lines, hash %s", first.Scenario, first.Seed, len(r.Lines), r.Hash)))
	}
	if damage != nil {
		o["line"], o["problem"] = damageLine(damage), ownWords(damage.Error())
		if err := p.result(o, append(lines, clean(ownWords(damage.Error())))...); err != nil {
			return err
		}
		return ended(valisev1.Reason_REASON_RECORD_DAMAGED)
	}
	if replayed {
		lines = append(lines, "the chain holds, and every line comes out of a replay")
	} else {
		lines = append(lines, "the chain holds; it was not played again, because its scenario or its version of the rules of play is not at hand")
	}
	return p.result(o, lines...)
}

// damageLine is the first line that is wrong.
func damageLine(err error) int {
	if flaw, ok := errors.AsType[*play.Flaw](err); ok {
		return flaw.Line
	}
	if d, ok := errors.AsType[*play.Difference](err); ok {
		return d.Line
	}
	return 0
}
