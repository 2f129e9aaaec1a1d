package localetest_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"valise.example/api/locale"
	"valise.example/api/locale/localetest"
	valisev1 "valise.example/proto/valise/v1"
)

func TestAccented(t *testing.T) {
	for _, c := range []struct {
		l          locale.Language
		text, want string
	}{
		{locale.English, "", ""},
		{locale.English, "a node", "[á ñöðé ···]"},
		{locale.English, "see valise node status", "[šéé valise node status ·········]"},
		{locale.English, "{count} of --file F", "[{count} öƒ --file F ········]"},
		{locale.Arabic, "{count} of --file F", "[{count} öƒ \u2068--file F\u2069 ········]"},
		{locale.English, "no UTF-8 in valise.toml, [away]", "[ñö UTF-8 îñ valise.toml, [away] ·············]"},
	} {
		if got := localetest.Accented(c.text, c.l); got != c.want {
			t.Errorf("%q in %s is %q", c.text, c.l, got)
		}
	}
}

// A pseudo-locale is whole in every language: all plural forms, both directions, and two fifths more.
func TestPseudo(t *testing.T) {
	for _, l := range locale.Languages() {
		c, err := localetest.Pseudo(l)
		if err != nil {
			t.Error(err)
			continue
		}
		if c.Language() != l {
			t.Errorf("that of %s is of %s", l, c.Language())
		}
		english := locale.Of(locale.English).Sentence(valisev1.Reason_REASON_QUOTA)
		got := c.Sentence(valisev1.Reason_REASON_QUOTA)
		if utf8.RuneCountInString(got)*10 < utf8.RuneCountInString(english)*14 || strings.Contains(got, "side") {
			t.Errorf("%q became %q", english, got)
		}
		for n := range 120 {
			if one := c.Unproven(n); !strings.HasPrefix(one, "[") || strings.Contains(one, "{") {
				t.Errorf("%d is %q", n, one)
			}
		}
	}
}
