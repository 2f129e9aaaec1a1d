package scenario_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"valise.example/exercise/scenario"
)

func small(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/small.toml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// change puts one text in the place of another, which stands in the file.
func change(t testing.TB, file, from, to string) string {
	t.Helper()
	if !strings.Contains(file, from) {
		t.Fatalf("the file does not hold %q", from)
	}
	return strings.Replace(file, from, to, 1)
}

func lineOf(file, text string) int {
	before, _, found := strings.Cut(file, text)
	if !found {
		return 0
	}
	return strings.Count(before, "\n") + 1
}

func TestTheSmallScenarioIsWithoutFindings(t *testing.T) {
	if _, found := scenario.Check("small", []byte(small(t))); len(found) > 0 {
		t.Error(found)
	}
}

// TestEachRule breaks a scenario in one place: the rule is told, at that line, and no other rule beside it but
// those that must follow.
func TestEachRule(t *testing.T) {
	const e, w = scenario.Fault, scenario.Warning
	for _, c := range []struct {
		name, from, to string
		code           scenario.Code
		severity       scenario.Severity
		at             string // stands on the line that is told
		says           string
	}{
		{"an inject twice", `id = "I02"`, `id = "I01"`, scenario.DuplicateID, e, "", "I01"},
		{"an inject as an expectation", `id = "E03"`, `id = "I01"`, scenario.DuplicateID, e, "", "I01"},
		{"met nothing", `missed = "E01"`, `met = "E99"`, scenario.UnknownID, e, `met = "E99"`, "E99"},
		{"missed nothing", `missed = "E01"`, `missed = "E99"`, scenario.UnknownID, e, `missed = "E99"`, "E99"},
		{"missed in a list", `{ missed = "E01" }`, `{ any = [{ not = { missed = "E98" } }, { all = [{ missed = "E99" }] }] }`, scenario.UnknownID, e, `"E99"`, "E99"},
		{"missed in a not", `{ missed = "E01" }`, `{ all = [{ missed = "E01" }, { not = { missed = "E98" } }] }`, scenario.UnknownID, e, `"E98"`, "E98"},
		{"of nothing", "\nof = \"I01\"", "\nof = \"I99\"", scenario.UnknownID, e, `of = "I99"`, "I99"},
		{"of a message nobody sends", "\nof = \"I01\"", "\nof = \"I02.sent\"", scenario.UnknownID, e, `of = "I02.sent"`, "begins no thread"},
		{"told on nothing", "\nwhen = { missed = \"E01\" }", "\nwhen = { missed = \"E01\" }\ndoes = { acts = [\"closed\"], on = \"I99\" }", scenario.UnknownID, e, `on = "I99"`, "I99"},
		{"told without a part in it", "\nwhen = { missed = \"E01\" }\nto = [\"XA/technical\"]", "\nwhen = { missed = \"E01\" }\nto = [\"XB/diplomatic\"]\ndoes = { acts = [\"closed\"], on = \"I01\" }", scenario.Unreachable, e, `on = "I01"`, "no part"},
		{"a notice across tracks", "\nwhen = { missed = \"E01\" }", "\nwhen = { missed = \"E01\" }\ndoes = { acts = [\"notice.sent\"], to = \"XB/diplomatic\" }", scenario.CrossTracks, e, `to = "XB/diplomatic" }`, "cannot write"},
		{"a notice to no seat", "\nwhen = { missed = \"E01\" }", "\nwhen = { missed = \"E01\" }\ndoes = { acts = [\"notice.sent\"], to = \"XC/technical\" }", scenario.MissingSeat, e, `to = "XC/technical" }`, "XC"},
		{"told on no thread", "\nwhen = { missed = \"E01\" }", "\nwhen = { missed = \"E01\" }\ndoes = { acts = [\"closed\"], on = \"I02\" }", scenario.UnknownID, e, `on = "I02"`, "begins no thread"},
		{"of a message of an expectation", `of = "E01"`, `of = "E01.sent"`, scenario.UnknownID, e, `of = "E01.sent"`, "E01.sent"},
		{"incident of nothing", `incident_of = "I01"`, `incident_of = "I99"`, scenario.UnknownID, e, `incident_of`, "I99"},
		{"objective of nothing", `objective = "O1"`, `objective = "O9"`, scenario.UnknownID, e, `objective = "O9"`, "O9"},
		{"to no seat", `to = ["XA/technical"]`, `to = ["XA/technical", "XC/technical"]`, scenario.MissingSeat, e, `"XC/technical"`, "XC/technical"},
		{"opens to no seat", `to = "XB/technical" }`, `to = "XC/technical" }`, scenario.MissingSeat, e, `"XC/technical" }`, "XC"},
		{"event of no seat", `from = "XB/technical"`, `from = "XC/technical"`, scenario.MissingSeat, e, `"XC/technical"`, "XC"},
		{"who has no seat", `who = "XA/technical"`, `who = "XQ/technical"`, scenario.MissingSeat, e, `"XQ/technical"`, "XQ"},
		{"pair has no seat", "who = \"XA/technical\"\ndoes = \"inquiry.sent\"\nto = \"XB/technical\"", "does = \"channel.agreed\"\npair = [\"XA/technical\", \"XQ/technical\"]", scenario.MissingSeat, e, `"XQ/technical"`, "XQ"},
		{"no such profile", `technical = "steady"`, `technical = "steddy"`, scenario.MissingProfile, e, `"steddy"`, "steddy"},
		{"two stand-ins", "[profiles.mute]", "[profiles.mute]\nstand_in = true", scenario.StandIn, e, "stand_in = true\nacknowledge = { chance = 100", "only one"},
		{"no stand-in", "stand_in = true\n", "", scenario.StandIn, w, "", "dry run"},
		{"unused profile", `technical = "steady"`, `technical = "mute"`, scenario.Unused, w, "[profiles.steady]", "steady"},
		{"unused objective", `O1 = {`, `O2 = { text = { en = "More" }, from = "us" }, O1 = {`, scenario.Unused, w, "objectives", "O2"},
		{"a cycle", "\nof = \"I01\"", "\nof = \"I02\"", scenario.Cycle, e, "", "I02 → E01 → I02"},
		{"a cycle of one", `incident_of = "I01"`, `incident_of = "I03"`, scenario.Cycle, e, "", "I03 → I03"},
		{"nobody sends it", `event = "response.sent", from = "XB/technical"`, `event = "closed", from = "XB/technical"`, scenario.Unreachable, e, "when = { event", "never"},
		{"met by nobody", `missed = "E01"`, `met = "E03"`, scenario.Unreachable, e, "when = { met", "never"},
		{"one of all never", `{ missed = "E01" }`, `{ all = [{ missed = "E01" }, { event = "closed", from = "XB/technical" }] }`, scenario.Unreachable, e, "when = { all", "never"},
		{"opens from elsewhere", `opens = { to = "XB/technical" }`, `opens = { from = "XA/diplomatic", to = "XB/diplomatic" }`, scenario.Unreachable, e, "opens = { from", "does not get"},
		{"true at once", `{ missed = "E01" }`, `{ not = { missed = "E01" } }`, scenario.AlwaysTrue, w, "when = { not", "STARTEX"},
		{"an inject after the end", `at = "5m"`, `at = "11h"`, scenario.AfterEnd, e, "", "11h"},
		{"a condition after the end", `delay = "10m"`, `delay = "11h"`, scenario.AfterEnd, e, "", "11h after"},
		{"due after the end", `within = "1h"`, `within = "10h"`, scenario.AfterEnd, e, `within = "10h"`, "10h5m"},
		{"a jump beyond the end", `to = "8h"`, `to = "11h"`, scenario.AfterEnd, e, `to = "11h"`, "11h"},
		{"a simulated seat never closes", `does = "ack.sent"`, `does = "closed"`, scenario.NeverMet, e, "", "never"},
		{"a mute seat", "who = \"XB/technical\"\ndoes = \"ack.sent\"\nto = \"XA/technical\"", "who = \"XB/diplomatic\"\ndoes = \"ack.sent\"\nto = \"XA/diplomatic\"", scenario.NeverMet, e, "", "never"},
		{"no estimate", "estimate = \"3h\"\n", "", scenario.NeverMet, e, "", "never"},
		{"a fact of another act", `has = ["eta"]`, `has = ["nature"]`, scenario.NeverMet, e, `has = ["nature"]`, "nature"},
		{"counts from what never comes", `of = "E01"`, `of = "E03"`, scenario.NeverMet, e, `of = "E03"`, "never comes"},
		{"a check in a play", `does = "inquiry.sent"`, `does = "check.answered"`, scenario.NeverMet, e, "", "never"},
		{"from track to track", `opens = { to = "XB/technical" }`, `opens = { to = "XB/diplomatic" }`, scenario.CrossTracks, e, "opens = {", "cannot write"},
		{"to itself", "who = \"XA/technical\"\ndoes = \"inquiry.sent\"\nto = \"XB/technical\"", "who = \"XA/technical\"\ndoes = \"inquiry.sent\"\nto = \"XA/technical\"", scenario.CrossTracks, e, "", "itself"},
		{"an event from track to track", `from = "XB/technical" }`, `from = "XB/technical", to = "XA/diplomatic" }`, scenario.CrossTracks, e, `"XA/diplomatic"`, "cannot"},
		{"jumps overlap", "[[jump]]", "[[jump]]\nat = \"7h\"\nto = \"9h\"\nsay = { en = \"x\" }\n[[jump]]", scenario.JumpOverlap, e, `at = "6h"`, "jump 1"},
		{"an inject in a jump", `at = "5m"`, `at = "7h"`, scenario.InJump, w, `at = "7h"`, "jump"},
		{"due in a jump", `within = "45m"`, `within = "7h"`, scenario.InJump, w, `within = "7h"`, "not scored"},
		{"no objectives", `objectives = { O1 = { text = { en = "Answer" }, from = "A-10 s3" } }`, "", scenario.NoObjective, e, "", "no objective"},
		{"points for a judgement", `judge =`, "points = 5\njudge =", scenario.Points, e, "points = 5", "grade"},
		{"points for nothing", `points = 10`, "points = 10\nunscored = true", scenario.Points, e, "points = 10", "not scored"},
		{"no points", `points = 10`, "", scenario.Points, w, "", "nothing"},
		{"a check with a story", `kind = "functional"`, `kind = "commcheck"`, scenario.KindRule, e, "[[inject]]", "injects"},
		{"a check with jumps", `kind = "functional"`, `kind = "commcheck"`, scenario.KindRule, e, "[[jump]]", "jumps"},
		{"a check that hopes for more", `kind = "functional"`, `kind = "commcheck"`, scenario.KindRule, e, "[[expect]]", "one answer"},
		{"a language without a text", `end = "10h"`, "end = \"10h\"\nlanguages = [\"en\", \"fr\"]", scenario.MissingText, e, "title", "fr"},
		{"a text without its language", `en = "Small"`, `en = "Small", fr = "Petit"`, scenario.ExtraText, w, "title", "not listed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := change(t, small(t), c.from, c.to)
			_, found := scenario.Check("small", []byte(file))
			at := c.at
			if at == "" {
				at = "\x00"
			}
			for _, f := range found {
				if f.Code == c.code && f.Severity == c.severity && strings.Contains(f.Reason, c.says) && (c.at == "" || f.Line == lineOf(file, at)) {
					return
				}
			}
			t.Errorf("want %s %s with %q at line %d, got %+v", c.severity, c.code, c.says, lineOf(file, at), found)
		})
	}
}

