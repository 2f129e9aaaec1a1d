//go:build browser

package browser

import (
	"bytes"
	"encoding/csv"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"valise.example/api/locale"
	"valise.example/exercise/conduct"
	"valise.example/exercise/play"
	"valise.example/exercise/report"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// orders does what control says.
func (x *played) orders(r *valisev1.CommandRequest) {
	x.t.Helper()
	if _, err := valisev1.NewControlServiceClient(x.control).Command(x.t.Context(), r); err != nil {
		x.t.Fatalf("%s: %v", r.GetCommand(), err)
	}
}

// sees waits until control has seen the person do something.
func (x *played) sees(does scenario.Act) {
	x.t.Helper()
	want := `"seat":"` + x.seat.String() + `","does":"` + string(does) + `"`
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		now, err := valisev1.NewControlServiceClient(x.control).GetControl(x.t.Context(), &valisev1.GetControlRequest{Lines: 100})
		if err != nil {
			x.t.Fatal(err)
		}
		for _, l := range now.GetLines() {
			if strings.Contains(l.GetJson(), want) {
				return
			}
		}
		if time.Since(began) > patience {
			x.t.Fatalf("control never saw %s", want)
		}
	}
}

// report is what came of it, for control, in a language.
func (x *played) report(l locale.Language) (*report.Report, *play.Recording) {
	x.t.Helper()
	file, err := os.ReadFile(filepath.Join(x.e.Dir(), conduct.ScenarioFile))
	if err != nil {
		x.t.Fatal(err)
	}
	s, err := scenario.Parse(conduct.ScenarioFile, file)
	if err != nil {
		x.t.Fatal(err)
	}
	lines, err := os.ReadFile(filepath.Join(x.e.Dir(), conduct.RecordingFile))
	if err != nil {
		x.t.Fatal(err)
	}
	recording, err := play.Read(bytes.NewReader(lines))
	if err != nil {
		x.t.Fatal(err)
	}
	if err := play.Verify(s, scenario.Digest(file), recording); err != nil {
		x.t.Errorf("the recording is not what comes out when it is played again: %v", err)
	}
	r, err := report.New(report.Input{Scenario: s, Digest: scenario.Digest(file), Recording: recording, File: conduct.RecordingFile, Language: l})
	if err != nil {
		x.t.Fatal(err)
	}
	return r, recording
}

// TestExercisePlayedByHand: Birch's duty officer plays Lantern Ward in Chromium against simulated seats: reads what
// Alder asks, acknowledges, says when an answer will come, answers. Then the report says of each act what the
// recording says: in its tables, its pictures and its files, in every language.
func TestExercisePlayedByHand(t *testing.T) {
	t.Parallel()
	x := newPlayed(t, ident.Address{State: "XB", Track: ident.Technical})
	x.orders(&valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_STARTEX})
	x.orders(&valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_SPEED, Rate: 600})
	p := x.player(options{})
	p.until("/", "table.desk", "Alder")
	x.orders(&valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_SPEED, Rate: 1})
	p.check("exercise/desk")
	p.open("/")
	p.click("table.desk a[href*='/thread/']")
	thread := p.path()[len("/thread/"):]
	p.check("exercise/thread")
	p.open("/thread/" + thread)
	p.click(`form[action$="/acknowledge"] button`)
	p.says(thread, "holding", "text", "We look into it.", "estimate", "within", "estimate.number", "3", "estimate.unit", "hours")
	p.says(thread, "answer", "outcome", "partial", "narrative", "The server is rented; its tenant is being asked.")
	x.sees(scenario.ResponseSent)
	x.orders(&valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_ENDEX})
	x.orders(&valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_CLOSE})
	x.end()
	english, recording := x.report(locale.English)
	x.agree(english, recording)
	for _, l := range locale.Languages() {
		r, _ := x.report(l)
		x.looksWell(r, l)
	}
}

// agree holds the files of the report against the recording: what the person did, when, and on which line it stands.
func (x *played) agree(r *report.Report, recording *play.Recording) {
	x.t.Helper()
	var table bytes.Buffer
	if err := r.MessagesCSV(&table); err != nil {
		x.t.Fatal(err)
	}
	rows, err := csv.NewReader(&table).ReadAll()
	if err != nil {
		x.t.Fatal(err)
	}
	var page bytes.Buffer
	if err := r.HTML(&page); err != nil {
		x.t.Fatal(err)
	}
	shown, did := html.UnescapeString(page.String()), map[scenario.Act]bool{}
	for _, l := range recording.Lines {
		if l.Type != play.Acted || !l.Person {
			continue
		}
		did[l.Does] = true
		// Lines count from 1 in a report, as in what verify says.
		named := func(row []string) bool {
			return row[0] == strconv.FormatUint(l.Seq+1, 10) && slices.Contains(row, string(l.Does))
		}
		if !slices.ContainsFunc(rows, named) {
			x.t.Errorf("messages.csv has no line %d, %s", l.Seq, l.Does)
		}
		// Once in the table of the acts, and once in the picture beside it.
		if strings.Count(shown, l.At.Clock()) < 2 {
			x.t.Errorf("the pictures and tables do not both have %s at %s", l.Does, l.At.Clock())
		}
	}
	for _, want := range []scenario.Act{scenario.Acknowledged, scenario.HoldingSent, scenario.ResponseSent} {
		if !did[want] {
			x.t.Errorf("the recording does not have that the person did %s", want)
		}
	}
	for _, e := range r.Machine().Expectations {
		if e.ID == "E02" && (e.Outcome != string(play.Met) || e.Line == nil || !recording.Lines[*e.Line-1].Person) {
			x.t.Errorf("the acknowledgement by hand counts as %+v", e)
		}
	}
}

// looksWell opens a report in the browser: nothing is cut, asked from elsewhere, or unreadable to a screen reader.
func (x *played) looksWell(r *report.Report, l locale.Language) {
	x.t.Helper()
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := r.HTML(w); err != nil {
			x.t.Error(err)
		}
	}))
	defer served.Close()
	p := newTab(x.t, options{base: served.URL})
	p.open("/")
	p.shot("exercise/report-" + l.String())
	p.complain("the report in "+l.String(), p.axe(), p.noSidewaysScroll())
	if got, want := run[string](p, `(() => getComputedStyle(document.body).direction)`), l.Direction().String(); got != want {
		x.t.Errorf("the report in %s runs %s", l, got)
	}
}
