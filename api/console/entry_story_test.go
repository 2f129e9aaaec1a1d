package console_test

import (
	"net/http"
	"strings"
	"testing"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// TestHostileEntry: a State signs an entry whose every text wants to be more than text, its managers take it, and every
// node does. On the pages of contacts, of a thread, of a new inquiry, of the record and on paper it is text: no markup, no
// link but numbers to dial, and nothing that turns what stands around it. A-7a
func TestHostileEntry(t *testing.T) {
	s := newStage(t, "XA", "XB")
	word := strings.Repeat("w", 190)
	said := func(l string, text string) []directory.TextFact {
		return []directory.TextFact{{Language: l, Text: text}}
	}
	facts := directory.EntryFacts{
		State: "XB", NominatingAuthority: hostile, NoteVerbale: "</title>" + hostile,
		Names: []directory.TextFact{{Language: "en", Text: "Alder (XA)\u2067</title>" + hostile}, {Language: "ar", Text: `"><img src=x onerror=alert(1)>` + "\u2066"}},
		Points: []directory.PointFacts{
			{Track: "technical", Type: "person", Name: word + "\u200b", Telephones: []string{"+99900000002"}, Emails: []string{"a@birch.example"}, Languages: []string{"en", "qaa"},
				Hours: "https://adversary.example/" + word[:100], TimeZone: "Etc/UTC", Labels: []string{hostile}, Entity: said("en", "javascript:alert(1)"), Designation: said("fr", hostile+"\u2069\u200f")},
			{Track: "diplomatic", Entity: said("en", `' onmouseover='alert(1)`), Telephones: []string{"+99900000001"}},
			{Track: "technical", Further: true, Name: "<a href=//adversary.example>x</a>", Telephones: []string{"+99900000009"}, Hours: "{{.Base}}"},
		},
	}
	file := s.published(t, s.lab.DirectoryHome(), s.anew(t, "XB", facts), ident.KeyID{}, aYear)
	for _, state := range []ident.State{"XA", "XB"} {
		if err := s.shows(t, state, file); err != nil {
			t.Fatal(err)
		}
	}
	thread := s.inquire(t, "XB", "XA/technical", "Scans")
	for tongue, name := range map[string]string{"en": "&lt;/title&gt;&lt;script&gt;", "ar": "&lt;img src=x"} {
		desk := s.opened(t, "XA", tongue, s.as(t, "XA", "o-"+tongue, valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_RECORD_KEEPER))
		desk.until("", "Scans")
		for path, says := range map[string][]string{
			"":                            {name},
			"contacts":                    {name, `href="tel:+99900000002"`},
			"contacts/XB":                 {name, word, "https://adversary.example/w", "javascript:alert(1)", "&lt;a href=//adversary.example&gt;", "{{.Base}}", "⟨U+200F⟩", "onmouseover=&#39;"},
			"contacts/XB/check":           {name},
			"thread/" + thread:            {name},
			"thread/" + thread + "/print": {name},
			"new":                         {"XB"},
			"record":                      {"&lt;"},
			"record?state=":               {"Scans"},
		} {
			if desk.get(path); desk.status != http.StatusOK {
				t.Errorf("%s is answered with %d", path, desk.status)
			}
			desk.sees(says...)
			desk.seesNot("<script", "<img", "<a href=//", `href="https`, `href="javascript`, "onmouseover='", "\u2066", "\u2067", "\u200b", "\u200f")
			if n := strings.Count(desk.page, "</title>"); n != 1 {
				t.Errorf("%s ends its title %d times", path, n)
			}
		}
	}
}
