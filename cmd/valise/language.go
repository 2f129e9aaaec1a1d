package main

import (
	"strings"

	"valise.example/api"
	"valise.example/api/draft"
	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// catalog is the language in which people are told anything: that of --lang, else that of the environment.
func (p *program) catalog() *locale.Catalog {
	l, ok := locale.Match(p.lang)
	if !ok {
		l = locale.FromEnvironment(func(name string) string { return p.env[name] })
	}
	return locale.Of(l)
}

// wantedLanguage is what --lang says before anything has read the flags, so that an error in them is told
// in that language too.
func wantedLanguage(args []string) string {
	for i, a := range args {
		if a == "--" {
			return ""
		}
		if value, ok := strings.CutPrefix(a, "--lang="); ok {
			return value
		}
		if a == "--lang" && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

// checkLanguage takes every tag of a language that there is, and keeps the code of the catalog.
func (p *program) checkLanguage() error {
	if p.lang == "" {
		return nil
	}
	l, ok := locale.Match(p.lang)
	if !ok {
		return usageHint("--lang knows no such language", "one of "+strings.Join(locale.Codes(), ", "))
	}
	p.lang = l.String()
	return nil
}

// lines are the failure as it is told at a terminal. In English that is message and hint. In another
// language it is the sentence and the hint of the reason; what the message says beyond that
// exists in English only, and follows on lines of its own. A message or hint may repeat what stands in a
// file or came from a peer, and must not steer the screen; a text of a catalog isolates as it needs.
func (f *failure) lines(c *locale.Catalog) []string {
	l := c.Language()
	sentence, detail := draft.Shown(f.message), ""
	if l != locale.English {
		sentence, detail = f.said(c)
	}
	lines := []string{"valise: " + l.Line(sentence)}
	for line := range strings.Lines(detail) {
		lines = append(lines, "  "+l.Isolate(strings.TrimSpace(line)))
	}
	for line := range strings.Lines(f.hintIn(c)) {
		lines = append(lines, l.Line(c.HintLine(strings.TrimSpace(line))))
	}
	return lines
}

// said parts the message into what c has and what is said of this very case.
func (f *failure) said(c *locale.Catalog) (sentence, detail string) {
	if f.told != nil {
		return f.told(c), ""
	}
	reason := f.reason
	if reason == valisev1.Reason_REASON_UNSPECIFIED {
		reason = valisev1.Reason_REASON_INTERNAL // nobody has said which, and a line without a sentence says nothing
	}
	sentence, english := c.Sentence(reason), api.Sentence(reason)
	if f.message == english {
		return sentence, ""
	}
	return sentence, strings.TrimPrefix(f.message, english+": ")
}

// hintIn is the hint of the reason in the language of c, or the one of this very case in English.
func (f *failure) hintIn(c *locale.Catalog) string {
	switch {
	case f.toldHint != nil:
		return f.toldHint(c)
	case c.Language() == locale.English || f.hint == "":
		return draft.Shown(f.hint)
	case f.hint == api.Hint(f.reason):
		return c.Hint(f.reason)
	}
	return c.Language().Isolate(f.hint)
}
