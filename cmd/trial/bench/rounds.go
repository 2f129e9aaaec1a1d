package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// voidBeyond is how many times as long as in the best round an fdatasync may take.
const voidBeyond = 3

// leg is one of the things that take turns in a round; it gives one figure.
type leg struct {
	name string
	run  func(context.Context) (float64, error)
}

// rounds are the figures of the rounds that count.
type rounds struct {
	figures map[string][]float64
	syncs   []time.Duration // fdatasync p50 of every round
	void    int
}

// takeTurns runs every leg once a round, each round in another order.
func takeTurns(ctx context.Context, dir string, count int, legs ...leg) (rounds, error) {
	all := make([]map[string]float64, count)
	out := rounds{figures: map[string][]float64{}}
	for i := range count {
		took, err := fdatasyncTime(dir)
		if err != nil {
			return out, err
		}
		out.syncs = append(out.syncs, took)
		all[i] = map[string]float64{}
		for j := range legs {
			l := legs[(i+j)%len(legs)]
			figure, err := l.run(ctx)
			if err != nil {
				return out, fmt.Errorf("%s: %w", l.name, err)
			}
			all[i][l.name] = figure
		}
	}
	for i, figures := range all {
		if isVoid(out.syncs, i) {
			out.void++
			continue
		}
		for name, f := range figures {
			out.figures[name] = append(out.figures[name], f)
		}
	}
	return out, nil
}

// isVoid: the disk was in such a mood in this round that its figures say nothing. Below 20 µs
// there is no disk to have moods.
func isVoid(syncs []time.Duration, i int) bool {
	return syncs[i] > max(voidBeyond*slices.Min(syncs), 20*time.Microsecond)
}

// ratio is the median over the rounds of one leg's figure divided by another's.
func (r rounds) ratio(over, under string) float64 {
	var all []float64
	for i, f := range r.figures[over] {
		all = append(all, f/r.figures[under][i])
	}
	return median(all)
}

func (r rounds) median(name string) float64 { return median(r.figures[name]) }

// mood tells of the disk and the rounds.
func (r rounds) mood() string {
	text := fmt.Sprintf("fdatasync p50 %s, %d rounds", short(median(r.syncs)), len(r.syncs))
	if r.void > 0 {
		text += fmt.Sprintf(", %d void", r.void)
	}
	return text
}

// fdatasyncTime is the median time of an append of 4 KiB made durable.
func fdatasyncTime(dir string) (time.Duration, error) {
	f, err := os.Create(filepath.Join(dir, "sync-probe"))
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	page := make([]byte, 4096)
	took := make([]time.Duration, 0, 100)
	for range cap(took) {
		began := time.Now()
		if _, err := f.Write(page); err != nil {
			return 0, err
		}
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	return median(took), nil
}

func short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.1f µs", float64(d)/1e3)
	case d < time.Second:
		return fmt.Sprintf("%.2f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// row is one line of the table.
type row struct {
	what     string
	goal     string
	measured float64
	unit     string
	met      bool
	judged   bool // has a goal
	beside   []string
}

// atMost and atLeast are rows with a goal.
func atMost(what string, goal, measured float64, unit string, beside ...string) row {
	return row{what, fmt.Sprintf("≤ %g%s", goal, unit), measured, unit, measured <= goal, true, beside}
}

func atLeast(what string, goal, measured float64, unit string, beside ...string) row {
	return row{what, fmt.Sprintf("≥ %g%s", goal, unit), measured, unit, measured >= goal, true, beside}
}

func told(what string, measured float64, unit string, beside ...string) row {
	return row{what: what, goal: "–", measured: measured, unit: unit, beside: beside}
}

// String is the row as docs/performance.md has it.
func (r row) String() string {
	verdict := "–"
	if r.judged {
		verdict = "**missed**"
		if r.met {
			verdict = "met"
		}
	}
	return fmt.Sprintf("| %s | %s | %.2f%s | %s | %s |", r.what, r.goal, r.measured, r.unit, verdict, strings.Join(r.beside, "; "))
}
