package directory

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/BurntSushi/toml"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

const (
	currentFile    = "current.toml"
	objectsFolder  = "objects"
	maxCurrentSize = 16 << 20
	maxObjectSize  = 2 << 20
)

// current is the file that commits: it names by hash what is in force.
type current struct {
	Realm       string            `toml:"realm"`
	Rosters     uint64            `toml:"rosters"`
	ReadingKey  string            `toml:"reading_key"`
	ManagerSets []string          `toml:"manager_sets"`
	List        string            `toml:"list"`
	PastLists   []string          `toml:"past_lists"`
	States      []currentStanding `toml:"state"`
	Bundles     []currentBundle   `toml:"bundle"`
}

type currentStanding struct {
	State       string   `toml:"state"`
	Current     string   `toml:"current"`
	Quarantined string   `toml:"quarantined"`
	Earlier     []string `toml:"earlier"`
	Denied      []string `toml:"denied"`
	// CameLater and Called: whether somebody has compared the root. docs/protocol.md §8.5
	CameLater bool         `toml:"came_later,omitempty"`
	Called    *currentCall `toml:"called,omitempty"`
}

// currentBundle names a bundle in use, one waiting for its entry, and the highest number
// ever taken of the address, which stays when the bundle is gone. docs/protocol.md §8.4
type currentBundle struct {
	Address string `toml:"address"`
	InUse   string `toml:"in_use"`
	Waiting string `toml:"waiting"`
	Entry   uint64 `toml:"highest_entry"`
	Number  uint64 `toml:"highest_number"`
	Hash    string `toml:"highest_hash"`
}

// save writes every object, then the file that names them, and only then clears away what
// nothing names. A crash in between leaves the directory as it was. docs/protocol.md §8.3
func (h *held) save(d disk, dir string) ([]byte, error) {
	objects := filepath.Join(dir, objectsFolder)
	if err := makeFolder(objects); err != nil {
		return nil, err
	}
	c, named := h.describe()
	for name, o := range named {
		path := filepath.Join(objects, name)
		if _, err := os.Stat(path); err == nil {
			continue
		}
		b, err := encode(o)
		if err != nil {
			return nil, storage(err)
		}
		if err := d.write(path, b); err != nil {
			return nil, storage(err)
		}
	}
	if err := d.syncFolder(objects); err != nil {
		return nil, storage(err)
	}
	var text bytes.Buffer
	if err := toml.NewEncoder(&text).Encode(c); err != nil {
		return nil, storage(err)
	}
	if err := writeDurably(d, filepath.Join(dir, currentFile), text.Bytes()); err != nil {
		return nil, storage(err)
	}
	return text.Bytes(), clearAway(d, objects, named)
}

// clearAway removes objects of earlier versions. What cannot be removed does no harm.
func clearAway(d disk, objects string, named map[string]*valisev1.SignedObject) error {
	files, err := os.ReadDir(objects)
	if err != nil {
		return storage(err)
	}
	for _, f := range files {
		if named[f.Name()] == nil {
			_ = d.remove(filepath.Join(objects, f.Name()))
		}
	}
	return nil
}

// describe lists what is held by name.
func (h *held) describe() (current, map[string]*valisev1.SignedObject) {
	named := map[string]*valisev1.SignedObject{}
	name := func(hash [32]byte, o *valisev1.SignedObject) string {
		named[hashName(hash)] = o
		return hashName(hash)
	}
	nameEntry := func(e *entry) string {
		if e == nil {
			return ""
		}
		return name(e.hash, e.signed)
	}
	nameBundle := func(b *bundle) string {
		if b == nil {
			return ""
		}
		return name(b.hash, b.signed)
	}
	c := current{Realm: string(h.realm), Rosters: h.rosters, ReadingKey: h.readingKey}
	for _, m := range h.sets {
		c.ManagerSets = append(c.ManagerSets, name(m.hash, m.signed))
	}
	if h.list != nil {
		c.List = name(h.list.hash, h.list.signed)
	}
	for _, o := range h.past {
		c.PastLists = append(c.PastLists, name(hashOf(o), o))
	}
	for _, state := range sortedStates(h.states) {
		s := h.states[state]
		line := currentStanding{State: string(state), Current: nameEntry(s.current), Quarantined: nameEntry(s.quarantined), CameLater: s.later, Called: s.called.describe()}
		for _, e := range s.earlier {
			line.Earlier = append(line.Earlier, nameEntry(e))
		}
		for _, root := range s.denied {
			line.Denied = append(line.Denied, root.String())
		}
		c.States = append(c.States, line)
	}
	addresses := map[ident.Address]bool{}
	for a := range h.marks {
		addresses[a] = true
	}
	for a := range h.waiting {
		addresses[a] = true
	}
	for _, a := range sortedAddresses(addresses) {
		m := h.marks[a]
		c.Bundles = append(c.Bundles, currentBundle{
			Address: a.String(), InUse: nameBundle(h.bundles[a]), Waiting: nameBundle(h.waiting[a]),
			Entry: m.entry, Number: m.number, Hash: hashName(m.hash),
		})
	}
	return c, named
}

// loader reads a folder back; every signature is verified again, so that a damaged or
// exchanged file is found when the book is opened.
type loader struct {
	dir string
	h   *held
}

