package console_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/console"
	valisev1 "valise.example/proto/valise/v1"
)

// TestPagesGoByTheClockOfTheExercise: how far something is, is counted from the present of the exercise; a session
// is not over because that lies days ahead.
func TestPagesGoByTheClockOfTheExercise(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans of energy operators", func(i *valisev1.Inquiry) {
		i.TimeSensitivity = &valisev1.TimeSensitivity{NeededBy: timestamppb.New(time.Now().Add(100*time.Hour + 20*time.Second))}
	})
	desk := s.opened(t, "XB", "en", func(c *console.Config) {
		c.Present = func() time.Time { return time.Now().Add(75 * time.Hour) }
	})
	desk.until("", "Scans of energy operators")
	desk.get("thread/" + thread)
	desk.sees("in 1 day 1 h")
}
