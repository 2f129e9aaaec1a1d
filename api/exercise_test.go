package api

import (
	"context"
	"slices"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// played is an exercise that says which seats it was asked for.
type played struct {
	mu      sync.Mutex
	asked   []ident.Address
	stands  *valisev1.RealEvent
	changed chan struct{}
	refused []Refusal
}

func (p *played) State(_ context.Context, seats []ident.Address, language string) (*valisev1.GetExerciseResponse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = seats
	return &valisev1.GetExerciseResponse{Scenario: "lantern-ward", Title: language, RealEvent: p.stands}, nil
}

func (p *played) RaiseRealEvent(_ context.Context, seat ident.Address) (*valisev1.RealEvent, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stands == nil {
		p.stands = &valisev1.RealEvent{Seat: seat.String()}
		p.changed <- struct{}{}
	}
	return p.stands, nil
}

func (p *played) Refused(r Refusal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused = append(p.refused, r)
}

func (p *played) Changes() (<-chan struct{}, func()) { return p.changed, func() {} }

// TestNoExerciseWithoutOne: a node at which nobody conducts an exercise has no such service at all.
func TestNoExerciseWithoutOne(t *testing.T) {
	server := New(Config{})
	on := grpc.NewServer()
	server.Register(on)
	for name := range on.GetServiceInfo() {
		if name == "valise.v1.ExerciseService" || name == "valise.v1.ControlService" {
			t.Errorf("%s is offered", name)
		}
	}
	with := New(Config{Exercise: &played{}})
	on = grpc.NewServer()
	with.Register(on)
	if _, ok := on.GetServiceInfo()["valise.v1.ExerciseService"]; !ok {
		t.Error("an exercise is conducted and not offered")
	}
	if _, ok := on.GetServiceInfo()["valise.v1.ControlService"]; ok {
		t.Error("a node lets itself be steered")
	}
}

// TestRealEventIsRaisedByASeatOfTheOfficer: whoever they are, and never as another seat.
func TestRealEventIsRaisedByASeatOfTheOfficer(t *testing.T) {
	s := &exerciseService{server: New(Config{Own: "XA", Exercise: &played{changed: make(chan struct{}, 9)}})}
	as := func(tracks ...ident.Track) context.Context {
		return context.WithValue(context.Background(), actorKey{}, gateway.Actor{Name: "a", Tracks: tracks})
	}
	for seat, want := range map[string]codes.Code{"XB/technical": codes.PermissionDenied, "XA/diplomatic": codes.PermissionDenied, "nobody": codes.InvalidArgument} {
		_, err := s.RaiseRealEvent(as(ident.Technical), &valisev1.RaiseRealEventRequest{Seat: seat})
		if got := status.Code(err); got != want {
			t.Errorf("raised as %s: %v, want %v", seat, got, want)
		}
	}
	r, err := s.RaiseRealEvent(as(ident.Technical), &valisev1.RaiseRealEventRequest{})
	if err != nil || r.GetRealEvent().GetSeat() != "XA/technical" {
		t.Errorf("%v %v", r, err)
	}
	if r, err = s.RaiseRealEvent(as(), &valisev1.RaiseRealEventRequest{Seat: "XA/diplomatic"}); err != nil || r.GetRealEvent().GetSeat() != "XA/technical" {
		t.Errorf("raised again it is another: %v %v", r, err)
	}
}

// TestInjectsOfAnotherTrackAreNotAskedFor: what is not of an officer's track does not exist for them.
func TestInjectsOfAnotherTrackAreNotAskedFor(t *testing.T) {
	p := &played{}
	s := &exerciseService{server: New(Config{Own: "XA", Exercise: p})}
	for _, c := range []struct{ tracks, want []ident.Track }{
		{nil, []ident.Track{ident.Diplomatic, ident.Technical}},
		{[]ident.Track{ident.Technical}, []ident.Track{ident.Technical}},
	} {
		ctx := context.WithValue(context.Background(), actorKey{}, gateway.Actor{Name: "a", Tracks: c.tracks})
		if r, err := s.GetExercise(ctx, &valisev1.GetExerciseRequest{Language: "fr"}); err != nil || r.GetTitle() != "fr" {
			t.Fatal(r, err)
		}
		var got []ident.Track
		for _, a := range p.asked {
			got = append(got, a.Track)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("an officer of %v asks for %v", c.tracks, got)
		}
	}
}
