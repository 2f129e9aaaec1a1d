package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

// Machine is the report as report.json has it. Times are milliseconds of the exercise, line numbers count from 1, and
// what does not apply is left out. docs/exercises.md §8
type Machine struct {
	Format       string               `json:"format"`
	Mark         string               `json:"mark"` // EXERCISE
	Scenario     string               `json:"scenario"`
	Kind         string               `json:"kind"`
	Digest       string               `json:"digest"`
	Seed         uint64               `json:"seed"`
	Engine       int                  `json:"engine"`
	Realm        string               `json:"realm"`
	Start        string               `json:"start"`
	End          int64                `json:"end_ms"`
	Lines        uint64               `json:"lines"`
	Whole        bool                 `json:"whole"`
	Hash         string               `json:"hash"`
	Language     string               `json:"language"`
	For          string               `json:"for,omitempty"`
	Objectives   []MachineObjective   `json:"objectives"`
	Expectations []MachineExpectation `json:"expectations"`
	LeftOut      int                  `json:"left_out"`
	Inquiries    []MachineInquiry     `json:"inquiries"`
	Acknowledge  MachineTimes         `json:"acknowledge"`
	Injects      []MachineInject      `json:"injects"`
	Control      []MachineControl     `json:"control"`
	Records      []MachineRecords     `json:"records"`
	Notes        []MachineNote        `json:"notes"`
	Strengths    []MachineFinding     `json:"strengths"`
	Gaps         []MachineFinding     `json:"gaps"`
}

// MachineObjective is one objective and how far it was reached: full, part, none or not, where nothing counts.
type MachineObjective struct {
	ID       string `json:"id"`
	Reached  string `json:"reached"`
	Met      int    `json:"met"`
	Counted  int    `json:"counted"`
	Points   int    `json:"points"`
	OfPoints int    `json:"of_points"`
}

// MachineExpectation is one expectation and its result.
type MachineExpectation struct {
	ID        string   `json:"id"`
	Objective string   `json:"objective"`
	Seats     []string `json:"seats,omitempty"`
	To        string   `json:"to,omitempty"`
	Does      string   `json:"does,omitempty"`
	Never     string   `json:"never,omitempty"`
	Judge     bool     `json:"judge,omitempty"`
	Of        string   `json:"of,omitempty"`
	Within    int64    `json:"within_ms,omitempty"`
	Unscored  bool     `json:"unscored,omitempty"`
	Points    int      `json:"points"`
	Outcome   string   `json:"outcome"`
	Grade     string   `json:"grade,omitempty"`
	After     *int64   `json:"after_ms,omitempty"`
	Line      *uint64  `json:"line,omitempty"`
}

// MachineInquiry is one inquiry; what did not come is left out.
type MachineInquiry struct {
	Thread       string `json:"thread"`
	From         string `json:"from"`
	To           string `json:"to"`
	Inject       string `json:"inject,omitempty"`
	Line         uint64 `json:"line"`
	Sent         int64  `json:"sent_ms"`
	Acknowledged *int64 `json:"acknowledged_ms,omitempty"`
	Holding      *int64 `json:"holding_ms,omitempty"`
	Answered     *int64 `json:"answered_ms,omitempty"`
}

// MachineTimes are the times to acknowledge of the seats that are named; others are those of all further States.
type MachineTimes struct {
	Times      []int64 `json:"times_ms"`
	Median     *int64  `json:"median_ms,omitempty"`
	Others     []int64 `json:"others_ms,omitempty"`
	Unmeasured int     `json:"unmeasured"`
	Without    int     `json:"without"`
	Silence    *int64  `json:"silence_ms,omitempty"`
	Silent     string  `json:"silence_thread,omitempty"`
}

// MachineInject is one inject of the plan. Planned is left out where it has a condition or control alone releases it.
type MachineInject struct {
	ID      string   `json:"id"`
	To      []string `json:"to"`
	Planned *int64   `json:"planned_ms,omitempty"`
	Actual  *int64   `json:"actual_ms,omitempty"`
	Cause   string   `json:"cause,omitempty"`
	Line    *uint64  `json:"line,omitempty"`
}

// MachineControl is one thing that control did.
type MachineControl struct {
	Line   uint64 `json:"line"`
	At     int64  `json:"at_ms"`
	Do     string `json:"do"`
	Value  int64  `json:"value,omitempty"`
	Inject string `json:"inject,omitempty"`
}

// MachineRecords says whether the records of two seats agree.
type MachineRecords struct {
	Line  uint64   `json:"line"`
	Seats []string `json:"seats"`
	Agree bool     `json:"agree"`
}

// MachineNote is what an evaluator or control has written.
type MachineNote struct {
	Line        uint64 `json:"line"`
	At          int64  `json:"at_ms"`
	Expectation string `json:"expectation,omitempty"`
	Seat        string `json:"seat,omitempty"`
	Grade       string `json:"grade,omitempty"`
	Text        string `json:"text,omitempty"`
}

// MachineFinding is a strength or a gap: the rule that found it, and its words in the language of the report.
type MachineFinding struct {
	Rule string `json:"rule"`
	Text string `json:"text"`
}

