package mutant_test

import (
	"fmt"
	"go/build"
	"testing"

	"valise.example/proto/mutant"
)

// TestNoOrdinaryBuildMakesMistakes: whatever the environment says.
func TestNoOrdinaryBuildMakesMistakes(t *testing.T) {
	if in, err := build.Default.MatchFile(".", "on.go"); err != nil || in {
		t.Fatalf("mistakes are in an ordinary build: %v, %v", in, err)
	}
	t.Setenv("VALISE_MUTANT", "trust-puback")
	if mutant.Is("trust-puback") {
		t.Error("an ordinary build makes a mistake")
	}
}

func Example() {
	fmt.Println(mutant.Is("trust-puback"))
	// Output: false
}
