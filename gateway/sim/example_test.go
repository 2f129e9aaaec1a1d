package sim_test

import (
	"fmt"

	"valise.example/gateway/sim"
)

// One seed: five hundred steps in which everything may go wrong, and then nothing may be missing.
func Example() {
	r, err := sim.Run(sim.Options{Seed: 2026, Events: 500})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Acknowledged > 0, r.Checks > 100, len(r.Findings))
	// Output: true true 0
}
