package directory

import (
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// export is an entry with its first bundles, as a State hands it to the manager.
type export struct {
	entry   *entry
	bundles []*bundle
}

// ExportEntry makes the file that a State hands to the manager: its signed entry and at most
// one bundle for each of its points of contact. docs/protocol.md §8.6
func ExportEntry(realm ident.Realm, e *valisev1.SignedObject, bundles ...*valisev1.SignedObject) ([]byte, error) {
	b, err := encode(&valisev1.EntryExport{Entry: e, KeyBundles: bundles})
	if err != nil {
		return nil, err
	}
	_, err = parseExport(realm, b)
	return b, err
}

// EntryView is an entry as a person looks at it before admitting it.
type EntryView struct {
	State  ident.State
	Number uint64
	// Root is what the manager reads aloud when calling back. docs/protocol.md §8.5
	Root  ident.KeyID
	Entry *valisev1.Entry
	// Bundles are the addresses that can be written to at once.
	Bundles []ident.Address
}

// ParseEntryExport reads and verifies an export by itself: the root signed the entry, a
// signing key of each desk its bundle. docs/protocol.md §8.6
func ParseEntryExport(realm ident.Realm, b []byte) (EntryView, error) {
	x, err := parseExport(realm, b)
	if err != nil {
		return EntryView{}, err
	}
	return x.view(), nil
}

// ParseEntry reads one signed entry and verifies its root's signature. docs/protocol.md §8.1
func ParseEntry(realm ident.Realm, o *valisev1.SignedObject) (EntryView, error) {
	e, err := parseEntry(realm, o)
	if err != nil {
		return EntryView{}, err
	}
	return (&export{entry: e}).view(), nil
}

func (x *export) view() EntryView {
	v := EntryView{State: x.entry.state, Number: x.entry.body.GetNumber(), Root: x.entry.rootID, Entry: x.entry.body}
	for _, b := range x.bundles {
		v.Bundles = append(v.Bundles, b.address)
	}
	return v
}

func parseExport(realm ident.Realm, b []byte) (*export, error) {
	s, f := subject{object: "entry export"}, &valisev1.EntryExport{}
	if err := decode(s, b, MaxExportSize, closed, f); err != nil {
		return nil, err
	}
	e, err := parseEntry(realm, f.GetEntry())
	if err != nil {
		return nil, err
	}
	x := &export{entry: e}
	owners, seen := newOwners(), map[ident.Address]bool{}
	for _, o := range f.GetKeyBundles() {
		k, err := parseBundle(realm, o)
		if err != nil {
			return nil, err
		}
		if k.address.State != e.state || seen[k.address] {
			return nil, k.about().refuse(valisev1.Reason_REASON_MIXED, "stands twice, or with another State's entry")
		}
		seen[k.address] = true
		if err := k.speaksFor(realm, e, e.revoked); err != nil {
			return nil, err
		}
		if err := owners.claimBundle(k); err != nil {
			return nil, err
		}
		x.bundles = append(x.bundles, k)
	}
	return x, nil
}
