package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"

	"valise.example/proto/ident"
)

// Config is what a record needs from its node.
type Config struct {
	// RecordKey opens the record; 32 random bytes that the node keeps outside the file.
	RecordKey [32]byte
	// Realm that the record belongs to, for ever. docs/protocol.md §2.2
	Realm ident.Realm
	// Now is the node's clock; nil means time.Now. It chooses the month of a data key and
	// dates items that come without a date.
	Now func() time.Time
	// Rand gives salts, data keys and nonces; nil means crypto/rand.
	Rand io.Reader
	// Logger gets attributes without content; nil means none.
	Logger *slog.Logger
	// Restored says that the node treats the file as a restored backup and begins a new epoch.
	// Then a record is opened too whose last commit may be missing because a meta page is
	// damaged; otherwise that is *Damaged. docs/protocol.md §7.6
	Restored bool
}

// filled checks the configuration and puts the defaults in.
func (c Config) filled() (Config, error) {
	if c.RecordKey == ([32]byte{}) {
		return c, fmt.Errorf("%w: no record key", ErrInvalid)
	}
	if _, err := ident.ParseRealm(string(c.Realm)); err != nil {
		return c, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// Store is one open record. All methods are safe for several goroutines.
type Store struct {
	cfg      Config
	db       *bolt.DB
	readOnly bool

	keys   atomic.Pointer[keyring]
	head   atomic.Pointer[head]
	edge   *frontier // owned by the committer
	failed atomic.Pointer[failure]

	queue    chan *request
	stopping chan struct{}
	dead     chan struct{}

	// durable is the id of the last commit that is surely on disk, flight the one under way.
	durable atomic.Int64
	flight  atomic.Pointer[flight]
	// landed runs between a commit's return and its being known as durable.
	landed func()

	closing  sync.Once
	closeErr error
}

// failure is why a Store refuses everything.
type failure struct{ err error }

// flight is a commit under way; done closes when it has ended.
type flight struct{ done chan struct{} }

// Open opens the record at path for one process. After a run that did not end in Close a child
// process checks the file first (MaybeCheckChild). Errors: ErrNoStore, ErrUnsafe, ErrInUse,
// ErrWrongKey, ErrWrongRealm, ErrFormat, ErrLater, ErrNoChild, ErrInvalid, *Damaged; VerifyFile says what
// is damaged.
func Open(path string, cfg Config) (*Store, error) { return open(path, cfg, false) }

// OpenReadOnly opens a record that no running node holds, to read, verify and export it.
// Update answers ErrReadOnly. Errors are those of Open.
func OpenReadOnly(path string, cfg Config) (*Store, error) { return open(path, cfg, true) }

func open(path string, cfg Config, readOnly bool) (*Store, error) {
	cfg, err := cfg.filled()
	if err != nil {
		return nil, err
	}
	if err := checkPermissions(path); err != nil {
		return nil, err
	}
	if err := checkUnclean(path, cfg); err != nil {
		return nil, err
	}
	db, err := openBolt(path, readOnly)
	if err != nil {
		return nil, err
	}
	s := &Store{
		cfg: cfg, db: db, readOnly: readOnly,
		queue: make(chan *request, queueLength), stopping: make(chan struct{}), dead: make(chan struct{}),
	}
	s.flight.Store(&flight{done: make(chan struct{})})
	if err := s.load(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if readOnly {
		close(s.dead)
		return s, nil
	}
	if err := s.markOpen(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	go s.loop()
	return s, nil
}

// checkUnclean lets a child look at a file that was not closed in order.
func checkUnclean(path string, cfg Config) error {
	o, err := peek(path)
	if err != nil {
		return err
	}
	if !o.whole && !cfg.Restored {
		return &Damaged{What: "a meta page is not whole, so the last commit may be missing"}
	}
	if o.clean && o.whole {
		return nil
	}
	began := cfg.Now()
	err = checkInChild(path)
	if errors.Is(err, ErrInUse) {
		return err // a record in use is not closed yet, which says nothing about it
	}
	if errors.Is(err, ErrUnchecked) {
		cfg.Logger.Warn("the record was not closed in order and could not be checked")
		return err
	}
	cfg.Logger.Info("the record was not closed in order and was checked",
		slog.Bool("sound", err == nil), slog.Duration("took", cfg.Now().Sub(began)))
	return err
}

// load reads keys, head and the edge of the tree, and compares them: a record whose tree does
// not end in its head is not opened.
func (s *Store) load() (err error) {
	defer s.contain(&err)()
	return s.db.View(func(tx *bolt.Tx) error {
		keys, err := readKeys(tx, s.cfg.RecordKey, s.cfg.Realm)
		if err != nil {
			return err
		}
		h, err := readHead(tx, keys)
		if err != nil {
			return err
		}
		edge, err := matchHead(tx, h)
		if err != nil {
			return err
		}
		s.keys.Store(keys)
		s.head.Store(&h)
		s.edge = edge
		s.durable.Store(int64(tx.ID()))
		return nil
	})
}

// matchHead checks that items and tree end where the head says. docs/protocol.md §9.2
func matchHead(tx *bolt.Tx, h head) (*frontier, error) {
	items, err := bucketOf(tx, bucketItems)
	if err != nil {
		return nil, err
	}
	tree, err := bucketOf(tx, bucketTree)
	if err != nil {
		return nil, err
	}
	last, _ := items.Cursor().Last()
	n, ok := parseNumberKey(last)
	if (h.size == 0) != (last == nil) || h.size > 0 && (!ok || n != h.size-1) {
		return nil, &Damaged{What: "the items do not end where the head says"}
	}
	edge, root, err := loadFrontier(h.size, storedHashes(tree))
	if err != nil {
		return nil, err
	}
	if root != tlog.Hash(h.root) {
		return nil, &Damaged{What: "the tree does not end in the head"}
	}
	return edge, nil
}

// markOpen makes the first commit of this run, which sets the mark of an unclean close.
func (s *Store) markOpen() (err error) {
	defer s.contain(&err)()
	if err := s.db.Update(func(tx *bolt.Tx) error {
		s.durable.Store(int64(tx.ID()))
		return nil
	}); err != nil {
		return fmt.Errorf("store: the record cannot be written: %w", err)
	}
	return nil
}

// Close waits for what is being committed and for open Views, saves the free list and closes
// the file. What still waits in the queue is answered with ErrClosed. A second Close gives the
// first one's answer.
func (s *Store) Close() error {
	s.closing.Do(func() {
		close(s.stopping)
		<-s.dead
		s.closeErr = s.shut()
	})
	return s.closeErr
}

// shut saves the free list, so that the next Open need not look for free pages. After an
// error it does not write: the mark stays and the next Open checks the file.
func (s *Store) shut() (err error) {
	if !s.readOnly && s.failed.Load() == nil {
		s.db.NoFreelistSync = false
		err = s.containedUpdate(func(*bolt.Tx) error { return nil })
	}
	if err := errors.Join(err, s.db.Close()); err != nil {
		return fmt.Errorf("store: the record was not closed in order: %w", err)
	}
	return nil
}

// Head gives size and root of the tree as of the last durable commit. docs/protocol.md §9.2
func (s *Store) Head(ctx context.Context) (Head, error) {
	if err := s.usable(ctx); err != nil {
		return Head{}, err
	}
	return s.head.Load().public(), nil
}

// ProveItem proves that the tree of size items holds an item; size 0 means the present tree.
// Errors: ErrNotFound, ErrInvalid for a size that the tree never had or that does not hold it.
func (s *Store) ProveItem(ctx context.Context, number, size uint64) (ItemProof, error) {
	var proof ItemProof
	err := s.read(ctx, func(snap *snapshot) error {
		if number >= snap.head.size {
			return ErrNotFound
		}
		head, stored, err := snap.headAt(size)
		if err != nil {
			return err
		}
		if number >= head.Size {
			return fmt.Errorf("%w: item %d is not in a tree of %d", ErrInvalid, number, head.Size)
		}
		path, err := tlog.ProveRecord(int64(head.Size), int64(number), stored)
		if err != nil {
			return err
		}
		_, leaf, err := snap.itemAndLeaf(number)
		proof = ItemProof{Leaf: leaf, Head: head, Path: fromHashes(path)}
		return err
	})
	return proof, err
}

// ProveTree proves that the tree of size items begins with the tree of old items; size 0
// means the present tree. Errors: ErrInvalid for sizes that the tree never had.
func (s *Store) ProveTree(ctx context.Context, old, size uint64) (TreeProof, error) {
	var proof TreeProof
	err := s.read(ctx, func(snap *snapshot) error {
		head, stored, err := snap.headAt(size)
		if err != nil {
			return err
		}
		if old > head.Size {
			return fmt.Errorf("%w: a tree of %d does not begin with one of %d", ErrInvalid, head.Size, old)
		}
		root, err := tlog.TreeHash(int64(old), stored)
		if err != nil {
			return err
		}
		proof = TreeProof{Old: Head{Size: old, Root: root}, Head: head}
		if old == 0 {
			return nil
		}
		path, err := tlog.ProveTree(int64(head.Size), int64(old), stored)
		proof.Path = fromHashes(path)
		return err
	})
	return proof, err
}

// headAt gives the head that the tree had at a size, and its hashes.
func (s *snapshot) headAt(size uint64) (Head, tlog.HashReader, error) {
	if size == 0 {
		size = s.head.size
	}
	stored, err := s.proofReader(size)
	if err != nil {
		return Head{}, nil, err
	}
	root, err := tlog.TreeHash(int64(min(size, math.MaxInt64)), stored)
	return Head{Size: size, Root: root}, stored, err
}
