package play

import (
	"context"

	"valise.example/exercise/scenario"
)

// DryRun plays a whole exercise at once, all seats simulated, and writes its lines. The same scenario, digest and
// seed bring the same lines on every machine. docs/exercises.md §3
func DryRun(ctx context.Context, s *scenario.Scenario, digest string, seed uint64, write func(Line) error) error {
	p, err := New(s, digest, seed, Config{})
	if err != nil {
		return err
	}
	return Run(ctx, p, Model{}, write)
}
