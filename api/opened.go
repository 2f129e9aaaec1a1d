package api

import (
	"context"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// openings say that a person has seen what a peer sent. A script that reads has not opened it.
// docs/protocol.md §12.7
type openings interface {
	OpenThread(context.Context, gateway.Actor, *valisev1.OpenThreadRequest) (*valisev1.OpenThreadResponse, error)
}

func (s *inquiryService) OpenThread(ctx context.Context, r *valisev1.OpenThreadRequest) (*valisev1.OpenThreadResponse, error) {
	return commit(ctx, r, checkOpenThread, func(ctx context.Context, r *valisev1.OpenThreadRequest) (*valisev1.OpenThreadResponse, error) {
		return s.server.cfg.Gateway.OpenThread(ctx, s.server.actor(ctx), r)
	})
}

func checkOpenThread(r *valisev1.OpenThreadRequest) error {
	if err := checkID("thread", r.GetThread()); err != nil {
		return err
	}
	return checkRequestID(r.GetRequestId())
}
