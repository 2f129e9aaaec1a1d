package report_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"valise.example/api/locale"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// TestAStateSeesItselfAndNobodyElse: nothing of what is expected of others, of their threads, injects and the remarks
// about them is in any file of a report for one State.
func TestAStateSeesItselfAndNobodyElse(t *testing.T) {
	for _, c := range []struct {
		reader      ident.State
		hidden, own []string
	}{
		{"XA", []string{"E02", "E03", "E09", "E06", "I03", "I04", "XB/technical-1", "XB/technical-2", "XC/technical-1", "shared one telephone", "Tone of", "looked for the right", "Only XB hears", "out of order", "a little short"},
			[]string{"E01", "E04", "E08", "I01", "I02", "XA/technical-1", "XB/diplomatic-1"}},
		{"XC", []string{"E01", "E02", "E04", "E07", "E08", "E09", "I01", "I02", "XA/technical-1", "XB/diplomatic-1", "XB/technical-2", "shared one telephone", "Tone of", "looked for the right"},
			[]string{"E03", "I03", "XB/technical-1", "XC/technical-1"}},
		{"XD", []string{"E01", "E02", "E03", "E04", "E06", "I01", "I02", "I03", "I04", "XA/technical-1", "XB/technical-1", "XC/technical-1"}, []string{"XB/technical-2"}},
	} {
		for _, l := range locale.Languages() {
			whole := &strings.Builder{}
			for name, text := range written(t, smallReport(t, l, c.reader)) {
				whole.WriteString(text)
				for _, secret := range c.hidden {
					if strings.Contains(text, secret) {
						t.Errorf("%s, %s for %s: it holds %q", l, name, c.reader, secret)
					}
				}
			}
			for _, own := range c.own {
				if !strings.Contains(whole.String(), own) {
					t.Errorf("%s, for %s: it lacks %q", l, c.reader, own)
				}
			}
		}
	}
}

// TestWhoStoppedStaysUnnamed: that REAL EVENT was raised is told to all, by whom only to control and to that State.
func TestWhoStoppedStaysUnnamed(t *testing.T) {
	lines := smallLines()
	for i := range lines {
		if lines[i].Do == play.RealEvent {
			lines[i].Seat = "XE/technical"
		}
	}
	row := func(reader ident.State) string {
		md := written(t, made(t, small(), lines, locale.English, reader))["report.md"]
		at := strings.Index(md, "REAL EVENT: play stops")
		return md[strings.LastIndex(md[:at], "\n")+1 : at]
	}
	if !strings.Contains(row(""), "XE/technical") || !strings.Contains(row("XE"), "XE/technical") || strings.Contains(row("XA"), "XE/technical") {
		t.Errorf("control reads %q, XE %q, XA %q", row(""), row("XE"), row("XA"))
	}
}

// TestTheSpreadNamesNobody: it is shown of three other States and more, and has no name and no order but that of size.
func TestTheSpreadNamesNobody(t *testing.T) {
	m := smallReport(t, locale.English, "XA").Machine()
	minute := int64(scenario.Minute)
	if want := []int64{minute, 12 * minute, 28 * minute, 38 * minute}; !slices.Equal(m.Acknowledge.Others, want) {
		t.Errorf("the times of others are %v, want %v", m.Acknowledge.Others, want)
	}
	var few []play.Line
	for _, l := range smallLines() {
		if l.Type == play.Acted && (l.Seat == "XD/technical" || l.Seat == "XE/technical") {
			l = play.Line{At: l.At, Type: play.Noted, Text: "nothing"}
		}
		few = append(few, l)
	}
	r := made(t, small(), numbered(few), locale.English, "XA")
	if got := r.Machine().Acknowledge.Others; len(got) > 0 {
		t.Errorf("the times of two others are %v", got)
	}
	if !strings.Contains(written(t, r)["report.md"], locale.Of(locale.English).Report().Line.TooFew.String()) {
		t.Error("the report does not say why there is no spread")
	}
}

