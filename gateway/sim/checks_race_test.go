//go:build race

package sim

import (
	"flag"
	"log"
)

// A run is one goroutine: what the race detector can see, few tries of chance show it. All of
// them are made without it, by make test and make sim.
func init() {
	for name, value := range map[string]string{"sim.n": "8", "sim.restored": "4", "sim.real": "1", "sim.loaded": "4", "sim.crowds": "0"} {
		if err := flag.Set(name, value); err != nil {
			log.Fatal(err)
		}
	}
}
