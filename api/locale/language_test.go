package locale

import (
	"slices"
	"strings"
	"testing"

	"valise.example/proto/notes"
)

// The notes under messages and the texts of the program come in the same languages. A-7a-iv
func TestLanguages(t *testing.T) {
	if got := Codes(); !slices.Equal(got, notes.Languages()) {
		t.Errorf("the languages are %v, those of the notes %v", got, notes.Languages())
	}
	var zero Language
	if zero != English || zero.String() != "en" || Language(99).String() != "en" {
		t.Error("what says no language is not English")
	}
	seen := map[string]bool{}
	for _, l := range Languages() {
		back, err := ParseLanguage(l.String())
		if err != nil || back != l {
			t.Errorf("%s comes back as %s, %v", l, back, err)
		}
		if l.Endonym() == "" || seen[l.Endonym()] {
			t.Errorf("%s has the endonym %q", l, l.Endonym())
		}
		seen[l.Endonym()] = true
		want := "ltr"
		if l == Arabic {
			want = "rtl"
		}
		if l.Direction().String() != want || (runsOtherwise(l.Endonym(), l.Direction())) {
			t.Errorf("%s is written %s, and its own name is %s", l, l.Direction(), l.Endonym())
		}
	}
}

// A language whose texts are not whole is told in English, and what names it stays good.
func TestWithdrawn(t *testing.T) {
	known[French].withdrawn = true
	defer func() { known[French].withdrawn = false }()
	if l, err := ParseLanguage("fr"); err != nil || Of(l).Language() != English || slices.Contains(Codes(), "fr") || len(Languages()) != 5 {
		t.Errorf("what is withdrawn is told in %s, %v; there are %v", Of(l).Language(), err, Codes())
	}
}

func TestParseLanguageRefuses(t *testing.T) {
	for _, code := range []string{"", "EN", "fr-CA", "de", "e", "eng", " en", "en\n", strings.Repeat("a", 1000)} {
		if l, err := ParseLanguage(code); err == nil || l != English || len(err.Error()) > 200 {
			t.Errorf("%.40q is read as %s, %v", code, l, err)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		wishes string
		want   Language
		ok     bool
	}{
		{"fr", French, true}, {"fr-CA", French, true}, {"FR-ca", French, true}, {"fr_BE", French, true},
		{"ar-EG", Arabic, true}, {"zh-Hant-HK", Chinese, true}, {"zh-CN", Chinese, true}, {"cmn", Chinese, true},
		{"es-419", Spanish, true}, {"ru-Latn", Russian, true}, {"en-XA", English, true}, {"fr-u-nu-latn", French, true},
		{"de fr", French, true}, {"de en fr", English, true}, {"xx ru", Russian, true},
		// One language does not stand in for another, whatever other programs do.
		{"uk", English, false}, {"ca", English, false}, {"br", English, false}, {"kk", English, false}, {"be", English, false}, {"ti", English, false},
		{"de", English, false}, {"", English, false}, {"und", English, false}, {"mul", English, false}, {"C", English, false}, {"*", English, false},
		{"und-FR", English, false}, {strings.Repeat("fr-", 40) + "x", English, false},
	} {
		if got, ok := Match(strings.Fields(c.wishes)...); got != c.want || ok != c.ok {
			t.Errorf("%.40q is met by %s, %t", c.wishes, got, ok)
		}
	}
}

func TestFromEnvironment(t *testing.T) {
	for _, c := range []struct {
		environment string
		want        Language
	}{
		{"", English},
		{"LANG=ar_EG.UTF-8", Arabic},
		{"LANG=fr_CA.UTF-8@euro", French},
		{"LANG=fr_FR LC_MESSAGES=es_MX.UTF-8", Spanish},
		{"LANG=fr_FR LC_MESSAGES=es_MX LC_ALL=ru_RU.KOI8-R", Russian},
		// What says something decides, also where it is no language that there is.
		{"LANG=fr_FR LC_ALL=C", English}, {"LANG=fr_FR LC_ALL=C.UTF-8", English}, {"LANG=fr_FR LC_MESSAGES=POSIX", English},
		{"LANG=fr_FR LC_ALL=uk_UA.UTF-8", English},
		{"LANG=fr_FR LC_ALL=", French},
		{"LANG=.UTF-8", English}, {"LANG=../../zh", English}, {"LC_CTYPE=fr_FR", English}, {"LANGUAGE=fr", English},
	} {
		all := map[string]string{}
		for pair := range strings.FieldsSeq(c.environment) {
			name, value, _ := strings.Cut(pair, "=")
			all[name] = value
		}
		if got := FromEnvironment(func(name string) string { return all[name] }); got != c.want {
			t.Errorf("%q is met by %s", c.environment, got)
		}
	}
}

// FuzzLanguage: a code comes back as it was, and nothing that anybody wishes for stops the program.
func FuzzLanguage(f *testing.F) {
	for _, seed := range []string{"en", "zh-Hant-TW", "fr_CA.UTF-8@euro", "und-x-a", "i-klingon", "ar\x00", "sl-rozaj-biske-1994"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if l, err := ParseLanguage(text); err == nil && l.String() != text {
			t.Errorf("%q is read as %s", text, l)
		}
		l, ok := Match(text)
		if !ok && l != English {
			t.Errorf("%q is not met, by %s", text, l)
		}
		if again, same := Match(text); again != l || same != ok {
			t.Errorf("%q is met by %s and by %s", text, l, again)
		}
		FromEnvironment(func(string) string { return text })
	})
}
