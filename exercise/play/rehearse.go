package play

import (
	"context"
	"slices"
	"sync"

	"valise.example/exercise/scenario"
)

// Rehearsal is what many dry runs say about a scenario. docs/exercises.md §3
type Rehearsal struct {
	Runs         int
	Seed         uint64 // of the first; each further run has the next
	Injects      []Firing
	Expectations []Tally
}

// Firing is in how many runs an inject reached its seats, and when.
type Firing struct {
	Inject                   string
	Fired                    int
	Earliest, Median, Latest scenario.Span // of those runs; 0 where there is none
}

// Tally counts what became of an expectation.
type Tally struct {
	Expectation                                        string
	Met, Late, Missed, NotReached, NotScored, Unjudged int
}

// Failed is in how many runs the time was over before the act came, if it came at all.
func (t Tally) Failed() int { return t.Late + t.Missed }

// Rehearse plays a scenario many times, with one seed after the other, by as many workers as are asked for. What
// comes out does not depend on how many they are.
func Rehearse(ctx context.Context, s *scenario.Scenario, digest string, seed uint64, runs, workers int) (*Rehearsal, error) {
	results, errs := make([][]Line, runs), make([]error, runs)
	work := make(chan int)
	var all sync.WaitGroup
	for range max(workers, 1) {
		all.Go(func() {
			for i := range work {
				results[i], errs[i] = essence(ctx, s, digest, seed+uint64(i))
			}
		})
	}
	for i := range runs {
		work <- i
	}
	close(work)
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return sum(s, seed, results), nil
}

// essence is what a rehearsal keeps of one run: injects and results.
func essence(ctx context.Context, s *scenario.Scenario, digest string, seed uint64) (kept []Line, err error) {
	err = DryRun(ctx, s, digest, seed, func(l Line) error {
		if l.Type == Injected || l.Type == Result {
			kept = append(kept, l)
		}
		return nil
	})
	return kept, err
}

func sum(s *scenario.Scenario, seed uint64, results [][]Line) *Rehearsal {
	r := &Rehearsal{Runs: len(results), Seed: seed}
	for _, in := range s.Injects {
		r.Injects = append(r.Injects, firing(in.ID, results))
	}
	for _, e := range s.Expectations {
		r.Expectations = append(r.Expectations, Tally{Expectation: e.ID})
	}
	for _, lines := range results {
		for i, v := range Verdicts(s, lines) {
			r.Expectations[i].count(v.Outcome)
		}
	}
	return r
}

func firing(inject string, results [][]Line) Firing {
	var times []scenario.Span
	for _, lines := range results {
		for _, l := range lines {
			if l.Type == Injected && l.Inject == inject {
				times = append(times, l.At)
			}
		}
	}
	f := Firing{Inject: inject, Fired: len(times)}
	if len(times) > 0 {
		slices.Sort(times)
		f.Earliest, f.Median, f.Latest = times[0], times[len(times)/2], times[len(times)-1]
	}
	return f
}

func (t *Tally) count(o Outcome) {
	switch o {
	case Met:
		t.Met++
	case Late:
		t.Late++
	case Missed:
		t.Missed++
	case NotReached:
		t.NotReached++
	case NotScored:
		t.NotScored++
	case Unjudged:
		t.Unjudged++
	case Waived: // nobody waives in a dry run
	}
}
