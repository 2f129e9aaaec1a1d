//go:build browser

package browser

import (
	"strings"
	"time"
)

// writes opens a form of a thread, fills in fields by name and value in turn, and goes on to the check page.
func (p *tab) writes(thread, form string, fields ...string) {
	p.t.Helper()
	p.begins(thread, form)
	p.fields(fields...)
	p.click(`button[value="check"]`)
}

// begins opens a form of a thread from its page.
func (p *tab) begins(thread, form string) {
	p.t.Helper()
	p.open("/thread/" + thread)
	p.click(`form[action$="/write/` + form + `"] button`)
}

// fields fills in what a person fills in, by the names of the fields.
func (p *tab) fields(fields ...string) {
	p.t.Helper()
	const kind = `((sel) => (document.querySelector(sel) || {}).type || '')`
	for i := 0; i+1 < len(fields); i += 2 {
		sel, value := `[name="`+fields[i]+`"]`, fields[i+1]
		switch run[string](p, kind, sel) {
		case "":
			p.t.Fatalf("%s has no field %s; it says:\n%s", p.path(), fields[i], p.text("main"))
		case "radio":
			p.press(sel + `[value="` + value + `"]`)
		case "select-one", "date", "time":
			p.choose(sel, value)
		default:
			p.fill(sel, value)
		}
	}
}

// says writes and sends, and gives the path of the page that says so.
func (p *tab) says(thread, form string, fields ...string) string {
	p.t.Helper()
	p.writes(thread, form, fields...)
	return p.sends()
}

// sends presses the one button of the check page.
func (p *tab) sends() string {
	p.t.Helper()
	p.click(`form[action$="/send"] button`)
	sent := p.path()
	if !strings.Contains(sent, "/sent/") {
		p.t.Fatalf("sending leads to %s, which says:\n%s", sent, p.text("main"))
	}
	return sent
}

// hears loads a thread again until the peer has said something that a person reads in these words.
func (p *tab) hears(thread string, texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.until("/thread/"+thread, ".message.theirs", text)
	}
}

// gone loads a page again until nothing of sel is on it.
func (p *tab) gone(path, sel string) {
	p.t.Helper()
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		if p.open(path); p.count(sel) == 0 {
			return
		}
		if time.Since(began) > patience {
			p.t.Fatalf("%s of %s stays: %s", sel, path, p.text(sel))
		}
	}
}

// speaks chooses the language of the desk.
func (p *tab) speaks(language string) {
	p.t.Helper()
	p.open("/")
	p.click(`.tongues button[lang="` + language + `"]`)
}
