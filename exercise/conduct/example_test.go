package conduct_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"

	"valise.example/exercise/conduct"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

// Two States drill the forms: relay and nodes are real, all seats are simulated.
func Example() {
	dir, err := os.MkdirTemp("", "valise-conduct")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file, _ := scenario.Open("form-drill")
	s, err := scenario.Parse("form-drill", file)
	if err != nil {
		fmt.Println(err)
		return
	}
	inquiries := 0
	e, err := conduct.Open(conduct.Config{
		Dir: dir, Scenario: s, File: file, Lockstep: true, Once: true, Rand: rand.Reader,
		Told: func(l play.Line) {
			if l.Does == scenario.InquirySent {
				inquiries++
			}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	err = e.Run(ctx, func([]conduct.ServedSeat) { _ = e.Begin(ctx) })
	fmt.Println(err, e.Closed(), inquiries)
	// Output: <nil> true 2
}
