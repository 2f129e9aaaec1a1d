package tomlkey

import (
	"fmt"
	"strconv"
	"strings"
)

// Bounds of a file's form. The TOML library spends time and memory with the square of the depth, so depth is
// bounded before it sees a file. docs/protocol.md §10
type Bounds struct {
	Of       string // what a file is, for people: "draft"
	Depth    int    // of values within values
	Parts    int    // of a dotted key
	KeyLen   int    // bytes of one part of a key
	Keys     int    // in all
	Elements int    // of one list
}

// Refused says which bound a file passes, and where.
type Refused struct {
	Line   int // from 1
	Detail string
}

func (r *Refused) Error() string { return fmt.Sprintf("line %d: %s", r.Line, r.Detail) }

// Outline knows on which line each key of a file stands, within lists and inline tables too. The TOML library
// tells lines only for syntax errors, and what is refused is mostly well-formed TOML. docs/protocol.md §10
type Outline struct {
	lines map[string]int
}

// At returns the line of a key such as "inject[2].to", or of the nearest table that holds it; 0 when neither
// is there.
func (o Outline) At(path string) int {
	for path != "" {
		if line, ok := o.lines[path]; ok {
			return line
		}
		path = parent(path)
	}
	return 0
}

// Next returns the first line after that of path on which a key stands that is not within it; 0 when there is none.
func (o Outline) Next(path string) int {
	next, from := 0, o.At(path)
	for key, line := range o.lines {
		within := key == path || strings.HasPrefix(key, path+".") || strings.HasPrefix(key, path+"[")
		if !within && line > from && (next == 0 || line < next) {
			next = line
		}
	}
	return next
}

func parent(path string) string {
	if i := strings.LastIndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return ""
}

// Join is the path of a key in the table at prefix; empty: at the top.
func Join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}

// Index is the path of an element of the list at path, from 0.
func Index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

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
	bounds  Bounds
	refused *Refused
}

// Scan walks through text and returns the outline and the byte at which it stopped, len(text) when it read
// everything. The error is always *Refused: a bound of b is passed.
func Scan(text string, b Bounds) (Outline, int, error) {
	sc := &scanner{s: text, line: 1, lines: map[string]int{}, arrays: map[string]int{}, bounds: b}
	for sc.blank(true); sc.pos < len(text); sc.blank(true) {
		if !sc.statement() {
			break
		}
	}
	if sc.refused != nil {
		return Outline{}, sc.pos, sc.refused
	}
	return Outline{lines: sc.lines}, sc.pos, nil
}

func (sc *scanner) refuse(detail string) bool {
	if sc.refused == nil {
		sc.refused = &Refused{Line: sc.line, Detail: fmt.Sprintf(detail, sc.bounds.Of)}
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
		path = Join(path, part)
		if array && i == len(parts)-1 {
			sc.arrays[path]++
			sc.note(path, line)
		}
		if n := sc.arrays[path]; n > 0 {
			path = Index(path, n-1)
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
	if sc.keys++; sc.keys > sc.bounds.Keys {
		return sc.refuse("holds more keys than any %s needs")
	}
	path := prefix
	for _, part := range parts {
		path = Join(path, part)
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
		if len(part) > sc.bounds.KeyLen {
			return nil, sc.refuse("holds a key longer than any %s has")
		}
		if parts = append(parts, part); len(parts) > sc.bounds.Parts {
			return nil, sc.refuse("holds a key with more dots than any %s has")
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
