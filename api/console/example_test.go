package console_test

import (
	"context"
	"fmt"

	"valise.example/api/console"
)

// A desk is made of an open door, a clock and a source of randomness, and serves on an address of this
// machine alone: console.New, Serve, and Link for whoever may enter.
func Example() {
	_, err := console.New(context.Background(), console.Config{})
	fmt.Println(err)
	// Output: console: a door, a clock and a source of randomness are needed
}
