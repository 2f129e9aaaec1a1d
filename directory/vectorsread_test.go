package directory_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/proto/vectors"
	"valise.example/seal"
)

// vectorReader is a reader made of nothing but the index and the files.
type vectorReader struct {
	index vectors.Directory
	books bookshelf
	files map[string][]string // parts by the name of the file
}

func readVector(t *testing.T, name string) []byte {
	t.Helper()
	b, err := vectors.FS.ReadFile(name)
	must(t, err)
	return b
}

func joined(t *testing.T, parts []string) (file []byte) {
	t.Helper()
	for _, p := range parts {
		file = append(file, readVector(t, p)...)
	}
	return file
}

// bookshelf has folders of books by the files that they took, so that each is made once.
type bookshelf map[string]string

// at is a book in a folder of its own that has taken these files, which get gives.
func (s bookshelf) at(t *testing.T, before []string, get func(name string) []byte) (dir string, book *directory.Book) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "book")
	if len(before) == 0 {
		return dir, openBook(t, dir)
	}
	key := strings.Join(before, " ")
	if s[key] == "" {
		made, book := s.at(t, before[:len(before)-1], get)
		_, err := book.Import(get(before[len(before)-1]), trust(t))
		must(t, err)
		s[key], err = os.MkdirTemp(os.TempDir(), "book")
		must(t, err)
		must(t, os.CopyFS(s[key], os.DirFS(made)))
	}
	must(t, os.CopyFS(dir, os.DirFS(s[key])))
	return dir, openBook(t, dir)
}

// reader has all that the index has.
func reader(t *testing.T) *vectorReader {
	t.Helper()
	r := &vectorReader{index: loadVectors(t), books: bookshelf{}, files: map[string][]string{}}
	t.Cleanup(r.books.clear)
	for _, v := range r.index.Files {
		r.files[v.Name] = v.Parts
	}
	return r
}

func (s bookshelf) clear() {
	for _, dir := range s {
		os.RemoveAll(dir)
	}
}

func (r *vectorReader) at(t *testing.T, before []string) (dir string, book *directory.Book) {
	t.Helper()
	return r.books.at(t, before, func(name string) []byte { return joined(t, r.files[name]) })
}

// stands holds a book, as it is and opened anew, against a row.
func stands(t *testing.T, o vectors.Outcome, dir string, book *directory.Book, before *directory.Snapshot, err error) {
	t.Helper()
	if o.Expect == "refused" {
		if got := reasonOf(err); got.String() != o.Reason {
			t.Fatalf("refused with %v (%v), want %s", got, err, o.Reason)
		}
		sameDirectory(t, before, book.Snapshot())
		sameDirectory(t, before, openBook(t, dir).Snapshot())
		return
	}
	must(t, err)
	for _, b := range []*directory.Book{book, openBook(t, dir)} {
		if diff := cmp.Diff(o.InForce, inForce(t, b.Snapshot())); diff != "" {
			t.Fatalf("the index (-) and what is in force (+):\n%s", diff)
		}
	}
}

// TestVectorsOfFiles imports every directory file of the index into a real book.
func TestVectorsOfFiles(t *testing.T) {
	oneGoroutine(t)
	r := reader(t)
	for _, v := range r.index.Files {
		t.Run(v.Name, func(t *testing.T) {
			dir, book := r.at(t, v.Before)
			file, before := joined(t, v.Parts), book.Snapshot()
			if len(file) != v.Size || hashed(file) != v.SHA256 {
				t.Fatalf("%d bytes, the index says %d", len(file), v.Size)
			}
			trusted := v.Trust
			if len(trusted) == 0 {
				trusted = r.index.Managers
			}
			_, err := book.Import(file, trusting(t, trusted))
			stands(t, v.Outcome, dir, book, before, err)
		})
	}
}

// TestVectorsOfNotices has every bundle of the index learnt by a real book.
func TestVectorsOfNotices(t *testing.T) {
	r := reader(t)
	for _, v := range r.index.Notices {
		t.Run(v.Name, func(t *testing.T) {
			dir, book := r.at(t, v.Before)
			before := book.Snapshot()
			o, err := seal.ParseSignedObject(readVector(t, v.File))
			must(t, err)
			_, err = book.LearnBundle(o)
			stands(t, v.Outcome, dir, book, before, err)
		})
	}
}

