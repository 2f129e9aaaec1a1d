package control

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"valise.example/api"
	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// wrong is what was typed and cannot be used.
type wrong struct{ text locale.Text }

func (wrong) Error() string { return "control: what was typed cannot be used" }

// refusal is an act that was not done: why, what can be done about it, and what was typed, so that nobody types it
// again.
type refusal struct {
	Words, Hint, Detail string
	Form                string // which form it was; empty: none
	code                int
	typed               url.Values
}

// refuse says what an error means.
func (v *visit) refuse(err error) *refusal {
	if w, ok := errors.AsType[wrong](err); ok {
		return &refusal{Words: w.text.String(), code: http.StatusUnprocessableEntity}
	}
	e, told := api.FromStatus(err)
	if !told { // it was made on the way: nobody answered. docs/protocol.md §10
		e = &api.Error{Reason: valisev1.Reason_REASON_NODE_UNREACHABLE}
	}
	code := http.StatusUnprocessableEntity
	if e.Reason == valisev1.Reason_REASON_NODE_UNREACHABLE || e.Reason == valisev1.Reason_REASON_TIMED_OUT {
		code = http.StatusServiceUnavailable
	}
	return &refusal{Words: v.catalog.Sentence(e.Reason), Hint: v.catalog.Hint(e.Reason), Detail: e.Detail, code: code}
}

// trouble is a page that has nothing but a refusal.
type trouble struct {
	*frame
	*refusal
}

// tell shows why something was not done: on the page of the part where that can be asked, with what was typed in its
// place; else alone, with what was typed below.
func (v *visit) tell(err error) {
	r := v.refuse(err)
	r.Form, r.typed = v.form(), v.r.PostForm
	ctx, stop := context.WithTimeout(context.WithoutCancel(v.r.Context()), askTime)
	defer stop()
	if now, failed := v.ask(ctx); failed == nil {
		f := v.frame(v.heading())
		f.inside = true
		v.show(r.code, string(v.p.cfg.Part), &board{frame: f, GetControlResponse: now, Refusal: r})
		return
	}
	f := v.frame(v.t.Frame.NotDone)
	f.inside = true
	v.show(r.code, "trouble", &trouble{f, r})
}

// form names the form that was sent, as templates name it: there is one for each expectation that a person judges.
func (v *visit) form() string {
	name := strings.TrimPrefix(v.r.URL.Path, v.p.shell.Base())
	if name == "judge" {
		name += "-" + v.r.PostFormValue("expectation")
	}
	return name
}

// Typed are the words that were typed into the form.
func (r *refusal) Typed() string { return r.typed.Get("text") }

// Kept is what was typed into a field of a form that was refused; empty for every other form.
func (b *board) Kept(form, field string) string {
	if b.Refusal == nil || b.Refusal.Form != form {
		return ""
	}
	return b.Refusal.typed.Get(field)
}

// KeptOr is Kept, or what stands in the field where nothing was refused.
func (b *board) KeptOr(form, field, otherwise string) string {
	if b.Refusal == nil || b.Refusal.Form != form {
		return otherwise
	}
	return b.Refusal.typed.Get(field)
}

// Wrong reports whether this form was refused.
func (b *board) Wrong(form string) bool { return b.Refusal != nil && b.Refusal.Form == form }

// Filled reports whether the form that was refused holds words of a person.
func (b *board) Filled() bool {
	return b.Refusal != nil && b.Refusal.typed.Get("text") != ""
}
