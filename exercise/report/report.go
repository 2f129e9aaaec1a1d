package report

import (
	"errors"
	"fmt"
	"slices"

	"valise.example/api/locale"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// Format is the version of report.json and of the CSV files. docs/exercises.md §8
const Format = "report/v1"

// Input is what a report is made of.
type Input struct {
	Scenario  *scenario.Scenario
	Digest    string          // SHA-256 of the scenario's file, 64 hex digits
	Recording *play.Recording // one whose chain of hashes holds, whole or not
	File      string          // its file's name, for the command that verifies it
	Language  locale.Language // that of the reader
	For       ident.State     // the participant who reads it; empty: control
}

// ErrOther is that a recording is of another scenario than the one that came with it.
var ErrOther = errors.New("report: the recording is of another scenario, or of another version of its file")

// ErrNotRecording is that the lines do not begin as a recording does.
var ErrNotRecording = errors.New("report: this is not a recording of an exercise")

// ErrNoParticipant is that a report is asked for a State that does not take part.
var ErrNoParticipant = errors.New("report: this State is no participant of the scenario")

// Report is what came of one exercise, for one reader. It does not change once it is made.
type Report struct {
	in    Input
	words *words
	facts *facts

	expectations []expectation // those that the reader sees, in the order of the scenario
	objectives   []objective
	hidden       int // expectations that the reader does not see
	measures     measures
	strengths    []finding
	gaps         []finding
	doc          document
}

// New makes the report of a recording. The error is ErrNotRecording, ErrOther or ErrNoParticipant.
// docs/exercises.md §8
func New(in Input) (*Report, error) {
	if in.Scenario == nil || in.Recording == nil || len(in.Recording.Lines) == 0 {
		return nil, ErrNotRecording
	}
	opened := in.Recording.Opened()
	if opened.Type != play.Opened || opened.Format != play.RecordingFormat {
		return nil, fmt.Errorf("%w: its format is %.40q, want %q", ErrNotRecording, opened.Format, play.RecordingFormat)
	}
	if opened.Digest != in.Digest || opened.Scenario != in.Scenario.ID {
		return nil, fmt.Errorf("%w: %.40q with SHA-256 %.64s", ErrOther, opened.Scenario, opened.Digest)
	}
	if at := slices.IndexFunc(in.Recording.Lines, beyond); at >= 0 {
		return nil, fmt.Errorf("%w: line %d has a time that no exercise has", ErrNotRecording, at+1)
	}
	takesPart := func(p scenario.Participant) bool { return p.State == in.For }
	if in.For != "" && !slices.ContainsFunc(in.Scenario.Participants, takesPart) {
		return nil, fmt.Errorf("%w: %.8s", ErrNoParticipant, in.For)
	}
	r := &Report{in: in, words: wordsOf(in.Language), facts: factsOf(in.Recording.Lines)}
	r.facts.bindDeadlines(in.Scenario)
	for i := range in.Scenario.Expectations {
		if e := r.expectationOf(&in.Scenario.Expectations[i]); r.sees(e) {
			r.expectations = append(r.expectations, e)
		}
	}
	r.hidden = len(in.Scenario.Expectations) - len(r.expectations)
	r.objectives = objectivesOf(in.Scenario, r.expectations)
	r.measures = r.measure()
	r.strengths, r.gaps = r.findings()
	r.doc = r.document()
	return r, nil
}

// beyond reports whether a line has a time before STARTEX or after the longest exercise.
func beyond(l play.Line) bool {
	outside := func(n int64) bool { return n < 0 || scenario.Span(n) > scenario.MaxSpan }
	return outside(int64(l.At)) || l.Do == play.JumpTo && outside(l.Value) || l.After != nil && (outside(*l.After) || *l.After > int64(l.At))
}

// own reports whether a seat is one of the reader's; control has all of them.
func (r *Report) own(seat string) bool { return r.in.For == "" || stateOf(seat) == r.in.For.String() }

// forControl reports whether everybody is named.
func (r *Report) forControl() bool { return r.in.For == "" }
