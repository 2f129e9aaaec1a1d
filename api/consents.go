package api

import (
	"context"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// consents are what was asked, granted, refused and withdrawn. A-11 s2
type consents interface {
	Consents(context.Context, gateway.Actor, *valisev1.ListConsentsRequest) (*valisev1.ListConsentsResponse, error)
}

func (s *recordService) ListConsents(ctx context.Context, r *valisev1.ListConsentsRequest) (*valisev1.ListConsentsResponse, error) {
	if err := checkPeer(r.GetPeer()); err != nil {
		return nil, err
	}
	if err := checkOptionalID("thread", r.GetThread()); err != nil {
		return nil, err
	}
	filter := &valisev1.ListConsentsRequest{Peer: r.GetPeer(), Thread: r.GetThread(), States: r.GetStates()}
	size, err := pageSize(r)
	if err != nil {
		return nil, err
	}
	place, err := openPage("consents", filter, r.GetPageToken())
	if err != nil {
		return nil, err
	}
	out, err := s.server.cfg.Gateway.Consents(ctx, s.server.actor(ctx), &valisev1.ListConsentsRequest{
		PageSize: size, PageToken: place, Peer: r.GetPeer(), Thread: r.GetThread(), States: r.GetStates(),
	})
	if err != nil {
		return nil, err
	}
	out.NextPageToken, err = sealPage("consents", filter, out.GetNextPageToken())
	return out, err
}
