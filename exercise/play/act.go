package play

import (
	"fmt"
	"slices"

	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// Act is what a seat does, as far as an exercise sees it: who, what, to whom, on which thread, and which facts the
// message has. Nobody sees what it says. docs/exercises.md §7
type Act struct {
	Seat     ident.Address
	Does     scenario.Act
	To       ident.Address   // zero: to nobody, as the stop word is
	Thread   string          // "XA/technical-1"; given to what opens one when it is played; empty: belongs to none
	Has      []scenario.Fact // in any order
	Inject   string          // that the seat acts upon; of a person's act found when it is played
	Person   bool            // a person did it
	Breaks   scenario.Never  // what an observer saw that must not happen; a message across tracks is seen without that
	Estimate scenario.Span   // what a simulated seat promises with a holding reply, from now
	Incident string          // inject whose incident an inquiry of a simulated seat belongs to
}

// act is one that was played.
type act struct {
	Act
	line   uint64
	thread *thread
}

// Act puts in what a person did at an exercise time, and returns the lines up to and with it. What has passed
// already is taken as done now, at most a millisecond later than the present. The lines count even where the act is
// refused: ErrSimulated for a seat that a profile plays, ErrNotFound for a seat or a thread that is not there,
// ErrRefused for what is no act, ErrEnded after ENDEX.
func (p *Play) Act(at scenario.Span, a Act) ([]Line, error) {
	if err := p.enter(at, bySeat); err != nil {
		return p.take(), err
	}
	if err := p.admits(a); err != nil {
		return p.take(), err
	}
	a.Person, a.Inject = true, ""
	if opens(a.Does) {
		a.Inject = p.causeOf(a)
	}
	p.does(a)
	p.checkTriggers()
	return p.take(), nil
}

// admits reports what keeps an act of a person from being played: what no scenario can speak of is none.
// docs/scenario.md §8
func (p *Play) admits(a Act) error {
	if !a.Does.Known() {
		return fmt.Errorf("%w: %.40q is no act", ErrRefused, a.Does)
	}
	if err := p.person(a.Seat); err != nil {
		return err
	}
	if t := p.threads[a.Thread]; !opens(a.Does) && a.Thread != "" && (t == nil || !t.of(a.Seat)) {
		return fmt.Errorf("%w: thread %.80s of %s", ErrNotFound, a.Thread, a.Seat)
	}
	return nil
}

// person reports why nothing of a seat comes from a person: it is not there, or a profile plays it.
func (p *Play) person(a ident.Address) error {
	s := p.seats[a]
	if s == nil {
		return fmt.Errorf("%w: seat %s", ErrNotFound, a)
	}
	if !s.person {
		return fmt.Errorf("%w: %s", ErrSimulated, a)
	}
	return nil
}

// opens reports whether an act opens a thread.
func opens(does scenario.Act) bool {
	return does == scenario.InquirySent || does == scenario.NoticeSent
}

// does is an act at its moment: it is written down, expectations see it, and whoever it reaches reacts.
func (p *Play) does(a Act) {
	a.Has = slices.Compact(slices.Sorted(slices.Values(a.Has)))
	if a.To != (ident.Address{}) && a.To.Track != a.Seat.Track {
		a.Breaks = scenario.CrossTrack
	}
	t := p.threads[a.Thread]
	if opens(a.Does) {
		t = p.open(&a)
	}
	line := p.emit(lineOf(a))
	done := act{a, line, t}
	if a.Breaks != "" {
		p.broken = append(p.broken, done)
	}
	if t != nil {
		t.acts = append(t.acts, done)
	}
	p.sent(done)
	p.seen(done)
	if t != nil {
		p.reaches(a, t)
	}
}

// reaches is what an act does to its thread and to a simulated seat at the other end.
func (p *Play) reaches(a Act, t *thread) {
	if a.Does == scenario.SentInError || a.Does == scenario.Closed {
		t.over = true
	}
	if a.Does == scenario.Reopened {
		t.over = false
	}
	if other := p.seats[a.To]; other != nil && other.profile != nil {
		p.reacts(other, a, t)
	}
}

// open gives the thread of an act its name: the seat that opens it, and the how many-eth of that seat it is.
func (p *Play) open(a *Act) *thread {
	s := p.seats[a.Seat]
	s.opened++
	a.Thread = fmt.Sprintf("%s-%d", s.Address, s.opened)
	t := &thread{name: a.Thread, from: a.Seat, to: a.To, inject: a.Inject, topic: a.Thread}
	if a.Inject != "" && !a.Person {
		t.topic = a.Inject
	}
	t.prefers = slices.Contains(a.Has, scenario.PreferredChannel)
	p.threads[t.name] = t
	p.inOrder = append(p.inOrder, t)
	return t
}

func lineOf(a Act) Line {
	l := Line{
		Type: Acted, Inject: a.Inject, Seat: a.Seat.String(), Does: a.Does, Thread: a.Thread, Has: a.Has, Person: a.Person, Breaks: a.Breaks,
	}
	if a.To != (ident.Address{}) {
		l.To = []string{a.To.String()}
	}
	return l
}

// ActOf is the act that a line of this run tells of, with what a stage needs to carry it out for a simulated seat;
// false: the line tells of none, or of a person's.
func (p *Play) ActOf(l Line) (Act, bool) {
	if l.Type != Acted || l.Person {
		return Act{}, false
	}
	a, err := actOf(l)
	if err != nil {
		return Act{}, false
	}
	if t := p.threads[l.Thread]; t != nil {
		a.Inject = t.inject
	}
	if in := p.injectOf[a.Inject]; in != nil && in.Opens != nil && opens(a.Does) {
		a.Incident = in.Opens.IncidentOf
	}
	if s := p.seats[a.Seat]; s != nil && s.profile != nil && slices.Contains(a.Has, scenario.EstimateGiven) {
		a.Estimate = s.profile.Estimate
	}
	return a, true
}

// actOf reads an act back from its line.
func actOf(l Line) (Act, error) {
	seat, err := ident.ParseAddress(l.Seat)
	if err != nil {
		return Act{}, err
	}
	a := Act{Seat: seat, Does: l.Does, Thread: l.Thread, Has: l.Has, Inject: l.Inject, Person: l.Person, Breaks: l.Breaks}
	if len(l.To) == 1 {
		a.To, err = ident.ParseAddress(l.To[0])
	}
	return a, err
}
