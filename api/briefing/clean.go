package briefing

import (
	"strings"
	"unicode"
)

// maxMarks is how many combining marks stand on one letter in any written language, and more: beyond
// it they are there to paint over what stands around them.
const maxMarks = 30

// joiners are invisible characters that honest text needs: they join or part letters, break words,
// or say which way a neutral character runs.
var joiners = map[rune]bool{0x00ad: true, 0x061c: true, 0x200c: true, 0x200d: true, 0x200e: true, 0x200f: true}

// clean shows what would steer a screen, hide text or turn its order as U+FFFD. A line may end, and
// a tab stays.
func clean(s string) string {
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
