package api

import (
	"context"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// ImportOther is for whoever runs the node, as the import of a directory file is. A-12
func (s *directoryService) ImportOther(ctx context.Context, r *valisev1.ImportOtherRequest) (*valisev1.ImportOtherResponse, error) {
	check := func(r *valisev1.ImportOtherRequest) error {
		if r.GetDirectory() == nil {
			return refuseField("directory", "is missing")
		}
		return checkRequestID(r.GetRequestId())
	}
	return commit(ctx, r, check, func(ctx context.Context, r *valisev1.ImportOtherRequest) (*valisev1.ImportOtherResponse, error) {
		return s.server.cfg.Others.ImportOther(ctx, s.server.actor(ctx), r)
	})
}

func (s *directoryService) RemoveOther(ctx context.Context, r *valisev1.RemoveOtherRequest) (*valisev1.RemoveOtherResponse, error) {
	check := func(r *valisev1.RemoveOtherRequest) error {
		if r.GetId() == "" || len(r.GetId()) > 32 {
			return refuseField("id", "is the short name of an other directory, 2 to 32 characters")
		}
		return checkRequestID(r.GetRequestId())
	}
	return commit(ctx, r, check, func(ctx context.Context, r *valisev1.RemoveOtherRequest) (*valisev1.RemoveOtherResponse, error) {
		return s.server.cfg.Others.RemoveOther(ctx, s.server.actor(ctx), r)
	})
}

func (s *directoryService) ListOthers(ctx context.Context, _ *valisev1.ListOthersRequest) (*valisev1.ListOthersResponse, error) {
	return s.server.cfg.Others.Others(ctx)
}

func (s *directoryService) CompareOthers(ctx context.Context, r *valisev1.CompareOthersRequest) (*valisev1.CompareOthersResponse, error) {
	state, err := ident.ParseState(r.GetState())
	if err != nil {
		return nil, refuseField("state", "is no State: want two capital letters")
	}
	return s.server.cfg.Others.CompareOthers(ctx, state)
}