// TestAttemptIsShownToWhoMadeIt: what a node did not let a seat do stands in the picture and its table for control and the
// seat's own State, with a cross on its lane; no other State reads of it.
func TestAttemptIsShownToWhoMadeIt(t *testing.T) {
	lines := slices.Insert(smallLines(), 30, play.Line{
		At: 15*scenario.Hour + 2*scenario.Minute, Type: play.Refused, Seat: "XB/technical", To: []string{"XC/technical"}, Person: true, Breaks: scenario.ThirdParty,
	})
	for i := range lines { // what counts the lines before it counts one more
		if lines[i].Type == play.Ended {
			lines[i].Lines++
		}
	}
	label := locale.Of(locale.English).Report().Never.ThirdParty.String()
	for reader, sees := range map[ident.State]bool{"": true, "XB": true, "XA": false, "XC": false} {
		all := written(t, made(t, small(), numbered(lines), locale.English, reader))
		if got := strings.Contains(all["report.md"], label); got != sees {
			t.Errorf("%q reads of it: %t", reader, got)
		}
		if got := strings.Contains(all["report.html"], `data-sign="refused"`); got != sees {
			t.Errorf("%q sees a mark of it: %t", reader, got)
		}
	}
}

// TestNoLeagueTable: control's report lists seats and States in the order of the scenario, whatever they did.
func TestNoLeagueTable(t *testing.T) {
	md := written(t, smallReport(t, locale.English, ""))["report.md"]
	_, times, _ := strings.Cut(md, "**Picture C")
	last := -1
	for _, s := range []string{"XB/technical |", "XC/technical |", "XD/technical |", "XE/technical |"} {
		at := strings.Index(times, "| "+s)
		if at <= last {
			t.Errorf("%s stands at %d, after %d", s, at, last)
		}
		last = at
	}
	for _, l := range locale.Languages() {
		for name, text := range written(t, smallReport(t, l, "")) {
			for _, word := range []string{"compli" + "ant", "compli" + "ance", "ranking", "best", "worst"} {
				if strings.Contains(strings.ToLower(text), word) {
					t.Errorf("%s, %s: %q", l, name, word)
				}
			}
		}
	}
}

// TestFindings: each rule finds what it is for, in its order, three of each on the page.
func TestFindings(t *testing.T) {
	m := smallReport(t, locale.English, "").Machine()
	var strengths, gaps []string
	for _, f := range m.Strengths {
		strengths = append(strengths, f.Rule)
	}
	for _, f := range m.Gaps {
		gaps = append(gaps, f.Rule)
	}
	if want := []string{"objective_met", "quick", "all_acknowledged", "kept", "objective_met"}; !slices.Equal(strengths, want) {
		t.Errorf("strengths are %v", strengths)
	}
	if want := []string{"late", "silence", "not_reached", "missed"}; !slices.Equal(gaps, want) {
		t.Errorf("gaps are %v", gaps)
	}
	md := written(t, smallReport(t, locale.English, ""))["report.md"]
	_, part, _ := strings.Cut(md, "### Gaps")
	part, _, _ = strings.Cut(part, "## Picture A")
	if strings.Count(part, "\n- ") != 3 || strings.Contains(part, m.Gaps[3].Text) {
		t.Errorf("the page has not the three first gaps: %s", part)
	}
}

// TestFindingsOfTheBad: a message across tracks, a poor judgement and an inquiry without acknowledgement are gaps; what
// profiles did is told only where no person took part.
func TestFindingsOfTheBad(t *testing.T) {
	act := func(at scenario.Span, who, to string, does scenario.Act, thread string) play.Line {
		return play.Line{At: at, Type: play.Acted, Seat: who, To: []string{to}, Does: does, Thread: thread}
	}
	run := func(persons ...string) string {
		lines := numbered([]play.Line{
			opened(persons...), {Type: play.Control, Do: play.StartEx},
			act(scenario.Minute, "XA/technical", "XC/technical", scenario.InquirySent, "XA/technical-1"),
			{At: 20 * scenario.Hour, Type: play.Control, Do: play.EndEx},
			{At: 20 * scenario.Hour, Type: play.Judged, Expectation: "E06", Grade: play.Unperformed},
			{At: 20 * scenario.Hour, Type: play.Result, Expectation: "E05", Outcome: play.Missed, By: new(uint64(2))},
			{At: 20 * scenario.Hour, Type: play.Ended, Lines: 6},
		})
		var rules []string
		for _, f := range made(t, small(), lines, locale.English, "").Machine().Gaps {
			rules = append(rules, f.Rule)
		}
		return fmt.Sprint(rules)
	}
	if got := run(); got != "[unacknowledged silence broken judged_poorly]" {
		t.Errorf("gaps of a dry run are %v", got)
	}
	if got := run("XA/technical"); got != "[broken judged_poorly]" {
		t.Errorf("gaps of a run of which a profile was silent are %v", got)
	}
}
