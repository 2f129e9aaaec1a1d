package node_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/directory"
	"valise.example/exercise/lab"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/seal"
)

// side is two States of one realm, with real homes and a relay of their own; speaker writes, listener reads.
type side struct {
	*month
	speaker, listener ident.Address
	key               *seal.SigningKey // of the speaker's technical POC
}

// wards are three realms that somebody could mix up: operation, and two exercises of one name. The technical
// POC of each speaker has one and the same key in all three, as if its file had been copied and its head
// rewritten, so that nothing but the realm tells them apart. docs/protocol.md §2.2
func wards(t *testing.T) (operation, one, two *side) {
	t.Helper()
	shared, err := seal.GenerateSigningKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	exercise := func(first byte) ident.Realm {
		r, err := ident.ExerciseRealm("ward", [16]byte{first})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	return newSide(t, ident.Operational, "AA", "ZZ", shared),
		newSide(t, exercise(1), "XA", "XB", shared), newSide(t, exercise(2), "XA", "XB", shared)
}

func newSide(t *testing.T, realm ident.Realm, speaker, listener ident.State, shared *seal.SigningKey) *side {
	t.Helper()
	l := &lab.Lab{Dir: t.TempDir(), Realm: realm, States: []ident.State{speaker, listener}}
	manager, err := directory.InitManager(l.DirectoryHome(), directory.ManagerConfig{Realm: realm, Rand: rand.Reader, Now: time.Now()})
	fatal(t, err)
	for _, s := range l.States {
		fatal(t, node.Init(node.InitConfig{
			Dir: l.Home(s), State: s, Realm: realm, Relay: "192.0.2.1:4222", Now: time.Now, Rand: rand.Reader,
			FirstOfficer: &valisev1.Officer{Name: "lab", Uids: []uint32{uint32(os.Getuid())}, Roles: []valisev1.Role{1, 2, 3, 4, 5, 6}},
		}))
		if s == speaker {
			name := filepath.Join(l.Home(s), "keys", "signing-technical.key")
			fatal(t, errors.Join(os.Remove(name), seal.WriteSigningKey(name, realm, shared, nil)))
		}
		_, err = manager.Admit(exportOf(t, l, s), directory.AdmitOptions{Now: time.Now()})
		fatal(t, err)
	}
	key, err := seal.ReadSigningKey(filepath.Join(l.DirectoryHome(), directory.ManagerKeyFile), realm, nil)
	fatal(t, err)
	published, err := manager.Publish(directory.PublishConfig{Now: time.Now(), ValidFor: 60 * day, Signers: []*seal.SigningKey{key}})
	fatal(t, err)
	for _, s := range l.States {
		_, err := bookOf(t, l.Home(s)).Import(published.Import, directory.ImportOptions{TrustManagers: []ident.KeyID{key.Public().ID(realm)}})
		fatal(t, err)
	}
	m := &month{Lab: l, t: t, relay: relay.NewMemory(), taken: map[relay.Address]int{}}
	fatal(t, m.relay.SetRoster(bookOf(t, l.Home(speaker)).Snapshot().Roster()))
	desk := func(s ident.State) ident.Address { return ident.Address{State: s, Track: ident.Technical} }
	return &side{month: m, speaker: desk(speaker), listener: desk(listener), key: shared}
}

// exportOf is what a State hands to the manager: an entry that its root signed, and its node's bundles.
func exportOf(t *testing.T, l *lab.Lab, s ident.State) []byte {
	t.Helper()
	home, err := node.OpenHome(l.Home(s), nil)
	fatal(t, err)
	dir, from := l.RootHome(s), time.Now().UTC().Truncate(time.Second)
	sheet, err := directory.HoldCeremony(directory.CeremonyConfig{Dir: dir, Realm: l.Realm, State: s, ValidFrom: from, Rand: rand.Reader})
	fatal(t, err)
	for track, keys := range home.PointKeys() {
		sheet.Signing = append(sheet.Signing, directory.SigningSheetKey{
			SheetKey: directory.SheetKey{Key: keys[0], ID: keys[0].ID(l.Realm)}, Address: ident.Address{State: s, Track: track},
			ValidFrom: from, ValidUntil: from.Add(directory.MaxSigningKeyLife),
		})
	}
	fatal(t, directory.WriteKeySheet(dir, sheet))
	folder, err := directory.InitStateFolder(dir, l.Realm, lab.Facts(s))
	fatal(t, err)
	root, err := seal.ReadSigningKey(filepath.Join(dir, directory.RootKeyFile), l.Realm, nil)
	fatal(t, err)
	_, view, err := folder.SignEntry(root, 0)
	fatal(t, err)
	bundles, err := home.KeyBundles(view.Entry, time.Now())
	fatal(t, err)
	export, err := folder.Export(bundles...)
	fatal(t, err)
	return export
}

func bookOf(t *testing.T, dir string) *directory.Book {
	t.Helper()
	home, err := node.OpenHome(dir, nil)
	fatal(t, err)
	book, err := home.Directory()
	fatal(t, err)
	return book
}

// recipient is to whom mail for a POC is sealed today.
func (s *side) recipient(a ident.Address) seal.Recipient {
	s.t.Helper()
	poc, err := bookOf(s.t, s.Home(a.State)).Snapshot().Lookup(a)
	fatal(s.t, err)
	r, err := seal.ParseRecipient(poc.Bundle.GetSealingKeys()[0].GetRecipient())
	fatal(s.t, err)
	return r
}

// sealingFile is the one sealing key of a POC that no node has run yet.
func (s *side) sealingFile(a ident.Address) string {
	s.t.Helper()
	names, err := filepath.Glob(filepath.Join(s.Home(a.State), "keys", "sealing-"+a.Track.String()+"-*.key"))
	if err != nil || len(names) != 1 {
		s.t.Fatalf("sealing keys: %v, %v", names, err)
	}
	return names[0]
}

// plant copies the sealing key with which the listener of another realm opens its mail, its head rewritten,
// into our home: whoever does that can have us open mail that is not ours.
func (s *side) plant(from *side) {
	s.t.Helper()
	b, err := os.ReadFile(from.sealingFile(from.listener))
	fatal(s.t, err)
	text := strings.Replace(string(b), "# realm: "+from.Realm.String()+"\n", "# realm: "+s.Realm.String()+"\n", 1)
	if text == string(b) {
		s.t.Fatal("the head of a key file names its realm otherwise")
	}
	name := filepath.Join(s.Home(s.listener.State), "keys", "sealing-technical-"+strconv.FormatInt(time.Now().Unix()-5, 10)+".key")
	fatal(s.t, os.WriteFile(name, []byte(text), 0o600))
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustMarshal(t *testing.T, m proto.Message) []byte {
	t.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	fatal(t, err)
	return b
}
