package api

import (
	"context"

	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// prunes remove contents by the retention rule; leaves, head and proofs stay. docs/protocol.md §9.3
type prunes interface {
	Prune(context.Context, gateway.Actor, *valisev1.PruneRecordRequest) (*valisev1.PruneRecordResponse, error)
}

func (s *recordService) PruneRecord(ctx context.Context, r *valisev1.PruneRecordRequest) (*valisev1.PruneRecordResponse, error) {
	return commit(ctx, r, checkPrune, func(ctx context.Context, r *valisev1.PruneRecordRequest) (*valisev1.PruneRecordResponse, error) {
		return s.server.cfg.Gateway.Prune(ctx, s.server.actor(ctx), r)
	})
}

func checkPrune(r *valisev1.PruneRecordRequest) error {
	if r.GetConfirm() != "" {
		if _, err := ident.ParseState(r.GetConfirm()); err != nil {
			return refuseField("confirm", "is no State: want two capital letters")
		}
	}
	return checkRequestID(r.GetRequestId())
}
