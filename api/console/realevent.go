package console

import (
	"context"
	"net/http"
	"sync"
	"time"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// stopTime is how long raising a stop may take; then the page says that it has to be spoken.
const stopTime = 5 * time.Second

// mostStops acts are remembered.
const mostStops = 1000

// stops are the acts by which this desk has stopped play: a form that is sent again after control had it
// stand down stops nothing again.
type stops struct {
	mu   sync.Mutex
	done map[string]bool
}

func (s *stops) has(act string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.done[act]
}

func (s *stops) put(act string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done == nil || len(s.done) >= mostStops {
		s.done = map[string]bool{}
	}
	s.done[act] = true
}

// stopPage says in six languages, the reader's first, how the stop stands: whoever looks over a shoulder reads it.
type stopPage struct {
	*frame
	Failed bool // it could not be passed on
	Event  *valisev1.RealEvent
	sides  []playSide
}

// Sides are the six languages.
func (p *stopPage) Sides() []playSide { return p.sides }

// raise stops play, in one click and with no word of what is real. docs/protocol.md §12.6
func (v *visit) raise() error {
	if !v.c.plays.Load() {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	act, err := v.act()
	if err != nil {
		return err
	}
	if !v.c.stops.has(act) {
		// Whoever hangs up after the click has still clicked.
		ctx, stop := context.WithTimeout(context.WithoutCancel(v.ctx()), stopTime)
		defer stop()
		if _, err := v.c.door.exercise.RaiseRealEvent(ctx, &valisev1.RaiseRealEventRequest{}); err != nil {
			return v.showStop(http.StatusServiceUnavailable, true)
		}
		v.c.stops.put(act)
	}
	return v.goTo("real-event")
}

// realEvent shows how the stop stands.
func (v *visit) realEvent() error {
	if !v.c.plays.Load() {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	return v.showStop(http.StatusOK, false)
}

func (v *visit) showStop(code int, failed bool) error {
	p := &stopPage{frame: v.inner(v.t.Exercise.StopWord, ""), Failed: failed}
	told := v.play().now
	p.Event = told.GetRealEvent()
	p.sides = []playSide{{p.frame, told}}
	for _, l := range locale.Languages() {
		if l != v.language {
			p.sides = append(p.sides, playSide{p.as(l), v.inLanguage(told, l)})
		}
	}
	v.show(code, "realevent", p)
	return nil
}

// inLanguage is the stop with the word of the program: that of the scenario is asked for in the reader's language
// and in English alone.
func (v *visit) inLanguage(told *valisev1.GetExerciseResponse, l locale.Language) *valisev1.GetExerciseResponse {
	if l == locale.English && v.played.english != nil {
		return v.played.english
	}
	return &valisev1.GetExerciseResponse{Clock: told.GetClock(), RealEvent: told.GetRealEvent()}
}
