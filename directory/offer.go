package directory

import (
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// offer is a directory file whose objects are still only bytes with signatures.
type offer struct {
	file *valisev1.ImportBundle
}

var aboutImport = subject{object: "import"}

// parseOffer reads the frame of a directory file. docs/protocol.md §8.6
func parseOffer(b []byte) (*offer, error) {
	f := &valisev1.ImportBundle{}
	if err := decode(aboutImport, b, MaxImportSize, closed, f); err != nil {
		return nil, err
	}
	if f.GetList() == nil {
		return nil, aboutImport.refuse(valisev1.Reason_REASON_MIXED, "holds no list")
	}
	return &offer{file: f}, nil
}

// readingKey reads the key for directory objects on the relay; there may be none.
// docs/protocol.md §8.6
func (o *offer) readingKey() (string, error) {
	key := o.file.GetReadingKey()
	if key == "" {
		return "", nil
	}
	if _, err := seal.ParseSealingKey(key); err != nil {
		return "", aboutImport.refuse(valisev1.Reason_REASON_PAYLOAD, "its reading key cannot be read")
	}
	return key, nil
}

// managerSets reads the sets, each by its own rules.
func (o *offer) managerSets(realm ident.Realm) ([]*managerSet, error) {
	sets := make([]*managerSet, 0, len(o.file.GetManagerSets()))
	for _, s := range o.file.GetManagerSets() {
		set, err := parseManagerSet(realm, s)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return sets, nil
}

// entries reads exactly the entries that the list names: one missing, one too many or one of
// another version means that the file was put together from parts. docs/protocol.md §8.6
func (o *offer) entries(h *held, l *list) (map[ident.State]*entry, error) {
	offered := map[[32]byte]*valisev1.SignedObject{}
	for _, e := range o.file.GetEntries() {
		if offered[hashOf(e)] != nil {
			return nil, aboutImport.refuse(valisev1.Reason_REASON_MIXED, "one entry stands twice")
		}
		offered[hashOf(e)] = e
	}
	found := map[ident.State]*entry{}
	for _, state := range l.states {
		m := l.members[state]
		e, err := resolve(h, state, m, offered)
		if err != nil {
			return nil, err
		}
		delete(offered, m.entryHash)
		if e.state != state || e.body.GetNumber() != m.entryNumber || e.rootID != m.root {
			return nil, e.about().refuse(valisev1.Reason_REASON_MIXED, "differs in State, number or root from what the list says of it")
		}
		found[state] = e
	}
	if len(offered) > 0 {
		return nil, aboutImport.refuse(valisev1.Reason_REASON_MIXED, "holds %d entries that the list does not name", len(offered))
	}
	return found, nil
}

func resolve(h *held, state ident.State, m *member, offered map[[32]byte]*valisev1.SignedObject) (*entry, error) {
	if e := h.knownEntry(state, m.entryHash); e != nil {
		return e, nil
	}
	signed := offered[m.entryHash]
	if signed == nil {
		return nil, subject{object: "entry", name: string(state)}.refuse(valisev1.Reason_REASON_MIXED, "entry %d as the list names it is not in the file", m.entryNumber)
	}
	return parseEntry(h.realm, signed)
}

// bundles reads the bundles, at most one an address and only of members.
func (o *offer) bundles(realm ident.Realm, l *list) ([]*bundle, error) {
	seen := map[ident.Address]bool{}
	found := make([]*bundle, 0, len(o.file.GetKeyBundles()))
	for _, s := range o.file.GetKeyBundles() {
		b, err := parseBundle(realm, s)
		if err != nil {
			return nil, err
		}
		if seen[b.address] {
			return nil, b.about().refuse(valisev1.Reason_REASON_MIXED, "two bundles in one file")
		}
		if l.members[b.address.State] == nil {
			return nil, b.about().refuse(valisev1.Reason_REASON_MIXED, "the list does not name its State")
		}
		seen[b.address] = true
		found = append(found, b)
	}
	return found, nil
}
