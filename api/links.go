package api

import (
	"context"
	"fmt"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// links say which threads belong together at home; no other State learns of one. A-9 s3
type links interface {
	LinkThreads(context.Context, gateway.Actor, *valisev1.LinkThreadsRequest) (*valisev1.LinkThreadsResponse, error)
}

// maxLinked is how many threads one request may link with another.
const maxLinked = 64

func (s *inquiryService) LinkThreads(ctx context.Context, r *valisev1.LinkThreadsRequest) (*valisev1.LinkThreadsResponse, error) {
	return commit(ctx, r, checkLinkThreads, func(ctx context.Context, r *valisev1.LinkThreadsRequest) (*valisev1.LinkThreadsResponse, error) {
		return s.server.cfg.Gateway.LinkThreads(ctx, s.server.actor(ctx), r)
	})
}

func checkLinkThreads(r *valisev1.LinkThreadsRequest) error {
	if err := checkID("thread", r.GetThread()); err != nil {
		return err
	}
	switch n := len(r.GetWith()); {
	case n == 0 && !r.GetEnd():
		return refuseField("with", "is missing: name at least one other thread")
	case n > maxLinked:
		return refuseField("with", fmt.Sprintf("names %d threads, at most %d are taken", n, maxLinked))
	}
	if err := checkIDs("with", r.GetWith()); err != nil {
		return err
	}
	return checkRequestID(r.GetRequestId())
}
