package directory_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"valise.example/directory"
	"valise.example/proto/ident"
	"valise.example/seal"
)

// Example walks from a State's first keys to a node that can look it up.
func Example() {
	dir, err := os.MkdirTemp("", "valise-directory-example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	realm := ident.Realm("exercise:lab-00112233445566778899aabbccddeeff")
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

	// The State: keys, facts, a signed entry.
	home := filepath.Join(dir, "XA")
	_, err = directory.HoldCeremony(directory.CeremonyConfig{
		Dir: home, Realm: realm, State: "XA", Tracks: []ident.Track{ident.Technical}, ValidFrom: now, Rand: rand.Reader,
	})
	check(err)
	state, err := directory.InitStateFolder(home, realm, directory.EntryFacts{
		State: "XA", Points: []directory.PointFacts{{Track: "technical", Telephones: []string{"+99900000001"}}},
	})
	check(err)
	root, err := seal.ReadSigningKey(filepath.Join(home, directory.RootKeyFile), realm, nil)
	check(err)
	_, _, err = state.SignEntry(root, 0)
	check(err)
	export, err := state.Export()
	check(err)

	// The manager: admits it and publishes.
	registry, err := directory.InitManager(filepath.Join(dir, "manager"), directory.ManagerConfig{Realm: realm, Rand: rand.Reader, Now: now})
	check(err)
	admission, err := registry.Admit(export, directory.AdmitOptions{Now: now})
	check(err)
	fmt.Println("admitted", admission.Entry.State, "entry", admission.Entry.Number)
	key, err := seal.ReadSigningKey(filepath.Join(dir, "manager", directory.ManagerKeyFile), realm, nil)
	check(err)
	published, err := registry.Publish(directory.PublishConfig{Now: now, Signers: []*seal.SigningKey{key}})
	check(err)

	// A node: takes the file, because it knows the manager's key from elsewhere.
	book, err := directory.Open(filepath.Join(dir, "book"), realm)
	check(err)
	_, err = book.Import(published.Import, directory.ImportOptions{TrustManagers: registry.Managers().Managers})
	check(err)
	poc, err := book.Snapshot().Lookup(ident.Address{State: "XA", Track: ident.Technical})
	check(err)
	fmt.Println("list", book.Snapshot().Number(), "reaches", poc.Address, "by telephone", poc.Point.GetTelephones()[0])
	// Output:
	// admitted XA entry 1
	// list 1 reaches XA/technical by telephone +99900000001
}

func check(err error) {
	if err != nil {
		fmt.Println(err)
	}
}
