package node_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"valise.example/directory"
	"valise.example/gateway"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

const wrongRealm = valisev1.Reason_REASON_WRONG_REALM

// mixUp is one way in which files of a home of another realm come into ours.
type mixUp struct {
	name string
	do   func(t *testing.T, theirs, ours string, from, to ident.Realm)
	want valisev1.Reason
}

// moved puts one file, or all of a folder, of their home in the place of ours.
func moved(name string) func(*testing.T, string, string, ident.Realm, ident.Realm) {
	return func(t *testing.T, theirs, ours string, _, _ ident.Realm) {
		t.Helper()
		for _, old := range matches(t, ours, name) {
			fatal(t, os.RemoveAll(old))
		}
		for _, source := range matches(t, theirs, name) {
			rel, err := filepath.Rel(theirs, source)
			fatal(t, err)
			if info, err := os.Stat(source); err == nil && info.IsDir() {
				copyHome(t, source, filepath.Join(ours, rel))
				continue
			}
			b, err := os.ReadFile(source)
			fatal(t, err)
			fatal(t, os.WriteFile(filepath.Join(ours, rel), b, 0o600))
		}
	}
}

func matches(t *testing.T, dir, name string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, name))
	if err != nil || len(found) == 0 {
		t.Fatalf("no %s: %v", name, err)
	}
	return found
}

// rewritten is moved by somebody who writes our realm over theirs in the head of a file.
func rewritten(name string) func(*testing.T, string, string, ident.Realm, ident.Realm) {
	return func(t *testing.T, theirs, ours string, from, to ident.Realm) {
		t.Helper()
		moved(name)(t, theirs, ours, from, to)
		for _, file := range matches(t, ours, name) {
			b, err := os.ReadFile(file)
			fatal(t, err)
			changed := strings.Replace(string(b), from.String(), to.String(), 1)
			if changed == string(b) {
				t.Fatalf("%s names its realm nowhere", name)
			}
			fatal(t, os.WriteFile(file, []byte(changed), 0o600))
		}
	}
}

// withSecret brings their record under their record key, which is written anew as a file of our realm: all
// that the file could tell is right, and only what is sealed in the record is not.
func withSecret(t *testing.T, theirs, ours string, from, to ident.Realm) {
	t.Helper()
	moved("record.db")(t, theirs, ours, from, to)
	secret, err := seal.ReadSecret(filepath.Join(theirs, "keys", "record.key"), from, "record", nil)
	fatal(t, err)
	name := filepath.Join(ours, "keys", "record.key")
	fatal(t, errors.Join(os.Remove(name), seal.WriteSecret(name, to, "record", secret, nil)))
}

// mixUps are the files of a home. The mailbox file and the door's key are missing on purpose: a mailbox is a
// random name that opens nothing, and a relay lets in by the connection key.
var mixUps = []mixUp{
	{"a signing key", moved("keys/signing-technical.key"), wrongRealm},
	{"a signing key under our realm's name", rewritten("keys/signing-technical.key"), valisev1.Reason_REASON_UNSPECIFIED},
	{"sealing keys", moved("keys/sealing-technical-*.key"), wrongRealm},
	{"the record key", moved("keys/record.key"), wrongRealm},
	{"the record key under our realm's name", rewritten("keys/record.key"), valisev1.Reason_REASON_UNSPECIFIED},
	{"the connection key", moved("keys/relay.key"), wrongRealm},
	{"the connection key under our realm's name", rewritten("keys/relay.key"), valisev1.Reason_REASON_UNSPECIFIED},
	{"the record", moved("record.db"), valisev1.Reason_REASON_KEY_CHANGED},
	{"the record with its key", withSecret, wrongRealm},
	{"the directory", moved("directory"), wrongRealm},
	{"the configuration", moved("valise.toml"), wrongRealm},
	{"all keys", moved("keys"), wrongRealm},
}

