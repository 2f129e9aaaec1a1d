package play

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// seat is a desk of a participant.
type seat struct {
	ident.Address
	human   bool              // the scenario gives it to a person
	person  bool              // in this run a person has it
	profile *scenario.Profile // plays it; nil: nobody does but a person
	opened  int               // threads so far
}

// tracks are those of a participant's seats, in the order in which a run goes through them.
var tracks = []ident.Track{ident.Diplomatic, ident.Technical}

func seatsOf(s *scenario.Scenario, persons []ident.Address) (map[ident.Address]*seat, error) {
	seats := map[ident.Address]*seat{}
	standIn := standInOf(s)
	for _, participant := range s.Participants {
		for _, track := range tracks {
			who, has := participant.Seats[track]
			if !has {
				continue
			}
			one := &seat{Address: ident.Address{State: participant.State, Track: track}, human: who == scenario.Human}
			one.person = slices.Contains(persons, one.Address) // of human seats alone, as is checked below
			switch profile, known := s.Profiles[who]; {
			case known && !one.human:
				one.profile = &profile
			case one.human && !one.person:
				one.profile = standIn
			}
			seats[one.Address] = one
		}
	}
	for _, a := range persons {
		if one := seats[a]; one == nil || !one.human {
			return nil, fmt.Errorf("%w: %s is no human seat of this scenario", ErrNotFound, a)
		}
	}
	return seats, nil
}

// standInOf is the first profile, by name, that plays human seats where nobody does.
func standInOf(s *scenario.Scenario) *scenario.Profile {
	for _, name := range slices.Sorted(maps.Keys(s.Profiles)) {
		if profile := s.Profiles[name]; profile.StandIn {
			return &profile
		}
	}
	return nil
}

// thread is an inquiry or a notice, and what follows on it.
type thread struct {
	name     string
	from, to ident.Address
	inject   string // that brought it about
	topic    string // by which its draws are told apart: the inject, else its name
	prefers  bool   // the inquiry named a preferred channel
	acts     []act
	over     bool // taken back or closed: simulated seats do no more on it
}

func (t *thread) of(a ident.Address) bool { return a == t.from || a == t.to }

// other is who is at the other end of a thread.
func (t *thread) other(a ident.Address) ident.Address {
	if t.from == a {
		return t.to
	}
	return t.from
}

// What a simulated seat says in full. I-1..I-4, R-2
var (
	wholeInquiry = []scenario.Fact{
		scenario.Contact, scenario.Nature, scenario.TimeSensitivity, scenario.PreferredChannel, scenario.LeadAgency, scenario.Questions,
	}
	withEstimate = []scenario.Fact{scenario.EstimateGiven}
)

// opensAfter lets a simulated seat open the inquiry that an inject asks for.
func (p *Play) opensAfter(s *seat, in *inject) {
	habit := s.opens()
	me, to := s.Address, in.Opens.To
	if !p.chance(habit.Chance, "opens", in.ID, me.String(), to.String()) {
		return
	}
	p.later(p.delay(habit, "opens", in.ID, me.String(), to.String()), func() {
		p.does(Act{Seat: me, Does: scenario.InquirySent, To: to, Has: wholeInquiry, Inject: in.ID})
	})
}

// opens is the habit by which a simulated seat writes what an inject asks for.
func (s *seat) opens() scenario.Habit {
	if s.profile.Opens == (scenario.Habit{}) {
		return s.profile.Acknowledge
	}
	return s.profile.Opens
}

// reacts is what a simulated seat does about what reaches it.
func (p *Play) reacts(s *seat, a Act, t *thread) {
	switch a.Does {
	case scenario.InquirySent:
		p.answers(s, t)
	case scenario.NoticeSent:
		p.habitually(s, t, s.profile.Acknowledge, "acknowledge", scenario.Acknowledged)
	case scenario.ChannelProposed:
		p.habitually(s, t, p.channelHabit(s), "channel", scenario.ChannelAgreed)
	default:
	}
}

// answers is how a simulated seat takes an inquiry: it acknowledges; with that it promises an answer, takes the
// channel that was preferred and names its agency; later it answers, never before it has acknowledged.
//
func (p *Play) answers(s *seat, t *thread) {
	ids := []string{t.topic, t.from.String(), s.String()}
	if !p.chance(s.profile.Acknowledge.Chance, "acknowledge", ids...) {
		return
	}
	acknowledged := p.delay(s.profile.Acknowledge, "acknowledge", ids...)
	p.later(acknowledged, func() {
		p.says(s, t, scenario.Acknowledged)
		if s.profile.Estimate > 0 {
			p.says(s, t, scenario.HoldingSent, withEstimate...)
		}
		if s.profile.Channel == (scenario.Habit{}) {
			p.agrees(s, t)
		}
	})
	if c := s.profile.Channel; c != (scenario.Habit{}) && p.chance(c.Chance, "channel", ids...) {
		p.later(max(p.delay(c, "channel", ids...), acknowledged), func() { p.agrees(s, t) })
	}
	if p.chance(s.profile.Answer.Chance, "answer", ids...) {
		p.later(max(p.delay(s.profile.Answer, "answer", ids...), acknowledged), func() { p.says(s, t, scenario.ResponseSent) })
	}
}

// agrees takes the channel of an inquiry, where it names one, and names the agency that leads. R-3
func (p *Play) agrees(s *seat, t *thread) {
	if t.prefers {
		p.says(s, t, scenario.ChannelAgreed)
	}
	p.says(s, t, scenario.AgencyNamed)
}

func (p *Play) channelHabit(s *seat) scenario.Habit {
	if s.profile.Channel == (scenario.Habit{}) {
		return s.profile.Acknowledge
	}
	return s.profile.Channel
}

// habitually lets a simulated seat do one thing about what came last on a thread. Several may come on one thread, so
// that the number of acts so far tells their draws apart.
func (p *Play) habitually(s *seat, t *thread, h scenario.Habit, purpose string, does scenario.Act) {
	ids := []string{t.topic, t.from.String(), s.String(), strconv.Itoa(len(t.acts))}
	if p.chance(h.Chance, purpose, ids...) {
		p.later(p.delay(h, purpose, ids...), func() { p.says(s, t, does) })
	}
}

// checkAll asks every seat whether its entry is right, as a manager does at STARTEX. A-8, B-1c-i
func (p *Play) checkAll() {
	for _, participant := range p.scenario.Participants {
		for _, track := range tracks {
			s := p.seats[ident.Address{State: participant.State, Track: track}]
			if s == nil || s.profile == nil || !p.chance(s.profile.Acknowledge.Chance, "check", s.String()) {
				continue
			}
			p.later(p.delay(s.profile.Acknowledge, "check", s.String()), func() {
				p.does(Act{Seat: s.Address, Does: scenario.CheckAnswered})
			})
		}
	}
}

// later foresees an act of a seat, a length of time from now.
func (p *Play) later(after scenario.Span, act func()) {
	p.queue.add(moment{p.now.at + after, bySeat}, act)
}

// says is one message of a simulated seat on a thread, to the other side of it, while it goes on.
func (p *Play) says(s *seat, t *thread, does scenario.Act, has ...scenario.Fact) {
	if !t.over {
		p.doesOn(s, t, does, has...)
	}
}

// doesOn is one act of a simulated seat on a thread, towards the other side of it.
func (p *Play) doesOn(s *seat, t *thread, does scenario.Act, has ...scenario.Fact) {
	p.does(Act{Seat: s.Address, Does: does, To: t.other(s.Address), Thread: t.name, Has: has})
}
