package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// Compacted says what compacting brought.
type Compacted struct {
	// Before and After are how large the file was and is, in bytes.
	Before, After int64
	// Overwritten says that the old file was overwritten where it lay. A disk may keep its blocks
	// elsewhere all the same. docs/protocol.md §9.3
	Overwritten bool
}

// steps of Compact, after each of which a test ends the process.
const (
	stepCopied   = "copied"
	stepVerified = "verified"
	stepMoved    = "moved"
	stepDurable  = "durable"
)

// Compact writes the record at path anew without its free pages, in which old values and the wrapped
// keys of forgotten months still stand, puts the new file in the place of the old one and overwrites
// that. No Store may have it open. The new file is synced and wholly verified against the head of the
// old one before it takes its place by one rename, so that whatever happens at any moment one of the
// two stands there, whole. Errors are those of Open, *Damaged where the copy does not verify, and
// what the disk says; then nothing was changed. docs/protocol.md §9.3
func Compact(ctx context.Context, path string, cfg Config) (Compacted, error) {
	return compact(ctx, path, cfg, func(string) {})
}

func compact(ctx context.Context, path string, cfg Config, reached func(step string)) (Compacted, error) {
	cfg, err := cfg.filled()
	if err != nil {
		return Compacted{}, err
	}
	if err := checkPermissions(path); err != nil {
		return Compacted{}, err
	}
	if err := checkUnclean(path, cfg); err != nil {
		return Compacted{}, err
	}
	// Held to the end, so that nobody opens the old file meanwhile.
	db, err := openBolt(path, false)
	if err != nil {
		return Compacted{}, err
	}
	defer db.Close()
	if err := removeLeftovers(path); err != nil {
		return Compacted{}, fmt.Errorf("store: the record cannot be compacted: %w", err)
	}
	temp, err := newFile(path, "compact")
	if err != nil {
		return Compacted{}, fmt.Errorf("store: the record cannot be compacted: %w", err)
	}
	defer os.Remove(temp)
	known, err := compactInto(temp, db, cfg)
	if err != nil {
		return Compacted{}, err
	}
	reached(stepCopied)
	if err := verifyCompacted(ctx, temp, cfg, known); err != nil {
		return Compacted{}, err
	}
	reached(stepVerified)
	return replaceFile(temp, path, reached)
}

// leftoverPattern is what a compaction that was ended leaves.
func leftoverPattern(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".compact-*")
}

func removeLeftovers(path string) error {
	left, err := filepath.Glob(leftoverPattern(path))
	for _, file := range left {
		err = errors.Join(err, os.Remove(file))
	}
	return err
}

// newFile makes an empty file beside path that only its owner can reach.
func newFile(path, use string) (string, error) {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"."+use+"-*")
	if err != nil {
		return "", err
	}
	err = errors.Join(temp.Chmod(0o600), temp.Close())
	return temp.Name(), err
}

// compactBytes is how much one transaction of the copy holds. P7
const compactBytes = 4 << 20

// compactInto copies what is in use and syncs it; known is the head of what was copied.
func compactInto(temp string, db *bolt.DB, cfg Config) (known Head, err error) {
	s := &Store{cfg: cfg, db: db}
	if err := s.load(); err != nil {
		return Head{}, err
	}
	known = s.head.Load().public()
	err = contained(func() error { return copyPages(temp, db) })
	if fault, ok := errors.AsType[*storageFault](err); ok {
		return Head{}, fault.damage
	}
	if err == nil {
		err = syncPath(temp)
	}
	if err != nil {
		return Head{}, fmt.Errorf("store: the record cannot be compacted: %w", err)
	}
	return known, nil
}

func copyPages(temp string, db *bolt.DB) (err error) {
	to, err := bolt.Open(temp, 0o600, &bolt.Options{Timeout: lockWait, FreelistType: bolt.FreelistMapType, NoSync: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	return errors.Join(bolt.Compact(to, db, compactBytes), to.Sync())
}

// verifyCompacted lets a child check the whole copy, against the head that it must have.
func verifyCompacted(ctx context.Context, temp string, cfg Config, known Head) error {
	report, err := VerifyFile(ctx, temp, cfg, VerifyConfig{Heads: []Head{known}})
	if err != nil {
		return err
	}
	if !report.OK || report.TreeSize != known.Size || report.Root != known.Root || report.Items != known.Size {
		return &Damaged{What: "its compacted copy does not verify, so the record stays as it is"}
	}
	return nil
}

// replaceFile moves the new file to the place of the old one. Not before that is durable is the old
// one overwritten.
func replaceFile(temp, path string, reached func(string)) (out Compacted, err error) {
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return out, fmt.Errorf("store: the record cannot be compacted: %w", err)
	}
	defer old.Close()
	if out.Before, out.After, err = sizes(old, temp); err != nil {
		return out, fmt.Errorf("store: the record cannot be compacted: %w", err)
	}
	if err := os.Rename(temp, path); err != nil {
		return out, fmt.Errorf("store: the record cannot be compacted: %w", err)
	}
	reached(stepMoved)
	if err := syncPath(filepath.Dir(path)); err != nil {
		// Both files are whole, and either may stand there after a power failure.
		return out, nil
	}
	reached(stepDurable)
	out.Overwritten = overwrite(old, out.Before) == nil
	return out, nil
}

func sizes(old *os.File, temp string) (before, after int64, err error) {
	was, err1 := old.Stat()
	is, err2 := os.Stat(temp)
	if err := errors.Join(err1, err2); err != nil {
		return 0, 0, err
	}
	return was.Size(), is.Size(), nil
}

// overwrite writes zeros over a file that has no name any more.
func overwrite(f *os.File, size int64) error {
	_, err := io.CopyN(f, zeros{}, size)
	return errors.Join(err, f.Sync())
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
