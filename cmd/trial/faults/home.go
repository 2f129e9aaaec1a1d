//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"valise.example/directory"
	"valise.example/exercise/lab"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	"valise.example/seal"
)

// editions is how many directory files a home takes in one after the other.
const editions = 3

// layEditions publishes the lab's directory again and again and lays each file beside the lab.
func layEditions(l *lab.Lab) error {
	registry, err := directory.OpenRegistry(l.DirectoryHome(), l.Realm)
	if err != nil {
		return err
	}
	key, err := seal.ReadSigningKey(filepath.Join(l.DirectoryHome(), directory.ManagerKeyFile), l.Realm, nil)
	if err != nil {
		return err
	}
	for n := range editions {
		p, err := registry.Publish(directory.PublishConfig{Now: time.Now(), ValidFor: 24 * time.Hour, Signers: []*seal.SigningKey{key}})
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(filepath.Dir(l.Dir), fmt.Sprintf("directory-%d", n)), p.Import, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// managers are whom a new home of the lab trusts.
func managers(l *lab.Lab) ([]ident.KeyID, error) {
	registry, err := directory.OpenRegistry(l.DirectoryHome(), l.Realm)
	if err != nil {
		return nil, err
	}
	return registry.Managers().Managers, nil
}

// verifyInChild is how a record is judged where there is time for a process.
func verifyInChild(home *node.Home, _ string) error {
	report, err := home.VerifyRecord(context.Background(), time.Now)
	if err != nil {
		return err
	}
	if !report.GetOk() {
		return fmt.Errorf("the record does not verify: %v", report.GetProblems())
	}
	return nil
}

// checkHome judges what is left of a home that was being made: it is whole or no home at all,
// nothing that was promised is gone, and what was left undone can be done. P1, P6,
// docs/protocol.md §8.4
func checkHome(l *lab.Lab, dir string, promised []string, verify func(*node.Home, string) error) error {
	_, err := os.Stat(filepath.Join(dir, "valise.toml"))
	if errors.Is(err, fs.ErrNotExist) {
		if slices.Contains(promised, promisedHome) {
			return errors.New("the home was promised and is not there")
		}
		if _, err := node.OpenHome(dir, nil); err == nil {
			return errors.New("what is no home was opened as one")
		}
		return nil
	}
	home, err := node.OpenHome(dir, nil)
	if err != nil {
		return fmt.Errorf("half a home is taken for one: %w", err)
	}
	if err := verify(home, dir); err != nil {
		return err
	}
	if err := checkBook(home, highest(promised, promisedVersion)); err != nil {
		return err
	}
	number, err := bundleNumber(home)
	if err != nil {
		return fmt.Errorf("no key bundle can be made: %w", err)
	}
	if before := highest(promised, promisedBundle); number <= before {
		return fmt.Errorf("bundle number %d was given out and the next is %d", before, number)
	}
	if err := importAll(l, home, editions-1, func(string) error { return nil }); err != nil {
		return fmt.Errorf("the directory is not taken in again: %w", err)
	}
	return checkBook(home, editions+1)
}

// checkBook: the highest version seen is on disk before anything uses it.
func checkBook(home *node.Home, least uint64) error {
	book, err := home.Directory()
	if err != nil {
		return fmt.Errorf("the directory cannot be read: %w", err)
	}
	if got := book.Snapshot().Number(); got < least {
		return fmt.Errorf("directory version %d was in force and now %d is", least, got)
	}
	return nil
}

// highest is the largest number promised under a name.
func highest(promised []string, name string) (most uint64) {
	for _, p := range promised {
		if text, ok := strings.CutPrefix(p, name+" "); ok {
			n, _ := strconv.ParseUint(text, 10, 64)
			most = max(most, n)
		}
	}
	return most
}

// killWhileMade is killed at a point of the making of a home or a backup.
func killWhileMade(w *world, point, log string) error {
	made := filepath.Join(w.dir, "new-"+point)
	role, check := []string{"init", w.lab.Dir, made}, checkNew
	switch point {
	case "K3a", "K3b", "K3c":
		return killWhileDestroyed(made, point, log)
	case "D4":
		role, check = []string{"backup", w.closed, made}, checkBackup
	case "D5":
		file := filepath.Join(w.dir, "backup-of-it")
		if err := backUp(w.closed, file); err != nil {
			return err
		}
		role = []string{"restore", file, made}
	}
	c, err := start(noting(log, point+":1:kill"), role...)
	if err != nil {
		return err
	}
	if err := killedItself(c); err != nil {
		return err
	}
	if err := check(w.lab, made, promises(c)); err != nil {
		return err
	}
	_, err = os.Stat(filepath.Join(made, "valise.toml"))
	if whole := point == "K2"; (err == nil) != whole {
		return fmt.Errorf("a home is there: %v, want %v", err == nil, whole)
	}
	return nil
}

// promises are all that a process said before it ended.
func promises(c *child) (out []string) {
	for {
		select {
		case a := <-c.answers:
			out = append(out, a.Message)
		default:
			return out
		}
	}
}