func load(dir string, realm ident.Realm, text []byte) (*held, error) {
	var c current
	if err := decodeStrict(text, &c); err != nil {
		return nil, damaged("%s cannot be read: %w", currentFile, err)
	}
	if c.Realm != string(realm) {
		return nil, inRealm(aboutFile, realm, c.Realm)
	}
	l := loader{dir: dir, h: newHeld(realm)}
	l.h.rosters, l.h.readingKey = c.Rosters, c.ReadingKey
	steps := []func(current) error{l.loadSets, l.loadList, l.loadStates, l.loadBundles}
	for _, step := range steps {
		if err := step(c); err != nil {
			return nil, damaged("what is on disk does not verify: %w", err)
		}
	}
	return l.h, nil
}

func (l *loader) object(name string) (*valisev1.SignedObject, error) {
	hash, ok := parseHashName(name)
	if !ok {
		return nil, errors.New("an object has no name")
	}
	b, err := readBounded(filepath.Join(l.dir, objectsFolder, name), maxObjectSize)
	if err != nil {
		return nil, err
	}
	o := &valisev1.SignedObject{}
	if err := decode(aboutFile, b, maxObjectSize, closed, o); err != nil {
		return nil, fmt.Errorf("object %s: %w", name, err)
	}
	if hashOf(o) != hash {
		return nil, fmt.Errorf("object %s holds other bytes than its name says", name)
	}
	return o, nil
}

func (l *loader) loadSets(c current) error {
	var sets []*managerSet
	for _, name := range c.ManagerSets {
		o, err := l.object(name)
		if err != nil {
			return err
		}
		set, err := parseManagerSet(l.h.realm, o)
		if err != nil {
			return err
		}
		sets = append(sets, set)
	}
	if len(sets) == 0 {
		return errors.New("no manager set")
	}
	if err := sets[0].begin(l.h.realm); err != nil {
		return err
	}
	chain, err := followChain(l.h.realm, sets[:1], sets)
	l.h.sets = chain
	return err
}

func (l *loader) loadList(c current) error {
	o, err := l.object(c.List)
	if err != nil {
		return err
	}
	if err := l.h.managers().requireQuorum(aboutList, l.h.realm, seal.PurposeList, o); err != nil {
		return err
	}
	if l.h.list, err = parseList(l.h.realm, o); err != nil {
		return err
	}
	for _, name := range c.PastLists {
		// Its name is its hash, and the list in force names that: it needs no other check.
		past, err := l.object(name)
		if err != nil {
			return err
		}
		l.h.past = append(l.h.past, past)
	}
	return nil
}

func (l *loader) entry(name string) (*entry, error) {
	if name == "" {
		return nil, nil
	}
	o, err := l.object(name)
	if err != nil {
		return nil, err
	}
	return parseEntry(l.h.realm, o)
}

func (l *loader) loadStates(c current) error {
	for _, line := range c.States {
		s := &standing{later: line.CameLater}
		var err error
		if s.called, err = line.Called.called(); err != nil {
			return err
		}
		if s.current, err = l.entry(line.Current); err != nil {
			return err
		}
		if s.quarantined, err = l.entry(line.Quarantined); err != nil {
			return err
		}
		for _, name := range line.Earlier {
			e, err := l.entry(name)
			if err != nil {
				return err
			}
			if e != nil {
				s.earlier = append(s.earlier, e)
			}
		}
		for _, text := range line.Denied {
			root, err := ident.ParseKeyID(text)
			if err != nil {
				return err
			}
			s.denied = append(s.denied, root)
		}
		l.h.states[ident.State(line.State)] = s
	}
	for state, m := range l.h.list.members {
		if e := l.h.knownEntry(state, m.entryHash); e == nil {
			return fmt.Errorf("the entry of %s is missing", state)
		}
	}
	_, err := l.h.claimKeys()
	return err
}

func (l *loader) loadBundles(c current) error {
	for _, line := range c.Bundles {
		address, err := ident.ParseAddress(line.Address)
		if err != nil {
			return err
		}
		if hash, ok := parseHashName(line.Hash); ok && line.Number > 0 {
			l.h.marks[address] = mark{entry: line.Entry, number: line.Number, hash: hash}
		}
		s := l.h.states[address.State]
		if s == nil {
			return fmt.Errorf("a bundle of %s, which is unknown", address)
		}
		if err := l.loadBundle(l.h.bundles, address, line.InUse, s.current, s.revoked()); err != nil {
			return err
		}
		if err := l.loadBundle(l.h.waiting, address, line.Waiting, s.quarantined, nil); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) loadBundle(into map[ident.Address]*bundle, address ident.Address, name string, e *entry, revoked map[ident.KeyID]time.Time) error {
	if name == "" {
		return nil
	}
	o, err := l.object(name)
	if err != nil {
		return err
	}
	b, err := parseBundle(l.h.realm, o)
	if err != nil {
		return err
	}
	if e == nil || b.address != address {
		return fmt.Errorf("the bundle of %s stands under another entry or address", b.address)
	}
	into[address] = b
	return b.speaksFor(l.h.realm, e, revoked)
}

func damaged(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	var r *Refusal
	if errors.As(err, &r) && r.Reason == valisev1.Reason_REASON_STORAGE_UNKNOWN {
		return r
	}
	return &Refusal{Object: "file", Reason: valisev1.Reason_REASON_RECORD_DAMAGED, Err: err}
}
