package tomlkey

import (
	"fmt"
	"strings"
	"unicode"
)

// Quote writes a basic string of TOML, controls as \uXXXX: Go quotes some of them in a way that TOML
// does not know. What is no UTF-8 becomes U+FFFD, because TOML has no way to hold it. Every other string
// comes back as it was.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsControl(r):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
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
