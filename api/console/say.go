package console

import (
	"fmt"
	"html/template"
	"strings"
	"unicode"

	"valise.example/api/locale"
)

// Say is a text with its places filled, by name and value in turn. A value is set apart, so that whatever
// it says turns nothing around it; one that is HTML was made here and stays as it is.
func (f *frame) Say(text locale.Text, pairs ...any) (template.HTML, error) {
	return fill(text.Pieces(), pairs)
}

// Named is a value with what it is before it, joined as the reader's language joins them.
func (f *frame) Named(label, value any) (template.HTML, error) {
	return f.Say(f.T.Frame.Named, "label", label, "value", value)
}

// Count is Say in the plural form for n.
func (f *frame) Count(text locale.Text, n int, pairs ...any) (template.HTML, error) {
	return fill(text.Counted(n), pairs)
}

func fill(pieces []locale.Piece, pairs []any) (template.HTML, error) {
	values := map[string]template.HTML{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		values[name] = valueOf(pairs[i+1])
	}
	var b strings.Builder
	used := 0
	for _, p := range pieces {
		if p.Place == "" {
			b.WriteString(template.HTMLEscapeString(p.Text))
			continue
		}
		value, ok := values[p.Place]
		if !ok {
			return "", fmt.Errorf("%w: %s", errPlaces, p.Place)
		}
		used++
		b.WriteString(string(value))
	}
	if used != len(values) || len(pairs)%2 != 0 {
		return "", errPlaces
	}
	return template.HTML(b.String()), nil //nolint:gosec // made of escaped text and of HTML from here
}

func valueOf(v any) template.HTML {
	switch v := v.(type) {
	case template.HTML:
		return v
	case locale.Text:
		return template.HTML(template.HTMLEscapeString(v.String())) //nolint:gosec // escaped
	case string:
		return peerText(v)
	}
	return peerText(fmt.Sprint(v))
}

// Peer is a text that somebody wrote, set apart from what stands around it, with every character that
// nobody sees shown by its number. It is never markup and no link in it is live.
func (f *frame) Peer(text string) template.HTML { return peerText(text) }

// Fill is a text with its places filled, by name and value in turn, for pages that are not of this desk. The error
// says that the text has other places.
func Fill(text locale.Text, pairs ...any) (template.HTML, error) { return fill(text.Pieces(), pairs) }

// Peer is a text that somebody wrote, set apart and without markup, for pages that are not of this desk.
func Peer(text string) template.HTML { return peerText(text) }

// mostMarks combining marks stand on one letter, as anywhere that text is shown; more would run over the page,
// and are shown by their numbers.
const mostMarks = 30

func peerText(text string) template.HTML {
	return template.HTML("<bdi>" + escaped(text) + "</bdi>") //nolint:gosec // each character is escaped
}

// escaped is text without markup. Characters that nobody sees stand in it by their numbers, and where one
// follows itself, with how often: nothing that was said is left out.
func escaped(text string) string {
	var b strings.Builder
	marks, run, last := 0, 0, rune(-1)
	end := func() {
		if run > 1 {
			fmt.Fprintf(&b, "×%d", run)
		}
		run = 0
	}
	for _, r := range strings.ToValidUTF8(text, string(unicode.ReplacementChar)) {
		shown := !hidden(r)
		if unicode.In(r, unicode.Mn, unicode.Me) && shown {
			marks++
			shown = marks <= mostMarks
		} else {
			marks = 0
		}
		if !shown {
			if run > 0 && r == last {
				run++
				continue
			}
			if end(); last < 0 {
				b.WriteString(`<span class="hidden">`)
			}
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
			last, run = r, 1
			continue
		}
		if end(); last >= 0 {
			b.WriteString("</span>")
			last = -1
		}
		b.WriteString(template.HTMLEscapeString(string(r)))
	}
	if end(); last >= 0 {
		b.WriteString("</span>")
	}
	return b.String()
}

func isVariation(r rune) bool {
	return 0xfe00 <= r && r <= 0xfe0f || 0xe0100 <= r && r <= 0xe01ef || 0x180b <= r && r <= 0x180d || r == 0x180f
}

// hidden are characters that steer a screen, turn text, or stand where nobody sees them. Joiners belong to
// the writing of several languages and stay.
func hidden(r rune) bool {
	switch r {
	case '\n', '\t', 0x200c, 0x200d:
		return false
	}
	return isVariation(r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) || r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0 || r == 0x034f
}
