package play_test

import (
	"fmt"
	"slices"
	"testing"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// step is what a person does at a time.
type step struct {
	at     scenario.Span
	seat   string
	does   scenario.Act
	to     string
	thread string
	has    []scenario.Fact
}

const (
	minute = scenario.Minute
	xa     = "XA/technical"
	xb     = "XB/technical"
	xc     = "XC/technical"
	first  = "XA/technical-1"
)

// asked is the inquiry from which most of these expectations count.
func asked(at scenario.Span) step { return step{at, xa, scenario.InquirySent, xb, "", nil} }

func played(t *testing.T, s *scenario.Scenario, steps ...step) []play.Line {
	t.Helper()
	p, lines := live(t, s), []play.Line(nil)
	for _, x := range steps {
		more, err := p.Act(x.at, person(x.seat, x.does, x.to, x.thread, x.has...))
		if err != nil {
			t.Fatalf("%s %s: %v", x.seat, x.does, err)
		}
		lines = append(lines, more...)
	}
	return finished(t, p, lines)
}

// TestOutcomes is docs/exercises.md §6, case by case. Every case has an inquiry of XA/technical to XB/technical that
// meets E01, unless it has none.
func TestOutcomes(t *testing.T) {
	e01 := scenario.Expectation{ID: "E01", Who: addr(xa), Does: scenario.InquirySent, To: addr(xb), Within: 10 * minute}
	ack := scenario.Expectation{ID: "E02", Who: addr(xb), Does: scenario.Acknowledged, To: addr(xa), Within: 10 * minute, Of: "E01"}
	eta := ack
	eta.Has = []scenario.Fact{scenario.EstimateGiven}
	both := scenario.Expectation{ID: "E02", Pair: [2]ident.Address{addr(xa), addr(xb)}, Does: scenario.AgencyNamed, Within: 10 * minute}
	agreed := both
	agreed.Does = scenario.ChannelAgreed
	open := ack
	open.Within = 0
	whole := e01
	whole.ID, whole.Has = "E02", []scenario.Fact{scenario.Nature, scenario.Contact}
	acknowledges := func(at scenario.Span) step { return step{at, xb, scenario.Acknowledged, xa, first, nil} }
	promises := func(at scenario.Span) step {
		return step{at, xb, scenario.HoldingSent, xa, first, []scenario.Fact{scenario.EstimateGiven}}
	}

	for name, c := range map[string]struct {
		e     scenario.Expectation
		steps []step
		want  []play.Outcome
	}{
		"in time":                       {ack, []step{asked(minute), acknowledges(5 * minute)}, []play.Outcome{play.Met}},
		"in the last millisecond":       {ack, []step{asked(minute), acknowledges(11 * minute)}, []play.Outcome{play.Met}},
		"a millisecond late":            {ack, []step{asked(minute), acknowledges(11*minute + 1)}, []play.Outcome{play.Missed, play.Late}},
		"never":                         {ack, []step{asked(minute)}, []play.Outcome{play.Missed}},
		"without what it counts from":   {ack, nil, []play.Outcome{play.NotReached}},
		"what it counts from came late": {ack, []step{asked(11 * minute), acknowledges(20 * minute)}, []play.Outcome{play.Met}},
		"not over at ENDEX":             {ack, []step{asked(600*minute - 1)}, []play.Outcome{play.NotScored}},
		"twice":                         {ack, []step{asked(minute), acknowledges(2 * minute), acknowledges(3 * minute)}, []play.Outcome{play.Met}},
		"without limit, never":          {open, []step{asked(minute)}, []play.Outcome{play.Missed}},
		"without limit, at last":        {open, []step{asked(minute), acknowledges(599 * minute)}, []play.Outcome{play.Met}},
		"on another thread": {ack, []step{
			asked(minute), asked(2 * minute), {3 * minute, xb, scenario.Acknowledged, xa, "XA/technical-2", nil},
		}, []play.Outcome{play.Missed}},
		"of another seat": {ack, []step{asked(minute), {2 * minute, xa, scenario.Acknowledged, xb, first, nil}}, []play.Outcome{play.Missed}},
		"to another seat": {whole, []step{{minute, xa, scenario.InquirySent, xc, "", []scenario.Fact{scenario.Contact, scenario.Nature}}}, []play.Outcome{play.Missed}},
		"with a fact too few": {whole, []step{{minute, xa, scenario.InquirySent, xb, "", []scenario.Fact{scenario.Contact}}},
			[]play.Outcome{play.Missed}},
		"with all facts": {whole, []step{{minute, xa, scenario.InquirySent, xb, "", []scenario.Fact{scenario.Contact, scenario.Nature}}},
			[]play.Outcome{play.Met}},
		"an estimate after the acknowledgement":  {eta, []step{asked(minute), acknowledges(2 * minute), promises(3 * minute)}, []play.Outcome{play.Met}},
		"an estimate before the acknowledgement": {eta, []step{asked(minute), promises(2 * minute), acknowledges(3 * minute)}, []play.Outcome{play.Met}},
		"an estimate that comes late":            {eta, []step{asked(minute), acknowledges(2 * minute), promises(12 * minute)}, []play.Outcome{play.Missed, play.Late}},
		"an estimate alone":                      {eta, []step{asked(minute), promises(2 * minute)}, []play.Outcome{play.Missed}},
		"an acknowledgement without estimate":    {eta, []step{asked(minute), acknowledges(2 * minute)}, []play.Outcome{play.Missed}},
		"one side of two":                        {both, []step{asked(minute), {2 * minute, xb, scenario.AgencyNamed, xa, first, nil}}, []play.Outcome{play.Missed}},
		"both sides, one within its inquiry": {both, []step{
			{minute, xa, scenario.InquirySent, xb, "", []scenario.Fact{scenario.LeadAgency}},
			{2 * minute, xb, scenario.AgencyNamed, xa, first, nil},
		}, []play.Outcome{play.Met}},
		"one side twice": {both, []step{
			asked(minute), {2 * minute, xb, scenario.AgencyNamed, xa, first, nil}, {3 * minute, xb, scenario.AgencyNamed, xa, first, nil},
		}, []play.Outcome{play.Missed}},
		"a channel, agreed by one answer": {agreed, []step{asked(minute), {2 * minute, xb, scenario.ChannelAgreed, xa, first, nil}}, []play.Outcome{play.Met}},
	} {
		t.Run(name, func(t *testing.T) {
			s := small(func(s *scenario.Scenario) { s.Expectations = []scenario.Expectation{c.e, e01} })
			if got := outcomes(played(t, s, c.steps...), "E02"); !slices.Equal(got, c.want) {
				t.Errorf("it is %v, want %v", got, c.want)
			}
		})
	}
}

// TestWhatCountsFromAnInject: from the inject, or from the message that a seat writes upon it.
func TestWhatCountsFromAnInject(t *testing.T) {
	inject := scenario.Inject{ID: "I01", At: 5 * minute, To: []ident.Address{addr(xa)}, Opens: &scenario.Opens{To: addr(xb)}}
	s := small(func(s *scenario.Scenario) {
		s.Injects = []scenario.Inject{inject}
		s.Expectations = []scenario.Expectation{
			{ID: "E01", Who: addr(xa), Does: scenario.InquirySent, Within: 10 * minute, Of: "I01"},
			{ID: "E02", Who: addr(xb), Does: scenario.Acknowledged, Within: 10 * minute, Of: "I01.sent"},
		}
	})
	before := played(t, s, asked(minute)) // not upon the inject: that has not come
	if got := outcomes(before, "E01"); !slices.Equal(got, []play.Outcome{play.Missed}) {
		t.Errorf("an inquiry before the inject: %v", got)
	}
	if got := outcomes(before, "E02"); !slices.Equal(got, []play.Outcome{play.NotReached}) {
		t.Errorf("an acknowledgement of it: %v", got)
	}
	after := played(t, s, asked(6*minute), asked(7*minute), step{16 * minute, xb, scenario.Acknowledged, xa, first, nil})
	for _, id := range []string{"E01", "E02"} {
		if got := outcomes(after, id); !slices.Equal(got, []play.Outcome{play.Met}) {
			t.Errorf("%s after the inject: %v", id, got)
		}
	}
	caused := find(after, func(l play.Line) bool { return l.Does == scenario.InquirySent })
	if caused[0].Inject != "I01" || caused[1].Inject != "" {
		t.Errorf("the first inquiry is upon %q, the second upon %q", caused[0].Inject, caused[1].Inject)
	}
}

// TestOneActCountsOnce: the act that meets one expectation does not meet another that counts from it.
func TestOneActCountsOnce(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		again := scenario.Expectation{ID: "E01", Who: addr(xa), Does: scenario.InquirySent, Within: 10 * minute}
		s.Expectations = append(s.Expectations, again)
		again.ID, again.Of = "E02", "E01"
		s.Expectations = append(s.Expectations, again)
	})
	if got := outcomes(played(t, s, asked(minute)), "E02"); !slices.Equal(got, []play.Outcome{play.Missed}) {
		t.Errorf("by one inquiry E02 is %v", got)
	}
	if got := outcomes(played(t, s, asked(minute), asked(minute)), "E02"); !slices.Equal(got, []play.Outcome{play.Met}) {
		t.Errorf("by two inquiries E02 is %v", got)
	}
}

