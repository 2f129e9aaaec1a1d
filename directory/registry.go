package directory

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// Names of the files of a registry that others open.
const (
	// ManagerKeyFile is the signing key of the manager who keeps it with the folder.
	ManagerKeyFile = "manager.key"
	// ImportFile is the latest directory file.
	ImportFile = "directory.import"
	// RosterFile is the latest roster.
	RosterFile = "relay.roster"

	registryFile   = "registry.toml"
	managerSetFile = "manager-set"
	admittedFolder = "admitted"
	bookFolder     = "book"
	exportSuffix   = ".export"
	cardSuffix     = ".card"
)

// DefaultListLife is how long a list is fresh when nobody says otherwise.
const DefaultListLife = 30 * 24 * time.Hour

var aboutRegistry = subject{object: "registry"}

// Registry is the manager's folder: who is admitted, and what has been published. Every
// method waits for other processes that change the folder.
type Registry struct {
	dir   string
	realm ident.Realm
	disk  disk
	book  *Book
	// set is the newest manager set that is agreed on here, ahead of the book's until a list is
	// made under it; nil while the managers still wait for each other's cards.
	set    *managerSet
	notes  registryNotes
	signed signedBefore
}

// registryNotes is registry.toml.
type registryNotes struct {
	Realm      string          `toml:"realm"`
	ReadingKey string          `toml:"reading_key"`
	Left       []leftNote      `toml:"left"`
	Confirmed  []confirmedRoot `toml:"confirmed_root"`
	// Expects is the quorum that the folder was made to join.
	Expects *expectedQuorum `toml:"expects"`
}

type expectedQuorum struct {
	Threshold int `toml:"threshold"`
	Managers  int `toml:"managers"`
}

type leftNote struct {
	State string    `toml:"state"`
	At    time.Time `toml:"at"`
}

type confirmedRoot struct {
	State string `toml:"state"`
	Root  string `toml:"root"`
}

// InitRegistry makes a registry that begins with a manager set which all its managers have
// signed. A folder that has a registry is refused with ALREADY_EXISTS. docs/protocol.md §8.3
func InitRegistry(dir string, realm ident.Realm, set *valisev1.SignedObject) (*Registry, error) {
	if err := refuseUsed(dir); err != nil {
		return nil, err
	}
	first, err := parseManagerSet(realm, set)
	if err != nil {
		return nil, err
	}
	if err := first.requireAll(realm); err != nil {
		return nil, err
	}
	reading, err := seal.GenerateSealingKey()
	if err != nil {
		return nil, err
	}
	if err := makeFolder(filepath.Join(dir, admittedFolder)); err != nil {
		return nil, err
	}
	b, err := encode(set)
	if err != nil {
		return nil, err
	}
	r := &Registry{dir: dir, realm: realm, disk: realDisk{}, set: first}
	r.notes = registryNotes{Realm: string(realm), ReadingKey: reading.Secret()}
	if err := writeDurably(r.disk, r.path(managerSetFile), b); err != nil {
		return nil, storage(err)
	}
	if err := r.saveNotes(); err != nil {
		return nil, err
	}
	return OpenRegistry(dir, realm)
}

func refuseUsed(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, registryFile)); err == nil {
		return aboutRegistry.refuse(valisev1.Reason_REASON_ALREADY_EXISTS, "this folder has a registry already")
	}
	return nil
}

// OpenRegistry opens a registry and verifies what it has published. The error is a *Refusal:
// NOT_FOUND when there is none, WRONG_REALM, RECORD_DAMAGED or STORAGE_UNKNOWN.
func OpenRegistry(dir string, realm ident.Realm) (*Registry, error) {
	return openRegistryOn(realDisk{}, dir, realm)
}

func openRegistryOn(d disk, dir string, realm ident.Realm) (*Registry, error) {
	r := &Registry{dir: dir, realm: realm, disk: d}
	if err := r.load(); err != nil {
		return nil, err
	}
	var err error
	r.book, err = openOn(d, r.path(bookFolder), realm)
	return r, err
}

// load reads all but the book.
func (r *Registry) load() error {
	r.notes = registryNotes{}
	if err := r.loadNotes(); err != nil {
		return err
	}
	if err := r.loadSigned(); err != nil {
		return err
	}
	b, err := readBounded(r.path(managerSetFile), maxObjectSize)
	if err != nil || b == nil && r.notes.Expects != nil {
		r.set = nil
		return err
	}
	o := &valisev1.SignedObject{}
	if err := decode(aboutSet, b, maxObjectSize, closed, o); err != nil {
		return err
	}
	r.set, err = parseManagerSet(r.realm, o)
	return err
}

