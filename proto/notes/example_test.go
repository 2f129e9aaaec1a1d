package notes_test

import (
	"fmt"

	"valise.example/proto/notes"
	valisev1 "valise.example/proto/valise/v1"
)

func Example() {
	for _, n := range notes.For(valisev1.Kind_KIND_INQUIRY) {
		text, _ := notes.Text(n.ID, n.Version, "en")
		fmt.Println(n.ID, n.Version)
		fmt.Println(text)
	}
	// Output:
	// territory 1
	// Telling a State that a wrongful act makes use of its territory does not by itself mean that this State bears responsibility for that act.
}
