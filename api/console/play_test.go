package console_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"valise.example/api/console"
	"valise.example/exercise/conduct"
	"valise.example/exercise/conduct/conducttest"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// drill is what happens between two States. Its texts try to be more than texts.
var drill = conducttest.Frame{
	StopWord: "[mark.real_event]\nen = \"STOP FOR REAL\"\nfr = \"ARRÊT RÉEL\"\n",
	Story: `[[inject]]
id = "I01"
manual = true
to = ["XA/technical"]
how = "note"
[inject.as]
en = "Duty <b>manager</b>"
fr = "Responsable de permanence"
[inject.text]
en = "Wards are down. See <a href=\"https://wards.example/\">here</a>."
fr = "Les services sont en panne."
[[inject]]
id = "I02"
manual = true
to = ["XA/technical", "XB/technical"]
how = "press"
[inject.as]
en = "A press agency"
fr = "Une agence de presse"
[inject.text]
en = "Somebody is behind it."
fr = "Quelqu’un en est responsable."
[[inject]]
id = "I03"
manual = true
to = ["XB/technical"]
how = "phone"
[inject.as]
en = "A neighbour"
fr = "Un voisin"
[inject.text]
en = "For Birch alone."
fr = "Pour Birch seulement."
[[expect]]
id = "E01"
objective = "O1"
who = "XA/technical"
to = "XB/technical"
does = "inquiry.sent"
within = "9h"
of = "I01"
points = 10
`,
}

// play is an exercise at work, with control at hand.
type play struct {
	*conducttest.Running
	t *testing.T
}

func conducts(t *testing.T) *play {
	t.Helper()
	s, file := drill.Scenario(t)
	return &play{conducttest.Run(t, conduct.Config{
		Dir: t.TempDir(), Scenario: s, File: file, Persons: []ident.Address{{State: "XA", Track: ident.Technical}},
	}), t}
}

// orders is what control does.
func (p *play) orders(c valisev1.ControlCommand, inject ...string) {
	p.t.Helper()
	p.Orders(&valisev1.CommandRequest{Command: c, Inject: strings.Join(inject, "")})
}

// desk is entered at the node of a State.
func (p *play) desk(state, tongue string) *browser {
	p.t.Helper()
	b := deskOn(p.t, p.At(state), tongue, func(c *console.Config) { c.Present = p.Present })
	b.enter()
	return b
}

// TestPlayersSeeClocksAndInjects: what is played, both clocks and whether they run, in two languages, on every
// page; what reached the seats of this State, the newest first, as text alone.
func TestPlayersSeeClocksAndInjects(t *testing.T) {
	p := conducts(t)
	desk := p.desk("XA", "fr")
	desk.sees("Deux États", "Two States", "Le jeu n’a pas commencé", "Play has not begun", "T+00:00:00", "mardi <bdi>5</bdi> mars <bdi>2030</bdi>", "Tuesday <bdi>5</bdi> March",
		"Rien n’est encore parvenu")
	p.orders(valisev1.ControlCommand_CONTROL_COMMAND_STARTEX)
	for _, i := range []string{"I01", "I03", "I02"} {
		p.orders(valisev1.ControlCommand_CONTROL_COMMAND_RELEASE, i)
	}
	desk.until("", "Quelqu’un en est responsable.")
	for _, path := range []string{"", "contacts", "record", "node", "help", "ours", "new", "injects", "no-such-page"} {
		desk.get(path)
		desk.sees("Deux États", "Two States", "En cours", "Running", "Heure de l’exercice", "Exercise time", "Notre heure", "Our time", "ARRÊT RÉEL", "STOP FOR REAL")
	}
	desk.get("")
	desk.seesNot("Pour Birch", "For Birch")
	if press, note := strings.Index(desk.page, "Quelqu’un en est responsable."), strings.Index(desk.page, "Les services sont en panne."); press < 0 || note < press {
		t.Errorf("not the newest first: %d, %d", press, note)
	}
	desk.press("language/en")
	desk.get("inject/I01")
	desk.sees("Wards are down.", "&lt;a href=&#34;https://wards.example/&#34;&gt;", "Duty &lt;b&gt;manager&lt;/b&gt;", "Exercise: everything in this text is invented.", "Note", "technical")
	desk.seesNot(`href="https:`, "<b>manager", "Somebody is behind it.")
	if desk.get("inject/I03"); desk.status != http.StatusNotFound {
		t.Errorf("an inject of another State answers %d", desk.status)
	}
	p.orders(valisev1.ControlCommand_CONTROL_COMMAND_PAUSE)
	desk.get("")
	desk.sees("Paused")
	p.orders(valisev1.ControlCommand_CONTROL_COMMAND_ENDEX)
	desk.get("")
	desk.sees("Play has ended")
}

