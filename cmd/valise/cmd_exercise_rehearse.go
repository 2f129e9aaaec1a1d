package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

// maxRehearsal bounds the runs of one rehearsal.
const maxRehearsal = 10_000

func newExerciseRehearseCommand(p *program) *cobra.Command {
	var (
		seed uint64
		runs int
	)
	cmd := &cobra.Command{
		Use:   "rehearse FILE|NAME",
		Short: "Play an exercise many times, and tell how often each inject comes and each expectation fails",
		Annotations: documented("many dry runs, one seed after the other: how often each inject comes and each expectation fails; `--runs 200`, `--seed` of the first",
			`{"scenario","digest","seed","runs","injects":[{"inject","fired","earliest","median","latest"}],"expectations":[{"expectation","met","late","missed","not_reached","not_scored","unjudged","failed"}]}; times in milliseconds since STARTEX, null where it never came; failed = late + missed`),
		Long: `Plays the scenario as dry-run does, with as many seeds as --runs says, one after the other. An inject that
never comes, or an expectation that always fails or is never reached, is seen before people play it.

` + exitTable,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if runs < 1 || runs > maxRehearsal {
				return usage(fmt.Sprintf("--runs is 1 to %d", maxRehearsal))
			}
			return p.runExerciseRehearse(cmd.Context(), args[0], seedOf(cmd, &seed), runs)
		},
	}
	addSeedFlag(cmd, &seed)
	cmd.Flags().IntVar(&runs, "runs", 200, "how many runs")
	return cmd
}

func (p *program) runExerciseRehearse(ctx context.Context, name string, seed *uint64, runs int) error {
	s, digest, err := p.playable(name)
	if err != nil {
		return err
	}
	if seed == nil {
		seed = &s.Seed
	}
	r, err := play.Rehearse(ctx, s, digest, *seed, runs, runtime.GOMAXPROCS(0))
	if err != nil {
		return err
	}
	injects, expectations := []object{}, []object{}
	for _, f := range r.Injects {
		injects = append(injects, firingObject(f))
	}
	for _, t := range r.Expectations {
		expectations = append(expectations, object{
			"expectation": t.Expectation, "met": t.Met, "late": t.Late, "missed": t.Missed, "not_reached": t.NotReached,
			"not_scored": t.NotScored, "unjudged": t.Unjudged, "failed": t.Failed(),
		})
	}
	p.speaksOf(s.ID)
	return p.result(object{"scenario": s.ID, "digest": digest, "seed": r.Seed, "runs": r.Runs, "injects": injects, "expectations": expectations},
		rehearsalLines(s, r)...)
}

func firingObject(f play.Firing) object {
	o := object{"inject": f.Inject, "fired": f.Fired, "earliest": nil, "median": nil, "latest": nil}
	if f.Fired > 0 {
		o["earliest"], o["median"], o["latest"] = f.Earliest, f.Median, f.Latest
	}
	return o
}

// rehearsalLines are two tables for people.
func rehearsalLines(s *scenario.Scenario, r *play.Rehearsal) []string {
	lines := []string{
		fmt.Sprintf("%s: %d runs, seeds from %d", s.ID, r.Runs, r.Seed), "",
		fmt.Sprintf("%-10s %6s  %-12s %-12s %-12s", "inject", "comes", "earliest", "median", "latest"),
	}
	for _, f := range r.Injects {
		line := fmt.Sprintf("%-10s %6d", clean(f.Inject), f.Fired)
		if f.Fired > 0 {
			line += fmt.Sprintf("  %-12s %-12s %-12s", f.Earliest.Clock(), f.Median.Clock(), f.Latest.Clock())
		}
		lines = append(lines, line)
	}
	lines = append(lines, "", fmt.Sprintf("%-12s %6s %6s %6s %12s %11s %9s %8s", "expectation", "met", "late", "missed", "not reached", "not scored", "unjudged", "fails"))
	for _, t := range r.Expectations {
		lines = append(lines, fmt.Sprintf("%-12s %6d %6d %6d %12d %11d %9d %7d%%",
			clean(t.Expectation), t.Met, t.Late, t.Missed, t.NotReached, t.NotScored, t.Unjudged, t.Failed()*100/r.Runs))
	}
	return lines
}
