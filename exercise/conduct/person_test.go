package conduct_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	"valise.example/api"
	"valise.example/exercise/conduct"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

var alder = ident.Address{State: "XA", Track: ident.Technical}

// canary stands in what a person writes; control must never see it.
const canary = "canary-7f3a"

// withPerson conducts the small exercise with a person at Alder's technical desk.
func withPerson(t *testing.T, dir string) *running {
	t.Helper()
	s, file := smallScenario(t)
	return conducts(t, conduct.Config{Dir: dir, Scenario: s, File: file, Persons: []ident.Address{alder}})
}

// asks has the person write the inquiry that is hoped for.
func asks(t *testing.T, at grpc.ClientConnInterface) *valisev1.Sent {
	t.Helper()
	r, err := valisev1.NewInquiryServiceClient(at).SendInquiry(t.Context(), &valisev1.SendInquiryRequest{To: "XB/technical", Inquiry: &valisev1.Inquiry{
		Title: "Wards " + canary, Narrative: canary, Questions: []string{canary},
		Originator: &valisev1.Person{Name: canary, Email: "cert@alder.example"},
		Incident:   &valisev1.Incident{Nature: &valisev1.TextFact{Fact: &valisev1.TextFact_Value{Value: canary}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return r.GetSent()
}

func outcome(id, want string) func(*valisev1.GetControlResponse) bool {
	return func(r *valisev1.GetControlResponse) bool {
		for _, x := range r.GetExpectations() {
			if x.GetId() == id && x.GetOutcome() == want {
				return true
			}
		}
		return false
	}
}

// TestPersonAgainstSimulatedSeats: an inject reaches the desk in the language that is read there; what the person does
// is seen as act, facts and thread; the other side answers it; control sees no word of it; and after ENDEX the
// recording replays byte for byte.
func TestPersonAgainstSimulatedSeats(t *testing.T) {
	dir := t.TempDir()
	r := withPerson(t, dir)
	xa := r.At("XA")
	at := valisev1.NewExerciseServiceClient(xa)
	if now, err := at.GetExercise(t.Context(), &valisev1.GetExerciseRequest{}); err != nil || len(now.GetInjects()) > 0 ||
		now.GetClock().GetPhase() != valisev1.ExercisePhase_EXERCISE_PHASE_PREPARED || now.GetClock().GetAt() != 0 {
		t.Fatalf("before STARTEX: %v %v", now, err)
	}
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_STARTEX))
	r.until("the inject comes", func(c *valisev1.GetControlResponse) bool { return len(c.GetExercise().GetInjects()) > 0 })
	now, err := at.GetExercise(t.Context(), &valisev1.GetExerciseRequest{Language: "fr"})
	if err != nil || now.GetInjects()[0].GetText() != "Les services ont perdu leurs dossiers." || now.GetCodeword() != "LANTERN" {
		t.Fatalf("at the desk: %v %v", now, err)
	}
	if other, err := valisev1.NewExerciseServiceClient(r.At("XB")).GetExercise(t.Context(), &valisev1.GetExerciseRequest{}); err != nil || len(other.GetInjects()) > 0 {
		t.Errorf("it reached a State whose it is not: %v %v", other, err)
	}
	asks(t, xa)
	r.until("the inquiry is seen", outcome("E01", "met"))
	last := r.until("the other side acknowledges", outcome("E02", "met"))
	for _, l := range last.GetLines() {
		if strings.Contains(l.GetJson(), canary) {
			t.Errorf("control sees what was written: %s", l.GetJson())
		}
	}
	if strings.Contains(last.String(), canary) {
		t.Error("control sees what was written")
	}
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_ENDEX))
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_CLOSE))
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	replays(t, dir)
	if strings.Contains(string(recorded(t, dir)), canary) {
		t.Error("the recording has what was written")
	}
}

// replays holds a whole recording against what comes out when it is played again.
func replays(t *testing.T, dir string) *play.Recording {
	t.Helper()
	recording, err := play.Read(bytes.NewReader(recorded(t, dir)))
	if err != nil {
		t.Fatal(err)
	}
	s, file := smallScenario(t)
	if err := play.Verify(s, scenario.Digest(file), recording); err != nil {
		t.Error(err)
	}
	return recording
}

