package tomlkey

import "strings"

// value reads one value and everything inside it.
func (sc *scanner) value(path string, depth int) bool {
	if depth > sc.bounds.Depth {
		return sc.refuse("is nested deeper than any %s needs")
	}
	switch c := sc.peek(); c {
	case '"', '\'':
		if strings.HasPrefix(sc.s[sc.pos:], strings.Repeat(string(c), 3)) {
			return sc.lines3(c)
		}
		return sc.line1(c)
	case '[':
		return sc.array(path, depth)
	case '{':
		return sc.inline(path, depth)
	}
	start := sc.pos
	for isBare(sc.peek()) || strings.IndexByte("+.: ", sc.peek()) >= 0 && sc.pos < len(sc.s) {
		sc.pos++
	}
	return sc.pos > start
}

// line1 reads a string of one line that begins and ends with c.
func (sc *scanner) line1(c byte) bool {
	for sc.pos++; sc.pos < len(sc.s); sc.pos++ {
		switch sc.s[sc.pos] {
		case '\n':
			return false
		case '\\':
			if c == '"' {
				sc.pos++
			}
		case c:
			sc.pos++
			return true
		}
	}
	sc.pos = len(sc.s)
	return false
}

// lines3 reads a string between two times three c.
func (sc *scanner) lines3(c byte) bool {
	end := strings.Repeat(string(c), 3)
	for sc.pos += 3; sc.pos < len(sc.s); sc.pos++ {
		switch sc.s[sc.pos] {
		case '\n':
			sc.line++
		case '\\':
			if c == '"' && sc.pos+1 < len(sc.s) {
				sc.pos++
				if sc.s[sc.pos] == '\n' {
					sc.line++
				}
			}
		case c:
			if !sc.take(end) {
				continue
			}
			// Up to two more belong to the text: `""""` ends a text with a quotation mark.
			for i := 0; i < 2 && sc.peek() == c; i++ {
				sc.pos++
			}
			return true
		}
	}
	return false
}

func (sc *scanner) array(path string, depth int) bool {
	sc.pos++
	for i := 0; ; i++ {
		sc.blank(true)
		if sc.take("]") {
			return true
		}
		if i == sc.bounds.Elements {
			return sc.refuse("holds a longer list than any %s needs")
		}
		element := Index(path, i)
		sc.note(element, sc.line)
		if !sc.value(element, depth+1) {
			return false
		}
		sc.blank(true)
		if !sc.take(",") && sc.peek() != ']' {
			return false
		}
	}
}

func (sc *scanner) inline(path string, depth int) bool {
	sc.pos++
	for {
		sc.blank(true)
		if sc.take("}") {
			return true
		}
		if depth+1 > sc.bounds.Depth {
			return sc.refuse("is nested deeper than any %s needs")
		}
		if !sc.assignment(path, depth+1) {
			return false
		}
		sc.blank(true)
		if !sc.take(",") && sc.peek() != '}' {
			return false
		}
	}
}
