package sim

import (
	"bufio"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"valise.example/gateway/history"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	seeds        = flag.Int("sim.n", 40, "how many seeds")
	back         = flag.Int("sim.restored", 20, "how many seeds in which nodes are restored from backups")
	silent       = flag.Int("sim.rollbacks", 20, "how many seeds in which disks go back without a word as well")
	crowds       = flag.Int("sim.crowds", 2, "how many seeds in which far more messages are under way than a pair has slots")
	loaded       = flag.Int("sim.loaded", 20, "how many seeds with files, small quotas and disks that fill up")
	noticed      = flag.Int("sim.noticed", 20, "how many seeds with notices to several States and referrals, as many with files and with restores")
	pruned       = flag.Int("sim.pruned", 20, "how many seeds in which officers remove what a retention rule lets go, with notices and files, as many with restores")
	prunedSilent = flag.Int("sim.prunedrollbacks", 10, "how many of them in which disks go back without a word as well")
	real         = flag.Int("sim.real", 4, "how many seeds with real envelopes")
	first        = flag.Uint64("sim.seed", 1, "the first seed")
	events       = flag.Int("sim.events", 500, "steps a seed before everything heals")
	trace        = flag.Bool("sim.trace", false, "print the trace and compare nothing; a process that compares starts another with it")
	until        = flag.String("sim.until", "", "begin no other seed once one has found what this expression matches")
	kind         = flag.String("sim.kind", "plain", "which seeds the history is of: plain, loaded, restored, rolledback, crowded, noticed, noticedback, pruned, prunedback or prunedrolledback")
	out          = flag.String("sim.history", "", "write the history of the first seed to this file")
)

// score counts over many runs.
type score struct {
	checks, acts, healing, played, found atomic.Int64
	files, away, noRoom, removed         atomic.Int64
	enough                               atomic.Bool
}

// play runs n seeds on all processors, each in one goroutine of its own.
func play(t *testing.T, n int, o Options) *score {
	t.Helper()
	if _, err := theWorld(); err != nil {
		t.Fatal(err)
	}
	began, s := time.Now(), new(score)
	var next atomic.Int64
	var work sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				if s.enough.Load() {
					return
				}
				mine := o
				mine.Seed += uint64(i)
				judge(t, mine, s)
			}
		})
	}
	work.Wait()
	t.Logf("seeds: %d passed, %d failed; %d steps each, real envelopes %v: %d acts acknowledged, %d rounds of healing, %d checks passed, %v",
		s.played.Load()-s.found.Load(), s.found.Load(), o.Events, o.Real, s.acts.Load(), s.healing.Load(), s.checks.Load(), time.Since(began).Round(time.Millisecond))
	if s.acts.Load() < int64(n) || s.checks.Load() < int64(n) {
		t.Error("hardly anything was put to the test")
	}
	return s
}

func judge(t *testing.T, o Options, s *score) {
	r, err := Run(o)
	if err != nil {
		t.Error(err)
		return
	}
	s.played.Add(1)
	s.checks.Add(int64(r.Checks))
	s.acts.Add(int64(r.Acknowledged))
	s.healing.Add(int64(r.Healing))
	s.files.Add(int64(r.Files))
	s.away.Add(int64(r.TurnedAway))
	s.noRoom.Add(int64(r.NoRoom))
	s.removed.Add(int64(r.Removed))
	if *until != "" {
		wanted := regexp.MustCompile(*until)
		if i := slices.IndexFunc(r.Findings, wanted.MatchString); i >= 0 {
			s.enough.Store(true)
			r.Findings = r.Findings[i:]
		}
	}
	if len(r.Findings) > 0 {
		s.found.Add(1)
		t.Errorf("seed %d of %d steps, real envelopes %v: %d findings:\n  %s", o.Seed, o.Events, o.Real, len(r.Findings), strings.Join(r.Findings[:min(len(r.Findings), 6)], "\n  "))
	}
}

func TestSeeds(t *testing.T) { play(t, *seeds, Options{Seed: *first, Events: *events}) }

