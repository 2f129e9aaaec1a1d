package directory

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/BurntSushi/toml"
)

// QuoteTOML writes a basic string of TOML, controls as \uXXXX: Go quotes some of them in a way that TOML
// does not know. What is no UTF-8 becomes U+FFFD, because TOML has no way to hold it. Every other string
// comes back as it was.
func QuoteTOML(s string) string {
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

// QuoteTOMLs writes strings as an array of TOML, on one line.
func QuoteTOMLs(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = QuoteTOML(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// plainKey is how every key of our files is spelled.
var plainKey = regexp.MustCompile(`^[a-z_]+$`)

// decodeStrict reads TOML into what it points to. What is no TOML, of another type, or an unknown key is an
// error that names its line; so is "State" for "state", which the decoder would take: two spellings of
// one key would be two facts.
func decodeStrict(b []byte, into any) error {
	meta, err := toml.Decode(string(b), into)
	if err != nil {
		return plainTOML(err)
	}
	unknown := meta.Undecoded()
	for _, key := range meta.Keys() {
		if !plainKey.MatchString(key[len(key)-1]) {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return fmt.Errorf("line %d: there is no key %.60q", lineOf(b, unknown[0]), unknown[0].String())
}

// plainTOML keeps what the parser says and its line, without the text around it.
func plainTOML(err error) error {
	if p, ok := errors.AsType[toml.ParseError](err); ok {
		return fmt.Errorf("line %d: %s", p.Position.Line, p.Message)
	}
	return errors.New(strings.TrimPrefix(err.Error(), "toml: "))
}

// lineOf finds the line where a key stands, counted from 1.
func lineOf(b []byte, key toml.Key) int {
	table := ""
	full, parent, name := key.String(), key[:len(key)-1].String(), key[len(key)-1]
	loose := 0
	for i, line := range strings.Split(string(b), "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			table = strings.Trim(strings.SplitN(line, "#", 2)[0], "[] \t\r")
			if table == full {
				return i + 1
			}
			continue
		}
		left, _, ok := strings.Cut(line, "=")
		left = strings.Trim(left, " \t\"'")
		switch {
		case ok && left == name && table == parent, ok && table == "" && left == full:
			return i + 1
		case loose == 0 && strings.Contains(line, name):
			loose = i + 1
		}
	}
	return loose
}
