package scenario

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"valise.example/proto/tomlkey"
)

// Planned is one line of a list of injects.
type Planned struct {
	Line   int // of the list, from 1
	Inject Inject
}

// ReadMSEL reads a list of injects by a mapping and changes nothing: what it gives can be looked at before Merge
// takes it into a file. Name is the list's, for errors alone. Either all of the list is taken, or everything that
// is wrong with it is told with its line. docs/scenario.md §10
func ReadMSEL(name string, r io.Reader, m Mapping) ([]Planned, []*Error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, []*Error{{File: name, Reason: "cannot be read to its end"}}
	}
	text, fault := source(name, data)
	if fault != nil {
		return nil, []*Error{fault}
	}
	l := &planReader{name: name, Mapping: m, rows: csv.NewReader(strings.NewReader(text))}
	l.rows.Comma, l.rows.FieldsPerRecord = m.Separator, -1
	l.read()
	if len(l.errs) > 0 {
		byLine(l.errs)
		return nil, l.errs
	}
	return l.planned, nil
}

// planReader is a list of injects as it is read.
type planReader struct {
	Mapping
	name    string
	rows    *csv.Reader
	at      map[string]int // column of each field
	planned []Planned
	seen    map[string]int // line of each inject
	errs    []*Error
}

func (l *planReader) wrong(line int, field, reason, hint string) {
	title := l.Columns[field]
	l.errs = append(l.errs, &Error{File: l.name, Line: line, Key: title, Reason: reason, Hint: hint})
}

func (l *planReader) read() {
	l.seen = map[string]int{}
	if !l.titles() {
		return
	}
	for {
		row, err := l.rows.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if parse, ok := errors.AsType[*csv.ParseError](err); ok {
			l.wrong(parse.Line, "", "is no CSV: "+parse.Err.Error(), "check the quotation marks and the separator")
			return
		}
		if strings.TrimSpace(strings.Join(row, "")) == "" {
			continue
		}
		line, _ := l.rows.FieldPos(0)
		if len(l.planned) == maxInjects {
			l.wrong(line, "", "has more injects than a scenario may have", "")
			return
		}
		l.inject(line, row)
	}
}

// titles finds the columns by the first line.
func (l *planReader) titles() bool {
	row, err := l.rows.Read()
	if err != nil {
		l.wrong(1, "", "has no line of titles", "check the separator")
		return false
	}
	l.at = map[string]int{}
	for i, title := range row {
		row[i] = strings.TrimSpace(uncell(title))
	}
	for _, f := range fields {
		title, ok := l.Columns[f.name]
		if !ok {
			continue
		}
		l.at[f.name] = slices.Index(row, title)
		if l.at[f.name] < 0 {
			l.wrong(1, f.name, "there is no such column", "columns here are "+shorten(strings.Join(row, ", ")))
		} else if slices.Contains(row[l.at[f.name]+1:], title) {
			l.wrong(1, f.name, "two columns have this title", "")
		}
	}
	return len(l.errs) == 0
}

// inject reads one line by way of the tree that the file would have, so that a list can say nothing that a file
// cannot.
func (l *planReader) inject(line int, row []string) {
	in := map[string]any{}
	for _, f := range fields {
		i, mapped := l.at[f.name]
		if !mapped || i >= len(row) {
			continue
		}
		if s := strings.TrimSpace(uncell(row[i])); s != "" {
			l.set(line, in, f.name, s)
		}
	}
	r := &reader{file: l.name, outline: tomlkey.Outline{}}
	r.value("", in, l.shape(), 0)
	var planned Inject
	if len(r.errs) == 0 {
		planned = (&builder{reader: r}).inject("", in)
	}
	for _, e := range r.errs {
		l.wrong(line, fieldOf(e.Key), strings.TrimPrefix(e.Reason, ": "), e.Hint)
	}
	id, _ := in["id"].(string)
	if first, twice := l.seen[id]; twice && id != "" {
		l.wrong(line, "id", quoted(id)+" stands on line "+strconv.Itoa(first)+" too", "")
	}
	l.seen[id] = line
	l.planned = append(l.planned, Planned{Line: line, Inject: planned})
}

// set puts one cell into the tree.
func (l *planReader) set(line int, in map[string]any, name, s string) {
	switch name {
	case "time":
		at, err := l.moment(s)
		if err != nil {
			l.wrong(line, name, quoted(s)+" "+err.Error(), "")
		}
		in["at"] = at.String()
	case "when":
		if s == "manual" {
			in["manual"] = true
			return
		}
		tree, err := condition(s, 1)
		if err != nil {
			l.wrong(line, name, err.Error(), "missed E02, response.sent from XB/technical, all(met E01; met E02), manual")
		}
		in["when"] = tree
	case "as", "text":
		in[name] = map[string]any{l.Language: s}
	case "to":
		var list []any
		for seat := range strings.SplitSeq(s, l.Several) {
			list = append(list, translated(l.Seats, strings.TrimSpace(seat)))
		}
		in["to"] = list
	case "how":
		in["how"] = translated(l.How, s)
	case "opens_from", "opens_to", "incident_of":
		opens, _ := in["opens"].(map[string]any)
		if opens == nil {
			opens = map[string]any{}
			in["opens"] = opens
		}
		opens[strings.TrimPrefix(name, "opens_")] = translated(l.Seats, s)
	case "scored":
		if s == "no" {
			in["unscored"] = true
		} else if s != "yes" {
			l.wrong(line, name, quoted(s)+" is neither yes nor no", "")
		}
	default:
		in[name] = s
	}
}

func translated(words map[string]string, s string) string {
	if known, ok := words[s]; ok {
		return known
	}
	return s
}

// shape is that of an inject whose texts are in the language of the list, and of which no more is needed than the
// list has columns for.
func (l *planReader) shape() *shape {
	s := injectShape()
	_, time := l.Columns["time"]
	_, when := l.Columns["when"]
	if !time && !when {
		s.one = nil
	}
	for i, k := range s.keys {
		_, mapped := l.Columns[k.name]
		s.keys[i].needed = k.needed && mapped
		if k.shape.byLang {
			for j := range k.shape.keys {
				k.shape.keys[j].needed = false
			}
		}
	}
	return s
}

// fieldOf is the column from which a key of the tree comes.
func fieldOf(key string) string {
	key = strings.TrimLeft(key, ".")
	switch key {
	case "opens.from":
		return "opens_from"
	case "opens", "opens.to":
		return "opens_to"
	case "opens.incident_of":
		return "incident_of"
	case "":
		return "time"
	}
	key, _, _ = strings.Cut(key, ".")
	key, _, _ = strings.Cut(key, "[")
	switch key {
	case "at":
		return "time"
	case "manual":
		return "when"
	case "unscored":
		return "scored"
	}
	return key
}
