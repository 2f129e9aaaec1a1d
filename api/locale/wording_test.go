package locale_test

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"

	"valise.example/api/locale"
	"valise.example/api/locale/localetest"
)

// text is one text of a catalog by its key.
type text struct{ key, text string }

// textsOf reads the file of a language without the code that is tested elsewhere. Of plural forms it has
// the one that stands for all others, or all of them.
func textsOf(t *testing.T, l locale.Language, everyForm bool) (all []text) {
	t.Helper()
	asked := [2]any{l, everyForm}
	if known, ok := textsRead.Load(asked); ok {
		return known.([]text)
	}
	defer func() { textsRead.Store(asked, all) }()
	var file map[string]any
	if _, err := toml.Decode(string(locale.Source(l)), &file); err != nil {
		t.Fatal(err)
	}
	var walk func(key string, v any)
	walk = func(key string, v any) {
		switch v := v.(type) {
		case string:
			all = append(all, text{key, v})
		case map[string]any:
			if other, ok := v["other"]; ok && !everyForm {
				v = map[string]any{"other": other}
			}
			for name, sub := range v {
				walk(strings.TrimPrefix(key+"."+name, "."), sub)
			}
		}
	}
	for _, table := range []string{"reason", "call", "terminal", "vocabulary", "page", "command", "told", "report"} {
		walk(table, file[table])
	}
	slices.SortFunc(all, func(a, b text) int { return strings.Compare(a.key, b.key) })
	if len(all) < 180 {
		t.Fatalf("%s has only %d texts", l, len(all))
	}
	return all
}

// textsRead are the catalogs that were taken apart before: some tests ask for each text of each.
var textsRead sync.Map

// others are the languages that are translated from English.
func others() []locale.Language {
	return slices.DeleteFunc(locale.Languages(), func(l locale.Language) bool { return l == locale.English })
}

// TestSameKeys: every text of English is there in every language, empty where English is empty, and
// nothing else is. What is no word stays the same: commands, flags, files, places to fill.
func TestSameKeys(t *testing.T) {
	english := textsOf(t, locale.English, false)
	for _, l := range others() {
		here := textsOf(t, l, false)
		if len(here) != len(english) {
			t.Errorf("%s has %d texts, English has %d", l, len(here), len(english))
			continue
		}
		for i, e := range english {
			h := here[i]
			if h.key != e.key || (h.text == "") != (e.text == "") {
				t.Errorf("%s has %s %q in the place of %s %q", l, h.key, h.text, e.key, e.text)
			}
			if inCapitals[e.key] {
				continue
			}
			if got, want := literals(h.text), literals(e.text); !slices.Equal(got, want) {
				t.Errorf("%s %s has %q, English has %q", l, e.key, got, want)
			}
		}
	}
}

// inCapitals are texts with a word in capital letters, which is a word of the language and no name.
var inCapitals = map[string]bool{
	"report.head.mark": true, "report.act.real_event_raised": true, "report.did.real_event_raised": true, "report.control.real_event": true, "report.control.stand_down": true, "report.legend.pause": true,
	"call.exercise": true, "page.exercise.stop_word": true, "command.record.banner": true, "command.record.not_verifies": true, "command.record.paper_not": true,
}

var place = regexp.MustCompile(`\{[a-z]*\}`)

func literals(s string) []string {
	found := slices.Concat(localetest.Literals.FindAllString(s, -1), place.FindAllString(s, -1))
	slices.Sort(found)
	return slices.Compact(found)
}