// TestRestoredSeeds runs seeds in which nodes go back to backups of themselves.
func TestRestoredSeeds(t *testing.T) {
	play(t, *back, Options{Seed: *first, Events: *events, Restores: true})
}

// TestRolledBackSeeds runs seeds in which disks also go back without anybody saying so.
func TestRolledBackSeeds(t *testing.T) {
	play(t, *silent, Options{Seed: *first, Events: *events, Restores: true, Rollbacks: true})
}

// TestLoadedSeeds runs seeds in which files, small quotas and full disks weigh on the homes.
func TestLoadedSeeds(t *testing.T) {
	s := play(t, *loaded, Options{Seed: *first, Events: *events, Loads: true})
	if *loaded >= 20 && (s.files.Load() == 0 || s.away.Load() == 0 || s.noRoom.Load() == 0) {
		t.Errorf("%d files came whole, %d messages were dropped by a busy home, %d acts refused by a full disk: one of these was not put to the test",
			s.files.Load(), s.away.Load(), s.noRoom.Load())
	}
}

// TestNoticedSeeds runs seeds in which officers inform several States at once, refer matters and take
// them up: some with files, some in which nodes are restored.
func TestNoticedSeeds(t *testing.T) {
	play(t, *noticed, Options{Seed: *first, Events: *events, Notices: true, Loads: true})
	play(t, *noticed, Options{Seed: *first, Events: *events, Notices: true, Restores: true})
}

// TestPrunedSeeds runs seeds in which officers remove what a retention rule lets go: with notices and
// files, and with homes that are restored.
func TestPrunedSeeds(t *testing.T) {
	for _, o := range []Options{{Notices: true, Loads: true}, {Restores: true}} {
		playPruned(t, *pruned, o)
	}
}

// TestPrunedRolledBackSeeds runs seeds in which disks go back over a removal without a word.
func TestPrunedRolledBackSeeds(t *testing.T) {
	playPruned(t, *prunedSilent, Options{Restores: true, Rollbacks: true})
}

func playPruned(t *testing.T, n int, o Options) {
	t.Helper()
	o.Seed, o.Events, o.Prunes = *first, *events, true
	s := play(t, n, o)
	t.Logf("%d items lost their content", s.removed.Load())
	if n >= 20 && s.removed.Load() < int64(n)/2 {
		t.Error("hardly anything was removed")
	}
}

// crowdedEvents are the steps of a seed with crowds, which are most of what happens in it.
const crowdedEvents = 120

// TestCrowdedSeeds runs seeds in which far more messages are under way than a pair has slots, when a
// home is restored or a relay forgets.
func TestCrowdedSeeds(t *testing.T) {
	play(t, *crowds, Options{Seed: *first, Events: crowdedEvents, Restores: true, Crowd: true})
}

// TestRealEnvelopes runs seeds with age, whatever the build signs with.
func TestRealEnvelopes(t *testing.T) {
	play(t, *real, Options{Seed: *first + 1<<32, Events: *events, Real: true})
}

// TestKeptSeeds runs what once found a fault.
func TestKeptSeeds(t *testing.T) {
	oneGoroutine(t)
	f, err := os.Open("testdata/seeds")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	kept := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		var o Options
		var named string
		if _, err := fmt.Sscan(lines.Text(), &o.Seed, &o.Events, &named); err != nil || !ofKind(named, &o) {
			t.Fatalf("%q is no seed with its steps and kind: %v", lines.Text(), err)
		}
		if o.Crowd && *crowds == 0 {
			continue
		}
		judge(t, o, new(score))
		kept++
	}
	if kept == 0 {
		t.Error("no seed is kept")
	}
}

// ofKind sets what a kind of seeds adds to all of them.
func ofKind(named string, o *Options) bool {
	switch named {
	case "plain":
	case "loaded":
		o.Loads = true
	case "restored":
		o.Restores = true
	case "rolledback":
		o.Restores, o.Rollbacks = true, true
	case "crowded":
		o.Restores, o.Crowd = true, true
	case "noticed":
		o.Notices, o.Loads = true, true
	case "noticedback":
		o.Notices, o.Restores = true, true
	case "pruned":
		o.Prunes, o.Notices, o.Loads = true, true, true
	case "prunedback":
		o.Prunes, o.Restores = true, true
	case "prunedrolledback":
		o.Prunes, o.Restores, o.Rollbacks = true, true, true
	default:
		return false
	}
	return true
}

