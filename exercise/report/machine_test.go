package report_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"valise.example/api/locale"
	"valise.example/exercise/play"
	"valise.example/exercise/report"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// table reads a CSV file.
func table(t testing.TB, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestMachine: what the small recording says, as figures.
func TestMachine(t *testing.T) {
	m := smallReport(t, locale.English, "").Machine()
	outcomes := map[string]string{}
	for _, e := range m.Expectations {
		outcomes[e.ID] = e.Outcome + e.Grade
	}
	want := map[string]string{
		"E01": "met", "E02": "late", "E03": "met", "E04": "missed", "E05": "met", "E06": "judgedS", "E07": "waived", "E08": "not_reached", "E09": "not_scored",
	}
	if !reflect.DeepEqual(outcomes, want) {
		t.Errorf("outcomes are %v", outcomes)
	}
	objectives := []report.MachineObjective{
		{ID: "O1", Reached: "part", Met: 2, Counted: 4, Points: 20, OfPoints: 31}, {ID: "O2", Reached: "full", Met: 1, Counted: 1, Points: 10, OfPoints: 10},
		{ID: "O3", Reached: "full", Met: 1, Counted: 1, Points: 8, OfPoints: 12},
	}
	if !slices.Equal(m.Objectives, objectives) {
		t.Errorf("objectives are %+v", m.Objectives)
	}
	minute := int64(scenario.Minute)
	if got := m.Acknowledge; !slices.Equal(got.Times, []int64{38 * minute, 12 * minute, minute, 28 * minute}) || *got.Median != 12*minute || got.Unmeasured != 1 || got.Without != 0 ||
		*got.Silence != (15*60-113-9*60)*minute || got.Silent != "XB/diplomatic-1" {
		t.Errorf("times to acknowledge are %+v", got)
	}
	if m.Mark != "EXERCISE" || !m.Whole || m.Lines != 39 || m.Hash != recorded(t, smallLines()).Hash || m.End != int64(20*scenario.Hour) {
		t.Errorf("the head is %+v", m)
	}
	md := written(t, smallReport(t, locale.English, ""))["report.md"]
	for _, due := range []string{"E02 T+00:50:00 late", "E03 T+02:40:00 met"} {
		if !strings.Contains(md, due) {
			t.Errorf("the timeline does not say %q", due)
		}
	}
	if len(m.Inquiries) != 5 || *m.Inquiries[0].Answered != 901*minute || m.Inquiries[1].Answered != nil {
		t.Errorf("inquiries are %+v", m.Inquiries)
	}
}

// TestCutShort: a recording without its end is reported as far as it goes.
func TestCutShort(t *testing.T) {
	r := made(t, small(), smallLines()[:6], locale.English, "")
	m := r.Machine()
	if m.Whole || m.Expectations[1].Outcome != "open" || m.Objectives[1].Reached != "not" {
		t.Errorf("%+v", m)
	}
	if !strings.Contains(written(t, r)["report.md"], locale.Of(locale.English).Report().Head.Cut.String()) {
		t.Error("the report does not say that the recording has no end")
	}
}

// TestEveryKeyIsDocumented: docs/exercises.md §8 has every key of report.json and every column.
func TestEveryKeyIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/exercises.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(page), "## §8 ")
	if !found {
		t.Fatal("docs/exercises.md has no §8")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	files := written(t, smallReport(t, locale.English, ""))
	var keys []string
	var tree any
	if err := json.Unmarshal([]byte(files["report.json"]), &tree); err != nil {
		t.Fatal(err)
	}
	var walk func(reflect.Type)
	walk = func(of reflect.Type) {
		for of.Kind() == reflect.Slice || of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct {
			return
		}
		for f := range of.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			keys = append(keys, name)
			walk(f.Type)
		}
	}
	walk(reflect.TypeFor[report.Machine]())
	for _, name := range []string{"expectations.csv", "messages.csv", "msel.csv"} {
		keys = append(keys, table(t, files[name])[0]...)
	}
	if len(keys) < 80 {
		t.Fatalf("only %d keys are seen", len(keys))
	}
	for _, key := range keys {
		if !strings.Contains(section, "`"+key+"`") {
			t.Errorf("docs/exercises.md §8 does not name `%s`", key)
		}
	}
	for name := range files {
		if !strings.Contains(section, "`"+name+"`") {
			t.Errorf("docs/exercises.md §8 does not name the file `%s`", name)
		}
	}
}

// TestNewRefuses what is no recording, one of another scenario, and a reader who takes no part.
func TestNewRefuses(t *testing.T) {
	other := smallLines()
	other[0].Digest = strings.Repeat("00", 32)
	for name, c := range map[string]struct {
		lines  []play.Line
		reader ident.State
		want   error
	}{
		"a recording of another file": {other, "", report.ErrOther},
		"a State that takes no part":  {smallLines(), "XZ", report.ErrNoParticipant},
		"a whole one":                 {smallLines(), "XA", nil},
	} {
		_, err := report.New(report.Input{Scenario: small(), Digest: digest, Recording: recorded(t, c.lines), For: c.reader})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(l *play.Line){
		"a time beyond every exercise":   func(l *play.Line) { l.At = scenario.MaxSpan + 1 },
		"a jump beyond every exercise":   func(l *play.Line) { l.Do, l.Value = play.JumpTo, 1<<62 },
		"a jump before the beginning":    func(l *play.Line) { l.Do, l.Value = play.JumpTo, -1 },
		"longer than from the beginning": func(l *play.Line) { l.After = new(int64(l.At) + 1) },
		"a negative length":              func(l *play.Line) { l.After = new(int64(-1)) },
	} {
		lines := smallLines()
		change(&lines[len(lines)-1])
		if _, err := report.New(report.Input{Scenario: small(), Digest: digest, Recording: &play.Recording{Lines: lines}}); !errors.Is(err, report.ErrNotRecording) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, r := range []*play.Recording{nil, {}, {Lines: []play.Line{{Type: play.Opened, Format: "recording/v9"}}}} {
		if _, err := report.New(report.Input{Scenario: small(), Digest: digest, Recording: r}); !errors.Is(err, report.ErrNotRecording) {
			t.Errorf("%+v: %v", r, err)
		}
	}
}
