package play_test

import (
	"errors"
	"testing"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// TestTriggers: when an inject comes whose time is a condition. XA asks XB at one minute and not again; XB never
// answers, which misses E01 at eleven minutes.
func TestTriggers(t *testing.T) {
	asks := scenario.Trigger{Event: &scenario.Event{Does: scenario.InquirySent, From: addr(xa)}}
	other := scenario.Trigger{Event: &scenario.Event{Does: scenario.InquirySent, From: addr(xb)}}
	names := scenario.Trigger{Event: &scenario.Event{Does: scenario.AgencyNamed, To: addr(xb)}}
	misses := scenario.Trigger{Missed: "E01"}
	for name, c := range map[string]struct {
		when scenario.Trigger
		want scenario.Span // -1: it never comes
	}{
		"an act":                    {asks, minute},
		"an act of nobody":          {other, -1},
		"an act by a fact":          {names, minute},
		"missed":                    {misses, 11 * minute},
		"met":                       {scenario.Trigger{Met: "E02"}, minute},
		"met, of what is missed":    {scenario.Trigger{Met: "E01"}, -1},
		"missed, of what is met":    {scenario.Trigger{Missed: "E02"}, -1},
		"all":                       {scenario.Trigger{All: []scenario.Trigger{asks, misses}}, 11 * minute},
		"all, one of which never":   {scenario.Trigger{All: []scenario.Trigger{asks, other}}, -1},
		"any":                       {scenario.Trigger{Any: []scenario.Trigger{other, misses}}, 11 * minute},
		"not, from the beginning":   {scenario.Trigger{Not: &asks}, 0},
		"not, where it has been":    {scenario.Trigger{All: []scenario.Trigger{{Not: &asks}, misses}}, -1},
		"not, where it never comes": {scenario.Trigger{All: []scenario.Trigger{{Not: &other}, asks}}, minute},
	} {
		t.Run(name, func(t *testing.T) {
			s := small(func(s *scenario.Scenario) {
				s.Injects = []scenario.Inject{{ID: "I01", When: &c.when, Delay: 7, To: []ident.Address{addr(xb)}}}
				s.Expectations = []scenario.Expectation{
					{ID: "E01", Who: addr(xb), Does: scenario.ResponseSent, Within: 10 * minute, Of: "E02"},
					{ID: "E02", Who: addr(xa), Does: scenario.InquirySent, Within: 10 * minute},
				}
			})
			lines := played(t, s, step{minute, xa, scenario.InquirySent, xb, "", []scenario.Fact{scenario.LeadAgency}})
			fired := find(lines, func(l play.Line) bool { return l.Type == play.Injected })
			switch {
			case c.want < 0 && len(fired) > 0:
				t.Errorf("it comes at %s", fired[0].At.Clock())
			case c.want >= 0 && (len(fired) != 1 || fired[0].At != c.want+7 || fired[0].Cause != play.ByTrigger):
				t.Errorf("it comes as %v, want 7 ms after %s", fired, c.want.Clock())
			}
		})
	}
}

// TestControlHandlesInjects: released now, held until it is, or dropped; once.
func TestControlHandlesInjects(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		for _, id := range []string{"I01", "I02", "I03"} {
			s.Injects = append(s.Injects, scenario.Inject{ID: id, At: 10 * minute, To: []ident.Address{addr(xa)}})
		}
		s.Injects = append(s.Injects, scenario.Inject{ID: "I04", Manual: true, To: []ident.Address{addr(xa)}})
	})
	p := live(t, s)
	var lines []play.Line
	for _, c := range []struct {
		at    scenario.Span
		order play.Order
		want  error
	}{
		{minute, play.Order{Do: play.Release, Inject: "I01"}, nil},
		{minute, play.Order{Do: play.Hold, Inject: "I02"}, nil},
		{minute, play.Order{Do: play.Skip, Inject: "I03"}, nil},
		{2 * minute, play.Order{Do: play.Release, Inject: "I01"}, play.ErrFired},
		{2 * minute, play.Order{Do: play.Release, Inject: "I03"}, play.ErrFired},
		{2 * minute, play.Order{Do: play.Release, Inject: "I99"}, play.ErrNotFound},
		{2 * minute, play.Order{Do: "laugh"}, play.ErrRefused},
		{20 * minute, play.Order{Do: play.Release, Inject: "I02"}, nil},
		{30 * minute, play.Order{Do: play.Release, Inject: "I04"}, nil},
	} {
		more, err := p.Command(c.at, c.order)
		if !errors.Is(err, c.want) {
			t.Errorf("%s %s: %v, want %v", c.order.Do, c.order.Inject, err, c.want)
		}
		lines = append(lines, more...)
	}
	want := map[string]scenario.Span{"I01": minute, "I02": 20 * minute, "I03": minute, "I04": 30 * minute}
	for _, l := range find(finished(t, p, lines), func(l play.Line) bool { return l.Type == play.Injected }) {
		cause := play.ByControl
		if l.Inject == "I03" {
			cause = play.BySkip
		}
		if l.At != want[l.Inject] || l.Cause != cause {
			t.Errorf("%s at %s by %s", l.Inject, l.At.Clock(), l.Cause)
		}
		delete(want, l.Inject)
	}
	if len(want) > 0 {
		t.Errorf("these never came: %v", want)
	}
}

// TestEndByControl: what was to come does not, what was open is not missed.
func TestEndByControl(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		s.Injects = []scenario.Inject{{ID: "I01", At: 10 * minute, To: []ident.Address{addr(xa)}}}
		s.Expectations = []scenario.Expectation{{ID: "E01", Who: addr(xa), Does: scenario.InquirySent, Within: 10 * minute}}
	})
	p := live(t, s)
	lines, err := p.Command(5*minute, play.Order{Do: play.EndEx})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Act(6*minute, person(xa, scenario.InquirySent, xb, "")); !errors.Is(err, play.ErrEnded) {
		t.Errorf("an act after ENDEX: %v", err)
	}
	if _, err := p.Command(6*minute, play.Order{Do: play.Resume}); !errors.Is(err, play.ErrEnded) {
		t.Errorf("a command after ENDEX: %v", err)
	}
	note, err := p.Note(6*minute, play.Remark{Seat: addr(xa), Text: "we ended early"})
	if err != nil || len(note) != 1 || note[0].At != 5*minute {
		t.Errorf("a note after ENDEX: %v, %v", note, err)
	}
	lines = finished(t, p, append(lines, note...))
	if got := outcomes(lines, "E01"); len(got) != 1 || got[0] != play.NotScored {
		t.Errorf("what was open at ENDEX is %v", got)
	}
	if _, err := p.Note(6*minute, play.Remark{Text: "too late"}); !errors.Is(err, play.ErrEnded) {
		t.Errorf("a note after the last line: %v", err)
	}
}
