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
		t.Fatalf("%d warnings: %q", len(got), got)
	}
	for i, words := range [][]string{
		{"a copy of this node runs", "2026-03-09T11:00:00Z", "resume sending"},
		{"gone back", "between 2026-03-09T09:00:00Z and 2026-03-09T10:00:00Z", "7 messages", "2026-03-09T09:30:00Z"},
		{"was restored", "between 2026-03-06T12:00:00Z and 2026-03-07T12:00:00Z", "nothing of ours has come back"},
	} {
		for _, word := range words {
			if !strings.Contains(got[i], word) {
				t.Errorf("warning %q does not say %q", got[i], word)
			}
		}
	}
	if got := standingWarnings(&valisev1.Standing{}, now); len(got) != 0 {
		t.Fatalf("a home that never went back warns %q", got)
	}
}
