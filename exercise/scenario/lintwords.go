package scenario

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"valise.example/proto/tomlkey"
)

// said is one text of the file, with the language where it says one.
type said struct {
	path, language, text string
}

// words looks at every text of the file. Exercises are written by people in a hurry, and what a text must not say
// is what could leave the exercise.
func (l *linter) words(tree map[string]any) {
	l.each("", tree, fileShape(), func(s said) {
		l.hidden(s)
		s.text = plain(s.text)
		l.secrets(s)
		l.hosts(s)
		l.drill(s)
		l.states(s)
	})
}

// each calls visit for every text of a tree that its shape has taken, and holds every text by language to the
// languages of the scenario.
func (l *linter) each(path string, v any, s *shape, visit func(said)) {
	switch s.form {
	case table, named:
		in, _ := v.(map[string]any)
		if s.byLang {
			l.translated(path, in)
		}
		for _, name := range slices.Sorted(maps.Keys(in)) {
			at := tomlkey.Join(path, name)
			if s.form == named {
				l.each(at, in[name], s.of, visit)
			} else if k, ok := s.key(name); ok && s.byLang {
				visit(said{at, name, textOf(in[name])})
			} else if ok {
				l.each(at, in[name], k.shape, visit)
			}
		}
	case list:
		in, _ := elements(v)
		for i, e := range in {
			l.each(tomlkey.Index(path, i), e, s.of, visit)
		}
	case text:
		if s.enum == nil {
			visit(said{path, "", textOf(v)})
		}
	default:
	}
}

func textOf(v any) string { s, _ := v.(string); return s }

func (l *linter) translated(path string, in map[string]any) {
	for _, language := range l.Languages {
		if _, ok := in[language]; !ok {
			l.fault(MissingText, path, "write it, or take "+language+" out of languages", "has no text in %s", language)
		}
	}
	for _, language := range slices.Sorted(maps.Keys(in)) {
		if !slices.Contains(l.Languages, language) {
			l.warn(ExtraText, tomlkey.Join(path, language), "add it to languages", "is in a language that is not listed")
		}
	}
}

// hidden: what a reader does not see can say another thing than what they see. The page isolates what each
// language needs, so that no text has to.
func (l *linter) hidden(s said) {
	for _, r := range s.text {
		if hides(r) {
			l.fault(HiddenText, s.path, "remove it", "holds %U, which turns, hides or steers text", r)
			return
		}
	}
}

func hides(r rune) bool {
	switch {
	case r == '\n':
		return false
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Variation_Selector, r):
		return true
	}
	return unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0'
}

// plain is a text as a reader takes it: look-alike forms are one, what is hidden is away.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && hides(r) || r == '\u0640' || unicode.Is(unicode.Mn, r) && r >= '\u064b' && r <= '\u065f' {
			return -1
		}
		switch r {
		case '\u2018', '\u2019', '\u02bc', '\u00b4', '`':
			return '\''
		}
		return r
	}, norm.NFKC.String(s))
}
