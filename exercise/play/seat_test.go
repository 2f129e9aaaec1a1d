package play_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// said is who does what on which thread, and when.
func said(lines []play.Line) (list []string) {
	for _, l := range lines {
		if l.Type == play.Acted {
			list = append(list, fmt.Sprintf("%s %s %s %s %v", l.At.Clock(), l.Seat, l.Does, l.Thread, l.Has))
		}
	}
	return list
}

func check(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("what is said:\n%q\nwant\n%q", got, want)
	}
}

// TestSimulatedSeatAnswersAPerson: acknowledgement, holding reply, channel and agency at one moment, the answer later.
func TestSimulatedSeatAnswersAPerson(t *testing.T) {
	whole := []scenario.Fact{scenario.PreferredChannel}
	s := small(func(*scenario.Scenario) {})
	check(t, said(played(t, s, step{minute, xa, scenario.InquirySent, xc, "", whole})),
		"T+00:01:00 XA/technical inquiry.sent XA/technical-1 [channel.preferred]",
		"T+00:03:00 XC/technical ack.sent XA/technical-1 []",
		"T+00:03:00 XC/technical holding.sent XA/technical-1 [eta]",
		"T+00:03:00 XC/technical channel.agreed XA/technical-1 []",
		"T+00:03:00 XC/technical agency.named XA/technical-1 []",
		"T+00:11:00 XC/technical response.sent XA/technical-1 []",
	)
}

// TestSimulatedSeatWithOtherHabits: no estimate, the channel by a habit of its own, an answer never before the
// acknowledgement, and no channel where the inquiry prefers none.
func TestSimulatedSeatWithOtherHabits(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		s.Profiles["prompt"] = scenario.Profile{Acknowledge: always(5 * minute), Answer: always(minute), Channel: always(7 * minute)}
	})
	check(t, said(played(t, s, asked(minute), step{2 * minute, xa, scenario.InquirySent, xc, "", nil})),
		"T+00:01:00 XA/technical inquiry.sent XA/technical-1 []",
		"T+00:02:00 XA/technical inquiry.sent XA/technical-2 []",
		"T+00:07:00 XC/technical ack.sent XA/technical-2 []",
		"T+00:07:00 XC/technical response.sent XA/technical-2 []",
		"T+00:09:00 XC/technical agency.named XA/technical-2 []",
	)
}

// TestNothingTakesNoTime: what a seat does comes after what made it do so, also where its profile says at once.
func TestNothingTakesNoTime(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		s.Profiles["prompt"] = scenario.Profile{Acknowledge: always(0)}
	})
	lines := find(played(t, s, step{minute, xa, scenario.InquirySent, xc, "", nil}), func(l play.Line) bool { return l.Does == scenario.Acknowledged })
	if len(lines) != 1 || lines[0].At != minute+1 {
		t.Errorf("it acknowledges as %v", lines)
	}
}

// TestSimulatedSeatsAmongThemselves: an inject asks a seat to write, and the other answers.
func TestSimulatedSeatsAmongThemselves(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		s.Injects = []scenario.Inject{
			{ID: "I01", At: minute, To: []ident.Address{addr("XA/diplomatic"), addr("XB/diplomatic")}, Opens: &scenario.Opens{From: addr("XB/diplomatic"), To: addr("XC/diplomatic"), IncidentOf: "I00"}},
		}
		s.Profiles["prompt"] = scenario.Profile{Acknowledge: always(2 * minute)} // opens as it acknowledges
	})
	check(t, said(played(t, s)),
		"T+00:03:00 XB/diplomatic inquiry.sent XB/diplomatic-1 [channel.preferred contact lead_agency nature questions time_sensitivity]",
		"T+00:05:00 XC/diplomatic ack.sent XB/diplomatic-1 []",
		"T+00:05:00 XC/diplomatic channel.agreed XB/diplomatic-1 []",
		"T+00:05:00 XC/diplomatic agency.named XB/diplomatic-1 []",
	)
}

// TestSimulatedSeatTakesNoticesAndChannels: it acknowledges a notice and accepts a channel that is proposed; what is
// taken back it leaves alone.
func TestSimulatedSeatTakesNoticesAndChannels(t *testing.T) {
	s := small(func(*scenario.Scenario) {})
	check(t, said(played(t, s,
		step{minute, xa, scenario.NoticeSent, xc, "", nil},
		step{10 * minute, xa, scenario.ChannelProposed, xc, first, nil},
		step{20 * minute, xa, scenario.InquirySent, xc, "", nil},
		step{21 * minute, xa, scenario.SentInError, xc, "XA/technical-2", nil},
	)),
		"T+00:01:00 XA/technical notice.sent XA/technical-1 []",
		"T+00:03:00 XC/technical ack.sent XA/technical-1 []",
		"T+00:10:00 XA/technical channel.proposed XA/technical-1 []",
		"T+00:12:00 XC/technical channel.agreed XA/technical-1 []",
		"T+00:20:00 XA/technical inquiry.sent XA/technical-2 []",
		"T+00:21:00 XA/technical retraction.sent XA/technical-2 []",
	)
}