// JSON writes the report as one object, indented. What steers or hides text stands in it by its number, so that the
// file can be looked at. The error is that of w.
func (r *Report) JSON(w io.Writer) error {
	b, err := json.MarshalIndent(r.Machine(), "", "  ")
	if err != nil {
		return err
	}
	var out strings.Builder
	for _, c := range string(b) {
		if units := utf16.Encode([]rune{c}); unicode.In(c, unicode.Cf, unicode.Zl, unicode.Zp) {
			for _, u := range units {
				fmt.Fprintf(&out, `\u%04x`, u)
			}
			continue
		}
		out.WriteRune(c)
	}
	_, err = io.WriteString(w, out.String()+"\n")
	return err
}

// Machine is the report for machines.
func (r *Report) Machine() Machine {
	o := r.facts.opened
	m := Machine{
		Format: Format, Mark: englishMark, Scenario: o.Scenario, Kind: string(r.in.Scenario.Kind), Digest: o.Digest, Seed: o.Seed, Engine: o.Engine,
		Realm: o.Realm, Start: o.Start, End: int64(r.facts.end), Lines: r.facts.lines, Whole: r.facts.whole, Hash: r.in.Recording.Hash,
		Language: r.words.language.String(), For: r.in.For.String(), LeftOut: r.hidden, Acknowledge: r.machineTimes(),
		Objectives: []MachineObjective{}, Expectations: []MachineExpectation{}, Inquiries: []MachineInquiry{}, Injects: []MachineInject{},
		Control: []MachineControl{}, Records: []MachineRecords{}, Notes: []MachineNote{}, Strengths: machineFindings(r.strengths), Gaps: machineFindings(r.gaps),
	}
	for _, x := range r.objectives {
		m.Objectives = append(m.Objectives, MachineObjective{x.ID, string(x.reached()), x.met, x.counted, x.points, x.ofPoints})
	}
	for _, e := range r.expectations {
		m.Expectations = append(m.Expectations, r.machineExpectation(e))
	}
	for _, q := range r.bars() {
		m.Inquiries = append(m.Inquiries, MachineInquiry{
			q.sent.Thread, q.from, q.to, q.sent.Inject, q.sent.Seq + 1, int64(q.sent.At), moment(q.acknowledged), moment(q.holding), moment(q.answered),
		})
	}
	for _, f := range r.fired() {
		m.Injects = append(m.Injects, machineInject(f))
	}
	for _, l := range r.facts.control {
		if r.forControl() || l.Inject == "" {
			m.Control = append(m.Control, MachineControl{l.Seq + 1, int64(l.At), string(l.Do), l.Value, l.Inject})
		}
	}
	for _, l := range r.comparedSeen() {
		m.Records = append(m.Records, MachineRecords{l.Seq + 1, l.Seats, l.Agree != nil && *l.Agree})
	}
	notes, _ := r.notesSeen()
	for _, l := range notes {
		m.Notes = append(m.Notes, MachineNote{l.Seq + 1, int64(l.At), l.Expectation, l.Seat, string(l.Grade), l.Text})
	}
	return m
}

func machineFindings(found []finding) []MachineFinding {
	all := []MachineFinding{}
	for _, f := range found {
		all = append(all, MachineFinding{f.rule, f.text})
	}
	return all
}

func (r *Report) machineExpectation(e expectation) MachineExpectation {
	m := MachineExpectation{
		ID: e.ID, Objective: e.Objective, Seats: e.seats(), Does: string(e.Does), Never: string(e.Never), Judge: len(e.Judge) > 0, Of: e.Of,
		Within: int64(e.Within), Unscored: e.Unscored, Points: e.Points, Outcome: string(e.outcome), Grade: string(e.grade), After: e.after,
	}
	if !e.To.IsZero() {
		m.To = e.To.String()
	}
	if r.mine(e) && e.line > 0 {
		line := e.line + 1
		if e.by != nil {
			line = *e.by + 1
		}
		m.Line = &line
	}
	return m
}

func (r *Report) machineTimes() MachineTimes {
	m := MachineTimes{Times: []int64{}, Unmeasured: r.measures.unmeasured, Without: r.measures.unanswered}
	own := r.ownWaits()
	for _, w := range own {
		m.Times = append(m.Times, int64(w.took))
	}
	if middle, some := median(own); some {
		m.Median = milliseconds(middle)
	}
	if !r.forControl() {
		for _, w := range r.otherWaits() {
			m.Others = append(m.Others, int64(w.took))
		}
	}
	if s := r.measures.silence; s != nil {
		m.Silence, m.Silent = milliseconds(s.took), s.thread
	}
	return m
}

func machineInject(f firedInject) MachineInject {
	m := MachineInject{ID: f.ID, To: f.to}
	if f.When == nil && !f.Manual {
		m.Planned = milliseconds(f.At)
	}
	if f.line == nil {
		return m
	}
	line := f.line.Seq + 1
	m.Cause, m.Line = string(f.line.Cause), &line
	if f.line.Cause != play.BySkip {
		m.Actual = milliseconds(f.line.At)
	}
	return m
}

func milliseconds(s scenario.Span) *int64 { return new(int64(s)) }

func moment(l *play.Line) *int64 {
	if l == nil {
		return nil
	}
	return milliseconds(l.At)
}

// Files are the names of what a report consists of, each with what writes it, in the order of the alphabet.
func (r *Report) Files() []File {
	all := []File{
		{"report.html", r.HTML}, {"report.md", r.Markdown}, {"report.json", r.JSON},
		{"expectations.csv", r.ExpectationsCSV}, {"messages.csv", r.MessagesCSV}, {"msel.csv", r.InjectsCSV},
	}
	slices.SortFunc(all, func(a, b File) int { return compareNames(a.Name, b.Name) })
	return all
}
