package directory_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/cryptotest"

	"google.golang.org/protobuf/encoding/protowire"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/proto/vectors"
	"valise.example/seal"
)

// vectorsFolder is where the bytes lie that other implementations test against.
const vectorsFolder = "../proto/vectors"

// bench makes the vectors of the directory.
type bench struct {
	files  map[string][]byte // by path below proto/vectors
	index  vectors.Directory
	chain  map[string]*edition
	forged map[string][]byte // directory files by the name of their row
	keys   map[string]seal.SealingKey
	books  bookshelf
}

// TestVectorsAreReproducible makes every file of the directory's vectors again, byte for byte, from
// nothing but this code; with -update it writes them.
func TestVectorsAreReproducible(t *testing.T) {
	oneGoroutine(t)
	made := makeVectors(t).files
	if *update {
		must(t, os.RemoveAll(filepath.Join(vectorsFolder, "directory")))
		for name, b := range made {
			path := filepath.Join(vectorsFolder, filepath.FromSlash(name))
			must(t, os.MkdirAll(filepath.Dir(path), 0o755))
			must(t, os.WriteFile(path, b, 0o644))
		}
		return
	}
	stored := map[string]bool{}
	must(t, fs.WalkDir(vectors.FS, "directory", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			stored[path] = true
		}
		return err
	}))
	for name, want := range made {
		if got, err := vectors.FS.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs from what this code makes, %v", name, err)
		}
		delete(stored, name)
	}
	if len(stored) > 0 {
		t.Errorf("nothing makes %v", slices.Sorted(maps.Keys(stored)))
	}
}

func makeVectors(t *testing.T) *bench {
	t.Helper()
	m := &bench{files: map[string][]byte{}, chain: map[string]*edition{}, forged: map[string][]byte{}, keys: map[string]seal.SealingKey{}, books: bookshelf{}}
	t.Cleanup(m.books.clear)
	manager := managerKey(t).Public().ID(realm)
	m.index = vectors.Directory{Head: vectors.Head{Format: 1, Realm: string(realm)}, Managers: []string{manager.String()}}
	for _, k := range []struct{ name, address string }{{"reading-1", ""}, {"reading-2", ""}, {"alder-technical", "XA/technical"}, {"nobody", ""}} {
		m.identity(t, k.name, k.address)
	}
	m.accepted(t)
	m.singles(t)
	m.refused(t)
	m.firstContact(t)
	m.notices(t)
	m.relays(t)
	m.index.NotHere = notHere()
	b, err := json.MarshalIndent(m.index, "", "  ")
	must(t, err)
	m.files["directory/index.json"] = append(b, '\n')
	return m
}

// seeded runs f with all randomness of the process derived from the name, so that a new vector changes
// no other.
func seeded(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	if !t.Run(name, func(t *testing.T) { reseed(t, name); f(t) }) {
		t.FailNow()
	}
}

func reseed(t *testing.T, name string) {
	sum := sha256.Sum256([]byte("directory " + name))
	cryptotest.SetGlobalRandom(t, binary.BigEndian.Uint64(sum[:]))
}

func (m *bench) identity(t *testing.T, name, address string) {
	t.Helper()
	seeded(t, "identity "+name, func(t *testing.T) {
		key, err := seal.GenerateSealingKey()
		must(t, err)
		id := key.Recipient().ID()
		m.keys[name] = key
		m.index.Identities = append(m.index.Identities, vectors.DirectoryIdentity{
			Name: name, Address: address, Identity: key.Secret(), RecipientID: hex.EncodeToString(id[:]),
		})
	})
}

// cutFile lays a directory file down in parts, one a field, that many files share.
func (m *bench) cutFile(b []byte) []string {
	parts := []string{}
	for rest := b; len(rest) > 0; {
		n := len(rest)
		if number, _, used := protowire.ConsumeField(rest); used > 0 && number <= 5 {
			n = used
		}
		parts = append(parts, m.lay("directory/parts/", ".part", rest[:n]))
		rest = rest[n:]
	}
	return parts
}

// lay keeps bytes under a name that follows from them.
func (m *bench) lay(folder, suffix string, b []byte) string {
	sum := sha256.Sum256(b)
	name := folder + hex.EncodeToString(sum[:10]) + suffix
	m.files[name] = bytes.Clone(b)
	return name
}

