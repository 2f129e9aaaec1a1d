//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"valise.example/proto/ident"
)

// mode is a way in which a change to the disk goes wrong.
type mode struct {
	name  string
	fault fault
}

var modes = []mode{
	{"kill", fault{Kill: true}},
	{"EIO once", fault{Errno: syscall.EIO}},
	{"ENOSPC once", fault{Errno: syscall.ENOSPC}},
	{"EIO from then on", fault{Errno: syscall.EIO, Sticky: true}},
	{"ENOSPC from then on", fault{Errno: syscall.ENOSPC, Sticky: true}},
}

// renew is after how many runs a lab is made anew: a record grows with every run, and so does
// the time it takes to verify it.
const renew = 12

// tryDisk lets every change to the disk of one home go wrong, first XA's and, beside it on
// another lab, XB's.
func tryDisk(s settings, t *tally) {
	var both sync.WaitGroup
	for _, who := range []ident.State{xa, xb} {
		both.Go(func() {
			e := &enumeration{settings: s, tally: t, who: who, struck: map[opKind]int{}}
			defer e.finish()
			for _, m := range modes {
				e.all(m)
			}
			t.say("%s: %d changes in an exchange; %d runs with a fault, at %s; %d went on in the same process", who, e.most, e.runs, e.kinds(), e.same)
		})
	}
	both.Wait()
	t.caught(lieOnDisk(s), "acknowledged before the commit, killed at a change to the disk")
	tryMade(s, t)
}

// enumeration goes through all changes of one home.
type enumeration struct {
	settings
	tally  *tally
	who    ident.State
	world  *shown
	runs   int
	most   int64
	same   int // runs that went on without a restart
	struck map[opKind]int
}

// shown is a world in which one home is shown through a layer.
type shown struct {
	*world
	layer       *layer
	who         ident.State
	seen, plain string // the home through the layer, and as it is
	runs        int
}

// newShown makes a lab, moves one home and shows it through a layer.
func newShown(dir string, who ident.State) (*shown, error) {
	w, err := newWorld(dir)
	if err != nil {
		return nil, err
	}
	backing, point := filepath.Join(w.dir, "b"), filepath.Join(w.dir, "m")
	s := &shown{world: w, who: who, seen: filepath.Join(point, "home"), plain: filepath.Join(backing, "home")}
	err = errors.Join(os.Mkdir(backing, 0o700), os.Mkdir(point, 0o700))
	if err == nil {
		err = os.Rename(w.lab.Home(who), s.plain)
	}
	if err == nil {
		s.layer, err = mount(backing, point)
	}
	if err == nil {
		err = w.open(peerOf(who), nil)
	}
	if err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func (s *shown) end() {
	for _, c := range s.nodes {
		c.kill()
	}
	if s.layer != nil {
		_ = s.layer.unmount()
	}
	s.world.end()
}

// openSeen starts the node whose disk may go wrong.
func (s *shown) openSeen(f fault) error {
	s.layer.arm(f)
	s.home[s.who] = s.seen
	return s.open(s.who, func(c *child) { s.layer.against(c.cmd.Process.Pid) })
}

// openPlain starts it without the layer: what the page cache holds after an error may not be what
// the disk holds, and the disk is what counts.
func (s *shown) openPlain() error {
	s.layer.arm(fault{})
	s.home[s.who] = s.plain
	return s.open(s.who, nil)
}

// all tries every change in one mode, until the exchange has ended three times without the fault:
// one may have asked for a change less than the others.
func (e *enumeration) all(m mode) {
	missed := 0
	for at := int64(1); missed < 3; at += int64(e.every) {
		m.fault.At = at
		if e.world == nil || e.world.runs >= renew {
			e.finish()
			var err error
			if e.world, err = newShown(e.dir, e.who); !e.tally.check(err, "a lab behind a layer") {
				return
			}
		}
		e.world.runs++
		hit, err := e.once(m)
		if !e.tally.check(err, "%s, %s at change %d", e.who, m.name, at) {
			e.finish()
		}
		if !hit {
			missed++
			continue
		}
		missed = 0
		e.most = max(e.most, at)
		e.runs++
	}
}

func (e *enumeration) finish() {
	if e.world != nil {
		e.world.end()
		e.world = nil
	}
}

// once plays one exchange with one fault, heals and judges.
func (e *enumeration) once(m mode) (hit bool, err error) {
	w := e.world
	story := w.counted(fmt.Sprintf("%s-%s-%d", w.who, strings.ReplaceAll(m.name, " ", "-"), m.fault.At))
	bad := e.suffer(story, m)
	_, struck := w.layer.seen()
	node := w.nodes[w.who]
	if struck == "" && bad != nil {
		return false, bad
	}
	e.struck[struck]++
	if m.fault.Kill && struck != "" {
		if err := killedItself(node); err != nil {
			return true, err
		}
	}
	node.kill()
	if w.nodes[peerOf(w.who)].ended() {
		return true, fmt.Errorf("the other side ended: %w", bad)
	}
	if err := w.openPlain(); err != nil {
		return true, err
	}
	if trouble := story.play(healthy); trouble != nil {
		return true, trouble
	}
	return struck != "", errors.Join(judged(story), w.nodes[w.who].close())
}

// suffer plays the exchange while the disk goes wrong. A fault that passes gives the node a
// second try in the same process.
func (e *enumeration) suffer(story *story, m mode) error {
	w := e.world
	if err := w.openSeen(m.fault); err != nil {
		return err
	}
	story.hopeless = w.layer.sick
	trouble := story.play(healthy)
	if trouble == nil {
		return w.nodes[w.who].close()
	}
	if m.fault.Kill || m.fault.Sticky || w.nodes[w.who].ended() {
		return trouble
	}
	if again := story.play(sick); again != nil {
		return again
	}
	e.same++
	return w.nodes[w.who].close()
}

func judged(story *story) error {
	findings, err := story.judge()
	if err == nil && len(findings) > 0 {
		err = errors.New(told(findings))
	}
	return err
}

// kinds says how often the fault struck what.
func (e *enumeration) kinds() string {
	var parts []string
	for _, k := range []opKind{opWrite, opSync, opTruncate, opCreate, opRename, opUnlink, opLink, opMakeDir, opNode, opSyncNames} {
		if e.struck[k] > 0 {
			parts = append(parts, fmt.Sprintf("%d × %s", e.struck[k], k))
		}
	}
	return strings.Join(parts, ", ")
}

// lieOnDisk runs the seeded fault behind the layer, and says whether some kill finds it.
func lieOnDisk(s settings) bool {
	for at := int64(5); at < 60; at += 5 {
		w, err := newShown(s.dir, xa)
		if err != nil {
			return false
		}
		w.env[xa] = []string{"VALISE_MUTANT=ack-before-commit"}
		story := w.full("lie")
		if w.openSeen(fault{At: at, Kill: true}) == nil {
			_ = story.play(sick)
		}
		w.nodes[xa].kill()
		w.env[xa] = nil
		caught := false
		if w.openPlain() == nil {
			_ = story.settle(sick)
			findings, err := story.judge()
			caught = err == nil && len(findings) > 0
		}
		w.end()
		if caught {
			return true
		}
	}
	return false
}
