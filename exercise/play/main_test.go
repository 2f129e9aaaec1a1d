package play_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ward is a copy of Lantern Ward that stays as it is, whatever becomes of the bundled one.
func ward(t testing.TB) (*scenario.Scenario, string) {
	t.Helper()
	data, err := os.ReadFile("testdata/ward.toml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Parse("ward.toml", data)
	if err != nil {
		t.Fatal(err)
	}
	return s, scenario.Digest(data)
}

// addr is an address that is known to be one.
func addr(s string) ident.Address {
	a, err := ident.ParseAddress(s)
	if err != nil {
		panic(err)
	}
	return a
}

// always is a habit that takes exactly so long.
func always(after scenario.Span) scenario.Habit {
	return scenario.Habit{Chance: 100, Least: after, Mode: after, Most: after}
}

// prompt plays a seat without chance: it writes after a minute, acknowledges after two, answers after ten.
var prompt = scenario.Profile{
	Acknowledge: always(2 * scenario.Minute), Estimate: scenario.Hour,
	Answer: always(10 * scenario.Minute), Opens: always(scenario.Minute),
}

// small is a scenario of three States: people at XA/technical and XB/technical, a prompt profile everywhere else.
func small(change func(*scenario.Scenario)) *scenario.Scenario {
	s := &scenario.Scenario{
		ID: "small", Kind: scenario.Drill, Clock: scenario.Clock{Rate: 1}, End: 10 * scenario.Hour,
		Profiles: map[string]scenario.Profile{"prompt": prompt},
	}
	for _, state := range []ident.State{"XA", "XB", "XC"} {
		seats := map[ident.Track]string{ident.Technical: "prompt", ident.Diplomatic: "prompt"}
		if state != "XC" {
			seats[ident.Technical] = scenario.Human
		}
		s.Participants = append(s.Participants, scenario.Participant{State: state, Seats: seats})
	}
	change(s)
	return s
}

// live begins a run in which people have XA/technical and XB/technical.
func live(t testing.TB, s *scenario.Scenario) *play.Play {
	t.Helper()
	p, err := play.New(s, "00", 1, play.Config{Persons: []ident.Address{addr("XA/technical"), addr("XB/technical")}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// person is an act of a person; the address to whom may be empty.
func person(seat string, does scenario.Act, to, thread string, has ...scenario.Fact) play.Act {
	a := play.Act{Seat: addr(seat), Does: does, Thread: thread, Has: has}
	if to != "" {
		a.To = addr(to)
	}
	return a
}

// finished plays a run to its last line on the model stage; before are the lines so far.
func finished(t testing.TB, p *play.Play, before []play.Line) []play.Line {
	t.Helper()
	err := play.Run(context.Background(), p, play.Model{}, func(l play.Line) error {
		before = append(before, l)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return before
}

// dry is a dry run's lines.
func dry(t testing.TB, s *scenario.Scenario, digest string, seed uint64) []play.Line {
	t.Helper()
	var lines []play.Line
	if err := play.DryRun(context.Background(), s, digest, seed, func(l play.Line) error {
		lines = append(lines, l)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return lines
}

// recorded is a recording of lines.
func recorded(t testing.TB, lines []play.Line) string {
	t.Helper()
	var b strings.Builder
	w := play.NewWriter(&b)
	for _, l := range lines {
		if err := w.Write(l); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// outcomes are what was said of an expectation, in order.
func outcomes(lines []play.Line, id string) (list []play.Outcome) {
	for _, l := range lines {
		if l.Type == play.Result && l.Expectation == id {
			list = append(list, l.Outcome)
		}
	}
	return list
}

func find(lines []play.Line, wanted func(play.Line) bool) []play.Line {
	return slices.Collect(func(yield func(play.Line) bool) {
		for _, l := range lines {
			if wanted(l) && !yield(l) {
				return
			}
		}
	})
}
