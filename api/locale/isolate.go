package locale

import (
	"strings"

	"golang.org/x/text/unicode/bidi"

	"valise.example/api/draft"
)

// The characters that keep the direction of a text to itself.
const (
	rightToLeftIsolate = "\u2067"
	firstStrongIsolate = "\u2068"
	endOfIsolate       = "\u2069"
)

// Isolate sets a text that somebody else wrote, or that is in another language, into text of l, so that
// it turns nothing around it, and nothing around it turns it. Text that runs as l does stays as it is,
// because some terminals show the characters of an isolate. What could end the isolate, or hide or turn text, is U+FFFD in
// the result; each line is isolated for itself.
func (l Language) Isolate(text string) string {
	return eachLine(draft.Shown(text), func(line string) string {
		if !runsOtherwise(line, l.Direction()) {
			return line
		}
		return firstStrongIsolate + line + endOfIsolate
	})
}

// Line is a text of l where what stands around it may run otherwise, such as after the name of a program
// on a terminal: from right to left it is isolated as a whole, from left to right it stays as it is. In
// a catalog that is written from right to left, commands and names in Latin letters are isolated by
// the translator.
func (l Language) Line(text string) string {
	if l.Direction() == LeftToRight {
		return text
	}
	return eachLine(text, func(line string) string { return rightToLeftIsolate + line + endOfIsolate })
}

// eachLine changes every line that is not empty.
func eachLine(text string, change func(line string) string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = change(line)
		}
	}
	return strings.Join(lines, "\n")
}

// runsOtherwise reports whether text would turn, or be turned by, text that runs in d: it has a letter that
// runs against d, or no letter at all and digits that change places in d. From right to left the groups of a
// telephone number do, and a sign beside a number; a bare number does not. From left to right only Arabic
// digits do. UAX #9
func runsOtherwise(text string, d Direction) bool {
	along, turns, digits, others := false, false, false, false
	for _, r := range text {
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.L:
			if d == RightToLeft {
				return true
			}
			along = true
		case bidi.R, bidi.AL:
			if d == LeftToRight {
				return true
			}
			along = true
		case bidi.AN:
			digits, turns = true, true
		case bidi.EN:
			digits = true
		default:
			others = true
		}
	}
	if d == LeftToRight {
		return turns
	}
	return !along && digits && others
}
