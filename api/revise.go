package api

import (
	"context"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// revisions write drafts, and what was sent back, anew. A-9 s4
type revisions interface {
	Revise(context.Context, gateway.Actor, *valisev1.ReviseMessageRequest) (*valisev1.ReviseMessageResponse, error)
}

func (s *inquiryService) ReviseMessage(ctx context.Context, r *valisev1.ReviseMessageRequest) (*valisev1.ReviseMessageResponse, error) {
	return commit(ctx, r, checkRevise, func(ctx context.Context, r *valisev1.ReviseMessageRequest) (*valisev1.ReviseMessageResponse, error) {
		return s.server.cfg.Gateway.Revise(ctx, s.server.actor(ctx), r)
	})
}

func checkRevise(r *valisev1.ReviseMessageRequest) error {
	if err := checkID("message", r.GetMessage()); err != nil {
		return err
	}
	if err := checkPayload(r.GetPayload()); err != nil {
		return err
	}
	return checkRequestID(r.GetRequestId())
}
