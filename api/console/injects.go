package console

import (
	"html/template"
	"net/http"
	"slices"

	valisev1 "valise.example/proto/valise/v1"
)

// deskInjects are shown beside the desk, the newest first.
const deskInjects = 5

// injectRow is a piece of the story that has come.
type injectRow struct {
	playSide
	*valisev1.ArrivedInject
}

// injectsPage is all that has come, or one of it.
type injectsPage struct {
	*frame
	Rows []injectRow
	One  bool
}

// Injects are what has reached the seats of this officer, the newest first. docs/protocol.md §12.6
func (f *frame) Injects() (all []injectRow) {
	p := f.v.play()
	if p == nil {
		return nil
	}
	for _, i := range slices.Backward(p.now.GetInjects()) {
		all = append(all, injectRow{playSide{f, p.now}, i})
	}
	return all
}

// Newest are those that stand beside the desk.
func (f *frame) Newest() []injectRow {
	all := f.Injects()
	return all[:min(len(all), deskInjects)]
}

// Plays reports whether an exercise is conducted.
func (f *frame) Plays() bool { return f.v.play() != nil }

// Way is how it came, in words.
func (r injectRow) Way() template.HTML {
	if text, known := r.T.Exercise.By.Of(r.GetHow()); known {
		return r.words(text)
	}
	return peerText(r.GetHow())
}

// Body is what it says; no link in it is live.
func (r injectRow) Body() template.HTML {
	return `<div class="prose">` + Story(r.GetText()) + `</div>`
}

// As is who is played.
func (r injectRow) As() template.HTML { return Story(r.GetAs()) }

// When is exercise time, and what the clock of the exercise showed.
func (r injectRow) When() (template.HTML, error) {
	words, err := r.Moment(r.GetCame().AsTime())
	return SinceStart(r.GetAt()) + " · " + words, err
}

// Seats are those that it reached.
func (r injectRow) Seats() (all []template.HTML) {
	for _, to := range r.GetTo() {
		all = append(all, r.seat(to))
	}
	return all
}

// injects shows all that has come.
func (v *visit) injects() error {
	if !v.c.plays.Load() {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	f := v.inner(v.t.Exercise.Injects, "injects")
	v.show(http.StatusOK, "injects", &injectsPage{frame: f, Rows: f.Injects()})
	return nil
}

// inject shows one, for the browser's own print.
func (v *visit) inject() error {
	f := v.inner(v.t.Exercise.Injects, "injects")
	for _, row := range f.Injects() {
		if row.GetId() == v.r.PathValue("inject") {
			v.show(http.StatusOK, "injects", &injectsPage{frame: f, Rows: []injectRow{row}, One: true})
			return nil
		}
	}
	return refuse(valisev1.Reason_REASON_NOT_FOUND)
}

// Jump is what was said with the last jump of the clock; empty: there was none.
func (f *frame) Jump() string {
	if p := f.v.play(); p != nil {
		return p.now.GetJump()
	}
	return ""
}

// Now is when the page was made.
func (p *injectsPage) Now() (template.HTML, error) { return p.Moment(p.v.now) }