// TestRealEventStopsPlayAtOnce: one call at any node, and the clock stands, for everybody, at the time at which it was
// called; nothing but control lets it run again, and only after it has stood down.
func TestRealEventStopsPlayAtOnce(t *testing.T) {
	r := withPerson(t, t.TempDir())
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_STARTEX))
	xb := valisev1.NewExerciseServiceClient(r.At("XB"))
	raised, err := xb.RaiseRealEvent(t.Context(), &valisev1.RaiseRealEventRequest{Seat: "XB/technical"})
	if err != nil || raised.GetRealEvent().GetSeat() != "XB/technical" {
		t.Fatal(raised, err)
	}
	stands := r.Present()
	time.Sleep(50 * time.Millisecond) // fifty seconds of the exercise
	if now := r.Present(); !now.Equal(stands) {
		t.Errorf("the clock runs on, by %v", now.Sub(stands))
	}
	if got := stands.Sub(r.Scenario().Clock.Start).Milliseconds(); got != raised.GetRealEvent().GetAt() {
		t.Errorf("it stands at %d, and was raised at %d", got, raised.GetRealEvent().GetAt())
	}
	_, err = r.control().Command(t.Context(), command(valisev1.ControlCommand_CONTROL_COMMAND_RESUME))
	if e, _ := api.FromStatus(err); e == nil || e.Reason != valisev1.Reason_REASON_NOT_AT_THIS_POINT {
		t.Errorf("resumed while it stands: %v", err)
	}
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_STAND_DOWN))
	if now := r.Present(); !now.Equal(stands) {
		t.Error("standing down let the clock run")
	}
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_RESUME))
	r.until("play goes on", phase(valisev1.ExercisePhase_EXERCISE_PHASE_RUNNING))
}

// TestStopOutlivesTheProcess also where no line of the recording can tell of it: before STARTEX, and after ENDEX. Who
// raised it is known, nothing begins before control has it stand down, and then it does not come back.
func TestStopOutlivesTheProcess(t *testing.T) {
	dir := t.TempDir()
	r := withPerson(t, dir)
	stands := func() *valisev1.RealEvent {
		return must(r.control().GetControl(t.Context(), &valisev1.GetControlRequest{})).GetExercise().GetRealEvent()
	}
	again := func() {
		t.Helper()
		if err := r.Stop(); err != nil {
			t.Fatal(err)
		}
		r = conducts(t, conduct.Config{Dir: dir})
	}
	raises := func() *valisev1.RealEvent {
		t.Helper()
		return must(valisev1.NewExerciseServiceClient(r.At("XB")).RaiseRealEvent(t.Context(), &valisev1.RaiseRealEventRequest{Seat: "XB/technical"})).GetRealEvent()
	}
	s, file := smallScenario(t)
	for range 2 {
		raised := raises()
		if err := r.Stop(); err != nil {
			t.Fatal(err)
		}
		r = conducts(t, conduct.Config{Dir: dir, Scenario: s, File: file, Persons: []ident.Address{alder}})
		if now := stands(); now.GetSeat() != "XB/technical" || !now.GetRaised().AsTime().Equal(raised.GetRaised().AsTime()) || now.GetAt() != raised.GetAt() {
			t.Fatalf("it was %v, and now %v stands", raised, now)
		}
		if at := must(valisev1.NewExerciseServiceClient(r.At("XA")).GetExercise(t.Context(), &valisev1.GetExerciseRequest{})); at.GetRealEvent().GetSeat() != "XB/technical" {
			t.Errorf("a desk is told that %v stands", at.GetRealEvent())
		}
		_, err := r.control().Command(t.Context(), command(valisev1.ControlCommand_CONTROL_COMMAND_STARTEX))
		if e, _ := api.FromStatus(err); e == nil || e.Reason != valisev1.Reason_REASON_NOT_AT_THIS_POINT {
			t.Errorf("it began while a stop stands: %v", err)
		}
		r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_STAND_DOWN))
	}
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_STARTEX))
	again()
	if now := stands(); now != nil {
		t.Errorf("it has come back: %v", now)
	}
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_ENDEX))
	raises()
	again()
	if now := stands(); now.GetSeat() != "XB/technical" {
		t.Errorf("after ENDEX %v stands", now)
	}
}

