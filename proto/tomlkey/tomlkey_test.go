package tomlkey_test

import (
	"fmt"
	"strings"
	"testing"

	"valise.example/proto/tomlkey"
)

func ExampleLine() {
	fmt.Println(tomlkey.Line([]byte("realm = \"x\"\n[away]\nsecond = 1\n"), "away", "second"))
	// Output: 3
}

// TestLine: a key of a table is not one of the same name before it, and what stands within a value on one
// line is found by its table.
func TestLine(t *testing.T) {
	const file = "# email = 1\nemail = 1\n[away] # who\n \"email\"= 2\nfirst = { email = 3 }\na.b = 4\n[[away.call]]\nemail = 5\n"
	for key, want := range map[string]int{
		"email": 2, "away": 3, "away.email": 4, "away.first.email": 5, "away.a.b": 6, "away.call": 7, "away.call.email": 8, "none": 0, "a.b": 0, "away.none": 3,
	} {
		if got := tomlkey.Line([]byte(file), strings.Split(key, ".")...); got != want {
			t.Errorf("%s stands on line %d, want %d", key, got, want)
		}
	}
}
