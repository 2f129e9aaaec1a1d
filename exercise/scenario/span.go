package scenario

import (
	"fmt"
	"strconv"
	"strings"
)

// Span is a length of exercise time, or a moment as time since STARTEX, in milliseconds. It is an integer, so
// that every machine counts alike. docs/scenario.md §4
type Span int64

// Units of Span.
const (
	Millisecond Span = 1
	Second           = 1000 * Millisecond
	Minute           = 60 * Second
	Hour             = 60 * Minute
)

// MaxSpan bounds a scenario: 60 days.
const MaxSpan = 60 * 24 * Hour

var units = []struct {
	name string
	span Span
}{{"h", Hour}, {"m", Minute}, {"s", Second}}

// ParseSpan reads "90s", "20m", "3h" and "1h30m": each unit once, the larger first, no blanks, no signs.
func ParseSpan(s string) (Span, error) {
	var total Span
	rest, last := s, -1
	for rest != "" {
		digits := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if digits <= 0 || digits > 7 {
			return 0, badSpan(s)
		}
		n, err := strconv.ParseInt(rest[:digits], 10, 64)
		if err != nil {
			return 0, badSpan(s)
		}
		unit := unitOf(rest[digits])
		if unit <= last {
			return 0, badSpan(s)
		}
		last = unit
		total += Span(n) * units[unit].span
		rest = rest[digits+1:]
	}
	if last < 0 || total > MaxSpan {
		return 0, badSpan(s)
	}
	return total, nil
}

func unitOf(letter byte) int {
	for i, u := range units {
		if u.name[0] == letter {
			return i
		}
	}
	return -1
}

func badSpan(s string) error {
	return fmt.Errorf("scenario: %.40q is no length of time: want 90s, 20m, 3h or 1h30m, at most 1440h", s)
}

// String is the form that ParseSpan reads. Milliseconds, which no file can say, are cut off.
func (s Span) String() string {
	if s < Second {
		return "0s"
	}
	var b strings.Builder
	for _, u := range units {
		if n := s / u.span; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10))
			b.WriteString(u.name)
			s %= u.span
		}
	}
	return b.String()
}

// Clock is a moment of the exercise as people read it: "T+01:08:25".
func (s Span) Clock() string {
	sign := "+"
	if s < 0 {
		sign, s = "-", -s
	}
	return fmt.Sprintf("T%s%02d:%02d:%02d", sign, s/Hour, s/Minute%60, s/Second%60)
}
