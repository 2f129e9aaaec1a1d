package console

import (
	"context"
	"net/http"
	"time"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// stopTime is how long raising a stop may take; then the page says that it has to be spoken.
const stopTime = 5 * time.Second

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
	named, err := v.c.shell.Once(v.r, func() error {
		// Whoever hangs up after the click has still clicked.
		ctx, stop := context.WithTimeout(context.WithoutCancel(v.ctx()), stopTime)
		defer stop()
		_, err := v.c.door.exercise.RaiseRealEvent(ctx, &valisev1.RaiseRealEventRequest{})
		return err
	})
	switch {
	case err != nil:
		return v.showStop(http.StatusServiceUnavailable, true)
	case !named:
		return refuse(valisev1.Reason_REASON_BAD_REQUEST)
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
	ctx, stop := context.WithTimeout(v.ctx(), playTime)
	defer stop()
	for _, l := range locale.Languages() {
		if l != v.language {
			p.sides = append(p.sides, playSide{p.as(l), v.inLanguage(ctx, told, l)})
		}
	}
	v.show(code, "realevent", p)
	return nil
}

// inLanguage is the stop with the word that the scenario has for it in a language, which whoever looks on has heard;
// with the word of the program where nobody tells it in time.
func (v *visit) inLanguage(ctx context.Context, told *valisev1.GetExerciseResponse, l locale.Language) *valisev1.GetExerciseResponse {
	if told == nil {
		return nil
	}
	here := &valisev1.GetExerciseResponse{Clock: told.GetClock(), RealEvent: told.GetRealEvent()}
	if asked, err := v.c.door.exercise.GetExercise(ctx, &valisev1.GetExerciseRequest{Language: l.String()}); err == nil {
		here.StopWord = asked.GetStopWord()
	}
	return here
}
