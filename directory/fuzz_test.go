package directory_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// refusedOrFine fails on any error that is no typed refusal.
func refusedOrFine(t *testing.T, err error) {
	t.Helper()
	var r *directory.Refusal
	if err != nil && (!errors.As(err, &r) || r.Reason == valisev1.Reason_REASON_UNSPECIFIED || r.Reason == valisev1.Reason_REASON_INTERNAL) {
		t.Fatalf("an error without a reason: %v", err)
	}
}

// badBytes are seeds that every parser of protobuf gets, after an honest object: the table of
// reliability items 45 to 55 as bytes.
func badBytes(f *testing.F, honest []byte) {
	f.Add(honest)
	f.Add([]byte(nil))
	f.Add(honest[:len(honest)/2])
	f.Add(append(bytes.Clone(honest), honest...))                  // every field twice
	f.Add(append(bytes.Clone(honest), 0xf8, 0x07, 0x01))           // a field of no version
	f.Add(append(bytes.Clone(honest), 0x10, 0x84, 0x80, 0x00))     // an over-long varint
	f.Add(append(bytes.Clone(honest), 0x0b, 0x0c))                 // a group
	f.Add(append([]byte{0x0a, 0xff, 0xff, 0xff, 0x7f}, honest...)) // a length beyond the end
	f.Add(bytes.Repeat([]byte{0x22, 0x00}, 5000))
}

func FuzzImport(f *testing.F) {
	first := firstEdition(f)
	badBytes(f, first.bytes())
	second := first.next()
	second.leave("XE")
	f.Add(second.bytes())
	opts := trust(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		s, _, err := directory.CheckFile(realm, b, opts)
		refusedOrFine(t, err)
		if err != nil {
			return
		}
		roster, err := directory.EncodeRoster(s.Roster())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := directory.ParseRoster(realm, roster); err != nil {
			t.Fatalf("a directory that is taken gives no roster: %v", err)
		}
	})
}

func FuzzList(f *testing.F) {
	first := firstEdition(f)
	badBytes(f, encode(f, first.list))
	second := first.next()
	second.leave("XE")
	f.Add(encode(f, second.list))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := directory.ParseList(realm, &valisev1.SignedObject{Object: b})
		refusedOrFine(t, err)
	})
}

func FuzzManagerSet(f *testing.F) {
	m := managerKey(f)
	badBytes(f, managerSet(f, 1, 1, nil, m).GetObject())
	f.Add(managerSet(f, 2, 0, nil, m, m).GetObject())
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := directory.ParseManagerSet(realm, &valisev1.SignedObject{Object: b})
		refusedOrFine(t, err)
	})
}

func FuzzEntry(f *testing.F) {
	first := firstEdition(f)
	badBytes(f, encode(f, first.entries["XA"]))
	root := first.roots["XA"]
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > seal.MaxObject {
			return
		}
		o, err := seal.SignObject(realm, seal.PurposeEntry, b, root)
		if err != nil {
			t.Fatal(err)
		}
		view, err := directory.ParseEntry(realm, o)
		refusedOrFine(t, err)
		if err == nil && (!realm.Admits(view.State) || view.Root != root.Public().ID(realm)) {
			t.Fatalf("took an entry of %s", view.State)
		}
	})
}

func FuzzBundle(f *testing.F) {
	first := firstEdition(f)
	badBytes(f, encode(f, first.bundles["XA/technical"]))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := directory.ParseBundle(realm, &valisev1.SignedObject{Object: b})
		refusedOrFine(t, err)
		if err == nil && k.GetExpires().AsTime().Sub(k.GetIssued().AsTime()) > directory.MaxBundleLife {
			t.Fatal("took a bundle that lives longer than 45 days")
		}
	})
}

func FuzzBundleExport(f *testing.F) {
	s := newSeat(f, "XA")
	badBytes(f, bundleFile(f, s.bundle(ident.Technical, 1, start), s.bundle(ident.Diplomatic, 1, start)))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := directory.ParseBundleExport(b)
		refusedOrFine(t, err)
		if err == nil && (len(all) == 0 || len(all) > 2048) {
			t.Fatalf("took %d bundles", len(all))
		}
	})
}

func FuzzEntryExport(f *testing.F) {
	s := newSeat(f, "XA")
	badBytes(f, s.export(start))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := directory.ParseEntryExport(realm, b)
		refusedOrFine(t, err)
	})
}

func FuzzRelayCard(f *testing.F) {
	badBytes(f, relayCard(f, "relay one", "192.0.2.1:4222"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := directory.ParseRelayCard(realm, &valisev1.SignedObject{Object: b})
		refusedOrFine(t, err)
	})
}

