package play

import (
	"fmt"
	"strconv"
	"strings"

	"valise.example/exercise/scenario"
)

// ParseMoment reads a moment of an exercise, as time since STARTEX: "T+01:30:00", as scenario.Span.Clock writes it
// to the second, or a span, "90m". docs/exercises.md §5
func ParseMoment(s string) (scenario.Span, error) {
	clock, marked := strings.CutPrefix(s, "T+")
	if !marked {
		return scenario.ParseSpan(s)
	}
	parts, at := strings.Split(clock, ":"), scenario.Span(0)
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		long := len(part) == 2 || i == 0 && len(part) > 2 && len(part) <= 4
		if err != nil || !long || len(parts) != 3 || i > 0 && n > 59 {
			return 0, fmt.Errorf("play: %.40q is no moment of an exercise: want T+01:30:00, or a span since STARTEX such as 90m", s)
		}
		at = at*60 + scenario.Span(n)
	}
	if at *= scenario.Second; at > scenario.MaxSpan {
		return 0, fmt.Errorf("play: %.40q is later than any exercise lasts, 60 days", s)
	}
	return at, nil
}
