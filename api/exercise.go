package api

import (
	"context"
	"slices"

	"google.golang.org/grpc"

	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Exercise is what is played, as one State sees it. Whoever conducts an exercise gives it to the node of each
// participant; every error has a Reason. A-13e
type Exercise interface {
	// State is what is played now, with the injects that reached these seats, in a language by its tag.
	State(ctx context.Context, seats []ident.Address, language string) (*valisev1.GetExerciseResponse, error)
	// RaiseRealEvent stops the clock before it returns, and gives the stop that stands.
	RaiseRealEvent(ctx context.Context, seat ident.Address) (*valisev1.RealEvent, error)
	// Refused is told what the node did not let an officer do because of whom it was to reach.
	Refused(r Refusal)
	// Changes gives a channel that receives after every change, and a function that ends it.
	Changes() (<-chan struct{}, func())
}

// exerciseService is offered where somebody conducts an exercise. docs/protocol.md §12.6
type exerciseService struct {
	valisev1.UnimplementedExerciseServiceServer
	server *Server
}

var _ valisev1.ExerciseServiceServer = (*exerciseService)(nil)

// seats are those of our State on which an officer acts and reads. docs/protocol.md §12.5
func (s *exerciseService) seats(a gateway.Actor) []ident.Address { return seatsOf(s.server.cfg.Own, a) }

func seatsOf(own ident.State, a gateway.Actor) (all []ident.Address) {
	for _, t := range []ident.Track{ident.Diplomatic, ident.Technical} {
		if len(a.Tracks) == 0 || slices.Contains(a.Tracks, t) {
			all = append(all, ident.Address{State: own, Track: t})
		}
	}
	return all
}

func (s *exerciseService) GetExercise(ctx context.Context, r *valisev1.GetExerciseRequest) (*valisev1.GetExerciseResponse, error) {
	return s.server.cfg.Exercise.State(ctx, s.seats(s.server.actor(ctx)), r.GetLanguage())
}

// RaiseRealEvent is for every officer: whoever sees that something real happens stops play, whatever
// their roles are.
func (s *exerciseService) RaiseRealEvent(ctx context.Context, r *valisev1.RaiseRealEventRequest) (*valisev1.RaiseRealEventResponse, error) {
	ours := s.seats(s.server.actor(ctx))
	if len(ours) == 0 {
		return nil, refusal(valisev1.Reason_REASON_NOT_PERMITTED, "")
	}
	seat := ours[0]
	if r.GetSeat() != "" {
		named, err := ident.ParseAddress(r.GetSeat())
		if err != nil {
			return nil, refuseField("seat", "is no address")
		}
		if !slices.Contains(ours, named) {
			return nil, refusal(valisev1.Reason_REASON_NOT_PERMITTED, "the seat is of another track or State")
		}
		seat = named
	}
	stands, err := s.server.cfg.Exercise.RaiseRealEvent(context.WithoutCancel(ctx), seat)
	if err != nil {
		return nil, err
	}
	return &valisev1.RaiseRealEventResponse{RealEvent: stands}, nil
}

func (s *exerciseService) WatchExercise(r *valisev1.WatchExerciseRequest, stream grpc.ServerStreamingServer[valisev1.WatchExerciseResponse]) error {
	ctx := stream.Context()
	seats := s.seats(s.server.actor(ctx))
	changed, done := s.server.cfg.Exercise.Changes()
	defer done()
	for {
		now, err := s.server.cfg.Exercise.State(ctx, seats, r.GetLanguage())
		if err != nil {
			return err
		}
		if err := stream.Send(&valisev1.WatchExerciseResponse{Exercise: now}); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.server.closed:
			return refusal(valisev1.Reason_REASON_NOT_ACCEPTING, "the node ends; ask again when it runs again")
		case _, ok := <-changed:
			if !ok {
				return refusal(valisev1.Reason_REASON_NOT_ACCEPTING, "the exercise is no longer conducted")
			}
		}
	}
}
