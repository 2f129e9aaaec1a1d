package play_test

import (
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

func sha(line string) [sha256.Size]byte { return sha256.Sum256([]byte(line)) }

// conducted is a run of the ward scenario in which people and control do something of everything.
func conducted(t testing.TB) (*scenario.Scenario, string, string) {
	t.Helper()
	s, digest := ward(t)
	s.Expectations = append(s.Expectations,
		scenario.Expectation{ID: "E10", Who: addr(xb), Does: scenario.ResponseSent, Within: scenario.Hour, Of: "E01"},
		scenario.Expectation{ID: "E11", Who: addr(xb), Does: scenario.ResponseSent, Within: 2 * minute, Of: "E01"})
	p, err := play.New(s, digest, 5, play.Config{Persons: []ident.Address{addr(xb), addr(xa)}})
	if err != nil {
		t.Fatal(err)
	}
	var lines []play.Line
	put := func(more []play.Line, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, more...)
	}
	whole := []scenario.Fact{scenario.Nature, scenario.Contact, scenario.TimeSensitivity, scenario.PreferredChannel, scenario.LeadAgency}
	put(p.Command(minute, play.Order{Do: play.Pause}))
	put(p.Command(minute, play.Order{Do: play.Resume}))
	put(p.Act(10*minute, person(xa, scenario.InquirySent, xb, "", whole...)))
	put(p.Advance(10*minute), nil)
	put(p.Act(10*minute, person(xb, scenario.Acknowledged, xa, first))) // of the same millisecond, after it was played
	put(p.Command(11*minute, play.Order{Do: play.Speed, Value: 30}))
	put(p.Note(11*minute, play.Remark{Seat: addr(xa), Expectation: "E01", Text: "calm <and> quick\u2028"}))
	put(p.Act(12*minute, person(xb, scenario.RealEventRaised, "", "")))
	put(p.Command(12*minute, play.Order{Do: play.RealEvent, Seat: xb}))
	put(p.Command(12*minute, play.Order{Do: play.StandDown}))
	put(p.Command(12*minute, play.Order{Do: play.Resume}))
	put(p.Command(13*minute, play.Order{Do: play.Skip, Inject: "I08"}))
	put(p.Command(13*minute, play.Order{Do: play.Hold, Inject: "I06"}))
	put(p.Command(14*minute, play.Order{Do: play.JumpTo, Value: int64(200 * minute)}))
	put(p.Advance(200*minute), nil)
	put(p.Command(200*minute, play.Order{Do: play.Release, Inject: "I06"}))
	put(p.Act(201*minute, person(xb, scenario.ResponseSent, xa, first)))
	put(p.Waive(300*minute, "E05", "the press office was closed"))
	put(p.Command(900*minute, play.Order{Do: play.EndEx}))
	put(p.Judge(900*minute, "E08", play.Performed, "well done"))
	for i, pair := range p.Pairs() {
		put(p.Compared(pair, i > 0))
	}
	put(p.Finish())
	return s, digest, recorded(t, lines)
}

