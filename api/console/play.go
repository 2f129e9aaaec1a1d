package console

import (
	"context"
	"fmt"
	"html/template"
	"strings"
	"time"
	"unicode"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// playTime is how long a page waits to be told what is played; then it is shown without. A desk is there for
// what States say, also where an exercise has trouble.
const playTime = 500 * time.Millisecond

// played is what is played around this desk.
type played struct {
	now     *valisev1.GetExerciseResponse // nil: nobody tells in time
	english *valisev1.GetExerciseResponse // the same in English; nil where that is not known, or the same
}

// findPlay learns whether an exercise is conducted: only then does a page say anything of one, and then also
// while nobody can be asked. docs/protocol.md §12.6
func (c *Console) findPlay(ctx context.Context) {
	if c.realm.IsOperational() {
		return
	}
	ctx, stop := context.WithTimeout(ctx, playTime)
	defer stop()
	_, err := c.door.exercise.GetExercise(ctx, &valisev1.GetExerciseRequest{})
	c.plays.Store(status.Code(err) != codes.Unimplemented)
}

// play asks once for each page; nil where no exercise is conducted.
func (v *visit) play() *played {
	if v.played != nil || !v.c.plays.Load() {
		return v.played
	}
	v.played = &played{}
	ctx, stop := context.WithTimeout(v.ctx(), playTime)
	defer stop()
	now, err := v.c.door.exercise.GetExercise(ctx, &valisev1.GetExerciseRequest{Language: v.language.String()})
	if err != nil {
		return v.played
	}
	v.played.now = now
	if v.language == locale.English {
		return v.played
	}
	if english, err := v.c.door.exercise.GetExercise(ctx, &valisev1.GetExerciseRequest{Language: locale.English.String()}); err == nil {
		v.played.english = english
	}
	return v.played
}

// playSide says in one language what is played.
type playSide struct {
	*frame
	*valisev1.GetExerciseResponse // nil: nobody tells
}

// Play is what the bar of every page says, in the reader's language and in English; empty where no exercise is
// conducted.
func (f *frame) Play() []playSide {
	p := f.v.play()
	if p == nil {
		return nil
	}
	own := playSide{f, p.now}
	if f.v.language == locale.English {
		return []playSide{own}
	}
	english := p.english
	if english == nil {
		english = p.now
	}
	return []playSide{own, {f.as(locale.English), english}}
}

// as is a frame that speaks another language.
func (f *frame) as(l locale.Language) *frame {
	other, g := *f.v, *f
	other.speakAs(l)
	g.v, g.T = &other, other.t
	return &g
}

// Word is the stop word: that of the scenario, else that of the program.
func (s playSide) Word() string {
	if w := s.GetStopWord(); w != "" {
		return w
	}
	return s.T.Exercise.StopWord.String()
}

// Phase says whether the clock runs.
func (s playSide) Phase() (template.HTML, error) {
	t := s.T.Exercise
	switch s.GetClock().GetPhase() {
	case valisev1.ExercisePhase_EXERCISE_PHASE_PREPARED:
		return s.Say(t.Prepared)
	case valisev1.ExercisePhase_EXERCISE_PHASE_PAUSED:
		return s.Say(t.Paused)
	case valisev1.ExercisePhase_EXERCISE_PHASE_ENDED:
		return s.Say(t.Over)
	}
	if rate := s.GetClock().GetRate(); rate > 1 {
		return s.Say(t.RunningFast, "rate", rate)
	}
	return s.Say(t.Running)
}

// Shows is the clock of the exercise: since STARTEX, and as a day and time by UTC.
func (s playSide) Shows() (template.HTML, error) {
	words, err := InUTC(s.T, s.GetClock().GetShows().AsTime())
	return SinceStart(s.GetClock().GetAt()) + " · " + words, err
}

// OurTime is the clock of this machine.
func (s playSide) OurTime() (template.HTML, error) { return s.Moment(s.v.c.cfg.Now()) }

// At is a moment since STARTEX, "T+01:30:00".
func (s playSide) At(milliseconds int64) template.HTML { return SinceStart(milliseconds) }

// Raised says who stopped play, and when.
func (s playSide) Raised() (template.HTML, error) {
	return s.Say(s.T.Exercise.RaisedBy, "seat", s.seat(s.GetRealEvent().GetSeat()), "at", SinceStart(s.GetRealEvent().GetAt()))
}

// seat names one by State and track; whoever has none is of those who conduct.
func (s playSide) seat(address string) template.HTML {
	track := s.Track(address)
	if track == "" {
		return s.words(s.T.Exercise.Raiser(address))
	}
	return s.State(address) + " · " + template.HTML(template.HTMLEscapeString(track)) //nolint:gosec // escaped
}

// Title is that of the scenario.
func (s playSide) Title() template.HTML { return Story(s.GetTitle()) }

// Story is a text of a scenario, without markup. It runs as its language does, also where it begins with a name in
// other letters.
func Story(text string) template.HTML {
	dir := "ltr"
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) {
		dir = "rtl"
	}
	return template.HTML(`<bdi dir="` + dir + `">` + escaped(text) + `</bdi>`) //nolint:gosec // each character is escaped
}

// SinceStart writes milliseconds since STARTEX as people speak of them: T+01:30:00.
func SinceStart(milliseconds int64) template.HTML {
	s := milliseconds / 1000
	return template.HTML(fmt.Sprintf(`<bdi dir="ltr">T+%02d:%02d:%02d</bdi>`, s/3600, s/60%60, s%60)) //nolint:gosec // digits
}
