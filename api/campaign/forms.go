package campaign

import (
	"bufio"
	_ "embed"
	"html/template"
	"io"
	"strings"
)

//go:embed page.html.tmpl
var pageText string

// page escapes by context whatever it is given.
var page = template.Must(template.New("page").Parse(pageText))

// HTML writes the report as one file that needs nothing else: no script, no link, nothing from
// elsewhere. The error is that of w.
func (r Report) HTML(w io.Writer) error { return page.Execute(w, r.document()) }

// Text writes the report as plain text. What people wrote stands behind a bar. The error is that of w.
func (r Report) Text(w io.Writer) error {
	d, out := r.document(), bufio.NewWriter(w)
	put := func(lines ...string) { _, _ = out.WriteString(strings.Join(lines, "\n") + "\n") } // Flush tells what went wrong
	put(d.Banner, "", "COMMUNICATION CHECKS", d.Campaign)
	put(d.Rules...)
	put("")
	put(d.Figures...)
	for _, x := range d.Rows {
		put("", x.Address+"  "+x.State)
		for _, fact := range x.Facts {
			put("  " + fact)
		}
		for _, text := range x.Said {
			put("    | " + strings.ReplaceAll(text, "\n", "\n    | "))
		}
	}
	put("", d.Banner)
	return out.Flush()
}
