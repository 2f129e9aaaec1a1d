package control

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"sync"
	"time"

	"valise.example/api/console"
	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

//go:embed templates/*.html
var files embed.FS

// views are all templates.
type views struct{ pages map[string]*template.Template }

// allViews are read once for the pages of all parts.
var allViews = sync.OnceValues(parseViews)

func parseViews() (*views, error) {
	shared, err := template.New("layout").Funcs(template.FuncMap{"style": console.StyleName}).ParseFS(files, "templates/_*.html")
	if err != nil {
		return nil, err
	}
	v := &views{pages: map[string]*template.Template{}}
	for _, name := range []string{"control", "evaluators", "observers", "watch", "outside", "nopage", "unknown", "trouble"} {
		own, err := shared.Clone()
		if err == nil {
			own, err = own.ParseFS(files, "templates/"+name+".html")
		}
		if err != nil {
			return nil, err
		}
		v.pages[name] = own
	}
	return v, nil
}

func (v *views) write(b *bytes.Buffer, view string, data any) error {
	page, ok := v.pages[view]
	if !ok {
		return fmt.Errorf("control: there is no page %q", view)
	}
	return page.ExecuteTemplate(b, "layout", data)
}

// frame is what stands around every page, and what its template calls.
type frame struct {
	v       *visit
	T       *locale.Page
	Heading locale.Text
	inside  bool
}

func (v *visit) frame(heading locale.Text) *frame { return &frame{v: v, T: v.t, Heading: heading} }

// Inside reports whether there is a session.
func (f *frame) Inside() bool { return f.inside }

// Lang is the language of the page by its code.
func (f *frame) Lang() string { return f.v.language.String() }

// Dir is the direction of the page, "ltr" or "rtl".
func (f *frame) Dir() string { return f.v.language.Direction().String() }

// Base is the path of all pages.
func (f *frame) Base() string { return f.v.p.shell.Base() }

// Sheets is the path of the style sheet that marks and numbers printed sheets.
func (f *frame) Sheets() string {
	return f.Base() + "static/sheet/" + console.SheetName(f.v.language, f.ExerciseName())
}

// ExerciseName is what the exercise is called.
func (f *frame) ExerciseName() string { return f.v.p.cfg.Exercise }

// Watched reports whether this page is asked for again by itself.
func (f *frame) Watched() bool { return f.inside && f.v.p.shell.Watched(f.v.r) }

// Watch is the path of the page that is asked for again by itself.
func (f *frame) Watch() string { return f.Base() + console.WatchPath }

// Watching says that the page is asked for again by itself, and that this does not keep the session.
func (f *frame) Watching() (template.HTML, error) { return f.v.p.shell.Watching(f.T) }

// English is the page in English, which stands beside another language where an exercise is marked; nil for English.
func (f *frame) English() *locale.Page {
	if f.v.language == locale.English {
		return nil
	}
	return locale.Of(locale.English).Page()
}

// Languages are those to choose from.
func (f *frame) Languages() []locale.Language { return locale.Languages() }

// Now reports whether this is the language of the page.
func (f *frame) Now(l locale.Language) bool { return l == f.v.language }

// Act is a new id for a form.
func (f *frame) Act() (string, error) { return f.v.p.shell.NewAct() }

// Say is a text with its places filled.
func (f *frame) Say(text locale.Text, pairs ...any) (template.HTML, error) {
	return console.Fill(text, pairs...)
}

// Peer is a text that somebody wrote.
func (f *frame) Peer(text string) template.HTML { return console.Peer(text) }

// Story is a text of the scenario.
func (f *frame) Story(text string) template.HTML { return console.Story(text) }

// At is a moment since STARTEX.
func (f *frame) At(milliseconds int64) template.HTML { return console.SinceStart(milliseconds) }

// OurTime is the clock of this machine.
func (f *frame) OurTime() (template.HTML, error) { return console.InUTC(f.T, f.v.p.cfg.Now()) }

// board is what a part has before it.
type board struct {
	*frame
	*valisev1.GetControlResponse
	Refusal *refusal // of what was asked for just now; nil: none
}

// Clock is that of the exercise.
func (b *board) Clock() *valisev1.ExerciseClock { return b.GetExercise().GetClock() }

// Shows is what it shows, as a day and a time by UTC.
func (b *board) Shows() (template.HTML, error) { return b.Moment(b.Clock().GetShows().AsTime()) }

// Moment is a day and a time by UTC.
func (b *board) Moment(t time.Time) (template.HTML, error) { return console.InUTC(b.T, t) }

// Is reports whether play is at this point: prepared, running, paused or ended.
func (b *board) Is(phase string) bool {
	return b.Clock().GetPhase().String() == "EXERCISE_PHASE_"+strings.ToUpper(phase)
}

