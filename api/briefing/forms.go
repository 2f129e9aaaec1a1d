package briefing

import (
	"bufio"
	_ "embed"
	"html/template"
	"io"
	"strings"

	"valise.example/proto/ident"
)

//go:embed page.html.tmpl
var pageText string

// page escapes by context whatever it is given.
var page = template.Must(template.New("page").Parse(pageText))

// HTML writes the page as one file that needs nothing else: no script, no link, nothing from
// elsewhere. The error is that of w.
func (b Briefing) HTML(w io.Writer) error { return page.Execute(w, b.document()) }

// Text writes the page as plain text. What people wrote stands behind a bar, so that no line of it
// can be taken for one of the page. The error is that of w.
func (b Briefing) Text(w io.Writer) error {
	d, out := b.document(), bufio.NewWriter(w)
	line := func(s string) { _, _ = out.WriteString(s + "\n") } // Flush tells what went wrong
	line(d.Label)
	line(d.banner())
	line("")
	line("BRIEFING")
	line(barred(d.Title))
	for _, rule := range d.Rules {
		line(rule)
	}
	for _, s := range d.Sections {
		line("")
		line("== " + s.Heading + " ==")
		writeFacts(line, s.Facts)
		for _, e := range s.Entries {
			line("")
			line("* " + oneLine(e.Heading))
			writeFacts(line, e.Facts)
			for _, words := range e.Words {
				line("  " + strings.ReplaceAll(words, "\n", "\n  "))
			}
		}
		if len(s.Facts)+len(s.Entries) == 0 {
			line(s.Empty)
		}
	}
	line("")
	line(d.End)
	line(d.banner())
	line(d.Label)
	return out.Flush()
}

func writeFacts(line func(string), facts []fact) {
	for _, f := range facts {
		name := oneLine(f.Name)
		if f.Language != "" {
			name += " [" + oneLine(f.Language) + "]"
		}
		line("  " + name + ":")
		line(barred(f.Text))
	}
}

func barred(text string) string { return "    | " + strings.ReplaceAll(text, "\n", "\n    | ") }

func oneLine(s string) string { return strings.ReplaceAll(s, "\n", " ") }

// banner says in which realm it is, so that no exercise can be taken for reality.
func (d document) banner() string {
	if d.Exercise {
		return "EXERCISE EXERCISE EXERCISE - nothing on this page is real - realm " + d.Realm
	}
	return "realm " + d.Realm
}

// ExerciseName is what stands at both ends of every printed sheet; empty in operation.
func (d document) ExerciseName() string { return ident.Realm(d.Realm).Name() }

// Banner is banner, for the page.
func (d document) Banner() string { return d.banner() }
