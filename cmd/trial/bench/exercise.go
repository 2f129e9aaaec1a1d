package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

// rehearsalRuns is how many runs a rehearsal has by itself.
const rehearsalRuns = 200

// measureExercise: twenty hours of six States, played dry with its recording, and rehearsed.
func measureExercise(ctx context.Context, b *bench) ([]row, error) {
	data, _ := scenario.Open("lantern-ward")
	s, err := scenario.Parse("lantern-ward", data)
	if err != nil {
		return nil, err
	}
	digest, lines := scenario.Digest(data), 0
	dry, err := fastest(b.size.rounds, func() error {
		lines = 0
		return play.DryRun(ctx, s, digest, s.Seed, play.NewWriter(&counter{&lines}).Write)
	})
	if err != nil {
		return nil, err
	}
	workers := runtime.GOMAXPROCS(0)
	rehearsal, err := fastest(b.size.rounds, func() error {
		_, err := play.Rehearse(ctx, s, digest, s.Seed, rehearsalRuns, workers)
		return err
	})
	if err != nil {
		return nil, err
	}
	return []row{
		atMost(fmt.Sprintf("dry run of %s, %s, %d States", s.ID, s.End, len(s.Participants)), 5000, dry.Seconds()*1000, " ms",
			fmt.Sprintf("%d lines of recording", lines)),
		atMost(fmt.Sprintf("rehearsal of %d runs", rehearsalRuns), 60_000, rehearsal.Seconds()*1000, " ms",
			fmt.Sprintf("%d workers", workers)),
	}, nil
}

// counter counts what a recording's writer writes: one line a call.
type counter struct{ lines *int }

func (c *counter) Write(b []byte) (int, error) {
	*c.lines++
	return len(b), nil
}

// fastest is the shortest time of some rounds: what others do on the machine only adds to it.
func fastest(rounds int, once func() error) (time.Duration, error) {
	best := time.Duration(0)
	for range rounds {
		begin := time.Now()
		if err := once(); err != nil {
			return 0, err
		}
		if took := time.Since(begin); best == 0 || took < best {
			best = took
		}
	}
	return best, nil
}
