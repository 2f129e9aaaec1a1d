package conduct

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	valisev1 "valise.example/proto/valise/v1"
)

// nowhere is a stage on which every act takes some time and succeeds.
type nowhere struct{ play.Model }

func (nowhere) Do(ctx context.Context, _ play.Act) error {
	rest(ctx, 300*time.Millisecond)
	return nil
}

func (nowhere) recall(context.Context, play.Act) error { return nil }
func (nowhere) learn(string, string)                   {}
func (nowhere) nameOf(string) string                   { return "" }

// liveLog plays Lantern Ward on the live clock in a bubble of time, with whatever control does meanwhile, and gives
// what happened at which exercise time, without what control did.
func liveLog(t *testing.T, control func(*Exercise)) []string {
	var log []string
	synctest.Test(t, func(t *testing.T) {
		file, _ := scenario.Open("lantern-ward")
		s, err := scenario.Parse("lantern-ward", file)
		if err != nil {
			t.Fatal(err)
		}
		e := newExercise(Config{Dir: t.TempDir(), Scenario: s, File: file, Once: true})
		e.dir, e.stage, e.network = e.cfg.Dir, nowhere{}, &network{e: nil}
		if err := e.openScenario(); err != nil {
			t.Fatal(err)
		}
		if err := e.openPlay(); err != nil {
			t.Fatal(err)
		}
		defer e.file.close()
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		work := e.start(ctx, stop, []func(context.Context) error{e.perform, e.drive, e.endOnce(stop)})
		if err := e.Begin(ctx); err != nil {
			t.Fatal(err)
		}
		control(e)
		if err := work(); err != nil {
			t.Fatal(err)
		}
		for _, l := range e.lines {
			if l.Type != play.Control || l.Cause == play.ByTime {
				l.By = nil // the number of a line, which control's lines shift
				log = append(log, fmt.Sprint(l.At, l.Type, l.Do, l.Inject, l.To, l.Seat, l.Does, l.Thread, l.Has, l.Expectation, l.Outcome))
			}
		}
	})
	return log[:len(log)-1] // the last line counts the others
}

// TestPausesAndSpeedsChangeNothing: whatever control does to the clock, and however long acts take, the same happens at
// the same exercise times. No pause is ever subtracted from anything.
func TestPausesAndSpeedsChangeNothing(t *testing.T) {
	want := liveLog(t, func(*Exercise) {})
	if len(want) < 30 {
		t.Fatalf("the log has %d lines: it holds nothing", len(want))
	}
	for seed := range uint64(8) {
		got := liveLog(t, func(e *Exercise) {
			random := rand.New(rand.NewPCG(seed, 7))
			for range 40 {
				time.Sleep(time.Duration(random.IntN(int(10 * time.Minute))))
				r := &valisev1.CommandRequest{Command: valisev1.ControlCommand(random.IntN(3) + int(valisev1.ControlCommand_CONTROL_COMMAND_PAUSE)), Rate: uint32(random.IntN(120))}
				if _, err := e.Command(context.Background(), r); err != nil && refusedByPlay(err) == nil {
					t.Error(err)
				}
			}
			_, _ = e.Command(context.Background(), &valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_RESUME})
		})
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Fatalf("seed %d: line %d is another:\n%v\n%v", seed, i, at(got, i), at(want, i))
			}
		}
	}
}

func at(log []string, i int) string {
	if i < len(log) {
		return log[i]
	}
	return "none"
}

// TestClockGoesOnlyForward: by any order of pauses, rates, jumps and moves, and with acts between them.
func TestClockGoesOnlyForward(t *testing.T) {
	wall := int64(0)
	c := newClock(&scenario.Scenario{Clock: scenario.Clock{Start: time.Date(2030, 3, 5, 5, 30, 0, 0, time.UTC), Rate: 1, Auto: 30}}, 0, func() int64 { return wall })
	random := rand.New(rand.NewPCG(1, 2))
	last := c.span()
	for step := range 5000 {
		wall += int64(random.IntN(int(time.Second)))
		switch to := scenario.Span(random.IntN(3_600_000)); random.IntN(8) {
		case 0, 1:
			_, _ = c.obey(play.Order{Do: play.Resume})
		case 2:
			_, _ = c.obey(play.Order{Do: play.Pause})
		case 3:
			_, _ = c.obey(play.Order{Do: play.Speed, Value: int64(random.IntN(1001))})
		case 4:
			c.owes(random.IntN(2) == 0)
		case 5:
			c.move(last + to/1000 - 1800)
		case 6:
			c.letGo(last + to)
		case 7:
			_, _ = c.obey(play.Order{Do: []play.Command{play.RealEvent, play.StandDown}[random.IntN(2)]})
		}
		if now := c.span(); now < last {
			t.Fatalf("step %d: it went back from %d to %d", step, last, now)
		} else {
			last = now
		}
	}
}

// TestWhatIsRecordedIsWhereTheClockStands: while the machine's clock runs on at each look at it, an order takes effect
// at the very moment that is recorded of it.
func TestWhatIsRecordedIsWhereTheClockStands(t *testing.T) {
	for _, do := range []play.Command{play.Pause, play.RealEvent, play.EndEx} {
		wall := int64(0)
		c := newClock(&scenario.Scenario{Clock: scenario.Clock{Start: time.Date(2030, 3, 5, 5, 30, 0, 0, time.UTC), Rate: 1000}}, 0,
			func() int64 { wall += int64(time.Millisecond); return wall })
		if _, err := c.obey(play.Order{Do: play.StartEx}); err != nil {
			t.Fatal(err)
		}
		at, err := c.obey(play.Order{Do: do})
		if err != nil {
			t.Fatal(err)
		}
		if stands := c.span(); at == 0 || stands != at {
			t.Errorf("%s: recorded at %d, and the clock stands at %d", do, at, stands)
		}
	}
}
