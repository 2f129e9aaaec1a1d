package conduct

import (
	"sync"
	"time"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/gateway/node"
)

// clock is the clock of the exercise for everything in this process: play, nodes and pages. In lockstep, and while a
// jump is played through, it is moved from one moment to the next and does not run between them.
type clock struct {
	start time.Time    // what it shows at STARTEX
	wall  func() int64 // nanoseconds that pass evenly, whatever happens to the time of day
	bell  *node.Bell

	mu    sync.Mutex
	rules *play.Clock
	moved bool // somebody moves it
	at    scenario.Span
}

var _ node.Clock = (*clock)(nil)

// newClock is one that stands at an exercise time.
func newClock(s *scenario.Scenario, at scenario.Span, wall func() int64) *clock {
	return &clock{start: s.Clock.Start.UTC(), wall: wall, bell: node.NewBell(), rules: play.NewClock(s.Clock, at), at: at}
}

// Now is the present of the exercise.
func (c *clock) Now() time.Time { return c.shows(c.span()) }

// shows is what the clock shows at an exercise time.
func (c *clock) shows(at scenario.Span) time.Time {
	return c.start.Add(time.Duration(at) * time.Millisecond)
}

// span is the present as time since STARTEX.
func (c *clock) span() scenario.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.present(c.wall())
}

func (c *clock) present(wall int64) scenario.Span {
	if c.moved {
		return c.at
	}
	return c.rules.Now(wall)
}

// Rate is how many seconds it shows for each of the machine, and whether it runs by itself.
func (c *clock) Rate() (rate int, runs bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	rate = c.rules.Rate()
	return max(rate, 1), rate > 0 && !c.moved
}

// Turned receives after every change to how it runs, or to where it is.
func (c *clock) Turned() (<-chan struct{}, func()) { return c.bell.Listen() }

// obey does what control orders, at once, and says at which exercise time. The error is that of play.Clock.
func (c *clock) obey(o play.Order) (at scenario.Span, err error) {
	c.mu.Lock()
	wall := c.wall() // looked at once: what is recorded is the moment at which the order takes effect
	at = c.present(wall)
	err = c.rules.Obey(wall, o)
	c.mu.Unlock()
	c.bell.Ring()
	return at, err
}

// owes says whether some person owes anything: auto has its way while nobody does.
func (c *clock) owes(owed bool) {
	c.mu.Lock()
	before := c.rules.Rate()
	c.rules.Owes(c.wall(), owed)
	changed := c.rules.Rate() != before
	c.mu.Unlock()
	if changed {
		c.bell.Ring()
	}
}

// stands reports whether play stands, by order of control or because something real happens.
func (c *clock) stands() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rules.Stands()
}

// move sets it to a moment, never back, and lets it stand there until it is moved again or let go.
func (c *clock) move(to scenario.Span) {
	c.mu.Lock()
	c.at, c.moved = max(c.present(c.wall()), to), true
	c.mu.Unlock()
	c.bell.Ring()
}

// letGo lets it run on by itself from a moment: the end of a jump.
func (c *clock) letGo(to scenario.Span) {
	c.mu.Lock()
	// Refused where it has run beyond that moment already: then it goes on from there.
	_ = c.rules.Obey(c.wall(), play.Order{Do: play.JumpTo, Value: int64(to)})
	c.moved = false
	c.mu.Unlock()
	c.bell.Ring()
}

// until is how long to wait, by the machine, for an exercise time; false where waiting does not bring it.
func (c *clock) until(at scenario.Span) (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	when, ok := c.rules.When(at)
	if !ok || c.moved {
		return 0, false
	}
	return time.Duration(max(when-c.wall(), 0)), true
}
