package locale

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Language is one of the six official languages of the United Nations. The zero value is English, which
// is what holds where nobody has said which. A-7a-iv
type Language uint8

// The six. A-7a-iv
const (
	English Language = iota
	Arabic
	Chinese
	French
	Russian
	Spanish
)

// Direction is the way in which a language is written.
type Direction uint8

// The two directions of the six languages.
const (
	LeftToRight Direction = iota
	RightToLeft
)

// String is the direction as HTML names it: "ltr" or "rtl".
func (d Direction) String() string {
	if d == RightToLeft {
		return "rtl"
	}
	return "ltr"
}

// facts are what is known of a language beside its texts.
type facts struct {
	code      string
	tag       language.Tag
	endonym   string
	direction Direction
	// withdrawn: its catalog is not whole, so that this version has none of its texts.
	withdrawn bool
}

// known are the six by their number.
var known = [...]facts{
	English: {code: "en", tag: language.English, endonym: "English"},
	Arabic:  {code: "ar", tag: language.Arabic, endonym: "العربية", direction: RightToLeft},
	Chinese: {code: "zh", tag: language.Chinese, endonym: "中文"},
	French:  {code: "fr", tag: language.French, endonym: "français"},
	Russian: {code: "ru", tag: language.Russian, endonym: "русский"},
	Spanish: {code: "es", tag: language.Spanish, endonym: "español"},
}

// Languages lists those of which this version has the texts, in the order in which the United Nations
// lists them in English: ar zh en fr ru es. A-7a-iv
func Languages() []Language {
	return slices.DeleteFunc([]Language{Arabic, Chinese, English, French, Russian, Spanish}, func(l Language) bool { return known[l].withdrawn })
}

// Codes lists the codes of Languages in the same order.
func Codes() []string {
	var all []string
	for _, l := range Languages() {
		all = append(all, l.String())
	}
	return all
}

// ParseLanguage reads the code of one of the six, exactly as String gives it: two lower-case letters. One
// whose texts this version has not is read too, so that a configuration outlives it. Match reads the
// wishes of people.
func ParseLanguage(code string) (Language, error) {
	if i := slices.IndexFunc(known[:], func(f facts) bool { return f.code == code }); i >= 0 {
		return Language(i), nil
	}
	return English, fmt.Errorf("locale: %.20q is no language of this program: want one of %s", code, strings.Join(Codes(), ", "))
}

// facts of l; those of English where it is none of the six.
func (l Language) facts() facts {
	if int(l) < len(known) {
		return known[l]
	}
	return known[English]
}

// String is the BCP 47 code of l, two lower-case letters: "ar", "zh", "en", "fr", "ru" or "es".
func (l Language) String() string { return l.facts().code }

// Direction is the way in which l is written.
func (l Language) Direction() Direction { return l.facts().direction }

// Endonym is the name of l in l itself, as a menu of languages shows it.
func (l Language) Endonym() string { return l.facts().endonym }

// tag is l for the rules of CLDR.
func (l Language) tag() language.Tag { return l.facts().tag }
