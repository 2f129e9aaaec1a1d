//go:build linux

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"valise.example/gateway/history"
)

// mostBack is how often a home is made again in a trial: with the epoch that it was born with, a
// peer then knows four, and gives back at once for as many in a day. docs/protocol.md §7.6
const mostBack = 3

// backup is the one that a node goes back to next, or none yet.
type backup struct {
	name  string  // in the history
	due   float64 // the share of all kills after which it is made, or gone back to
	file  string
	heads int // how many heads the record had shown by then
	made  int
}

// save makes a backup while the node runs.
func (n *node) save(rng *rand.Rand) error {
	n.backup.made++
	name := fmt.Sprintf("%s-%d", n.name, n.backup.made)
	next := backup{name: name, file: filepath.Join(n.w.dir, name+".backup"), heads: len(n.heads), made: n.backup.made, due: n.w.pace.killed() + 0.02 + 0.2*rng.Float64()}
	n.w.book.note(history.Event{Event: history.Saved, Node: n.name, Copy: name})
	if _, err := command(n.w.program, "node", "backup", "--home", n.home, "--out", next.file); err != nil {
		return err
	}
	n.backup = next
	n.did("backed up")
	return nil
}

// goBack loses the home and makes it again from the last backup.
func (n *node) goBack(ctx context.Context, rng *rand.Rand) error {
	n.process().kill()
	n.w.pace.kills.Add(1)
	sleep(ctx, between(rng, 0, 500*time.Millisecond))
	n.asking.Lock()
	err := os.RemoveAll(n.home)
	if err == nil {
		_, err = command(n.w.program, "node", "restore", "--home", n.home, "--file", n.backup.file)
	}
	n.w.book.note(history.Event{Event: history.WentBack, Node: n.name, Copy: n.backup.name})
	n.heads = n.heads[:n.backup.heads]
	n.backup = backup{made: n.backup.made, due: n.w.pace.killed() + 0.2*rng.Float64()}
	n.back.Add(1)
	n.asking.Unlock()
	if err != nil {
		return err
	}
	n.did("lost and made again from a backup")
	return n.start(ctx, rng)
}

// restored reports whether any home was made again: what was sealed to its old keys may then be
// refused.
func (w *world) restored() bool {
	for _, n := range w.nodes {
		if n.back.Load() > 0 {
			return true
		}
	}
	return false
}

// goesBack names the node whose home is lost, or nobody. It is one in a trial: a backup holds no
// key that opens mail, and two nodes that lost theirs at the same time cannot tell each other the
// new ones; that takes the manager. docs/protocol.md §7.6
func (w *world) goesBack() string {
	if !w.restore {
		return ""
	}
	return states[w.seed%uint64(len(states))]
}
