//go:build browser

package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"valise.example/api/console"
	"valise.example/api/locale"
)

// sight is one page as somebody sees it: a line here and it is looked at in every language.
type sight struct {
	name, path string
	status     int64 // 0 is 200
}

// sights are all pages of a desk. What stands in braces is prepared by newWalk.
var sights = []sight{
	{name: "desk", path: "/"},
	{name: "thread", path: "/thread/{thread}"},
	{name: "sent-undo", path: "{sent}"},
	{name: "undone", path: "{undone}"},
	{name: "form", path: "{form}"},
	{name: "form-errors", path: "{wrong}"},
	{name: "check", path: "{check}"},
	{name: "files", path: "{files}"},
	{name: "new", path: "/new"},
	{name: "new-notice", path: "/new/notice"},
	{name: "step", path: "{step}"},
	{name: "paste", path: "{paste}"},
	{name: "print", path: "/thread/{thread}/print"},
	{name: "check-paper", path: "/record/paper"},
	{name: "contacts", path: "/contacts"},
	{name: "contact", path: "/contacts/XA"},
	{name: "contact-check", path: "/contacts/XA/check"},
	{name: "record", path: "/record"},
	{name: "record-search", path: "/record?state=XA"},
	{name: "record-kind", path: "/record?kind=inquiry"},
	{name: "contact-own", path: "/contacts/XB"},
	{name: "consent", path: "{consent}"},
	{name: "supplement", path: "{supplement}"},
	{name: "step-facts", path: "{facts}"},
	{name: "item", path: "/record/item/1"},
	{name: "export", path: "/record/export"},
	{name: "consents", path: "/record/consents"},
	{name: "ours", path: "/ours"},
	{name: "ours-thread", path: "/ours/thread/{thread}"},
	{name: "node", path: "/node"},
	{name: "help", path: "/help"},
	{name: "watch", path: "/watch"},
	{name: "no-page", path: "/nowhere", status: http.StatusNotFound},
	{name: "problem", path: "/?page=x", status: http.StatusUnprocessableEntity},
}

// walk is a desk on which there is something to see on each page.
type walk struct {
	*tab
	places []string // for strings.NewReplacer
}

// newWalk prepares Birch's desk. Nothing that it sends leaves while the test runs.
func newWalk(s *stage, o options) *walk {
	s.t.Helper()
	thread := s.inquire("XA", "XB/diplomatic", title)
	p := s.desk("XB", o, func(c *console.Config) { c.Undo = time.Hour })
	p.until("/", "table.desk", title)
	w := &walk{tab: p, places: []string{"{thread}", thread}}
	w.place("{undone}", func() {
		p.says(thread, "ask", "questions", "Which zone do the logs have?")
		p.click(`form[action*="/undo/"] button`)
	})
	w.place("{sent}", func() {
		p.says(thread, "holding", "text", "We look into it.", "estimate", "within", "estimate.number", "2", "estimate.unit", "days")
	})
	w.place("{form}", func() { p.begins(thread, "answer") })
	w.place("{consent}", func() { p.begins(thread, "consent_ask") })
	w.place("{supplement}", func() { p.begins(thread, "supplement") })
	w.place("{wrong}", func() {
		p.writes(thread, "answer", "answer[1].text", "It is known\u202eto us.", "reference", "BIR 2026/7")
	})
	w.place("{check}", func() {
		p.writes(thread, "answer", "outcome", "partial", "answer[1].text", "It is a modem of a household.", "narrative", "The log is attached.")
	})
	w.place("{files}", func() { p.click(`a[href$="/files"]`) })
	w.place("{step}", func() {
		p.open("/new")
		p.press(`input[name="to"][value="XA/diplomatic"]`)
		p.click(`main form button`)
	})
	w.place("{facts}", func() { p.click(`main form button`) })
	w.place("{paste}", func() { p.click(`button[value="paste"]`) })
	return w
}

// place goes somewhere and keeps where that is.
func (w *walk) place(name string, visit func()) {
	w.t.Helper()
	visit()
	w.places = append(w.places, name, w.path())
}

// see opens a page and judges how it was answered.
func (w *walk) see(v sight) {
	w.t.Helper()
	path := strings.NewReplacer(w.places...).Replace(v.path)
	want := v.status
	if want == 0 {
		want = http.StatusOK
	}
	if status := w.open(path); status != want {
		w.t.Errorf("%s: %s answers %d, not %d:\n%s", v.name, path, status, want, w.text("body"))
	}
	if v.status != 0 {
		w.expectStatus(v.status)
	}
}

// expectStatus takes what the browser says of an answer that is no page, and nothing else.
func (p *tab) expectStatus(status int64) {
	p.t.Helper()
	for _, f := range p.taken() {
		if !strings.Contains(f, fmt.Sprintf("status of %d", status)) {
			p.t.Error(f)
		}
	}
}

// closely are the languages in which the rules and 400 % are looked at: one that reads from the right, one
// of wide letters, one of long words. Pictures and what is cut are looked at in all six.
var closely = map[locale.Language]bool{locale.Arabic: true, locale.Chinese: true, locale.French: true}

func (p *tab) look(name string, l locale.Language) {
	p.t.Helper()
	if closely[l] {
		p.check(name)
		return
	}
	p.shot(name)
	p.complain(name, p.noSidewaysScroll(), p.clipped())
}

// TestEveryPageInSixLanguages looks at all pages of a desk, and at the one that is shown outside.
func TestEveryPageInSixLanguages(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w := newWalk(s, options{})
	for _, l := range locale.Languages() {
		w.speaks(l.String())
		for _, v := range sights {
			w.see(v)
			if got := run[string](w.tab, `(() => document.documentElement.lang)`); got != l.String() {
				t.Errorf("%s is in %q, not in %s", v.name, got, l)
			}
			w.look("desk/"+v.name+"-"+l.String(), l)
		}
	}
	// Each language once more at the door: the one that the browser wishes for.
	for _, l := range locale.Languages() {
		w.language = l.String()
		w.equip()
		if l == locale.Arabic {
			w.open("/")
			w.click(`form[action$="/leave"] button`)
			w.expectStatus(http.StatusForbidden)
		}
		w.see(sight{name: "outside", path: "/", status: http.StatusForbidden})
		if got := run[string](w.tab, `(() => document.documentElement.lang)`); got != l.String() {
			t.Errorf("outside is in %q, not in %s", got, l)
		}
		w.look("desk/outside-"+l.String(), l)
	}
}

// TestDeskAsOthersSeeIt: colours of one's own system and no movement, and a window of 320 pixels.
func TestDeskAsOthersSeeIt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w := newWalk(s, options{forcedColors: true, reducedMotion: true})
	for _, v := range sights[:7] {
		w.see(v)
		w.check("desk/forced-colours-" + v.name + "-en")
	}
	w.see(sights[5])
	w.tabTo(".faults a")
	w.tabTo(`input[name="outcome"]`)
	if moving := run[int](w.tab, `(() => document.getAnimations().length)`); moving != 0 {
		t.Errorf("%d things move", moving)
	}
	w.width, w.height = 320, 640
	w.enlarge(1)
	for _, v := range sights[:7] {
		w.see(v)
		w.check("desk/narrow-" + v.name + "-en")
	}
}
