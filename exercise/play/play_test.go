package play_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

var update = flag.Bool("update", false, "write testdata/ward.jsonl anew: the rules of play have changed, and Engine with them")

// TestKeptRecording: what this scenario and seed bring is a promise to every recording that exists. If this test
// fails, the rules of play have changed, and Engine must too.
func TestKeptRecording(t *testing.T) {
	s, digest := ward(t)
	got := recorded(t, dry(t, s, digest, s.Seed))
	if *update {
		if err := os.WriteFile("testdata/ward.jsonl", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile("testdata/ward.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(kept) {
		t.Error("a dry run of testdata/ward.toml is no longer testdata/ward.jsonl")
	}
}

// TestSameRunAnywhere: neither the number of processors nor the order of a map decides anything.
func TestSameRunAnywhere(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	first := ""
	for i := range 40 {
		runtime.GOMAXPROCS(1 + i%4)
		s, digest := ward(t) // its maps are made anew
		got := recorded(t, dry(t, s, digest, 7))
		if first == "" {
			first = got
		}
		if got != first {
			t.Fatalf("run %d is another", i)
		}
	}
	s, digest := ward(t)
	if recorded(t, dry(t, s, digest, 8)) == first {
		t.Error("another seed brings the same run")
	}
}

// TestEveryRunHoldsTheRules plays a thousand seeds.
func TestEveryRunHoldsTheRules(t *testing.T) {
	s, digest := ward(t)
	for seed := range uint64(1000) {
		lines := dry(t, s, digest, seed)
		checkOrder(t, s, lines)
		checkStory(t, lines)
		checkOutcomes(t, s, lines)
		checkSeats(t, lines)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func checkOrder(t *testing.T, s *scenario.Scenario, lines []play.Line) {
	t.Helper()
	last := lines[len(lines)-1]
	if lines[0].Type != play.Opened || last.Type != play.Ended || last.Lines != uint64(len(lines)-1) {
		t.Errorf("a run begins with %s and ends with %s of %d, after %d lines", lines[0].Type, last.Type, last.Lines, len(lines)-1)
	}
	for i, l := range lines {
		if l.Seq != uint64(i) || i > 0 && l.At < lines[i-1].At || l.At > s.End {
			t.Errorf("line %d has number %d and time %d after %d", i, l.Seq, l.At, lines[max(i-1, 0)].At)
		}
	}
}

func checkStory(t *testing.T, lines []play.Line) {
	t.Helper()
	fired := map[string]int{}
	for _, l := range lines {
		if l.Type == play.Injected {
			fired[l.Inject]++
		}
	}
	for id, n := range fired {
		if n > 1 {
			t.Errorf("inject %s fires %d times", id, n)
		}
	}
	if fired["I09"] > 0 {
		t.Error("what only control releases fires by itself")
	}
}

func checkOutcomes(t *testing.T, s *scenario.Scenario, lines []play.Line) {
	t.Helper()
	allowed := [][]play.Outcome{
		{play.Met}, {play.Missed}, {play.Missed, play.Late}, {play.NotReached}, {play.NotScored}, {play.Unjudged},
	}
	for _, e := range s.Expectations {
		got := outcomes(lines, e.ID)
		if !slices.ContainsFunc(allowed, func(a []play.Outcome) bool { return slices.Equal(a, got) }) {
			t.Errorf("what became of %s: %v", e.ID, got)
		}
		for _, l := range find(lines, func(l play.Line) bool { return l.Expectation == e.ID && l.After != nil }) {
			inTime := scenario.Span(*l.After) <= e.Within
			if inTime != (l.Outcome == play.Met) || lines[*l.By].Type != play.Acted {
				t.Errorf("%s is %s %d ms after what it counts from, by a line of type %s", e.ID, l.Outcome, *l.After, lines[*l.By].Type)
			}
		}
	}
}

func checkSeats(t *testing.T, lines []play.Line) {
	t.Helper()
	acknowledged, opened := map[[2]string]bool{}, map[string]bool{}
	for _, l := range find(lines, func(l play.Line) bool { return l.Type == play.Acted }) {
		key := [2]string{l.Seat, l.Thread}
		switch {
		case l.Seat == "XE/diplomatic":
			t.Error("a seat acts whose profile never does")
		case l.Person:
			t.Error("a person acts in a dry run")
		case l.Does == scenario.InquirySent:
			opened[l.Thread] = true
			if len(l.Has) != 6 || !slices.IsSorted(l.Has) {
				t.Errorf("an inquiry of a simulated seat has %v", l.Has)
			}
		case !opened[l.Thread]:
			t.Errorf("%s does %s on %s before that is opened", l.Seat, l.Does, l.Thread)
		case l.Does == scenario.Acknowledged:
			acknowledged[key] = true
		case !acknowledged[key]:
			t.Errorf("%s does %s on %s before it has acknowledged", l.Seat, l.Does, l.Thread)
		}
	}
}

// TestShapeOfLanternWard: the branch of the story that a silence opens is played now and then, and the stale entry is
// always stale.
func TestShapeOfLanternWard(t *testing.T) {
	s, digest := ward(t)
	r, err := play.Rehearse(t.Context(), s, digest, s.Seed, 200, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range s.Expectations {
		tally := r.Expectations[i]
		if e.ID == "E02" && (tally.Failed() < 20 || tally.Failed() > 120) {
			t.Errorf("E02 fails in %d of 200 runs: want a fair share", tally.Failed())
		}
		if e.ID == "E07" && tally.Missed != 200 {
			t.Errorf("E07 is missed in %d of 200 runs: want always", tally.Missed)
		}
	}
	for _, f := range r.Injects {
		if f.Inject == "I02" && (f.Earliest >= f.Median || f.Median >= f.Latest) {
			t.Errorf("I02 comes at %v", f)
		}
		if f.Inject == "I02" && f.Fired != r.Expectations[1].Failed() {
			t.Errorf("I02 fires in %d runs, and E02 fails in %d", f.Fired, r.Expectations[1].Failed())
		}
	}
}

// TestRehearsalIsTheSameByAnyNumberOfWorkers compares one worker with many.
func TestRehearsalIsTheSameByAnyNumberOfWorkers(t *testing.T) {
	s, digest := ward(t)
	one, err := play.Rehearse(t.Context(), s, digest, 1, 30, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{0, 2, 7, 50} {
		many, err := play.Rehearse(t.Context(), s, digest, 1, 30, workers)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(one.Injects, many.Injects) || !slices.Equal(one.Expectations, many.Expectations) {
			t.Errorf("%d workers bring %v, one brings %v", workers, many, one)
		}
	}
}

// TestOneSeatMoreDisturbsNobody adds a State before all others, with an inquiry of its own to a seat that is silent.
func TestOneSeatMoreDisturbsNobody(t *testing.T) {
	s, digest := ward(t)
	more, _ := ward(t)
	newcomer := addr("XG/diplomatic")
	more.Participants = slices.Insert(more.Participants, 0, scenario.Participant{
		State: newcomer.State, Seats: map[ident.Track]string{ident.Diplomatic: "eager"},
	})
	more.Injects = slices.Insert(more.Injects, 0, scenario.Inject{
		ID: "I00", At: scenario.Minute, To: []ident.Address{newcomer}, Opens: &scenario.Opens{To: addr("XE/diplomatic")},
	})
	for seed := range uint64(200) {
		without, with := acts(dry(t, s, digest, seed), ""), dry(t, more, digest, seed)
		if got := acts(with, "XG/diplomatic"); !slices.Equal(got, without) {
			t.Fatalf("seed %d: with one seat more the others do %v, and %v without", seed, got, without)
		}
		if len(acts(with, "")) == len(without) {
			t.Fatalf("seed %d: the seat that was added does nothing", seed)
		}
	}
}

// acts are who did what and when, of all seats but one.
func acts(lines []play.Line, but string) (list []struct {
	at           scenario.Span
	seat, thread string
	does         scenario.Act
}) {
	for _, l := range lines {
		if l.Type == play.Acted && l.Seat != but {
			list = append(list, struct {
				at           scenario.Span
				seat, thread string
				does         scenario.Act
			}{l.At, l.Seat, l.Thread, l.Does})
		}
	}
	return list
}

// TestLargeScenario: hundreds of injects, each waiting for what the one before it brought about, come one after the
// other, and end.
func TestLargeScenario(t *testing.T) {
	const n = 500
	s := small(func(s *scenario.Scenario) {
		for i := range n {
			in := scenario.Inject{ID: fmt.Sprintf("I%d", i), To: []ident.Address{addr("XA/diplomatic")}, Opens: &scenario.Opens{To: addr("XC/diplomatic")}}
			if i > 0 {
				in.When = &scenario.Trigger{All: []scenario.Trigger{
					{Met: fmt.Sprintf("E%d", i-1)}, {Event: &scenario.Event{Does: scenario.InquirySent, From: addr("XA/diplomatic")}},
				}}
			}
			s.Injects = append(s.Injects, in)
			s.Expectations = append(s.Expectations, scenario.Expectation{
				ID: fmt.Sprintf("E%d", i), Who: addr("XC/diplomatic"), Does: scenario.Acknowledged, Within: 5 * minute, Of: in.ID + ".sent",
			})
		}
		s.End = scenario.MaxSpan
	})
	lines := dry(t, s, "00", 1)
	if fired := find(lines, func(l play.Line) bool { return l.Type == play.Injected }); len(fired) != n || fired[n-1].At != 3*minute*(n-1) {
		t.Errorf("%d of %d injects come", len(fired), n)
	}
}
