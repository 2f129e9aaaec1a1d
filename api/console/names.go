package console

import (
	"context"
	"html/template"
	"strings"
	"sync"
	"time"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// namesLife is how long the directory is taken as it was read: names of States change rarely.
const namesLife = time.Minute

// names are what States call themselves in their own entries, and where their desks are.
type names struct {
	mu    sync.Mutex
	read  time.Time
	known map[string]named
}

type named struct {
	byLanguage map[string]string
	zone       *time.Location
}

// of finds a State; the zero value where the directory has none such, or cannot be read.
func (n *names) of(ctx context.Context, d door, now time.Time, code string) named {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known == nil || now.Sub(n.read) >= namesLife || now.Before(n.read) {
		if found, err := d.directory.ListContacts(ctx, &valisev1.ListContactsRequest{}); err == nil {
			n.read, n.known = now, namesIn(found.GetContacts())
		}
	}
	return n.known[code]
}

func namesIn(contacts []*valisev1.ContactView) map[string]named {
	found := map[string]named{}
	for _, c := range contacts {
		code, _, _ := strings.Cut(c.GetAddress(), "/")
		s := found[code]
		if s.byLanguage == nil {
			s.byLanguage = map[string]string{}
		}
		for _, name := range c.GetNames() {
			if l, ok := locale.Match(name.GetLanguage()); ok && name.GetText() != "" && s.byLanguage[l.String()] == "" {
				s.byLanguage[l.String()] = name.GetText()
			}
		}
		if zone := c.GetPointOfContact().GetTimeZone(); s.zone == nil && zone != "" {
			if at, err := time.LoadLocation(zone); err == nil {
				s.zone = at
			}
		}
		found[code] = s
	}
	return found
}

// in is the name in a language, else in English, else any; empty where there is none.
func (n named) in(l locale.Language) string {
	for _, code := range []string{l.String(), "en"} {
		if name := n.byLanguage[code]; name != "" {
			return name
		}
	}
	return ""
}

// State is a State as a person speaks of it, with its code, which no other has: "Birch (XB)". The name is
// from its own entry in the directory and never from a message.
func (f *frame) State(code string) template.HTML {
	code, _, _ = strings.Cut(code, "/")
	name := f.v.named(code).in(f.v.language)
	if name == "" {
		return peerText(code)
	}
	return `<bdi class="state">` + peerText(name) + ` <bdi dir="ltr">(` + template.HTML(template.HTMLEscapeString(code)) + `)</bdi></bdi>` //nolint:gosec // escaped
}

func (v *visit) named(code string) named { return v.c.names.of(v.ctx(), v.c.door, v.now, code) }

// zoneOf is where the desk of a State is; nil where its entry does not say it.
func (v *visit) zoneOf(code string) *time.Location {
	code, _, _ = strings.Cut(code, "/")
	return v.named(code).zone
}

// Track names the track of an address in words.
func (f *frame) Track(address string) string {
	_, track, _ := strings.Cut(address, "/")
	switch track {
	case "diplomatic":
		return f.T.Words.Track.Diplomatic.String()
	case "technical":
		return f.T.Words.Track.Technical.String()
	case "manager":
		return f.T.Words.Track.Manager.String()
	}
	return track
}
