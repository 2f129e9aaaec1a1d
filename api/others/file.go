package others

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	// Folder is where a home keeps directories of other bodies.
	Folder = "others"
	// MostKept is how many of them a home keeps. P7
	MostKept = 16
	// MaxFile is how many bytes one file may have.
	MaxFile = maxDirectory + 4096

	ending = ".contacts"
	magic  = "valise other 1 "
)

// FileName is the name of a directory's file within Folder.
func FileName(id string) string { return id + ending }

// Encode writes a directory as it is kept: Decode gives the same back, and finds any change.
func Encode(d *valisev1.OtherDirectory) ([]byte, error) {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(d)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	return append([]byte(magic+hex.EncodeToString(sum[:])+"\n"), b...), nil
}

// Decode reads what Encode wrote for a home of this realm. The error is a *draft.Error; whatever is wrong,
// nothing of the file is shown.
func Decode(b []byte, realm ident.Realm) (*valisev1.OtherDirectory, error) {
	head, rest, found := bytes.Cut(b, []byte("\n"))
	sum := sha256.Sum256(rest)
	if !found || len(b) > MaxFile || string(head) != magic+hex.EncodeToString(sum[:]) {
		return nil, bad("the file is damaged, or of a later version")
	}
	d := new(valisev1.OtherDirectory)
	if err := proto.Unmarshal(rest, d); err != nil {
		return nil, bad("the file is damaged")
	}
	if d.GetRealm() != string(realm) {
		return nil, bad("the file is of another realm")
	}
	return d, Check(d, realm)
}

// ReadFolder reads every directory that a home keeps, in the order of their ids; unreadable are the ids of
// those whose file cannot be used. A home without the folder has none.
func ReadFolder(home string, realm ident.Realm) (list []*valisev1.OtherDirectory, unreadable []string, err error) {
	entries, err := os.ReadDir(filepath.Join(home, Folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		id, ours := strings.CutSuffix(e.Name(), ending)
		if !ours || !IsID(id) {
			continue
		}
		d, err := readFile(filepath.Join(home, Folder, e.Name()), realm)
		if err != nil || d.GetId() != id {
			unreadable = append(unreadable, id)
			continue
		}
		list = append(list, d)
	}
	return list, unreadable, nil
}

func readFile(path string, realm ident.Realm) (*valisev1.OtherDirectory, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > MaxFile {
		return nil, bad("the file is none of ours")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Decode(b, realm)
}
