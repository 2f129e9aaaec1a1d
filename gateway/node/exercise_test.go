package node_test

import (
	"context"
	"testing"

	"valise.example/api"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// nothingPlayed is an exercise of nothing.
type nothingPlayed struct{}

func (nothingPlayed) State(context.Context, []ident.Address, string) (*valisev1.GetExerciseResponse, error) {
	return &valisev1.GetExerciseResponse{}, nil
}

func (nothingPlayed) RaiseRealEvent(context.Context, ident.Address) (*valisev1.RealEvent, error) {
	return &valisev1.RealEvent{}, nil
}

func (nothingPlayed) Refused(api.Refusal) {}

func (nothingPlayed) Changes() (<-chan struct{}, func()) { return nil, func() {} }

// TestOperationalHomeTakesNoPart: a node of the operational realm is not opened with an exercise, and is as before
// without it. docs/protocol.md §12.6
func TestOperationalHomeTakesNoPart(t *testing.T) {
	dir := t.TempDir()
	c := initConfig(dir)
	c.State, c.Realm = "AA", ident.Operational
	if err := node.Init(c); err != nil {
		t.Fatal(err)
	}
	oc := openConfig()
	oc.Exercise = nothingPlayed{}
	if n, err := node.Open(dir, oc); node.ReasonOf(err) != valisev1.Reason_REASON_WRONG_REALM {
		t.Errorf("opened with an exercise: %v", err)
		if err == nil {
			n.Close()
		}
	}
	n, err := node.Open(dir, openConfig())
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
}
