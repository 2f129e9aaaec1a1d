//go:build race

package sim

import (
	"flag"
	"log"
	"testing"
)

// A run is one goroutine: what the race detector can see, few tries of chance show it. All of
// them are made without it, by make test and make sim.
func init() {
	for name, value := range map[string]string{"sim.n": "8", "sim.restored": "4", "sim.real": "1", "sim.loaded": "4", "sim.crowds": "0",
		"sim.noticed": "4", "sim.pruned": "4", "sim.rollbacks": "4", "sim.prunedrollbacks": "2"} {
		if err := flag.Set(name, value); err != nil {
			log.Fatal(err)
		}
	}
}

// oneGoroutine ends a test that plays one run after the other: there is no race that could be seen in it.
func oneGoroutine(t *testing.T) { t.Skip("one goroutine acts; make test plays it") }
