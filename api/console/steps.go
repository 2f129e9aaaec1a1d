package console

import (
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"valise.example/api/locale"
	"valise.example/proto/notes"
	valisev1 "valise.example/proto/valise/v1"
)

// begins reports whether what is written begins a thread, and is not an old draft written anew.
func (w *writing) begins() bool { return forms[w.form].steps > 0 && w.revises == "" }

// stepOf reads the number of a page; 0 for a form that has one and a path that names none.
func (w *writing) stepOf(text string) (int, error) {
	steps := forms[w.form].steps
	if steps == 0 && text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > steps || strconv.Itoa(n) != text {
		return 0, refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	return n, nil
}

// place is the path where a field is written: of none, the page that was written on last, or where the
// States are chosen as long as there is none.
func (w *writing) place(key string) string {
	at := "draft/" + w.id
	if forms[w.form].steps == 0 {
		return at
	}
	if w.begins() && len(w.to) == 0 {
		return at + "/to"
	}
	step := max(w.at, 1)
	for _, f := range w.fields() {
		if f.key == key {
			step = f.step
		}
	}
	return at + "/step/" + strconv.Itoa(step)
}

// Place is where a field is written.
func (w *writing) Place(key string) string { return w.place(key) }

// SentAt is the page that tells what became of it.
func (w *writing) SentAt() string {
	if len(w.each) > 1 {
		return "draft/" + w.id + "/sent"
	}
	return "thread/" + w.thread + "/sent/" + w.sent
}

// Recipients are the addresses that it goes to.
func (w *writing) Recipients() []string {
	if len(w.to) > 0 {
		return w.to
	}
	return []string{w.peer}
}

// MayChangeTo reports whether the States are still to be chosen: not where a referral names one.
func (w *writing) MayChangeTo() bool { return w.begins() && w.follows == "" && w.sent == "" }

// blame notes that the officer wished to go on, and leads to the page of what is wrong first.
func (w *writing) blame(faults []*fault) {
	w.tried = true
	if forms[w.form].steps == 0 {
		return
	}
	for _, f := range w.fields() {
		for _, wrong := range faults {
			if wrong.Field == f.key {
				w.at = f.step
				return
			}
		}
	}
}

// FaultAt leads to the field that is wrong, on whichever page it stands.
func (p *writePage) FaultAt(at *fault) string {
	if at.Field == filesField {
		return p.Base() + "draft/" + p.id + "/files"
	}
	anchor := "#" + p.Anchor(at.Field)
	for _, f := range p.fields() {
		if f.key == at.Field && f.step != p.Step {
			return p.Base() + p.place(f.key) + anchor
		}
	}
	return anchor
}

// stepped finds the draft and the page of it that the path names.
func (v *visit) stepped() (*writing, int, error) {
	w, err := v.writing()
	if err != nil {
		return nil, 0, err
	}
	n, err := w.stepOf(v.r.PathValue("step"))
	return w, n, err
}

// step shows one page of a form that has several. Any can be left as it is, and taken in any order.
func (v *visit) step() error {
	w, n, err := v.stepped()
	if err != nil {
		return err
	}
	if w.sent != "" {
		return v.alreadySent(w)
	}
	p := &writePage{frame: v.inner(v.t.New.StepNames(w.form, n), "new"), writing: w, Form: forms[w.form], Step: n}
	if w.tried {
		p.Faults = v.faults(w)
	}
	v.show(http.StatusOK, "step", p)
	return nil
}

// saveStep keeps what was typed on a page, and leads on where the officer wished to.
func (v *visit) saveStep() error {
	w, n, err := v.stepped()
	if err != nil {
		return err
	}
	if w.sent != "" {
		return v.alreadySent(w)
	}
	w.takeStep(n, v.r.PostFormValue)
	next := v.afterStep(w, n, v.r.PostFormValue("next"))
	if !v.c.writings.put(w, v.now) {
		return refuse(valisev1.Reason_REASON_TOO_LARGE)
	}
	return v.goTo(next)
}

func (v *visit) afterStep(w *writing, n int, next string) string {
	w.at = n
	if more := w.another(next, n); more != nil {
		return w.place("") + "#" + anchorOf(w.add(more))
	}
	switch next {
	case "later":
		return ""
	case "files", "to", "paste":
		return "draft/" + w.id + "/" + next
	case "next":
		if n < forms[w.form].steps {
			w.at = n + 1
			return w.place("")
		}
	default:
		if to, err := w.stepOf(strings.TrimPrefix(next, "step-")); err == nil && to > 0 {
			w.at = to
			return w.place("")
		}
	}
	if _, faults := w.compose(v.c.cfg.Zone, &v.t.Write); len(faults) > 0 {
		w.blame(faults)
		return w.place("")
	}
	return "draft/" + w.id + "/check"
}

// stepLink is one page of the form, to go to.
type stepLink struct {
	Number int
	Name   locale.Text
	Now    bool
}

// Steps are all pages of the form.
func (p *writePage) Steps() (all []stepLink) {
	for n := 1; n <= p.Form.steps; n++ {
		all = append(all, stepLink{n, p.T.New.StepNames(p.form, n), n == p.Step})
	}
	return all
}

// Last reports whether the check page follows.
func (p *writePage) Last() bool { return p.Step == p.Form.steps }

// StepOf says which page this is.
func (p *writePage) StepOf() (template.HTML, error) {
	return p.Say(p.T.New.StepOf, "number", fmt.Sprint(p.Step), "all", fmt.Sprint(p.Form.steps))
}

// Note stands under a field that names what is in a State; nobody can take it out. A-10 s5
func (v fieldView) Note() string {
	if v.F.key != "incident.observed_infrastructure" {
		return ""
	}
	for _, n := range notes.For(v.P.Form.kind) {
		if text, ok := notes.Text(n.ID, n.Version, v.P.Lang()); ok && n.ID == notes.Territory {
			return text
		}
	}
	return ""
}
