package control

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"

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
	now, err := v.p.control.GetControl(ctx, &valisev1.GetControlRequest{Language: v.language.String(), Lines: someLines})
	f := v.frame(v.heading())
	f.inside = true
	if err != nil {
		v.show(http.StatusServiceUnavailable, "unknown", f)
		return nil
	}
	v.show(http.StatusOK, string(v.p.cfg.Part), &board{frame: f, GetControlResponse: now})
	return nil
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

// wrong is what was typed and cannot be used.
type wrong struct{ text locale.Text }

func (wrong) Error() string { return "control: what was typed cannot be used" }

// trouble says why an act was not done.
type trouble struct {
	*frame
	Words, Hint, Detail string
}

// tell says what an error means.
func (v *visit) tell(err error) {
	f := v.frame(v.t.Frame.NotDone)
	f.inside = true
	at := &trouble{frame: f}
	if w, ok := errors.AsType[wrong](err); ok {
		at.Words = w.text.String()
		v.show(http.StatusUnprocessableEntity, "trouble", at)
		return
	}
	reason, detail := reasonOf(err)
	at.Words, at.Hint, at.Detail = v.catalog.Sentence(reason), v.catalog.Hint(reason), detail
	code := http.StatusUnprocessableEntity
	if reason == valisev1.Reason_REASON_NODE_UNREACHABLE {
		code = http.StatusServiceUnavailable
	}
	v.show(code, "trouble", at)
}

// reasonOf reads the error of a call; one without a Reason was made on the way: nobody answered. docs/protocol.md §10
func reasonOf(err error) (valisev1.Reason, string) {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			if reason, known := valisev1.Reason_value["REASON_"+info.GetReason()]; known {
				return valisev1.Reason(reason), info.GetMetadata()["detail"]
			}
		}
	}
	return valisev1.Reason_REASON_NODE_UNREACHABLE, ""
}
