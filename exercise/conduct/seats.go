package conduct

import (
	"cmp"
	"context"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// seatView is the exercise as the node of one State tells it.
type seatView struct {
	e     *Exercise
	state ident.State
}

var _ api.Exercise = (*seatView)(nil)

// State is what is played, with the injects that reached these seats.
func (v *seatView) State(_ context.Context, seats []ident.Address, language string) (*valisev1.GetExerciseResponse, error) {
	v.e.mu.Lock()
	defer v.e.mu.Unlock()
	return v.e.told(language, v.state, func(a ident.Address) bool { return slices.Contains(seats, a) }), nil
}

// RaiseRealEvent stops the clock.
func (v *seatView) RaiseRealEvent(ctx context.Context, seat ident.Address) (*valisev1.RealEvent, error) {
	return v.e.realEvent(ctx, seat, "")
}

// Refused is what the node of this State did not let a person do. docs/exercises.md §6
func (v *seatView) Refused(r api.Refusal) { v.e.attempted(r) }

// Changes receives after each line of the recording and each turn of the clock.
func (v *seatView) Changes() (<-chan struct{}, func()) { return v.e.news.Listen() }

// told is what is played, for some seats; own is the State whose part of the story is told, empty: of all. The caller
// holds the lock.
func (e *Exercise) told(language string, own ident.State, reaches func(ident.Address) bool) *valisev1.GetExerciseResponse {
	r := &valisev1.GetExerciseResponse{
		Realm: e.realm.String(), Scenario: e.scenario.ID, Title: e.scenario.Title.In(language),
		Codeword: e.scenario.Mark.Codeword, StopWord: e.scenario.Mark.RealEvent.In(language),
		Clock: e.clockNow(), RealEvent: e.stop, Jump: e.said.In(language),
	}
	for _, a := range e.arrived {
		in := &valisev1.ArrivedInject{
			Id: a.inject.ID, At: int64(a.at), Came: timestamppb.New(e.clock.shows(a.at)), As: a.inject.As.In(language),
			How: string(a.inject.How), Text: a.inject.Text.In(language), Unscored: a.inject.Unscored,
		}
		for _, to := range a.inject.To {
			if reaches(to) {
				in.To = append(in.To, to.String())
			}
		}
		if len(in.To) > 0 {
			r.Injects = append(r.Injects, in)
		}
	}
	for i := range e.scenario.Participants {
		p := &e.scenario.Participants[i]
		one := &valisev1.ExerciseParticipant{State: p.State.String(), Name: p.Name, Zone: p.Zone}
		if own == "" || own == p.State {
			one.Part = p.Part.In(language)
		}
		r.Participants = append(r.Participants, one)
	}
	return r
}

// clockNow is a reading of the clock; the caller holds the lock.
func (e *Exercise) clockNow() *valisev1.ExerciseClock {
	rate, _ := e.clock.Rate()
	at := e.clock.span()
	return &valisev1.ExerciseClock{
		At: int64(at), Shows: timestamppb.New(e.clock.shows(at)), Phase: e.phase(), Rate: uint32(rate), Read: timestamppb.New(time.Now()),
	}
}

func (e *Exercise) phase() valisev1.ExercisePhase {
	switch {
	case !e.begun:
		return valisev1.ExercisePhase_EXERCISE_PHASE_PREPARED
	case e.play.Ended():
		return valisev1.ExercisePhase_EXERCISE_PHASE_ENDED
	case e.clock.stands():
		return valisev1.ExercisePhase_EXERCISE_PHASE_PAUSED
	}
	return valisev1.ExercisePhase_EXERCISE_PHASE_RUNNING
}

// stopTime is how long a REAL EVENT waits for its line to be durable. The clock stands before that.
const stopTime = 3 * time.Second

// realEvent stops the clock before anything else, and says whose stop stands. Of the zero seat it is that of whoever
// conducts, by the page on which it was raised; of none control's.
func (e *Exercise) realEvent(ctx context.Context, seat ident.Address, by string) (*valisev1.RealEvent, error) {
	order := play.Order{Do: play.RealEvent}
	switch {
	case !seat.IsZero():
		order.Seat = seat.String()
	case by != byControl:
		order.Seat = by
	}
	name := cmp.Or(order.Seat, byControl)
	if _, err := e.clock.obey(order); err != nil {
		return nil, refusedByPlay(err)
	}
	e.mu.Lock()
	rehearsed := !e.drill.IsZero() && e.drill == seat
	if e.stop != nil && (e.drill.IsZero() || rehearsed || e.stop.GetSeat() != e.drill.String()) {
		defer e.mu.Unlock()
		return e.stop, nil
	}
	// The end of a rehearsed stop may have let the clock go meanwhile; under the lock nothing does.
	at, err := e.clock.obey(order)
	if err != nil {
		e.mu.Unlock()
		return nil, refusedByPlay(err)
	}
	e.stop = &valisev1.RealEvent{Seat: name, At: int64(at), Raised: timestamppb.New(time.Now())}
	stands := e.stop
	if rehearsed {
		e.mu.Unlock()
		e.news.Ring()
		return stands, nil // its lines are on their way
	}
	if e.plays() != nil {
		if err := e.keepStop(stands); err != nil {
			e.log.Warn("a real event stands that would not be known after a crash")
		}
	} else {
		lines, err := e.play.Command(at, order)
		e.take(lines)
		if err == nil && e.human(seat) {
			lines, err = e.play.Act(at, play.Act{Seat: seat, Does: scenario.RealEventRaised, Person: true})
			e.take(lines)
		}
		if err != nil {
			e.log.Warn("a real event stands that has no line in the recording")
		}
	}
	upTo := e.emitted
	e.mu.Unlock()
	e.news.Ring()
	ctx, stop := context.WithTimeout(ctx, stopTime)
	defer stop()
	e.durable(ctx, upTo)
	return stands, nil
}
