package play

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// Refusals. Whoever asked may ask again in another way; the play goes on.
var (
	ErrEnded     = errors.New("play: the exercise has ended")
	ErrNotFound  = errors.New("play: the scenario has nothing of this name")
	ErrFired     = errors.New("play: the inject has reached its seats, or will never do so")
	ErrSimulated = errors.New("play: nobody has this seat: a profile plays it")
	ErrRefused   = errors.New("play: the exercise cannot do this now")
)

// Config is what a run adds to its scenario.
type Config struct {
	// Persons are the human seats that people have in this run. The profile with stand_in plays the others.
	Persons []ident.Address
}

// Play is one exercise at work: a pure machine on exercise time, without clock, goroutine or chance of its own.
// What happens depends on the scenario, its seed and what people put in, at which exercise time, and on nothing
// else. docs/exercises.md §4
type Play struct {
	scenario     *scenario.Scenario
	seed         uint64
	queue        queue
	now          moment // up to and with which all has happened
	lines        []Line // that nobody has taken yet
	next         uint64 // number of the next line
	seats        map[ident.Address]*seat
	injects      []*inject
	expectations []*expectation
	injectOf     map[string]*inject // by id
	hopeOf       map[string]*expectation
	awaited      []*awaited
	awaitedOf    map[*scenario.Event]*awaited
	threads      map[string]*thread
	inOrder      []*thread // as they were opened
	broken       []act     // what must not happen
	tried        map[Attempt]bool
	compared     []Line
	gapEnd       scenario.Span // of the last jump; nothing before it is scored for people
	gapLine      uint64        // the line of that jump
	ended        bool
	finished     bool
}

// New begins a run at STARTEX. The digest is the SHA-256 of the scenario's file in hexadecimal digits; the scenario
// must have no fault that its linter names. The first lines come with the first Advance. docs/exercises.md §4
func New(s *scenario.Scenario, digest string, seed uint64, config Config) (*Play, error) {
	realm, err := RealmOf(s, digest, seed)
	if err != nil {
		return nil, fmt.Errorf("play: %w", err)
	}
	p := &Play{
		scenario: s, seed: seed,
		threads: map[string]*thread{}, gapEnd: -1, injectOf: map[string]*inject{}, hopeOf: map[string]*expectation{},
		awaitedOf: map[*scenario.Event]*awaited{}, tried: map[Attempt]bool{},
	}
	if p.seats, err = seatsOf(s, config.Persons); err != nil {
		return nil, err
	}
	p.emit(Line{
		Type: Opened, Format: RecordingFormat, Scenario: s.ID, Digest: digest, Seed: seed, Engine: Engine,
		Start: s.Clock.Start.UTC().Format(time.RFC3339), Realm: realm.String(), Persons: names(config.Persons),
	})
	p.prepare()
	return p, nil
}

// prepare foresees what the scenario itself brings.
func (p *Play) prepare() {
	p.queue.add(moment{0, byControl}, p.begin)
	for _, j := range p.scenario.Jumps {
		p.queue.add(moment{j.At, byJump}, func() { p.jump(j.To, ByTime) })
	}
	for i := range p.scenario.Injects {
		in := &inject{Inject: &p.scenario.Injects[i]}
		p.injects, p.injectOf[in.ID] = append(p.injects, in), in
		p.await(in.When)
		if in.When == nil && !in.Manual {
			in.foreseen, in.due = true, in.At
			p.queue.add(moment{in.At, byTime}, func() { p.comesDue(in, ByTime) })
		}
	}
	for i := range p.scenario.Expectations {
		e := newExpectation(&p.scenario.Expectations[i], p.scenario)
		p.expectations, p.hopeOf[e.ID] = append(p.expectations, e), e
	}
	p.queue.add(moment{p.scenario.End, byEnd}, func() { p.end(ByTime) })
}

// begin is STARTEX: what counts from it counts, and who is checked gets the question.
func (p *Play) begin() {
	line := p.emit(Line{Type: Control, Do: StartEx})
	p.reached("", line, nil)
	if p.scenario.Kind == scenario.CommunicationCheck {
		p.checkAll()
	}
}

// Next is the exercise time of what happens next; false: nothing does, because the exercise has ended.
func (p *Play) Next() (scenario.Span, bool) {
	m, some := p.queue.next()
	return m.at, some && !p.ended
}

// Now is the exercise time up to which all has happened.
func (p *Play) Now() scenario.Span { return p.now.at }

// Ended reports whether ENDEX has come.
func (p *Play) Ended() bool { return p.ended }

// Advance plays everything up to and with the exercise time to, and returns the lines of it. A time that has passed
// already brings nothing.
func (p *Play) Advance(to scenario.Span) []Line {
	p.playTo(moment{to, latest})
	return p.take()
}

// latest is the class of a millisecond that is wholly played.
const latest = byEnd

func (p *Play) playTo(to moment) {
	for {
		m, some := p.queue.next()
		if p.ended || !some || to.before(m) {
			break
		}
		e := p.queue.take()
		p.reach(e.moment)
		e.happen()
		p.checkTriggers()
	}
	if !p.ended {
		p.reach(to)
	}
}

// reach moves the present, never back: what a deadline brings about happens in its millisecond, after it.
func (p *Play) reach(m moment) {
	if p.now.before(m) {
		p.now = m
	}
}

// enter makes room for what comes from outside at a moment: all before it happens first. A moment that has passed
// becomes the next one that has not, at most a millisecond after the present.
func (p *Play) enter(at scenario.Span, c class) error {
	if p.finished {
		return ErrEnded
	}
	m := moment{max(at, p.now.at), c}
	if m.before(p.now) {
		m.at++
	}
	p.playTo(m)
	if p.ended && c != afterwards {
		return ErrEnded
	}
	p.reach(moment{p.now.at, c})
	return nil
}

// emit writes a line of the present and returns its number.
func (p *Play) emit(l Line) uint64 {
	l.Seq, l.At = p.next, p.now.at
	p.next++
	p.lines = append(p.lines, l)
	return l.Seq
}

// take hands out the lines since it was last called.
func (p *Play) take() []Line {
	lines := p.lines
	p.lines = nil
	return lines
}

// names are addresses as a recording has them, sorted, each once.
func names(addresses []ident.Address) []string {
	var list []string
	for _, a := range addresses {
		list = append(list, a.String())
	}
	slices.Sort(list)
	return slices.Compact(list)
}