// TestDebts: what is owed, until it is done or its time is over.
func TestDebts(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		s.Expectations = []scenario.Expectation{
			{ID: "E01", Who: addr(xb), Does: scenario.ResponseSent, Within: 10 * minute},
			{ID: "E02", Pair: [2]ident.Address{addr(xa), addr(xb)}, Does: scenario.AgencyNamed, Within: 20 * minute},
		}
	})
	p := live(t, s)
	owed := func() (list []string) {
		for _, d := range p.Debts() {
			list = append(list, fmt.Sprintf("%s%s %s", d.Expectation, d.Thread, d.Seat.State))
		}
		return list
	}
	p.Advance(minute)
	check(t, owed(), "E01 XB", "E02 XA", "E02 XB")
	for _, c := range []struct {
		step
		want []string
	}{
		{step{2 * minute, xa, scenario.InquirySent, xb, "", []scenario.Fact{scenario.LeadAgency}}, []string{"E01 XB", "E02 XB", first + " XB"}},
		{step{3 * minute, xb, scenario.Acknowledged, xa, first, nil}, []string{"E01 XB", "E02 XB"}},
		{step{4 * minute, xb, scenario.AgencyNamed, xa, first, nil}, []string{"E01 XB"}},
	} {
		if _, err := p.Act(c.at, person(c.seat, c.does, c.to, c.thread, c.has...)); err != nil {
			t.Fatal(err)
		}
		check(t, owed(), c.want...)
	}
	p.Advance(10 * minute)
	check(t, owed())
}

