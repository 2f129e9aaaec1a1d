package report_test

import (
	"bytes"
	"strings"
	"testing"

	"valise.example/api/locale"
	"valise.example/exercise/play"
	"valise.example/exercise/report"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// dryRun is a recording of a bundled scenario.
func dryRun(t *testing.T, name string) (*scenario.Scenario, string, *play.Recording) {
	t.Helper()
	data, found := scenario.Open(name)
	if !found {
		t.Fatalf("%s is not bundled", name)
	}
	s, err := scenario.Parse(name, data)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := play.DryRun(t.Context(), s, scenario.Digest(data), s.Seed, play.NewWriter(&b).Write); err != nil {
		t.Fatal(err)
	}
	recording, err := play.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	return s, scenario.Digest(data), recording
}

// TestBundled: every scenario that the program brings along has its report in six languages, for control and for its
// first State, with pictures that are their tables and points that are those of the engine.
func TestBundled(t *testing.T) {
	for _, name := range scenario.Bundled() {
		s, digest, recording := dryRun(t, name)
		for _, l := range locale.Languages() {
			for _, reader := range []ident.State{"", s.Participants[0].State} {
				r, err := report.New(report.Input{Scenario: s, Digest: digest, Recording: recording, File: name + ".jsonl", Language: l, For: reader})
				if err != nil {
					t.Fatal(err)
				}
				page := written(t, r)["report.html"]
				problems := append(picturesOf(parsed(t, page), l), unbalanced(page)...)
				if problems = append(problems, foreign(parsed(t, page), page)...); len(problems) > 0 {
					t.Errorf("%s in %s for %q: %v", name, l, reader, problems)
				}
				if strings.ContainsRune(page, '\ufffd') {
					t.Errorf("%s in %s: a character was taken out of a text of ours", name, l)
				}
				if reader == "" {
					pointsAreThoseOfTheEngine(t, s, recording, r.Machine())
				}
			}
		}
	}
}

func pointsAreThoseOfTheEngine(t *testing.T, s *scenario.Scenario, recording *play.Recording, m report.Machine) {
	t.Helper()
	got, of := 0, 0
	for i, v := range play.Verdicts(s, recording.Lines) {
		points, most := play.Points(&s.Expectations[i], v)
		got, of = got+points, of+most
	}
	for _, o := range m.Objectives {
		got, of = got-o.Points, of-o.OfPoints
	}
	if got != 0 || of != 0 {
		t.Errorf("%s: the report has %d points of %d fewer than the engine", s.ID, got, of)
	}
}

// TestACheckHasItsTimes: of a communication check, picture C has the times in which it was answered. A-8
func TestACheckHasItsTimes(t *testing.T) {
	s, digest, recording := dryRun(t, "communication-check")
	r, err := report.New(report.Input{Scenario: s, Digest: digest, Recording: recording, Language: locale.English})
	if err != nil {
		t.Fatal(err)
	}
	answered := 0
	for _, e := range r.Machine().Expectations {
		if e.After != nil {
			answered++
		}
	}
	if got := len(r.Machine().Acknowledge.Times); got == 0 || got != answered {
		t.Errorf("%d times of %d answers", got, answered)
	}
}

// TestWaivedStaysWaived: what a person took out of the score does not come back by an act that follows.
func TestWaivedStaysWaived(t *testing.T) {
	lines := smallLines()
	at := len(lines) - 1
	lines = append(lines[:at:at], play.Line{At: 20 * scenario.Hour, Type: play.Result, Expectation: "E02", Outcome: play.Waived, Text: "A drill of our own."},
		play.Line{At: 20 * scenario.Hour, Type: play.Result, Expectation: "E02", Outcome: play.Late, By: new(uint64(9)), After: new(int64(1))})
	r := made(t, small(), numbered(lines), locale.English, "")
	if got := r.Machine().Expectations[1].Outcome; got != "waived" {
		t.Errorf("E02 is %s", got)
	}
	if !strings.Contains(written(t, r)["report.md"], "waived: A drill of our own.") {
		t.Error("the report does not say why")
	}
}
