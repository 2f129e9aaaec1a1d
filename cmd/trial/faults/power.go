//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"valise.example/proto/ident"
)

// fileSystem is one that a node's disk may have.
type fileSystem struct {
	name string
	make []string
}

var fileSystems = []fileSystem{
	{"ext4", []string{"mkfs.ext4", "-qF"}},
	{"XFS", []string{"mkfs.xfs", "-qf"}},
}

// imageSize is what a file system gets; XFS is not made smaller than 300 MiB.
const imageSize = 400 << 20

// tryPower cuts the power of two nodes and their relay under load, on real file systems.
func tryPower(s settings, t *tally) {
	var each sync.WaitGroup
	for _, f := range fileSystems {
		each.Go(func() {
			g, err := newGrid(s, f)
			if !t.check(err, "%s on a loop device", f.name) {
				return
			}
			defer g.end()
			for n := range (s.rounds + 1) / len(fileSystems) {
				if !t.check(g.round(n), "%s, power failure %d", f.name, n+1) {
					return
				}
			}
			t.say("%s: %d power failures; of %d messages that were acknowledged before them none is lost; of %d envelopes that the relay said to hold none is lost",
				f.name, g.failures, g.acknowledged, g.stored)
		})
	}
	each.Wait()
	for _, f := range fileSystems {
		t.caught(lieOfSync(s, f), "a record on "+f.name+" that is never synced")
		t.caught(lieOfRelay(s, f), "a relay on "+f.name+" that answers before it syncs")
	}
}

// grid is a lab on a file system whose power can be cut.
type grid struct {
	dir, image, device, mounted string
	world                       *world
	raw                         *raw
	failures                    int
	acknowledged                int
	stored                      int
}

func newGrid(s settings, f fileSystem) (*grid, error) {
	dir, err := os.MkdirTemp(s.dir, "power-")
	if err != nil {
		return nil, err
	}
	g := &grid{dir: dir, image: filepath.Join(dir, "image"), mounted: filepath.Join(dir, "m")}
	err = errors.Join(os.Mkdir(g.mounted, 0o700), os.WriteFile(g.image, nil, 0o600), os.Truncate(g.image, imageSize))
	if err == nil {
		err = command(append(f.make, g.image)...)
	}
	if err == nil {
		err = g.attach()
	}
	if err == nil {
		err = g.mount()
	}
	if err == nil {
		g.world, err = newWorld(g.mounted, xc, xd)
	}
	if err == nil {
		g.raw, err = newRaw(g.world)
	}
	if err == nil {
		err = command("sync", "-f", g.mounted) // the lab itself was on disk long ago
	}
	if err != nil {
		g.end()
		return nil, err
	}
	return g, nil
}

func command(words ...string) error {
	out, err := exec.Command(words[0], words[1:]...).CombinedOutput() //nolint:gosec // our own words
	if err != nil {
		return fmt.Errorf("%s: %w: %s", words[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}

// attach gives the image a loop device of its own for all rounds: one that comes and goes with each
// mount may still be going when the next comes.
func (g *grid) attach() error {
	out, err := exec.Command("losetup", "-f", "--show", g.image).Output() //nolint:gosec // our own file
	g.device = strings.TrimSpace(string(out))
	return err
}

func (g *grid) mount() error { return command("mount", g.device, g.mounted) }

func (g *grid) end() {
	if g.world != nil {
		g.world.end()
	}
	_ = command("umount", g.mounted)
	if g.device != "" {
		_ = command("losetup", "-d", g.device)
	}
	_ = os.RemoveAll(g.dir)
}

// cut takes the power away: what is not synced is gone, and so are all processes. They are held
// first: with the power gone nothing can hear that the disk is, and answer all the same.
func (g *grid) cut() error {
	var err error
	for _, c := range g.world.nodes {
		err = errors.Join(err, c.hold())
	}
	err = errors.Join(err, g.world.relay.hold(), command("xfs_io", "-x", "-c", "shutdown", g.mounted))
	for _, c := range g.world.nodes {
		c.kill()
	}
	g.world.relay.kill()
	g.failures++
	return errors.Join(err, command("umount", g.mounted), g.mount())
}

// round puts load on everything, cuts the power, starts again and judges.
func (g *grid) round(n int) error {
	w := g.world
	if n > 0 {
		if err := w.startRelay(); err != nil {
			return fmt.Errorf("the relay does not start again: %w", err)
		}
	}
	for _, who := range []ident.State{xa, xb} {
		if err := w.open(who, nil); err != nil {
			return err
		}
	}
	load := w.load(fmt.Sprint(n))
	stop := load.begin()
	ended := g.raw.begin()
	time.Sleep(time.Duration(200+100*(n%7)) * time.Millisecond)
	err := g.cut()
	stop()
	ended()
	if err != nil {
		return err
	}
	g.acknowledged += load.acknowledged()
	if err := w.startRelay(); err != nil {
		return fmt.Errorf("the relay does not start again: %w", err)
	}
	held, err := g.raw.check(healthy)
	if err != nil {
		return fmt.Errorf("the relay lost what it said to hold: %w", err)
	}
	g.stored += held
	for _, who := range []ident.State{xa, xb} {
		if err := w.open(who, nil); err != nil {
			return err
		}
	}
	if err := load.finish(); err != nil {
		return err
	}
	return errors.Join(judged(load.story), w.rest())
}

// rest ends everything in order.
func (w *world) rest() error {
	err := errors.Join(w.nodes[xa].close(), w.nodes[xb].close())
	w.relay.hangUp()
	return err
}

// lieOfSync runs nodes whose records are never synced and says whether a power failure shows it.
func lieOfSync(s settings, f fileSystem) bool {
	for range 3 {
		g, err := newGrid(s, f)
		if err != nil {
			return false
		}
		g.world.env[xa], g.world.env[xb] = []string{"VALISE_MUTANT=no-sync"}, []string{"VALISE_MUTANT=no-sync"}
		err = g.round(0)
		cut := g.failures > 0
		g.end()
		if !cut {
			return false
		}
		if err != nil {
			return true
		}
	}
	return false
}

// lieOfRelay runs a relay that is not synced and says whether a power failure shows it.
func lieOfRelay(s settings, f fileSystem) bool {
	g, err := newGrid(s, f)
	if err != nil {
		return false
	}
	defer g.end()
	g.world.relay.hangUp()
	g.world.relayEnv = []string{"VALISE_MUTANT=no-sync"}
	if g.world.startRelay() != nil {
		return false
	}
	ended := g.raw.begin()
	time.Sleep(700 * time.Millisecond)
	err = g.cut()
	ended()
	g.world.relayEnv = nil
	if err != nil {
		return false
	}
	if len(g.raw.held) == 0 {
		return false
	}
	if g.world.startRelay() != nil {
		return true // not even its files are whole
	}
	_, err = g.raw.check(sick)
	return err != nil
}
