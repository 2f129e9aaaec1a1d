package scenario

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"valise.example/proto/tomlkey"
)

// Merged is a file into which a list of injects was taken, and what that changed in it.
type Merged struct {
	Data                 []byte
	Added, Changed, Same []string // ids, in the order of the list
}

// Merge takes a list of injects into a scenario: an inject that is there already keeps what the list has no column
// for and its texts in other languages; a new one comes after the last. All else of the file, comments too, stays
// as it is, but comments within an inject that changes. Nothing is removed. The error is always *Error, of name
// where the file cannot be read, of the list at a line where an inject cannot be taken. docs/scenario.md §10
func Merge(name string, data []byte, list string, planned []Planned, m Mapping) (Merged, error) {
	s, err := Parse(name, data)
	if err != nil {
		return Merged{}, err
	}
	text, fault := source(name, data)
	if fault != nil {
		return Merged{}, fault
	}
	e := &editor{lines: strings.Split(text, "\n"), name: name}
	if e.outline, _, err = tomlkey.Scan(text, bounds); err != nil {
		return Merged{}, err
	}
	var out Merged
	for _, p := range planned {
		i := slices.IndexFunc(s.Injects, func(in Inject) bool { return in.ID == p.Inject.ID })
		if i < 0 {
			out.Added = append(out.Added, p.Inject.ID)
			continue
		}
		next := taken(s.Injects[i], p.Inject, m)
		if reflect.DeepEqual(next, s.Injects[i]) {
			out.Same = append(out.Same, next.ID)
			continue
		}
		out.Changed = append(out.Changed, next.ID)
		if err := e.replace(i, next); err != nil {
			return Merged{}, err
		}
	}
	if err := e.add(list, planned, out.Added, len(s.Injects)); err != nil {
		return Merged{}, err
	}
	e.apply()
	out.Data = []byte(strings.Join(e.lines, "\n"))
	if _, err := Parse(name, out.Data); err != nil {
		return Merged{}, err
	}
	return out, nil
}

// change puts lines in the place of others, from and end counted from 0 in the file as it was.
type change struct {
	from, end int
	lines     []string
}

// editor changes a file by its lines.
type editor struct {
	name    string
	lines   []string
	outline tomlkey.Outline
	changes []change
}

// apply makes the changes from the end, so that the lines of what is to come do not move.
func (e *editor) apply() {
	slices.SortStableFunc(e.changes, func(a, b change) int { return b.from - a.from })
	for _, c := range e.changes {
		e.lines = slices.Replace(e.lines, c.from, c.end, c.lines...)
	}
}

func (e *editor) replace(i int, in Inject) error {
	from, end, err := e.block(i)
	e.changes = append(e.changes, change{from, end, written(in)})
	return err
}

// add puts what is new after the last inject.
func (e *editor) add(list string, planned []Planned, added []string, injects int) error {
	var fresh []string
	for _, p := range planned {
		if !slices.Contains(added, p.Inject.ID) {
			continue
		}
		if p.Inject.As["en"] == "" || p.Inject.Text["en"] == "" || len(p.Inject.To) == 0 || p.Inject.How == "" {
			return &Error{File: list, Line: p.Line, Reason: quoted(p.Inject.ID) + " is new, and a new inject needs seats, a way, and its texts in English", Hint: "import the list in English first"}
		}
		fresh = append(append(fresh, ""), written(p.Inject)...)
	}
	if len(fresh) == 0 {
		return nil
	}
	at := len(e.lines)
	if injects > 0 {
		_, end, err := e.block(injects - 1)
		if err != nil {
			return err
		}
		at = end
	}
	e.changes = append(e.changes, change{at, at, fresh})
	return nil
}

// block is where an inject stands: its first line and the one after its last, from 0. Comments and blanks before
// what follows belong to that.
func (e *editor) block(i int) (from, end int, err error) {
	path := injectAt(i)
	from = e.outline.At(path) - 1
	if from < 0 || strings.TrimSpace(strings.SplitN(e.lines[from], "#", 2)[0]) != "[[inject]]" {
		return 0, 0, &Error{File: e.name, Line: from + 1, Key: path, Reason: "is not written as [[inject]], so that no list can be taken into it"}
	}
	end = e.outline.Next(path) - 1
	if end < 0 {
		end = len(e.lines)
	}
	if end <= from {
		return 0, 0, &Error{File: e.name, Line: from + 1, Key: path, Reason: "is not written in one place, so that no list can be taken into it"}
	}
	for end > from+1 {
		last := strings.TrimSpace(e.lines[end-1])
		if last != "" && (last[0] != '#' || strings.Contains(last, `"""`) || strings.Contains(last, `'''`)) {
			break
		}
		end--
	}
	return from, end, nil
}

// taken is an inject after a line of a list: what the list has a column for is as the list says.
func taken(old, from Inject, m Mapping) Inject {
	has := func(field string) bool { _, ok := m.Columns[field]; return ok }
	next := old
	if has("time") || has("when") {
		next.At, next.When, next.Manual = from.At, from.When, from.Manual
	}
	if has("delay") {
		next.Delay = from.Delay
	}
	if next.When == nil {
		next.Delay = 0
	}
	if has("to") {
		next.To = from.To
	}
	if has("how") {
		next.How = from.How
	}
	if has("scored") {
		next.Unscored = from.Unscored
	}
	if has("as") && from.As[m.Language] != "" {
		next.As = with(old.As, m.Language, from.As[m.Language])
	}
	if has("text") && from.Text[m.Language] != "" {
		next.Text = with(old.Text, m.Language, from.Text[m.Language])
	}
	if has("opens_to") {
		next.Opens = opensOf(old.Opens, from.Opens, has)
	}
	return next
}

// opensOf: without a column of its own, who writes and of which incident stays.
func opensOf(old, from *Opens, has func(string) bool) *Opens {
	if from == nil {
		return nil
	}
	next := *from
	if old != nil && !has("opens_from") {
		next.From = old.From
	}
	if old != nil && !has("incident_of") {
		next.IncidentOf = old.IncidentOf
	}
	return &next
}

// with is a copy of texts with one of them set; a text that differs in blanks at its ends alone is the same.
func with(t Texts, language, s string) Texts {
	if strings.TrimSpace(t[language]) == s {
		return t
	}
	out := maps.Clone(t)
	out[language] = s
	return out
}