// TestNoFileServesTwoRealms: a home into which a file of a home of another realm has come does not open, and
// says why; no such file is worth more under a head that names our realm. docs/protocol.md §2.2
func TestNoFileServesTwoRealms(t *testing.T) {
	operation, one, two := wards(t)
	for _, pair := range [][2]*side{{one, operation}, {operation, one}, {one, two}} {
		from, to := pair[0], pair[1]
		for _, m := range mixUps {
			t.Run(m.name+" of "+from.Realm.String()[:8]+" in "+to.Realm.String()[:8], func(t *testing.T) {
				ours := filepath.Join(t.TempDir(), "home")
				copyHome(t, to.Home(to.listener.State), ours)
				if x, err := node.Open(ours, openConfig()); err != nil {
					t.Fatalf("nothing was moved, and it does not open: %v", err)
				} else {
					fatal(t, x.Close())
				}
				m.do(t, from.Home(from.listener.State), ours, from.Realm, to.Realm)
				x, err := node.Open(ours, openConfig())
				if err == nil {
					fatal(t, x.Close())
					t.Fatal("the home opens")
				}
				if got := node.ReasonOf(err); got != m.want && m.want != valisev1.Reason_REASON_UNSPECIFIED {
					t.Errorf("refused as %s, want %s: %v", got, m.want, err)
				}
			})
		}
	}
}

// TestNoBackupServesTwoRealms: a backup says of which realm it is, and who asks for another gets nothing.
// docs/protocol.md §7.6
func TestNoBackupServesTwoRealms(t *testing.T) {
	_, one, two := wards(t)
	out := filepath.Join(t.TempDir(), "backup")
	home, err := node.OpenHome(one.Home("XB"), nil)
	fatal(t, err)
	record, err := home.OpenRecord(openConfig())
	fatal(t, err)
	_, err = home.Backup(t.Context(), node.BackupConfig{Out: out, Record: record, Now: time.Now})
	fatal(t, errors.Join(err, record.Close()))
	archive, err := os.ReadFile(out)
	fatal(t, err)
	restore := func(archive []byte, as ident.Realm) (string, error) {
		dir := filepath.Join(t.TempDir(), "restored")
		_, err := node.Restore(context.Background(), node.RestoreConfig{Dir: dir, File: bytes.NewReader(archive), Realm: as, Now: time.Now, Rand: rand.Reader})
		return dir, err
	}
	for _, realm := range []ident.Realm{ident.Operational, two.Realm} {
		dir, err := restore(archive, realm)
		if node.ReasonOf(err) != wrongRealm {
			t.Errorf("as %s: %v", realm, err)
		}
		if left, err := os.ReadDir(dir); err == nil && len(left) > 0 {
			t.Errorf("as %s: %v is left of it", realm, left)
		}
	}
	// The two realms of one name are of one length, so that the archive stays whole where it is rewritten.
	forged := bytes.ReplaceAll(archive, []byte(one.Realm), []byte(two.Realm))
	if _, err := restore(forged, two.Realm); err == nil {
		t.Error("a backup whose realm was rewritten is restored")
	}
	if _, err := restore(archive, one.Realm); err != nil {
		t.Errorf("a backup of our own realm: %v", err)
	}
}

// TestNoSignedObjectServesTwoRealms: entry, list, key bundle, roster, cards and transcripts, as files that
// somebody hands over in good faith.
func TestNoSignedObjectServesTwoRealms(t *testing.T) {
	operation, one, two := wards(t)
	for _, pair := range [][2]*side{{one, operation}, {operation, one}, {one, two}} {
		from, to := pair[0], pair[1]
		t.Run(from.Realm.String()[:8]+" in "+to.Realm.String()[:8], func(t *testing.T) {
			for name, err := range from.takenBy(t, to) {
				if got := node.ReasonOf(err); got != wrongRealm {
					t.Errorf("%s is taken or refused as %s: %v", name, got, err)
				}
			}
			for name, err := range to.takenBy(t, to) {
				if err != nil {
					t.Errorf("%s of our own realm: %v", name, err)
				}
			}
		})
	}
}

