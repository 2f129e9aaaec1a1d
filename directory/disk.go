package directory

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	valisev1 "valise.example/proto/valise/v1"
)

// disk is what a folder is written through: each file is whole or absent after a crash.
type disk interface {
	// write makes path hold b: beside its place, synced, renamed.
	write(path string, b []byte) error
	// syncFolder makes the renames in a folder last.
	syncFolder(path string) error
	// remove takes a file away that nothing names any more.
	remove(path string) error
}

// realDisk is the operating system's.
type realDisk struct{}

const (
	privateFile   = 0o600
	privateFolder = 0o700
	tempSuffix    = ".tmp"
)

func (realDisk) write(path string, b []byte) error {
	f, err := os.OpenFile(path+tempSuffix, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, privateFile)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync())
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+tempSuffix))
	}
	return os.Rename(path+tempSuffix, path)
}

func (realDisk) syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (realDisk) remove(path string) error { return os.Remove(path) }

// writeDurably writes one file and makes its name last.
func writeDurably(d disk, path string, b []byte) error {
	if err := d.write(path, b); err != nil {
		return err
	}
	return d.syncFolder(filepath.Dir(path))
}

// makeFolder makes a folder for this user alone and refuses one that others can write to:
// who can write there can take the directory back to an older list.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, privateFolder); err != nil {
		return storage(err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return storage(err)
	}
	if info.Mode().Perm()&0o022 != 0 {
		return aboutFile.refuse(valisev1.Reason_REASON_UNSAFE_PERMISSIONS, "others can write to the folder, so nothing in it can be trusted")
	}
	return nil
}

// lockFolder keeps other processes out, or other writers only. The lock goes with the
// process, however it ends.
func lockFolder(dir string, exclusive bool) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, privateFile)
	if err != nil {
		return nil, storage(err)
	}
	how := syscall.LOCK_SH
	if exclusive {
		how = syscall.LOCK_EX
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, storage(errors.Join(err, f.Close()))
	}
	return func() { _ = f.Close() }, nil
}

var aboutFile = subject{object: "file"}

// storage wraps an error of the disk: what is on it now has to be read again. P6
func storage(err error) error {
	var r *Refusal
	if err == nil || errors.As(err, &r) {
		return err
	}
	return &Refusal{Object: "file", Reason: valisev1.Reason_REASON_STORAGE_UNKNOWN, Err: err}
}

// readBounded reads a file of at most limit bytes; nil without error when there is none.
func readBounded(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, storage(err)
	}
	if info.Size() > limit {
		return nil, aboutFile.refuse(valisev1.Reason_REASON_TOO_LARGE, "%d bytes, at most %d are read", info.Size(), limit)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, storage(err)
	}
	return b, nil
}

func hashName(h [32]byte) string { return hex.EncodeToString(h[:]) }

func parseHashName(s string) (h [32]byte, ok bool) {
	if len(s) != 64 || s != strings.ToLower(s) {
		return h, false
	}
	n, err := hex.Decode(h[:], []byte(s))
	return h, err == nil && n == len(h)
}
