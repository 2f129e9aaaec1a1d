package play

import (
	"slices"

	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// toldBy lets a simulated seat do what an inject tells it to, act by act, at one time. docs/scenario.md §5
func (p *Play) toldBy(s *seat, in *inject) {
	habit := s.profile.Does
	if habit == (scenario.Habit{}) {
		habit = s.opens()
	}
	if !p.chance(habit.Chance, "does", in.ID, s.String()) {
		return
	}
	p.later(p.delay(habit, "does", in.ID, s.String()), func() {
		for _, does := range in.Does.Acts {
			p.obeyed(s, in, does)
		}
	})
}

// obeyed is one act that an inject tells a simulated seat to do. What does not fit the thread as it is then is not
// done: a node would refuse it. Unlike a habit, it is done also on a thread that was closed or taken back.
func (p *Play) obeyed(s *seat, in *inject, does scenario.Act) {
	switch does {
	case scenario.NoticeSent:
		p.does(Act{Seat: s.Address, Does: does, To: in.Does.To, Has: does.ToldFacts(), Inject: in.ID})
		return
	case scenario.RealEventRaised:
		p.rehearseStop(s)
		return
	}
	t := p.begunUpon(in.Does.On, s.Address)
	if t == nil || !t.takes(s.Address, does) {
		return
	}
	has := does.ToldFacts()
	if slices.Contains(has, scenario.EstimateGiven) && s.profile.Estimate == 0 {
		if does == scenario.EstimateSent {
			return
		}
		has = nil
	}
	p.doesOn(s, t, does, has...)
}

// begunUpon is the first thread of a seat that was begun upon an inject; nil: there is none.
func (p *Play) begunUpon(inject string, of ident.Address) *thread {
	for _, t := range p.inOrder {
		if t.inject == inject && t.of(of) {
			return t
		}
	}
	return nil
}

// rehearseStop lets a simulated seat raise REAL EVENT and control stand down, in one moment, because the clock stands
// meanwhile. Only where no person has a seat: nobody is to take a stop that a profile raises for one. docs/exercises.md §4
func (p *Play) rehearseStop(s *seat) {
	for _, other := range p.seats {
		if other.person {
			return
		}
	}
	p.does(Act{Seat: s.Address, Does: scenario.RealEventRaised})
	for _, do := range []Command{RealEvent, StandDown, Resume} {
		p.emit(Line{Type: Control, Do: do, Seat: s.String(), Cause: ByTime})
	}
}

// takes reports whether an act makes sense on a thread, by the rules by which nodes refuse one. docs/protocol.md §5.2
func (t *thread) takes(by ident.Address, does scenario.Act) bool {
	asked := t.to == by && len(t.acts) > 0 && t.acts[0].Does == scenario.InquirySent
	switch does {
	case scenario.Acknowledged:
		return t.last(t.other(by), said...) > t.last(by, scenario.Acknowledged)
	case scenario.HoldingSent, scenario.ResponseSent, scenario.Declined:
		return asked
	case scenario.EstimateSent:
		return asked && t.last(by, scenario.HoldingSent) > 0
	case scenario.ChannelAgreed:
		return slices.ContainsFunc(t.acts, func(a act) bool { return a.Seat != by && means(a.Act, scenario.ChannelProposed) })
	case scenario.CorrectionSent, scenario.SentInError:
		return t.last(by, statements...) > 0
	case scenario.ConsentRequested:
		return t.last(t.other(by), statements...) > 0
	case scenario.ConsentDecided:
		return t.count(t.other(by), scenario.ConsentRequested) > t.count(by, scenario.ConsentDecided)
	case scenario.ConsentWithdrawn:
		return t.count(ident.Address{}, scenario.ConsentDecided) > t.count(ident.Address{}, scenario.ConsentWithdrawn)
	case scenario.Closed:
		return t.last(by, scenario.Closed) <= t.last(ident.Address{}, scenario.Reopened)
	case scenario.Reopened:
		return t.last(ident.Address{}, scenario.Closed) > t.last(ident.Address{}, scenario.Reopened)
	default:
		return true
	}
}

// statements are the acts that say something which can be corrected, taken back, or go to a third party.
var statements = []scenario.Act{
	scenario.InquirySent, scenario.NoticeSent, scenario.HoldingSent, scenario.ResponseSent, scenario.SupplementSent,
}

// said are the acts that an acknowledgement can be of: all that send something but itself. A-10 s4
var said = slices.DeleteFunc(append(scenario.TellableActs(), scenario.InquirySent), func(a scenario.Act) bool {
	return a == scenario.Acknowledged || a == scenario.CallLogged || a == scenario.RealEventRaised
})

// last is the place, from 1, of the last of some acts by a seat on the thread; the zero seat is either. 0: none.
func (t *thread) last(by ident.Address, does ...scenario.Act) int {
	for i, a := range slices.Backward(t.acts) {
		if (by.IsZero() || a.Seat == by) && slices.Contains(does, a.Does) {
			return i + 1
		}
	}
	return 0
}

// count is how often a seat did something on the thread; the zero seat is either.
func (t *thread) count(by ident.Address, does scenario.Act) (n int) {
	for _, a := range t.acts {
		if (by.IsZero() || a.Seat == by) && a.Does == does {
			n++
		}
	}
	return n
}
