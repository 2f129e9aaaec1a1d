package telling_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"valise.example/api/locale"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/exercise/telling"
)

var names = map[string]string{"XA": "Alder", "XB": "Birch"}

// constants are the words of a vocabulary, out of the source that declares them: one that is added later is not missed.
func constants(t *testing.T, file, typ string, least int) (all []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, is := spec.Type.(*ast.Ident); is && name.Name == typ {
			word, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, word)
		}
		return true
	})
	if len(all) < least {
		t.Fatalf("%s has only %q", typ, all)
	}
	return all
}

// sentence fails where a text shows how a program spells something, or leaves out what it must say.
func sentence(t *testing.T, l locale.Language, said string, without []string, with ...string) {
	t.Helper()
	for _, code := range without {
		if strings.Contains(said, code) {
			t.Errorf("%s shows %q: %s", l, code, said)
		}
	}
	for _, word := range with {
		if !strings.Contains(said, word) {
			t.Errorf("%s does not say %q: %s", l, word, said)
		}
	}
	if said == "" || strings.ContainsAny(said, "{}_\"") {
		t.Errorf("%s: no sentence for people: %q", l, said)
	}
	if l != locale.English && l.Direction() == locale.RightToLeft && !strings.ContainsFunc(said, func(r rune) bool { return r >= 0x600 && r <= 0x6ff }) {
		t.Errorf("%s: nothing of it is in that language: %q", l, said)
	}
}

// TestEveryActHasWords: as a name and as what a seat did, in six languages, each act otherwise than any other.
func TestEveryActHasWords(t *testing.T) {
	for _, l := range locale.Languages() {
		told, seen := telling.In(l, names), map[string]string{}
		for _, act := range constants(t, "../scenario/scenario.go", "Act", 23) {
			does := scenario.Act(act)
			line := play.Line{Type: play.Acted, Seat: "XA/technical", To: []string{"XB/technical"}, Does: does}
			did, code := told.Line(line), []string{"XA/", "XB/"}
			if strings.ContainsAny(act, "._") {
				code = append(code, act) // "closed" is a word of English as well
			}
			sentence(t, l, did, code, "Alder")
			if does != scenario.CheckAnswered && does != scenario.RealEventRaised {
				sentence(t, l, did, nil, "Birch")
			}
			line.To = nil
			sentence(t, l, told.Line(line), code, "Alder")
			sentence(t, l, told.Owes("XA/technical", does, "XB/technical"), code, "Alder", "Birch", told.Act(does))
			sentence(t, l, told.Owes("XA/technical", does, ""), code, "Alder", told.Act(does))
			for _, text := range []string{did, told.Act(does)} {
				if other := seen[text]; other != "" {
					t.Errorf("%s says of %s what it says of %s: %s", l, act, other, text)
				}
				seen[text] = act
			}
		}
	}
}

// TestEveryLineIsASentence: each type of line with each word that it can have.
func TestEveryLineIsASentence(t *testing.T) {
	after, agree := int64(95_000), true
	bare := map[play.LineType]play.Line{
		play.Opened:   {Scenario: "lantern-ward", Seed: 7},
		play.Control:  {Do: play.StartEx},
		play.Injected: {Inject: "I01", To: []string{"XA/technical", "XB/technical"}, Cause: play.ByTime},
		play.Acted:    {Seat: "XA/technical", Does: scenario.InquirySent},
		play.Refused:  {Seat: "XA/technical", To: []string{"XB/technical"}, Breaks: scenario.ThirdParty},
		play.Result:   {Expectation: "E01", Outcome: play.Met, After: &after},
		play.Judged:   {Expectation: "E04", Grade: play.Performed, Text: "Well put"},
		play.Noted:    {Seat: "XA/technical", Expectation: "E01", Text: "Quick"},
		play.Compared: {Seats: []string{"XA/technical", "XB/technical"}, Agree: &agree},
		play.Ended:    {Lines: 40},
	}
	lines := map[string]play.Line{}
	for _, typ := range constants(t, "../play/line.go", "LineType", 10) {
		l, known := bare[play.LineType(typ)]
		if !known {
			t.Errorf("this test does not know lines of the type %s", typ)
		}
		l.Type = play.LineType(typ)
		lines[typ] = l
	}
	vary := func(typ play.LineType, words []string, set func(*play.Line, string)) {
		for _, word := range words {
			l := lines[string(typ)]
			set(&l, word)
			lines[string(typ)+" "+word] = l
		}
	}
	vary(play.Control, constants(t, "../play/line.go", "Command", 11), func(l *play.Line, w string) { l.Do, l.Value, l.Inject = play.Command(w), 3_600_000, "I01" })
	vary(play.Result, constants(t, "../play/line.go", "Outcome", 7), func(l *play.Line, w string) { l.Outcome = play.Outcome(w) })
	vary(play.Judged, constants(t, "../play/line.go", "Grade", 4), func(l *play.Line, w string) { l.Grade = play.Grade(w) })
	vary(play.Acted, constants(t, "../scenario/scenario.go", "Fact", 10), func(l *play.Line, w string) { l.Has = []scenario.Fact{scenario.Fact(w)} })
	vary(play.Acted, constants(t, "../scenario/scenario.go", "Never", 3), func(l *play.Line, w string) { l.Breaks = scenario.Never(w) })
	vary(play.Refused, constants(t, "../scenario/scenario.go", "Never", 3), func(l *play.Line, w string) { l.To, l.Breaks = nil, scenario.Never(w) })
	for _, l := range locale.Languages() {
		told := telling.In(l, names)
		for name, line := range lines {
			_, word, _ := strings.Cut(name, " ")
			without := []string{"XA/", "XB/", `"type"`}
			foreign := l == locale.Arabic || l == locale.Chinese || l == locale.Russian
			if strings.ContainsAny(word, "._") || foreign && len(word) > 1 {
				without = append(without, word) // the rest are words of the language as well
			}
			sentence(t, l, told.Line(line), append(without, locale.Of(l).Report().Told.Unknown.Say("type", string(line.Type))))
		}
	}
}

