package conduct

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	valisev1 "valise.example/proto/valise/v1"
)

// about are the kinds that a correction, a retraction or a request for consent of a simulated seat can be about: what
// states something.
var about = []valisev1.Kind{
	valisev1.Kind_KIND_INQUIRY, valisev1.Kind_KIND_VOLUNTARY_NOTICE, valisev1.Kind_KIND_HOLDING_REPLY, valisev1.Kind_KIND_RESPONSE,
	valisev1.Kind_KIND_SUPPLEMENT,
}

// target is the message that an act of a simulated seat is about: the last statement of its own, or for a consent of
// the peer. Empty: the node knows. None of these acts is a statement, so that asked again it is the same.
func (s *stage) target(ctx context.Context, a play.Act, thread string) (string, error) {
	switch a.Does {
	case scenario.CorrectionSent, scenario.SentInError, scenario.ConsentRequested:
	default:
		return "", nil
	}
	r, err := s.inquiries(a.Seat).GetThread(ctx, &valisev1.GetThreadRequest{Thread: thread, ReadMask: &fieldmaskpb.FieldMask{Paths: []string{"messages"}}})
	if err != nil {
		return "", err
	}
	own := a.Does != scenario.ConsentRequested
	for _, m := range slices.Backward(r.GetMessages()) {
		if m.GetOutbound() == own && slices.Contains(about, m.GetKind()) && m.GetDigest() != "" {
			return m.GetMessage(), nil
		}
	}
	return "", fmt.Errorf("conduct: the thread %.80s has nothing that %s could be about", a.Thread, a.Does)
}

// logCall puts a call into the record of the seat's own node; nothing is sent. I-1
func (s *stage) logCall(ctx context.Context, a play.Act, id string) error {
	thread := s.idOf(a.Thread)
	if thread == "" {
		return fmt.Errorf("conduct: the thread %.80s is not known to the nodes", a.Thread)
	}
	_, err := s.persist(ctx, func() (*valisev1.Sent, error) {
		_, err := s.inquiries(a.Seat).LogContact(ctx, &valisev1.LogContactRequest{Thread: thread, Contact: s.script.call(a), RequestId: id})
		return nil, err
	})
	return err
}

// raise has a seat raise REAL EVENT at its node, and returns once every node tells that play has stopped.
// docs/exercises.md §4
func (s *stage) raise(ctx context.Context, a play.Act) error {
	_, err := s.persist(ctx, func() (*valisev1.Sent, error) {
		_, err := valisev1.NewExerciseServiceClient(s.doors[a.Seat.State]).RaiseRealEvent(ctx, &valisev1.RaiseRealEventRequest{Seat: a.Seat.String()})
		return nil, err
	})
	if err != nil {
		return err
	}
	for i := range s.script.scenario.Participants {
		at := valisev1.NewExerciseServiceClient(s.doors[s.script.scenario.Participants[i].State])
		if _, err := s.persist(ctx, func() (*valisev1.Sent, error) {
			r, err := at.GetExercise(ctx, &valisev1.GetExerciseRequest{})
			if err == nil && r.GetRealEvent() == nil {
				err = errNotYet
			}
			return nil, err
		}); err != nil {
			return err
		}
	}
	return nil
}
