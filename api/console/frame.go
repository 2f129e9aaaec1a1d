package console

import (
	"errors"
	"html/template"
	"strings"
	"time"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// frame is what stands around every page, and what its template calls.
type frame struct {
	v       *visit
	T       *locale.Page
	Heading locale.Text // of the page, also in its title
	At      string      // which entry of the menu this is; empty: none
	Waits   int         // how many threads wait for somebody here, in the title: a browser shows it on a tab behind others
	inside  bool
}

func (v *visit) frame(heading locale.Text, at string) *frame {
	return &frame{v: v, T: v.t, Heading: heading, At: at}
}

// inner is the frame of a page for an officer who is inside: with the menu and the state of the link.
func (v *visit) inner(heading locale.Text, at string) *frame {
	f := v.frame(heading, at)
	f.inside = true
	return f
}

// Vocabulary is what kinds, states and deliveries are called.
func (f *frame) Vocabulary() *locale.Vocabulary { return f.v.catalog.Vocabulary() }

// Inside reports whether there is a session: the menu is only for one.
func (f *frame) Inside() bool { return f.inside }

// Lang is the language of the page by its code.
func (f *frame) Lang() string { return f.v.language.String() }

// Dir is the direction of the page, "ltr" or "rtl".
func (f *frame) Dir() string { return f.v.language.Direction().String() }

// Base is the path of the desk.
func (f *frame) Base() string { return f.v.c.shell.base }

// Path leads back to this very page from a form.
func (f *frame) Path() string {
	if f.v.r.Method != "GET" {
		return ""
	}
	p := strings.TrimPrefix(f.v.r.URL.Path, f.v.c.shell.base)
	if f.v.r.URL.RawQuery != "" {
		p += "?" + f.v.r.URL.RawQuery
	}
	return p
}

// Exercise reports whether nothing here is real.
func (f *frame) Exercise() bool { return !f.v.c.realm.IsOperational() }

// Realm is the full name of the realm.
func (f *frame) Realm() string { return f.v.c.realm.String() }

// ExerciseName is what the exercise is called.
func (f *frame) ExerciseName() string { return f.v.c.realm.Name() }

// English are the words for an exercise in English, which stand beside those of another language.
func (f *frame) English() *locale.FrameTexts {
	if f.v.language == locale.English {
		return nil
	}
	return &locale.Of(locale.English).Page().Frame
}

// Officer is the name of whoever is here.
func (f *frame) Officer() string { return f.v.c.officer.GetName() }

// Ours is the name of our State.
func (f *frame) Ours() template.HTML { return f.State(f.v.c.state.String()) }

// Tongue is one language that the page can be in.
type Tongue struct {
	Code, Name, Dir string
	Now             bool
}

// Tongues are the languages to choose from, each in its own letters.
func (f *frame) Tongues() (all []Tongue) {
	for _, l := range locale.Languages() {
		all = append(all, Tongue{Code: l.String(), Name: l.Endonym(), Dir: l.Direction().String(), Now: l == f.v.language})
	}
	return all
}

// Offline is since when the relay cannot be reached, zero where it can, how many messages wait, and what the
// node knows of the cause.
type Offline struct {
	Since   time.Time
	Waiting int
	Why     []warned
}

// Link tells of the relay; nil where the link is up, and where the node says nothing.
func (f *frame) Link() *Offline {
	status, err := f.v.nodeStatus()
	if err != nil || status.GetLink().GetUp() {
		return nil
	}
	l := status.GetLink()
	why := f.v.warned(locale.Standing(l.GetStanding(), l.GetWarning()), status.GetNow().AsTime())
	return &Offline{Since: l.GetSince().AsTime(), Waiting: len(status.GetOutbox()), Why: why}
}

// nodeStatus asks once for each page.
func (v *visit) nodeStatus() (*valisev1.GetStatusResponse, error) {
	if v.status != nil {
		return v.status, nil
	}
	status, err := v.c.door.node.GetStatus(v.ctx(), &valisev1.GetStatusRequest{})
	v.status = status
	return status, err
}

// here is a path within the desk that a form names; the desk itself where it names anything else.
func (v *visit) here(path string) string {
	if strings.HasPrefix(path, "/") || strings.ContainsAny(path, ":\\\r\n\x00") || strings.Contains(path, "..") || strings.Contains(path, "//") || len(path) > 400 {
		return ""
	}
	return path
}

var errPlaces = errors.New("console: a text is filled with other places than it has")