// TestRealEventInOneClick: from any page; it stands for everybody, every page says so, in six languages at once on its
// own; nothing is carried across; and the same click again, after control had it stand down, stops nothing.
func TestRealEventInOneClick(t *testing.T) {
	p := conducts(t)
	p.orders(valisev1.ControlCommand_CONTROL_COMMAND_STARTEX)
	desk, other := p.desk("XA", "en"), p.desk("XB", "ar")
	desk.get("help")
	act := between(desk.page, `/real-event" class="act"><input type="hidden" name="act" value="`, `"`)
	desk.press("/real-event")
	desk.sees("STOP FOR REAL", "ARRÊT RÉEL", "Play is frozen for everybody.", "Raised by", "(XA)", "use the operational desk or the telephone", "Nothing was carried across",
		"Le jeu est arrêté", "El juego está detenido", "Розыгрыш остановлен", "演习已为所有人冻结", "التمرين مجمد", `lang="ar" dir="rtl"`)
	for _, page := range []string{"", "contacts", "record", "no-such-page"} {
		other.get(page)
		other.sees("Play is frozen for everybody.", "التمرين مجمد للجميع")
		other.seesNot(`class="halt"`)
	}
	if p.Phase() != valisev1.ExercisePhase_EXERCISE_PHASE_PAUSED {
		t.Errorf("the clock is %s", p.Phase())
	}
	p.orders(valisev1.ControlCommand_CONTROL_COMMAND_STAND_DOWN)
	p.orders(valisev1.ControlCommand_CONTROL_COMMAND_RESUME)
	desk.post("real-event", map[string][]string{"act": {act}})
	desk.sees("No stop stands now.")
	if p.Phase() != valisev1.ExercisePhase_EXERCISE_PHASE_RUNNING {
		t.Errorf("the same click has stopped play again: %s", p.Phase())
	}
	desk.post("real-event", map[string][]string{})
	if desk.status < 400 || p.Phase() != valisev1.ExercisePhase_EXERCISE_PHASE_RUNNING {
		t.Errorf("a form without an act answers %d, and the clock is %s", desk.status, p.Phase())
	}
}

// trouble is a door behind which nobody tells what is played.
type trouble struct {
	grpc.ClientConnInterface
	hangs, fails atomic.Bool
}

func (c *trouble) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	if strings.Contains(method, "ExerciseService") {
		switch {
		case c.hangs.Load():
			<-ctx.Done()
			return status.FromContextError(ctx.Err()).Err()
		case c.fails.Load():
			return status.Error(codes.Internal, "it is broken")
		}
		return nil
	}
	return c.ClientConnInterface.Invoke(ctx, method, args, reply, opts...)
}

// TestTroubleOfAnExerciseKeepsNoPageBack: a page is shown, soon, and says what is not known; and whoever wants play
// stopped is told to say so.
func TestTroubleOfAnExerciseKeepsNoPageBack(t *testing.T) {
	s := newStage(t, "XA", "XB")
	door := &trouble{ClientConnInterface: s.dial(t, "XA")}
	desk := deskOn(t, door, "en")
	desk.enter()
	for _, bad := range []*atomic.Bool{&door.hangs, &door.fails} {
		bad.Store(true)
		began := time.Now()
		for _, page := range []string{"", "contacts", "injects", "help"} {
			if desk.get(page); desk.status != http.StatusOK {
				t.Fatalf("%q answers %d", page, desk.status)
			}
			desk.sees("The clock of the exercise cannot be asked now.", "Our time", "REAL EVENT")
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("four pages took %s", took)
		}
		desk.press("/real-event")
		if desk.sees("The stop could not be passed on.", "Передать остановку не удалось."); desk.status != http.StatusServiceUnavailable {
			t.Errorf("a stop that reached nobody answers %d", desk.status)
		}
		desk.seesNot("Play is frozen")
		bad.Store(false)
	}
}

// TestWithoutAnExerciseNothingIsSaidOfOne: a lab is an exercise realm, and nobody conducts anything there.
func TestWithoutAnExerciseNothingIsSaidOfOne(t *testing.T) {
	s := newStage(t, "XA", "XB")
	desk := s.opened(t, "XA", "en")
	desk.seesNot("REAL EVENT", `class="play`, "What has reached you", "cannot be asked")
	for _, page := range []string{"injects", "inject/I01", "real-event"} {
		if desk.get(page); desk.status != http.StatusNotFound {
			t.Errorf("%s answers %d", page, desk.status)
		}
	}
	desk.post("real-event", map[string][]string{"act": {someAct}})
	if desk.status != http.StatusNotFound {
		t.Errorf("a stop where nothing is played answers %d", desk.status)
	}
}

// TestStoryRunsAsItsLanguageDoes: also where it begins with a name in other letters; and it is text alone.
func TestStoryRunsAsItsLanguageDoes(t *testing.T) {
	for text, want := range map[string]string{
		"ALDER: الساعة الآن": `<bdi dir="rtl">ALDER: الساعة الآن</bdi>`,
		"Alder <b> asks":     `<bdi dir="ltr">Alder &lt;b&gt; asks</bdi>`,
	} {
		if got := string(console.Story(text)); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}
