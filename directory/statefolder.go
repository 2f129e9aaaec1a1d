package directory

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// Names of the files of a State's folder, beside those of the key ceremony.
const (
	// EntryFile is edited by people.
	EntryFile = "entry.toml"
	// SignedEntryFile is the latest entry, signed by the root.
	SignedEntryFile = "entry.signed"
)

// StateFolder is what a State keeps to speak for itself in the directory: facts, the sheet of
// its keys, and the latest signed entry, whose number the next one follows.
type StateFolder struct {
	dir   string
	realm ident.Realm
	state ident.State
}

// InitStateFolder makes the folder, if it is not there, and writes entry.toml from the facts,
// unless there is one: what people wrote is never overwritten.
func InitStateFolder(dir string, realm ident.Realm, f EntryFacts) (*StateFolder, error) {
	folder, err := OpenStateFolder(dir, realm, ident.State(f.State))
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, EntryFile)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return folder, storage(err)
	}
	return folder, storage(writeDurably(realDisk{}, path, EntryTOML(f)))
}

// OpenStateFolder opens the folder of one State. Nothing is read yet.
func OpenStateFolder(dir string, realm ident.Realm, state ident.State) (*StateFolder, error) {
	if _, err := admitted(subject{object: "entry"}, realm, string(state)); err != nil {
		return nil, err
	}
	if err := makeFolder(dir); err != nil {
		return nil, err
	}
	return &StateFolder{dir: dir, realm: realm, state: state}, nil
}

// Facts reads entry.toml; NOT_FOUND when there is none, BAD_DRAFT with the line when it is
// not well formed or speaks of another State.
func (f *StateFolder) Facts() (EntryFacts, error) {
	b, err := readBounded(filepath.Join(f.dir, EntryFile), maxFactsSize)
	if err != nil {
		return EntryFacts{}, err
	}
	if b == nil {
		return EntryFacts{}, aboutFacts.refuse(valisev1.Reason_REASON_NOT_FOUND, "there is no %s to sign", EntryFile)
	}
	facts, err := ParseEntryTOML(b)
	if err != nil {
		return EntryFacts{}, err
	}
	if facts.State != string(f.state) {
		return EntryFacts{}, aboutFacts.refuse(valisev1.Reason_REASON_BAD_DRAFT, "%s speaks of another State than its folder", EntryFile)
	}
	return facts, nil
}

// Signed is the latest entry; NOT_FOUND before the first was signed.
func (f *StateFolder) Signed() (*valisev1.SignedObject, EntryView, error) {
	b, err := readBounded(filepath.Join(f.dir, SignedEntryFile), maxObjectSize)
	if err != nil {
		return nil, EntryView{}, err
	}
	about := subject{object: "entry", name: string(f.state)}
	if b == nil {
		return nil, EntryView{}, about.refuse(valisev1.Reason_REASON_NOT_FOUND, "none has been signed yet")
	}
	o := &valisev1.SignedObject{}
	if err := decode(about, b, maxObjectSize, closed, o); err != nil {
		return nil, EntryView{}, err
	}
	view, err := ParseEntry(f.realm, o)
	if err == nil && view.State != f.state {
		err = about.refuse(valisev1.Reason_REASON_MIXED, "%s is of another State", SignedEntryFile)
	}
	return o, view, err
}

// SignEntry builds the entry from entry.toml and keys.toml and signs it with the root. When
// nothing has changed the signed entry stays as it is; otherwise its number rises by one, and
// above the one that the directory shows of this State, 0 when it shows none: a folder made
// anew or restored must not begin again. A root that the sheet does not name is refused with
// KEY_CHANGED. docs/protocol.md §8.1
func (f *StateFolder) SignEntry(root *seal.SigningKey, shown uint64) (*valisev1.SignedObject, EntryView, error) {
	facts, err := f.Facts()
	if err != nil {
		return nil, EntryView{}, err
	}
	if err := CheckFacts(facts); err != nil {
		return nil, EntryView{}, err
	}
	sheet, err := ReadKeySheet(f.dir, f.realm)
	if err != nil {
		return nil, EntryView{}, err
	}
	if sheet.State != f.state || root.Public().ID(f.realm) != sheet.Root.ID {
		return nil, EntryView{}, aboutKeys.refuse(valisev1.Reason_REASON_KEY_CHANGED, "the root is not the one of %s", KeySheetFile)
	}
	last, view, err := f.Signed()
	if err != nil && reasonOf(err) != valisev1.Reason_REASON_NOT_FOUND {
		return nil, EntryView{}, err
	}
	body, err := BuildEntry(facts, sheet.config(view.Number))
	if err != nil {
		return nil, EntryView{}, err
	}
	if last != nil && shown <= view.Number && proto.Equal(body, view.Entry) {
		return last, view, nil
	}
	body.Number = max(view.Number, shown) + 1
	signed, err := SignEntry(f.realm, body, root)
	if err != nil {
		return nil, EntryView{}, err
	}
	b, err := encode(signed)
	if err != nil {
		return nil, EntryView{}, err
	}
	if err := writeDurably(realDisk{}, filepath.Join(f.dir, SignedEntryFile), b); err != nil {
		return nil, EntryView{}, storage(err)
	}
	return f.Signed()
}

// maxSigningKeys is how many signing keys of a POC an entry lists. docs/protocol.md §8.2
const maxSigningKeys = 8

// listed are the keys that the entry lists: of each POC those that begin last, in the order of the
// sheet. What an older key signed stays verifiable through the entries before.
func (s KeySheet) listed() (keys []SigningSheetKey) {
	for _, k := range s.Signing {
		later := 0
		for _, x := range s.Signing {
			if x.Address == k.Address && x.ValidFrom.After(k.ValidFrom) {
				later++
			}
		}
		if later < maxSigningKeys {
			keys = append(keys, k)
		}
	}
	return keys
}

// config turns the sheet into what an entry says of the keys.
func (s KeySheet) config(number uint64) EntryConfig {
	c := EntryConfig{Realm: s.Realm, Number: number, Root: s.Root.Key, NextRoot: s.NextRoot.Key}
	for _, k := range s.Signing {
		if !k.RevokedSince.IsZero() {
			c.Revocations = append(c.Revocations, RevokedKey{KeyID: k.ID, Since: k.RevokedSince})
		}
	}
	// A revoked key stays listed, so that those who come later know it as revoked.
	for _, k := range s.listed() {
		c.Keys = append(c.Keys, SigningKeyDates{Track: k.Address.Track, Key: k.Key, ValidFrom: k.ValidFrom, ValidUntil: k.ValidUntil})
	}
	return c
}

// Export makes the file for the manager from the signed entry and the bundles that the node
// made. docs/protocol.md §8.6
func (f *StateFolder) Export(bundles ...*valisev1.SignedObject) ([]byte, error) {
	o, _, err := f.Signed()
	if err != nil {
		return nil, err
	}
	return ExportEntry(f.realm, o, bundles...)
}
