package play_test

import (
	"testing"

	"pgregory.net/rapid"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

func TestParseMoment(t *testing.T) {
	for s, want := range map[string]scenario.Span{
		"T+00:00:00": 0, "T+01:30:00": 90 * minute, "T+100:00:59": 100*scenario.Hour + 59*scenario.Second, "90m": 90 * minute, "1h30m": 90 * minute,
	} {
		if got, err := play.ParseMoment(s); err != nil || got != want {
			t.Errorf("%s is %d, %v; want %d", s, got, err, want)
		}
	}
	for _, s := range []string{
		"", "T+", "T+1:30:00", "T+01:30", "T+01:60:00", "T+01:30:60", "T+01:30:00:00", "T-01:30:00", "t+01:30:00", "T+-1:30:00", "T+01:3a:00", "T+00001:30:00", "T+9999:00:00", "01:30:00", "90", "-5m",
	} {
		if got, err := play.ParseMoment(s); err == nil {
			t.Errorf("%q is read as %d", s, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		at := scenario.Span(rapid.Int64Range(0, int64(scenario.MaxSpan/scenario.Second)).Draw(t, "seconds")) * scenario.Second
		if got, err := play.ParseMoment(at.Clock()); err != nil || got != at {
			t.Fatalf("%s is read as %d, %v", at.Clock(), got, err)
		}
	})
}