// TestPointsAddUp to something, where anything is scored.
func TestPointsAddUp(t *testing.T) {
	none := strings.ReplaceAll(small(t), "points = 10\n", "")
	_, found := scenario.Check("small", []byte(none))
	if scenario.Playable(found) || !slices.ContainsFunc(found, func(f scenario.Finding) bool {
		return f.Code == scenario.Points && f.Severity == scenario.Fault && f.Line == lineOf(none, "[[expect]]")
	}) {
		t.Errorf("all that is scored counts for nothing: %+v", found)
	}
	if _, found := scenario.Check("small", []byte(strings.ReplaceAll(small(t), "points = 10\n", "unscored = true\n"))); len(found) > 0 {
		t.Errorf("nothing is scored: %+v", found)
	}
}

// TestOneFaultIsToldOnce: what follows from a fault does not hide it among others.
func TestOneFaultIsToldOnce(t *testing.T) {
	for from, to := range map[string]string{
		"\nof = \"I01\"": "\nof = \"I02\"", `missed = "E01"`: `met = "E99"`, `technical = "human"`: `technical = "nobody"`,
	} {
		_, found := scenario.Check("small", []byte(change(t, small(t), from, to)))
		faults := 0
		for _, f := range found {
			if f.Severity == scenario.Fault {
				faults++
			}
		}
		if faults != 1 || scenario.Playable(found) {
			t.Errorf("%s: want one fault, got %+v", to, found)
		}
	}
}

