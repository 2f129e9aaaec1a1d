//go:build linux

package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"valise.example/gateway/node"
	"valise.example/proto/ident"
)

// runDestroy is the role "destroy HOME": a home is made, its node runs for more than 45 days by every
// clock, and destroys its first sealing key.
func runDestroy(dir string, out io.Writer) int {
	realm := ident.Realm("exercise:destroyed-" + fmt.Sprintf("%032x", 1))
	err := node.Init(node.InitConfig{Dir: dir, State: xa, Realm: realm, Tracks: []ident.Track{ident.Technical}, Now: time.Now, Rand: rand.Reader})
	if err == nil {
		err = json.NewEncoder(out).Encode(answer{OK: true, Message: promisedHome})
	}
	if err == nil {
		err = lookTwice(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return endStopped
	}
	return 0
}

// lookTwice lets a node look after its keys now, and in 46 days.
func lookTwice(dir string) (err error) {
	began := time.Now()
	now, ran := began, time.Duration(0)
	n, err := node.Open(dir, node.OpenConfig{
		Logger: slog.New(slog.DiscardHandler), Rand: rand.Reader,
		Now: func() time.Time { return now }, Running: func() time.Duration { return ran },
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	ran = time.Minute
	if err := n.LookAfterKeys(context.Background()); err != nil {
		return err
	}
	now, ran = began.Add(46*24*time.Hour), 1000*time.Hour
	return n.LookAfterKeys(context.Background())
}

// killWhileDestroyed is killed while a key is destroyed. The home opens after that, its record is
// whole, and the next look leaves nothing of the key. docs/protocol.md §8.5
func killWhileDestroyed(made, point, log string) error {
	c, err := start(noting(log, point+":1:kill"), "destroy", made)
	if err != nil {
		return err
	}
	if err := killedItself(c); err != nil {
		return err
	}
	home, err := node.OpenHome(made, nil)
	if err != nil {
		return fmt.Errorf("half a key stops the start: %w", err)
	}
	if report, err := home.VerifyRecord(context.Background(), time.Now); err != nil || !report.GetOk() {
		return fmt.Errorf("the record does not verify: %v, %w", report.GetProblems(), err)
	}
	if err := lookTwice(made); err != nil {
		return err
	}
	for pattern, want := range map[string]int{"sealing-*.key": 1, ".*": 0} {
		if files, err := filepath.Glob(filepath.Join(made, "keys", pattern)); err != nil || len(files) != want {
			return fmt.Errorf("%d files are called %s, want %d, %w", len(files), pattern, want, err)
		}
	}
	return nil
}
