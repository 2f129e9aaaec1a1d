package console

import (
	"html/template"
	"strings"

	"golang.org/x/text/language"

	"valise.example/api/locale"
)

// prose is a text in the language that its sender names, which runs as its letters do. A name that is no
// language is not passed on to the browser.
func prose(text, lang string) template.HTML {
	// A number in the place of a hidden character has Latin letters, and must not decide which way a text runs.
	inner := strings.ReplaceAll(escaped(text), `<span class="hidden">`, `<span class="hidden" dir="ltr">`)
	return template.HTML(`<div class="prose"` + langOf(lang) + ` dir="auto">` + inner + `</div>`) //nolint:gosec // each character is escaped
}

func langOf(lang string) string {
	tag, err := language.Parse(lang)
	if lang == "" || err != nil {
		return ""
	}
	return ` lang="` + template.HTMLEscapeString(tag.String()) + `"`
}

// fixed is what runs from left to right in every language: addresses, digests, references.
func fixed(text string) template.HTML {
	return template.HTML(`<code dir="ltr">` + escaped(text) + `</code>`) //nolint:gosec // each character is escaped
}

// groups sets a digest in groups of eight, as people compare it.
func groups(digest string) template.HTML {
	var b strings.Builder
	for i, r := range digest {
		if i > 0 && i%8 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return fixed(b.String())
}

// tongue names a language by its own name where that is one of the six, and by its code.
func tongue(code string) template.HTML {
	l, err := locale.ParseLanguage(code)
	if err != nil {
		return fixed(code)
	}
	return template.HTML(`<bdi lang="`+l.String()+`">`+template.HTMLEscapeString(l.Endonym())+`</bdi> (`) + fixed(code) + `)` //nolint:gosec // a name of ours
}

// Fixed is what runs from left to right in every language, as fixed has it.
func (f *frame) Fixed(text string) template.HTML { return fixed(text) }
