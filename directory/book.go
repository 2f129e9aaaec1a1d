package directory

import (
	"crypto/sha256"
	"path/filepath"
	"sync"
	"sync/atomic"

	"valise.example/proto/ident"
	"valise.example/proto/mutant"
	valisev1 "valise.example/proto/valise/v1"
)

// Book is the directory as one node holds it, in a folder of its own. All methods may be
// called from anywhere; those that change it wait for each other, also between processes.
type Book struct {
	dir      string
	realm    ident.Realm
	disk     disk
	mu       sync.Mutex
	snapshot atomic.Pointer[Snapshot]
	// read is the hash of current.toml as it was last read or written here.
	read [32]byte
}

// Open opens or makes the folder and verifies all that is in it. The error is a *Refusal:
// RECORD_DAMAGED when a file does not verify, WRONG_REALM, UNSAFE_PERMISSIONS or
// STORAGE_UNKNOWN.
func Open(dir string, realm ident.Realm) (*Book, error) { return openOn(realDisk{}, dir, realm) }

func openOn(d disk, dir string, realm ident.Realm) (*Book, error) {
	if _, err := ident.ParseRealm(string(realm)); err != nil {
		return nil, aboutFile.refuse(valisev1.Reason_REASON_WRONG_REALM, "no directory without a realm: %w", err)
	}
	if err := makeFolder(dir); err != nil {
		return nil, err
	}
	b := &Book{dir: dir, realm: realm, disk: d}
	b.snapshot.Store(newSnapshot(newHeld(realm)))
	_, err := b.Reload()
	if err != nil {
		return nil, err
	}
	return b, nil
}

// Realm is the realm that the book was opened for.
func (b *Book) Realm() ident.Realm { return b.realm }

// Snapshot is the directory now: empty, never nil, before the first import.
func (b *Book) Snapshot() *Snapshot { return b.snapshot.Load() }

// Reload takes up what another process wrote to the folder; changed is false when there was
// nothing. On an error the snapshot stays as it is.
func (b *Book) Reload() (changed bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	unlock, err := lockFolder(b.dir, false)
	if err != nil {
		return false, err
	}
	defer unlock()
	return b.reload()
}

// reload is called with the lock held.
func (b *Book) reload() (changed bool, err error) {
	text, err := readBounded(filepath.Join(b.dir, currentFile), maxCurrentSize)
	if err != nil {
		return false, err
	}
	sum := sha256.Sum256(text)
	if sum == b.read {
		return false, nil
	}
	if text == nil {
		if b.Snapshot().held.list == nil {
			return false, nil
		}
		// What was in force is gone: to begin again would forget the highest numbers. P6
		return false, damaged("%s is gone while its book is in use", currentFile)
	}
	h, err := load(b.dir, b.realm, text)
	if err != nil {
		return false, err
	}
	b.read = sum
	b.snapshot.Store(newSnapshot(h))
	return true, nil
}

// change makes one step under both locks: from what is on disk now, to disk, into force.
func (b *Book) change(step func(*held) (*held, error)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	unlock, err := lockFolder(b.dir, true)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := b.reload(); err != nil {
		return err
	}
	next, err := step(b.Snapshot().held)
	if err != nil || next == nil {
		return err
	}
	if mutant.Is("directory-not-persisted") {
		b.snapshot.Store(newSnapshot(next))
		return nil
	}
	// Written before it is used: a restart never finds a lower number. docs/protocol.md §8.3
	text, err := next.save(b.disk, b.dir)
	if err != nil {
		return err
	}
	b.read = sha256.Sum256(text)
	b.snapshot.Store(newSnapshot(next))
	return nil
}

// Import takes a directory file into force, wholly or not at all. The error is a *Refusal;
// the previous list then stays in force, also after a restart. A list past its date is taken
// and is Stale. The same file again changes nothing. docs/protocol.md §8.6
func (b *Book) Import(file []byte, opts ImportOptions) (Changes, error) {
	o, err := parseOffer(file)
	if err != nil {
		return Changes{}, err
	}
	var changes Changes
	err = b.change(func(h *held) (*held, error) {
		next, c, err := h.take(o, opts)
		changes = c
		return next, err
	})
	if err != nil {
		return Changes{}, err
	}
	return changes, nil
}

// Check does all that Import does, but writes nothing.
func (b *Book) Check(file []byte, opts ImportOptions) (Changes, error) {
	o, err := parseOffer(file)
	if err != nil {
		return Changes{}, err
	}
	_, c, err := b.Snapshot().held.take(o, opts)
	if err != nil {
		return Changes{}, err
	}
	return c, nil
}

// CheckFile verifies a directory file without any book and gives what it would mean to a
// node that never saw another.
func CheckFile(realm ident.Realm, file []byte, opts ImportOptions) (*Snapshot, Changes, error) {
	o, err := parseOffer(file)
	if err != nil {
		return nil, Changes{}, err
	}
	next, c, err := newHeld(realm).take(o, opts)
	if err != nil {
		return nil, Changes{}, err
	}
	return newSnapshot(next), c, nil
}

// LearnBundle takes a peer's key bundle from a KeyNotice. changed is false for the one that
// is held already. The error is a *Refusal; ROLLBACK for an older one is no attack by
// itself, notices can overtake each other. docs/protocol.md §8.4
func (b *Book) LearnBundle(o *valisev1.SignedObject) (changed bool, err error) {
	learned, err := parseBundle(b.realm, o)
	if err != nil {
		return false, err
	}
	err = b.change(func(h *held) (*held, error) {
		next, err := h.learn(learned)
		changed = next != nil
		return next, err
	})
	return changed && err == nil, err
}

// learn gives nil when the bundle is in use already.
func (h *held) learn(l *bundle) (*held, error) {
	s := h.states[l.address.State]
	if s == nil || s.current == nil {
		return nil, l.about().refuse(valisev1.Reason_REASON_UNKNOWN_KEY, "its State has no entry in force")
	}
	if err := l.speaksFor(h.realm, s.current, s.revoked()); err != nil {
		return nil, err
	}
	if highest, seen := h.marks[l.address]; seen {
		switch {
		case l.mark().before(highest):
			return nil, l.about().refuse(valisev1.Reason_REASON_ROLLBACK, "older than the one held")
		case !highest.before(l.mark()) && highest.hash != l.hash:
			return nil, l.about().refuse(valisev1.Reason_REASON_EQUIVOCATION, "differs from the one held under this number")
		case highest.hash == l.hash && h.bundles[l.address] != nil:
			return nil, nil
		}
	}
	claimed := newOwners()
	for _, a := range sortedAddresses(h.bundles) {
		if a == l.address {
			continue
		}
		if err := claimed.claimBundle(h.bundles[a]); err != nil {
			return nil, err
		}
	}
	if err := claimed.claimBundle(l); err != nil {
		return nil, err
	}
	next := h.successor()
	next.bundles[l.address], next.marks[l.address] = l, l.mark()
	next.rosters++
	return next, nil
}
