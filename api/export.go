package api

import (
	"context"
	"fmt"

	"google.golang.org/grpc"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// exports take items out of the record. An export is itself recorded before send gets the first
// piece of it. A-11 s2
type exports interface {
	Export(ctx context.Context, a gateway.Actor, r *valisev1.ExportRecordRequest, send func(*valisev1.ExportRecordResponse) error) error
}

// Limits of an export.
const (
	// maxSelected is how many threads, messages and items one export may name.
	maxSelected = 256
	// maxThirdParty is how many bytes the name of a third party may have; a ConsentRequest holds no more.
	maxThirdParty = 400
)

func (s *recordService) ExportRecord(r *valisev1.ExportRecordRequest, stream grpc.ServerStreamingServer[valisev1.ExportRecordResponse]) error {
	if err := checkExport(r); err != nil {
		return err
	}
	ctx := stream.Context()
	return s.server.cfg.Gateway.Export(ctx, s.server.actor(ctx), r, stream.Send)
}

func checkExport(r *valisev1.ExportRecordRequest) error {
	switch n := len(r.GetThreads()) + len(r.GetMessages()) + len(r.GetItems()); {
	case r.GetForm() == valisev1.ExportForm_EXPORT_FORM_UNSPECIFIED:
		return refuseField("form", "is missing")
	case len(r.GetThirdParty()) > maxThirdParty:
		return refuseField("third_party", fmt.Sprintf("has more than %d bytes", maxThirdParty))
	case n > maxSelected:
		return refuseField("messages", fmt.Sprintf("threads and items are %d in all, at most %d are taken", n, maxSelected))
	case n == 0 && r.GetSince() == nil && r.GetUntil() == nil && r.GetThirdParty() != "":
		return refuseField("messages", "are missing: only the State's own archive gets the whole record")
	case r.GetSince() != nil && r.GetUntil() != nil && !r.GetSince().AsTime().Before(r.GetUntil().AsTime()):
		return refuseField("until", "is not after since")
	}
	if err := checkIDs("threads", r.GetThreads()); err != nil {
		return err
	}
	if err := checkIDs("messages", r.GetMessages()); err != nil {
		return err
	}
	return checkRequestID(r.GetRequestId())
}
