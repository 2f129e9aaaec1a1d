package console

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"time"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// visit is one request of the officer, in the language in which it is answered.
type visit struct {
	c        *Console
	w        http.ResponseWriter
	r        *http.Request
	now      time.Time
	language locale.Language
	catalog  *locale.Catalog
	t        *locale.Page
	status   *valisev1.GetStatusResponse // asked once
	played   *played                     // asked once; nil: not yet, or there is none
	kept     bool                        // what a session that has lapsed still sent is kept
}

func (c *Console) visit(w http.ResponseWriter, r *http.Request, l locale.Language, now time.Time) *visit {
	v := &visit{c: c, w: w, r: r, now: now}
	v.speakAs(l)
	return v
}

func (v *visit) speakAs(l locale.Language) {
	v.language, v.catalog = l, locale.Of(l)
	v.t = v.catalog.Page()
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// show answers with a page. Nothing is sent before all of it is made.
func (v *visit) show(code int, view string, data any) {
	var b bytes.Buffer
	if err := v.c.views.write(&b, view, data); err != nil {
		v.c.cfg.Logger.Error("a page cannot be shown", slog.String("view", view))
		http.Error(v.w, v.catalog.Sentence(valisev1.Reason_REASON_INTERNAL), http.StatusInternalServerError)
		return
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", v.language.String())
	v.w.WriteHeader(code)
	_, _ = v.w.Write(b.Bytes()) // whoever hung up does not wait for it
}

// goTo leads on after an act, so that a page that is loaded again does nothing again.
func (v *visit) goTo(path string) error {
	http.Redirect(v.w, v.r, v.c.shell.base+path, http.StatusSeeOther)
	return nil
}

type outsidePage struct {
	*frame
	Idle    bool
	Kept    bool // what was typed waits
	Minutes int
}

// outside is shown to whoever has no session: the same to all but the one whose session has lapsed.
func (v *visit) outside(s standing) {
	v.show(http.StatusForbidden, "outside", &outsidePage{
		frame: v.frame(v.t.Frame.Ended, ""),
		Idle:  s == lapsed, Kept: v.kept, Minutes: int(v.c.cfg.Idle / time.Minute),
	})
}

type problemPage struct {
	*frame
	Sentence, Hint, Detail string
}

// codes of HTTP for what a page tells of a Reason; any other is 422.
var codesOf = map[valisev1.Reason]int{
	valisev1.Reason_REASON_NOT_FOUND:        http.StatusNotFound,
	valisev1.Reason_REASON_NOT_PERMITTED:    http.StatusForbidden,
	valisev1.Reason_REASON_NODE_UNREACHABLE: http.StatusServiceUnavailable,
	valisev1.Reason_REASON_NOT_ACCEPTING:    http.StatusServiceUnavailable,
	valisev1.Reason_REASON_INTERNAL:         http.StatusInternalServerError,
}

// tell says in words what an error means for whoever reads the page.
func (v *visit) tell(err error) {
	r := refusalOf(err)
	if r.reason == valisev1.Reason_REASON_NOT_FOUND {
		_ = v.noPage()
		return
	}
	code, ok := codesOf[r.reason]
	if !ok {
		code = http.StatusUnprocessableEntity
	}
	if r.reason == valisev1.Reason_REASON_INTERNAL {
		v.c.cfg.Logger.Error("a page met an error")
	}
	v.show(code, "problem", &problemPage{
		frame: v.inner(v.t.Frame.NotDone, ""), Sentence: v.catalog.Sentence(r.reason), Hint: v.catalog.Hint(r.reason), Detail: r.detail,
	})
}

type plainPage struct{ *frame }

func (v *visit) noPage() error {
	v.show(http.StatusNotFound, "nopage", &plainPage{v.inner(v.t.Frame.NoPage, "")})
	return nil
}

// speak changes the language and leads back to where the officer was, if that is a page of ours.
func (v *visit) speak() error {
	l, err := locale.ParseLanguage(v.r.PathValue("language"))
	if err != nil {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	v.c.shell.gate.speak(l)
	return v.goTo(v.here(v.r.PostFormValue("from")))
}
