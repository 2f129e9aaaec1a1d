package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
	bolt "go.etcd.io/bbolt"
)

// nowhere wants a string in none of the files and in no process's command line:
// nowhere STRING FOLDER…
func nowhere(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: nowhere STRING PATH…")
	}
	needle := []byte(args[0])
	found := ""
	for _, root := range args[1:] {
		n := 0
		err := filepath.WalkDir(ts.MkAbs(root), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			n++
			b, err := os.ReadFile(path)
			if err == nil && bytes.Contains(b, needle) {
				found = path
			}
			return err
		})
		ts.Check(err)
		if n == 0 {
			ts.Fatalf("%s holds no file: nothing was looked at", root)
		}
	}
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range lines {
		if b, err := os.ReadFile(path); err == nil && bytes.Contains(b, needle) {
			found = path
		}
	}
	if (found != "") != neg {
		ts.Fatalf("%q: found in %q", args[0], found)
	}
}

// tamper changes a record that nobody runs: tamper edit|drop|swap|truncate FILE. It knows no
// key: it works on the bucket of the items as anybody who has the file could. It sets ITEM to
// the item it touched first.
func tamper(ts *testscript.TestScript, _ bool, args []string) {
	db, err := bolt.Open(ts.MkAbs(args[1]), 0o600, nil)
	ts.Check(err)
	defer db.Close()
	ts.Check(db.Update(func(tx *bolt.Tx) error { return tamperItems(ts, tx.Bucket([]byte("i")), args[0]) }))
}

func tamperItems(ts *testscript.TestScript, items *bolt.Bucket, how string) error {
	var keys [][]byte
	if err := items.ForEach(func(k, _ []byte) error { keys = append(keys, bytes.Clone(k)); return nil }); err != nil {
		return err
	}
	at := len(keys) / 2
	if how == "truncate" {
		at = len(keys) - 1
	}
	ts.Setenv("ITEM", fmt.Sprint(binary.BigEndian.Uint64(keys[at])))
	value := bytes.Clone(items.Get(keys[at]))
	switch how {
	case "edit":
		value[len(value)/2] ^= 1
		return items.Put(keys[at], value)
	case "drop", "truncate":
		return items.Delete(keys[at])
	case "swap":
		other := bytes.Clone(items.Get(keys[at+1]))
		return errors.Join(items.Put(keys[at], other), items.Put(keys[at+1], value))
	}
	return fmt.Errorf("tamper knows no %s", how)
}

// laterRecord gives a record that nobody runs the number of a form that this program does not know, as
// a later version would: laterrecord FILE.
func laterRecord(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: laterrecord FILE")
	}
	db, err := bolt.Open(ts.MkAbs(args[0]), 0o600, nil)
	ts.Check(err)
	defer db.Close()
	ts.Check(db.Update(func(tx *bolt.Tx) error {
		meta := tx.Bucket([]byte("m"))
		_, rest, _ := bytes.Cut(meta.Get([]byte("f")), []byte("\n"))
		row := append([]byte("valise record 9\n"), rest...)
		sum := sha256.Sum256(row[:len(row)-8])
		copy(row[len(row)-8:], sum[:])
		return meta.Put([]byte("f"), row)
	}))
}
