package play_test

import (
	"errors"
	"slices"
	"testing"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// TestJump is the rule of docs/exercises.md §4: a jump from one hour to three.
func TestJump(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		s.Jumps = []scenario.Jump{{At: 60 * minute, To: 180 * minute}}
		s.Injects = []scenario.Inject{
			{ID: "I01", At: 90 * minute, To: []ident.Address{addr(xa)}},
			{ID: "I02", At: 90 * minute, To: []ident.Address{addr(xc)}, Opens: &scenario.Opens{To: addr(xb)}},
			{ID: "I03", When: &scenario.Trigger{Missed: "E03"}, To: []ident.Address{addr(xa)}},
			{ID: "I04", When: &scenario.Trigger{Missed: "E04"}, To: []ident.Address{addr(xa)}},
		}
		expect := func(id, who, of string, within scenario.Span) {
			s.Expectations = append(s.Expectations, scenario.Expectation{ID: id, Who: addr(who), Does: scenario.ResponseSent, Within: within, Of: of})
		}
		expect("E01", xa, "", 60*minute)      // due when the jump begins: its time is over
		expect("E02", xa, "", 60*minute+1)    // due in the gap
		expect("E03", xa, "", 180*minute)     // due where it ends
		expect("E04", xc, "", 90*minute)      // a profile's seat has its time
		expect("E05", xa, "I01", 90*minute)   // begins in the gap, is due where it ends
		expect("E06", xa, "I01", 90*minute+1) // begins in the gap, is due after it
		expect("E07", xa, "", 180*minute+1)   // is due after it
		expect("E08", xc, "I01", 60*minute)   // of a profile's seat, begins and is due in the gap
	})
	lines := played(t, s)
	for id, want := range map[string]play.Outcome{
		"E01": play.Missed, "E02": play.NotScored, "E03": play.NotScored, "E04": play.Missed, "E05": play.NotScored, "E06": play.Missed, "E07": play.Missed, "E08": play.Missed,
	} {
		if got := outcomes(lines, id); !slices.Equal(got, []play.Outcome{want}) {
			t.Errorf("%s is %v, want %s", id, got, want)
		}
	}
	at := map[string]scenario.Span{}
	for _, l := range lines {
		switch {
		case l.Type == play.Injected:
			at[l.Inject] = l.At
		case l.Type == play.Acted:
			at[l.Seat] = l.At
		case l.Outcome == play.NotScored && lines[*l.By].Do != play.JumpTo:
			t.Errorf("%s is not scored by line %v", l.Expectation, lines[*l.By])
		}
	}
	want := map[string]scenario.Span{"I01": 90 * minute, "I02": 90 * minute, xc: 91 * minute, "I04": 90 * minute}
	for what, when := range want {
		if at[what] != when {
			t.Errorf("in the gap %s happens at %s, want %s", what, at[what].Clock(), when.Clock())
		}
	}
	if _, fired := at["I03"]; fired {
		t.Error("what is not scored counts as missed")
	}
}

// TestActAfterItWasNotScored changes nothing, and what counts from the act counts.
func TestActAfterItWasNotScored(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		s.Expectations = []scenario.Expectation{
			{ID: "E01", Who: addr(xa), Does: scenario.InquirySent, Within: 60 * minute},
			{ID: "E02", Who: addr(xb), Does: scenario.Acknowledged, Within: minute, Of: "E01"},
		}
	})
	p := live(t, s)
	lines, err := p.Command(10*minute, play.Order{Do: play.JumpTo, Value: int64(100 * minute)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Command(10*minute, play.Order{Do: play.JumpTo, Value: int64(10 * minute)}); !errors.Is(err, play.ErrRefused) {
		t.Errorf("a jump to now: %v", err)
	}
	if _, err := p.Command(10*minute, play.Order{Do: play.JumpTo, Value: int64(s.End) + 1}); !errors.Is(err, play.ErrRefused) {
		t.Errorf("a jump past ENDEX: %v", err)
	}
	for _, x := range []step{asked(101 * minute), {102 * minute, xb, scenario.Acknowledged, xa, first, nil}} {
		more, err := p.Act(x.at, person(x.seat, x.does, x.to, x.thread))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, more...)
	}
	lines = finished(t, p, lines)
	if got := outcomes(lines, "E01"); !slices.Equal(got, []play.Outcome{play.NotScored}) {
		t.Errorf("E01 is %v", got)
	}
	if got := outcomes(lines, "E02"); !slices.Equal(got, []play.Outcome{play.Met}) {
		t.Errorf("E02 is %v", got)
	}
}
