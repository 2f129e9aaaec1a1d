package control_test

import (
	"fmt"

	"valise.example/exercise/control"
)

// Each part has a page of its own.
func Example() {
	fmt.Println(control.Parts())
	// Output: [control evaluators observers]
}
