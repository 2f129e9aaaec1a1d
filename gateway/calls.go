package gateway

import (
	"slices"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// CallRules say who can be called to the desk, and when. Without steps nobody is.
// docs/protocol.md §12.7
type CallRules struct {
	// Steps of the roster on which somebody stands, in their order.
	Steps []CallStep
	// Pause is the least time between two calls of one step, however much comes in.
	Pause time.Duration
	// Quiet is the time of day by UTC at which a sign is given that all is quiet; negative: none is.
	Quiet time.Duration
}

// CallStep is one step of the roster.
type CallStep struct {
	Step valisev1.AttentionStep
	// After is how long what waits has been called for on the step before, when this one is called.
	After time.Duration
}

// When a roster that was called to its end begins anew for what still waits: after a day, or soon
// where nobody took the last call.
const (
	callAnew    = 24 * time.Hour
	callNotHeld = 15 * time.Minute
)

// Call is whom to call now.
type Call struct {
	// Step of the roster; unspecified: nobody.
	Step valisev1.AttentionStep

	covers       uint64    // it is for what began to wait before the record had so many items
	risk, passed time.Time // and for promises until then; zero: for none
}

// waiting is what the record tells of what waits; bounds are from a number on and below another.
type waiting struct {
	items    uint64
	unopened func(from, below uint64) (bool, error)
	// promised finds promises that came to be at risk, and are not passed yet, or that passed, after
	// an instant and until another.
	risky, passed func(after, until time.Time) (bool, error)
	// reminded finds instants of the calendar after one and until another; undone, what it asked for
	// before an instant and nobody has done.
	reminded func(after, until time.Time) (bool, error)
	undone   func(until time.Time) (bool, error)
}

// ladder is one look at the roster.
type ladder struct {
	rules CallRules
	state *valisev1.CallState
	what  waiting
	now   time.Time
	wake  time.Time // when to look again; zero: when something changes
}

// next decides whom to call now, and otherwise when to look again. It may move the state to where
// the next step follows a later call; that is kept only with a call. docs/protocol.md §12.7
func (l *ladder) next() (Call, error) {
	if len(l.rules.Steps) == 0 {
		return Call{}, nil
	}
	l.rebase()
	if err := l.beginAnew(); err != nil {
		return Call{}, err
	}
	for _, look := range []func() (Call, error){l.promisePassed, l.first, l.later, l.quiet} {
		if c, err := look(); err != nil || c.Step != 0 {
			return c, err
		}
	}
	return Call{}, nil
}

// rebase: a clock that went back must neither hold a call back for longer than was asked, nor let a
// promise pass for one that was called for.
func (l *ladder) rebase() {
	now := timestamppb.New(l.now)
	back := func(at **timestamppb.Timestamp) {
		if *at != nil && (*at).AsTime().After(l.now) {
			*at = now
		}
	}
	for _, s := range l.state.GetSteps() {
		back(&s.At)
		back(&s.Since)
	}
	back(&l.state.Quiet)
	back(&l.state.AtRisk)
	back(&l.state.Passed)
}

// called is what is known of a step; of one that was never called, nothing.
func (l *ladder) called(step valisev1.AttentionStep) *valisev1.CalledStep {
	return calledStep(l.state, step)
}

func calledStep(state *valisev1.CallState, step valisev1.AttentionStep) *valisev1.CalledStep {
	for _, s := range state.GetSteps() {
		if s.GetStep() == step {
			return s
		}
	}
	s := &valisev1.CalledStep{Step: step}
	state.Steps = append(state.Steps, s)
	return s
}

// beginAnew forgets whom was called, where all were and it still waits.
func (l *ladder) beginAnew() error {
	last := l.called(l.rules.Steps[len(l.rules.Steps)-1].Step)
	waits, err := l.what.unopened(0, last.GetCovers())
	if err != nil || !waits {
		return err
	}
	after := callAnew
	if !last.GetTaken() {
		after = callNotHeld
	}
	if !l.due(last.GetAt().AsTime().Add(after)) {
		return nil
	}
	for _, s := range l.state.GetSteps() {
		s.Covers, s.SinceCovers = 0, 0
	}
	return nil
}

// due reports whether an instant has come, and notes it for waking where not.
func (l *ladder) due(at time.Time) bool {
	if !at.After(l.now) {
		return true
	}
	if l.wake.IsZero() || at.Before(l.wake) {
		l.wake = at
	}
	return false
}

// mayCall reports whether a step was not called just now.
func (l *ladder) mayCall(step valisev1.AttentionStep) bool {
	at := l.called(step).GetAt()
	return at == nil || l.due(at.AsTime().Add(l.rules.Pause))
}

// promisePassed calls the second, or who is there, when an estimate of ours has passed. R-2
func (l *ladder) promisePassed() (Call, error) {
	passed, err := l.what.passed(l.state.GetPassed().AsTime(), l.now)
	step := l.rules.Steps[min(1, len(l.rules.Steps)-1)].Step
	if err != nil || !passed || !l.mayCall(step) {
		return Call{}, err
	}
	return Call{Step: step, passed: l.now}, nil
}

// first calls the first person for what nobody was called for, for an estimate at risk, and for what the
// calendar asks.
func (l *ladder) first() (Call, error) {
	step := l.rules.Steps[0].Step
	waits, err := l.what.unopened(l.called(step).GetCovers(), l.what.items+1)
	if err != nil {
		return Call{}, err
	}
	due, err := l.comesDue()
	if err != nil || !waits && !due || !l.mayCall(step) {
		return Call{}, err
	}
	c := Call{Step: step, risk: l.now}
	if waits {
		c.covers = l.what.items + 1
	}
	return c, nil
}

// comesDue reports whether an estimate came to be at risk, or an instant of the calendar, that nobody was
// called for. Both have one mark in the state: a call is for all of it.
func (l *ladder) comesDue() (bool, error) {
	since := l.state.GetAtRisk().AsTime()
	risky, err := l.what.risky(since, l.now)
	if err != nil || risky {
		return risky, err
	}
	return l.what.reminded(since, l.now)
}

// later calls the second and then the watch room for what was called for before and still waits;
// at once where nobody took the call before.
func (l *ladder) later() (Call, error) {
	for i, step := range l.rules.Steps[1:] {
		before, own := l.called(l.rules.Steps[i].Step), l.called(step.Step)
		if err := l.follow(before, own); err != nil {
			return Call{}, err
		}
		if before.GetSinceCovers() <= own.GetCovers() {
			continue
		}
		if before.GetTaken() && !l.due(before.GetSince().AsTime().Add(step.After)) || !l.mayCall(step.Step) {
			continue
		}
		return Call{Step: step.Step, covers: before.GetSinceCovers()}, nil
	}
	return Call{}, nil
}

// follow finds the call that the next step follows: the one before as long as something of it
// waits, else the last one if something of that does.
func (l *ladder) follow(before, own *valisev1.CalledStep) error {
	waits, err := l.what.unopened(own.GetCovers(), before.GetSinceCovers())
	if err != nil || waits {
		return err
	}
	if waits, err = l.what.unopened(own.GetCovers(), before.GetCovers()); err != nil {
		return err
	}
	before.Since, before.SinceCovers = nil, 0
	if waits {
		before.Since, before.SinceCovers = before.GetAt(), before.GetCovers()
	}
	return nil
}

// quiet gives the daily sign that the ways work, when nothing waits for anybody.
func (l *ladder) quiet() (Call, error) {
	if l.rules.Quiet < 0 {
		return Call{}, nil
	}
	mark := l.now.UTC().Truncate(24 * time.Hour).Add(l.rules.Quiet)
	if mark.After(l.now) {
		mark = mark.Add(-24 * time.Hour)
	}
	if last := l.state.GetQuiet(); last != nil && !last.AsTime().Before(mark) {
		l.due(mark.Add(24 * time.Hour))
		return Call{}, nil
	}
	waits, err := l.what.unopened(0, l.what.items+1)
	if err != nil || waits {
		return Call{}, err
	}
	for _, late := range []func(time.Time) (bool, error){l.broken, l.what.undone} {
		if is, err := late(l.now); err != nil || is {
			return Call{}, err
		}
	}
	return Call{Step: valisev1.AttentionStep_ATTENTION_STEP_ALL_QUIET}, nil
}

// broken reports whether a promise has passed.
func (l *ladder) broken(until time.Time) (bool, error) { return l.what.passed(time.Time{}, until) }

// CalledWay is how one way to call somebody went.
type CalledWay struct {
	// Step is whose way it is, also where the call was the sign that all is quiet.
	Step valisev1.AttentionStep
	// Means is "webhook", "command" or "email".
	Means string
	// Taken: the other end took it.
	Taken bool
}

// after is the state after a call.
func (c Call) after(before *valisev1.CallState, ways []CalledWay, now time.Time) *valisev1.CallState {
	state, at := proto.CloneOf(before), timestamppb.New(now)
	taken := false
	for _, way := range ways {
		taken = taken || way.Taken
		name := stepName(way.Step) + " " + way.Means
		state.Failing = slices.DeleteFunc(state.Failing, func(s string) bool { return s == name })
		if !way.Taken {
			state.Failing = append(state.Failing, name)
		}
	}
	if c.Step == valisev1.AttentionStep_ATTENTION_STEP_ALL_QUIET {
		if state.Quiet = at; taken {
			state.QuietTaken = at
		}
		return state
	}
	if !c.risk.IsZero() {
		state.AtRisk = timestamppb.New(c.risk)
	}
	if !c.passed.IsZero() {
		state.Passed = timestamppb.New(c.passed)
	}
	s := calledStep(state, c.Step)
	s.At, s.Taken, s.Covers = at, taken, max(s.GetCovers(), c.covers)
	if s.GetSinceCovers() == 0 {
		s.Since, s.SinceCovers = at, s.GetCovers()
	}
	return state
}
