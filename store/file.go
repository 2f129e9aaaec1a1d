package store

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// lockWait is how long to wait for a file that another process is just letting go of.
const lockWait = 500 * time.Millisecond

// mapAhead is how much address space the file gets from the start, in bytes: a commit that
// makes the map grow must wait for all readers, so it should seldom have to.
const mapAhead = 256 << 20

// growStep is by how much the file grows, in bytes: each step costs one more sync, and a step
// as large as bbolt's own makes every new record 16 MiB.
const growStep = 4 << 20

// checkPermissions refuses a file or folder that others can reach. Content is sealed, but who
// can write the file can destroy it.
func checkPermissions(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNoStore
	}
	if err != nil {
		return fmt.Errorf("store: the record cannot be reached: %w", err)
	}
	if !info.Mode().IsRegular() {
		return ErrFormat
	}
	if reachable(info) {
		return ErrUnsafe
	}
	return checkFolder(path)
}

func checkFolder(path string) error {
	info, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("store: the record's folder cannot be reached: %w", err)
	}
	if reachable(info) {
		return ErrUnsafe
	}
	return nil
}

// reachable reports whether group or others have any permission; Windows has no such bits.
func reachable(info fs.FileInfo) bool {
	return runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0
}

// openBolt opens the bbolt file. What a damaged file makes bbolt do in this goroutine, panic
// or touch memory that is not there, comes back as *Damaged.
func openBolt(path string, readOnly bool) (db *bolt.DB, err error) {
	var file *os.File
	defer func() {
		if p := recover(); p != nil {
			_ = file.Close()
			db, err = nil, &Damaged{What: "the file cannot be opened"}
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	options := &bolt.Options{
		Timeout: lockWait, ReadOnly: readOnly, NoFreelistSync: true,
		FreelistType: bolt.FreelistMapType, NoStatistics: true, NoSync: neverSync(),
		OpenFile: func(name string, flag int, mode fs.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag&^os.O_CREATE, mode)
			file = f
			return f, err
		},
	}
	if !readOnly {
		options.InitialMmapSize = mapAhead
	}
	db, err = bolt.Open(path, 0o600, options)
	if err != nil {
		return nil, openError(err)
	}
	if err := stillAt(path, file); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	db.AllocSize = growStep
	return db, nil
}

// stillAt refuses a file that was replaced while it was waited for: what were written to it would be
// lost.
func stillAt(path string, f *os.File) error {
	here, err1 := os.Stat(path)
	opened, err2 := f.Stat()
	if err1 != nil || err2 != nil || !os.SameFile(here, opened) {
		return ErrInUse
	}
	return nil
}

func openError(err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return ErrInUse
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrVersionMismatch), errors.Is(err, bolterrors.ErrChecksum):
		return &Damaged{What: "the file cannot be opened", Err: err}
	}
	return fmt.Errorf("store: the record cannot be opened: %w", err)
}

// boltMeta is what a bbolt meta page says, in the order of the file, after a page header.
type boltMeta struct {
	magic, version, pageSize, flags uint32
	root, rootSequence              uint64
	freelist, pages, txid, checksum uint64
}

const (
	boltPageHeader  = 16
	boltMetaSize    = 64
	boltMagic       = 0xED0CDAED
	boltVersion     = 2
	boltNoFreelist  = ^uint64(0)
	boltLargestPage = 1024 << 14
)

func parseBoltMeta(b []byte) (m boltMeta, ok bool) {
	if len(b) < boltPageHeader+boltMetaSize {
		return boltMeta{}, false
	}
	b = b[boltPageHeader:]
	order := binary.NativeEndian
	m = boltMeta{
		magic: order.Uint32(b), version: order.Uint32(b[4:]), pageSize: order.Uint32(b[8:]), flags: order.Uint32(b[12:]),
		root: order.Uint64(b[16:]), rootSequence: order.Uint64(b[24:]),
		freelist: order.Uint64(b[32:]), pages: order.Uint64(b[40:]), txid: order.Uint64(b[48:]), checksum: order.Uint64(b[56:]),
	}
	sum := fnv.New64a()
	sum.Write(b[:56])
	ok = m.magic == boltMagic && m.version == boltVersion && m.checksum == sum.Sum64() && m.pageSize >= 1024 && m.pageSize <= boltLargestPage
	return m, ok
}

// outside is what the meta pages tell before the rest of the file is trusted.
type outside struct {
	// clean is false after a run that did not end in an orderly Close: while a Store is open
	// the free list is not saved, and Close saves it, so a file without one is the mark of an
	// unclean close. The first commit of every Open sets that mark before anything else.
	clean bool
	// whole is false where one of the two meta pages is not valid. bbolt then takes the other
	// and with it the commit before the last, silently. No power failure does that, for a meta
	// page fits into one sector: the page was damaged later, and what its commit held may have
	// been acknowledged.
	whole bool
}

// peek reads the meta pages. A page that a running process is just writing may look damaged,
// so it looks again before it says so.
func peek(path string) (o outside, err error) {
	for range 3 {
		if o, err = peekOnce(path); err != nil || o.whole {
			return o, err
		}
		time.Sleep(5 * time.Millisecond)
	}
	return o, err
}

func peekOnce(path string) (outside, error) {
	f, err := os.Open(path)
	if err != nil {
		return outside{}, fmt.Errorf("store: the record cannot be read: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return outside{}, fmt.Errorf("store: the record cannot be read: %w", err)
	}
	metas, err := readMetas(f)
	if err != nil {
		return outside{}, fmt.Errorf("store: the record cannot be read: %w", err)
	}
	if len(metas) == 0 {
		return outside{}, &Damaged{What: "neither meta page of the file is whole"}
	}
	newest := slices.MaxFunc(metas, func(a, b boltMeta) int { return cmp.Compare(a.txid, b.txid) })
	if newest.pages > uint64(info.Size())/uint64(newest.pageSize) {
		return outside{}, &Damaged{What: "the file is shorter than it says"}
	}
	return outside{clean: newest.freelist != boltNoFreelist, whole: len(metas) == 2}, nil
}

// readMetas gives the valid ones of the two meta pages. The second stands one page after the
// first; where the first is damaged every page size is tried.
func readMetas(f io.ReaderAt) ([]boltMeta, error) {
	first, ok, err := metaAt(f, 0)
	if err != nil {
		return nil, err
	}
	if ok {
		second, also, err := metaAt(f, int64(first.pageSize))
		if also {
			return []boltMeta{first, second}, err
		}
		return []boltMeta{first}, err
	}
	for at := int64(1024); at <= boltLargestPage; at *= 2 {
		if m, ok, err := metaAt(f, at); ok || err != nil {
			return []boltMeta{m}, err
		}
	}
	return nil, nil
}

func metaAt(f io.ReaderAt, at int64) (boltMeta, bool, error) {
	var page [boltPageHeader + boltMetaSize]byte
	if _, err := f.ReadAt(page[:], at); err != nil {
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return boltMeta{}, false, err
	}
	m, ok := parseBoltMeta(page[:])
	return m, ok, nil
}