// file adds one row, and imports it where it belongs, so that no row says what does not happen.
func (m *bench) file(t *testing.T, row vectors.DirectoryFile, b []byte) {
	t.Helper()
	if _, twice := m.forged[row.Name]; twice {
		t.Fatalf("two files are called %s", row.Name)
	}
	sum := sha256.Sum256(b)
	row.Parts, row.Size, row.SHA256 = m.cutFile(b), len(b), hex.EncodeToString(sum[:])
	m.forged[row.Name] = b
	if row.Expect == "" {
		row.Expect = "ok"
		if row.Reason != "" {
			row.Expect = "refused"
		}
	}
	book := m.book(t, row.Before)
	_, err := book.Import(b, trusting(t, row.Trust))
	if row.Expect == "ok" {
		must(t, err)
		row.InForce = inForce(t, book.Snapshot())
	} else if got := reasonOf(err); got.String() != row.Reason {
		t.Fatalf("%s: %v (%v), want %s", row.Name, got, err, row.Reason)
	}
	m.index.Files = append(m.index.Files, row)
}

// book has taken these files of the bench.
func (m *bench) book(t *testing.T, before []string) *directory.Book {
	t.Helper()
	_, book := m.books.at(t, before, func(name string) []byte { return m.forged[name] })
	return book
}

// trusting is what a reader was given from outside.
func trusting(t *testing.T, ids []string) directory.ImportOptions {
	t.Helper()
	if len(ids) == 0 {
		return trust(t)
	}
	var opts directory.ImportOptions
	for _, id := range ids {
		opts.TrustManagers = append(opts.TrustManagers, ident.KeyID(unhex(t, id)))
	}
	return opts
}

// inForce says what a book has in force, as the index does.
func inForce(t *testing.T, s *directory.Snapshot) *vectors.DirectoryInForce {
	t.Helper()
	hash := s.Hash()
	_, expires := s.Dates()
	managers, _ := s.Managers()
	v := &vectors.DirectoryInForce{
		Number: decimal(s.Number()), Hash: hex.EncodeToString(hash[:]), Expires: expires.UTC().Format("2006-01-02T15:04:05Z"),
		ManagerSet: decimal(managers.Number), Threshold: managers.Threshold,
		States: []vectors.DirectoryState{}, Left: []string{}, Bundles: []vectors.DirectoryBundle{}, Relays: []string{}, InQuestion: []vectors.DirectoryQuestion{},
	}
	for _, id := range managers.Managers {
		v.Managers = append(v.Managers, id.String())
	}
	for _, state := range s.States() {
		row := vectors.DirectoryState{State: string(state)}
		e, ok := s.Entry(state)
		if ok {
			root, _ := s.Root(state)
			row.Root, row.EntryNumber, row.EntrySHA256 = root.String(), decimal(e.GetNumber()), hashed(encode(t, e))
		}
		v.States = append(v.States, row)
		for _, p := range e.GetPointsOfContact() {
			if b, _ := s.Bundle(address(t, string(state)+"/"+p.GetTrack())); b != nil {
				body := &valisev1.KeyBundle{}
				decode(t, b.GetObject(), body)
				v.Bundles = append(v.Bundles, vectors.DirectoryBundle{
					Address: body.GetAddress(), EntryNumber: decimal(body.GetEntryNumber()), Number: decimal(body.GetNumber()), SHA256: hashed(b.GetObject()),
				})
			}
		}
	}
	for _, state := range []ident.State{"XA", "XB", "XC", "XE", "XF", "@global"} {
		if _, left := s.Left(state); left {
			v.Left = append(v.Left, string(state))
		}
	}
	for _, r := range s.Relays() {
		v.Relays = append(v.Relays, r.GetName())
	}
	for _, k := range s.KeyChanged() {
		v.InQuestion = append(v.InQuestion, vectors.DirectoryQuestion{State: string(k.State), Root: k.Offered.String()})
	}
	slices.SortFunc(v.Bundles, func(a, b vectors.DirectoryBundle) int { return strings.Compare(a.Address, b.Address) })
	return v
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

func hashed(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	must(t, err)
	return b
}
