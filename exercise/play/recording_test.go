package play_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

// flawAt is the line that Read names; 0: it finds nothing wrong.
func flawAt(t testing.TB, text string) int {
	t.Helper()
	_, err := play.Read(strings.NewReader(text))
	if err == nil {
		return 0
	}
	flaw, ok := errors.AsType[*play.Flaw](err)
	if !ok {
		t.Fatalf("the reader ends with %v", err)
	}
	return flaw.Line
}

// linesOf are the lines of a recording, each with its end.
func linesOf(text string) []string {
	lines := strings.SplitAfter(text, "\n")
	return lines[:len(lines)-1]
}

// TestOneChangedByteIsNamed changes every byte of a recording, one by one, each to two others. The line that is named
// is the one that was changed. One case is left: whether the last line but one was changed, or what the last says of
// it, nobody can tell, because nothing follows.
func TestOneChangedByteIsNamed(t *testing.T) {
	s := small(func(s *scenario.Scenario) {
		s.Expectations = []scenario.Expectation{{ID: "E01", Who: addr(xb), Does: scenario.Acknowledged, To: addr(xa), Within: 10 * minute}}
	})
	text := recorded(t, played(t, s, asked(minute), step{2 * minute, xb, scenario.Acknowledged, xa, first, []scenario.Fact{scenario.EstimateGiven}}))
	if line := flawAt(t, text); line != 0 {
		t.Fatalf("line %d of a good recording is bad", line)
	}
	count := strings.Count(text, "\n")
	for i := range len(text) {
		want := strings.Count(text[:i], "\n") + 1
		for _, by := range []byte{1, 0x20} {
			changed := []byte(text)
			changed[i] ^= by
			got := flawAt(t, string(changed))
			doubt := want == count && got == count-1 && inPrev(text, i)
			if got != want && !doubt {
				t.Errorf("byte %d (%q, line %d) is changed, and line %d is named", i, text[i], want, got)
			}
		}
	}
}

// inPrev reports whether a byte stands in the hash of its line.
func inPrev(text string, i int) bool {
	start := strings.LastIndexByte(text[:i], '\n') + 1
	return i-start > strings.Index(text[start:], `"prev":"`)
}

// TestLinesThatAreMoved: dropped, doubled, put elsewhere, cut off, or more than there were.
func TestLinesThatAreMoved(t *testing.T) {
	s, digest := ward(t)
	text := recorded(t, dry(t, s, digest, 1))
	lines := linesOf(text)
	n := len(lines)
	for i := range n {
		dropped := slices.Delete(slices.Clone(lines), i, i+1)
		if got := flawAt(t, strings.Join(dropped, "")); got != i+1 {
			t.Errorf("line %d is dropped, and line %d is named", i+1, got)
		}
		doubled := slices.Insert(slices.Clone(lines), i, lines[i])
		if got := flawAt(t, strings.Join(doubled, "")); got != i+2 {
			t.Errorf("line %d is doubled, and line %d is named", i+1, got)
		}
		if i+1 < n {
			swapped := slices.Clone(lines)
			swapped[i], swapped[i+1] = lines[i+1], lines[i]
			if got := flawAt(t, strings.Join(swapped, "")); got != i+1 {
				t.Errorf("lines %d and %d are exchanged, and line %d is named", i+1, i+2, got)
			}
		}
		if got := flawAt(t, strings.Join(lines[:i], "")); got != i+1 {
			t.Errorf("the recording is cut off before line %d, and line %d is named", i+1, got)
		}
	}
	if got := flawAt(t, text[:len(text)-1]); got != n {
		t.Errorf("the last line is torn, and line %d is named", got)
	}
}

