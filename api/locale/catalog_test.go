package locale

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// TestCatalogsAreWhole: every language that is shipped has every text, and every file is shipped. So no
// text can be missing when the program runs.
func TestCatalogsAreWhole(t *testing.T) {
	for _, l := range Languages() {
		c, err := Parse(Source(l))
		if err != nil {
			t.Error(err)
			continue
		}
		if c.Language() != l || Of(l).Language() != l {
			t.Errorf("the file of %s is of %s", l, c.Language())
		}
		for number := range valisev1.Reason_name {
			r := valisev1.Reason(number)
			if got := Of(l).Sentence(r); (got == "") != (r == valisev1.Reason_REASON_UNSPECIFIED) {
				t.Errorf("%s says %q of %v", l, got, r)
			}
		}
		if got := Of(l).Sentence(9999); got != Of(l).Sentence(valisev1.Reason_REASON_INTERNAL) || Of(l).Hint(9999) != Of(l).Hint(valisev1.Reason_REASON_INTERNAL) {
			t.Errorf("%s tells a reason of a later version as %q", l, got)
		}
		if Of(l).Hint(valisev1.Reason_REASON_UNSPECIFIED) != "" {
			t.Errorf("%s has a hint for no reason at all", l)
		}
	}
	if got := Of(99).Language(); got != English {
		t.Errorf("a language that there is not is told in %s", got)
	}
	found, err := filepath.Glob("catalogs/*.toml")
	if err != nil || len(found) != len(Languages()) {
		t.Errorf("%v for the languages %v, %v", found, Codes(), err)
	}
}

