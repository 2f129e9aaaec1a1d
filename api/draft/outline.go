package draft

import (
	"strconv"
	"strings"

	valisev1 "valise.example/proto/valise/v1"
)

// Limits of a draft's form. The TOML library spends time and memory with the square of the
// depth, so depth is bounded before it sees a draft.
const (
	maxDepth   = 16
	maxParts   = 8
	maxKeyLen  = 64
	maxKeys    = 4096
	maxElement = 4096
)

// outline knows on which line each key of a draft stands. The TOML library tells lines only for
// syntax errors, and what we refuse is mostly well-formed TOML.
type outline struct {
	lines map[string]int
}

// at returns the line of a key, or of the nearest table that holds it; 0 when neither is there.
func (o outline) at(path string) int {
	for path != "" {
		if line, ok := o.lines[path]; ok {
			return line
		}
		path = parent(path)
	}
	return 0
}

func parent(path string) string {
	if i := strings.LastIndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return ""
}

func join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// scanner walks a TOML document just far enough to note keys and depth. It stops at whatever it
// does not understand; the document is then cut there, and the TOML library names the error.
type scanner struct {
	s       string
	pos     int
	line    int
	keys    int
	lines   map[string]int
	arrays  map[string]int // number of [[tables]] so far, by path
	prefix  string
	refused *Error
}

// scan returns the outline and the byte at which it stopped, len(s) when it read everything.
func scan(s string) (outline, int, error) {
	sc := &scanner{s: s, line: 1, lines: map[string]int{}, arrays: map[string]int{}}
	for sc.blank(true); sc.pos < len(s); sc.blank(true) {
		if !sc.statement() {
			break
		}
	}
	if sc.refused != nil {
		return outline{}, sc.pos, sc.refused
	}
	return outline{lines: sc.lines}, sc.pos, nil
}

func (sc *scanner) refuse(detail string) bool {
	if sc.refused == nil {
		sc.refused = &Error{Line: sc.line, Reason: valisev1.Reason_REASON_BAD_DRAFT, Detail: detail}
	}
	return false
}

func (sc *scanner) peek() byte {
	if sc.pos < len(sc.s) {
		return sc.s[sc.pos]
	}
	return 0
}

func (sc *scanner) take(prefix string) bool {
	if !strings.HasPrefix(sc.s[sc.pos:], prefix) {
		return false
	}
	sc.pos += len(prefix)
	return true
}

// blank skips spaces and comments, and line ends too when lines is true.
func (sc *scanner) blank(lines bool) {
	for sc.pos < len(sc.s) {
		switch c := sc.s[sc.pos]; {
		case c == ' ' || c == '\t':
			sc.pos++
		case c == '\n' && lines:
			sc.pos++
			sc.line++
		case c == '#':
			if i := strings.IndexByte(sc.s[sc.pos:], '\n'); i >= 0 {
				sc.pos += i
			} else {
				sc.pos = len(sc.s)
			}
		default:
			return
		}
	}
}

// statement reads one table header or one key with its value, to the end of the line.
func (sc *scanner) statement() bool {
	var ok bool
	if sc.peek() == '[' {
		ok = sc.header()
	} else {
		ok = sc.assignment(sc.prefix, 0)
	}
	if !ok {
		return false
	}
	sc.blank(false)
	return sc.pos == len(sc.s) || sc.peek() == '\n'
}

func (sc *scanner) header() bool {
	line := sc.line
	array := sc.take("[[")
	if !array && !sc.take("[") {
		return false
	}
	parts, ok := sc.key()
	if !ok {
		return false
	}
	if array && !sc.take("]]") || !array && !sc.take("]") {
		return false
	}
	path := ""
	for i, part := range parts {
		path = join(path, part)
		if array && i == len(parts)-1 {
			sc.arrays[path]++
			sc.note(path, line)
		}
		if n := sc.arrays[path]; n > 0 {
			path = index(path, n-1)
		}
	}
	sc.prefix = path
	sc.note(path, line)
	return true
}

func (sc *scanner) note(path string, line int) {
	if _, ok := sc.lines[path]; !ok {
		sc.lines[path] = line
	}
}

// assignment reads `key = value` below prefix.
func (sc *scanner) assignment(prefix string, depth int) bool {
	line := sc.line
	parts, ok := sc.key()
	if !ok || !sc.take("=") {
		return false
	}
	if sc.keys++; sc.keys > maxKeys {
		return sc.refuse("holds more keys than any draft needs")
	}
	path := prefix
	for _, part := range parts {
		path = join(path, part)
		sc.note(path, line)
	}
	sc.blank(false)
	return sc.value(path, depth)
}

// key reads a dotted key and the blanks round it.
func (sc *scanner) key() ([]string, bool) {
	var parts []string
	for {
		sc.skipSpaces()
		start := sc.pos
		if c := sc.peek(); c == '"' || c == '\'' {
			if !sc.line1(c) {
				return nil, false
			}
		} else {
			for isBare(sc.peek()) {
				sc.pos++
			}
		}
		part := strings.Trim(sc.s[start:sc.pos], `"'`)
		if start == sc.pos {
			return nil, false
		}
		if len(part) > maxKeyLen {
			return nil, sc.refuse("holds a key longer than any draft has")
		}
		if parts = append(parts, part); len(parts) > maxParts {
			return nil, sc.refuse("holds a key with more dots than any draft has")
		}
		sc.skipSpaces()
		if !sc.take(".") {
			return parts, true
		}
	}
}

func (sc *scanner) skipSpaces() {
	for c := sc.peek(); c == ' ' || c == '\t'; c = sc.peek() {
		sc.pos++
	}
}

func isBare(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}
