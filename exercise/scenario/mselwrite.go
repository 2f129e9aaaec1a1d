package scenario

import (
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"valise.example/proto/ident"
)

// WriteMSEL writes the injects as a list for people who plan in a spreadsheet: CSV in UTF-8, one line each in the
// order of the file, texts in one language. No cell is taken for a formula. The error is that of w.
// docs/scenario.md §10
func WriteMSEL(w io.Writer, s *Scenario, language string) error {
	out := csv.NewWriter(w)
	titles := make([]string, len(fields))
	for i, f := range fields {
		titles[i] = f.title
	}
	if err := out.Write(titles); err != nil {
		return err
	}
	for _, in := range s.Injects {
		row := make([]string, len(fields))
		for i, f := range fields {
			row[i] = cell(s.cellOf(in, f.name, language))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (s *Scenario) cellOf(in Inject, name, language string) string {
	opens := Opens{}
	if in.Opens != nil {
		opens = *in.Opens
	}
	switch name {
	case "id":
		return in.ID
	case "time":
		return in.timeCell()
	case "clock":
		if in.timeCell() == "" {
			return ""
		}
		return s.Clock.Start.Add(time.Duration(in.At) * time.Millisecond).Format("2006-01-02 15:04:05 UTC")
	case "when":
		return in.whenCell()
	case "delay":
		return spanCell(in.Delay)
	case "how":
		return string(in.How)
	case "as":
		return in.As.In(language)
	case "to":
		return addressesCell(in.To)
	case "text":
		return in.Text.In(language)
	case "opens_from":
		return addressCell(opens.From)
	case "opens_to":
		return addressCell(opens.To)
	case "incident_of":
		return opens.IncidentOf
	case "scored":
		return map[bool]string{false: "yes", true: "no"}[in.Unscored]
	}
	return s.expectedCell(in.ID, name)
}

func (in Inject) timeCell() string {
	if in.When != nil || in.Manual {
		return ""
	}
	return in.At.Clock()
}

func (in Inject) whenCell() string {
	if in.Manual {
		return "manual"
	}
	if in.When == nil {
		return ""
	}
	return in.When.Words()
}

func spanCell(s Span) string {
	if s == 0 {
		return ""
	}
	return s.String()
}

func addressCell(a ident.Address) string {
	if a.IsZero() {
		return ""
	}
	return a.String()
}

func addressesCell(list []ident.Address) string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.String()
	}
	return strings.Join(out, "; ")
}

// expectedCell is what is hoped for after an inject, or which objectives that shows.
func (s *Scenario) expectedCell(id, name string) string {
	var out []string
	for _, e := range s.Expectations {
		if of, _ := splitOf(e.Of); of != id || e.Does == "" {
			continue
		}
		if name == "objectives" {
			if !slices.Contains(out, e.Objective) {
				out = append(out, e.Objective)
			}
			continue
		}
		who := addressCell(e.Who)
		if e.Who.IsZero() {
			who = addressesCell(e.Pair[:])
		}
		line := e.ID + ": " + who + " " + string(e.Does)
		if !e.To.IsZero() {
			line += " to " + e.To.String()
		}
		out = append(out, line+" within "+e.Within.String())
	}
	return strings.Join(out, "; ")
}

// cell is a text that no spreadsheet takes for a formula, in whichever line of it. A sign that is put before it
// can be told from one of the text, so that reading gives back what was written.
func cell(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if guarded(line) {
			lines[i] = "'" + line
		}
	}
	return strings.Join(lines, "\n")
}

// uncell takes away what cell put before a line.
func uncell(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if rest, ok := strings.CutPrefix(line, "'"); ok && guarded(rest) {
			lines[i] = rest
		}
	}
	return strings.Join(lines, "\n")
}

// guarded: a line whose first sign a spreadsheet acts upon, whatever blanks, marks or quotes stand before it.
func guarded(line string) bool {
	first := strings.TrimLeftFunc(line, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Mn) || r == '"' || r == '\''
	})
	return first != "" && strings.ContainsRune("=+-@|%＝＋－＠﹢﹣﹦﹫−", []rune(first)[0])
}
