package indicators

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"valise.example/api/draft"
)

func objectOf(v any) map[string]any { m, _ := v.(map[string]any); return m }

func listOf(v any) []any { l, _ := v.([]any); return l }

// textOf is a text or a number as it is written: these tools write ids and flags both ways.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

func isTrue(v any) bool { return v == true || textOf(v) == "1" || textOf(v) == "true" }

// walk calls see with every object below v, in the order of lists and of sorted keys, and leaves
// out what stands under the key except.
func walk(v any, except string, see func(map[string]any)) {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			walk(element, except, see)
		}
	case map[string]any:
		see(v)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if key != except {
				walk(v[key], except, see)
			}
		}
	}
}

// maxMarks is how many combining marks in a row visible keeps: the limit of Unicode's stream-safe
// text format.
const maxMarks = 30

// visible makes one line of at most n bytes of s. What would turn, hide or break the line is shown
// as its number.
func visible(s string, n int) string {
	var b strings.Builder
	marks := 0
	for _, r := range strings.Join(strings.Fields(s), " ") {
		piece := string(r)
		if draft.CheckLine(piece) != nil {
			piece = fmt.Sprintf("⟨U+%04X⟩", r)
		}
		if marks++; !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
		}
		if marks > maxMarks {
			continue
		}
		if b.Len()+len(piece)+len("…") > n {
			b.WriteString("…")
			break
		}
		b.WriteString(piece)
	}
	return b.String()
}

// seen is the span of times at which something was seen, and how many times could not be read.
type seen struct {
	first, last time.Time
	unreadable  int
}

// add takes a time with a zone; one without could be any of a day. I-2
func (s *seen) add(v any) {
	text := textOf(v)
	if text == "" {
		return
	}
	at, err := time.Parse(time.RFC3339, text)
	_, offset := at.Zone()
	if err != nil || at.UTC().Year() < 1 || at.UTC().Year() > 9999 || offset%60 != 0 || offset < -18*3600 || offset > 18*3600 {
		s.unreadable++
		return
	}
	if s.first.IsZero() || at.Before(s.first) {
		s.first = at
	}
	if s.last.IsZero() || at.After(s.last) {
		s.last = at
	}
}

// kindName is what types of attributes and objects are called; anything else is not repeated.
var kindName = regexp.MustCompile(`^[a-z0-9][a-z0-9|-]{0,39}$`)

// counts says how often each type stands in a file.
type counts map[string]int

func (c counts) add(kind string) {
	if !kindName.MatchString(kind) {
		kind = "other"
	}
	c[kind]++
}

// maxCounted is how many types are named one by one.
const maxCounted = 12

// String names the most frequent types first: "5 ip-dst, 3 domain, 2 more".
func (c counts) String() string {
	kinds := slices.SortedFunc(maps.Keys(c), func(a, b string) int {
		if c[a] != c[b] {
			return c[b] - c[a]
		}
		return strings.Compare(a, b)
	})
	var named []string
	rest := 0
	for i, kind := range kinds {
		if i < maxCounted {
			named = append(named, fmt.Sprintf("%d %s", c[kind], kind))
		} else {
			rest += c[kind]
		}
	}
	if rest > 0 {
		named = append(named, fmt.Sprintf("%d of other types", rest))
	}
	return strings.Join(named, ", ")
}
