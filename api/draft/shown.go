package draft

import (
	"strings"
	"unicode"
)

// joiners are invisible characters that honest text needs: they join or part letters, break words,
// or say which way a neutral character runs.
var joiners = map[rune]bool{0x00ad: true, 0x061c: true, 0x200c: true, 0x200d: true, 0x200e: true, 0x200f: true}

// Shown is what a person may be shown of a text that somebody else wrote: what would steer a screen,
// hide text or turn its order is U+FFFD there, and at most 30 combining marks stand on one letter.
// A line may end, and a tab stays. What was written stays as it is in the record.
func Shown(s string) string {
	marks := 0
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Mn, unicode.Me) {
			if marks++; marks > maxMarks {
				return -1
			}
			return r
		}
		marks = 0
		switch {
		case r == '\n' || r == '\t' || joiners[r]:
			return r
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}
