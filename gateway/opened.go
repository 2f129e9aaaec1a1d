package gateway

import (
	"context"

	valisev1 "valise.example/proto/valise/v1"
)

// OpenThread records that a person has opened what the peer sent. It ends the calls to the desk,
// and nobody outside learns of it. docs/protocol.md §12.7
func (g *Gateway) OpenThread(_ context.Context, a Actor, _ *valisev1.OpenThreadRequest) (*valisev1.OpenThreadResponse, error) {
	return nil, reserved("open thread", a, mayOpen)
}