// takenBy is what becomes of each object of one realm where it is handed over in another.
func (s *side) takenBy(t *testing.T, to *side) map[string]error {
	t.Helper()
	read := func(dir, name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		fatal(t, err)
		return b
	}
	out := map[string]error{}
	root, list := s.RootHome(s.speaker.State), read(s.DirectoryHome(), directory.ImportFile)
	_, err := bookOf(t, to.Home(to.listener.State)).Check(list, directory.ImportOptions{})
	out["a directory file"] = err
	_, err = directory.ReadKeySheet(root, to.Realm)
	out["a key sheet"] = err
	_, err = seal.ReadSigningKey(filepath.Join(root, directory.RootKeyFile), to.Realm, nil)
	out["a root key"] = err
	_, err = directory.OpenRegistry(s.DirectoryHome(), to.Realm)
	out["a manager's folder"] = err
	_, err = directory.ParseRoster(to.Realm, read(s.DirectoryHome(), directory.RosterFile))
	out["a roster"] = err
	card, err := directory.FormatManagerCard(s.Realm, s.key.Public())
	fatal(t, err)
	_, err = directory.ParseManagerCard(to.Realm, card)
	out["a manager's card"] = err
	poc, err := bookOf(t, s.Home(s.listener.State)).Snapshot().Lookup(s.listener)
	fatal(t, err)
	bundle, err := seal.SignObject(s.Realm, seal.PurposeKeyBundle, mustMarshal(t, poc.Bundle), s.key)
	fatal(t, err)
	_, err = directory.ParseBundle(to.Realm, bundle)
	out["a key bundle"] = err
	return out
}

// TestNoTranscriptServesTwoRealms: the transcript of a ceremony of one exercise proves nothing in the root's
// folder of another, though people, State and dates are the same.
func TestNoTranscriptServesTwoRealms(t *testing.T) {
	_, one, two := wards(t)
	for _, s := range []*side{one, two} {
		dir := s.RootHome("XA")
		sheet, err := directory.ReadKeySheet(dir, s.Realm)
		fatal(t, err)
		root, err := seal.ReadSigningKey(filepath.Join(dir, directory.RootKeyFile), s.Realm, nil)
		fatal(t, err)
		_, err = directory.RecordCeremony(dir, sheet, root, directory.Transcript{
			Kind: directory.CeremonyFirst, Began: time.Now(), Ended: time.Now(),
			Attendants: []directory.Attendant{{Role: "custodian", Name: "A. Rowan"}, {Role: "reader", Name: "B. Alder"}, {Role: "witness", Name: "C. Elm"}},
		})
		fatal(t, err)
		_, err = directory.VerifyCeremonies(dir, sheet)
		fatal(t, err)
	}
	ours := two.RootHome("XA")
	moved("ceremony-*")(t, one.RootHome("XA"), ours, one.Realm, two.Realm)
	sheet, err := directory.ReadKeySheet(ours, two.Realm)
	fatal(t, err)
	if _, err := directory.VerifyCeremonies(ours, sheet); node.ReasonOf(err) != wrongRealm {
		t.Errorf("a transcript of another realm is taken or refused otherwise: %v", err)
	}
}

// TestStatesKeepToTheirRealm: an invented State has no home in operation and any other none in an exercise,
// and neither writes to the other, whatever its own directory says. docs/protocol.md §2.2
func TestStatesKeepToTheirRealm(t *testing.T) {
	operation, one, _ := wards(t)
	for _, c := range []struct {
		realm ident.Realm
		state ident.State
	}{{ident.Operational, "XA"}, {ident.Operational, "QM"}, {one.Realm, "AA"}, {one.Realm, "ZZ"}, {one.Realm, "FR"}, {one.Realm, "XK"}} {
		err := node.Init(node.InitConfig{Dir: filepath.Join(t.TempDir(), "home"), State: c.state, Realm: c.realm, Now: time.Now, Rand: rand.Reader})
		if node.ReasonOf(err) != wrongRealm {
			t.Errorf("%s has a home in %s: %v", c.state, c.realm, err)
		}
	}
	for _, c := range []struct {
		at *side
		to string
	}{{operation, "XA/technical"}, {operation, "QZ/diplomatic"}, {one, "AA/technical"}, {one, "ZZ/diplomatic"}} {
		x, err := node.Open(c.at.Home(c.at.listener.State), openConfig())
		fatal(t, err)
		_, err = x.Gateway().Inquire(t.Context(), officer, &valisev1.SendInquiryRequest{To: c.to, Inquiry: inquiry("x")})
		if e, ok := errors.AsType[*gateway.Error](err); !ok || e.Reason != wrongRealm {
			t.Errorf("%s writes to %s: %v", c.at.listener, c.to, err)
		}
		fatal(t, x.Close())
	}
}