func read(t testing.TB, text string) *play.Recording {
	t.Helper()
	r, err := play.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestReplayAgrees: of a dry run, and of a run with people, control, judges and records that differ.
func TestReplayAgrees(t *testing.T) {
	s, digest := ward(t)
	for seed := range uint64(50) {
		if err := play.Verify(s, digest, read(t, recorded(t, dry(t, s, digest, seed)))); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	s, digest, text := conducted(t)
	if err := play.Verify(s, digest, read(t, text)); err != nil {
		t.Error(err)
	}
	if err := play.Verify(s, strings.Repeat("0", 64), read(t, text)); !errors.Is(err, play.ErrScenario) {
		t.Errorf("with another scenario: %v", err)
	}
	for _, kind := range []string{`"acted"`, `"judged"`, `"noted"`, `"compared"`, `"waived"`, `"person":true`, `"do":"hold"`, `"do":"real_event"`, `"late"`, `"not_scored"`, `"skipped"`} {
		if !strings.Contains(text, kind) {
			t.Errorf("the run has no %s", kind)
		}
	}
}

// TestBundledScenariosPlay: each of them holds the rules, and its recording comes out of a replay.
func TestBundledScenariosPlay(t *testing.T) {
	for _, name := range scenario.Bundled() {
		data, _ := scenario.Open(name)
		s, err := scenario.Parse(name, data)
		if err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(20) {
			lines := dry(t, s, scenario.Digest(data), seed)
			checkOrder(t, s, lines)
			checkOutcomes(t, s, lines)
			if err := play.Verify(s, scenario.Digest(data), read(t, recorded(t, lines))); err != nil {
				t.Errorf("%s, seed %d: %v", name, seed, err)
			}
		}
	}
}

// TestForgedLineIsNamed changes what follows from the rest, with a chain that holds: a replay names the line.
func TestForgedLineIsNamed(t *testing.T) {
	s, digest, text := conducted(t)
	lines := linesOf(text)
	for i, line := range lines {
		for _, change := range [][2]string{
			{`"outcome":"missed"`, `"outcome":"met"`}, {`"outcome":"late"`, `"outcome":"met"`}, {`"outcome":"met"`, `"outcome":"missed"`},
			{`"after":`, `"after":1`}, {`"inject":"I0`, `"inject":"J0`}, {`"does":"ack.sent"`, `"does":"closed"`}, {`"realm":"exercise:lantern-ward-`, `"realm":"exercise:lantern-ware-`},
			{`"seed":5`, `"seed":6`}, {`"cause":"at"`, `"cause":"when"`}, {`"seat":"XC/`, `"seat":"XD/`}, {`"by":`, `"by":1`}, {`"start":"2030`, `"start":"2031`},
		} {
			forged := strings.Replace(line, change[0], change[1], 1)
			if forged == line || strings.Contains(line, `"person":true`) {
				continue
			}
			r := read(t, rechained(t, strings.Join(slices.Concat(lines[:i], []string{forged}, lines[i+1:]), "")))
			err := play.Verify(s, digest, r)
			d, ok := errors.AsType[*play.Difference](err)
			if !ok || d.Line != i+1 {
				t.Errorf("line %d, %s: %v", i+1, change[1], err)
			}
		}
	}
}

// TestForgedInputIsNamed: people cannot have done what the exercise would have refused, and what they did has
// consequences that are missing.
func TestForgedInputIsNamed(t *testing.T) {
	s, digest, text := conducted(t)
	for _, change := range [][3]string{
		{`"seat":"XB/technical","does":"ack.sent","thread":"XA/technical-1"`, `"seat":"XC/technical","does":"ack.sent","thread":"XA/technical-1"`, "cannot have happened"},
		{`"seat":"XB/technical","does":"ack.sent"`, `"seat":"XB/technical","does":"closed"`, "comes out differently"},
		{`"do":"skip","inject":"I08"`, `"do":"skip","inject":"I99"`, "cannot have happened"},
		{`"do":"jump","value":12000000`, `"do":"jump","value":9000000`, "comes out differently"},
		{`"agree":false`, `"agree":true`, "comes out differently"},
		{`"expectation":"E08","grade"`, `"expectation":"E01","grade"`, "cannot have happened"},
		{`"persons":["XA/technical","XB/technical"]`, `"persons":["XA/technical"]`, "cannot have happened"},
		{`"seats":["XA/technical","XB/technical"]`, `"seats":["XA/technical"]`, "cannot have happened"},
		{`"persons":["XA/technical","XB/technical"]`, `"persons":["XA/nonsense"]`, "line 1 cannot have happened"},
		{`"persons":["XA/technical","XB/technical"]`, `"persons":["XC/technical"]`, "line 1 cannot have happened"},
		{`"type":"noted","seat":"XA/technical"`, `"type":"noted","seat":"nowhere"`, "cannot have happened"},
	} {
		forged := strings.Replace(text, change[0], change[1], 1)
		if forged == text {
			t.Errorf("the recording has no %s", change[0])
			continue
		}
		err := play.Verify(s, digest, read(t, rechained(t, forged)))
		if err == nil || !strings.Contains(err.Error(), change[2]) {
			t.Errorf("%s: %v, want %q", change[1], err, change[2])
		}
	}
}

// TestRecover: a run that is cut off after any line goes on at the same exercise time and ends in the same recording.
func TestRecover(t *testing.T) {
	s, digest, text := conducted(t)
	full, lines := read(t, text), linesOf(text)
	rapid.Check(t, func(rt *rapid.T) {
		cut := rapid.IntRange(1, len(lines)).Draw(rt, "lines")
		r, err := play.Whole(strings.NewReader(strings.Join(lines[:cut], "")))
		if err != nil {
			rt.Fatal(err)
		}
		p, missing, err := play.Recover(s, digest, r)
		if err != nil {
			rt.Fatalf("after %d lines: %v", cut, err)
		}
		if p.Now() != full.Lines[cut-1].At {
			rt.Fatalf("after %d lines it goes on at %d and not at %d", cut, p.Now(), full.Lines[cut-1].At)
		}
		for i, l := range missing {
			l.Prev = full.Lines[cut+i].Prev
			if l.Type != full.Lines[cut+i].Type || l.Seq != full.Lines[cut+i].Seq || l.At != full.Lines[cut-1].At {
				rt.Fatalf("after %d lines comes %v, and not %v", cut, l, full.Lines[cut+i])
			}
		}
	})
}

// FuzzRead: whatever the bytes are, the reader ends, names a line, and what it accepts is written again as it was.
func FuzzRead(f *testing.F) {
	_, _, text := conducted(f)
	f.Add([]byte(text))
	f.Add([]byte(text[:len(text)/2]))
	f.Add([]byte(strings.Replace(text, `"engine":1`, `"engine":3`, 1)))
	f.Add([]byte("{}\n"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := play.Whole(strings.NewReader(string(data)))
		if err != nil {
			if flaw, ok := errors.AsType[*play.Flaw](err); !ok || flaw.Line < 1 {
				t.Fatalf("the reader ends with %v", err)
			}
			return
		}
		if r.Size > int64(len(data)) || len(r.Lines) == 0 {
			t.Fatalf("%d lines, %d bytes of %d", len(r.Lines), r.Size, len(data))
		}
		if r.ThisEngine() && recorded(t, r.Lines) != string(data[:r.Size]) {
			t.Fatal("what is read is written in another form")
		}
		if s, digest := ward(t); r.ThisEngine() {
			_ = play.Verify(s, digest, r)
			_ = play.Verify(s, r.Opened().Digest, r)
		}
	})
}

// TestForgedRecordingsEnd: whatever somebody writes into a recording whose chain holds, a replay ends, and says that it
// agrees, at which line it does not, or that it plays nothing.
func TestForgedRecordingsEnd(t *testing.T) {
	s, digest, text := conducted(t)
	full := read(t, text)
	kinds := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		lines := slices.Clone(full.Lines)
		for range rapid.IntRange(1, 4).Draw(rt, "changes") {
			i := rapid.IntRange(0, len(lines)-1).Draw(rt, "line")
			switch rapid.IntRange(0, 3).Draw(rt, "how") {
			case 0:
				lines = slices.Delete(lines, i, i+1)
			case 1:
				lines = slices.Insert(lines, i, forgedLine(rt))
			case 2:
				lines = slices.Insert(lines, i, lines[rapid.IntRange(0, len(lines)-1).Draw(rt, "copied")])
			default:
				lines[i].At = scenario.Span(rapid.Int64Range(0, 1<<62).Draw(rt, "at"))
			}
		}
		at := scenario.Span(0)
		for i := range lines {
			at = max(at, lines[i].At)
			lines[i].Seq, lines[i].At = uint64(i), at
		}
		r, err := play.Whole(strings.NewReader(recorded(t, lines)))
		if err != nil {
			kinds["flaw"]++
			return
		}
		err = play.Verify(s, digest, r)
		switch _, ok := errors.AsType[*play.Difference](err); {
		case ok:
			kinds["difference"]++
		case err == nil:
			kinds["agrees"]++
		default:
			rt.Fatalf("the replay ends with %v", err)
		}
		if _, _, err := play.Recover(s, digest, r); err != nil {
			_ = err.Error()
		}
	})
	if kinds["difference"] == 0 {
		t.Errorf("no forgery gets as far as the replay: %v", kinds)
	}
}