// sameAsEnglish are texts that are right although they are those of English, and why.
var sameAsEnglish = map[string]string{
	"ar page.time.date":               "an order that both have",
	"fr page.time.date":               "an order that both have",
	"fr report.line.event":            "nothing but places and an arrow",
	"fr page.time.utc":                "nothing but places and UTC",
	"ru page.time.utc":                "nothing but places and UTC",
	"es page.time.utc":                "nothing but places and UTC",
	"ar page.frame.named":             "nothing but places and a mark that both have",
	"ru page.frame.named":             "nothing but places and a mark that both have",
	"es page.frame.named":             "nothing but places and a mark that both have",
	"ar page.frame.stopped":           "nothing but a place and a mark that both have",
	"fr page.frame.stopped":           "nothing but a place and a mark that both have",
	"ru page.frame.stopped":           "nothing but a place and a mark that both have",
	"es page.frame.stopped":           "nothing but a place and a mark that both have",
	"fr page.frame.contacts":          "the same word in both",
	"es page.reading.no":              "the same word in both",
	"es page.write.option.no":         "the same word in both",
	"ar command.result.sent":          "nothing but places and marks that both have",
	"ar command.result.sent_reason":   "nothing but places and marks that both have",
	"ar command.thread.with_words":    "nothing but places and marks that both have",
	"ru command.result.sent":          "nothing but places and marks that both have",
	"ru command.result.sent_reason":   "nothing but places and marks that both have",
	"ru command.thread.with_words":    "nothing but places and marks that both have",
	"es command.result.sent":          "nothing but places and marks that both have",
	"es command.result.sent_reason":   "nothing but places and marks that both have",
	"es command.thread.with_words":    "nothing but places and marks that both have",
	"fr command.thread.both":          "nothing but places and a comma",
	"ru command.thread.both":          "nothing but places and a comma",
	"es command.thread.both":          "nothing but places and a comma",
	"fr command.result.message":       "the same word in both",
	"fr command.record_label.message": "the same word in both",
	"fr command.record_label.date":    "the same word in both",
	"fr command.record_label.note":    "the same word in both",
	"ar told.found.config_bad":        "nothing but a place",
	"ar told.found.config_later":      "nothing but a place",
	"zh told.found.config_bad":        "nothing but a place",
	"zh told.found.config_later":      "nothing but a place",
	"fr told.found.config_bad":        "nothing but a place",
	"fr told.found.config_later":      "nothing but a place",
	"ru told.found.config_bad":        "nothing but a place",
	"ru told.found.config_later":      "nothing but a place",
	"es told.found.config_bad":        "nothing but a place",
	"es told.found.config_later":      "nothing but a place",
	"ar page.time.day":                "an order that both have",
	"fr page.time.day":                "an order that both have",
	"ru page.time.day":                "an order that both have",
	"fr report.picture.diplomatic":    "the same first letter in both",
	"fr report.picture.technical":     "the same first letter in both",
	"fr report.time.hours.other":      "the sign of the unit, the same in both",
	"fr report.time.minutes.other":    "the sign of the unit, the same in both",
	"fr report.time.seconds.other":    "the sign of the unit, the same in both",
	"es report.picture.diplomatic":    "the same first letter in both",
	"es report.picture.technical":     "the same first letter in both",
	"es report.time.hours.other":      "the sign of the unit, the same in both",
	"es report.time.minutes.other":    "the sign of the unit, the same in both",
	"es report.time.seconds.other":    "the sign of the unit, the same in both",
	"fr report.told.seat":             "nothing but places and a comma",
	"ru report.told.seat":             "nothing but places and a comma",
	"es report.told.seat":             "nothing but places and a comma",
	"ar report.told.more":             "nothing but places and marks that both have",
	"fr report.told.more":             "nothing but places and marks that both have",
	"ru report.told.more":             "nothing but places and marks that both have",
	"es report.told.more":             "nothing but places and marks that both have",
	"ar report.told.acted":            "nothing but places and a mark that both have",
	"ar report.told.result":           "nothing but places and a mark that both have",
	"ar report.told.owes":             "nothing but places and a mark that both have",
	"ar page.control.waived_by":       "nothing but places and a mark that both have",
	"ru report.told.acted":            "nothing but places and a mark that both have",
	"ru report.told.result":           "nothing but places and a mark that both have",
	"ru report.told.owes":             "nothing but places and a mark that both have",
	"ru page.control.waived_by":       "nothing but places and a mark that both have",
	"es report.told.acted":            "nothing but places and a mark that both have",
	"es report.told.result":           "nothing but places and a mark that both have",
	"es report.told.owes":             "nothing but places and a mark that both have",
	"es page.control.waived_by":       "nothing but places and a mark that both have",
}

