//go:build linux

package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"valise.example/gateway/node/crashpoint"
	"valise.example/store"
)

// roleFlag is the first argument of this program's own processes.
const roleFlag = "-role"

func main() {
	store.MaybeCheckChild()
	if len(os.Args) > 2 && os.Args[1] == roleFlag {
		os.Exit(play(os.Args[2], os.Args[3:]))
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// play takes a role of a process that the driver started.
func play(role string, args []string) int {
	switch role {
	case "node":
		return runNode(args, os.Stdin, os.Stdout)
	case "init":
		return runInit(args, os.Stdout)
	case "backup":
		return runMade(backUp, args, os.Stdout)
	case "destroy":
		return runDestroy(args[0], os.Stdout)
	case "restore":
		return runMade(restore, args, os.Stdout)
	case "images":
		return runImages(os.Stdin, os.Stdout)
	case "relay":
		return runRelay(args, os.Stdin, os.Stdout)
	}
	return endUsage
}

// settings are the flags.
type settings struct {
	dir    string
	images int
	rounds int
	every  int
	seed   uint64
}

// trial is one part: what it is called, and what runs it.
type trial struct {
	name string
	what string
	run  func(settings, *tally)
}

var trials = []trial{
	{"points", "kill -9 at every named crash point", tryPoints},
	{"disk", "kill, EIO and ENOSPC at every change that a node makes to its disk", tryDisk},
	{"images", "what a power failure may leave at every moment, opened", tryImages},
	{"power", "power failures of nodes and relay on ext4 and XFS", tryPower},
}

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("faults", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var s settings
	only := flags.String("only", "", "parts to run, with commas: points, disk, images, power; empty: all")
	flags.StringVar(&s.dir, "dir", "/dev/shm", "`folder` for homes that no power failure is tried on; its speed decides how long it takes")
	flags.IntVar(&s.images, "images", 20000, "crash images to open, at least")
	flags.IntVar(&s.rounds, "rounds", 20, "power failures, over both file systems")
	flags.IntVar(&s.every, "every", 1, "of the changes to a disk, try each `n`-th only; 1 tries all")
	flags.Uint64Var(&s.seed, "seed", 1, "chooses which images are torn where")
	if flags.Parse(args) != nil || flags.NArg() > 0 {
		return endUsage
	}
	if !crashpoint.Enabled {
		fmt.Fprintln(stderr, "faults: built without crash points; use go run -tags faults")
		return endUsage
	}
	chosen := strings.Split(*only, ",")
	all := &tally{out: stdout}
	for _, t := range trials {
		if *only != "" && !slices.Contains(chosen, t.name) {
			continue
		}
		began := time.Now()
		fmt.Fprintf(stdout, "== %s: %s\n", t.name, t.what)
		t.run(s, all)
		fmt.Fprintf(stdout, "== %s took %.1f s\n", t.name, time.Since(began).Seconds())
	}
	return all.end()
}
