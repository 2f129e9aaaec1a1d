package scenario

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"valise.example/proto/ident"
)

// realNames are the names of all that ISO 3166-1 gives a code to and no user, by language, as the Unicode
// locale data has them. They serve to refuse and are shown to nobody; no list of States is kept here.
var realNames = sync.OnceValue(func() map[string][]string {
	out := map[string][]string{}
	for _, tag := range Languages() {
		names := display.Regions(language.MustParse(tag))
		for a := 'A'; a <= 'Z'; a++ {
			for b := 'A'; b <= 'Z'; b++ {
				code := string(a) + string(b)
				region, err := language.ParseRegion(code)
				if err != nil || !region.IsCountry() || ident.State(code).IsInvented() || region.String() != code {
					continue
				}
				if name := plain(names.Name(region)); name != "" && name != code {
					out[tag] = append(out[tag], name)
				}
			}
		}
	}
	return out
})

// ordinary are names that are also common words of their language: what they mean there a person must judge.
var ordinary = []string{"مالي", "قطر", "عمان", "Того", "Чад", "Turkey", "Chad", "Jordan", "Georgia", "Jersey", "Guinea"}

var codeForm = regexp.MustCompile(`\b([A-Z]{2})/(?:diplomatic|technical)\b`)

// states: an exercise that names a State says something of it. Names of invented States are looked at too.
func (l *linter) states(s said) {
	for _, m := range codeForm.FindAllStringSubmatch(s.text, -1) {
		if !ident.State(m[1]).IsInvented() {
			l.fault(RealState, s.path, "take QM to QZ or XA to XZ without XK", "holds the code %s, which no user can assign", m[1])
		}
	}
	if s.language == "" && !strings.HasSuffix(s.path, ".name") {
		return
	}
	text := newHay(s.text)
	for _, tag := range Languages() {
		if s.language != "" && s.language != tag && s.language != "en" && tag != "en" {
			continue
		}
		for _, name := range realNames()[tag] {
			if !text.names(tag, name) {
				continue
			}
			if slices.Contains(ordinary, name) {
				l.warn(RealState, s.path, "take another word where the State is not meant", "holds %q, which is the name of a State too", name)
			} else {
				l.fault(RealState, s.path, "exercises have invented States alone", "names a real State or territory")
			}
			return
		}
	}
}

// hay is a text in which names are looked for: as it is, and its words between blanks.
type hay struct{ text string }

func newHay(text string) hay {
	return hay{" " + strings.Join(strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' }), " ") + " "}
}

// names reports whether a name stands in the text, in the ways in which its language bends and joins names.
func (h hay) names(tag, name string) bool {
	name = strings.TrimSpace(newHay(name).text)
	switch tag {
	case "zh":
		return strings.Contains(h.text, name)
	case "ar":
		for _, joined := range []string{"", "و", "ف", "ب", "ك", "ل", "وب", "ول"} {
			if strings.Contains(h.text, " "+joined+name+" ") {
				return true
			}
		}
		bare, article := strings.CutPrefix(name, "ال")
		return article && (strings.Contains(h.text, " لل"+bare+" ") || strings.Contains(h.text, " ولل"+bare+" "))
	case "ru":
		return h.bent(name)
	}
	return strings.Contains(h.text, " "+name+" ") || strings.Contains(h.text, " "+strings.ToUpper(name)+" ")
}

// endings are how the cases of Russian end a name.
var endings = []string{"", "а", "я", "у", "ю", "е", "и", "ы", "ой", "ей", "ом", "ем", "ии", "ию", "ией", "ия", "ью", "ов", "ами", "ах", "ам"}

func (h hay) bent(name string) bool {
	stem := name
	if !strings.Contains(name, " ") && len([]rune(name)) > 3 {
		stem = strings.TrimRight(name, "аяуюеиыйьо")
	}
	for rest := h.text; ; {
		i := strings.Index(rest, " "+stem)
		if i < 0 {
			return false
		}
		rest = rest[i+1+len(stem):]
		end := rest[:strings.IndexByte(rest, ' ')]
		if end == strings.TrimPrefix(name, stem) || stem != name && slices.Contains(endings, end) || stem == name && !strings.Contains(name, " ") && len([]rune(name)) > 3 && slices.Contains(endings, end) {
			return true
		}
	}
}
