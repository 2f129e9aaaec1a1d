//go:build linux

package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"valise.example/exercise/lab"
	"valise.example/proto/ident"
)

// The two States of every trial.
const (
	xa ident.State = "XA"
	xb ident.State = "XB"
)

// world is a lab whose parts run as processes.
type world struct {
	lab   *lab.Lab
	dir   string
	relay *child
	// relayEnv is the environment of the relay's next process.
	relayEnv []string
	nodes    map[ident.State]*child
	// home is where a State's node finds its folder; elsewhere than in the lab when that is
	// shown through another file system.
	home map[ident.State]string
	// closed is the home of a State whose node does not run, if there is one.
	closed string
	// env of a State's next process.
	env map[ident.State][]string
	// items is how many each record had when it was last told: the next story begins there.
	items map[ident.State]uint64
	// marks is the file in which a State's node says what it has promised.
	marks map[ident.State]string
}

// newWorld makes a lab of XA, XB and perhaps more in a new folder and starts its relay.
func newWorld(parent string, states ...ident.State) (*world, error) {
	dir, err := os.MkdirTemp(parent, "lab-")
	if err != nil {
		return nil, err
	}
	l, err := lab.New(lab.Config{Dir: filepath.Join(dir, "l"), States: append([]ident.State{xa, xb}, states...), Now: time.Now, Rand: rand.Reader})
	if err != nil {
		return nil, err
	}
	w := &world{
		lab: l, dir: dir, nodes: map[ident.State]*child{},
		home: map[ident.State]string{xa: l.Home(xa), xb: l.Home(xb)},
		env:  map[ident.State][]string{}, marks: map[ident.State]string{}, items: map[ident.State]uint64{},
	}
	return w, w.startRelay()
}

func (w *world) startRelay() (err error) {
	if w.relay, err = start(w.relayEnv, "relay", w.lab.Dir); err != nil {
		return err
	}
	_, err = w.relay.next()
	return err
}

// open starts a State's node and waits until it is ready. started is called with the process as
// soon as there is one.
func (w *world) open(s ident.State, started func(*child)) error {
	args := []string{"node", w.home[s]}
	if w.marks[s] != "" {
		args = append(args, w.marks[s])
	}
	c, err := start(w.env[s], args...)
	if err != nil {
		return err
	}
	w.nodes[s] = c
	if started != nil {
		started(c)
	}
	if _, err := c.next(); err != nil {
		c.kill()
		return fmt.Errorf("%s does not open: %w", s, err)
	}
	return nil
}

// well reports that a node has ended or takes nothing: whoever waits for it waits in vain.
func (w *world) well(who ident.State) *trouble {
	a, err := w.nodes[who].ask(order{Do: doIdle})
	if err != nil || !a.OK && !a.Again {
		return &trouble{who, refused("look", a, err)}
	}
	return nil
}

// revive opens anew whatever has ended, without faults.
func (w *world) revive() error {
	for s, c := range w.nodes {
		w.env[s] = nil
		if !c.ended() {
			continue
		}
		if err := w.open(s, nil); err != nil {
			return err
		}
	}
	return nil
}

// end stops everything and removes the folder.
func (w *world) end() {
	for _, c := range w.nodes {
		c.kill()
	}
	w.relay.kill()
	_ = os.RemoveAll(w.dir)
}

func peerOf(s ident.State) ident.State {
	if s == xa {
		return xb
	}
	return xa
}
