package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode"

	"valise.example/exercise/scenario"
)

// File is one of a report.
type File struct {
	Name  string
	Write func(io.Writer) error // the error is that of the writer
}

func compareNames(a, b string) int { return strings.Compare(a, b) }

// ExpectationsCSV writes a row for each expectation that the reader sees. The names of its columns are those of
// report.json, in every language. docs/exercises.md §8
func (r *Report) ExpectationsCSV(w io.Writer) error {
	rows := [][]string{{"id", "objective", "seats", "to", "does", "has", "never", "judge", "within_ms", "of", "outcome", "grade", "after_ms", "points", "unscored", "line"}}
	for _, e := range r.expectations {
		m := r.machineExpectation(e)
		has := make([]string, len(e.Has))
		for i, f := range e.Has {
			has[i] = string(f)
		}
		rows = append(rows, []string{
			m.ID, m.Objective, strings.Join(m.Seats, " "), m.To, m.Does, strings.Join(has, " "), m.Never, r.words.texts(e.Judge), amount(m.Within), m.Of,
			m.Outcome, m.Grade, optional(m.After), strconv.Itoa(m.Points), strconv.FormatBool(m.Unscored), optionalLine(m.Line),
		})
	}
	return writeCSV(w, rows)
}

// MessagesCSV writes a row for each act that the reader sees, in order. docs/exercises.md §8
func (r *Report) MessagesCSV(w io.Writer) error {
	rows := [][]string{{"line", "at_ms", "at", "from", "to", "does", "thread", "has", "inject", "person"}}
	for _, l := range r.facts.acts {
		if !r.own(l.Seat) && (recipient(l) == "" || !r.own(recipient(l))) {
			continue
		}
		has := make([]string, len(l.Has))
		for i, f := range l.Has {
			has[i] = string(f)
		}
		rows = append(rows, []string{
			lineNumber(l.Seq), amount(int64(l.At)), l.At.Clock(), l.Seat, recipient(l), string(l.Does), l.Thread, strings.Join(has, " "), l.Inject, strconv.FormatBool(l.Person),
		})
	}
	return writeCSV(w, rows)
}

// InjectsCSV writes a row for each inject that the reader sees: the plan, and what came of it. docs/exercises.md §8
func (r *Report) InjectsCSV(w io.Writer) error {
	rows := [][]string{{"id", "planned_ms", "planned", "actual_ms", "difference_ms", "cause", "to", "how", "as", "text", "line"}}
	for _, f := range r.fired() {
		m := machineInject(f)
		difference := ""
		if m.Planned != nil && m.Actual != nil {
			difference = amount(*m.Actual - *m.Planned)
		}
		rows = append(rows, []string{
			m.ID, optional(m.Planned), plannedWord(f.Inject), optional(m.Actual), difference, m.Cause, strings.Join(m.To, " "),
			string(f.How), r.words.texts(f.As), r.words.texts(f.Text), optionalLine(m.Line),
		})
	}
	return writeCSV(w, rows)
}

func plannedWord(in *scenario.Inject) string {
	switch {
	case in.Manual:
		return "control"
	case in.When != nil:
		return "when"
	}
	return "at"
}

func amount(n int64) string { return strconv.FormatInt(n, 10) }

func optional(n *int64) string {
	if n == nil {
		return ""
	}
	return amount(*n)
}

func optionalLine(n *uint64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatUint(*n, 10)
}

func writeCSV(w io.Writer, rows [][]string) error {
	t := csv.NewWriter(w)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = harmless(c)
		}
		if err := t.Write(cells); err != nil {
			return err
		}
	}
	t.Flush()
	return t.Error()
}

// harmless is a cell that no spreadsheet takes for a formula: what could begin one gets an apostrophe. A whole number
// stays one.
func harmless(text string) string {
	text = theirs(text)
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return text
	}
	first := strings.TrimLeftFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Mn) || r == '"' || r == '\'' || r == unicode.ReplacementChar
	})
	if first != "" && strings.ContainsRune("=+-@|%＝＋－＠﹢﹣﹦﹫−", []rune(first)[0]) {
		return "'" + text
	}
	return text
}