// TestWhoRaisedARealEventIsTold: a seat by its name, and whoever has none by what they are there.
func TestWhoRaisedARealEventIsTold(t *testing.T) {
	told := telling.In(locale.English, names)
	for seat, want := range map[string]string{
		"XA/technical": "Alder, technical track", "evaluators": "an evaluator", "observers": "an observer", "control": "exercise control", "": "exercise control",
	} {
		said := told.Line(play.Line{Type: play.Control, Do: play.RealEvent, Seat: seat})
		if !strings.HasSuffix(said, "raised by "+want) {
			t.Errorf("of %q it is said: %s", seat, said)
		}
	}
}

// TestExpectationIsToldWithWhatItHopes: where that is known, nobody has to look up an id; several seats are told apart.
func TestExpectationIsToldWithWhatItHopes(t *testing.T) {
	told := telling.In(locale.English, names)
	line := play.Line{Type: play.Result, Expectation: "E02", Outcome: play.Missed}
	if said := told.Line(line); said != "E02: missed" {
		t.Errorf("without it: %s", said)
	}
	hoping := told.Hoping(map[string]string{"E02": told.Owes("XB/technical", scenario.Acknowledged, "")})
	if said := hoping.Line(line); said != "E02 (Birch, technical track: acknowledgement): missed" {
		t.Errorf("with it: %s", said)
	}
	if said := told.Line(play.Line{Type: play.Injected, Inject: "I01", To: []string{"XA/technical", "XB/diplomatic"}}); said != "inject I01 reaches Alder, technical track; Birch, diplomatic track" {
		t.Errorf("several seats: %s", said)
	}
}

// TestWordsOfPeopleSteerNothing: what a note says ends no isolate and makes no line of its own; what this version does
// not know is told by its own name.
func TestWordsOfPeopleSteerNothing(t *testing.T) {
	evil := "one\ntwo\u202e\u2069\u001b[2J<b>"
	for _, l := range locale.Languages() {
		told := telling.In(l, map[string]string{"XA": evil})
		for _, line := range []play.Line{
			{Type: play.Noted, Seat: "XA/technical", Text: evil}, {Type: play.Acted, Seat: evil, Does: scenario.Act(evil), To: []string{evil}},
			{Type: play.Control, Do: play.Command(evil)}, {Type: play.LineType(evil)}, {Type: play.Result, Expectation: evil, Outcome: play.Outcome(evil), Text: evil},
		} {
			if said := told.Line(line); strings.ContainsAny(said, "\n\u202e\u001b") || strings.Count(said, "\u2069") != strings.Count(said, "\u2067")+strings.Count(said, "\u2068") {
				t.Errorf("%s: %q", l, said)
			}
		}
		if said := told.Line(play.Line{Type: "weighed"}); !strings.Contains(said, "weighed") {
			t.Errorf("%s leaves out what it does not know: %q", l, said)
		}
	}
}
