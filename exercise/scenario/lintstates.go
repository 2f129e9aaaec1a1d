package scenario

import (
	"regexp"
	"slices"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"valise.example/proto/ident"
)

// realNames are the names of all that ISO 3166-1 gives a code to and no user, by language, as the Unicode
// locale data has them. They serve to refuse and are shown to nobody; no list of States is kept here.
var realNames = sync.OnceValue(func() map[string]*nameIndex {
	out := map[string]*nameIndex{}
	for _, tag := range Languages() {
		x := &nameIndex{byFirst: map[string][]*realName{}}
		names := display.Regions(language.MustParse(tag))
		for a := 'A'; a <= 'Z'; a++ {
			for b := 'A'; b <= 'Z'; b++ {
				code := string(a) + string(b)
				region, err := language.ParseRegion(code)
				if err != nil || !region.IsCountry() || ident.State(code).IsInvented() || region.String() != code || slices.Contains(unions, code) {
					continue
				}
				if name := plain(names.Name(region)); name != "" && name != code {
					x.add(tag, name)
				}
			}
		}
		out[tag] = x
	}
	return out
})

// unions are codes that ISO 3166-1 reserves for what is neither a State nor a territory.
var unions = []string{"EU", "EZ", "UN"}

var codeForm = regexp.MustCompile(`\b([A-Z]{2})/(?:diplomatic|technical)\b`)

// states: an exercise that names a State says something of it. Names of invented States, codewords and sources are
// looked at in every language.
func (l *linter) states(s said) {
	for _, m := range codeForm.FindAllStringSubmatch(s.text, -1) {
		if !ident.State(m[1]).IsInvented() {
			l.fault(RealState, s.path, "take QM to QZ or XA to XZ without XK", "holds the code %s, which no user can assign", m[1])
		}
	}
	words := wordsOf(s.text)
	for _, tag := range Languages() {
		if s.language != "" && s.language != tag && s.language != "en" && tag != "en" {
			continue
		}
		switch name := realNames()[tag].find(s.text, words); {
		case name == "":
			continue
		case slices.Contains(ordinary, name):
			l.warn(RealState, s.path, "take another word where the State is not meant", "holds %q, which is the name of a State too", name)
		default:
			l.fault(RealState, s.path, "exercises have invented States alone", "names a real State or territory")
		}
		return
	}
}
