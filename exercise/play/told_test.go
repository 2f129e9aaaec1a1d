package play_test

import (
	"errors"
	"slices"
	"testing"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// card tells a seat to do something on the thread of I01.
func card(id string, at scenario.Span, to string, acts ...scenario.Act) scenario.Inject {
	return scenario.Inject{ID: id, At: at, To: []ident.Address{addr(to)}, Does: &scenario.Does{Acts: acts, On: "I01"}}
}

// byCards is a scenario of seats without habits: all that they do comes from injects.
func byCards(cards ...scenario.Inject) *scenario.Scenario {
	return small(func(s *scenario.Scenario) {
		s.Profiles["stand"] = scenario.Profile{StandIn: true, Estimate: scenario.Hour, Opens: always(minute)}
		s.Injects = append([]scenario.Inject{{
			ID: "I01", To: []ident.Address{addr(xa)}, Opens: &scenario.Opens{To: addr(xb)},
		}}, cards...)
	})
}

// TestSeatDoesWhatAnInjectTells: on the thread that another inject began, towards the other side, each act once, with the
// facts that its message has; and what does not fit the thread is not done, because a node would refuse it.
func TestSeatDoesWhatAnInjectTells(t *testing.T) {
	h := scenario.Hour
	s := byCards(
		card("C00", 10*minute, xb, scenario.ConsentDecided, scenario.Reopened, scenario.SentInError), // nothing of it fits
		card("C01", 20*minute, xb, scenario.Acknowledged, scenario.Acknowledged),
		card("C02", 30*minute, xb, scenario.EstimateSent, scenario.HoldingSent, scenario.EstimateSent),
		card("C03", 40*minute, xa, scenario.HoldingSent, scenario.ResponseSent), // who asked does not answer
		card("C04", 50*minute, xb, scenario.ConsentRequested),
		card("C05", h, xa, scenario.ConsentDecided, scenario.ConsentDecided, scenario.ConsentWithdrawn, scenario.ConsentWithdrawn),
		card("C06", 2*h, xa, scenario.Closed, scenario.Closed),
		card("C07", 3*h, xb, scenario.Reopened, scenario.QuestionSent, scenario.CallLogged),
		card("C08", 4*h, xc, scenario.QuestionSent), // has no part in it
	)
	check(t, said(dry(t, s, "00", 1)),
		"T+00:01:00 XA/technical inquiry.sent XA/technical-1 [channel.preferred contact lead_agency nature questions time_sensitivity]",
		"T+00:21:00 XB/technical ack.sent XA/technical-1 []",
		"T+00:31:00 XB/technical holding.sent XA/technical-1 [eta]",
		"T+00:31:00 XB/technical estimate.sent XA/technical-1 [eta]",
		"T+00:51:00 XB/technical consent.requested XA/technical-1 []",
		"T+01:01:00 XA/technical consent.decided XA/technical-1 []",
		"T+01:01:00 XA/technical consent.withdrawn XA/technical-1 []",
		"T+02:01:00 XA/technical closed XA/technical-1 []",
		"T+03:01:00 XB/technical reopened XA/technical-1 []",
		"T+03:01:00 XB/technical question.sent XA/technical-1 [questions]",
		"T+03:01:00 XB/technical call.logged XA/technical-1 []",
	)
}

// TestNoticeOfAnInjectBeginsAThread: of which later injects speak; a person's notice to the same desk is that one too.
func TestNoticeOfAnInjectBeginsAThread(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		s.Profiles["stand"] = scenario.Profile{StandIn: true, Opens: always(minute)}
		s.Injects = []scenario.Inject{
			{ID: "I01", To: []ident.Address{addr(xa)}, Does: &scenario.Does{Acts: []scenario.Act{scenario.NoticeSent}, To: addr(xb)}},
			card("C01", scenario.Hour, xb, scenario.Acknowledged, scenario.ResponseSent), // a notice asks nothing
		}
		s.Expectations = []scenario.Expectation{{ID: "E01", Who: addr(xb), Does: scenario.Acknowledged, Of: "I01.sent", Within: 2 * scenario.Hour}}
	})
	lines := dry(t, s, "00", 1)
	check(t, said(lines),
		"T+00:01:00 XA/technical notice.sent XA/technical-1 [contact nature]",
		"T+01:01:00 XB/technical ack.sent XA/technical-1 []",
	)
	if got := outcomes(lines, "E01"); !slices.Equal(got, []play.Outcome{play.Met}) {
		t.Errorf("what counts from the notice is %v", got)
	}
	p := live(t, s)
	p.Advance(minute)
	if lines, err := p.Act(2*minute, person(xa, scenario.NoticeSent, xb, "")); err != nil || lines[0].Inject != "I01" {
		t.Errorf("a person's notice is %v, %v", lines, err)
	}
}

// TestStopIsRehearsedOnlyAmongProfiles: a simulated seat raises REAL EVENT, control stands down and play goes on, all at
// one moment; where a person has a seat no profile raises it, because a person would have to take it for one.
func TestStopIsRehearsedOnlyAmongProfiles(t *testing.T) {
	s := byCards(scenario.Inject{ID: "C01", At: minute, To: []ident.Address{addr(xa)}, Does: &scenario.Does{Acts: []scenario.Act{scenario.RealEventRaised}}})
	s.Expectations = []scenario.Expectation{{ID: "E01", Who: addr(xa), Does: scenario.RealEventRaised, Of: "C01", Within: 5 * minute}}
	lines := dry(t, s, "00", 1)
	var did []play.Command
	for _, l := range find(lines, func(l play.Line) bool { return l.Type == play.Control && l.Seat == xa }) {
		if did = append(did, l.Do); l.At != 2*minute || l.Cause != play.ByTime {
			t.Errorf("%s at %s by %s", l.Do, l.At.Clock(), l.Cause)
		}
	}
	if !slices.Equal(did, []play.Command{play.RealEvent, play.StandDown, play.Resume}) {
		t.Errorf("control has %v", did)
	}
	if got := outcomes(lines, "E01"); !slices.Equal(got, []play.Outcome{play.Met}) {
		t.Errorf("it is %v", got)
	}
	p, err := play.New(s, "00", 1, play.Config{Persons: []ident.Address{addr(xb)}})
	if err != nil {
		t.Fatal(err)
	}
	if lines := finished(t, p, nil); len(find(lines, func(l play.Line) bool { return l.Do == play.RealEvent || l.Does == scenario.RealEventRaised })) > 0 {
		t.Error("a profile has stopped a person's play")
	}
	if _, err := p.Act(0, person(xb, scenario.RealEventRaised, "", "")); !errors.Is(err, play.ErrEnded) {
		t.Error(err)
	}
}

// TestFormDrillDoesAllThatItHopesFor, played by simulated seats alone, whatever the seed.
func TestFormDrillDoesAllThatItHopesFor(t *testing.T) {
	data, _ := scenario.Open("form-drill")
	s, err := scenario.Parse("form-drill", data)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(20) {
		lines := dry(t, s, scenario.Digest(data), seed)
		for _, e := range s.Expectations {
			if got := outcomes(lines, e.ID); !slices.Equal(got, []play.Outcome{play.Met}) {
				t.Errorf("seed %d: %s, %s of %s, is %v", seed, e.ID, e.Does, e.Who, got)
			}
		}
	}
}