// TestLintEnds: what waits for what is a matter of thousands of steps, however it is written. Item 65 of the list
// of bad inputs.
func TestLintEnds(t *testing.T) {
	file := small(t)
	for i := range 400 {
		name, next := "J"+strconv.Itoa(i), "F"+strconv.Itoa(i+1)
		branches := strings.Repeat(`{ met = "`+next+`" }, `, 20)
		file += "\n[[inject]]\nid = \"" + name + "\"\nwhen = { all = [" + branches + "{ any = [" + branches + "] }] }\nto = [\"XA/technical\"]\nhow = \"note\"\nas = { en = \"a\" }\ntext = { en = \"b\" }\n" +
			"[[expect]]\nid = \"F" + strconv.Itoa(i) + "\"\nobjective = \"O1\"\nwho = \"XA/technical\"\ndoes = \"closed\"\nwithin = \"1m\"\nof = \"" + name + "\"\npoints = 1\n"
	}
	file += "[[expect]]\nid = \"F400\"\nobjective = \"O1\"\nwho = \"XA/technical\"\ndoes = \"closed\"\nwithin = \"1m\"\nof = \"I01\"\npoints = 1\n"
	if _, found := scenario.Check("long", []byte(file)); len(found) > 0 {
		t.Error(found)
	}
}

