package control

import (
	"fmt"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
)

// TestObjectivesStandInTheirOrder, whichever of them an expectation names first; each has its expectations as they come.
func TestObjectivesStandInTheirOrder(t *testing.T) {
	b := &board{GetControlResponse: &valisev1.GetControlResponse{Expectations: []*valisev1.ExpectationState{
		{Id: "E01", Objective: "O2"}, {Id: "E02", Objective: "O1"}, {Id: "E03", Objective: "O2"},
	}}}
	var got []string
	for _, o := range b.Objectives() {
		got = append(got, o.ID)
		for _, x := range o.Expectations {
			got = append(got, x.GetId())
		}
	}
	if want := "[O1 E02 O2 E01 E03]"; fmt.Sprint(got) != want {
		t.Errorf("they stand as %v, want %s", got, want)
	}
}
