package console

import (
	"strings"
	"unicode"

	valisev1 "valise.example/proto/valise/v1"
)

// Listed are several words in a row.
func (f *frame) Listed(words []string) string { return strings.Join(words, ", ") }

// mostPlain letters of a text stand in a list to choose from.
const mostPlain = 80

// Plain is a text that somebody wrote, for a place that cannot hold marks: a list to choose from. What
// nobody sees, and marks on a letter that would run over the page, are left out, since nothing can be shown in their
// place.
func (f *frame) Plain(text string) string {
	var b strings.Builder
	n, marks := 0, 0
	for _, r := range text {
		if n++; n > mostPlain {
			b.WriteString("…")
			break
		}
		if marks++; !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
		}
		if !hidden(r) && marks <= mostMarks && r != '\n' && r != '\t' {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// StateName is State for a list to choose from, which cannot hold marks.
func (f *frame) StateName(code string) string {
	if name := f.v.named(code).in(f.v.language); name != "" {
		return f.Plain(name) + " (" + code + ")"
	}
	return code
}

// Reason is why something is not as it should be, in words.
func (f *frame) Reason(why valisev1.Reason) string { return f.v.catalog.Sentence(why) }
