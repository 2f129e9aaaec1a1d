package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// Create makes a new record at path and opens it. The file appears whole or not at all: bbolt's
// own first creation does not survive a power failure, so the file is made beside the path,
// synced and then moved. The folder must exist with permission 0700. Errors: ErrExists,
// ErrUnsafe, ErrInvalid, and those of Open.
func Create(path string, cfg Config) (*Store, error) {
	cfg, err := cfg.filled()
	if err != nil {
		return nil, err
	}
	if err := checkFolder(path); err != nil {
		return nil, err
	}
	if _, err := os.Lstat(path); err == nil {
		return nil, ErrExists
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("store: the record cannot be made: %w", err)
	}
	if err := createFile(path, cfg); err != nil {
		return nil, err
	}
	return Open(path, cfg)
}

func createFile(path string, cfg Config) error {
	temp, err := newFile(path, "new")
	if temp == "" {
		return fmt.Errorf("store: the record cannot be made: %w", err)
	}
	defer os.Remove(temp)
	if err == nil {
		err = fill(temp, cfg)
	}
	if err == nil {
		err = syncPath(temp)
	}
	if err == nil {
		err = moveNew(temp, path)
	}
	if err == nil {
		err = syncPath(filepath.Dir(path))
	}
	if err != nil && !errors.Is(err, ErrExists) {
		return fmt.Errorf("store: the record cannot be made: %w", err)
	}
	return err
}

// fill writes buckets, format row and the head of no items.
func fill(path string, cfg Config) (err error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockWait, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	format, keys, err := newFormat(cfg.Rand, cfg.RecordKey, cfg.Realm)
	if err != nil {
		return err
	}
	root, err := newFrontier().root()
	if err != nil {
		return err
	}
	sealed, err := keys.sealHead(cfg.Rand, head{root: root})
	if err != nil {
		return err
	}
	return db.Update(func(tx *bolt.Tx) error {
		for _, letter := range allBuckets {
			if _, err := tx.CreateBucket([]byte{letter}); err != nil {
				return err
			}
		}
		b := tx.Bucket([]byte{bucketMeta})
		return errors.Join(b.Put(keyFormat, format), b.Put(keyHead, sealed))
	})
}

// moveNew moves the file to a path where nothing stands. A link refuses to replace, so of two
// that create at once one wins; where the file system has no links a look must do.
func moveNew(from, to string) error {
	err := os.Link(from, to)
	if err == nil {
		return nil
	}
	if _, there := os.Lstat(to); there == nil {
		return ErrExists
	}
	return os.Rename(from, to)
}

// syncPath makes a file, or the names in a folder, durable.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
