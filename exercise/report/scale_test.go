package report

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"valise.example/exercise/scenario"
)

// TestLogarithm: by integers alone, within a 65,536th of what floating point finds, and never falling.
func TestLogarithm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Uint64Min(1).Draw(t, "v")
		if got, want := float64(logarithm(v))/65536, math.Log2(float64(v)); math.Abs(got-want) > 2.0/65536 {
			t.Errorf("of %d it is %f, want %f", v, got, want)
		}
		if v > 1 && logarithm(v-1) > logarithm(v) {
			t.Errorf("it falls at %d", v)
		}
	})
	if logarithm(0) != 0 || logarithm(1) != 0 || logarithm(8) != 3<<16 {
		t.Errorf("of 0, 1 and 8: %d %d %d", logarithm(0), logarithm(1), logarithm(8))
	}
}

// TestScale: later is never further back, a jump takes its own small room, and nothing leaves the line.
func TestScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var jumps []stretch
		last := scenario.Span(0)
		for range rapid.IntRange(0, 40).Draw(t, "jumps") {
			from := last + scenario.Span(rapid.Int64Range(0, int64(scenario.Hour)).Draw(t, "from"))
			last = from + scenario.Span(rapid.Int64Range(1, int64(9*scenario.Hour)).Draw(t, "long"))
			jumps = append(jumps, stretch{from, last})
		}
		s := newScale(100, 700, scenario.Span(rapid.Int64Range(0, int64(scenario.MaxSpan)).Draw(t, "end")), jumps)
		before := s.at(0)
		for range 20 {
			a := scenario.Span(rapid.Int64Range(-5, int64(scenario.MaxSpan)).Draw(t, "a"))
			b := a + scenario.Span(rapid.Int64Range(0, int64(scenario.Hour)).Draw(t, "b"))
			if s.at(a) > s.at(b) || s.at(a) < before || s.at(b) > 700 {
				t.Errorf("%d stands at %d, %d at %d", a, s.at(a), b, s.at(b))
			}
		}
		for _, m := range s.marks() {
			if s.skips(m) {
				t.Errorf("a mark at %s lies within a jump", m.Clock())
			}
		}
	})
	s := newScale(0, 600, 20*scenario.Hour, []stretch{{5 * scenario.Hour, 14 * scenario.Hour}})
	if got := s.at(14*scenario.Hour) - s.at(5*scenario.Hour); got != broadestJump {
		t.Errorf("a jump takes %d", got)
	}
}

// TestFit: what is cut says so, is no wider than its room and leaves no isolate open.
func TestFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{"acknowledgement of receipt", "подтверждение получения", "\u2068XA/technical\u2069 ← \u2068XB/technical\u2069", "确认收到询问并指定机构", "إفادة بالاستلام", ""}).Draw(t, "text")
		room := rapid.IntRange(15, 300).Draw(t, "room")
		got := fit(text, typeSize, room)
		if widthOf(got, typeSize) > room {
			t.Errorf("%q is %d wide in %d", got, widthOf(got, typeSize), room)
		}
		if got != text && !strings.Contains(got, "…") {
			t.Errorf("%q was cut to %q without a sign of it", text, got)
		}
		if strings.Count(got, "\u2068") != strings.Count(got, "\u2069") {
			t.Errorf("%q leaves an isolate open", got)
		}
	})
}

// TestHarmless: no spreadsheet takes a cell for a formula, and whole numbers stay numbers.
func TestHarmless(t *testing.T) {
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "-1": "-1", "-1+1": "'-1+1", "+x": "'+x", "@SUM(1)": "'@SUM(1)", "12": "12", "T+00:05:00": "T+00:05:00", "  =x": "'=x",
		"＝1": "'＝1", "\"=1": "'\"=1", "plain": "plain", "'=1": "''=1", "a\n=b": "a =b", "": "",
	} {
		if got := harmless(in); got != want {
			t.Errorf("of %q it makes %q, want %q", in, got, want)
		}
	}
}
