package control_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"valise.example/api/locale"
	"valise.example/exercise/control"
	valisev1 "valise.example/proto/valise/v1"
)

// recorded are the lines of a type that hold all of these words.
func (p *play) recorded(typ string, words ...string) (found int) {
	p.t.Helper()
	for _, l := range p.now().GetLines() {
		has := l.GetType() == typ
		for _, w := range words {
			has = has && strings.Contains(l.GetJson(), w)
		}
		if has {
			found++
		}
	}
	return found
}

// TestEverybodyStopsPlay: who has no seat raises the stop on a page of their own, and all pages and the recording say
// who it was.
func TestEverybodyStopsPlay(t *testing.T) {
	p := conducts(t)
	steers := at(t, control.Control, p.conn, "en")
	steers.press("begin")
	for part, want := range map[control.Part][2]string{
		control.Observers:  {"an observer", `"seat":"observers"`},
		control.Evaluators: {"an evaluator", `"seat":"evaluators"`},
		control.Control:    {"exercise control", `"do":"real_event"`},
	} {
		b := at(t, part, p.conn, "en")
		b.press("real-event")
		if got := phaseOf(p); got != "PAUSED" {
			t.Fatalf("%s stops nothing: play is %s", part, got)
		}
		steers.get("")
		steers.sees(`Raised by <bdi dir="ltr">`+want[0], "REAL EVENT: play stops, raised by "+want[0])
		if p.recorded("control", `"do":"real_event"`, want[1]) == 0 {
			t.Errorf("the recording does not say that %s raised it", part)
		}
		steers.press("stand-down")
		steers.press("resume")
	}
	if err := refusal(p.conn, &valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_REAL_EVENT, By: "XA/technical"}); err != valisev1.Reason_REASON_BAD_REQUEST {
		t.Errorf("a stop by nobody who is known is answered %s", err)
	}
}

// TestRefusedCommandSaysWhatIsPossible: the exercise, and no thread, is where it cannot be done; the page stays usable.
func TestRefusedCommandSaysWhatIsPossible(t *testing.T) {
	p := conducts(t)
	for tongue, words := range map[string]string{
		"en": "the exercise is not at a point where this is possible", "fr": "l’exercice n’en est pas au point où cela est possible", "zh": "演习目前所处的阶段不能这样做",
	} {
		b := at(t, control.Control, p.conn, tongue)
		act, _ := b.form("begin")
		if b.post("pause", act, "same-origin"); b.status != http.StatusUnprocessableEntity {
			t.Errorf("a pause before STARTEX answers %d", b.status)
		}
		b.sees(words, `role="alert"`, "STARTEX has not been")
		l, _ := locale.ParseLanguage(tongue)
		b.sees(locale.Of(l).Hint(valisev1.Reason_REASON_NOT_AT_THIS_POINT))
		if _, may := b.form("begin"); !may {
			t.Error("after a refusal play cannot be begun on the page that says so")
		}
	}
	if err := refusal(p.conn, &valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_PAUSE}); err != valisev1.Reason_REASON_NOT_AT_THIS_POINT {
		t.Errorf("a pause before STARTEX is refused with %s", err)
	}
}

// TestWaivedWithReason: control takes an expectation out of the score; without who and why it does not, and what was typed
// stays in its place.
func TestWaivedWithReason(t *testing.T) {
	p := conducts(t)
	b := at(t, control.Control, p.conn, "en")
	if _, may := b.form("waive"); may {
		t.Error("something can be waived before STARTEX, which would be refused")
	}
	b.press("begin")
	b.press("waive", "expectation", "E01", "text", "The <line> was down")
	b.sees("Something is missing here.", ">The &lt;line&gt; was down</textarea>", `<option value="E01" selected>E01 · Alder, technical track: inquiry`, `href="#waive"`)
	if p.recorded("result", "waived") != 0 {
		t.Fatal("something was waived that nobody answers for")
	}
	b.press("waive", "expectation", "E01", "who", "Exercise director", "text", "The line was down")
	b.soon("E01 (Alder, technical track: inquiry) no longer counts: Exercise director: The line was down")
	if p.recorded("result", `"expectation":"E01"`, `"outcome":"waived"`, `"text":"Exercise director: The line was down"`) != 1 {
		t.Error("the recording does not say who waived it, and why")
	}
	if strings.Contains(b.page, `<option value="E01"`) {
		t.Error("what is waived can be waived again")
	}
	evaluates := at(t, control.Evaluators, p.conn, "en")
	if _, may := evaluates.form("waive"); may {
		t.Error("an evaluator has the form of control")
	}
	evaluates.sees("Alder, technical track: inquiry · <strong>Waived</strong>")
}