// TestTimeNeverGoesBack: to advance to what has passed does nothing.
func TestTimeNeverGoesBack(t *testing.T) {
	p := live(t, small(func(*scenario.Scenario) {}))
	p.Advance(10 * minute)
	if lines := p.Advance(5 * minute); len(lines) > 0 || p.Now() != 10*minute {
		t.Errorf("it goes back to %s with %v", p.Now().Clock(), lines)
	}
	lines, err := p.Act(5*minute, person(xa, scenario.InquirySent, xb, ""))
	if err != nil || len(lines) != 1 || lines[0].At != 10*minute+1 {
		t.Errorf("what was done before is taken as %v, %v", lines, err)
	}
}

// TestNever is decided at ENDEX.
func TestNever(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		s.Expectations = []scenario.Expectation{
			{ID: "E01", Never: scenario.CrossTrack}, {ID: "E02", Never: scenario.RecordMismatch}, {ID: "E03", Never: scenario.ThirdParty},
		}
	})
	for name, c := range map[string]struct {
		put   func(*play.Play) ([]play.Line, error)
		agree bool
		want  [3]play.Outcome
	}{
		"nothing": {nil, true, [3]play.Outcome{play.Met, play.NotReached, play.Met}},
		"across tracks": {func(p *play.Play) ([]play.Line, error) {
			return p.Act(1, person(xa, scenario.InquirySent, "XB/diplomatic", ""))
		}, true, [3]play.Outcome{play.Missed, play.Met, play.Met}},
		"two records": {func(p *play.Play) ([]play.Line, error) {
			return p.Act(1, person(xa, scenario.InquirySent, xb, ""))
		}, false, [3]play.Outcome{play.Met, play.Missed, play.Met}},
		"a third party": {func(p *play.Play) ([]play.Line, error) {
			a := person(xa, scenario.SupplementSent, xb, "")
			a.Breaks = scenario.ThirdParty
			return p.Act(1, a)
		}, true, [3]play.Outcome{play.Met, play.NotReached, play.Missed}},
	} {
		t.Run(name, func(t *testing.T) {
			p := live(t, s)
			if c.put != nil {
				if _, err := c.put(p); err != nil {
					t.Fatal(err)
				}
			}
			lines := p.Advance(s.End)
			for _, pair := range p.Pairs() {
				more, err := p.Compared(pair, c.agree)
				if err != nil {
					t.Fatal(err)
				}
				lines = append(lines, more...)
			}
			last, err := p.Finish()
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, last...)
			for i, id := range []string{"E01", "E02", "E03"} {
				if got := outcomes(lines, id); !slices.Equal(got, []play.Outcome{c.want[i]}) {
					t.Errorf("%s is %v, want %s", id, got, c.want[i])
				}
			}
		})
	}
}

