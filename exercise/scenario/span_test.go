package scenario_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"valise.example/exercise/scenario"
)

func ExampleParseSpan() {
	span, err := scenario.ParseSpan("1h30m")
	fmt.Println(int64(span), span.Clock(), err)
	// Output: 5400000 T+01:30:00 <nil>
}

// TestSpanIsReadBack: every whole second of a scenario is written and read as itself.
func TestSpanIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		span := scenario.Span(rapid.Int64Range(0, int64(scenario.MaxSpan/scenario.Second)).Draw(t, "seconds")) * scenario.Second
		if got, err := scenario.ParseSpan(span.String()); err != nil || got != span {
			t.Fatalf("%d is written %q and read as %d, %v", span, span.String(), got, err)
		}
	})
}

func TestSpansThatAreRefused(t *testing.T) {
	for _, s := range []string{"", "5", "m", "5 m", "-5m", "+5m", "1.5h", "5m1h", "1m1m", "5d", "99999999s", "1440h1s", "5M", "٥m"} {
		if got, err := scenario.ParseSpan(s); err == nil {
			t.Errorf("%q is read as %v", s, got)
		}
	}
}