func TestParseRefuses(t *testing.T) {
	english := string(Source(English))
	reviewed := func(by, on, text string) func(string) string {
		return func(s string) string {
			return fmt.Sprintf("reviewed_by = %q\nreviewed_on = %q\nreviewed_text = %q\n", by, on, text) + s
		}
	}
	replace := func(old, new string) func(string) string {
		return func(s string) string {
			if !strings.Contains(s, old) {
				t.Fatalf("%q is not there", old)
			}
			return strings.Replace(s, old, new, 1)
		}
	}
	with := func(text string) func(string) string { return func(s string) string { return s + text } }
	form := func(line string) func(string) string {
		return replace("[terminal.unproven]\n", "[terminal.unproven]\n"+line)
	}
	digest := Of(English).written.digest()
	for name, c := range map[string]struct {
		change func(string) string
		want   string
	}{
		"no TOML":                   {with("= 1"), "cannot be read"},
		"a number":                  {replace(`exercise = "EXERCISE"`, `exercise = 7`), "cannot be read"},
		"a key of nobody":           {form("more = \"x\"\n"), "plural form"},
		"a table of nobody":         {with("[console]\ntitle = \"x\"\n"), `no key "console`},
		"a key in other letters":    {replace("[call]\nattention", "[call]\nAttention"), `no key "call.Attention"`},
		"a reason of nobody":        {with("[reason.WEATHER]\nsentence = \"x\"\nhint = \"\"\n"), "no reason"},
		"a reason in other letters": {replace("[reason.INTERNAL]", "[reason.Internal]"), `no key "reason.Internal"`},
		"no reason at all":          {with("[reason.UNSPECIFIED]\nsentence = \"x\"\nhint = \"\"\n"), ""},
		"a reason without a row":    {replace("[reason.INTERNAL]", "[reason.WEATHER]"), "no reason"},
		"a lost reason":             {func(s string) string { return lostReason.ReplaceAllString(s, "") }, "REASON_QUOTA lacks"},
		"a lost hint":               {func(s string) string { return lostHint.ReplaceAllString(s, "") }, "REASON_QUOTA lacks"},
		"an empty sentence":         {replace(`sentence = "it is recorded already"`, `sentence = " "`), "empty sentence"},
		"a place in a sentence":     {replace("it is recorded already", "it is recorded {count} times"), "place to fill"},
		"a lost text":               {replace(`interrupted = "interrupted"`, ""), "terminal.interrupted is missing"},
		"an empty text":             {replace(`interrupted = "interrupted"`, `interrupted = ""`), "terminal.interrupted is empty"},
		"a lost place":              {replace(`"hint: {hint}"`, `"hint:"`), "terminal.hint has the places []"},
		"a place twice":             {replace(`"hint: {hint}"`, `"hint: {hint} {hint}"`), "terminal.hint has the places"},
		"another place":             {replace(`"hint: {hint}"`, `"hint: {text}"`), "terminal.hint has the places"},
		"an open place":             {replace(`"interrupted"`, `"interrupted {"`), "terminal.interrupted has the places"},
		"forms for no count":        {replace(`interrupted = "interrupted"`, `interrupted = { other = "interrupted" }`), "terminal.interrupted must have plural forms"},
		"a lost form":               {replace("one = ", "# one = "), `terminal.unproven the plural form "one" is there: false`},
		"a form too many":           {form("two = \"x\"\n"), `terminal.unproven the plural form "two" is there: true`},
		"a form of nobody":          {form("lots = \"x\"\n"), "plural form"},
		"a form that is no text":    {replace("one = ", "one = 1 # "), "plural form"},
		"a count that is not told":  {replace("{count} items", "items"), "terminal.unproven has the places []"},
		"one without its digit":     {replace("{count} item of it", "one item of it"), ""},
		"no language":               {replace(`language = "en"`, ""), "no language"},
		"another language":          {replace(`language = "en"`, `language = "de"`), "no language"},
		"a whole review":            {reviewed("A. Osei, Ministry of Foreign Affairs", "2026-05-03", digest), ""},
		"half a review":             {reviewed("A. Osei", "", ""), "a name, and a day"},
		"a review by nobody":        {reviewed(" ", "2026-05-03", digest), "a name, and a day"},
		"a review of other texts":   {reviewed("A. Osei", "2026-05-03", "0123456789abcdef"), "not the ones that were reviewed: theirs is " + digest},
	} {
		parsed, err := Parse([]byte(c.change(english)))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if err == nil && parsed.Sentence(valisev1.Reason_REASON_UNSPECIFIED) != "" {
			t.Errorf("%s: no reason at all is told", name)
		}
	}
	c, err := Parse([]byte(reviewed("A. Osei", "2026-05-03", digest)(english)))
	if err != nil {
		t.Fatal(err)
	}
	if review, ok := c.Review(); !ok || review.By != "A. Osei" || !review.On.Equal(time.Date(2026, 5, 3, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the review is %v", review)
	}
}

var (
	lostReason = regexp.MustCompile(`(?m)^\[reason.QUOTA\]\n.*\n.*\n`)
	lostHint   = regexp.MustCompile(`(?m)(^\[reason.QUOTA\]\n.*\n)hint.*\n`)
)

// Any change of a text is another digest; an order of the file is none.
func TestDigest(t *testing.T) {
	english := string(Source(English))
	digest := func(s string) string {
		c, err := Parse([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return c.written.digest()
	}
	before := digest(english)
	for _, old := range []string{"it is recorded already", "nothing to do\"", "EXERCISE", "{count} item of", "interrupted\""} {
		if digest(strings.Replace(english, old, "x"+old, 1)) == before {
			t.Errorf("a change of %q is no change", old)
		}
	}
	quota := lostReason.FindString(english)
	if digest(strings.Replace(english, quota, "", 1)+"\n"+quota) != before {
		t.Error("another order is another text")
	}
}

// TestReviewsStandOnThePage: docs/languages.md says of every language who has reviewed it, or that nobody has.
func TestReviewsStandOnThePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/languages.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range Languages() {
		by, on := "nobody yet", ""
		if review, ok := Of(l).Review(); ok {
			by, on = review.By, review.On.Format(time.DateOnly)
		}
		if l == English {
			by = "the project"
		}
		want := fmt.Sprintf("| `%s` | %s | %s | %s |", l, l.Endonym(), by, on)
		if !strings.Contains(string(page), strings.ReplaceAll(want, "|  |", "| |")) {
			t.Errorf("the page has no row %s", want)
		}
	}
}

func TestCalls(t *testing.T) {
	for _, c := range []struct {
		l                   Language
		attention, exercise string
	}{
		{English, "Valise: something needs your attention. Go to the desk.", "EXERCISE Valise: all is quiet. Nothing needs you."},
		{French, "Valise\u00a0: votre attention est requise. Veuillez vous rendre à votre poste.", "EXERCICE / EXERCISE — Valise\u00a0: tout est calme. Rien ne requiert votre attention."},
		{Arabic, "من \u2068Valise\u2069: ثمة ما يستدعي انتباهكم. يرجى التوجه إلى مكتب المناوبة.", "تمرين / \u2068EXERCISE\u2069 — من \u2068Valise\u2069: كل شيء هادئ. لا شيء يستدعي تدخلكم."},
	} {
		if got := Of(c.l).Attention(false); got != c.attention {
			t.Errorf("in %s people are called with %q", c.l, got)
		}
		if got := Of(c.l).AllQuiet(true); got != c.exercise {
			t.Errorf("in %s all is quiet with %q", c.l, got)
		}
	}
	for _, l := range Languages() {
		c := Of(l)
		for _, text := range []func(bool) string{c.Attention, c.AllQuiet} {
			if !strings.Contains(text(true), exerciseMark) || strings.Contains(text(false), exerciseMark) || !strings.HasSuffix(text(true), text(false)) {
				t.Errorf("%s: %q, in an exercise %q", l, text(false), text(true))
			}
			if strings.ContainsAny(text(true), "0123456789") || len(text(true)) > 300 {
				t.Errorf("%s says more than that something waits: %q", l, text(true))
			}
		}
		if c.Attention(true) == c.AllQuiet(true) {
			t.Errorf("%s has one text for both", l)
		}
	}
}

// FuzzParse: what is taken as a catalog has every text.
func FuzzParse(f *testing.F) {
	for _, l := range Languages() {
		f.Add(Source(l))
	}
	f.Add([]byte("language = \"en\"\n[terminal.unproven]\nother = \"{count\""))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Parse(b)
		if err != nil {
			return
		}
		for number := range valisev1.Reason_name {
			if number != 0 && c.Sentence(valisev1.Reason(number)) == "" {
				t.Errorf("%d has no sentence", number)
			}
		}
		for n := range 120 {
			if c.Unproven(n) == "" {
				t.Errorf("there is no text for %d", n)
			}
		}
		if c.Interrupted() == "" || !strings.Contains(c.HintLine("x"), "x") {
			t.Error("a text is empty")
		}
	})
}
