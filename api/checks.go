package api

import (
	"context"
	"fmt"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// checks are communication checks of ours, and what was logged of entries. A-8, B-1c-i
type checks interface {
	StartCheck(context.Context, gateway.Actor, *valisev1.StartCheckRequest) (*valisev1.StartCheckResponse, error)
	Checks(context.Context, gateway.Actor, *valisev1.ListChecksRequest) (*valisev1.ListChecksResponse, error)
	Check(context.Context, gateway.Actor, *valisev1.GetCheckRequest) (*valisev1.GetCheckResponse, error)
	FollowUpCheck(context.Context, gateway.Actor, *valisev1.FollowUpCheckRequest) (*valisev1.FollowUpCheckResponse, error)
	CheckCalendar(context.Context, gateway.Actor, *valisev1.GetCheckCalendarRequest) (*valisev1.GetCheckCalendarResponse, error)
	EntryContacts(context.Context, gateway.Actor, *valisev1.ListEntryContactsRequest) (*valisev1.ListEntryContactsResponse, error)
}

// maxChecked is how many POCs one campaign may ask.
const maxChecked = 512

func (s *directoryService) StartCheck(ctx context.Context, r *valisev1.StartCheckRequest) (*valisev1.StartCheckResponse, error) {
	return commit(ctx, r, checkStartCheck, func(ctx context.Context, r *valisev1.StartCheckRequest) (*valisev1.StartCheckResponse, error) {
		return s.server.cfg.Gateway.StartCheck(ctx, s.server.actor(ctx), r)
	})
}

func checkStartCheck(r *valisev1.StartCheckRequest) error {
	switch n := len(r.GetTo()); {
	case r.GetAll() && n > 0:
		return refuseField("to", "names POCs, and all are to be asked: want one of the two")
	case !r.GetAll() && n == 0, n > maxChecked:
		return refuseField("to", fmt.Sprintf("names %d POCs: want 1 to %d, or all", n, maxChecked))
	}
	for i, address := range r.GetTo() {
		if err := checkAddress(fmt.Sprintf("to[%d]", i), address); err != nil {
			return err
		}
	}
	return checkRequestID(r.GetRequestId())
}

func (s *directoryService) ListChecks(ctx context.Context, r *valisev1.ListChecksRequest) (*valisev1.ListChecksResponse, error) {
	filter := &valisev1.ListChecksRequest{}
	size, err := pageSize(r)
	if err != nil {
		return nil, err
	}
	place, err := openPage("checks", filter, r.GetPageToken())
	if err != nil {
		return nil, err
	}
	out, err := s.server.cfg.Gateway.Checks(ctx, s.server.actor(ctx), &valisev1.ListChecksRequest{PageSize: size, PageToken: place})
	if err != nil {
		return nil, err
	}
	out.NextPageToken, err = sealPage("checks", filter, out.GetNextPageToken())
	return out, err
}

func (s *directoryService) GetCheck(ctx context.Context, r *valisev1.GetCheckRequest) (*valisev1.GetCheckResponse, error) {
	if err := checkID("campaign", r.GetCampaign()); err != nil {
		return nil, err
	}
	return s.server.cfg.Gateway.Check(ctx, s.server.actor(ctx), r)
}

func (s *directoryService) FollowUpCheck(ctx context.Context, r *valisev1.FollowUpCheckRequest) (*valisev1.FollowUpCheckResponse, error) {
	return commit(ctx, r, checkFollowUp, func(ctx context.Context, r *valisev1.FollowUpCheckRequest) (*valisev1.FollowUpCheckResponse, error) {
		return s.server.cfg.Gateway.FollowUpCheck(ctx, s.server.actor(ctx), r)
	})
}

func checkFollowUp(r *valisev1.FollowUpCheckRequest) error {
	if err := checkID("campaign", r.GetCampaign()); err != nil {
		return err
	}
	if err := checkAddress("address", r.GetAddress()); err != nil {
		return err
	}
	if r.GetContact() == nil {
		return refuseField("contact", "is missing: say who was contacted, when, and by which detail")
	}
	return checkRequestID(r.GetRequestId())
}

func (s *directoryService) GetCheckCalendar(ctx context.Context, r *valisev1.GetCheckCalendarRequest) (*valisev1.GetCheckCalendarResponse, error) {
	return s.server.cfg.Gateway.CheckCalendar(ctx, s.server.actor(ctx), r)
}

func (s *directoryService) ListEntryContacts(ctx context.Context, r *valisev1.ListEntryContactsRequest) (*valisev1.ListEntryContactsResponse, error) {
	if err := checkAddress("address", r.GetAddress()); err != nil {
		return nil, err
	}
	filter := &valisev1.ListEntryContactsRequest{Address: r.GetAddress()}
	size, err := pageSize(r)
	if err != nil {
		return nil, err
	}
	place, err := openPage("contacts", filter, r.GetPageToken())
	if err != nil {
		return nil, err
	}
	out, err := s.server.cfg.Gateway.EntryContacts(ctx, s.server.actor(ctx), &valisev1.ListEntryContactsRequest{
		Address: r.GetAddress(), PageSize: size, PageToken: place,
	})
	if err != nil {
		return nil, err
	}
	out.NextPageToken, err = sealPage("contacts", filter, out.GetNextPageToken())
	return out, err
}