// TestBounds: neither a long line nor a long file is read into memory, and the writer writes neither.
func TestBounds(t *testing.T) {
	long := strings.Repeat("a", play.MaxLine)
	if _, err := play.Read(strings.NewReader(long + "\n")); err == nil || !strings.Contains(err.Error(), "line 1: longer than") {
		t.Errorf("a line of %d bytes: %v", len(long)+1, err)
	}
	w := play.NewWriter(&strings.Builder{})
	if err := w.Write(play.Line{Type: play.Noted, Text: long}); err == nil {
		t.Error("a line that no reader takes is written")
	}
	if err := w.Write(play.Line{Seq: 1}); err == nil {
		t.Error("the second line is written first")
	}
	line := []byte(strings.Repeat("b", play.MaxLine-1) + "\n")
	if _, err := play.Whole(bytes.NewReader(bytes.Repeat(line, 65))); err == nil || !strings.Contains(err.Error(), "line 65: the recording is longer") {
		t.Errorf("a file of 65 MiB: %v", err)
	}
	full := play.NewWriter(discard{})
	for i := range uint64(100) {
		if err := full.Write(play.Line{Seq: i, Text: long[:play.MaxLine-500]}); err != nil {
			if i != 64 {
				t.Errorf("the writer stops at line %d: %v", i, err)
			}
			return
		}
	}
	t.Error("the writer writes more than a reader takes")
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

// TestChainDoesNotExcuse what cannot be, even if it holds: a line that goes back in time, one after the last, a type
// that there is not.
func TestChainDoesNotExcuse(t *testing.T) {
	s, digest := ward(t)
	lines := dry(t, s, digest, 1)
	last := lines[len(lines)-1]
	for name, c := range map[string]struct {
		change func([]play.Line) []play.Line
		want   int
	}{
		"back in time": {func(l []play.Line) []play.Line { l[9].At = l[8].At - 1; return l }, 10},
		"after the last": {func(l []play.Line) []play.Line {
			return append(l, play.Line{Seq: last.Seq + 1, At: last.At, Type: play.Noted, Text: "more"})
		}, len(lines) + 1},
		"another type":     {func(l []play.Line) []play.Line { l[9].Type = "guessed"; return l }, 10},
		"opened again":     {func(l []play.Line) []play.Line { l[9] = l[0]; l[9].Seq, l[9].At = 9, l[8].At; return l }, 10},
		"later than ENDEX": {func(l []play.Line) []play.Line { l[len(l)-1].At++; return l }, len(lines)},
		"not from STARTEX": {func(l []play.Line) []play.Line { l[0].At = 1; return l }, 1},
	} {
		if got := flawAt(t, recorded(t, c.change(slices.Clone(lines)))); got != c.want {
			t.Errorf("%s: line %d is named, want %d", name, got, c.want)
		}
	}
}

// TestUnfinishedRecordingGoesOn: what a crash leaves is read up to its last whole line, and the chain goes on.
func TestUnfinishedRecordingGoesOn(t *testing.T) {
	s, digest := ward(t)
	lines := dry(t, s, digest, 1)
	text := recorded(t, lines)
	rapid.Check(t, func(rt *rapid.T) {
		cut := rapid.IntRange(strings.Index(text, "\n")+1, len(text)-1).Draw(rt, "cut")
		r, err := play.Whole(strings.NewReader(text[:cut]))
		if err != nil {
			rt.Fatal(err)
		}
		b := bytes.NewBufferString(text[:r.Size])
		w := r.Continue(b)
		for _, l := range lines[len(r.Lines):] {
			if err := w.Write(l); err != nil {
				rt.Fatal(err)
			}
		}
		if b.String() != text {
			rt.Fatal("the recording that went on is another")
		}
		whole, err := play.Read(strings.NewReader(text))
		if err != nil || whole.Hash != w.Hash() {
			rt.Fatalf("its hash is %s, and the writer's %s", whole.Hash, w.Hash())
		}
	})
}

// TestAnotherEngine: its recording is read, keys that are not known here are passed over, and nothing is replayed.
func TestAnotherEngine(t *testing.T) {
	s, digest := ward(t)
	text := recorded(t, dry(t, s, digest, 1))
	other := rechained(t, strings.Replace(strings.ReplaceAll(text, `"cause":"at"`, `"cause":"at","mood":"calm"`), `"engine":1`, `"engine":2`, 1))
	r, err := play.Read(strings.NewReader(other))
	if err != nil {
		t.Fatal(err)
	}
	if r.ThisEngine() || len(r.Lines) != strings.Count(text, "\n") {
		t.Errorf("it is read as of this engine, %d lines", len(r.Lines))
	}
	if err := play.Verify(s, digest, r); !errors.Is(err, play.ErrEngine) {
		t.Errorf("it is replayed: %v", err)
	}
	ours := rechained(t, strings.ReplaceAll(text, `"cause":"at"`, `"cause":"at","mood":"calm"`))
	if got := flawAt(t, ours); got != 3 {
		t.Errorf("a key that this engine does not write: line %d is named", got)
	}
	lines := linesOf(other)
	i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "technical") })
	lines[i] = strings.Replace(lines[i], "technical", "Technical", 1)
	if got := flawAt(t, strings.Join(lines, "")); got != i+1 {
		t.Errorf("a changed line of another engine: line %d is named", got)
	}
}

// rechained gives changed lines a chain that holds, as whoever forges a recording would.
func rechained(t testing.TB, text string) string {
	t.Helper()
	var b strings.Builder
	prev := strings.Repeat("0", 64)
	for _, line := range linesOf(text) {
		i := strings.LastIndex(line, `"prev":"`) + len(`"prev":"`)
		line = strings.TrimSuffix(line[:i]+prev+line[i+64:], "\n")
		prev = fmt.Sprintf("%x", sha(line))
		b.WriteString(line + "\n")
	}
	return b.String()
}