// TestGoesOnWhereItWas: a process that ended in the middle of play, with a line half written, is followed by one that
// stands at the same exercise time; what a person did meanwhile, and what simulated seats had begun, is all there; and
// the whole recording replays.
func TestGoesOnWhereItWas(t *testing.T) {
	dir := t.TempDir()
	r := withPerson(t, dir)
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_STARTEX))
	r.until("the inject comes", func(c *valisev1.GetControlResponse) bool { return len(c.GetExercise().GetInjects()) > 0 })
	asks(t, r.At("XA"))
	r.until("the inquiry is seen", outcome("E01", "met"))
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	was := r.Present()
	torn(t, dir)
	r = conducts(t, conduct.Config{Dir: dir})
	if now := r.Present(); !now.Equal(was.Truncate(time.Millisecond)) {
		t.Errorf("it was %v, and goes on at %v", was, now)
	}
	r.until("it stands", phase(valisev1.ExercisePhase_EXERCISE_PHASE_PAUSED))
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_RESUME))
	r.until("the other side acknowledges", outcome("E02", "met"))
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_ENDEX))
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_CLOSE))
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	recording := replays(t, dir)
	inquiries := 0
	for _, l := range recording.Lines {
		if l.Type == play.Acted && l.Does == scenario.InquirySent && l.Person {
			inquiries++
		}
		if l.Type == play.Compared && !*l.Agree {
			t.Errorf("the records of %v do not agree", l.Seats)
		}
	}
	if inquiries != 1 {
		t.Errorf("the person has asked once, and is recorded with %d inquiries", inquiries)
	}
}

// TestNodeThatEndsIsStartedAgain: with all that it had.
func TestNodeThatEndsIsStartedAgain(t *testing.T) {
	r := withPerson(t, t.TempDir())
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_STARTEX))
	r.until("the inject comes", func(c *valisev1.GetControlResponse) bool { return len(c.GetExercise().GetInjects()) > 0 })
	conduct.EndNode(r.Exercise, "XB")
	asks(t, r.At("XA"))
	r.until("the node that was away acknowledges", outcome("E02", "met"))
}

// TestStrangersDoNotSteer: the door of control is for the user who conducts, and a node has none.
func TestStrangersDoNotSteer(t *testing.T) {
	r := withPerson(t, t.TempDir())
	_, err := valisev1.NewControlServiceClient(r.At("XA")).Command(context.Background(), command(valisev1.ControlCommand_CONTROL_COMMAND_STARTEX))
	if e, _ := api.FromStatus(err); e == nil || e.Reason != valisev1.Reason_REASON_UNIMPLEMENTED {
		t.Errorf("a node lets itself be steered: %v", err)
	}
	if _, err := conduct.Open(conduct.Config{Dir: r.Dir()}); err == nil {
		t.Error("an exercise at work was opened twice")
	}
}

// TestJumpIsPlayedThrough: what falls into a jump happens in order and is dated as it happens, also on the nodes; then the
// clock is where it was to be.
func TestJumpIsPlayedThrough(t *testing.T) {
	r := withPerson(t, t.TempDir())
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_STARTEX))
	r.Orders(&valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_SPEED, Rate: 1})
	xa := r.At("XA")
	sent := asks(t, xa)
	r.until("the inquiry is seen", func(c *valisev1.GetControlResponse) bool {
		return strings.Contains(c.String(), `inquiry.sent`) && len(c.GetSeats()) > 1 && c.GetSeats()[1].GetActs() == 1
	})
	r.Orders(&valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_JUMP, To: int64(6 * scenario.Hour)})
	last := r.until("the story of the gap comes", func(c *valisev1.GetControlResponse) bool {
		return len(c.GetExercise().GetInjects()) == 2 && c.GetExercise().GetClock().GetAt() >= int64(6*scenario.Hour)
	})
	if at := last.GetExercise().GetInjects()[1].GetAt(); at != int64(5*scenario.Hour) {
		t.Errorf("an inject of T+05:00:00 came at %d", at)
	}
	thread, err := valisev1.NewInquiryServiceClient(xa).GetThread(t.Context(), &valisev1.GetThreadRequest{Thread: sent.GetThread()})
	if err != nil {
		t.Fatal(err)
	}
	answers := 0
	for _, m := range thread.GetMessages() {
		if after := m.GetCreated().AsTime().Sub(r.Scenario().Clock.Start); !m.GetOutbound() && m.GetKind() == valisev1.Kind_KIND_ACKNOWLEDGEMENT {
			answers++
			if after > time.Hour {
				t.Errorf("what was done in the gap is dated %v after STARTEX", after)
			}
		}
	}
	if answers != 1 {
		t.Errorf("%d acknowledgements", answers)
	}
}

