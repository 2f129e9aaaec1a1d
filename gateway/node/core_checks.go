package node

import (
	"context"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// StartCheck is gateway.StartCheck.
func (c core) StartCheck(ctx context.Context, a gateway.Actor, r *valisev1.StartCheckRequest) (*valisev1.StartCheckResponse, error) {
	return c.node.Gateway().StartCheck(ctx, a, r)
}

// Checks is gateway.Checks.
func (c core) Checks(ctx context.Context, a gateway.Actor, r *valisev1.ListChecksRequest) (*valisev1.ListChecksResponse, error) {
	return c.node.Gateway().Checks(ctx, a, r)
}

// Check is gateway.Check.
func (c core) Check(ctx context.Context, a gateway.Actor, r *valisev1.GetCheckRequest) (*valisev1.GetCheckResponse, error) {
	return c.node.Gateway().Check(ctx, a, r)
}

// FollowUpCheck is gateway.FollowUpCheck.
func (c core) FollowUpCheck(ctx context.Context, a gateway.Actor, r *valisev1.FollowUpCheckRequest) (*valisev1.FollowUpCheckResponse, error) {
	return c.node.Gateway().FollowUpCheck(ctx, a, r)
}

// CheckCalendar is gateway.CheckCalendar.
func (c core) CheckCalendar(ctx context.Context, a gateway.Actor, r *valisev1.GetCheckCalendarRequest) (*valisev1.GetCheckCalendarResponse, error) {
	return c.node.Gateway().CheckCalendar(ctx, a, r)
}

// EntryContacts is gateway.EntryContacts.
func (c core) EntryContacts(ctx context.Context, a gateway.Actor, r *valisev1.ListEntryContactsRequest) (*valisev1.ListEntryContactsResponse, error) {
	return c.node.Gateway().EntryContacts(ctx, a, r)
}
