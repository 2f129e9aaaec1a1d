package console_test

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"valise.example/directory"
	"valise.example/exercise/lab"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// exported signs an entry of a State with the root in a folder, and gives what goes to the manager: the keys are those
// that its node has.
func (s *stage) exported(t *testing.T, state ident.State, dir string, sheet directory.KeySheet, facts directory.EntryFacts) []byte {
	t.Helper()
	home, err := node.OpenHome(s.lab.Home(state), nil)
	if err != nil {
		t.Fatal(err)
	}
	from := time.Now().UTC().Truncate(time.Second)
	sheet.Signing = nil
	for _, track := range home.Config().Tracks {
		for _, key := range home.PointKeys()[track] {
			sheet.Signing = append(sheet.Signing, directory.SigningSheetKey{
				SheetKey: directory.SheetKey{Key: key, ID: key.ID(s.lab.Realm)},
				Address:  ident.Address{State: state, Track: track}, ValidFrom: from.Add(-time.Hour), ValidUntil: from.Add(directory.MaxSigningKeyLife - time.Hour),
			})
		}
	}
	if err := directory.WriteKeySheet(dir, sheet); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, directory.EntryFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	folder, err := directory.InitStateFolder(dir, s.lab.Realm, facts)
	if err != nil {
		t.Fatal(err)
	}
	root, err := seal.ReadSigningKey(filepath.Join(dir, directory.RootKeyFile), s.lab.Realm, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, view, err := folder.SignEntry(root, 1)
	if err != nil {
		t.Fatal(err)
	}
	bundles, err := home.KeyBundles(view.Entry, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	export, err := folder.Export(bundles...)
	if err != nil {
		t.Fatal(err)
	}
	return export
}

// another makes another root of a State with an entry under it: what goes to the manager, and the root.
func (s *stage) another(t *testing.T, state ident.State, telephone string) ([]byte, ident.KeyID) {
	t.Helper()
	dir := t.TempDir()
	sheet, err := directory.HoldCeremony(directory.CeremonyConfig{Dir: filepath.Join(dir, "root"), Realm: s.lab.Realm, State: state, ValidFrom: time.Now(), Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	facts := lab.Facts(state)
	for i := range facts.Points {
		facts.Points[i].Telephones = []string{telephone}
	}
	key, err := seal.ReadSigningKey(filepath.Join(dir, "root", directory.RootKeyFile), s.lab.Realm, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.exported(t, state, filepath.Join(dir, "root"), sheet, facts), key.Public().ID(s.lab.Realm)
}

// anew signs a State's next entry with the root that it has, saying these facts.
func (s *stage) anew(t *testing.T, state ident.State, facts directory.EntryFacts) []byte {
	t.Helper()
	dir := s.lab.RootHome(state)
	sheet, err := directory.ReadKeySheet(dir, s.lab.Realm)
	if err != nil {
		t.Fatal(err)
	}
	return s.exported(t, state, dir, sheet, facts)
}

// published is the directory file after a manager whose folder this is took an entry, if any.
func (s *stage) published(t *testing.T, dir string, entry []byte, root ident.KeyID, valid time.Duration) []byte {
	t.Helper()
	manager, err := directory.OpenRegistry(dir, s.lab.Realm)
	if err != nil {
		t.Fatal(err)
	}
	if entry != nil {
		if _, err := manager.Admit(entry, directory.AdmitOptions{Now: time.Now(), ConfirmRoot: root}); err != nil {
			t.Fatal(err)
		}
	}
	key, err := seal.ReadSigningKey(filepath.Join(dir, directory.ManagerKeyFile), s.lab.Realm, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := manager.Publish(directory.PublishConfig{Now: time.Now(), ValidFor: valid, Signers: []*seal.SigningKey{key}})
	if err != nil {
		t.Fatal(err)
	}
	return p.Import
}

// shows gives a directory file to the node of a State, and gives what that answers.
func (s *stage) shows(t *testing.T, state ident.State, file []byte) error {
	t.Helper()
	_, err := valisev1.NewDirectoryServiceClient(s.dial(t, state)).ImportDirectory(t.Context(), &valisev1.ImportDirectoryRequest{Bundle: file})
	return err
}
