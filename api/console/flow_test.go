package console_test

import (
	"testing"

	"valise.example/api/console"
)

// TestAcknowledgedInArabicSeenInFrench is the first day of a diplomat: an inquiry waits, one click
// acknowledges it, and the other side reads in its own language who did that.
func TestAcknowledgedInArabicSeenInFrench(t *testing.T) {
	s := newStage(t, "XA", "XB")
	birch := s.opened(t, "XB", "ar", func(c *console.Config) { c.Undo = 1e9 })
	birch.sees(`lang="ar" dir="rtl"`, "تمرين")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans of energy operators")
	birch.until("", "Scans of energy operators")
	birch.get("thread/" + thread)
	birch.press("/open")
	birch.seesNot("/open\"")
	birch.press("/acknowledge")
	birch.sees("أفيد بالاستلام")
	alder := s.opened(t, "XA", "fr-CA,fr;q=0.9")
	alder.until("thread/"+thread, "en a accusé réception")
}