// TestWhatASeatIsToldCanBeHopedFor: a profile that does nothing by itself does what an inject tells it, with the facts
// that its message has, and no others.
func TestWhatASeatIsToldCanBeHopedFor(t *testing.T) {
	hope := func(does, has string) string {
		return "\n[[expect]]\nid = \"E99\"\nobjective = \"O1\"\nwho = \"XB/technical\"\nto = \"XA/technical\"\nwithin = \"1h\"\nof = \"I01\"\npoints = 1\ndoes = \"" + does + "\"\n" + has
	}
	told := change(t, small(t), "delay = \"10m\"\n", "delay = \"10m\"\ndoes = { acts = [\"question.sent\", \"closed\"], on = \"I01\" }\n")
	for _, c := range []struct {
		file string
		met  bool
	}{
		{small(t) + hope("question.sent", ""), false},
		{told + hope("question.sent", `has = ["questions"]`), true},
		{told + hope("question.sent", `has = ["translation"]`), false},
		{told + hope("closed", ""), true},
		{told + hope("reopened", ""), false},
		{change(t, told, `technical = "steady"`, `technical = "mute"`) + hope("closed", ""), false},
	} {
		_, found := scenario.Check("told", []byte(c.file))
		never := slices.ContainsFunc(found, func(f scenario.Finding) bool {
			return f.Code == scenario.NeverMet && strings.HasPrefix(f.Key, "expect[3]") || strings.Contains(f.Key, "expect[4]") && f.Code == scenario.NeverMet
		})
		if never == c.met {
			t.Errorf("%s\ncan be met: %t, found %v", c.file[len(c.file)-160:], c.met, found)
		}
	}
}
