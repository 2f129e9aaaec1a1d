//go:build linux

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"valise.example/exercise/lab"
	"valise.example/gateway/node"
)

// made is something that is made on a disk that may go wrong.
type made struct {
	what string
	role []string // of the process that makes it; what it makes comes last
	// check judges what is there afterwards.
	check func(l *lab.Lab, path string, promised []string) error
}

// tryMade lets every change to the disk go wrong while something is made. A new home: keys,
// record, key bundles, and directory files taken in one after the other. A backup. A home made
// again from one.
func tryMade(s settings, t *tally) {
	w, err := newWorld(s.dir)
	if !t.check(err, "a lab") || !t.check(layEditions(w.lab), "directory files") {
		return
	}
	defer w.end()
	home, backup := w.lab.Home(xb), filepath.Join(w.dir, "backup")
	if !t.check(backUp(home, backup), "a backup") {
		return
	}
	var each sync.WaitGroup
	for _, m := range []made{
		{"a new home", []string{"init", w.lab.Dir}, checkNew},
		{"a backup", []string{"backup", home}, checkBackup},
		{"a restored home", []string{"restore", backup}, checkNew},
	} {
		each.Go(func() { m.all(s, t, w) })
	}
	each.Wait()
}

func (d made) all(s settings, t *tally, w *world) {
	runs, most := 0, int64(0)
	for _, m := range modes {
		for at := int64(1); ; at += int64(s.every) {
			m.fault.At = at
			hit, err := d.once(w, m)
			t.check(err, "%s, %s at change %d", d.what, m.name, at)
			if !hit {
				most = max(most, at-1)
				break
			}
			runs++
		}
	}
	t.say("%s: %d changes, %d runs with a fault", d.what, most, runs)
}

func (d made) once(w *world, m mode) (hit bool, err error) {
	dir, err := os.MkdirTemp(w.dir, "made-")
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
	c, err := start(nil, append(append([]string{}, d.role...), filepath.Join(point, "made"))...)
	if err == nil {
		l.against(c.cmd.Process.Pid)
		<-c.gone
		err = l.unmount()
	}
	if err != nil {
		return false, err
	}
	_, struck := l.seen()
	if struck == "" && !c.cmd.ProcessState.Success() {
		return false, fmt.Errorf("no fault, and it ended with %s: %s", c.cmd.ProcessState, c.said)
	}
	return struck != "", d.check(w.lab, filepath.Join(backing, "made"), promises(c))
}

func checkNew(l *lab.Lab, path string, promised []string) error {
	return checkHome(l, path, promised, verifyInChild)
}

// checkBackup: a file that is there is whole, and makes a home.
func checkBackup(l *lab.Lab, path string, promised []string) error {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if len(promised) > 0 {
			return errors.New("the backup was promised and is not there")
		}
		return nil
	}
	if err != nil {
		return err
	}
	dir := path + "-home"
	if err := restore(path, dir); err != nil {
		return fmt.Errorf("a backup that is there makes no home: %w", err)
	}
	return checkHome(l, dir, []string{promisedHome}, verifyInChild)
}

// runMade are the roles "backup HOME FILE [MARKS]" and "restore FILE HOME [MARKS]".
func runMade(do func(from, to string) error, args []string, out io.Writer) int {
	promise, done, err := promising(args[2:], out)
	if err == nil {
		defer done()
		err = do(args[0], args[1])
	}
	if err == nil {
		err = promise(promisedHome)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return endStopped
	}
	return 0
}

func backUp(from, to string) (err error) {
	home, err := node.OpenHome(from, nil)
	if err != nil {
		return err
	}
	record, err := home.OpenRecord(node.OpenConfig{Logger: slog.New(slog.DiscardHandler), Now: time.Now, Rand: rand.Reader})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	_, err = home.Backup(context.Background(), node.BackupConfig{Out: to, Record: record, Now: time.Now})
	return err
}

func restore(from, to string) error {
	f, err := os.Open(from) //nolint:gosec // the driver laid it there
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = node.Restore(context.Background(), node.RestoreConfig{Dir: to, File: f, Logger: slog.New(slog.DiscardHandler), Now: time.Now, Rand: rand.Reader})
	return err
}
