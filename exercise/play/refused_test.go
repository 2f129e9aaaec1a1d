package play_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// TestAttemptIsNoAct: what a node did not let a person do breaks what must never happen, once; it opens no thread, meets
// no expectation and starts no inject, and the recording plays again.
func TestAttemptIsNoAct(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		s.Expectations = []scenario.Expectation{
			{ID: "E01", Never: scenario.ThirdParty}, {ID: "E02", Never: scenario.CrossTrack},
			{ID: "E03", Who: addr(xb), To: addr(xc), Does: scenario.InquirySent, Within: scenario.Hour},
		}
		s.Injects = []scenario.Inject{{ID: "I01", When: &scenario.Trigger{Event: &scenario.Event{Does: scenario.InquirySent}}, To: []ident.Address{addr(xa)}}}
	})
	p := live(t, s)
	var lines []play.Line
	for range 3 {
		more, err := p.Refused(minute, play.Attempt{Seat: addr(xb), To: addr(xc), Breaks: scenario.ThirdParty})
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, more...)
	}
	lines = finished(t, p, lines)
	attempts := find(lines, func(l play.Line) bool { return l.Type == play.Refused })
	if len(attempts) != 1 || attempts[0].Seat != xb || attempts[0].Breaks != scenario.ThirdParty || attempts[0].Does != "" {
		t.Errorf("the attempts are %v", attempts)
	}
	for id, want := range map[string]play.Outcome{"E01": play.Missed, "E02": play.Met, "E03": play.Missed} {
		if got := outcomes(lines, id); !slices.Equal(got, []play.Outcome{want}) {
			t.Errorf("%s is %v, want %s", id, got, want)
		}
	}
	if by := find(lines, func(l play.Line) bool { return l.Expectation == "E01" })[0].By; by == nil || *by != attempts[0].Seq {
		t.Error("the line that decided it is not named")
	}
	if acted := find(lines, func(l play.Line) bool { return l.Type == play.Acted || l.Type == play.Injected }); len(acted) > 0 {
		t.Errorf("something came of it: %v", acted)
	}
	r, err := play.Read(strings.NewReader(recorded(t, lines)))
	if err != nil {
		t.Fatal(err)
	}
	if err := play.Verify(s, "00", r); err != nil {
		t.Error(err)
	}
	if bytes.Contains([]byte(recorded(t, lines)), []byte(`"does":""`)) {
		t.Error("an attempt is written as an act")
	}
}

// TestWhatCannotBeAttempted: by a profile, by nobody, against no rule, after ENDEX; and a word that is no act is not
// acted.
func TestWhatCannotBeAttempted(t *testing.T) {
	s := small(func(*scenario.Scenario) {})
	p := live(t, s)
	for _, c := range []struct {
		a    play.Attempt
		want error
	}{
		{play.Attempt{Seat: addr(xc), Breaks: scenario.ThirdParty}, play.ErrSimulated},
		{play.Attempt{Seat: addr("XQ/technical"), Breaks: scenario.ThirdParty}, play.ErrNotFound},
		{play.Attempt{Seat: addr(xa), Breaks: scenario.RecordMismatch}, play.ErrRefused},
		{play.Attempt{Seat: addr(xa)}, play.ErrRefused},
	} {
		if lines, err := p.Refused(minute, c.a); !errors.Is(err, c.want) || len(find(lines, func(l play.Line) bool { return l.Type == play.Refused })) > 0 {
			t.Errorf("%v: %v, want %v", c.a, err, c.want)
		}
	}
	for _, does := range []scenario.Act{"", "laughed", "Inquiry.Sent", "inquiry.sent "} {
		lines, err := p.Act(minute, person(xa, does, xb, ""))
		if !errors.Is(err, play.ErrRefused) || len(find(lines, func(l play.Line) bool { return l.Type == play.Acted })) > 0 {
			t.Errorf("%q is acted: %v %v", does, lines, err)
		}
	}
	p.Advance(s.End)
	if _, err := p.Refused(s.End, play.Attempt{Seat: addr(xa), Breaks: scenario.ThirdParty}); !errors.Is(err, play.ErrEnded) {
		t.Errorf("after ENDEX: %v", err)
	}
}