func forgedLine(t *rapid.T) play.Line {
	seat := rapid.SampledFrom([]string{"", xa, xb, xc, "XE/diplomatic", "QM/technical", "@global/manager", "nobody"})
	yes := true
	return play.Line{
		At:          scenario.Span(rapid.Int64Range(0, int64(21*scenario.Hour)).Draw(t, "at")),
		Type:        rapid.SampledFrom([]play.LineType{play.Control, play.Acted, play.Refused, play.Judged, play.Noted, play.Compared, play.Result}).Draw(t, "type"),
		Do:          rapid.SampledFrom([]play.Command{play.Pause, play.JumpTo, play.Release, play.Hold, play.Skip, play.EndEx, "laugh"}).Draw(t, "do"),
		Value:       rapid.Int64().Draw(t, "value"),
		Inject:      rapid.SampledFrom([]string{"", "I01", "I07", "I99"}).Draw(t, "inject"),
		To:          []string{seat.Draw(t, "to")},
		Cause:       rapid.SampledFrom([]play.Cause{"", play.ByControl, play.ByTime}).Draw(t, "cause"),
		Seat:        seat.Draw(t, "seat"),
		Does:        rapid.SampledFrom([]scenario.Act{"", scenario.InquirySent, scenario.Acknowledged, scenario.Reopened, "laughed"}).Draw(t, "does"),
		Thread:      rapid.SampledFrom([]string{"", first, "XC/technical-1"}).Draw(t, "thread"),
		Has:         []scenario.Fact{scenario.EstimateGiven, "mood"}[:rapid.IntRange(0, 2).Draw(t, "has")],
		Person:      rapid.Bool().Draw(t, "person"),
		Expectation: rapid.SampledFrom([]string{"", "E01", "E08", "E99"}).Draw(t, "expectation"),
		Outcome:     rapid.SampledFrom([]play.Outcome{"", play.Waived, play.Met}).Draw(t, "outcome"),
		Seats:       []string{xa, seat.Draw(t, "other")}[:rapid.IntRange(0, 2).Draw(t, "seats")],
		Breaks:      rapid.SampledFrom([]scenario.Never{"", scenario.ThirdParty, "mood"}).Draw(t, "breaks"),
		Agree:       []*bool{nil, &yes}[rapid.IntRange(0, 1).Draw(t, "agree")],
	}
}
