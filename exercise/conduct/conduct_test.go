package conduct_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"valise.example/api"
	"valise.example/exercise/conduct"
	"valise.example/exercise/conduct/conducttest"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

func TestMain(m *testing.M) {
	store.MaybeCheckChild()
	goleak.VerifyTestMain(m)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// running is an exercise at work in a test.
type running struct {
	*conducttest.Running
	t *testing.T
}

func (r *running) control() valisev1.ControlServiceClient {
	return valisev1.NewControlServiceClient(r.Control)
}

func conducts(t *testing.T, c conduct.Config) *running {
	t.Helper()
	return &running{conducttest.Run(t, c), t}
}

func command(c valisev1.ControlCommand) *valisev1.CommandRequest {
	return &valisev1.CommandRequest{Command: c}
}

// until waits for something that control sees.
func (r *running) until(what string, holds func(*valisev1.GetControlResponse) bool) *valisev1.GetControlResponse {
	r.t.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		now, err := r.control().GetControl(r.t.Context(), &valisev1.GetControlRequest{Lines: 1000})
		if err != nil {
			r.t.Fatal(err)
		}
		if holds(now) {
			return now
		}
		if time.Since(began) > 60*time.Second {
			for _, l := range now.GetLines() {
				r.t.Log(l.GetJson())
			}
			r.t.Fatalf("it never came that %s", what)
		}
	}
}

func phase(want valisev1.ExercisePhase) func(*valisev1.GetControlResponse) bool {
	return func(r *valisev1.GetControlResponse) bool { return r.GetExercise().GetClock().GetPhase() == want }
}

// recorded reads the recording of a folder.
func recorded(t *testing.T, dir string) []byte {
	t.Helper()
	return must(os.ReadFile(filepath.Join(dir, conduct.RecordingFile)))
}

// dryRun is what a dry run of the same file and seed records.
func dryRun(t *testing.T, s *scenario.Scenario, file []byte, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	w := play.NewWriter(&b)
	if err := play.DryRun(t.Context(), s, scenario.Digest(file), seed, w.Write); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestBundledScenariosOnRealNodes: all seats simulated, relay and nodes as in operation: the recording is that of the dry
// run, byte for byte, and all records agree.
func TestBundledScenariosOnRealNodes(t *testing.T) {
	for _, name := range scenario.Bundled() {
		t.Run(name, func(t *testing.T) {
			file, _ := scenario.Open(name)
			s := must(scenario.Parse(name, file))
			dir := filepath.Join(t.TempDir(), "D")
			r := conducts(t, conduct.Config{Dir: dir, Scenario: s, File: file, Lockstep: true})
			r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_STARTEX))
			r.until("ENDEX comes", phase(valisev1.ExercisePhase_EXERCISE_PHASE_ENDED))
			r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_CLOSE))
			if err := r.Stop(); err != nil {
				t.Fatal(err)
			}
			if got, want := recorded(t, dir), dryRun(t, s, file, s.Seed); !bytes.Equal(got, want) {
				t.Errorf("the recording is\n%s\nand that of a dry run\n%s", got, want)
			}
		})
	}
}

// TestNothingIsWrittenBeforeTheOtherSideHasIt: when a line says that a message was sent, it stands in the record of the
// other side.
func TestNothingIsWrittenBeforeTheOtherSideHasIt(t *testing.T) {
	s, file := smallScenario(t)
	var r *running
	sent, missing, before := 0, 0, map[string]int{}
	told := func(l play.Line) {
		if l.Type != play.Acted || len(l.To) != 1 {
			return
		}
		sent++
		conn := must(api.Dial(context.Background(), filepath.Join(r.Dir(), "network", l.To[0][:2], "valise.sock"), api.DialOptions{}))
		defer conn.Close()
		at := valisev1.NewInquiryServiceClient(conn)
		came := 0
		for _, thread := range must(at.ListThreads(context.Background(), &valisev1.ListThreadsRequest{})).GetThreads() {
			for _, m := range must(at.GetThread(context.Background(), &valisev1.GetThreadRequest{Thread: thread.GetThread()})).GetMessages() {
				if m.GetFrom() == l.Seat && m.GetTo() == l.To[0] && !m.GetOutbound() {
					came++
				}
			}
		}
		if before[l.Seat+l.To[0]]++; came < before[l.Seat+l.To[0]] {
			missing++
		}
	}
	drafts := make(chan struct{}, 9)
	r = conducts(t, conduct.Config{Dir: t.TempDir(), Scenario: s, File: file, Lockstep: true, Told: told, Ended: func() { drafts <- struct{}{} }})
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_STARTEX))
	<-drafts // once all is compared
	if now := must(r.control().GetControl(t.Context(), &valisev1.GetControlRequest{Lines: 2})); now.GetLines()[1].GetType() != string(play.Compared) {
		t.Errorf("the last line is %v", now.GetLines())
	}
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	if len(drafts) > 0 {
		t.Error("it ended twice")
	}
	if sent < 5 || missing > 0 {
		t.Errorf("of %d messages %d were written before the other side had them", sent, missing)
	}
}

// TestSimulatedSeatsGoOn: a process that ended while inquiries of simulated seats waited for answers is followed by one in
// which they are answered, on the same threads, each once.
func TestSimulatedSeatsGoOn(t *testing.T) {
	file, _ := scenario.Open("lantern-ward")
	s := must(scenario.Parse("lantern-ward", file))
	dir := t.TempDir()
	cut := make(chan struct{})
	r := conducts(t, conduct.Config{Dir: dir, Scenario: s, File: file, Lockstep: true, Told: func(l play.Line) {
		if l.Seq == 18 {
			close(cut)
		}
	}})
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_STARTEX))
	<-cut
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	torn(t, dir)
	r = conducts(t, conduct.Config{Dir: dir, Lockstep: true})
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_RESUME))
	r.until("ENDEX comes", phase(valisev1.ExercisePhase_EXERCISE_PHASE_ENDED))
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_CLOSE))
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	whole := must(play.Read(bytes.NewReader(recorded(t, dir))))
	if err := play.Verify(s, scenario.Digest(file), whole); err != nil {
		t.Error(err)
	}
	dry := must(play.Read(bytes.NewReader(dryRun(t, s, file, s.Seed))))
	if got, want := acts(whole), acts(dry); !slices.Equal(got, want) {
		t.Errorf("seats did\n%v\nand in one piece\n%v", got, want)
	}
	for _, l := range whole.Lines {
		if l.Type == play.Compared && !*l.Agree {
			t.Errorf("the records of %v do not agree", l.Seats)
		}
	}
}

// acts are what seats did, in order.
func acts(r *play.Recording) (all []string) {
	for _, l := range r.Lines {
		if l.Type == play.Acted {
			all = append(all, fmt.Sprint(l.At, l.Seat, l.Does, l.Thread))
		}
	}
	return all
}

// torn leaves half a line at the end of a recording, as a power failure does.
func torn(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, conduct.RecordingFile)
	if err := os.WriteFile(path, append(recorded(t, dir), `{"seq":99,"at":1`...), 0o600); err != nil {
		t.Fatal(err)
	}
}
