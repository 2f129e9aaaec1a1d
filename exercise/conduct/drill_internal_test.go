package conduct

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
)

// rehearsing is an exercise in which a simulated seat has raised REAL EVENT, and its lines are still to be written.
func rehearsing(t *testing.T) (e *Exercise, drill ident.Address, line func(play.Command) play.Line) {
	t.Helper()
	wall := func() int64 { return time.Now().UnixNano() }
	s := &scenario.Scenario{Clock: scenario.Clock{Start: time.Date(2030, 3, 5, 5, 30, 0, 0, time.UTC), Rate: 1}}
	e = &Exercise{
		log: slog.New(slog.DiscardHandler), dir: t.TempDir(), scenario: s, clock: newClock(s, 0, wall), news: node.NewBell(), wake: node.NewBell(),
		over: make(chan struct{}),
	}
	if _, err := e.clock.obey(play.Order{Do: play.StartEx}); err != nil {
		t.Fatal(err)
	}
	drill = ident.Address{State: "XB", Track: ident.Technical}
	nobody, err := grpc.NewClient("passthrough:///192.0.2.1:9", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer nobody.Close()
	e.stage = newStage(s, map[ident.State]*grpc.ClientConn{drill.State: nobody})
	ended, end := context.WithCancel(t.Context())
	end() // what the seat does is done by its node, below
	if err := e.do(ended, play.Act{Seat: drill, Does: scenario.RealEventRaised}); err == nil {
		t.Fatal("a node was reached that is none")
	}
	if _, err := e.realEvent(t.Context(), drill, ""); err != nil {
		t.Fatal(err)
	}
	return e, drill, func(do play.Command) play.Line {
		return play.Line{Type: play.Control, Do: do, Seat: drill.String(), Cause: play.ByTime}
	}
}

// performs is what becomes of the lines that end a rehearsed stop.
func performs(e *Exercise, line func(play.Command) play.Line) {
	for _, do := range []play.Command{play.StandDown, play.Resume} {
		e.turnOn(line(do))
		e.mu.Lock()
		e.controlled(line(do))
		e.mu.Unlock()
	}
}

// TestARehearsedStopEnds: play goes on by itself after it.
func TestARehearsedStopEnds(t *testing.T) {
	e, _, line := rehearsing(t)
	if !e.clock.stands() {
		t.Fatal("a rehearsed stop does not stop the clock")
	}
	performs(e, line)
	if e.clock.stands() || e.stop != nil {
		t.Errorf("after the rehearsal %v stands, the clock: %t", e.stop, e.clock.stands())
	}
}

// TestARealStopOutlivesARehearsedOne: whoever raises REAL EVENT while another only rehearses it stops play, at whatever
// moment of the rehearsal; nothing of the rehearsal lets the clock run again.
func TestARealStopOutlivesARehearsedOne(t *testing.T) {
	check := func(e *Exercise) {
		t.Helper()
		if e.stop.GetSeat() != "observers" || !e.clock.stands() || !e.clock.rules.Frozen() {
			t.Fatalf("%v stands; the clock stands: %t, and can be resumed: %t", e.stop, e.clock.stands(), !e.clock.rules.Frozen())
		}
	}
	raises := func(e *Exercise) {
		if r, err := e.realEvent(t.Context(), ident.Address{}, "observers"); err != nil || r.GetSeat() != "observers" {
			t.Errorf("told that %v stands: %v", r, err)
		}
	}
	e, _, line := rehearsing(t)
	raises(e)
	performs(e, line)
	check(e)
	for range 300 {
		e, _, line := rehearsing(t)
		var both sync.WaitGroup
		both.Go(func() { raises(e) })
		both.Go(func() { performs(e, line) })
		both.Wait()
		check(e)
	}
}

// TestARealStopHoldsWhereARehearsedOneEnds: the clock was let go between the moment at which somebody stopped it and the
// moment at which that stop stands.
func TestARealStopHoldsWhereARehearsedOneEnds(t *testing.T) {
	e, _, _ := rehearsing(t)
	turned, done := e.clock.Turned()
	defer done()
	var raised sync.WaitGroup
	e.mu.Lock()
	raised.Go(func() { _, _ = e.realEvent(t.Context(), ident.Address{}, "observers") })
	<-turned
	for _, do := range []play.Command{play.StandDown, play.Resume} {
		if _, err := e.clock.obey(play.Order{Do: do}); err != nil {
			t.Error(err)
		}
	}
	e.stop = nil
	e.mu.Unlock()
	raised.Wait()
	if e.stop.GetSeat() != "observers" || !e.clock.rules.Frozen() {
		t.Errorf("%v stands, and the clock can be resumed: %t", e.stop, !e.clock.rules.Frozen())
	}
}
