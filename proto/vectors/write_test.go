package vectors_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"flag"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/cryptotest"

	"valise.example/proto/ident"
	"valise.example/proto/vectors"
	"valise.example/seal"
)

var update = flag.Bool("update", false, "write the vectors instead of comparing them")

const (
	realm      ident.Realm = "exercise:vectors-000102030405060708090a0b0c0d0e0f"
	otherRealm ident.Realm = "exercise:vectors-0f0e0d0c0b0a09080706050403020100"
)

var (
	alderTechnical  = ident.Address{State: "XA", Track: ident.Technical}
	alderDiplomatic = ident.Address{State: "XA", Track: ident.Diplomatic}
	birchTechnical  = ident.Address{State: "XB", Track: ident.Technical}
	birchDiplomatic = ident.Address{State: "XB", Track: ident.Diplomatic}
	cedarTechnical  = ident.Address{State: "XC", Track: ident.Technical}
)

// maker collects what will stand in the folder.
type maker struct {
	files   map[string][]byte
	index   vectors.Index
	signing map[string]*seal.SigningKey
	sealing map[string]seal.SealingKey
}

// TestVectorsAreReproducible makes every file again, byte for byte, from nothing but this code;
// with -update it writes them.
func TestVectorsAreReproducible(t *testing.T) {
	made := makeAll(t)
	if *update {
		write(t, made)
		return
	}
	var stored []string
	err := fs.WalkDir(vectors.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if path == "directory" {
			return fs.SkipDir // package directory makes those
		}
		if err == nil && !d.IsDir() {
			stored = append(stored, path)
		}
		return err
	})
	must(t, err)
	if names := slices.Sorted(maps.Keys(made)); !slices.Equal(names, stored) {
		t.Fatalf("the folder holds %d files, this code makes %d: %v", len(stored), len(names), difference(names, stored))
	}
	for name, want := range made {
		if locked := strings.HasSuffix(name, ".locked.key"); locked && seal.PassphraseWork != 18 {
			continue // the race detector's build takes less work for a passphrase; every other makes the file again
		}
		got, err := fs.ReadFile(vectors.FS, name)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs from what this code makes, %v", name, err)
		}
	}
}

func difference(a, b []string) []string {
	var out []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			out = append(out, "+"+s)
		}
	}
	for _, s := range b {
		if !slices.Contains(a, s) {
			out = append(out, "-"+s)
		}
	}
	return out
}

// write replaces the data folders, so that nothing stale is left in them.
func write(t *testing.T, made map[string][]byte) {
	t.Helper()
	for _, folder := range []string{"keys", "signed", "envelopes", "objects"} {
		must(t, os.RemoveAll(folder))
	}
	for name, b := range made {
		must(t, os.MkdirAll(filepath.Dir(name), 0o755))
		must(t, os.WriteFile(name, b, 0o644))
	}
}

func makeAll(t *testing.T) map[string][]byte {
	t.Helper()
	m := &maker{
		files:   map[string][]byte{},
		signing: map[string]*seal.SigningKey{},
		sealing: map[string]seal.SealingKey{},
	}
	m.index.Format, m.index.Realm = 1, string(realm)
	m.index.Mine = []string{birchTechnical.String(), birchDiplomatic.String()}
	m.keys(t)
	m.accepted(t)
	m.refusedEnvelopes(t)
	m.refusedPlaintexts(t)
	m.refusedSigned(t)
	m.refusedWire(t)
	m.refusedHeaders(t)
	m.objects(t)
	b, err := json.MarshalIndent(m.index, "", "  ")
	must(t, err)
	m.files["index.json"] = append(b, '\n')
	return m.files
}

// seeded runs f with all randomness of the process, age's too, derived from the vector's name, so
// that a new vector changes no other.
func seeded(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	sum := sha256.Sum256([]byte(name))
	t.Run(name, func(t *testing.T) {
		cryptotest.SetGlobalRandom(t, binary.BigEndian.Uint64(sum[:]))
		f(t)
	})
}

func (m *maker) keys(t *testing.T) {
	for _, k := range []vectors.SigningKey{
		{Name: "alder-technical", Address: alderTechnical.String(), Known: true},
		{Name: "alder-technical-next", Address: alderTechnical.String(), Known: true},
		{Name: "alder-technical-revoked", Address: alderTechnical.String(), Known: true, Revoked: true},
		{Name: "alder-diplomatic", Address: alderDiplomatic.String(), Known: true},
		{Name: "cedar-technical", Address: cedarTechnical.String(), Known: true},
		{Name: "nobody", Address: alderTechnical.String()},
	} {
		m.signingKey(t, k)
	}
	for _, k := range []vectors.SealingKey{
		{Name: "birch-technical", Address: birchTechnical.String(), Held: true},
		{Name: "birch-technical-last-week", Address: birchTechnical.String(), Held: true},
		{Name: "birch-diplomatic", Address: birchDiplomatic.String(), Held: true},
		{Name: "cedar", Address: cedarTechnical.String()},
	} {
		m.sealingKey(t, k)
	}
	seeded(t, "locked", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "key")
		must(t, seal.WriteSealingKey(path, realm, m.sealing["birch-technical"], []byte(passphrase)))
		m.file(t, "keys/birch-technical.locked.key", path)
	})
}

// passphrase opens keys/birch-technical.locked.key.
const passphrase = "for tests only"

func (m *maker) signingKey(t *testing.T, k vectors.SigningKey) {
	t.Helper()
	key, err := seal.GenerateSigningKey(rand.NewChaCha8(sha256.Sum256([]byte("signing " + k.Name))))
	must(t, err)
	path := filepath.Join(t.TempDir(), "key")
	must(t, seal.WriteSigningKey(path, realm, key, nil))
	k.File = "keys/" + k.Name + ".signing.key"
	m.file(t, k.File, path)
	p := key.Public().Proto()
	k.KeyID, k.Ed25519, k.MLDSA65 = key.Public().ID(realm).String(), hexOf(p.GetEd25519()), hexOf(p.GetMldsa65())
	m.signing[k.Name] = key
	m.index.SigningKeys = append(m.index.SigningKeys, k)
}

func (m *maker) sealingKey(t *testing.T, k vectors.SealingKey) {
	t.Helper()
	seeded(t, "sealing "+k.Name, func(t *testing.T) {
		key, err := seal.GenerateSealingKey()
		must(t, err)
		path := filepath.Join(t.TempDir(), "key")
		must(t, seal.WriteSealingKey(path, realm, key, nil))
		k.File = "keys/" + k.Name + ".sealing.key"
		m.file(t, k.File, path)
		id := key.Recipient().ID()
		k.Recipient, k.RecipientID = key.Recipient().String(), hexOf(id[:])
		m.sealing[k.Name] = key
		m.index.SealingKeys = append(m.index.SealingKeys, k)
	})
}

func (m *maker) file(t *testing.T, name, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	m.files[name] = b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
