package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"valise.example/exercise/lab"
	"valise.example/proto/ident"
)

// ofAllStates is how many nodes the last rows speak of: one for each member of the United Nations.
const ofAllStates = 193

// crowd is many nodes in one process, and the relay of each of their labs in one of its own.
type crowd struct {
	labs   []*lab.Lab
	relay  []*program
	nodes  *program
	people []*people
	count  int

	idle        memory // of the nodes
	relayed     memory // of the relays
	goroutines  int
	descriptors int
	disk        float64 // MiB of all homes as the labs made them
}

// measureCrowd: nodes that share a process, with what each of them keeps when it is idle, and what
// a message costs among many compared with among two. A relay's memory goes with the pairs that
// may write to each other and not with the nodes, so that it is told apart.
func measureCrowd(ctx context.Context, b *bench) (rows []row, err error) {
	all := map[string]*crowd{}
	defer func() {
		for _, c := range all {
			err = errors.Join(err, c.end())
		}
	}()
	for name, count := range map[string]int{"few": 2, "many": b.size.nodes} {
		if all[name], err = b.newCrowd(ctx, filepath.Join(b.dir, "crowd-"+name), count); err != nil {
			return nil, err
		}
	}
	few, many := all["few"], all["many"]
	// Only now do both share the pages of the programs, which are then nobody's own.
	if err := errors.Join(few.look(), many.look()); err != nil {
		return nil, err
	}
	rows = idleRows(few, many)
	asked, err := b.askedRows(ctx, all)
	if err != nil {
		return nil, err
	}
	need, err := needRows(ctx, filepath.Join(b.dir, "need"), few, many)
	return append(append(rows, asked...), need...), err
}

// newCrowd makes labs and runs them until the nodes are idle; what runs is given even with an error.
func (b *bench) newCrowd(ctx context.Context, dir string, count int) (c *crowd, err error) {
	c = &crowd{count: count}
	args := []string{crowdArgument, b.size.settle.String()}
	for i, states := range shares(count) {
		l, err := lab.New(lab.Config{
			Dir: filepath.Join(dir, strconv.Itoa(i)), States: states, Manager: true, Now: time.Now, Rand: rand.Reader,
		})
		if err != nil {
			return c, err
		}
		c.labs, args = append(c.labs, l), append(args, l.Dir)
	}
	if c.disk, err = homesDisk(c.labs); err != nil {
		return c, err
	}
	for _, l := range c.labs {
		r, err := b.launch(ctx, "relay", "run", "--home", l.RelayHome(), "--roster", l.RosterPath())
		if err != nil {
			return c, err
		}
		c.relay = append(c.relay, r)
	}
	c.nodes, err = launch(ctx, b.self, args...)
	return c, err
}

// look takes what the idle processes have.
func (c *crowd) look() (err error) {
	if _, err := fmt.Sscanf(c.nodes.line, "ready %d", &c.goroutines); err != nil {
		return fmt.Errorf("bench: %.80q tells no goroutines: %w", c.nodes.line, err)
	}
	if c.idle, err = c.nodes.memory(); err != nil {
		return err
	}
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", c.nodes.cmd.Process.Pid))
	if err != nil {
		return err
	}
	c.descriptors = len(open)
	for _, r := range c.relay {
		m, err := r.memory()
		if err != nil {
			return err
		}
		c.relayed.own, c.relayed.mapped = c.relayed.own+m.own, c.relayed.mapped+m.mapped
	}
	return nil
}

// end ends the officers, the nodes and then the relays.
func (c *crowd) end() (err error) {
	for _, p := range c.people {
		err = errors.Join(err, p.leave())
	}
	if c.nodes != nil {
		err = errors.Join(err, c.nodes.end())
	}
	for _, r := range c.relay {
		err = errors.Join(err, r.end())
	}
	return err
}

// cpu is what the nodes and their relays have used of the processors.
func (c *crowd) cpu() (sum time.Duration, err error) {
	for _, p := range append([]*program{c.nodes}, c.relay...) {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
		if err != nil {
			return 0, err
		}
		used, err := cpuOf(b)
		if err != nil {
			return 0, err
		}
		sum += used
	}
	return sum, nil
}

// cpuOf reads user and system time, in hundredths of a second, out of a process's stat.
func cpuOf(stat []byte) (time.Duration, error) {
	words := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // from the third on: a name may hold anything
	if len(words) < 13 {
		return 0, errors.New("bench: the kernel does not say what a process has used")
	}
	user, err := strconv.ParseInt(words[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(words[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond, err
}

// shares are the States of each lab that so many nodes need: each lab has a manager, who asks, and
// there are only so many invented States.
func shares(nodes int) (all [][]ident.State) {
	invented := inventedStates()
	for nodes > 0 {
		n := min(nodes, len(invented)+1)
		if nodes-n == 1 {
			n-- // no manager is left alone
		}
		all = append(all, invented[:n-1])
		nodes -= n
	}
	return all
}

func inventedStates() (all []ident.State) {
	for _, first := range "XQ" {
		for last := 'A'; last <= 'Z'; last++ {
			if s := ident.State(string(first) + string(last)); s.IsInvented() {
				all = append(all, s)
			}
		}
	}
	return all
}

// homesDisk is what the nodes' homes take, in MiB of blocks.
func homesDisk(labs []*lab.Lab) (sum float64, err error) {
	for _, l := range labs {
		for _, s := range l.Parties() {
			took, err := diskOf(l.Home(s))
			if err != nil {
				return 0, err
			}
			sum += took
		}
	}
	return sum, nil
}

// diskOf is what a folder's files take on disk, in MiB.
func diskOf(dir string) (sum float64, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		sum += blocksOf(info)
		return nil
	})
	return sum, err
}
