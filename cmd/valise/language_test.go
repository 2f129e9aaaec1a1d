package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"valise.example/api"
	"valise.example/api/locale"
	"valise.example/api/locale/localetest"
	valisev1 "valise.example/proto/valise/v1"
)

// TestEveryErrorComesOutOfACatalog reads all errors in a pseudo-locale: what shows outside of its brackets
// is no text of a catalog. From right to left every line is isolated after the name of the program.
func TestEveryErrorComesOutOfACatalog(t *testing.T) {
	for _, l := range []locale.Language{locale.French, locale.Arabic} {
		c, err := localetest.Pseudo(l)
		if err != nil {
			t.Fatal(err)
		}
		before, after := "", ""
		if l.Direction() == locale.RightToLeft {
			before, after = "\u2067", "\u2069"
		}
		for number := range valisev1.Reason_name {
			r := valisev1.Reason(number)
			if r == valisev1.Reason_REASON_UNSPECIFIED {
				continue
			}
			want := []string{"valise: " + before + localetest.Accented(api.Sentence(r), l) + after}
			if api.Hint(r) != "" {
				want = append(want, before+c.HintLine(localetest.Accented(api.Hint(r), l))+after)
			}
			if got := refuse(r, "", "").lines(c); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
				t.Errorf("%v is told as %q, want %q", r, got, want)
			}
		}
		for _, f := range []*failure{interrupted(nil), tell(valisev1.Reason_REASON_BAD_PROOF, func(c *locale.Catalog) string { return c.Unproven(3) })} {
			for i, line := range f.lines(c) {
				if i == 0 {
					line = strings.TrimPrefix(line, "valise: ")
				}
				if inner := strings.TrimSuffix(strings.TrimPrefix(line, before), after); !strings.HasPrefix(inner, "[") || !strings.HasSuffix(inner, "]") || before != "" && inner == line {
					t.Errorf("%q is not out of the catalog", line)
				}
			}
		}
	}
}

// What is said of one case is in English, on a line of its own, and turns nothing; a hint of one case
// has its label in the language.
func TestWhatIsSaidOfOneCase(t *testing.T) {
	const reason = valisev1.Reason_REASON_NOT_FOUND
	general := api.Hint(valisev1.Reason_REASON_AMBIGUOUS)
	for _, c := range []struct {
		l    locale.Language
		f    *failure
		want []string
	}{
		{locale.English, refuse(reason, "no thread begins so", "give more"), []string{"valise: no thread begins so", "hint: give more"}},
		{locale.French, refuse(reason, "no thread begins so", "give more\n and more"), []string{"valise: " + locale.Of(locale.French).Sentence(reason), "  no thread begins so", "conseil\u00a0: give more", "conseil\u00a0: and more"}},
		{locale.French, refuse(reason, api.Sentence(reason)+": عقدة", ""), []string{"valise: " + locale.Of(locale.French).Sentence(reason), "  \u2068عقدة\u2069"}},
		{locale.Arabic, refuse(reason, "one\ntwo\u2069", "give --more"), []string{"valise: \u2067" + locale.Of(locale.Arabic).Sentence(reason) + "\u2069", "  \u2068one\u2069", "  \u2068two\ufffd\u2069", "\u2067تلميح: \u2068give --more\u2069\u2069"}},
		{locale.Russian, refuse(valisev1.Reason_REASON_AMBIGUOUS, "two threads begin so", general), []string{"valise: " + locale.Of(locale.Russian).Sentence(valisev1.Reason_REASON_AMBIGUOUS), "  two threads begin so", "подсказка: " + locale.Of(locale.Russian).Hint(valisev1.Reason_REASON_AMBIGUOUS)}},
		{locale.Russian, &failure{message: "lost"}, []string{"valise: " + locale.Of(locale.Russian).Sentence(valisev1.Reason_REASON_INTERNAL), "  lost"}},
		{locale.Russian, interrupted(nil), []string{"valise: выполнение прервано"}},
	} {
		if got := c.f.lines(locale.Of(c.l)); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
			t.Errorf("in %s: %q, want %q", c.l, got, c.want)
		}
	}
}

// TestWhichLanguage: a flag before the environment, also where the flags themselves are wrong; and with
// --json none of both.
func TestWhichLanguage(t *testing.T) {
	french, spanish, english := "la requête", "la solicitud", "no such command"
	for _, c := range []struct {
		args, environ string
		want          string
	}{
		{"nothing", "", english},
		{"nothing", "LANG=fr_FR.UTF-8", french},
		{"nothing", "LANG=C.UTF-8", english},
		{"nothing --lang es", "LANG=fr_FR.UTF-8", spanish},
		{"--lang=es-MX nothing", "LANG=fr_FR.UTF-8", spanish},
		{"nothing --lang en", "LANG=fr_FR.UTF-8", english},
		{"inquiry list --nothing --lang es", "", spanish},
		{"officer remove a b --lang es", "", spanish},
		{"version --lang de", "LANG=fr_FR.UTF-8", french},
		{"nothing -- --lang es", "", english},
		{"--json nothing --lang es", "LANG=fr_FR.UTF-8", english},
	} {
		var errs strings.Builder
		exit := Main(strings.Fields(c.args), strings.NewReader(""), io.Discard, &errs, []string{c.environ})
		if exit != exitUsage || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%s with %s ends with %d and says %q, want %q", c.args, c.environ, exit, errs.String(), c.want)
		}
		if strings.HasPrefix(c.args, "--json") && !json.Valid([]byte(errs.String())) {
			t.Errorf("%s is no JSON: %q", c.args, errs.String())
		}
	}
}
