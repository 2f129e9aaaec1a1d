package console

import (
	"html/template"
	"net/http"
	"strconv"
	"time"

	"valise.example/api/locale"
)

const (
	// WatchPath is the page, under Base, that a browser asks for again by itself. That is no use of the session: who
	// went away is logged out as from any page.
	WatchPath = "watch"
	// WatchEvery is how long it waits in between.
	WatchEvery = 15 * time.Second
)

// Watched reports whether r asks for the page that is asked for again by itself.
func (s *Shell) Watched(r *http.Request) bool {
	return r.Method == http.MethodGet && r.URL.Path == s.base+WatchPath
}

// LookAgain tells the browser to ask again for a page that is watched, whatever it shows now: a node that does not
// answer for a moment must not leave an old page on a screen for good.
func (s *Shell) LookAgain(w http.ResponseWriter, r *http.Request) {
	if s.Watched(r) {
		w.Header().Set("Refresh", strconv.Itoa(int(WatchEvery.Seconds())))
	}
}

// Watching says on a page that it is asked for again by itself, and that this does not keep the session.
func (s *Shell) Watching(t *locale.Page) (template.HTML, error) {
	return Fill(t.Frame.Watching, "seconds", int(WatchEvery.Seconds()), "minutes", int(s.cfg.Idle.Minutes()))
}

// Watched reports whether this page is asked for again by itself.
func (f *frame) Watched() bool { return f.inside && f.v.c.shell.Watched(f.v.r) }

// Watch is the path of the page that is asked for again by itself.
func (f *frame) Watch() string { return f.Base() + WatchPath }

// AsOf is when this page was made.
func (f *frame) AsOf() (template.HTML, error) { return f.Moment(f.v.now) }

// Watching says that the page is asked for again by itself, and that this does not keep the session.
func (f *frame) Watching() (template.HTML, error) { return f.v.c.shell.Watching(f.T) }
