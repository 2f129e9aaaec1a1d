package api

import (
	"context"
	"fmt"

	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// roots takes what a call-back about a State's root brought. docs/protocol.md §8.5
type roots interface {
	ConfirmRoot(context.Context, gateway.Actor, *valisev1.ConfirmRootRequest) (*valisev1.ConfirmRootResponse, error)
}

// maxSpoken is how many bytes what was read aloud, and where a number is from, may have.
const maxSpoken = 300

func (s *directoryService) ConfirmRoot(ctx context.Context, r *valisev1.ConfirmRootRequest) (*valisev1.ConfirmRootResponse, error) {
	return commit(ctx, r, checkConfirmRoot, func(ctx context.Context, r *valisev1.ConfirmRootRequest) (*valisev1.ConfirmRootResponse, error) {
		return s.server.cfg.Gateway.ConfirmRoot(ctx, s.server.actor(ctx), r)
	})
}

func checkConfirmRoot(r *valisev1.ConfirmRootRequest) error {
	if _, err := ident.ParseState(r.GetState()); err != nil {
		return refuseField("state", "is no State: want two capital letters, or a principal such as @global")
	}
	if _, err := ident.ParseFingerprint(r.GetFingerprint()); err != nil {
		return refuseField("fingerprint", "is none: want sixteen groups of five digits")
	}
	if r.GetContact() == nil {
		return refuseField("contact", "is missing: who was called, when, and by which number")
	}
	if len(r.GetReadAloud()) > maxSpoken {
		return refuseField("read_aloud", fmt.Sprintf("has more than %d bytes", maxSpoken))
	}
	if len(r.GetSource()) > maxSpoken {
		return refuseField("source", fmt.Sprintf("has more than %d bytes", maxSpoken))
	}
	return checkRequestID(r.GetRequestId())
}