// TestNoteAboutSeat: an evaluator says which seat a note is about; a note that is refused comes back with its words.
func TestNoteAboutSeat(t *testing.T) {
	p := conducts(t)
	at(t, control.Control, p.conn, "en").press("begin")
	b := at(t, control.Evaluators, p.conn, "en")
	b.sees(`<option value="XB/technical">Birch, technical track</option>`, "About no single seat")
	long := strings.Repeat("long ", 900)
	b.press("note", "seat", "XB/technical", "text", long)
	if b.status != http.StatusUnprocessableEntity {
		t.Errorf("a note of %d bytes answers %d", len(long), b.status)
	}
	b.sees(`<option value="XB/technical" selected>`, ">"+long+"</textarea>", "What you typed stands below.")
	b.press("note", "seat", "XB/technical", "text", " ")
	b.sees("Something is missing here.")
	b.press("note", "seat", "XB/technical", "text", "Asked back at once")
	b.soon("a note on Birch, technical track: Asked back at once")
	if p.recorded("noted", `"seat":"XB/technical"`, "Asked back at once") != 1 {
		t.Error("the recording does not have the seat of the note")
	}
	b.press("judge", "expectation", "E04", "text", "Sharp at first")
	b.sees("Choose one of the four.", ">Sharp at first</textarea>", `href="#judge-E04"`)
}

// TestWordsOutliveControl: where nobody can be asked any more, what was typed is shown and not lost.
func TestWordsOutliveControl(t *testing.T) {
	p := conducts(t)
	door := &closing{ClientConnInterface: p.conn}
	b := at(t, control.Control, door, "en")
	b.press("begin")
	b.get("")
	door.closed.Store(true)
	if b.press("note", "text", "Not to be typed twice"); b.status != http.StatusServiceUnavailable {
		t.Errorf("without control a note answers %d", b.status)
	}
	b.sees(">Not to be typed twice</textarea>")
}

var rawLines = regexp.MustCompile(`(?s)<details.*?</details>`)

// TestLinesAreSentences: in six languages nobody reads how a program spells things, unless they open it.
func TestLinesAreSentences(t *testing.T) {
	p := conducts(t)
	steers := at(t, control.Control, p.conn, "en")
	steers.press("begin")
	steers.press("inject/I02/release")
	steers.get("")
	for _, part := range control.Parts() {
		b := at(t, part, p.conn, "en")
		b.soon("inject I02 reaches Birch, technical track")
		b.sees(`<bdi dir="ltr">05:30</bdi> (<bdi dir="ltr">T+00:00:0`, "Alder, technical track: inquiry, to Birch, technical track")
		for _, l := range locale.Languages() {
			b.press("language/" + l.String())
			if !strings.Contains(b.page, "&#34;seq&#34;:1") {
				t.Errorf("%s in %s: the line as it is recorded cannot be reached", part, l)
			}
			if run := `<bdi dir="` + l.Direction().String() + `">`; !strings.Contains(b.page, run+"\u2068Birch") && !strings.Contains(b.page, run+"Birch") {
				t.Errorf("%s in %s: the name of a State turns what follows it", part, l)
			}
			shown := rawLines.ReplaceAllString(b.page, "")
			for _, code := range []string{"inquiry.sent", "&#34;", "XA/technical<", "XB/technical<", "real_event", "not_reached"} {
				if strings.Contains(shown, code) {
					t.Errorf("%s in %s shows %s", part, l, code)
				}
			}
			if !strings.Contains(shown, "Birch") {
				t.Errorf("%s in %s does not name the States", part, l)
			}
		}
	}
}
