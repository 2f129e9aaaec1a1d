package report

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// What a letter takes of a line, in hundredths of the size of the type: a little more than the usual typefaces need,
// so that what fits here fits there.
const (
	narrowLetter = 30
	middleLetter = 58
	broadLetter  = 72
	widestLetter = 92
	squareLetter = 102
)

// widthOf is about how wide a text is in pixels.
func widthOf(text string, size int) int {
	total := 0
	for _, r := range text {
		total += letterWidth(r)
	}
	return (total*size + 99) / 100
}

func letterWidth(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case strings.ContainsRune(" .,:;|!'ijlI", r):
		return narrowLetter
	case strings.ContainsRune("mwMW—→←", r):
		return widestLetter
	case unicode.In(r, unicode.Han), isWide(r):
		return squareLetter
	case unicode.In(r, unicode.Arabic):
		return middleLetter
	case unicode.IsUpper(r), unicode.In(r, unicode.Cyrillic), r > unicode.MaxLatin1:
		return broadLetter
	}
	return middleLetter
}

func isWide(r rune) bool {
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}

// fit cuts a text so that it takes no more than so many pixels. The whole text stands in the table.
func fit(text string, size, most int) string {
	if widthOf(text, size) <= most {
		return text
	}
	room, open := most-widthOf("…", size), 0
	var b strings.Builder
	for _, r := range text {
		if r == '\u2068' || r == '\u2067' || r == '\u2066' {
			open++
		}
		if r == '\u2069' {
			open--
		}
		if widthOf(b.String()+string(r), size) > room {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimRight(b.String(), " ") + "…" + strings.Repeat("\u2069", max(open, 0))
}
