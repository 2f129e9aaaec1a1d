package locale_test

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// argumentsOf are what the contract says of each warning: the names in braces behind its words.
func argumentsOf(t *testing.T) map[string][]string {
	t.Helper()
	b, err := os.ReadFile("../../proto/valise/v1/warning.proto")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, m := range regexp.MustCompile(`(?m)^  // (.*)\n  (WARNING_[A-Z_]+) = \d+;`).FindAllStringSubmatch(string(b), -1) {
		found[m[2]] = places(m[1])
	}
	return found
}

func places(text string) []string {
	found := place.FindAllString(text, -1)
	slices.Sort(found)
	return found
}

// TestEveryWarningHasWords walks the contract: each value has words in every language, with the arguments
// that the contract names, and no words are for a value that there is not.
func TestEveryWarningHasWords(t *testing.T) {
	arguments := argumentsOf(t)
	for _, l := range locale.Languages() {
		texts := locale.Of(l).Told().Warning
		for number, name := range valisev1.Warning_name {
			if number == 0 {
				continue
			}
			text, known := locale.Named(texts, locale.WarningName(valisev1.Warning(number)))
			if !known || text.String() == "" {
				t.Errorf("%s has no words for %s", l, name)
				continue
			}
			want, said := arguments[name]
			if got := places(text.String()); !said || !slices.Equal(got, want) {
				t.Errorf("%s %s has the places %q, the contract names %q", l, name, got, want)
			}
		}
		if words, values := reflect.TypeFor[locale.WarningTexts]().NumField(), len(valisev1.Warning_name)-1; words != values {
			t.Errorf("%d values have %d texts", values, words)
		}
	}
}

// TestEveryFindingHasAFix under its own name: none is for something that nothing is found of.
func TestEveryFindingHasAFix(t *testing.T) {
	told := locale.Of(locale.English).Told()
	fixes := reflect.TypeOf(told.Fix)
	for field := range fixes.Fields() {
		key := field.Tag.Get("toml")
		if _, known := locale.Named(told.Found, key); !known {
			t.Errorf("the fix %s is for nothing", key)
		}
	}
}

// TestAnArgumentIsToldAsItsReaderSaysIt: days with how far they are, names with their days, reasons in words.
func TestAnArgumentIsToldAsItsReaderSaysIt(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	day := func(in time.Duration) *timestamppb.Timestamp { return timestamppb.New(now.Add(in)) }
	ends := func(in time.Duration) *valisev1.StandingWarning {
		return &valisev1.StandingWarning{Warning: valisev1.Warning_WARNING_REVIEW_DUE, Arguments: []*valisev1.WarningArgument{{Name: "day", Value: &valisev1.WarningArgument_Day{Day: day(in)}}}}
	}
	names := &valisev1.StandingWarning{Warning: valisev1.Warning_WARNING_PEERS_SIGNING_KEYS_END, Arguments: []*valisev1.WarningArgument{{
		Name: "peers", Value: &valisev1.WarningArgument_Names{Names: &valisev1.WarningNames{More: 2, Names: []*valisev1.WarningName{
			{Name: "XB/technical", Day: day(-48 * time.Hour)}, {Name: "XC/technical"},
		}}},
	}}}
	refused := &valisev1.StandingWarning{Warning: valisev1.Warning_WARNING_RELAYED_REFUSED, Arguments: []*valisev1.WarningArgument{
		{Name: "reason", Value: &valisev1.WarningArgument_Reason{Reason: valisev1.Reason_REASON_QUORUM}}, {Name: "held", Value: &valisev1.WarningArgument_Number{Number: 7}},
	}}
	for _, c := range []struct {
		l    locale.Language
		w    *valisev1.StandingWarning
		says string
	}{
		{locale.English, ends(49 * time.Hour), "by 2026-03-03, in 2 days:"},
		{locale.English, ends(25 * time.Hour), "by 2026-03-02, in 1 day:"},
		{locale.English, ends(time.Hour), "by 2026-03-01, in less than a day:"},
		{locale.English, ends(-time.Hour), "by 2026-03-01:"},
		{locale.French, ends(49 * time.Hour), "au 2026-03-03, dans 2 jours\u00a0:"},
		{locale.Arabic, ends(72 * time.Hour), "حتى \u20682026-03-04\u2069، بعد 3 أيام:"},
		{locale.English, names, "marked: XB/technical (2026-02-27), XC/technical and 2 more"},
		{locale.Chinese, names, "：XB/technical (2026-02-27)、XC/technical 以及另外 2 个"},
		{locale.Russian, refused, "(" + locale.Of(locale.Russian).Sentence(valisev1.Reason_REASON_QUORUM) + "); в силе остается список 7:"},
	} {
		catalog := locale.Of(c.l)
		if got := catalog.Plain(catalog.Warning(c.w, now)); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q does not say %q", c.l, got, c.says)
		}
	}
}

// TestWhatANewerNodeWarnsOf is told in its English, and says that it is: a value that is not known here, one
// with other arguments, and the sentences of a node that gives no values.
func TestWhatANewerNodeWarnsOf(t *testing.T) {
	for name, w := range map[string]*valisev1.StandingWarning{
		"a later value":    {Warning: 9999, Text: "the moon is full"},
		"no value":         locale.Standing(nil, "the moon is full")[0],
		"no argument":      {Warning: valisev1.Warning_WARNING_SPLIT_VIEW, Text: "the moon is full"},
		"another argument": {Warning: valisev1.Warning_WARNING_SPLIT_VIEW, Text: "the moon is full", Arguments: []*valisev1.WarningArgument{{Name: "peer"}}},
	} {
		got := locale.Of(locale.Arabic).Warning(w, time.Now())
		if len(got) != 1 || got[0].Text != "the moon is full" || !got[0].English {
			t.Errorf("%s: %+v", name, got)
		}
		if got := locale.Of(locale.English).Warning(w, time.Now()); len(got) != 1 || got[0].English {
			t.Errorf("%s in English: %+v", name, got)
		}
	}
	known := []*valisev1.StandingWarning{{Warning: valisev1.Warning_WARNING_NO_DIRECTORY, Text: "x"}}
	if got := locale.Standing(known, "x", "y"); len(got) != 1 || got[0] != known[0] {
		t.Errorf("a node with values is read as %v", got)
	}
}

// TestAFindingSaysWhyInOneLanguage: the words of the very case exist in English only, so that others read the
// sentence of its reason.
func TestAFindingSaysWhyInOneLanguage(t *testing.T) {
	found := locale.Found{Code: "keys_unreadable", Why: valisev1.Reason_REASON_KEY_CHANGED, Detail: "record.key is not of this home"}
	for l, says := range map[locale.Language]string{
		locale.English: "the keys cannot be read: record.key is not of this home",
		locale.French:  "les clés ne peuvent pas être lues\u00a0: une clé diffère de celle qui a été confirmée",
	} {
		catalog := locale.Of(l)
		what, fix := catalog.Found(found, time.Now())
		if got := catalog.Plain(what); got != says || len(fix) == 0 {
			t.Errorf("%s: %q, and %d spans of what to do", l, got, len(fix))
		}
	}
}
