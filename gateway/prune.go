package gateway

import (
	"context"

	valisev1 "valise.example/proto/valise/v1"
)

// Prune removes contents by the retention rule; leaves, head and proofs stay. docs/protocol.md §9.3
func (g *Gateway) Prune(_ context.Context, a Actor, _ *valisev1.PruneRecordRequest) (*valisev1.PruneRecordResponse, error) {
	return nil, reserved("prune", a, mayPrune)
}
