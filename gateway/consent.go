package gateway

import (
	"context"

	valisev1 "valise.example/proto/valise/v1"
)

// Consents lists what was asked, granted, refused and withdrawn, newest request first. A-11 s2
func (g *Gateway) Consents(_ context.Context, a Actor, _ *valisev1.ListConsentsRequest) (*valisev1.ListConsentsResponse, error) {
	return nil, reserved("list consents", a, mayRead)
}
