package node

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// A restored node says which span it does not know, for a month; one that a copy runs beside says
// that it sends nothing.
func TestStandingIsTold(t *testing.T) {
	now := time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)
	at := func(ago time.Duration) *timestamppb.Timestamp { return timestamppb.New(now.Add(-ago)) }
	s := &valisev1.Standing{
		Stopped: true, StoppedAt: at(time.Hour),
		Lives: []*valisev1.HomeLife{
			{Proven: true, Begun: at(2 * time.Hour), KnownUntil: at(3 * time.Hour), Recovered: 7, RecoveredUntil: at(150 * time.Minute)},
			{Begun: at(48 * time.Hour), KnownUntil: at(72 * time.Hour)},
			{Begun: at(40 * 24 * time.Hour), KnownUntil: at(41 * 24 * time.Hour)},
		},
	}
	got := standingWarnings(s, now)
	if len(got) != 3 {
		t.Fatalf("%d warnings: %v", len(got), got)
	}
	for i, words := range [][]string{
		{"a copy of this node runs", "2026-03-09 11:00:00 UTC", "resume sending"},
		{"gone back", "between 2026-03-09 09:00:00 UTC and 2026-03-09 10:00:00 UTC", "7 messages of ours came back", "2026-03-09 09:30:00 UTC"},
		{"was restored", "between 2026-03-06 12:00:00 UTC and 2026-03-07 12:00:00 UTC", "nothing of ours has come back"},
	} {
		for _, word := range words {
			if said := inWords(got[i], now); !strings.Contains(said, word) {
				t.Errorf("warning %q does not say %q", said, word)
			}
		}
	}
	if got := standingWarnings(&valisev1.Standing{}, now); len(got) != 0 {
		t.Fatalf("a home that never went back warns %v", got)
	}
}
