package report

import (
	"math/bits"

	"valise.example/exercise/scenario"
)

// scale puts moments of an exercise on a line of pixels, evenly but for jumps of the clock, which all take the same
// small room.
type scale struct {
	from, to int // pixels
	end      scenario.Span
	jumps    []stretch
	jump     int // pixels of one jump
}

// broadestJump is the room of a jump in pixels, where there is room.
const broadestJump = 26

func newScale(from, to int, end scenario.Span, jumps []stretch) scale {
	s := scale{from: from, to: to, end: max(end, 1)}
	for _, j := range jumps {
		if j.from < s.end {
			s.jumps = append(s.jumps, stretch{j.from, min(j.to, s.end)})
		}
	}
	if n := len(s.jumps); n > 0 {
		s.jump = min(broadestJump, (to-from)/2/n)
	}
	return s
}

// at is the pixel of a moment. What lies outside stands at the end of the line.
func (s scale) at(t scenario.Span) int {
	t = min(max(t, 0), s.end)
	played, passed, within := t, 0, 0
	total := s.end
	for _, j := range s.jumps {
		total -= j.to - j.from
		played -= max(0, min(t, j.to)-min(t, j.from))
		switch {
		case t >= j.to:
			passed++
		case t > j.from:
			within = int(int64(s.jump) * int64(t-j.from) / int64(j.to-j.from))
		}
	}
	room := int64(s.to - s.from - len(s.jumps)*s.jump)
	x := s.from + passed*s.jump + within
	if total > 0 {
		x += int(room * int64(played) / int64(total))
	}
	return x
}

// steps between the marks of a line of time.
var steps = []scenario.Span{
	scenario.Minute, 2 * scenario.Minute, 5 * scenario.Minute, 10 * scenario.Minute, 15 * scenario.Minute, 30 * scenario.Minute,
	scenario.Hour, 2 * scenario.Hour, 3 * scenario.Hour, 6 * scenario.Hour, 12 * scenario.Hour, 24 * scenario.Hour,
	48 * scenario.Hour, 7 * 24 * scenario.Hour, 30 * 24 * scenario.Hour,
}

// closestMarks is how near two marks may stand in pixels.
const closestMarks = 58

// marks are moments to write beside the line, none within a jump.
func (s scale) marks() (all []scenario.Span) {
	step := steps[len(steps)-1]
	for _, candidate := range steps {
		if s.at(candidate)-s.at(0) >= closestMarks || s.end/candidate <= 1 {
			step = candidate
			break
		}
	}
	last := s.from - closestMarks
	for t := scenario.Span(0); t <= s.end && len(all) < 64; t += step {
		if x := s.at(t); x-last >= closestMarks && !s.skips(t) {
			all, last = append(all, t), x
		}
	}
	return all
}

func (s scale) skips(t scenario.Span) bool {
	for _, j := range s.jumps {
		if t > j.from && t < j.to {
			return true
		}
	}
	return false
}

// logarithm is the binary logarithm of v in 65,536ths, rounded down, by integers alone: the same on every machine.
// Of 0 it is that of 1.
func logarithm(v uint64) int64 {
	v = max(v, 1)
	n := bits.Len64(v) - 1
	mantissa := v << (63 - n) // 1.0 to 2.0, with 63 digits behind the point
	result := int64(n) << 16
	for i := 15; i >= 0; i-- {
		square, _ := bits.Mul64(mantissa, mantissa) // 1.0 to 4.0, with 62 digits behind the point
		if square>>63 == 1 {
			result |= 1 << i
			mantissa = square
		} else {
			mantissa = square << 1
		}
	}
	return result
}

// logScale puts lengths of time on a logarithmic line of pixels.
type logScale struct {
	from, to    int
	least, most scenario.Span
}

// leastTime is where the line begins; what is shorter stands there.
const leastTime = 10 * scenario.Second

// logMarks are the lengths that are written beside the line.
var logMarks = []scenario.Span{
	10 * scenario.Second, 30 * scenario.Second, scenario.Minute, 2 * scenario.Minute, 5 * scenario.Minute, 10 * scenario.Minute,
	20 * scenario.Minute, scenario.Hour, 2 * scenario.Hour, 5 * scenario.Hour, 12 * scenario.Hour, 24 * scenario.Hour, 48 * scenario.Hour,
	7 * 24 * scenario.Hour, 60 * 24 * scenario.Hour,
}

// newLogScale reaches to the first mark that is no shorter than the longest time.
func newLogScale(from, to int, longest scenario.Span) logScale {
	s := logScale{from, to, leastTime, logMarks[len(logMarks)-1]}
	for _, m := range logMarks {
		if m >= longest && m >= 30*scenario.Minute {
			s.most = m
			break
		}
	}
	return s
}

func (s logScale) at(t scenario.Span) int {
	t = min(max(t, s.least), s.most)
	least := logarithm(uint64(s.least))
	return s.from + int(int64(s.to-s.from)*(logarithm(uint64(t))-least)/(logarithm(uint64(s.most))-least))
}

// closestTimes is how near two marks may stand in pixels.
const closestTimes = 44

func (s logScale) marks() (all []scenario.Span) {
	last := s.from - closestTimes
	for _, m := range logMarks {
		if x := s.at(m); m >= s.least && m <= s.most && x-last >= closestTimes {
			all, last = append(all, m), x
		}
	}
	return all
}