func TestNothingIsLeftInEnglish(t *testing.T) {
	english := textsOf(t, locale.English, false)
	unused := map[string]bool{}
	for key := range sameAsEnglish {
		unused[key] = true
	}
	for _, l := range others() {
		for i, h := range textsOf(t, l, false) {
			if h.text != english[i].text || h.text == "" {
				continue
			}
			if _, allowed := sameAsEnglish[l.String()+" "+h.key]; !allowed {
				t.Errorf("%s %s is left in English: %q", l, h.key, h.text)
			}
			delete(unused, l.String()+" "+h.key)
		}
	}
	for key := range unused {
		t.Errorf("%s may be as in English, and is not: take it off the list", key)
	}
}

// TestLength: what stands in a fixed place may be twice as long as in English, and a short text 30 letters
// longer.
func TestLength(t *testing.T) {
	english := textsOf(t, locale.English, false)
	for _, l := range others() {
		for i, h := range textsOf(t, l, false) {
			letters := utf8.RuneCountInString(english[i].text)
			got, most := utf8.RuneCountInString(strings.NewReplacer("\u2068", "", "\u2069", "").Replace(h.text)), max(2*letters, letters+30)
			if got > most {
				t.Errorf("%s %s has %d letters, at most %d: %q", l, h.key, got, most, h.text)
			}
		}
	}
}

// TestCharacters: one line, in the normal form, without characters that steer, hide or turn text, with
// Western digits, and only where it is a whole text with a full stop.
func TestCharacters(t *testing.T) {
	stopped := map[string]bool{} // texts of the page and the command that English ends with a full stop
	for _, x := range textsOf(t, locale.English, false) {
		stopped[x.key] = (strings.HasPrefix(x.key, "page.") || strings.HasPrefix(x.key, "command.") || strings.HasPrefix(x.key, "report.")) && strings.HasSuffix(x.text, ".")
	}
	for _, l := range locale.Languages() {
		for _, x := range textsOf(t, l, true) {
			if problem := badText(l, x.text); problem != "" {
				t.Errorf("%s %s %s: %q", l, x.key, problem, x.text)
			}
			stops := strings.HasSuffix(x.text, ".") || strings.HasSuffix(x.text, "。")
			if whole := x.key == "call.attention" || x.key == "call.all_quiet" || stopped[masterKey(x.key)]; stops != whole {
				t.Errorf("%s %s ends with a full stop: %t: %q", l, x.key, stops, x.text)
			}
		}
	}
	for _, seeded := range []struct {
		l    locale.Language
		text string
	}{
		{locale.French, " a"}, {locale.French, "a "}, {locale.French, "a  b"}, {locale.French, "a\nb"}, {locale.French, "e\u0301"}, {locale.French, "a\u00adb"},
		{locale.French, "a\u200bb"}, {locale.French, "a\u2068b\u2069"}, {locale.French, "c'est"}, {locale.French, "a: b"}, {locale.French, "\ufffd"},
		{locale.Arabic, "٣ عقد"}, {locale.Arabic, "۳ عقد"}, {locale.Chinese, "３ 个"}, {locale.Russian, "a\u202eb"}, {locale.Chinese, "节点,记录"},
		{locale.Arabic, "valise عقدة"}, {locale.Arabic, "\u2068valise\u2069 عقدة"}, {locale.Arabic, "عقدة valise"}, {locale.Arabic, "عقدة \u2068valise"},
		{locale.Arabic, "عـقدة"}, {locale.Arabic, "عُقدة"}, {locale.Arabic, "\u2067عقدة\u2069"}, {locale.Spanish, "узел"}, {locale.Russian, "node"},
	} {
		if badText(seeded.l, seeded.text) == "" {
			t.Errorf("%s: nothing is wrong with %q", seeded.l, seeded.text)
		}
	}
}

