package gateway

import (
	"context"

	valisev1 "valise.example/proto/valise/v1"
)

// Revise writes a draft, or what was sent back, anew in its place. A-9 s4
func (g *Gateway) Revise(_ context.Context, a Actor, _ *valisev1.ReviseMessageRequest) (*valisev1.ReviseMessageResponse, error) {
	return nil, reserved("revise", a, maySend)
}