// TestVectorsOfRelays reads every relay of the index as a node does.
func TestVectorsOfRelays(t *testing.T) {
	oneGoroutine(t)
	r := reader(t)
	for _, v := range r.index.Relays {
		t.Run(v.Name, func(t *testing.T) {
			dir, book := r.at(t, v.Before)
			before := book.Snapshot()
			file, err := readRelay(t, r.index, v, book, func(name string) []byte { return readVector(t, name) })
			if err == nil && file != nil {
				_, err = book.Import(file, directory.ImportOptions{})
			}
			if v.File != "" && hashed(file) != v.File {
				t.Error("another file was put together")
			}
			stands(t, v.Outcome, dir, book, before, err)
		})
	}
}

// readRelay does what a row says, up to the directory file; nil where nothing is to be fetched.
func readRelay(t *testing.T, index vectors.Directory, v vectors.DirectoryRelay, book *directory.Book, read func(string) []byte) ([]byte, error) {
	t.Helper()
	s := &shelf{t: t, objects: map[string][]byte{}}
	for _, l := range index.Layouts {
		for _, p := range l.Objects {
			if l.Name == v.Layout {
				s.objects[p.Name] = read(p.File)
			}
		}
	}
	for _, name := range v.Without {
		delete(s.objects, name)
	}
	for _, p := range v.With {
		s.objects[p.Name] = read(p.File)
	}
	identity := func(name string) (key seal.SealingKey) {
		for _, k := range index.Identities {
			if k.Name == name {
				var err error
				key, err = seal.ParseSealingKey(k.Identity)
				must(t, err)
			}
		}
		return key
	}
	head, err := directory.OpenHead(realm, s.objects["head"], identity(v.ReadingKey))
	if reasonOf(err) == valisev1.Reason_REASON_CANNOT_DECRYPT && v.Mailbox != "" {
		key, failed := directory.OpenReadingKey(realm, s.objects[v.Mailbox], identity(v.Identity))
		if failed != nil {
			return nil, failed
		}
		head, err = directory.OpenHead(realm, s.objects["head"], key)
	}
	if err != nil {
		return nil, err
	}
	if fetch, err := book.Snapshot().Follows(head); err != nil || !fetch {
		return nil, err
	}
	return book.Snapshot().Assemble(head, s.fetch)
}

// TestVectorsOfObjects reads every object of the index by itself.
func TestVectorsOfObjects(t *testing.T) {
	for _, v := range loadVectors(t).Objects {
		t.Run(v.Name, func(t *testing.T) {
			o, err := seal.ParseSignedObject(readVector(t, v.File))
			must(t, err)
			if hashed(o.GetObject()) != v.SHA256 {
				t.Fatal("another object")
			}
			kind, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(v.Type))
			must(t, err)
			want, got := kind.New().Interface(), kind.New().Interface()
			must(t, protojson.Unmarshal(v.Says, want))
			decode(t, o.GetObject(), got)
			if !proto.Equal(want, got) {
				t.Error("it says something else")
			}
			known := map[ident.KeyID]seal.PublicKey{}
			for _, k := range v.Keys {
				key := publicKey(t, k)
				known[key.ID(realm)] = key
			}
			for _, purpose := range seal.Purposes()[1:] {
				ids, err := seal.VerifyObject(realm, purpose, o, func(id ident.KeyID) (seal.PublicKey, bool) { k, ok := known[id]; return k, ok })
				if string(purpose) == v.Purpose && (err != nil || len(ids) != len(v.Signers)) {
					t.Errorf("signed by %v, %v", ids, err)
				}
				if string(purpose) != v.Purpose && len(v.Signers) > 0 && err == nil {
					t.Errorf("it passed for %s", purpose)
				}
			}
		})
	}
}

func publicKey(t *testing.T, k vectors.PublicKey) seal.PublicKey {
	t.Helper()
	key, err := seal.ParsePublicKey(&valisev1.PublicKey{Suite: 1, Ed25519: unhex(t, k.Ed25519), Mldsa65: unhex(t, k.MLDSA65)})
	must(t, err)
	if key.ID(realm).String() != k.KeyID {
		t.Fatal("the index names another key id")
	}
	return key
}