// TestCommunicationCheck: everybody is asked at STARTEX, and a person answers. A-8
func TestCommunicationCheck(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		s.Kind = scenario.CommunicationCheck
		s.Profiles["late"] = scenario.Profile{Acknowledge: always(60 * minute)}
		s.Participants = s.Participants[:2]
		s.Participants[1].Seats = map[ident.Track]string{ident.Technical: scenario.Human, ident.Diplomatic: "late"}
		for _, seat := range []string{"XA/diplomatic", "XB/diplomatic", xa, xb} {
			s.Expectations = append(s.Expectations, scenario.Expectation{ID: "E" + seat, Who: addr(seat), Does: scenario.CheckAnswered, Within: 30 * minute})
		}
	})
	lines := played(t, s, step{30 * minute, xa, scenario.CheckAnswered, "", "", nil})
	for id, want := range map[string][]play.Outcome{
		"EXA/diplomatic": {play.Met}, "EXB/diplomatic": {play.Missed, play.Late}, "E" + xa: {play.Met}, "E" + xb: {play.Missed},
	} {
		if got := outcomes(lines, id); !slices.Equal(got, want) {
			t.Errorf("%s is %v, want %v", id, got, want)
		}
	}
}

// TestStandInPlaysWhatNobodyHas: and nobody but the people who have a seat can act from it.
func TestStandInPlaysWhatNobodyHas(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		standIn := prompt
		standIn.StandIn = true
		s.Profiles["standin"] = standIn
	})
	p, err := play.New(s, "00", 1, play.Config{Persons: []ident.Address{addr(xa)}})
	if err != nil {
		t.Fatal(err)
	}
	lines, err := p.Act(minute, person(xa, scenario.InquirySent, xb, ""))
	if err != nil {
		t.Fatal(err)
	}
	if debts := p.Debts(); len(debts) != 1 || debts[0].Seat != addr(xb) || debts[0].Thread != first || debts[0].Person {
		t.Errorf("what is owed: %v", debts)
	}
	for seat, want := range map[string]error{xb: play.ErrSimulated, xc: play.ErrSimulated, "XD/technical": play.ErrNotFound} {
		if _, err := p.Act(minute, person(seat, scenario.InquirySent, xa, "")); !errors.Is(err, want) {
			t.Errorf("%s acts: %v, want %v", seat, err, want)
		}
	}
	if _, err := p.Act(minute, person(xa, scenario.ResponseSent, xb, "XC/technical-1")); !errors.Is(err, play.ErrNotFound) {
		t.Errorf("an act on a thread that is not there: %v", err)
	}
	check(t, said(finished(t, p, lines))[:2],
		"T+00:01:00 XA/technical inquiry.sent XA/technical-1 []", "T+00:03:00 XB/technical ack.sent XA/technical-1 []")
	if _, err := play.New(s, "00", 1, play.Config{Persons: []ident.Address{addr(xc)}}); !errors.Is(err, play.ErrNotFound) {
		t.Errorf("a person has a seat that is not human: %v", err)
	}
}

// refusing is a stage on which the third act goes wrong.
type refusing struct {
	play.Model
	did []play.Act
}

var errStage = errors.New("the node is away")

func (r *refusing) Do(_ context.Context, a play.Act) error {
	r.did = append(r.did, a)
	if len(r.did) == 3 {
		return errStage
	}
	return nil
}

// TestStageIsToldAllItNeeds: which inject, which incident and which estimate; and what it could not do is not written.
func TestStageIsToldAllItNeeds(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		s.Injects = []scenario.Inject{{ID: "I01", At: minute, To: []ident.Address{addr("XA/diplomatic")}, Opens: &scenario.Opens{To: addr("XC/diplomatic"), IncidentOf: "I00"}}}
	})
	stage, written := &refusing{}, []play.Line(nil)
	err := play.Run(t.Context(), live(t, s), stage, func(l play.Line) error {
		written = append(written, l)
		return nil
	})
	if !errors.Is(err, errStage) {
		t.Fatalf("the run ends with %v", err)
	}
	if a := stage.did[0]; a.Inject != "I01" || a.Incident != "I00" || a.To != addr("XC/diplomatic") || a.Thread != "XA/diplomatic-1" {
		t.Errorf("the inquiry is told as %+v", a)
	}
	if a := stage.did[2]; a.Does != scenario.HoldingSent || a.Estimate != scenario.Hour || a.Inject != "I01" || a.Incident != "" {
		t.Errorf("the holding reply is told as %+v", a)
	}
	if n := len(find(written, func(l play.Line) bool { return l.Type == play.Acted })); n != 2 {
		t.Errorf("%d acts are written, of which two were done", n)
	}
}
