package report

import (
	"bufio"
	"io"
	"strings"
)

// Markdown writes the report as text with tables, in the words of the page; pictures are their tables. The error is
// that of w.
func (r *Report) Markdown(w io.Writer) error {
	d, out := r.doc, bufio.NewWriter(w)
	put := func(lines ...string) { _, _ = out.WriteString(strings.Join(lines, "\n") + "\n") } // Flush tells what went wrong
	put("**"+inline(d.Mark)+"**", "", "# "+inline(d.Title), "", inline(d.Exercise), "", inline(d.Reader))
	for _, s := range d.Sections {
		heading := "## "
		if s.Sub {
			heading = "### "
		}
		put("", heading+inline(s.Heading))
		for _, b := range s.Blocks {
			put(markdownBlock(b)...)
		}
	}
	put("", "**"+inline(d.Mark)+"**")
	return out.Flush()
}

func markdownBlock(b block) (lines []string) {
	if b.Text != "" {
		lines = append(lines, "", inline(b.Text))
	}
	for i, point := range b.List {
		if i == 0 {
			lines = append(lines, "")
		}
		lines = append(lines, "- "+inline(point))
	}
	if b.Table != nil {
		lines = append(lines, markdownTable(b.Table)...)
	}
	if b.Picture != nil {
		lines = append(lines, "", inline(b.Picture.Text))
		lines = append(lines, markdownTable(b.Picture.Table)...)
	}
	for range b.Lines {
		lines = append(lines, "", "\\_\\_\\_\\_")
	}
	return lines
}

func markdownTable(t *table) (lines []string) {
	lines = append(lines, "", "**"+inline(t.Caption)+"**", "")
	columns := len(t.Head)
	for _, r := range t.Rows {
		columns = max(columns, len(r.Cells))
	}
	head := make([]string, columns)
	for i := range t.Head {
		head[i] = inline(t.Head[i])
	}
	lines = append(lines, "| "+strings.Join(head, " | ")+" |", "|"+strings.Repeat(" --- |", columns))
	for _, r := range t.Rows {
		cells := make([]string, columns)
		for i, c := range r.Cells {
			cells[i] = inline(c.Text)
		}
		lines = append(lines, "| "+strings.Join(cells, " | ")+" |")
	}
	return lines
}

// signs mean something in Markdown, in HTML within it, or in a link.
const signs = "\\`*_{}[]<>()#+-.!|~&$@:"

// inline is a text that means itself: one line, no markup, no link.
func inline(text string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(text), " ") {
		if strings.ContainsRune(signs, r) && markup(r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// markup leaves those signs that mean nothing within a line, so that times and addresses stay legible; every one with
// which a tag, a link, an emphasis, a cell or a list could begin is escaped.
func markup(r rune) bool { return !strings.ContainsRune("().+-:", r) }