// TestPeopleJudgeAndWaive: the last judgement counts, a waiver stands, and what a machine decides nobody judges.
func TestPeopleJudgeAndWaive(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		s.Expectations = []scenario.Expectation{
			{ID: "E01", Judge: scenario.Texts{"en": "tone"}, Points: 9},
			{ID: "E02", Judge: scenario.Texts{"en": "care"}, Points: 9},
			{ID: "E03", Who: addr(xa), Does: scenario.InquirySent, Within: minute, Points: 10},
			{ID: "E04", Who: addr(xa), Does: scenario.InquirySent, Within: minute, Points: 10},
			{ID: "E05", Judge: scenario.Texts{"en": "calm"}, Points: 9},
		}
	})
	p := live(t, s)
	var lines []play.Line
	put := func(more []play.Line, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, more...)
	}
	put(p.Judge(minute, "E01", play.Unperformed, "too early to say"))
	put(p.Waive(3*minute, "E03", "the line was down"))
	put(p.Act(4*minute, person(xa, scenario.InquirySent, xb, "")))
	put(p.Waive(4*minute, "E05", "nobody listened"))
	put(p.Judge(5*minute, "E05", play.Performed, "I did"))
	if _, err := p.Judge(4*minute, "E03", play.Performed, ""); err == nil {
		t.Error("a person judges what a machine decides")
	}
	put(p.Advance(s.End), nil)
	put(p.Judge(s.End, "E01", play.SomeTrouble, "calm, late"))
	lines = finished(t, p, lines)
	want := []struct {
		outcome play.Outcome
		grade   play.Grade
		got, of int
	}{{"", play.SomeTrouble, 6, 9}, {play.Unjudged, "", 0, 0}, {play.Waived, "", 0, 0}, {play.Late, "", 5, 10}, {play.Waived, "", 0, 0}}
	for i, v := range play.Verdicts(s, lines) {
		got, of := play.Points(&s.Expectations[i], v)
		if v.Outcome != want[i].outcome || v.Grade != want[i].grade || got != want[i].got || of != want[i].of {
			t.Errorf("%s: %q %q, %d of %d; want %v", v.Expectation, v.Outcome, v.Grade, got, of, want[i])
		}
	}
}