// Phase says whether the clock runs.
func (b *board) Phase(t *locale.Page) (template.HTML, error) {
	switch b.Clock().GetPhase() {
	case valisev1.ExercisePhase_EXERCISE_PHASE_PREPARED:
		return b.Say(t.Exercise.Prepared)
	case valisev1.ExercisePhase_EXERCISE_PHASE_PAUSED:
		return b.Say(t.Exercise.Paused)
	case valisev1.ExercisePhase_EXERCISE_PHASE_ENDED:
		return b.Say(t.Exercise.Over)
	}
	if rate := b.Clock().GetRate(); rate > 1 {
		return b.Say(t.Exercise.RunningFast, "rate", rate)
	}
	return b.Say(t.Exercise.Running)
}

// Word is the stop word: that of the scenario, else that of the program.
func (b *board) Word() string {
	if w := b.GetExercise().GetStopWord(); w != "" {
		return w
	}
	return b.T.Exercise.StopWord.String()
}

// Steers reports whether this is the page of control.
func (b *board) Steers() bool { return b.v.p.cfg.Part == Control }

// Coming are the injects that come next.
func (b *board) Coming() []*valisev1.PlannedInject {
	return b.GetNext()[:min(someInjects, len(b.GetNext()))]
}

// Waits says what an inject waits for.
func (b *board) Waits(i *valisev1.PlannedInject) (template.HTML, error) {
	t := b.T.Control
	switch i.GetState() {
	case valisev1.InjectState_INJECT_STATE_DUE:
		return b.Say(t.Due, "at", b.At(i.GetDue()))
	case valisev1.InjectState_INJECT_STATE_HELD:
		return b.Say(t.Held)
	case valisev1.InjectState_INJECT_STATE_MANUAL:
		return b.Say(t.Manual)
	}
	return b.Say(t.Waiting)
}

// Holdable reports whether an inject would come by itself.
func (b *board) Holdable(i *valisev1.PlannedInject) bool {
	return i.GetState() == valisev1.InjectState_INJECT_STATE_DUE || i.GetState() == valisev1.InjectState_INJECT_STATE_WAITING
}

// Way is how an inject comes, in words.
func (b *board) Way(how string) any {
	if text, known := b.T.Exercise.By.Of(how); known {
		return text
	}
	return b.Peer(how)
}

// Until says until when something is owed.
func (b *board) Until(o *valisev1.OwedAct) (template.HTML, error) {
	if o.GetDue() < 0 {
		return b.Say(b.T.Control.UntilEnd)
	}
	return b.Say(b.T.Control.Until, "at", b.At(o.GetDue()))
}

// Line is a line of the recording without the hash that chains it, which says nothing to people.
func (b *board) Line(l *valisev1.RecordedLine) string {
	line, _, chained := strings.Cut(l.GetJson(), `,"prev":"`)
	if !chained {
		return line
	}
	return line + "}"
}

// Arrived are the injects that have come, the newest first.
func (b *board) Arrived() (all []*valisev1.ArrivedInject) {
	for _, i := range b.GetExercise().GetInjects() {
		all = append([]*valisev1.ArrivedInject{i}, all...)
	}
	return all
}

// Objective is one of the scenario, with its expectations.
type Objective struct {
	ID, Text     string
	Expectations []*valisev1.ExpectationState
}

// Objectives are those of the scenario that expectations name, by their ids, as in the report.
func (b *board) Objectives() (all []*Objective) {
	known := map[string]*Objective{}
	for _, x := range b.GetExpectations() {
		o, ok := known[x.GetObjective()]
		if !ok {
			o = &Objective{ID: x.GetObjective(), Text: x.GetObjectiveText()}
			known[o.ID] = o
			all = append(all, o)
		}
		o.Expectations = append(o.Expectations, x)
	}
	slices.SortFunc(all, func(a, b *Objective) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Outcome is what has become of an expectation, in words.
func (b *board) Outcome(x *valisev1.ExpectationState) any {
	if text, known := b.T.Control.Outcome.Of(x.GetOutcome()); known {
		return text
	}
	return b.Peer(x.GetOutcome())
}

// Judged says what a person has judged; empty where nobody did.
func (b *board) Judged(x *valisev1.ExpectationState) (template.HTML, error) {
	text, known := b.T.Control.Grade.Of(x.GetPerformed())
	if !known {
		return "", nil
	}
	return b.Say(b.T.Control.Judged, "grade", text)
}

// Grade is one that a person may give.
type Grade struct {
	Letter string
	Text   locale.Text
}

// Grades are the four of them, the best first.
func (b *board) Grades() []Grade {
	t := b.T.Control.Grade
	return []Grade{{"P", t.P}, {"S", t.S}, {"M", t.M}, {"U", t.U}}
}
