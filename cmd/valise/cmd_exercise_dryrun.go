package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"valise.example/exercise/play"
)

func newExerciseDryRunCommand(p *program) *cobra.Command {
	var (
		seed uint64
		out  string
	)
	cmd := &cobra.Command{
		Use:   "dry-run FILE|NAME",
		Short: "Play a whole exercise at once, all seats simulated, and tell what happens",
		Annotations: documented("plays a scenario at once, all seats simulated, without nodes; `--seed`; `--out` writes the recording",
			timelineObject,
			`{`+recordingKeys+`,"file"?}`),
		Long: `Plays the scenario without nodes, as fast as the machine can. Profiles play their seats, and the profile with
stand_in = true the seats of people. The same file and seed bring the same recording, byte for byte, on every
machine. With --out it is written to a file.

` + exitTable,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runExerciseDryRun(cmd.Context(), args[0], seedOf(cmd, &seed), out)
		},
	}
	addSeedFlag(cmd, &seed)
	cmd.Flags().StringVar(&out, "out", "", "write the recording to this file")
	return cmd
}

func addSeedFlag(cmd *cobra.Command, seed *uint64) {
	cmd.Flags().Uint64Var(seed, "seed", 0, "another seed than the scenario's")
}

// seedOf is the seed that was asked for; nil: that of the scenario.
func seedOf(cmd *cobra.Command, seed *uint64) *uint64 {
	if cmd.Flags().Changed("seed") {
		return seed
	}
	return nil
}

func (p *program) runExerciseDryRun(ctx context.Context, name string, seed *uint64, out string) error {
	s, digest, err := p.playable(name)
	if err != nil {
		return err
	}
	if seed == nil {
		seed = &s.Seed
	}
	realm, err := play.RealmOf(s, digest, *seed)
	if err != nil {
		return err
	}
	p.speaksFor(realm)
	var recording bytes.Buffer
	w, lines := play.NewWriter(&recording), 0
	if err := play.DryRun(ctx, s, digest, *seed, func(l play.Line) error {
		lines++
		if err := w.Write(l); err != nil {
			return err
		}
		return p.tellLine(l)
	}); err != nil {
		return err
	}
	o := object{"scenario": s.ID, "digest": digest, "seed": *seed, "engine": play.Engine, "lines": lines, "hash": w.Hash()}
	told := fmt.Sprintf("%d lines, hash %s", lines, w.Hash())
	if out != "" {
		if err := p.writeNew(out, recording.Bytes()); err != nil {
			return err
		}
		o["file"] = out
		told += ", written to " + clean(out)
	}
	return p.result(o, told)
}
