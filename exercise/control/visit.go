package control

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"time"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	// askTime is how long a page waits for what it shows.
	askTime = 2 * time.Second
	// doTime is how long an act may take: its line goes to the disk.
	doTime = 10 * time.Second
	// someLines of the recording are shown, and someInjects that have not come.
	someLines   = 15
	someInjects = 5
)

// visit is one request of a person who is inside.
type visit struct {
	p        *Pages
	w        http.ResponseWriter
	r        *http.Request
	language locale.Language
	catalog  *locale.Catalog
	t        *locale.Page
}

func (p *Pages) visit(w http.ResponseWriter, r *http.Request, l locale.Language) *visit {
	return &visit{p: p, w: w, r: r, language: l, catalog: locale.Of(l), t: locale.Of(l).Page()}
}

// outside is shown to whoever has no session.
func (p *Pages) outside(w http.ResponseWriter, r *http.Request) {
	_, language := p.shell.Admit(r)
	if r.Method == http.MethodPost {
		w.Header().Set("Connection", "close") // a form of a stranger is not waited for
	}
	v := p.visit(w, r, language)
	v.show(http.StatusForbidden, "outside", v.frame(v.t.Frame.Ended))
}

// page is what the part sees now.
func (v *visit) page() error {
	ctx, stop := context.WithTimeout(v.r.Context(), askTime)
	defer stop()
	now, err := v.ask(ctx)
	f := v.frame(v.heading())
	f.inside = true
	if err != nil {
		v.show(http.StatusServiceUnavailable, "unknown", f)
		return nil
	}
	view := string(v.p.cfg.Part)
	if f.Watched() {
		view = "watch" // has no field: what somebody types would be gone when the page comes again
	}
	v.show(http.StatusOK, view, &board{frame: f, GetControlResponse: now})
	return nil
}

// ask is what control has before it, in the language of the page.
func (v *visit) ask(ctx context.Context) (*valisev1.GetControlResponse, error) {
	return v.p.control.GetControl(ctx, &valisev1.GetControlRequest{Language: v.language.String(), Lines: someLines})
}

func (v *visit) heading() locale.Text {
	switch v.p.cfg.Part {
	case Evaluators:
		return v.t.Control.Evaluators
	case Observers:
		return v.t.Control.Observers
	}
	return v.t.Control.Control
}

// show answers with a page. Nothing is sent before all of it is made.
func (v *visit) show(code int, view string, data any) {
	var b bytes.Buffer
	if err := v.p.views.write(&b, view, data); err != nil {
		v.p.cfg.Logger.Error("a page of the exercise cannot be shown", slog.String("view", view))
		http.Error(v.w, v.catalog.Sentence(valisev1.Reason_REASON_INTERNAL), http.StatusInternalServerError)
		return
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", v.language.String())
	v.w.WriteHeader(code)
	_, _ = v.w.Write(b.Bytes()) // whoever hung up does not wait for it
}

// back leads on after an act, so that a page that is loaded again does nothing again.
func (v *visit) back() error {
	http.Redirect(v.w, v.r, v.p.shell.Base(), http.StatusSeeOther) //nolint:gosec // our own path
	return nil
}

func (v *visit) speak() error {
	l, err := locale.ParseLanguage(v.r.PathValue("language"))
	if err != nil {
		return v.noPage()
	}
	v.p.shell.Speak(l)
	return v.back()
}

func (v *visit) leave() error {
	v.p.shell.Leave(v.w)
	v.show(http.StatusForbidden, "outside", v.frame(v.t.Frame.Ended))
	return nil
}

func (v *visit) noPage() error {
	f := v.frame(v.t.Frame.NoPage)
	f.inside = true
	v.show(http.StatusNotFound, "nopage", f)
	return nil
}
