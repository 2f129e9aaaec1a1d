package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"valise.example/directory"
	"valise.example/gateway/node/crashpoint"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
	"valise.example/store"
)

const (
	directoryFolder = "directory"
	recordFile      = "record.db"

	// SocketFile is the name of the operator's door within a home.
	SocketFile = "valise.sock"

	// bundleLife is how long a KeyBundle and its sealing keys are good for. docs/protocol.md §8.4
	bundleLife = 45 * 24 * time.Hour
)

// InitConfig says what a new home is to be.
type InitConfig struct {
	Dir        string
	State      ident.State
	Realm      ident.Realm
	Tracks     []ident.Track // default: both; of a principal, its one desk
	Passphrase []byte        // nil: plain key files
	Relay      string        // host:port; empty: as the directory says
	Undo       time.Duration
	FourEyes   []ident.Track
	Now        func() time.Time
	Rand       io.Reader
	// FirstOfficer can do what is needed to add others; nil: the record has no officer yet.
	FirstOfficer *valisev1.Officer
}

// Init makes a home. It refuses a folder that holds anything, so that no key is ever overwritten.
func Init(ic InitConfig) error {
	c := Config{State: ic.State, Realm: ic.Realm, Tracks: ic.Tracks, Relay: ic.Relay, Undo: ic.Undo, FourEyes: ic.FourEyes}
	if len(c.Tracks) == 0 {
		c.Tracks = tracksOf(c.State)
	}
	if err := ownTracks(c.State, c.Tracks); err != nil {
		return &Fault{Why: valisev1.Reason_REASON_BAD_REQUEST, Detail: err.Error()}
	}
	if !c.Realm.Admits(c.State) {
		return &Fault{Why: valisev1.Reason_REASON_WRONG_REALM, Detail: fmt.Sprintf("State %s does not belong to this realm: invented States take part in exercises, all others in operation", c.State)}
	}
	if err := emptyFolder(ic.Dir); err != nil {
		return err
	}
	record, err := makeKeys(ic, c)
	if err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(ic.Dir, directoryFolder), 0o700); err != nil {
		return err
	}
	if err := makeRecord(ic, c, record); err != nil {
		return err
	}
	if err := writeHomeFormat(ic.Dir, HomeFormat); err != nil {
		return err
	}
	crashpoint.Hit("D1")
	// The configuration comes last: a home without it is no home, so a crash before this line
	// leaves nothing that could be started half made.
	return WriteDurably(filepath.Join(ic.Dir, configFile), c.Format())
}

func emptyFolder(dir string) error {
	if err := makeFolder(dir); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return &Fault{Why: valisev1.Reason_REASON_ALREADY_EXISTS, Detail: "the folder is not empty, and nothing in it is overwritten"}
	}
	return os.Chmod(dir, 0o700) //nolint:gosec // a folder needs its x bit
}

func makeRecord(ic InitConfig, c Config, key [32]byte) error {
	s, err := store.Create(filepath.Join(ic.Dir, recordFile), store.Config{
		RecordKey: key, Realm: c.Realm, Now: ic.Now, Rand: ic.Rand,
	})
	if err != nil {
		return err
	}
	if ic.FirstOfficer != nil {
		roster := &officers{store: s, now: ic.Now, rand: ic.Rand, tracks: c.Tracks}
		if err := roster.first(context.Background(), ic.FirstOfficer); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	return s.Close()
}

// Home is a home folder opened without being run: configuration, keys and directory.
type Home struct {
	dir    string
	config Config
	keys   *keyring
	// bundleWork: one at a time looks whether a bundle of ours is due, and makes it.
	bundleWork sync.Mutex
}

// OpenHome reads configuration and keys; it takes no lock, so it works beside a running node.
func OpenHome(dir string, passphrase []byte) (*Home, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, &Fault{Why: valisev1.Reason_REASON_NOT_FOUND, Detail: "there is no such home"}
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, unsafePermissions("the home folder")
	}
	c, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	return newHome(dir, c, passphrase)
}

// newHome reads the keys of a home whose configuration is known.
func newHome(dir string, c Config, passphrase []byte) (*Home, error) {
	keys, err := openKeys(dir, c, passphrase)
	if err != nil {
		return nil, err
	}
	return &Home{dir: dir, config: c, keys: keys}, nil
}

// Config is what valise.toml says.
func (h *Home) Config() Config { return h.config }

// Addresses are our POCs.
func (h *Home) Addresses() []ident.Address { return h.config.Addresses() }

// PointKeys are the public signing keys of our POCs, which the State's entry names, oldest first.
func (h *Home) PointKeys() map[ident.Track][]seal.PublicKey {
	out := map[ident.Track][]seal.PublicKey{}
	for _, track := range h.config.Tracks {
		for _, k := range h.keys.signingOf(track) {
			out[track] = append(out[track], k.key.Public())
		}
	}
	return out
}

// RelayNKey is the public nkey under which this home connects to the relay.
func (h *Home) RelayNKey() (string, error) { return h.keys.nkey() }

// Directory opens the folder that holds the list, the entries and the bundles.
func (h *Home) Directory() (*directory.Book, error) {
	return directory.Open(filepath.Join(h.dir, directoryFolder), h.config.Realm)
}

func (h *Home) keysDir() string { return filepath.Join(h.dir, keysFolder) }

// KeyBundles makes one signed bundle for each POC, with keys that the entry names: it goes to the
// manager together with it. docs/protocol.md §8.4
func (h *Home) KeyBundles(entry *valisev1.Entry, now time.Time) ([]*valisev1.SignedObject, error) {
	var out []*valisev1.SignedObject
	for _, a := range h.Addresses() {
		signed, err := h.keyBundle(a, entry.GetNumber(), 0, namedIn(h.config.Realm, entry), now)
		if err != nil {
			return nil, err
		}
		out = append(out, signed)
	}
	return out, nil
}

// keyBundle makes a bundle whose number is above floor: max(last + 1, Unix seconds). The number is
// on disk before the bundle exists, and one process at a time makes one, so that no number is ever
// used twice. docs/protocol.md §8.4
func (h *Home) keyBundle(a ident.Address, entryNumber, floor uint64, named speakers, now time.Time) (*valisev1.SignedObject, error) {
	key, err := h.keys.speaking(h.config.Realm, a.Track, named, now)
	if err != nil {
		return nil, err
	}
	nkey, err := h.RelayNKey()
	if err != nil {
		return nil, err
	}
	keys := h.keysDir()
	unlock, err := lockFolder(keys)
	if err != nil {
		return nil, err
	}
	defer unlock()
	box, err := readMailbox(keys, a.Track)
	if err != nil {
		return nil, err
	}
	box.Bundle = directory.NextBundleNumber(max(box.Bundle, floor), now)
	if err := writeMailbox(keys, a.Track, box); err != nil {
		return nil, err
	}
	signed, err := directory.SignBundle(directory.BuildBundle(directory.BundleConfig{
		Realm: h.config.Realm, Address: a, EntryNumber: entryNumber, Number: box.Bundle, SealingKeys: h.keys.sealingDates(a.Track, now),
		Mailbox: box.Mailbox, SenderToken: box.Token, RelayNKeys: []string{nkey},
		Issued: now, Expires: now.Add(bundleLife),
	}), key)
	crashpoint.Hit("K2")
	return signed, err
}

// speaks reports whether a is one of our POCs.
func (c Config) speaks(a ident.Address) bool { return slices.Contains(c.Addresses(), a) }
