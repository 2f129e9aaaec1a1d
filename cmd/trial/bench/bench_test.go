package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"valise.example/store"
)

func TestMain(m *testing.M) {
	store.MaybeCheckChild()
	goleak.VerifyTestMain(m)
}

func TestWrongMeasuresAreRefused(t *testing.T) {
	for _, args := range [][]string{{"-size", "huge"}, {"-only", "luck"}, {"-unknown"}, {crowdArgument, "soon", "here"}, {crowdArgument, "1s", "here"}} {
		var out strings.Builder
		if err := run(t.Context(), args, &out); err == nil || out.Len() > 0 {
			t.Errorf("%q: %v, and it printed %q", args, err, out.String())
		}
	}
}

// TestEveryWayCarries: the same load over each way, with a real relay.
func TestEveryWayCarries(t *testing.T) {
	for _, kind := range []string{wayProduct, wayCumulative, wayEach, wayNaive} {
		t.Run(kind, func(t *testing.T) {
			w, err := newWorld(t.Context(), t.TempDir(), kind)
			if err != nil {
				t.Fatal(err)
			}
			if p50, err := oneAtATime(t.Context(), w.way, 3); err != nil || p50 <= 0 {
				t.Errorf("one at a time: %v, %v", p50, err)
			}
			if rate, err := manySenders(t.Context(), w.way, 8, 24); err != nil || rate <= 0 {
				t.Errorf("many senders: %v, %v", rate, err)
			}
			if err := w.end(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatWaitedIsDrained(t *testing.T) {
	s, err := newSite(t.Context(), t.TempDir()+"/lab")
	if err != nil {
		t.Fatal(err)
	}
	p, err := newProduct(t.Context(), s.Lab, true)
	if err != nil {
		t.Fatal(err)
	}
	if rate, err := p.drain(t.Context(), 20); err != nil || rate <= 0 {
		t.Errorf("drained at %v, %v", rate, err)
	}
	if err := errors.Join(p.close(), s.relay.stop()); err != nil {
		t.Error(err)
	}
}

// TestReferenceIsNoShortcut: what was changed on the way does not verify.
func TestReferenceIsNoShortcut(t *testing.T) {
	a, err := newKeys()
	if err != nil {
		t.Fatal(err)
	}
	b, err := newKeys()
	if err != nil {
		t.Fatal(err)
	}
	a.peer, b.peer = b.public(), a.public()
	signed, err := a.sign([]byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{-1, 0, 10, len(signed) - 1} {
		changed := bytes.Clone(signed)
		if at >= 0 {
			changed[at] ^= 1
		}
		envelope, err := a.seal(changed)
		if err != nil {
			t.Fatal(err)
		}
		content, _, err := b.open(envelope)
		if at < 0 && (err != nil || string(content) != "content") {
			t.Errorf("what is genuine gives %q, %v", content, err)
		}
		if at >= 0 && err == nil {
			t.Errorf("changed at byte %d, and it verifies", at)
		}
	}
}

func TestSyncsAreCountedWithinTheLoad(t *testing.T) {
	trace := `7 100.5 fsync(3) = 0
7 101.0 fdatasync(4) = 0
8 101.1 fdatasync(4 <unfinished ...>
8 101.3 <... fdatasync resumed>) = 0 (INJECTED)
9 101.2 fsync(5) = 0
7 102.5 fdatasync(4) = 0
`
	if n, err := countSyncs([]byte(trace), 101, 102); err != nil || n != (syncCount{fsync: 1, fdatasync: 2}) {
		t.Errorf("counted %+v, %v; want 1 fsync and 2 fdatasync", n, err)
	}
	if _, err := countSyncs([]byte("7 yesterday fsync(3) = 0\n"), 0, 1); err == nil {
		t.Error("a trace without times is taken")
	}
}

func TestMemoryIsRead(t *testing.T) {
	rollup := "00400000-7fff ---p 00000000 00:00 0 [rollup]\nRss: 9000 kB\nPrivate_Clean: 1024 kB\nPrivate_Dirty:      3072 kB\nAnonymous: 3072 kB\n"
	if m, err := memoryOf([]byte(rollup)); err != nil || m != (memory{own: 3, mapped: 1}) {
		t.Errorf("%+v, %v; want 3 MiB of its own and 1 of files", m, err)
	}
	if m, err := memoryOf([]byte("Rss: 9000 kB\n")); err == nil {
		t.Errorf("%+v from a kernel that does not say it", m)
	}
}

// TestABadMoodVoidsARound: the disk of the second round was four times as slow.
func TestABadMoodVoidsARound(t *testing.T) {
	syncs := []time.Duration{100 * time.Microsecond, 400 * time.Microsecond, 250 * time.Microsecond}
	for i, want := range []bool{false, true, false} {
		if got := isVoid(syncs, i); got != want {
			t.Errorf("round %d void: %v, want %v", i, got, want)
		}
	}
	if isVoid([]time.Duration{time.Microsecond, 10 * time.Microsecond}, 1) {
		t.Error("a round without a disk is void")
	}
}

func TestRatioIsTheMedianOfRounds(t *testing.T) {
	r := rounds{figures: map[string][]float64{"over": {2, 30, 9}, "under": {1, 10, 1}}}
	if got := r.ratio("over", "under"); got != 3 {
		t.Errorf("ratio %v, want the median of 2, 3 and 9", got)
	}
}

// TestAMissingFigureIsAnError: a table with a hole would pass for a whole one.
func TestAMissingFigureIsAnError(t *testing.T) {
	for _, figure := range []float64{0, math.NaN()} {
		m := measure{"hole", func(context.Context, *bench) ([]row, error) { return []row{atMost("x", 1, figure, "")}, nil }}
		if err := (&bench{}).table(t.Context(), io.Discard, "smoke", []measure{m}); err == nil {
			t.Errorf("the figure %v is taken for one", figure)
		}
	}
}

func TestGoalsAreJudged(t *testing.T) {
	for _, c := range []struct {
		row  row
		want string
	}{
		{atMost("a", 1.3, 1.3, " ×"), "| a | ≤ 1.3 × | 1.30 × | met |"},
		{atMost("a", 1.3, 1.31, " ×"), "**missed**"},
		{atLeast("a", 10, 9.9, ""), "**missed**"},
		{atLeast("a", 10, 10, ""), "| met |"},
		{told("a", 5, ""), "| a | – | 5.00 | – |"},
	} {
		if !strings.Contains(c.row.String(), c.want) {
			t.Errorf("%s, want %s", c.row, c.want)
		}
	}
}
