package locale_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"valise.example/api/locale"
	"valise.example/api/locale/localetest"
)

// term is a word of the trade in the six languages, and the stems of it where a language bends words.
type term struct {
	En, Ar, Zh, Fr, Ru, Es string
	Stems                  map[string][]string
}

func (x term) in(l locale.Language) string {
	return map[locale.Language]string{locale.English: x.En, locale.Arabic: x.Ar, locale.Chinese: x.Zh, locale.French: x.Fr, locale.Russian: x.Ru, locale.Spanish: x.Es}[l]
}

// stems of which one must be in a text that uses the term.
func (x term) stems(l locale.Language) []string {
	if stems, ok := x.Stems[l.String()]; ok {
		return stems
	}
	return []string{x.in(l)}
}

// used reports whether s has all words of a stem of x, in any order and bent at their ends.
func (x term) used(l locale.Language, s string) bool {
	s = strings.ToLower(s)
	return slices.ContainsFunc(x.stems(l), func(stem string) bool {
		for word := range strings.FieldsSeq(strings.ToLower(stem)) {
			if !strings.Contains(s, word) {
				return false
			}
		}
		return true
	})
}

func glossary(t *testing.T) map[string]term {
	t.Helper()
	b, err := os.ReadFile("glossary.toml")
	if err != nil {
		t.Fatal(err)
	}
	terms := map[string]term{}
	meta, err := toml.Decode(string(b), &terms)
	if err != nil || len(meta.Undecoded()) > 0 {
		t.Fatal(err, meta.Undecoded())
	}
	return terms
}

// oneWordForTwo are terms that a language does not tell apart, and why.
var oneWordForTwo = map[string]string{
	"fr réponse": "French has no second word for an answer that is not narrower",
}

func TestGlossary(t *testing.T) {
	terms := glossary(t)
	if len(terms) < 60 {
		t.Errorf("the glossary has %d terms", len(terms))
	}
	for _, l := range locale.Languages() {
		seen := map[string]string{}
		for key, x := range terms {
			word := x.in(l)
			if word == "" || badText(l, word) != "" {
				t.Errorf("%s: %s is %q: %s", key, l, word, badText(l, word))
			}
			if !x.used(l, word) {
				t.Errorf("%s: %s bends %q to none of %q", key, l, word, x.stems(l))
			}
			if other, twice := seen[word]; twice && oneWordForTwo[l.String()+" "+word] == "" {
				t.Errorf("%s and %s are both %q in %s", key, other, word, l)
			}
			seen[word] = key
		}
	}
	for key, x := range terms {
		for l := range x.Stems {
			if _, err := locale.ParseLanguage(l); err != nil {
				t.Errorf("%s has stems for %q", key, l)
			}
		}
	}
}

// otherSense are sentences in which the English word is not the term, and why.
var otherSense = map[string]string{
	"answer reason.NODE_UNREACHABLE.sentence": "a node that answers sends no answer to an inquiry",
	"answer told.found.record_held":           "the same",
	"answer told.found.relay_good":            "a relay that answers sends no answer to an inquiry",
	"answer told.found.relay_silent":          "the same",
	"answer told.found.relay_warns":           "the same",
	"key reason.BAD_DRAFT.hint":               "a key of a draft is a field, not a cryptographic key",
	"record reason.NO_CONSENT.sentence":       "on record: that somebody has noted it",
}

// TestTextsUseTheGlossary: where English uses a word of the trade, every other language uses its own, so that
// one thing has one name. The longest term counts: a sealing key is not also a key.
func TestTextsUseTheGlossary(t *testing.T) {
	terms := glossary(t)
	keys := slices.SortedFunc(maps.Keys(terms), func(a, b string) int {
		if d := len(terms[b].En) - len(terms[a].En); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	english, found, excused := textsOf(t, locale.English, false), map[string]int{}, map[string]bool{}
	for i, e := range english {
		rest := place.ReplaceAllString(localetest.Literals.ReplaceAllString(e.text, " "), " ")
		for _, key := range keys {
			word := regexp.MustCompile(`(?i)(^|[^\w-])` + regexp.QuoteMeta(terms[key].En) + `s?($|[^\w-])`)
			if !word.MatchString(rest) {
				continue
			}
			rest = word.ReplaceAllString(rest, " ")
			found[key]++
			if _, other := otherSense[key+" "+e.key]; other {
				excused[key+" "+e.key] = true
				continue
			}
			for _, l := range others() {
				if here := textsOf(t, l, false)[i]; !terms[key].used(l, here.text) {
					t.Errorf("%s %s does not say %q for %q: %q", l, e.key, terms[key].in(l), terms[key].En, here.text)
				}
			}
		}
	}
	if len(found) < 25 {
		t.Errorf("only %d terms are used: %v", len(found), found)
	}
	for key := range otherSense {
		if !excused[key] {
			t.Errorf("%s is excused and need not be", key)
		}
	}
	bent := terms["node"]
	if bent.used(locale.Russian, "шлюз") || !bent.used(locale.Russian, "на этом узле") || terms["sealing_key"].used(locale.Arabic, "مفتاح") {
		t.Error("another word is taken for a term")
	}
}
