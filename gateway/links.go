package gateway

import (
	"context"

	valisev1 "valise.example/proto/valise/v1"
)

// LinkThreads says that threads belong together, or no longer do: at home only, because a link
// would name a third State to a peer. A-9 s3
func (g *Gateway) LinkThreads(_ context.Context, a Actor, _ *valisev1.LinkThreadsRequest) (*valisev1.LinkThreadsResponse, error) {
	return nil, reserved("link threads", a, mayLink)
}
