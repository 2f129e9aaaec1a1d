//go:build browser

package browser

import (
	"strings"
	"testing"
	"time"

	"valise.example/api/console"
)

// TestRelayStops: a calm bar on every page; writing and sending go on and say that what was sent waits; when
// the relay is back it leaves by itself and the bar is gone.
func TestRelayStops(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w := newWalk(s, options{})
	birch := s.desk("XB", options{}, func(c *console.Config) { c.Undo = time.Second })
	thread := s.inquire("XA", "XB/technical", title) // on the other, what is held for an hour goes first
	birch.until("/", "table.desk", "technical track")
	s.stopRelay()
	birch.until("/", ".bar", "Not connected")
	for _, v := range sights {
		w.see(v)
		if v.status == 0 && !strings.Contains(w.text(".bar"), "You can read, write and print.") {
			t.Errorf("%s does not say that it is not connected", v.name)
		}
	}
	birch.says(thread, "agency", "nominated_agency.name", "Cyber Office of Birch")
	birch.until(birch.path(), "main", "waits to leave")
	birch.until("/", ".bar", "to leave.") // one message, or more of them
	birch.check("desk/relay-down-en")
	s.startRelay()
	alder := s.desk("XA", options{language: "fr"})
	alder.hears(thread, "Cyber Office of Birch")
	birch.gone("/", ".bar")
}
