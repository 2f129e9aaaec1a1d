package play

import (
	"context"
	"fmt"

	"valise.example/proto/ident"
)

// Stage is where a run takes place: real nodes, or nowhere. docs/exercises.md §4
type Stage interface {
	// Do carries out an act of a simulated seat and returns when the other side durably has it.
	Do(ctx context.Context, a Act) error
	// Compare reports whether, at ENDEX, the records of two seats say the same about what they exchanged.
	Compare(ctx context.Context, pair [2]ident.Address) (agree bool, err error)
}

// Model is the stage of a dry run: every act succeeds at once, and all records agree.
type Model struct{}

// Do does nothing.
func (Model) Do(context.Context, Act) error { return nil }

// Compare finds all records in agreement.
func (Model) Compare(context.Context, [2]ident.Address) (bool, error) { return true, nil }

// Run plays what is left of a run in lockstep, from one moment to the next, with nobody but simulated seats: each
// act is done on the stage, then written. So it brings the same lines on every stage. It ends after the last line,
// with the first error of stage or write, or with the context.
func Run(ctx context.Context, p *Play, stage Stage, write func(Line) error) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		at, more := p.Next()
		if !more {
			break
		}
		if err := perform(ctx, p, stage, write, p.Advance(at)); err != nil {
			return err
		}
	}
	return Close(ctx, p, stage, write)
}

// perform does the acts among the lines on the stage and writes all of them, in their order.
func perform(ctx context.Context, p *Play, stage Stage, write func(Line) error, lines []Line) error {
	for _, line := range lines {
		if a, simulated := p.ActOf(line); simulated {
			if err := stage.Do(ctx, a); err != nil {
				return fmt.Errorf("play: line %d, %s %s: %w", line.Seq+1, line.Seat, line.Does, err)
			}
		}
		if err := write(line); err != nil {
			return err
		}
	}
	return nil
}

// Close is what follows ENDEX: records are compared, what is open is decided, and the last line is written.
func Close(ctx context.Context, p *Play, stage Stage, write func(Line) error) error {
	for _, pair := range p.Pairs() {
		agree, err := stage.Compare(ctx, pair)
		if err != nil {
			return fmt.Errorf("play: comparing %s and %s: %w", pair[0], pair[1], err)
		}
		lines, err := p.Compared(pair, agree)
		if err != nil {
			return err
		}
		if err := perform(ctx, p, stage, write, lines); err != nil {
			return err
		}
	}
	lines, err := p.Finish()
	if err != nil {
		return err
	}
	return perform(ctx, p, stage, write, lines)
}
