package play_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// given are acts of people at exercise times, in order.
func given(t *rapid.T) []step {
	acts := []scenario.Act{scenario.Acknowledged, scenario.HoldingSent, scenario.ResponseSent, scenario.ChannelAgreed, scenario.SentInError}
	var steps []step
	for i := range rapid.IntRange(0, 12).Draw(t, "acts") {
		s := step{at: scenario.Span(rapid.Int64Range(0, int64(8*scenario.Hour)).Draw(t, "at"))}
		if rapid.Bool().Draw(t, "opens") {
			s.seat, s.does, s.to = xa, scenario.InquirySent, rapid.SampledFrom([]string{xb, "XD/technical"}).Draw(t, "to")
		} else {
			s.seat, s.does, s.to = xb, rapid.SampledFrom(acts).Draw(t, "does"), xa
			s.thread = fmt.Sprintf("XA/technical-%d", rapid.IntRange(1, 3).Draw(t, "thread"))
			s.has = []scenario.Fact{scenario.EstimateGiven}[:i%2]
		}
		steps = append(steps, s)
	}
	slices.SortStableFunc(steps, func(a, b step) int { return int(a.at - b.at) })
	return steps
}

// driver conducts a run as a live one is: by a clock that is told wall time, with whatever control does to it.
type driver struct {
	t     *rapid.T
	play  *play.Play
	clock *play.Clock
	wall  int64
	steps []step
	jumps [][2]scenario.Span
	lines []play.Line
}

// to brings the run to an exercise time: what people do until then, and jumps, happen at their own times.
func (d *driver) to(at scenario.Span) {
	for {
		switch {
		case len(d.jumps) > 0 && d.jumps[0][0] <= at && (len(d.steps) == 0 || d.jumps[0][0] <= d.steps[0].at):
			j := d.jumps[0]
			d.jumps = d.jumps[1:]
			order := play.Order{Do: play.JumpTo, Value: int64(j[1])}
			d.put(d.play.Command(j[0], order))
			at = max(at, j[1])
			if d.clock.Now(d.wall) < j[1] {
				d.put(nil, d.clock.Obey(d.wall, order))
			}
		case len(d.steps) > 0 && d.steps[0].at <= at:
			s := d.steps[0]
			d.steps = d.steps[1:]
			lines, err := d.play.Act(s.at, person(s.seat, s.does, s.to, s.thread, s.has...))
			if errors.Is(err, play.ErrNotFound) {
				err = nil // a thread that was not opened so far
			}
			d.put(lines, err)
		default:
			d.put(d.play.Advance(at), nil)
			return
		}
	}
}

func (d *driver) put(lines []play.Line, err error) {
	if err != nil {
		d.t.Fatal(err)
	}
	d.lines = append(d.lines, lines...)
}

// conduct plays to ENDEX by wall time, with pauses, speeds, stops and auto at any time.
func (d *driver) conduct(end scenario.Span) {
	d.put(nil, d.clock.Obey(0, play.Order{Do: play.StartEx}))
	for !d.play.Ended() {
		d.wall += rapid.Int64Range(0, 90*60*second).Draw(d.t, "passes")
		d.to(min(d.clock.Now(d.wall), end))
		order := play.Order{Do: rapid.SampledFrom([]play.Command{
			play.Pause, play.Resume, play.Speed, play.RealEvent, play.StandDown,
		}).Draw(d.t, "does")}
		if order.Do == play.Speed {
			order.Value = rapid.Int64Range(0, 60).Draw(d.t, "speed")
		}
		d.clock.Owes(d.wall, rapid.Bool().Draw(d.t, "owed"))
		d.command(order)
		if rapid.Bool().Draw(d.t, "goes on") {
			d.command(play.Order{Do: play.StandDown})
			d.command(play.Order{Do: play.Resume})
		}
	}
}

func (d *driver) command(order play.Order) {
	if d.clock.Obey(d.wall, order) != nil || d.play.Ended() {
		return
	}
	lines, err := d.play.Command(d.play.Now(), order)
	if errors.Is(err, play.ErrEnded) {
		err = nil // the millisecond after the present is that of ENDEX
	}
	d.put(lines, err)
}

// exerciseLog is what happened by exercise time: no command to the clock, and numbers of lines among the rest alone.
func exerciseLog(t *rapid.T, lines []play.Line) (log []string) {
	number := map[uint64]uint64{}
	for _, l := range lines {
		if l.Type == play.Control && l.Do != play.JumpTo && l.Do != play.StartEx && l.Do != play.EndEx {
			continue
		}
		number[l.Seq] = uint64(len(number))
		l.Seq, l.Lines = number[l.Seq], 0
		if l.By != nil {
			by := number[*l.By]
			l.By = &by
		}
		b, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, string(b))
	}
	return log
}

// TestTimeIsTheClocksAlone: whatever pauses, speeds and stops there are around acts of people at given exercise
// times, the log by exercise time is the same; with jumps as in the run that has these jumps and nothing else.
func TestTimeIsTheClocksAlone(t *testing.T) {
	s, digest := ward(t)
	rapid.Check(t, func(t *rapid.T) {
		steps, seed, jumps := given(t), rapid.Uint64Range(0, 50).Draw(t, "seed"), [][2]scenario.Span(nil)
		if rapid.Bool().Draw(t, "jumps") {
			from := scenario.Span(rapid.Int64Range(1, int64(4*scenario.Hour)).Draw(t, "from"))
			to := from + scenario.Span(rapid.Int64Range(1, int64(4*scenario.Hour)).Draw(t, "length"))
			jumps = append(jumps, [2]scenario.Span{from, to})
			steps = slices.DeleteFunc(steps, func(s step) bool { return s.at >= from && s.at <= to })
		}
		logOf := func(drive func(*driver)) []string {
			p, err := play.New(s, digest, seed, play.Config{Persons: []ident.Address{addr(xa), addr(xb)}})
			if err != nil {
				t.Fatal(err)
			}
			d := &driver{t: t, play: p, clock: play.NewClock(s.Clock, 0), steps: slices.Clone(steps), jumps: jumps}
			drive(d)
			d.put(nil, play.Close(t.Context(), p, play.Model{}, func(l play.Line) error {
				d.lines = append(d.lines, l)
				return nil
			}))
			return exerciseLog(t, d.lines)
		}
		want := logOf(func(d *driver) { d.to(s.End) })
		got := logOf(func(d *driver) { d.conduct(s.End) })
		for i := range max(len(want), len(got)) {
			if i >= len(want) || i >= len(got) || want[i] != got[i] {
				t.Fatalf("from line %d on\n%s\nand not\n%s", i, got[min(i, len(got)):], want[min(i, len(want)):])
			}
		}
	})
}
