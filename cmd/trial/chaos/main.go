//go:build linux

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// How the program ends beside 0.
const (
	endFailed = 1
	endUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// settings are the flags.
type settings struct {
	seed            uint64
	kills, messages int
	duration        time.Duration // go on for at least so long
	limit           time.Duration // give up after so long
	relay           string
	program, server string
	dir, history    string
	keep            bool
	restore         bool
	control         bool
	heal            time.Duration
}

func parse(args []string, stderr io.Writer) (s settings, ok bool) {
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Uint64Var(&s.seed, "seed", 0, "decides who is hit when and how; 0 takes a random one")
	flags.IntVar(&s.kills, "kills", 200, "kill -9 at least so often")
	flags.IntVar(&s.messages, "messages", 5000, "send at least so many messages")
	flags.DurationVar(&s.duration, "duration", 0, "go on for at least so long")
	flags.DurationVar(&s.limit, "limit", 0, "give up after so long (default: 10m more than -duration)")
	flags.StringVar(&s.relay, "relay", relayOwn, "own: valise relay run; cluster: three nats-server processes")
	flags.StringVar(&s.program, "program", "bin/valise", "the valise to try")
	flags.StringVar(&s.server, "server", "", "with -relay cluster: the nats-server to run (default: built from this module)")
	flags.StringVar(&s.dir, "dir", "", "`folder` for the lab (default: the system's temporary one)")
	flags.StringVar(&s.history, "history", "", "where the history goes (default: chaos-history.jsonl in the lab's folder)")
	flags.BoolVar(&s.restore, "restore", true, "back a node up, lose its home and make it again from the backup, three times")
	flags.BoolVar(&s.control, "control", false, "put a home back to an older copy and tell nobody: the trial must fail")
	flags.DurationVar(&s.heal, "heal", 4*time.Minute, "how long all may take to come to rest when nothing is wrong any more")
	flags.BoolVar(&s.keep, "keep", false, "keep the lab's folder also when all held")
	if flags.Parse(args) != nil || flags.NArg() > 0 || s.relay != relayOwn && s.relay != relayCluster || s.kills < 0 || s.messages < 1 {
		return s, false
	}
	if s.seed == 0 {
		s.seed = rand.Uint64() //nolint:gosec // a seed is no secret
	}
	if s.limit == 0 {
		s.limit = s.duration + 10*time.Minute
	}
	return s, true
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s, ok := parse(args, stderr)
	if !ok {
		fmt.Fprintln(stderr, "usage: chaos [-seed N] [-kills N] [-messages N] [-duration D] [-relay own|cluster]")
		return endUsage
	}
	fmt.Fprintf(stdout, "chaos: seed %d, %d kills, %d messages, relay %s\n", s.seed, s.kills, s.messages, s.relay)
	w, err := newWorld(ctx, s, stdout)
	if err != nil {
		fmt.Fprintln(stderr, "chaos: no world to try:", err)
		return endFailed
	}
	defer w.close()
	w.play(ctx)
	return w.verdict()
}
