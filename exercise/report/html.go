package report

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed page.html.tmpl
var pageText string

// page escapes by context whatever it is given.
var page = template.Must(template.New("page").Funcs(template.FuncMap{"times": func(n int) []struct{} { return make([]struct{}, n) }}).Parse(pageText))

// HTML writes the report as one file that needs nothing else: no script, nothing from elsewhere, drawings within. It
// prints on A4 and Letter, with the mark of the exercise at both ends of every page. The error is that of w.
func (r *Report) HTML(w io.Writer) error { return page.Execute(w, r.doc) }
