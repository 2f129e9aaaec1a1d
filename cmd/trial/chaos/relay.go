//go:build linux

package main

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// The kinds of relay.
const (
	relayOwn     = "own"
	relayCluster = "cluster"
)

// ownRelay is `valise relay run` in the lab's home, behind the proxy's address.
type ownRelay struct {
	w               *world
	home, copied    string
	listen, address string
	running         *process
	count           map[string]int
}

func newOwnRelay(w *world, address string) (*ownRelay, error) {
	listen, err := freeAddress()
	if err != nil {
		return nil, err
	}
	r := &ownRelay{
		w: w, home: filepath.Join(w.lab, "relay"), copied: filepath.Join(w.dir, "relay-copy"),
		listen: listen, address: address, count: map[string]int{},
	}
	return r, r.remake()
}

// remake wipes the home and makes it again with the key that the lab kept, as an operator does
// whose machine burnt down.
func (r *ownRelay) remake() error {
	if err := os.RemoveAll(r.home); err != nil {
		return err
	}
	_, err := command(r.w.program, "relay", "init", "--home", r.home, "--listen", r.listen, "--address", r.address)
	return err
}

func (r *ownRelay) start() (err error) {
	r.running, err = launch(filepath.Join(r.w.dir, "relay.log"), r.w.program, "relay", "run", "--home", r.home)
	if err != nil {
		return err
	}
	return r.running.awaitReady()
}

func (r *ownRelay) targets() []string    { return []string{r.listen} }
func (r *ownRelay) done() map[string]int { return r.count }
func (r *ownRelay) stop()                { r.running.kill() }

func (r *ownRelay) harm(rng *rand.Rand) error {
	if err := r.running.selfEnded(); err != nil {
		return err
	}
	if rng.IntN(10) == 0 {
		r.count["relay stopped for a while"]++
		r.running.pause(between(rng, 50*time.Millisecond, 1500*time.Millisecond))
		return nil
	}
	r.running.kill()
	r.w.pace.kills.Add(1)
	if err := r.whileDown(rng); err != nil {
		return err
	}
	time.Sleep(between(rng, 0, 300*time.Millisecond))
	return r.start()
}

// whileDown is what happens to the relay's disk between a kill and the next start.
func (r *ownRelay) whileDown(rng *rand.Rand) error {
	switch rng.IntN(8) {
	case 0:
		r.count["relay wiped and made again"]++
		return r.remake()
	case 1:
		r.count["relay copied"]++
		return replace(r.copied, r.home)
	case 2:
		if _, err := os.Stat(r.copied); err == nil {
			r.count["relay put back to an older copy"]++
			return replace(r.home, r.copied)
		}
	}
	r.count["relay killed"]++
	return nil
}

// replace makes a folder a copy of another.
func replace(to, from string) error {
	return errors.Join(os.RemoveAll(to), copyTree(to, from))
}

// copyTree keeps modes: a relay refuses a key that others may read.
func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.Mkdir(target, 0o700)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(path) //nolint:gosec // nobody else has the lab's folder
		if err != nil {
			return err
		}
		return os.WriteFile(target, b, 0o600) //nolint:gosec // the same
	})
}
