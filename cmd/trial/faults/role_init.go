//go:build linux

package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/exercise/lab"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// runInit is the role "init LAB HOME [MARKS]": a home is made, its key bundles are signed, and
// every directory file of the lab is imported. What is done is promised at once: on standard
// output, and in MARKS.
func runInit(args []string, out io.Writer) int {
	promise, done, err := promising(args[2:], out)
	if err == nil {
		defer done()
		err = makeHome(args[0], args[1], promise)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return endStopped
	}
	return 0
}

// promising says what is promised on out, and before that in a file of marks if there is one.
func promising(marks []string, out io.Writer) (promise func(string) error, done func(), err error) {
	encoder := json.NewEncoder(out)
	aloud := func(what string) error { return encoder.Encode(answer{OK: true, Message: what}) }
	if len(marks) == 0 {
		return aloud, func() {}, nil
	}
	f, err := os.OpenFile(marks[0], os.O_WRONLY|os.O_CREATE, 0o600) //nolint:gosec // the driver names it
	if err != nil {
		return nil, nil, err
	}
	return func(what string) error {
		_, err := fmt.Fprintln(f, what)
		return errors.Join(err, aloud(what))
	}, func() { _ = f.Close() }, nil
}

// What runInit promises.
const (
	promisedHome    = "home"
	promisedBundle  = "bundle" // and its number
	promisedVersion = "version"
)

func makeHome(labDir, dir string, promise func(string) error) error {
	l, err := lab.Open(labDir)
	if err != nil {
		return err
	}
	if err := node.Init(node.InitConfig{Dir: dir, State: xa, Realm: l.Realm, Tracks: []ident.Track{ident.Technical}, Now: time.Now, Rand: rand.Reader}); err != nil {
		return err
	}
	if err := promise(promisedHome); err != nil {
		return err
	}
	home, err := node.OpenHome(dir, nil)
	if err != nil {
		return err
	}
	number, err := bundleNumber(home)
	if err != nil {
		return err
	}
	if err := promise(fmt.Sprintf("%s %d", promisedBundle, number)); err != nil {
		return err
	}
	return importAll(l, home, 0, promise)
}

// bundleNumber signs the key bundles and gives the number of the first.
func bundleNumber(home *node.Home) (uint64, error) {
	bundles, err := home.KeyBundles(&valisev1.Entry{Number: 1}, time.Now())
	if err != nil || len(bundles) == 0 {
		return 0, errors.Join(err, errors.New("no bundle"))
	}
	var b valisev1.KeyBundle
	if err := proto.Unmarshal(bundles[0].GetObject(), &b); err != nil {
		return 0, err
	}
	return b.GetNumber(), nil
}

// importAll takes the directory files that the driver laid beside the lab, oldest first; with
// least, only those from that place on.
func importAll(l *lab.Lab, home *node.Home, least int, promise func(string) error) error {
	trusted, err := managers(l)
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(l.Dir), "directory-*"))
	if err != nil {
		return err
	}
	for _, name := range files[least:] {
		text, err := os.ReadFile(name) //nolint:gosec // the driver laid it there
		if err != nil {
			return err
		}
		answer, err := home.Import(text, node.ImportConfig{TrustManagers: trusted})
		if err != nil {
			return err
		}
		if err := promise(fmt.Sprintf("%s %d", promisedVersion, answer.GetNumber())); err != nil {
			return err
		}
	}
	return nil
}
