package play

import (
	"math/bits"
	"testing"

	"pgregory.net/rapid"

	"valise.example/exercise/scenario"
)

// TestDrawsAreAsWritten: docs/exercises.md §4 says how another program draws the same numbers.
func TestDrawsAreAsWritten(t *testing.T) {
	p := &Play{seed: 20300305}
	if got := p.draw("acknowledge.chance", "I01", "XA/technical", "XB/technical"); got != 9106879295958477459 {
		t.Errorf("the draw is %d", got)
	}
}

// TestTriangularStaysInside: for any habit and any draw, from least to most, and larger draws take longer.
func TestTriangularStaysInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		span := func(name string, from scenario.Span) scenario.Span {
			return scenario.Span(rapid.Int64Range(int64(from), int64(scenario.MaxSpan)).Draw(t, name))
		}
		h := scenario.Habit{Least: span("least", 0)}
		h.Mode = span("mode", h.Least)
		h.Most = span("most", h.Mode)
		even := rapid.Uint64().Draw(t, "even")
		x := triangular(even, h)
		if x < h.Least || x > h.Most {
			t.Fatalf("%d of %v is %d", even, h, x)
		}
		if even < 1<<63 && triangular(even|1<<63, h) < x {
			t.Fatalf("a larger draw than %d takes less than %d", even, x)
		}
	})
}

// TestTriangularHasItsShape: of even draws the share below a length is that of a triangle, exactly but for rounding.
func TestTriangularHasItsShape(t *testing.T) {
	const n = 4096
	h := scenario.Habit{Least: 1000, Mode: 4000, Most: 10000}
	below := map[scenario.Span]int{}
	for i := range uint64(n) {
		x := triangular(i<<52|1<<51, h)
		for _, limit := range []scenario.Span{2500, 4000, 7000} {
			if x < limit {
				below[limit]++
			}
		}
	}
	// (x-least)²/(width·(mode-least)) up to the mode; beyond it 1-(most-x)²/(width·(most-mode)).
	for limit, share := range map[scenario.Span]int{2500: n / 12, 4000: n / 3, 7000: n - n/6} {
		if d := below[limit] - share; d < -8 || d > 8 {
			t.Errorf("%d of %d are below %d, want %d", below[limit], n, limit, share)
		}
	}
}

func TestRootOfProduct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Uint64Range(0, 1<<33-1).Draw(t, "a"), rapid.Uint64Range(0, 1<<33-1).Draw(t, "b")
		r := rootOfProduct(a, b)
		high, low := bits.Mul64(a, b)
		above := func(x uint64) bool { // x² > a·b
			h, l := bits.Mul64(x, x)
			return h > high || h == high && l > low
		}
		if above(r) || !above(r+1) {
			t.Fatalf("the root of %d·%d is not %d", a, b, r)
		}
	})
}

// TestDrawsAreEven: a chance of n per cent comes in about n per cent of cases.
func TestDrawsAreEven(t *testing.T) {
	for _, percent := range []int{0, 5, 50, 95, 100} {
		hits := 0
		for seed := range uint64(10000) {
			if (&Play{seed: seed}).chance(percent, "test", "I01") {
				hits++
			}
		}
		if d := hits - percent*100; d < -200 || d > 200 {
			t.Errorf("%d per cent comes %d times of 10,000", percent, hits)
		}
	}
}
