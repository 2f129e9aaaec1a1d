package sim

import "time"

// clock is what one node believes of time.
type clock struct {
	ahead time.Duration // of true time; negative: behind
	stuck bool
	at    time.Time // while stuck
}

func (c *clock) now(truth time.Time) time.Time {
	if c.stuck {
		return c.at
	}
	return truth.Add(c.ahead)
}

func (c *clock) right() bool { return !c.stuck && c.ahead == 0 }

// now is the home's clock.
func (h *home) now() time.Time { return h.clock.now(h.s.now) }

// jump moves a clock. Within a life a node's timers run on, whatever the wall clock does, so that
// only a node that starts anew sees a wall clock that is years off.
func (s *sim) jump(h *home) {
	s.wrongClocks = true
	d := time.Duration(s.rng.Int64N(int64(3 * time.Hour)))
	if s.rng.IntN(2) == 0 {
		d = -d
	}
	switch {
	case h.g != nil:
		h.clock = clock{ahead: h.clock.ahead + d}
		h.skewed = true
	case s.rng.IntN(3) == 0:
		h.clock = clock{}
	default:
		h.clock = clock{ahead: d * 29_200} // up to ten years
	}
}

// stick stops a clock, or lets it run again from where it stood, as after a suspension.
func (s *sim) stick(h *home) {
	s.wrongClocks = true
	if h.clock.stuck {
		h.clock = clock{ahead: h.clock.at.Sub(s.now)}
		h.skewed = true
		return
	}
	h.clock.at, h.clock.stuck = h.now(), true
}
