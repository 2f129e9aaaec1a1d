package tomlkey

import (
	"fmt"
	"strings"
	"unicode"
)

// Quote writes a basic string of TOML, controls by their numbers: Go quotes some of them in a way that TOML does not
// know. What is no UTF-8 becomes U+FFFD, because TOML has no way to hold it. Every other string comes back as it was.
func Quote(s string) string { return QuoteHidden(s, func(rune) bool { return false }) }

// QuoteHidden is Quote for a file that people check by reading it: what else they do not see, as hidden has it, stands
// by its number too.
func QuoteHidden(s string, hidden func(rune) bool) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case !unicode.IsControl(r) && !hidden(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// QuoteAll writes strings as an array of TOML, on one line.
func QuoteAll(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = Quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
