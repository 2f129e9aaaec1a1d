package play

import (
	"fmt"
	"math"

	"valise.example/exercise/scenario"
)

// MaxRate is the most exercise seconds in a second.
const MaxRate = 1000

// nano are the nanoseconds of a millisecond.
const nano = 1_000_000

// Clock tells the exercise time of a live run. It is pure: whoever asks tells it the wall time, in nanoseconds since
// any moment that stays the same. While it stands, exercise time stands: no pause is ever subtracted from anything.
// docs/exercises.md §4
type Clock struct {
	at      int64 // exercise time in nanoseconds, at the wall time since
	since   int64
	rate    int64 // as the scenario or control has it
	auto    int64 // while nobody owes anything; 0: there is none
	manual  bool  // control has set a speed: auto is off
	owed    bool
	running bool // STARTEX has come, and neither pause nor real event stands
	frozen  bool // a real event stands, so that the clock cannot be resumed
}

// NewClock is a clock that stands at an exercise time: 0 before STARTEX, later where a run goes on after a crash.
func NewClock(c scenario.Clock, at scenario.Span) *Clock {
	return &Clock{at: int64(at) * nano, rate: int64(max(c.Rate, 1)), auto: int64(c.Auto), owed: true}
}

// Now is the exercise time at a wall time. A wall clock that was put back stops exercise time and never turns it.
func (c *Clock) Now(wall int64) scenario.Span { return scenario.Span(c.exact(wall) / nano) }

func (c *Clock) exact(wall int64) int64 {
	passed, rate := max(wall-c.since, 0), int64(c.Rate())
	if rate == 0 {
		return c.at
	}
	if passed > (math.MaxInt64-c.at)/rate {
		return math.MaxInt64
	}
	return c.at + passed*rate
}

// Rate is how many exercise seconds pass in a second at present: 0 while the clock stands.
func (c *Clock) Rate() int {
	switch {
	case !c.running:
		return 0
	case c.auto > 0 && !c.manual && !c.owed:
		return int(c.auto)
	default:
		return int(c.rate)
	}
}

// Stands reports whether exercise time stands: before STARTEX, in a pause, from a real event on until it is resumed.
func (c *Clock) Stands() bool { return !c.running }

// Frozen reports whether a real event stands.
func (c *Clock) Frozen() bool { return c.frozen }

// When is the wall time at which the clock will show an exercise time; false: not while the clock is as it is.
func (c *Clock) When(at scenario.Span) (wall int64, ok bool) {
	rate := int64(c.Rate())
	if rate == 0 {
		return 0, false
	}
	missing := max(int64(at)*nano-c.at, 0)
	return c.since + (missing+rate-1)/rate, true
}

// Owes says whether some human seat owes anything: if none does, auto has its way.
func (c *Clock) Owes(wall int64, owed bool) {
	c.settle(wall)
	c.owed = owed
}

// Obey does to the clock what control orders: startex, pause, resume, speed, jump, real_event, stand_down, endex.
// Other commands do not concern it. ErrRefused, with the reason: the clock stays as it was.
func (c *Clock) Obey(wall int64, o Order) error {
	c.settle(wall)
	switch o.Do {
	case StartEx, Resume:
		if c.frozen {
			return fmt.Errorf("%w: a real event stands, stand down first", ErrRefused)
		}
		c.running = true
	case Pause, EndEx:
		c.running = false
	case RealEvent:
		c.running, c.frozen = false, true
	case StandDown: // the clock stands until it is resumed
		c.frozen = false
	case Speed:
		return c.speed(o.Value)
	case JumpTo:
		if o.Value*nano < c.at || o.Value > int64(scenario.MaxSpan) {
			return fmt.Errorf("%w: a jump leads to a later moment", ErrRefused)
		}
		c.at = o.Value * nano
	default:
	}
	return nil
}

// speed sets the rate; 0 gives auto back its way.
func (c *Clock) speed(rate int64) error {
	if rate < 0 || rate > MaxRate {
		return fmt.Errorf("%w: a speed is 1 to %d, or 0 for auto", ErrRefused, MaxRate)
	}
	c.manual = rate > 0
	if rate > 0 {
		c.rate = rate
	}
	return nil
}

// settle takes the present as the new beginning, so that what changes now changes nothing before it.
func (c *Clock) settle(wall int64) {
	c.at, c.since = c.exact(wall), max(wall, c.since)
}
