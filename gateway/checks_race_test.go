//go:build race

package gateway

import (
	"flag"
	"log"
	"testing"
)

// The core has no goroutine of its own: what the race detector can see, few tries of chance show it. All of
// them are made without it, by make test and make sim.
func init() {
	for name, value := range map[string]string{"rapid.checks": "20"} {
		if err := flag.Set(name, value); err != nil {
			log.Fatal(err)
		}
	}
}

// oneGoroutine ends a long story in which one goroutine acts: there is no race that could be seen in it.
func oneGoroutine(t *testing.T) { t.Skip("one goroutine acts; make test plays it") }
