//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// tryNewHome lets every change go wrong that is made while a home is made, its first key bundles
// are signed and directory files are taken in one after the other.
func tryNewHome(s settings, t *tally) {
	w, err := newWorld(s.dir)
	if !t.check(err, "a lab") || !t.check(layEditions(w.lab), "directory files") {
		return
	}
	defer w.end()
	runs, most := 0, int64(0)
	for _, m := range modes {
		for at := int64(1); ; at += int64(s.every) {
			m.fault.At = at
			hit, err := newHomeOnce(w, m)
			t.check(err, "a new home, %s at change %d", m.name, at)
			if !hit {
				most = max(most, at-1)
				break
			}
			runs++
		}
	}
	t.say("a new home: %d changes, %d runs with a fault", most, runs)
}

func newHomeOnce(w *world, m mode) (hit bool, err error) {
	dir, err := os.MkdirTemp(w.dir, "home-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	backing, point := filepath.Join(dir, "b"), filepath.Join(dir, "m")
	if err := errors.Join(os.Mkdir(backing, 0o700), os.Mkdir(point, 0o700)); err != nil {
		return false, err
	}
	l, err := mount(backing, point)
	if err != nil {
		return false, err
	}
	l.arm(m.fault)
	c, err := start(nil, "init", w.lab.Dir, filepath.Join(point, "home"))
	if err == nil {
		l.against(c.cmd.Process.Pid)
		<-c.gone
		err = l.unmount()
	}
	if err != nil {
		return false, err
	}
	_, struck := l.seen()
	promised := promises(c)
	if struck == "" && !c.cmd.ProcessState.Success() {
		return false, fmt.Errorf("no fault, and it ended with %s: %s", c.cmd.ProcessState, c.said)
	}
	return struck != "", checkHome(w.lab, filepath.Join(backing, "home"), promised, verifyInChild)
}
