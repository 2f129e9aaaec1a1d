package node

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"valise.example/gateway/node/crashpoint"
)

// destroyKey takes the file of a key out of use by its name, overwrites it where it lies and removes
// it. A crash at any moment leaves the whole key under its name, or nothing that a start reads; the
// next start does the rest. docs/protocol.md §8.5
func destroyKey(keys, name string) error {
	unlock, err := lockFolder(keys)
	if err != nil {
		return err
	}
	defer unlock()
	gone := filepath.Join(keys, gonePrefix+name)
	if err := os.Rename(filepath.Join(keys, name), gone); err != nil {
		return err
	}
	if err := syncFolder(keys); err != nil {
		return err
	}
	crashpoint.Hit("K3b")
	return erase(gone)
}

// erase overwrites a file, makes that durable, and removes it. On a file system that writes in place
// nothing of it is left; copies that others made of it, and what a disk keeps of its own, are beyond
// reach.
func erase(path string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	err = zero(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	crashpoint.Hit("K3c")
	if err := os.Remove(path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func zero(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if _, err := f.WriteAt(make([]byte, info.Size()), 0); err != nil {
		return err
	}
	return f.Sync()
}

// eraseLeftovers ends what a crash has interrupted: keys that were being destroyed, and parts of keys
// that were being written, which nothing names.
func eraseLeftovers(keys string) error {
	unlock, err := lockFolder(keys)
	if err != nil {
		return err
	}
	defer unlock()
	entries, err := os.ReadDir(keys)
	if err != nil {
		return err
	}
	var failed error
	for _, e := range entries {
		unfinished := strings.HasPrefix(e.Name(), newPrefix) && strings.HasSuffix(e.Name(), ".key")
		if !unfinished && !strings.HasPrefix(e.Name(), gonePrefix) || !e.Type().IsRegular() {
			continue
		}
		if err := erase(filepath.Join(keys, e.Name())); !errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}
