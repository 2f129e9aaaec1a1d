package play_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

const second = 1_000_000_000 // nanoseconds

func TestClock(t *testing.T) {
	c := play.NewClock(scenario.Clock{Rate: 2, Auto: 30}, 0)
	shows := func(wall int64, want scenario.Span) {
		t.Helper()
		if got := c.Now(wall); got != want {
			t.Errorf("after %d s it shows %d ms, want %d", wall/second, got, want)
		}
	}
	do := func(wall int64, o play.Order, want error) {
		t.Helper()
		if err := c.Obey(wall, o); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", o.Do, err, want)
		}
	}
	shows(100*second, 0) // before STARTEX
	do(100*second, play.Order{Do: play.StartEx}, nil)
	shows(110*second, 20_000)
	shows(90*second, 0)       // put back
	c.Owes(90*second, true)   // and asked then
	shows(110*second, 20_000) // no second counts twice
	do(110*second, play.Order{Do: play.Pause}, nil)
	shows(500*second, 20_000)
	do(500*second, play.Order{Do: play.Resume}, nil)
	c.Owes(510*second, false) // auto
	shows(511*second, 70_000)
	c.Owes(511*second, true)
	shows(512*second, 72_000)
	do(512*second, play.Order{Do: play.Speed, Value: 1000}, nil)
	shows(513*second, 1_072_000)
	c.Owes(513*second, false) // a speed by hand stands
	shows(514*second, 2_072_000)
	do(514*second, play.Order{Do: play.Speed, Value: 0}, nil)
	shows(515*second, 2_102_000)
	do(515*second, play.Order{Do: play.Speed, Value: 1001}, play.ErrRefused)
	do(515*second, play.Order{Do: play.Speed, Value: -1}, play.ErrRefused)
	do(515*second, play.Order{Do: play.JumpTo, Value: 2_101_999}, play.ErrRefused)
	do(515*second, play.Order{Do: play.JumpTo, Value: math.MaxInt64}, play.ErrRefused)
	do(515*second, play.Order{Do: play.JumpTo, Value: 3_000_000}, nil)
	shows(515*second, 3_000_000)
	do(516*second, play.Order{Do: play.RealEvent}, nil)
	shows(600*second, 3_030_000)
	do(600*second, play.Order{Do: play.Resume}, play.ErrRefused)
	do(600*second, play.Order{Do: play.StandDown}, nil)
	shows(700*second, 3_030_000) // it stands until it is resumed
	if _, ok := c.When(3_040_000); ok {
		t.Error("a clock that stands says when it will show a time")
	}
	do(700*second, play.Order{Do: play.Resume}, nil)
	shows(701*second, 3_060_000)
	do(701*second, play.Order{Do: play.EndEx}, nil)
	shows(900*second, 3_060_000)
}

// TestClockLosesNothing: however often something changes, no part of a millisecond is lost.
func TestClockLosesNothing(t *testing.T) {
	c := play.NewClock(scenario.Clock{Rate: 1, Auto: 3}, 0)
	if err := c.Obey(0, play.Order{Do: play.StartEx}); err != nil {
		t.Fatal(err)
	}
	for i := range int64(1000) {
		c.Owes(i*700_000, i%2 == 0) // 0.7 ms at 1, 0.7 ms at 3
	}
	if got := c.Now(1000 * 700_000); got != 500*7*4/10 {
		t.Errorf("it shows %d ms", got)
	}
}

// TestClockSaysWhen: at the wall time that it names it shows the time, and a nanosecond earlier it does not.
func TestClockSaysWhen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := play.NewClock(scenario.Clock{Rate: rapid.IntRange(1, play.MaxRate).Draw(t, "rate")}, 0)
		begin := rapid.Int64Range(0, 1<<50).Draw(t, "begin")
		if err := c.Obey(begin, play.Order{Do: play.StartEx}); err != nil {
			t.Fatal(err)
		}
		at := scenario.Span(rapid.Int64Range(1, int64(scenario.MaxSpan)).Draw(t, "at"))
		wall, ok := c.When(at)
		if !ok || c.Now(wall) < at || c.Now(wall-1) >= at {
			t.Fatalf("for %d it says %d, %t; then it shows %d, just before %d", at, wall, ok, c.Now(wall), c.Now(wall-1))
		}
	})
}
