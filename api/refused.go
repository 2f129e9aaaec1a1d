package api

import (
	"context"
	"slices"

	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Refusal is what our node did not let an officer do because of whom it was to reach, as far as whoever conducts an
// exercise is told of it: never a word of what was to be said. docs/protocol.md §12.6
type Refusal struct {
	Seats  []ident.Address // whose act it is: one, or those of the officer among which it says nothing
	To     ident.Address   // zero: nobody who has an address, or several
	Reason valisev1.Reason // NO_CONSENT, HANDLING, WRONG_TRACK or NOT_PERMITTED
}

// tellRefused tells whoever conducts an exercise that an act was refused because of whom it was to reach: a third
// party, or a desk of the other track. A-9 s2, A-11 s2
func (s *Server) tellRefused(ctx context.Context, request any, err error) {
	if err == nil || s.cfg.Exercise == nil {
		return
	}
	why := asError(err).Reason
	switch why {
	case valisev1.Reason_REASON_NO_CONSENT, valisev1.Reason_REASON_HANDLING, valisev1.Reason_REASON_WRONG_TRACK,
		valisev1.Reason_REASON_NOT_PERMITTED:
	default:
		return
	}
	ours, to := s.between(ctx, request)
	s.cfg.Exercise.Refused(Refusal{Seats: s.seatsFor(s.actor(ctx), ours, to), To: to, Reason: why})
}

// between is who was to write to whom, as far as a request tells or the thread that it names; zero: it does not.
func (s *Server) between(ctx context.Context, request any) (ours, to ident.Address) {
	switch r := request.(type) {
	case *valisev1.SendInquiryRequest:
		return addressed(r.GetFrom()), addressed(r.GetTo())
	case *valisev1.SendNoticeRequest:
		if len(r.GetTo()) == 1 {
			to = addressed(r.GetTo()[0])
		}
		return addressed(r.GetFrom()), to
	case *valisev1.ReplyRequest:
		t, err := s.cfg.Gateway.Thread(ctx, s.actor(ctx), &valisev1.GetThreadRequest{Thread: r.GetThread()})
		if err == nil {
			return addressed(t.GetThread().GetOurs()), addressed(t.GetThread().GetPeer())
		}
	}
	return ours, to
}

func addressed(text string) ident.Address {
	a, err := ident.ParseAddress(text)
	if err != nil {
		return ident.Address{}
	}
	return a
}

// seatsFor are those of an officer from which an act can have come: the one that it names, else that of the
// addressee's track, else all.
func (s *Server) seatsFor(a gateway.Actor, ours, to ident.Address) []ident.Address {
	all := seatsOf(s.cfg.Own, a)
	for _, one := range []ident.Address{ours, {State: s.cfg.Own, Track: to.Track}} {
		if slices.Contains(all, one) {
			return []ident.Address{one}
		}
	}
	return all
}
