package api

import (
	"context"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// questions are what waits for a person about who speaks for a State. docs/protocol.md §8.5
type questions interface {
	Evidence(context.Context, gateway.Actor, *valisev1.GetEvidenceRequest) (*valisev1.GetEvidenceResponse, error)
	SettleQuestion(context.Context, gateway.Actor, *valisev1.SettleQuestionRequest) (*valisev1.SettleQuestionResponse, error)
}

func (s *directoryService) GetEvidence(ctx context.Context, r *valisev1.GetEvidenceRequest) (*valisev1.GetEvidenceResponse, error) {
	return s.server.cfg.Gateway.Evidence(ctx, s.server.actor(ctx), r)
}

func (s *directoryService) SettleQuestion(ctx context.Context, r *valisev1.SettleQuestionRequest) (*valisev1.SettleQuestionResponse, error) {
	check := func(r *valisev1.SettleQuestionRequest) error { return checkRequestID(r.GetRequestId()) }
	return commit(ctx, r, check, func(ctx context.Context, r *valisev1.SettleQuestionRequest) (*valisev1.SettleQuestionResponse, error) {
		return s.server.cfg.Gateway.SettleQuestion(ctx, s.server.actor(ctx), r)
	})
}
