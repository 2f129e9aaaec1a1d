package directory_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// seat is a State with a folder of its own, as an operator has it.
type seat struct {
	t      testing.TB
	dir    string
	state  ident.State
	folder *directory.StateFolder
	sheet  directory.KeySheet
	last   map[ident.Track]uint64
	box    string
	shown  uint64
	opens  []seal.SealingKey
}

func newSeat(t testing.TB, state ident.State) *seat {
	t.Helper()
	s := &seat{t: t, dir: t.TempDir(), state: state, last: map[ident.Track]uint64{}, box: string(state)}
	var err error
	s.sheet, err = directory.HoldCeremony(directory.CeremonyConfig{
		Dir: s.dir, Realm: realm, State: state, Tracks: []ident.Track{ident.Diplomatic, ident.Technical},
		ValidFrom: start, Rand: randomness("ceremony of " + string(state)),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.folder, err = directory.InitStateFolder(s.dir, realm, directory.EntryFacts{
		State: string(state), Points: []directory.PointFacts{{Track: "diplomatic"}, {Track: "technical", Telephones: []string{"+99900000001"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *seat) key(name string) *seal.SigningKey {
	s.t.Helper()
	k, err := seal.ReadSigningKey(filepath.Join(s.dir, name), realm, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return k
}

func (s *seat) bundle(track ident.Track, entryNumber uint64, now time.Time) *valisev1.SignedObject {
	s.t.Helper()
	key, err := seal.GenerateSealingKey()
	if err != nil {
		s.t.Fatal(err)
	}
	s.opens = append(s.opens, key)
	a := ident.Address{State: s.state, Track: track}
	s.last[track] = directory.NextBundleNumber(s.last[track], now)
	o, err := directory.SignBundle(directory.BuildBundle(directory.BundleConfig{
		Realm: realm, Address: a, EntryNumber: entryNumber, Number: s.last[track],
		SealingKeys: []directory.SealingKeyDates{{Recipient: key.Recipient(), ValidFrom: now, AcceptedUntil: now.AddDate(0, 0, 45)}},
		Mailbox:     randomName(s.t, "mailbox "+s.box+track.String()), SenderToken: randomName(s.t, "token "+s.box+track.String()),
		RelayNKeys: []string{relayKey(s.t, s.box)}, Issued: now, Expires: now.AddDate(0, 0, 45),
	}), s.key(track.String()+"-1.key"))
	if err != nil {
		s.t.Fatal(err)
	}
	return o
}

// export signs what entry.toml says now and makes the file for the manager.
func (s *seat) export(now time.Time) []byte {
	s.t.Helper()
	_, view, err := s.folder.SignEntry(s.key(directory.RootKeyFile), s.shown)
	if err != nil {
		s.t.Fatal(err)
	}
	b, err := s.folder.Export(s.bundle(ident.Diplomatic, view.Number, now), s.bundle(ident.Technical, view.Number, now))
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

func (s *seat) edit(f func(*directory.EntryFacts)) {
	s.t.Helper()
	facts, err := s.folder.Facts()
	if err != nil {
		s.t.Fatal(err)
	}
	f(&facts)
	if err := os.WriteFile(filepath.Join(s.dir, directory.EntryFile), directory.EntryTOML(facts), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func newRegistry(t testing.TB) (string, *directory.Registry) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "registry")
	r, err := directory.InitManager(dir, directory.ManagerConfig{Realm: realm, Rand: randomness("registry"), Now: start})
	if err != nil {
		t.Fatal(err)
	}
	return dir, r
}

func reopen(t testing.TB, dir string) *directory.Registry {
	t.Helper()
	r, err := directory.OpenRegistry(dir, realm)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func publish(t testing.TB, dir string, now time.Time) directory.Publication {
	t.Helper()
	key, err := seal.ReadSigningKey(filepath.Join(dir, directory.ManagerKeyFile), realm, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := reopen(t, dir).Publish(directory.PublishConfig{Now: now, Signers: []*seal.SigningKey{key}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func admit(t testing.TB, dir string, file []byte) directory.Admission {
	t.Helper()
	a, err := reopen(t, dir).Admit(file, directory.AdmitOptions{Now: start})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func relayCard(t testing.TB, name, addr string) []byte {
	t.Helper()
	return encode(t, &valisev1.RelayCard{Realm: string(realm), Name: name, Address: addr, TlsKey: bytes.Repeat([]byte{7}, 32)})
}

// newSeatSeeded is the same State with other keys.
func newSeatSeeded(t testing.TB, state ident.State, seed string) *seat {
	t.Helper()
	s := &seat{t: t, dir: t.TempDir(), state: state, last: map[ident.Track]uint64{}, box: seed}
	_, err := directory.HoldCeremony(directory.CeremonyConfig{
		Dir: s.dir, Realm: realm, State: state, Tracks: []ident.Track{ident.Diplomatic, ident.Technical}, ValidFrom: start, Rand: randomness(seed),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.folder, err = directory.InitStateFolder(s.dir, realm, directory.EntryFacts{State: string(state), Points: []directory.PointFacts{{Track: "diplomatic"}, {Track: "technical"}}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