// masterKey is the key under which English has the form that stands for all others.
func masterKey(key string) string {
	if at := strings.LastIndexByte(key, '.'); at >= 0 && slices.Contains([]string{"zero", "one", "two", "few", "many"}, key[at+1:]) {
		return key[:at] + ".other"
	}
	return key
}

// badText says what is wrong with a text; empty for nothing.
func badText(l locale.Language, s string) string {
	switch {
	case s != strings.TrimSpace(s) || strings.Contains(s, "  "):
		return "has spaces too many"
	case !norm.NFC.IsNormalString(s):
		return "is not in the normal form"
	}
	bare := s
	if l.Direction() == locale.RightToLeft {
		bare = isolated.ReplaceAllString(s, "")
		if first := strings.IndexFunc(bare, unicode.IsLetter); first < 0 && s != "" || strings.HasPrefix(s, "\u2068") {
			return "begins with a text of the other direction"
		}
	}
	for _, r := range bare {
		switch {
		case unicode.IsDigit(r) && (r < '0' || r > '9'):
			return "has a digit that is not Western"
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) || r == unicode.ReplacementChar:
			return "has a character that nobody sees"
		case unicode.In(r, unicode.Mn) || r == 'ـ':
			return "has a mark on a letter, which no text here has"
		}
	}
	return badScript(l, bare)
}

// isolated is a text in Latin letters in one that runs from right to left.
var isolated = regexp.MustCompile("\u2068[!-~][ -~]*\u2069")

// scripts are the letters of each language.
var scripts = map[locale.Language]*unicode.RangeTable{
	locale.Arabic: unicode.Arabic, locale.Chinese: unicode.Han, locale.English: unicode.Latin,
	locale.French: unicode.Latin, locale.Russian: unicode.Cyrillic, locale.Spanish: unicode.Latin,
}

// badScript finds letters of another script but in literals, and marks as another language sets them.
func badScript(l locale.Language, s string) string {
	if l.Direction() == locale.LeftToRight {
		s = names.ReplaceAllString(place.ReplaceAllString(localetest.Literals.ReplaceAllString(s, ""), ""), "")
	} else {
		s = place.ReplaceAllString(s, "")
	}
	for _, r := range s {
		if unicode.IsLetter(r) && !unicode.Is(scripts[l], r) {
			return "has a letter of another script outside of an isolate, a command or a name"
		}
		if p, _ := bidi.LookupRune(r); l.Direction() == locale.LeftToRight && (p.Class() == bidi.R || p.Class() == bidi.AL) {
			return "has a letter of the other direction"
		}
	}
	switch {
	case l == locale.Chinese && strings.ContainsAny(s, ",;:?!"):
		return "has marks of another script"
	case l == locale.French && (strings.Contains(s, "'") || frenchMark.MatchString(s)):
		return "has no typographic apostrophe, or no fixed space before a mark"
	}
	return ""
}

// names are what has one name everywhere.
var names = regexp.MustCompile(`\b(?:Valise|valise|MiB|TOML|token|Ctrl-C)\b`)

var frenchMark = regexp.MustCompile(`[^\x{a0}\x{202f}][:;?!]`)

// unelided is a word that loses its vowel before one, in front of a place that a name fills.
var unelided = regexp.MustCompile(`(?i)(\b(de|que|si|jusque|lorsque) |d’|qu’)\{(state|peer|name|from|to|seat|seats|who|whom|officer|id)\}`)

// TestFrenchNeverElidesBeforeAName: whether "de" or "d’" is right depends on a name that the text does not know, and
// with the names of most States an article comes between: texts are put so that neither is needed.
func TestFrenchNeverElidesBeforeAName(t *testing.T) {
	for _, h := range textsOf(t, locale.French, false) {
		if found := unelided.FindString(h.text); found != "" {
			t.Errorf("%s: %q in %q", h.key, found, h.text)
		}
	}
}
