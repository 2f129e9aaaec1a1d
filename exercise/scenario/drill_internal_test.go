package scenario

import (
	"slices"
	"testing"
)

// TestFormDrillHasEachAct that people do by themselves: all but the answer to a check, which somebody must ask for.
func TestFormDrillHasEachAct(t *testing.T) {
	data, _ := Open("form-drill")
	s, err := Parse("form-drill", data)
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range acts() {
		has := slices.ContainsFunc(s.Expectations, func(e Expectation) bool { return e.Does == act })
		if has != (act != CheckAnswered) {
			t.Errorf("%s is hoped for: %t", act, has)
		}
	}
}
