package gateway

import (
	"context"

	valisev1 "valise.example/proto/valise/v1"
)

// SendNotice informs one or several States without asking anything of them: one bilateral thread
// each, all of them or none. A-9b s3, B-1c-ii
func (g *Gateway) SendNotice(_ context.Context, a Actor, _ *valisev1.SendNoticeRequest) (*valisev1.SendNoticeResponse, error) {
	return nil, reserved("send notice", a, maySend)
}
