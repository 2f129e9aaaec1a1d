package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"valise.example/store"
)

// size is how much of each is measured.
type size struct {
	rounds      int // of everything that takes turns
	lone        int // exchanges one at a time in a round
	many        int // exchanges of 64 senders in a round
	traced      int // lone exchanges under strace
	slowRounds  int // with slow syncs
	drain       int // waiting messages
	drainRounds int
	fill        int // items of the large record
	threads     int // of the desk with many; the other has a tenth
	starts      int
	memory      int           // messages before memory is looked at for the last time
	mails       int           // mails one at a time in a round
	attachment  int           // MiB
	nodes       int           // of the crowd; the other has two
	settle      time.Duration // until they are idle
	campaigns   int           // of the crowd in a round, to the POCs of one State each
}

var sizes = map[string]size{
	"smoke": {rounds: 1, lone: 10, many: 64, traced: 6, slowRounds: 1, drain: 100, drainRounds: 1, fill: 5_000, threads: 500, starts: 1, memory: 300, mails: 2, attachment: 2, nodes: 5, settle: time.Second, campaigns: 8},
	"quick": {rounds: 5, lone: 100, many: 1_000, traced: 40, slowRounds: 1, drain: 2_000, drainRounds: 3, fill: 100_000, threads: 10_000, starts: 5, memory: 10_000, mails: 10, attachment: 64, nodes: 40, settle: 5 * time.Second, campaigns: 39},
	"full":  {rounds: 9, lone: 400, many: 4_000, traced: 100, slowRounds: 5, drain: 10_000, drainRounds: 5, fill: 1_000_000, threads: 10_000, starts: 9, memory: 100_000, mails: 40, attachment: 64, nodes: 100, settle: 5 * time.Second, campaigns: 97},
}

// bench is one run.
type bench struct {
	size   size
	dir    string
	self   string // this program
	valise string // the product, built
}

// measure is one group of rows.
type measure struct {
	name string
	run  func(context.Context, *bench) ([]row, error)
}

var measures = []measure{
	{"speed", measureSpeed},
	{"drain", measureDrain},
	{"syncs", measureSyncs},
	{"growth", measureGrowth},
	{"start", measureStart},
	{"memory", measureMemory},
	{"heap", measureHeap},
	{"mail", measureMail},
	{"attachment", measureAttachment},
	{"desk", measureDesk},
	{"exercise", measureExercise},
	{"crowd", measureCrowd},
}

func main() {
	store.MaybeCheckChild()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	switch {
	case len(args) == 2 && args[0] == childArgument:
		return runChild(ctx, args[1])
	case len(args) > 2 && args[0] == crowdArgument:
		return runCrowd(ctx, args[1], args[2:], out)
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	how := flags.String("size", "quick", "smoke, quick or full")
	dir := flags.String("dir", os.TempDir(), "where homes and relays are made; a folder of its own in it is removed at the end")
	only := flags.String("only", "", "comma-separated measures; default all")
	if err := flags.Parse(args); err != nil {
		return err
	}
	size, known := sizes[*how]
	if !known {
		return fmt.Errorf("no size %q", *how)
	}
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	b := &bench{size: size}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp(*dir, "valise-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if err := b.build(ctx); err != nil {
		return err
	}
	return b.table(ctx, out, *how, chosen)
}

func choose(only string) ([]measure, error) {
	if only == "" {
		return measures, nil
	}
	var out []measure
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(measures, func(m measure) bool { return m.name == name })
		if i < 0 {
			return nil, fmt.Errorf("no measure %q", name)
		}
		out = append(out, measures[i])
	}
	return out, nil
}

// build makes the program whose start and memory are measured.
func (b *bench) build(ctx context.Context) error {
	b.valise = filepath.Join(b.dir, "valise")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", b.valise, "valise.example/cmd/valise") //nolint:gosec // a bench starts programs
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the product cannot be built: %w: %.300s", err, said)
	}
	return nil
}

// table runs the measures and prints each row as soon as it is known.
func (b *bench) table(ctx context.Context, out io.Writer, how string, chosen []measure) error {
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		load = []byte("unknown")
	}
	fmt.Fprintf(out, "%s, %s/%s, %d processors, size %s, load before %s\n\n", time.Now().UTC().Format(time.DateOnly),
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), how, strings.TrimSpace(string(load)))
	fmt.Fprint(out, "| what | goal | measured | | beside it |\n|---|---|---|---|---|\n")
	met, judged := 0, 0
	for _, m := range chosen {
		rows, err := m.run(ctx, b)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		for _, r := range rows {
			if math.IsNaN(r.measured) || r.measured == 0 {
				return fmt.Errorf("%s: no figure for %q", m.name, r.what)
			}
			fmt.Fprintln(out, r)
			if r.judged {
				judged++
			}
			if r.met {
				met++
			}
		}
	}
	fmt.Fprintf(out, "\n%d of %d goals met\n", met, judged)
	return nil
}