// TestControlHandlesInjects: by hand, held, skipped; who owes what; notes and judgements, and what does not fit is told.
func TestControlHandlesInjects(t *testing.T) {
	dir := t.TempDir()
	r := withPerson(t, dir)
	note := func(text, expectation string) error {
		_, err := r.control().AddExerciseNote(t.Context(), &valisev1.AddExerciseNoteRequest{Text: text, Expectation: expectation})
		return err
	}
	if e, _ := api.FromStatus(note("too soon", "")); e == nil || e.Reason != valisev1.Reason_REASON_NOT_AT_THIS_POINT {
		t.Errorf("noted before STARTEX: %v", e)
	}
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_STARTEX))
	r.Orders(&valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_SPEED, Rate: 1})
	inject := func(c valisev1.ControlCommand, id string) {
		r.Orders(&valisev1.CommandRequest{Command: c, Inject: id})
	}
	inject(valisev1.ControlCommand_CONTROL_COMMAND_HOLD, "I03")
	now := must(r.control().GetControl(t.Context(), &valisev1.GetControlRequest{}))
	states := map[string]valisev1.InjectState{}
	for _, in := range now.GetNext() {
		states[in.GetId()] = in.GetState()
	}
	if states["I02"] != valisev1.InjectState_INJECT_STATE_MANUAL || states["I03"] != valisev1.InjectState_INJECT_STATE_HELD {
		t.Errorf("next are %v", states)
	}
	inject(valisev1.ControlCommand_CONTROL_COMMAND_RELEASE, "I02")
	inject(valisev1.ControlCommand_CONTROL_COMMAND_SKIP, "I03")
	now = must(r.control().GetControl(t.Context(), &valisev1.GetControlRequest{Language: "fr"}))
	if len(now.GetSkipped()) != 1 || !strings.Contains(now.String(), "Une agence de presse") {
		t.Errorf("%v", now)
	}
	if err := note("They called at once", "E01"); err != nil {
		t.Error(err)
	}
	if e, _ := api.FromStatus(note("nowhere", "E99")); e == nil || e.Reason != valisev1.Reason_REASON_NOT_FOUND {
		t.Errorf("noted about nothing: %v", e)
	}
	for _, j := range []struct {
		r    *valisev1.JudgeRequest
		want valisev1.Reason
	}{
		{&valisev1.JudgeRequest{Expectation: "E04", Performed: "P"}, 0},
		{&valisev1.JudgeRequest{Expectation: "E04", Performed: "A"}, valisev1.Reason_REASON_BAD_REQUEST},
		{&valisev1.JudgeRequest{Expectation: "E01", Performed: "P"}, valisev1.Reason_REASON_NOT_AT_THIS_POINT},
		{&valisev1.JudgeRequest{Expectation: "E02"}, valisev1.Reason_REASON_BAD_REQUEST},
		{&valisev1.JudgeRequest{Expectation: "E02", Text: "their relay was down"}, 0},
	} {
		_, err := r.control().Judge(t.Context(), j.r)
		if e, _ := api.FromStatus(err); (j.want == 0) != (err == nil) || e != nil && e.Reason != j.want {
			t.Errorf("%v: %v", j.r, err)
		}
	}
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_ENDEX))
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_CLOSE))
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	replays(t, dir)
}
