package node

import (
	"testing"
	"time"

	"valise.example/proto/ident"
)

// TestOurClockAgainstTheirs: what most say counts, and for a day.
func TestOurClockAgainstTheirs(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	type mail struct {
		from  ident.State
		ahead time.Duration // of our clock
		ago   time.Duration // when it came
	}
	for _, c := range []struct {
		name  string
		mails []mail
		want  time.Duration
		known bool
	}{
		{name: "no mail"},
		{"one peer is all there is", []mail{{"XB", time.Hour, 0}}, time.Hour, true},
		{"mail that was under way for long", []mail{{"XB", -5 * time.Hour, 0}}, 0, true},
		{"one of two has a clock that is ahead", []mail{{"XB", time.Hour, 0}, {"XC", -time.Second, 0}}, 0, true},
		{"one of three has one that is behind", []mail{{"XB", time.Hour, 0}, {"XC", 2 * time.Hour, 0}, {"XD", -time.Hour, 0}}, time.Hour, true},
		{"one of three lies by a year", []mail{{"XB", 365 * 24 * time.Hour, 0}, {"XC", 0, 0}, {"XD", time.Second, 0}}, time.Second, true},
		{"only a peer's last mail counts", []mail{{"XB", time.Hour, 2 * time.Hour}, {"XB", time.Minute, 0}}, time.Minute, true},
		{"yesterday's mail is no mail", []mail{{"XB", time.Hour, 25 * time.Hour}}, 0, false},
		{"nor does it count beside today's", []mail{{"XB", time.Hour, 25 * time.Hour}, {"XC", time.Hour, 25 * time.Hour}, {"XD", 0, 0}}, 0, true},
		{"from before our clock was set back", []mail{{"XB", time.Hour, -25 * time.Hour}}, 0, false},
	} {
		var all clocks
		for _, m := range c.mails {
			came := now.Add(-m.ago)
			all.heard(ident.Address{State: m.from, Track: ident.Technical}, came.Add(m.ahead), came)
		}
		if got, known := all.behind(now); got != c.want || known != c.known {
			t.Errorf("%s: behind by %s (%v), want %s (%v)", c.name, got, known, c.want, c.known)
		}
	}
}