func (r *Registry) path(name string) string { return filepath.Join(r.dir, name) }

func (r *Registry) loadNotes() error {
	b, err := readBounded(r.path(registryFile), maxCurrentSize)
	if err != nil {
		return err
	}
	if b == nil {
		return aboutRegistry.refuse(valisev1.Reason_REASON_NOT_FOUND, "this folder has no registry")
	}
	if err := decodeStrict(b, &r.notes); err != nil {
		return damaged("%s cannot be read: %w", registryFile, err)
	}
	return inRealm(aboutRegistry, r.realm, r.notes.Realm)
}

func (r *Registry) saveNotes() error {
	var text bytes.Buffer
	if err := toml.NewEncoder(&text).Encode(r.notes); err != nil {
		return storage(err)
	}
	return storage(writeDurably(r.disk, r.path(registryFile), text.Bytes()))
}

// Realm is the realm that the registry was made for.
func (r *Registry) Realm() ident.Realm { return r.realm }

// Managers is the manager set whose quorum signs next; its number is 0 while the managers still wait
// for each other's cards.
func (r *Registry) Managers() ManagerInfo {
	if r.managers() == nil {
		return ManagerInfo{}
	}
	return r.managers().info()
}

// Published is the directory as last published; empty, never nil, before.
func (r *Registry) Published() *Snapshot { return r.book.Snapshot() }

// managers is the newest set that is agreed on, nil while there is none.
func (r *Registry) managers() *managerSet {
	held := r.book.Snapshot().held.managers()
	if held == nil || r.set != nil && r.set.set.GetNumber() > held.set.GetNumber() {
		return r.set
	}
	return held
}

// chain is every set that the next directory file carries.
func (r *Registry) chain() []*managerSet {
	sets := r.book.Snapshot().held.sets
	if newest := r.managers(); newest != nil && (len(sets) == 0 || newest != sets[len(sets)-1]) {
		return append(slices.Clone(sets), newest)
	}
	return sets
}

// exports reads all admitted entries, ordered by State.
func (r *Registry) exports() (map[ident.State]*export, error) {
	found := map[ident.State]*export{}
	err := r.eachAdmitted(exportSuffix, func(b []byte) error {
		x, err := parseExport(r.realm, b)
		if err == nil {
			found[x.entry.state] = x
		}
		return err
	})
	return found, err
}

// cards reads all admitted relay cards, ordered by file.
func (r *Registry) cards() ([]*valisev1.SignedObject, error) {
	var found []*valisev1.SignedObject
	err := r.eachAdmitted(cardSuffix, func(b []byte) error {
		o := &valisev1.SignedObject{}
		if err := decode(subject{object: "relay card"}, b, maxObjectSize, closed, o); err != nil {
			return err
		}
		found = append(found, o)
		return nil
	})
	return found, err
}

func (r *Registry) eachAdmitted(suffix string, visit func([]byte) error) error {
	files, err := os.ReadDir(r.path(admittedFolder))
	if err != nil {
		return storage(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), suffix) {
			continue
		}
		b, err := readBounded(filepath.Join(r.path(admittedFolder), f.Name()), MaxExportSize)
		if err != nil {
			return err
		}
		if err := visit(b); err != nil {
			return err
		}
	}
	return nil
}

func (r *Registry) leftAt(state ident.State, otherwise time.Time) time.Time {
	for _, n := range r.notes.Left {
		if n.State == string(state) {
			return n.At
		}
	}
	return otherwise
}

func (r *Registry) confirmed() map[ident.State]ident.KeyID {
	roots := map[ident.State]ident.KeyID{}
	for _, c := range r.notes.Confirmed {
		if id, err := ident.ParseKeyID(c.Root); err == nil {
			roots[ident.State(c.State)] = id
		}
	}
	return roots
}

// forget drops the notes on a State.
func (r *Registry) forget(state ident.State) {
	r.notes.Left = slices.DeleteFunc(r.notes.Left, func(n leftNote) bool { return n.State == string(state) })
	r.notes.Confirmed = slices.DeleteFunc(r.notes.Confirmed, func(c confirmedRoot) bool { return c.State == string(state) })
}

func cardName(card *valisev1.RelayCard) string {
	return hashName(sha256.Sum256([]byte(card.GetName()))) + cardSuffix
}
