package api

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// events are the items of the record as a Watch tells them; ok is false for one that tells this
// officer nothing.
type events interface {
	Event(ctx context.Context, a gateway.Actor, item uint64) (event *valisev1.WatchResponse, ok bool, err error)
}

// Watch tells the items of the record from a cursor on, then each new one. A cursor is the
// number of the next item to look at, so that one taken from any event, also from the first
// item's, goes on without loss and without repeating. The header is sent once the place is
// fixed: what is recorded after that is told.
func (s *inquiryService) Watch(r *valisev1.WatchRequest, stream grpc.ServerStreamingServer[valisev1.WatchResponse]) error {
	ctx := stream.Context()
	actor := s.server.actor(ctx)
	if r.GetReplay() && r.GetCursor() != 0 {
		return refuseField("cursor", "and replay exclude each other")
	}
	// Listening begins before the place is read: an item added between the two rings.
	changed, done := s.server.cfg.Changes()
	defer done()
	next := r.GetCursor()
	items := s.server.cfg.Record.Items(ctx)
	switch {
	case next > items:
		return refuseField("cursor", "is beyond the record: begin again with replay")
	case next == 0 && !r.GetReplay():
		next = items
	}
	if err := stream.SendHeader(metadata.MD{}); err != nil {
		return err
	}
	for {
		var err error
		if next, err = s.tell(stream, actor, next); err != nil {
			return err
		}
		// Also who hears nothing new is sent away once they are no officer any more.
		if err := s.server.still(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.server.closed:
			return refusal(valisev1.Reason_REASON_NOT_ACCEPTING, "the node ends; go on from the last cursor when it runs again")
		case _, ok := <-changed:
			if !ok {
				return refusal(valisev1.Reason_REASON_NOT_ACCEPTING, "the node ends; go on from the last cursor when it runs again")
			}
		}
	}
}

// tell sends what the items from next on tell and returns the number after the last one.
func (s *inquiryService) tell(stream grpc.ServerStreamingServer[valisev1.WatchResponse], actor gateway.Actor, next uint64) (uint64, error) {
	ctx := stream.Context()
	for items := s.server.cfg.Record.Items(ctx); next < items; next++ {
		event, ok, err := s.server.cfg.Gateway.Event(ctx, actor, next)
		if err != nil {
			return next, err
		}
		if !ok {
			continue
		}
		event.Cursor = next + 1
		if err := stream.Send(event); err != nil {
			return next, err
		}
	}
	return next, nil
}
