package api

import (
	"context"
	"fmt"

	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// papers are what a printed page carries, and what one stands for. docs/protocol.md §9.6
type papers interface {
	Paper(context.Context, gateway.Actor, *valisev1.GetPaperRequest) (*valisev1.GetPaperResponse, error)
	CheckPaper(context.Context, gateway.Actor, *valisev1.CheckPaperRequest) (*valisev1.CheckPaperResponse, error)
}

func (s *recordService) GetPaper(ctx context.Context, r *valisev1.GetPaperRequest) (*valisev1.GetPaperResponse, error) {
	if err := checkID("thread", r.GetThread()); err != nil {
		return nil, err
	}
	return s.server.cfg.Gateway.Paper(ctx, s.server.actor(ctx), r)
}

func (s *recordService) CheckPaper(ctx context.Context, r *valisev1.CheckPaperRequest) (*valisev1.CheckPaperResponse, error) {
	if r.GetDigest() == "" {
		return nil, refuseField("digest", "is missing")
	}
	if _, _, err := ident.ParsePaper(r.GetDigest()); err != nil {
		return nil, refuseField("digest", fmt.Sprintf("is mistyped in row %d", ident.MistypedRow(err)))
	}
	return s.server.cfg.Gateway.CheckPaper(ctx, s.server.actor(ctx), r)
}
