package directory

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// NextRootConfig makes the root that is to follow the present one.
type NextRootConfig struct {
	// Dir is the root's folder.
	Dir string
	// Sheet is what stands in it.
	Sheet KeySheet
	// Passphrase protects the file; nil writes it plain.
	Passphrase []byte
	// Again gives up a next root that was announced before; its file stays.
	Again bool
	// Rand must be cryptographically random.
	Rand io.Reader
}

// maxRoots bounds the numbers of root files in one folder.
const maxRoots = 99

// MakeNextRoot makes the root that follows, in a file of its own, and notes it on the sheet: the next
// entry announces it. No root is ever overwritten. ALREADY_EXISTS when one is announced already.
// docs/protocol.md §8.1
func MakeNextRoot(c NextRootConfig) (KeySheet, error) {
	sheet := c.Sheet
	if !sheet.NextRoot.Key.IsZero() && !c.Again {
		return sheet, aboutKeys.refuse(valisev1.Reason_REASON_ALREADY_EXISTS, "another root is announced to follow already")
	}
	name, err := freeRootFile(c.Dir)
	if err != nil {
		return sheet, err
	}
	made := CeremonyConfig{Dir: c.Dir, Realm: sheet.Realm, State: sheet.State, Rand: c.Rand}
	if sheet.NextRoot, err = made.make(name, c.Passphrase); err != nil {
		return c.Sheet, err
	}
	return sheet, WriteKeySheet(c.Dir, sheet)
}

// freeRootFile is root-2.key, or the first after it that is not there: what stands there may be the key
// of a ceremony that ended half way.
func freeRootFile(dir string) (string, error) {
	for n := 2; n <= maxRoots; n++ {
		name := fmt.Sprintf("root-%d.key", n)
		if _, err := os.Lstat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) {
			return name, nil
		} else if err != nil {
			return "", storage(err)
		}
	}
	return "", aboutKeys.refuse(valisev1.Reason_REASON_TOO_LARGE, "the folder holds %d roots", maxRoots)
}

// SwitchRoot makes the announced root the one that signs from now on. The last entry that was signed
// must announce it: else every other State would hold the next entry back. next is that root, which
// must be at hand, and so can be read. The file of the root before stays. The error is a *Refusal:
// NOT_FOUND, KEY_CHANGED or NOT_IN_THIS_STATE. docs/protocol.md §8.1
func (f *StateFolder) SwitchRoot(next *seal.SigningKey) (KeySheet, error) {
	sheet, err := ReadKeySheet(f.dir, f.realm)
	if err != nil {
		return KeySheet{}, err
	}
	if sheet.NextRoot.Key.IsZero() {
		return sheet, aboutKeys.refuse(valisev1.Reason_REASON_NOT_FOUND, "no root is announced to follow")
	}
	if next.Public().ID(f.realm) != sheet.NextRoot.ID {
		return sheet, aboutKeys.refuse(valisev1.Reason_REASON_KEY_CHANGED, "this is not the root that is announced to follow")
	}
	_, view, err := f.Signed()
	if err != nil {
		return sheet, err
	}
	if !proto.Equal(view.Entry.GetNextRoot(), sheet.NextRoot.Key.Proto()) {
		return sheet, aboutKeys.refuse(valisev1.Reason_REASON_NOT_IN_THIS_STATE, "the entry that was signed last does not announce this root, so others would hold the next one back")
	}
	sheet.EarlierRoots = append(sheet.EarlierRoots, sheet.Root)
	sheet.Root, sheet.NextRoot = sheet.NextRoot, SheetKey{}
	return sheet, WriteKeySheet(f.dir, sheet)
}