func FuzzRoster(f *testing.F) {
	s, _, err := directory.CheckFile(realm, firstEdition(f).bytes(), trust(f))
	if err != nil {
		f.Fatal(err)
	}
	honest, err := directory.EncodeRoster(s.Roster())
	if err != nil {
		f.Fatal(err)
	}
	badBytes(f, honest)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := directory.ParseRoster(realm, b)
		refusedOrFine(t, err)
		if err != nil {
			return
		}
		if again, err := directory.EncodeRoster(r); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("two files for one roster: %v", err)
		}
	})
}

func FuzzEntryTOML(f *testing.F) {
	f.Add(directory.EntryTOML(directory.EntryFacts{State: "XA", Points: []directory.PointFacts{{Track: "technical", Telephones: []string{"+99900000001"}}}}))
	for _, s := range []string{
		"", "state = \"XA\"\nstate = \"XB\"", "State = \"XA\"", "a.b.c = 1", "[[name]]\n[[name]]\n", "name = [{language = \"en\", text = \"x\"}]",
		"valid_from = 2026-03-01", "valid_from = 07:32:00", "state = '''\n'''", "state = \"\\uD800\"", "x = nan\n", "[state]\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		facts, err := directory.ParseEntryTOML(b)
		refusedOrFine(t, err)
		if err != nil {
			return
		}
		again, err := directory.ParseEntryTOML(directory.EntryTOML(facts))
		if err != nil || !bytes.Equal(directory.EntryTOML(again), directory.EntryTOML(facts)) {
			t.Fatalf("facts change when they are written and read: %v", err)
		}
	})
}

func FuzzKeySheet(f *testing.F) {
	s := newSeat(f, "XA")
	b, err := os.ReadFile(filepath.Join(s.dir, directory.KeySheetFile))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("realm = \"" + string(realm) + "\"\nstate = \"XA\"\n[root]\npublic = \"CAE=\"\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := directory.ParseKeySheet(realm, b)
		refusedOrFine(t, err)
	})
}

// FuzzCurrent exchanges the file that says what is in force.
func FuzzCurrent(f *testing.F) {
	base := f.TempDir()
	mustImport(f, openBook(f, base), firstEdition(f))
	honest, err := os.ReadFile(filepath.Join(base, "current.toml"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(honest)
	f.Add(bytes.ReplaceAll(honest, []byte("[[state]]"), []byte("[[bundle]]")))
	f.Add([]byte("realm = \"" + string(realm) + "\"\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		if err := os.Symlink(filepath.Join(base, "objects"), filepath.Join(dir, "objects")); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "current.toml"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := directory.Open(dir, realm)
		refusedOrFine(t, err)
	})
}

// TestHonestSeedsAreTaken keeps the fuzz targets from testing refusals only.
func TestHonestSeedsAreTaken(t *testing.T) {
	first := firstEdition(t)
	if _, err := directory.ParseList(realm, &valisev1.SignedObject{Object: encode(t, first.list)}); err != nil {
		t.Error(err)
	}
	if _, err := directory.ParseEntry(realm, signed(t, seal.PurposeEntry, first.entries["XA"], first.roots["XA"])); err != nil {
		t.Error(err)
	}
	if _, err := directory.ParseBundle(realm, &valisev1.SignedObject{Object: encode(t, first.bundles["XA/technical"])}); err != nil {
		t.Error(err)
	}
	if v, err := directory.ParseEntryExport(realm, newSeat(t, "XA").export(start)); err != nil || v.State != "XA" {
		t.Error(err)
	}
}

func FuzzHead(f *testing.F) {
	honest := newForger(f).cut(firstEdition(f).file()).head
	badBytes(f, encode(f, honest))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := directory.ParseHead(realm, b)
		refusedOrFine(t, err)
		if err != nil {
			return
		}
		// Whatever is announced, only what is there can be fetched, and nothing of it is in force.
		relay := &shelf{t: t}
		if _, err := openBook(t, t.TempDir()).Snapshot().Assemble(h, relay.fetch); reasonOf(err) != valisev1.Reason_REASON_PART_MISSING || relay.asked != 1 {
			t.Fatalf("of an empty relay %d objects were fetched, and it ended with %v", relay.asked, err)
		}
	})
}

func FuzzReadingKey(f *testing.F) {
	key, err := seal.GenerateSealingKey()
	if err != nil {
		f.Fatal(err)
	}
	badBytes(f, encode(f, &valisev1.ReadingKey{Realm: string(realm), Key: key.Secret()}))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := directory.ParseReadingKey(realm, b)
		refusedOrFine(t, err)
		if err == nil && k.IsZero() {
			t.Fatal("a key that is none was taken")
		}
	})
}