// TestReplay: the same seed is the same run, byte for byte, and another one is not. In seed 110
// late letters wait in two mailboxes while it heals; the order of a map shows in it only now and then.
func TestReplay(t *testing.T) {
	oneGoroutine(t)
	seen := map[uint64]bool{}
	for _, c := range []struct {
		Options
		plays int
	}{
		{Options{Seed: 5, Events: 300}, 2}, {Options{Seed: 6, Events: 300}, 2}, {Options{Seed: 7, Events: 120, Real: true}, 2},
		{Options{Seed: 110, Events: 500}, 24},
	} {
		first, err := Run(c.Options)
		if err != nil {
			t.Fatal(err)
		}
		for range c.plays - 1 {
			replay(t, c.Options, first)
		}
		seen[first.Trace] = true
	}
	if len(seen) != 4 {
		t.Error("two seeds are the same run")
	}
}

// replay plays a seed once more, and compares everything that can be seen of it.
func replay(t *testing.T, o Options, a *Result) {
	t.Helper()
	b, err := Run(o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range min(len(a.History), len(b.History)) {
		if x, y := fmt.Sprint(a.History[i]), fmt.Sprint(b.History[i]); x != y {
			t.Fatalf("seed %d: event %d is %s and %s", o.Seed, i, x, y)
		}
	}
	if a.Trace != b.Trace || a.Healing != b.Healing || len(a.History) != len(b.History) {
		t.Errorf("seed %d played twice: traces %x of %d events and %d rounds of healing, and %x of %d and %d",
			o.Seed, a.Trace, len(a.History), a.Healing, b.Trace, len(b.History), b.Healing)
	}
}

// TestReplayElsewhere: another process plays the same seed the same way. The seed is one in which
// what is told of a batch, which names a sealing key, is part of what is told of the run.
func TestReplayElsewhere(t *testing.T) {
	oneGoroutine(t)
	o := Options{Seed: 529, Events: 500}
	a, err := Run(o)
	if err != nil {
		t.Fatal(err)
	}
	mine := fmt.Sprintf("trace %x\n", a.Trace)
	if *trace {
		fmt.Print(mine)
		return
	}
	b, err := exec.Command(os.Args[0], "-test.run", "^TestReplayElsewhere$", "-sim.trace").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(b), mine) {
		t.Errorf("here it is %s, there it is %s (%v)", mine, b, err)
	}
}

// TestEveryFaultHappens: over some seeds each kind of fault is chosen, and each is left out.
func TestEveryFaultHappens(t *testing.T) {
	chosen, left := map[string]bool{}, map[string]bool{}
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 0))
		drawn := draw(r)
		drawn.drawRestores(r)
		drawn.drawRollbacks(r)
		drawn.drawLoads(r)
		drawn.drawPrunes(r)
		f := reflect.ValueOf(drawn)
		for _, field := range reflect.VisibleFields(f.Type()) {
			name, zero := field.Name, f.FieldByIndex(field.Index).IsZero()
			chosen[name] = chosen[name] || !zero
			left[name] = left[name] || zero
		}
	}
	for name := range chosen {
		if !chosen[name] || !left[name] {
			t.Errorf("%s: chosen by a seed %v, left out by a seed %v", name, chosen[name], left[name])
		}
	}
}

// TestHistory writes the history of the first seed, for whoever looks for the cause of a finding.
func TestHistory(t *testing.T) {
	if *out == "" {
		return // asked for with -sim.history FILE
	}
	o := Options{Seed: *first, Events: *events}
	if !ofKind(*kind, &o) {
		t.Fatalf("no seeds are of the kind %q", *kind)
	}
	r, err := Run(o)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(*out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := history.NewWriter(f)
	for _, e := range r.History {
		if err := w.Add(e); err != nil {
			t.Fatal(err)
		}
	}
}
