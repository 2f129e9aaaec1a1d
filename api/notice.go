package api

import (
	"context"
	"fmt"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// notices tell several States of something without asking anything of them. A-9b s3, B-1c-ii
type notices interface {
	SendNotice(context.Context, gateway.Actor, *valisev1.SendNoticeRequest) (*valisev1.SendNoticeResponse, error)
}

// maxRecipients is how many POCs one notice may go to.
const maxRecipients = 32

func (s *inquiryService) SendNotice(ctx context.Context, r *valisev1.SendNoticeRequest) (*valisev1.SendNoticeResponse, error) {
	return commit(ctx, r, checkSendNotice, func(ctx context.Context, r *valisev1.SendNoticeRequest) (*valisev1.SendNoticeResponse, error) {
		return s.server.cfg.Gateway.SendNotice(ctx, s.server.actor(ctx), r)
	})
}

func checkSendNotice(r *valisev1.SendNoticeRequest) error {
	if err := checkRecipients(r.GetTo()); err != nil {
		return err
	}
	if r.GetFrom() != "" {
		if err := checkAddress("from", r.GetFrom()); err != nil {
			return err
		}
	}
	if r.GetNotice() == nil {
		return refuseField("notice", "is missing")
	}
	if err := checkPayload(&valisev1.Payload{Payload: &valisev1.Payload_VoluntaryNotice{VoluntaryNotice: r.GetNotice()}}); err != nil {
		return err
	}
	return checkOptions(r.GetOptions())
}

// checkRecipients takes each POC once: a notice sent twice to one desk would be two threads there.
func checkRecipients(to []string) error {
	if len(to) == 0 || len(to) > maxRecipients {
		return refuseField("to", fmt.Sprintf("names %d recipients: want 1 to %d", len(to), maxRecipients))
	}
	named := map[string]bool{}
	for i, address := range to {
		field := fmt.Sprintf("to[%d]", i)
		if err := checkAddress(field, address); err != nil {
			return err
		}
		if named[address] {
			return refuseField(field, "is named twice")
		}
		named[address] = true
	}
	return nil
}
