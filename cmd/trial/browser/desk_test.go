//go:build browser

package browser

import (
	"strings"
	"testing"

	"valise.example/api/locale"
)

const title = "Scans of energy operators"

// TestAcknowledgedInArabicSeenInFrench: a diplomat of Birch acknowledges with one click, and Alder reads in
// French who did.
func TestAcknowledgedInArabicSeenInFrench(t *testing.T) {
	s := newStage(t)
	thread := s.inquire("XA", "XB/diplomatic", title)
	birch := s.desk("XB", options{language: "ar"})
	birch.until("/", "table.desk", title)
	if got := run[string](birch, `(() => document.documentElement.lang + ' ' + getComputedStyle(document.body).direction)`); got != "ar rtl" {
		t.Errorf("the desk is %s", got)
	}
	birch.click(`a[href$="` + thread + `"]`)
	birch.click(`form[action$="/acknowledge"] button`)
	if got := birch.text("h1"); !strings.Contains(got, "أفيد بالاستلام") {
		t.Errorf("after the click the page is headed %q", got)
	}
	alder := s.desk("XA", options{language: "fr"})
	alder.until("/thread/"+thread, "main", "en a accusé réception")
	alder.check("desk/acknowledged-fr")
}

// TestEveryPageInSixLanguages looks at all pages that there are, wide and at 400 %.
func TestEveryPageInSixLanguages(t *testing.T) {
	s := newStage(t)
	thread := s.inquire("XA", "XB/diplomatic", title)
	p := s.desk("XB", options{})
	p.until("/", "table.desk", title)
	p.open("/thread/" + thread)
	p.click(`form[action$="/acknowledge"] button`)
	pages := map[string]string{"desk": "/", "inquiry": "/thread/" + thread, "acknowledged": p.path(), "no-page": "/nowhere", "print": "/thread/" + thread + "/print", "check-paper": "/record/paper"}
	for _, language := range locale.Languages() {
		p.open("/")
		p.click(`.tongues button[lang="` + language.String() + `"]`)
		for name, path := range pages {
			p.open(path)
			if name == "no-page" {
				p.taken() // the browser says that the answer was 404
			}
			p.check("desk/" + name + "-" + language.String())
		}
	}
}

// TestDeskAsOthersSeeIt: colours of one's own system, and no movement.
func TestDeskAsOthersSeeIt(t *testing.T) {
	s := newStage(t)
	s.inquire("XA", "XB/diplomatic", title)
	p := s.desk("XB", options{language: "es", forcedColors: true, reducedMotion: true})
	p.until("/", "table.desk", title)
	p.check("desk/forced-colours-es")
}

// TestKeyboardAcknowledges: nothing needs a mouse.
func TestKeyboardAcknowledges(t *testing.T) {
	s := newStage(t)
	thread := s.inquire("XA", "XB/diplomatic", title)
	p := s.desk("XB", options{language: "ar"})
	p.until("/", "table.desk", title)
	p.tabTo(`a[href$="` + thread + `"]`)
	p.enter()
	p.tabTo(`form[action$="/acknowledge"] button`)
	p.space()
	if got := p.path(); !strings.Contains(got, "/sent/") {
		t.Errorf("the space bar leads to %s", got)
	}
}

// TestRelayStops: a calm bar, and what was clicked leaves by itself when the relay is back.
func TestRelayStops(t *testing.T) {
	s := newStage(t)
	thread := s.inquire("XA", "XB/diplomatic", title)
	birch := s.desk("XB", options{})
	birch.until("/", "table.desk", title)
	s.stopRelay()
	birch.until("/", ".bar", "Not connected")
	birch.check("desk/relay-down-en")
	birch.open("/thread/" + thread)
	birch.click(`form[action$="/acknowledge"] button`)
	s.startRelay()
	alder := s.desk("XA", options{language: "fr"})
	alder.until("/thread/"+thread, "main", "en a accusé réception")
}
