package scenario_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"valise.example/exercise/scenario"
)

// TestBadInput: each is refused with its line, what is wrong, and nothing of it is taken. The numbers are those of
// the list of bad inputs that every reader is tried with.
func TestBadInput(t *testing.T) {
	file := small(t)
	deep := strings.Repeat("{ not = ", 9) + `{ missed = "E01" }` + strings.Repeat(" }", 9)
	for _, c := range []struct{ name, from, to, at, says string }{
		{"56 YAML", file, "valise: scenario/v1\na: &a [*a]\n", "valise", "TOML"},
		{"56 a code that reads as false", `technical = "human"`, `technical = no`, "technical = no", "TOML"},
		{"56 an octal number", `points = 10`, `points = 0o12x`, "0o12x", "TOML"},
		{"56 true in the place of a text", `codeword = "PEBBLE"`, `codeword = true`, "codeword", "must be a text"},
		{"57 unknown key", `how = "note"`, "how = \"note\"\nshow = \"x\"", "show", "no such key"},
		{"57 unknown key in an inline table", `acknowledge = { chance = 95,`, `acknowledge = { chance = 95, chanse = 1,`, "chanse", "no such key"},
		{"57 a key in another case", `seats = {`, `Seats = {`, "Seats", "no such key"},
		{"57 a key twice", `how = "note"`, "how = \"note\"\nhow = \"press\"", "how = \"press\"", "TOML"},
		{"57 an unknown language", `{ en = "tone" }`, `{ en = "tone", de = "Ton" }`, `de = "Ton"`, "no such key"},
		{"57 an unknown act", `does = "inquiry.sent"`, `does = "inquiry.send"`, "inquiry.send", "not known"},
		{"57 an unknown fact", `has = ["contact"]`, `has = ["contacts"]`, "contacts", "not known"},
		{"57 told an inquiry, which has a key of its own", `how = "note"`, "how = \"note\"\ndoes = { acts = [\"inquiry.sent\"], on = \"I01\" }", "inquiry.sent\"]", "not known"},
		{"57 told nothing", `how = "note"`, "how = \"note\"\ndoes = { acts = [], on = \"I01\" }", "acts = []", "must have 1 to"},
		{"57 told the same twice", `how = "note"`, "how = \"note\"\ndoes = { acts = [\"closed\", \"closed\"], on = \"I01\" }", "acts =", "twice"},
		{"57 told without a thread", `how = "note"`, "how = \"note\"\ndoes = { acts = [\"closed\"] }", "acts =", "acts on a thread"},
		{"57 the stop on a thread", `how = "note"`, "how = \"note\"\ndoes = { acts = [\"real_event.raised\"], on = \"I01\" }", "on = \"I01\"", "acts on a thread"},
		{"57 a notice to nobody", `how = "note"`, "how = \"note\"\ndoes = { acts = [\"notice.sent\"] }", "acts =", "needed for notice.sent"},
		{"58 an include", `id = "small"`, "id = \"small\"\ninclude = \"../../etc/passwd\"", "include", "no such key"},
		{"61 NUL", `"Small"`, "\"Sm\x00all\"", "Sm", "control"},
		{"61 NUL by its number", `"Small"`, `"Sm\u0000all"`, "Sm", "control"},
		{"61 an escape by its number", `"Small"`, `"Sm\u001b[2Jall"`, "Sm", "control"},
		{"61 not UTF-8", `"Small"`, "\"Sm\xffall\"", "Sm", "UTF-8"},
		{"61 empty", file, " \n", "", "empty"},
		{"61 1 MiB", file, file + "#" + strings.Repeat("x", scenario.MaxFile), "", "larger"},
		{"61 an empty text", `"Small"`, `" "`, `" "`, "blanks"},
		{"61 a name that begins with a hyphen", `id = "small"`, `id = "-rf"`, "-rf", "form"},
		{"61 a text beyond its bound", `"Small"`, `"` + strings.Repeat("x", 201) + `"`, "title", "201 bytes"},
		{"65 conditions too deep", `{ missed = "E01" }`, deep, "when = { not", "deep"},
		{"65 tables too deep", `{ missed = "E01" }`, strings.Repeat("{ a = ", 4000) + "1" + strings.Repeat(" }", 4000), "{ a =", "deeper"},
		{"65 too many injects", "[[jump]]", strings.Repeat("[[inject]]\nid = \"I\"\n", 1001) + "[[jump]]", "[[inject]]", "must have 0 to 1000"},
		{"65 too many branches", `{ missed = "E01" }`, "{ any = [" + strings.Repeat(`{ missed = "E01" },`, 33) + "] }", "any", "must have 1 to 32"},
		{"65 a list that never ends", `to = ["XA/technical"]`, "to = [" + strings.Repeat(`"XA/technical",`, 5000) + "]", "to = [", "longer list"},
		{"65 a time beyond all", `at = "5m"`, `at = "9999999h"`, "9999999h", "length of time"},
		{"65 10⁹ seconds a second", "[mark]", "rate = 1000000000\n[mark]", "rate", "from 1 to 1000"},
		{"65 every second for ever", `at = "5m"`, "at = \"5m\"\nevery = \"1s\"", "every", "no such key"},
		{"65 a jump backwards", `at = "6h"`, `at = "9h"`, "[[jump]]", "forward"},
		{"another version", `valise = "scenario/v1"`, `valise = "scenario/v2"`, "scenario/v2", "not known"},
		{"no version", `valise = "scenario/v1"`, ``, "", "missing"},
		{"no English", `{ en = "tone" }`, `{ fr = "ton" }`, "judge", "missing"},
		{"a wrong span", `within = "45m"`, `within = "45 min"`, "45 min", "form of 90s"},
		{"a span in the wrong order", `within = "45m"`, `within = "45m1h"`, "45m1h", "form of 90s"},
		{"a span that is a number", `within = "45m"`, `within = 45`, "within = 45", "whole number"},
		{"no span", `within = "45m"`, `within = "0m"`, `"0m"`, "nothing"},
		{"a wrong address", `to = ["XA/technical"]`, `to = ["XA/tech"]`, "XA/tech\"", "form of"},
		{"the code of a State", "[participants.XB]", "[participants.N" + "O]", "[participants.NO]", "no invented State"},
		{"the seat of a State", `to = ["XA/technical"]`, `to = ["N` + `O/technical"]`, "NO/", "no invented State"},
		{"Kosovo's code, which is in use", "[participants.XB]", "[participants.XK]", "XK", "no invented State"},
		{"a manager's desk", `to = ["XA/technical"]`, `to = ["@global/manager"]`, "@global", "form of"},
		{"a seat twice", `to = ["XA/technical"]`, `to = ["XA/technical", "XA/technical"]`, "to = [", "twice"},
		{"a zone that nobody has", `zone = "-05:00"`, `zone = "-13:00"`, "-13:00", "form of"},
		{"a zone by its name", `zone = "-05:00"`, `zone = "UTC"`, "UTC", "form of"},
		{"no seats", `seats = { technical = "human", diplomatic = "human" }`, `seats = {}`, "seats = {}", "technical or both"},
		{"at and when", `at = "5m"`, "at = \"5m\"\nmanual = true", "[[inject]]", "exactly one"},
		{"neither at nor when", `at = "5m"`, "", "[[inject]]", "exactly one"},
		{"two conditions in one", `{ missed = "E01" }`, `{ missed = "E01", met = "E02" }`, "met = \"E02\"", "exactly one"},
		{"whose condition", `{ missed = "E01" }`, `{ missed = "E01", from = "XA/technical" }`, "from = \"XA", "belong to an event"},
		{"delay without when", `at = "5m"`, "at = \"5m\"\ndelay = \"1m\"", "delay = \"1m\"", "there is no when"},
		{"manual that is not", `at = "5m"`, "manual = false", "manual", "must be true"},
		{"does and judge", `judge =`, "does = \"closed\"\njudge =", "", "exactly one"},
		{"a deadline for a judgement", `judge =`, "within = \"1h\"\njudge =", `within = "1h"` + "\njudge", "belongs to an expectation"},
		{"who and pair", `who = "XA/technical"`, "who = \"XA/technical\"\npair = [\"XA/technical\", \"XB/technical\"]", "", "exactly one of who, pair"},
		{"pair and to", `who = "XA/technical"`, `pair = ["XA/technical", "XB/technical"]`, "", "the pair says it"},
		{"a pair of one", `who = "XA/technical"`, `pair = ["XA/technical"]`, "pair", "must have 2 to 2"},
		{"a chance without times", `acknowledge = { chance = 95, least = "5m", mode = "12m", most = "30m" }`, `acknowledge = { chance = 95 }`, "chance = 95", "least, mode and most"},
		{"times that fall", `least = "5m", mode = "12m"`, `least = "15m", mode = "12m"`, `"15m"`, "rise"},
		{"a chance above all", `chance = 95`, `chance = 101`, "101", "from 0 to 100"},
		{"a profile of people", "[profiles.mute]", "[profiles.human]", "[profiles.human]", "no profile"},
		{"a local time", "2030-03-05T05:30:00Z", "2030-03-05T05:30:00", "2030", "in UTC"},
		{"a time with an offset", "2030-03-05T05:30:00Z", "2030-03-05T05:30:00+03:00", "2030", "in UTC"},
		{"a time as text", "2030-03-05T05:30:00Z", `"2030-03-05T05:30:00Z"`, "2030", "date and time"},
		{"an end at the beginning", `end = "10h"`, `end = "0h"`, `"0h"`, "later than STARTEX"},
		{"a table for a list", "[[jump]]", "[jump]", "[jump]", "a list"},
		{"a list for a table", "[clock]", "[[clock]]", "[[clock]]", "a table"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := change(t, file, c.from, c.to)
			s, err := scenario.Parse("bad.toml", []byte(bad))
			e, ok := errors.AsType[*scenario.Error](err)
			if !ok || s != nil {
				t.Fatalf("got %v, %v", s, err)
			}
			if !strings.Contains(e.Reason, c.says) || e.File != "bad.toml" || len(e.Error()) > 400 {
				t.Errorf("want %q, got %+v", c.says, e)
			}
			if c.at != "" && e.Line != lineOf(bad, c.at) {
				t.Errorf("want line %d, got %+v", lineOf(bad, c.at), e)
			}
			if want := fmt.Sprintf("bad.toml line %d: ", e.Line); e.Line > 0 && !strings.HasPrefix(e.Error(), want) {
				t.Errorf("want %q first, got %q", want, e.Error())
			}
		})
	}
}

// TestTheFirstIsTold: a file is mended from the top.
func TestTheFirstIsTold(t *testing.T) {
	bad := change(t, change(t, small(t), `points = 10`, `points = 1000`), `how = "note"`, `how = "notes"`)
	_, err := scenario.Parse("bad.toml", []byte(bad))
	if e, ok := errors.AsType[*scenario.Error](err); !ok || e.Key != "inject[0].how" || !strings.Contains(e.Hint, "sealed-card") {
		t.Errorf("got %v", err)
	}
	if _, found := scenario.Check("bad.toml", []byte(bad)); len(found) != 2 || found[0].Line > found[1].Line || found[0].Code != scenario.BadForm {
		t.Errorf("both are found by a check: %+v", found)
	}
}

// TestLineEnds: a file from another system is the same scenario, with another digest.
func TestLineEnds(t *testing.T) {
	file := "\ufeff" + strings.ReplaceAll(small(t), "\n", "\r\n")
	if _, err := scenario.Parse("small", []byte(file)); err != nil {
		t.Error(err)
	}
	if scenario.Digest([]byte(file)) == scenario.Digest([]byte(small(t))) || len(scenario.Digest(nil)) != 64 {
		t.Error("a digest is of the bytes of a file")
	}
}
