package directory_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

func bundleFile(t testing.TB, bundles ...*valisev1.SignedObject) []byte {
	t.Helper()
	return encode(t, &valisev1.BundleExport{KeyBundles: bundles})
}

func takeBundles(t testing.TB, dir string, files ...[]byte) directory.FreshBundles {
	t.Helper()
	var offers []directory.BundleOffer
	for _, f := range files {
		offers = append(offers, directory.BundleOffer{File: f})
	}
	f, err := reopen(t, dir).TakeBundles(offers, start)
	must(t, err)
	return f
}

func admittedFiles(t testing.TB, dir string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "admitted", "*"))
	must(t, err)
	all := map[string]string{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		all[f] = string(b)
	}
	return all
}

// forged is a bundle of a seat with a change, signed by one of the seat's keys.
func (s *seat) forged(o *valisev1.SignedObject, key string, change func(*valisev1.KeyBundle)) *valisev1.SignedObject {
	s.t.Helper()
	b := &valisev1.KeyBundle{}
	must(s.t, proto.Unmarshal(o.GetObject(), b))
	change(b)
	return signed(s.t, seal.PurposeKeyBundle, b, s.key(key))
}

// TestFreshBundlesLeadTheReadingKey: the list is older than every key in it. With fresh bundles a
// withdrawal reaches who stays over the relay, under the new keys alone; who left opens nothing.
// docs/protocol.md §8.6
func TestFreshBundlesLeadTheReadingKey(t *testing.T) {
	dir, seats, book := published(t)
	later := start.AddDate(0, 0, 50)
	old := slices.Clone(seats["XA"].opens)
	file := bundleFile(t, seats["XA"].bundle(ident.Diplomatic, 1, later), seats["XA"].bundle(ident.Technical, 1, later))
	f, err := reopen(t, dir).TakeBundles([]directory.BundleOffer{{File: file}}, later)
	must(t, err)
	if len(f.Taken) != 2 || len(f.Refused) != 0 || f.Taken[0].Address.String() != "XA/diplomatic" || f.Taken[0].EntryNumber != 1 || !f.Taken[0].Expires.Equal(later.AddDate(0, 0, 45)) {
		t.Fatalf("taken %+v", f)
	}
	must(t, reopen(t, dir).Withdraw("XC", later))
	p := publish(t, dir, later)
	if len(p.NeedFile) != 2 { // XB's two
		t.Errorf("%v need a file", p.NeedFile)
	}
	relay, mailbox := shelfOf(t, p.Objects), randomName(t, "mailbox XAtechnical")
	if _, err := relay.read(book, mailbox, old...); reasonOf(err) != valisev1.Reason_REASON_CANNOT_DECRYPT {
		t.Errorf("the reading key is sealed to a key of before: %v", err)
	}
	for name, o := range relay.objects {
		if _, _, err := seal.OpenPiece(o, seats["XC"].opens...); err == nil {
			t.Errorf("who left opens the object %s", name)
		}
	}
	read, err := relay.read(book, mailbox, seats["XA"].opens...)
	must(t, err)
	if c, err := book.Import(read, directory.ImportOptions{}); err != nil || !slices.Equal(c.Left, []ident.State{"XC"}) || len(c.NewBundles) != 2 {
		t.Errorf("who stays took %+v, %v", c, err)
	}
}

// TestFreshBundlesAreJudgedOneByOne: what is older, foreign, forged or another's is refused with its
// reason, and keeps no good one out.
func TestFreshBundlesAreJudgedOneByOne(t *testing.T) {
	later := start.Add(time.Hour)
	for _, c := range []struct {
		name   string
		offer  func(map[ident.State]*seat) *valisev1.SignedObject
		of     string
		reason valisev1.Reason
	}{
		{"older", func(s map[ident.State]*seat) *valisev1.SignedObject {
			return s["XB"].forged(s["XB"].bundle(ident.Technical, 1, later), "technical-1.key", func(b *valisev1.KeyBundle) { b.Number = uint64(start.Unix()) - 1 })
		}, "XB/technical", valisev1.Reason_REASON_ROLLBACK},
		{"of an older entry", func(s map[ident.State]*seat) *valisev1.SignedObject {
			return s["XB"].forged(s["XB"].bundle(ident.Technical, 1, later), "technical-1.key", func(b *valisev1.KeyBundle) { b.EntryNumber = 0 })
		}, "XB/technical", valisev1.Reason_REASON_ROLLBACK},
		{"other content under the number", func(s map[ident.State]*seat) *valisev1.SignedObject {
			return s["XB"].forged(s["XB"].bundle(ident.Technical, 1, later), "technical-1.key", func(b *valisev1.KeyBundle) { b.Number = uint64(start.Unix()) })
		}, "XB/technical", valisev1.Reason_REASON_EQUIVOCATION},
		{"of an entry that is not here", func(s map[ident.State]*seat) *valisev1.SignedObject {
			return s["XB"].bundle(ident.Technical, 2, later)
		}, "XB/technical", valisev1.Reason_REASON_FAST_FORWARD},
		{"signed by another desk", func(s map[ident.State]*seat) *valisev1.SignedObject {
			return s["XB"].forged(s["XB"].bundle(ident.Technical, 1, later), "diplomatic-1.key", func(*valisev1.KeyBundle) {})
		}, "XB/technical", valisev1.Reason_REASON_UNKNOWN_KEY},
		{"signed by another State", func(s map[ident.State]*seat) *valisev1.SignedObject {
			return s["XC"].forged(s["XB"].bundle(ident.Technical, 1, later), "technical-1.key", func(*valisev1.KeyBundle) {})
		}, "XB/technical", valisev1.Reason_REASON_UNKNOWN_KEY},
		{"a changed byte", func(s map[ident.State]*seat) *valisev1.SignedObject {
			o := s["XB"].bundle(ident.Technical, 1, later)
			o.Signatures[0].Ed25519[3] ^= 1
			return o
		}, "XB/technical", valisev1.Reason_REASON_BAD_SIGNATURE},
		{"of a State that is not admitted", func(s map[ident.State]*seat) *valisev1.SignedObject {
			return newSeat(s["XA"].t, "XD").bundle(ident.Technical, 1, later)
		}, "XD/technical", valisev1.Reason_REASON_NOT_FOUND},
		{"with the mailbox of another", func(s map[ident.State]*seat) *valisev1.SignedObject {
			return s["XA"].forged(s["XA"].bundle(ident.Technical, 1, later), "technical-1.key", func(b *valisev1.KeyBundle) { b.Mailbox = randomName(s["XA"].t, "mailbox XBdiplomatic") })
		}, "XA/technical", valisev1.Reason_REASON_SHARED_KEY},
		{"of another realm", func(s map[ident.State]*seat) *valisev1.SignedObject {
			return s["XB"].forged(s["XB"].bundle(ident.Technical, 1, later), "technical-1.key", func(b *valisev1.KeyBundle) { b.Realm = "operational" })
		}, "XB/technical", valisev1.Reason_REASON_WRONG_REALM},
		{"longer than 45 days", func(s map[ident.State]*seat) *valisev1.SignedObject {
			return s["XB"].forged(s["XB"].bundle(ident.Technical, 1, later), "technical-1.key", func(b *valisev1.KeyBundle) { b.Expires = timestamppb.New(later.AddDate(0, 0, 46)) })
		}, "XB/technical", valisev1.Reason_REASON_VALIDITY},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, seats, _ := published(t)
			bad, good := c.offer(seats), seats["XB"].bundle(ident.Diplomatic, 1, later)
			f := takeBundles(t, dir, bundleFile(t, bad, good))
			if len(f.Refused) != 1 || f.Refused[0].Reason != c.reason || f.Refused[0].Address.String() != c.of || f.Refused[0].Detail == "" {
				t.Errorf("refused %+v, want %s of %s", f.Refused, c.reason, c.of)
			}
			if len(f.Taken) != 1 || f.Taken[0].Address.String() != "XB/diplomatic" {
				t.Errorf("taken %+v", f.Taken)
			}
			p := publish(t, dir, later)
			if want := []ident.Address{{State: "XB", Track: ident.Diplomatic}}; !slices.Equal(p.Changes.NewBundles, want) || len(p.Changes.Notices) != 0 {
				t.Errorf("published %+v", p.Changes)
			}
		})
	}
}

// TestFreshBundlesOfARevokedKeyAreRefused: the key that signed may be a thief's, and so its sealing keys.
func TestFreshBundlesOfARevokedKeyAreRefused(t *testing.T) {
	dir, seats, _ := published(t)
	xb := seats["XB"]
	stale := xb.bundle(ident.Technical, 2, start.Add(2*time.Hour))
	stolen := xb.key("technical-1.key").Public().ID(realm).String()
	sheet, err := directory.ReadKeySheet(xb.dir, realm)
	must(t, err)
	_, err = sheet.Revoke(stolen, start, start)
	must(t, err)
	must(t, directory.WriteKeySheet(xb.dir, sheet))
	signedEntry, view, err := xb.folder.SignEntry(xb.key(directory.RootKeyFile), xb.shown)
	must(t, err)
	file, err := directory.ExportEntry(realm, signedEntry, xb.bundle(ident.Diplomatic, view.Number, start))
	must(t, err)
	admit(t, dir, file)
	f := takeBundles(t, dir, bundleFile(t, stale))
	if len(f.Taken) != 0 || len(f.Refused) != 1 || f.Refused[0].Reason != valisev1.Reason_REASON_REVOKED_KEY {
		t.Errorf("%+v", f)
	}
}

// TestTheSameBundleIsNoNews: what is held already is neither taken nor refused, of two the newer is
// taken whichever comes first, and of a node's book only what is newer is looked at.
func TestTheSameBundleIsNoNews(t *testing.T) {
	dir, seats, book := published(t)
	whole, named, err := book.Snapshot().ExportBundles(func(ident.Address) bool { return true })
	must(t, err)
	if len(named) != 6 {
		t.Fatalf("%d bundles are handed over, the book has 6", len(named))
	}
	if f := takeBundles(t, dir, whole); len(f.Taken)+len(f.Refused) != 0 {
		t.Errorf("the bundles of the list: %+v", f)
	}
	second, third := seats["XB"].bundle(ident.Technical, 1, start.Add(time.Hour)), seats["XB"].bundle(ident.Technical, 1, start.Add(2*time.Hour))
	f := takeBundles(t, dir, bundleFile(t, third), bundleFile(t, second))
	if len(f.Taken) != 1 || f.Taken[0].Number != uint64(start.Add(2*time.Hour).Unix()) || len(f.Refused) != 1 || f.Refused[0].Reason != valisev1.Reason_REASON_ROLLBACK {
		t.Errorf("%+v", f)
	}
	foreign := newSeat(t, "XD").bundle(ident.Technical, 1, start)
	f, err = reopen(t, dir).TakeBundles([]directory.BundleOffer{{File: bundleFile(t, second, foreign), NewerOnly: true}, {File: whole, NewerOnly: true}}, start)
	must(t, err)
	if len(f.Taken)+len(f.Refused) != 0 {
		t.Errorf("of a node's book: %+v", f)
	}
	if _, _, err := book.Snapshot().ExportBundles(func(ident.Address) bool { return false }); reasonOf(err) != valisev1.Reason_REASON_NO_SEALING_KEY {
		t.Errorf("an empty file: %v", err)
	}
	for name, file := range map[string][]byte{"empty": nil, "an entry": seats["XA"].export(start), "no bundle": bundleFile(t)} {
		before := admittedFiles(t, dir)
		if _, err := reopen(t, dir).TakeBundles([]directory.BundleOffer{{File: file}}, start); reasonOf(err) == valisev1.Reason_REASON_UNSPECIFIED {
			t.Errorf("%s was taken: %v", name, err)
		}
		if !maps.Equal(before, admittedFiles(t, dir)) {
			t.Errorf("%s changed what is admitted", name)
		}
	}
}

// TestFreshBundlesStay: neither the same entry admitted again from an old file nor another manager's
// list brings older keys back.
func TestFreshBundlesStay(t *testing.T) {
	p := newPanel(t, 2, 3).agree()
	xa, xb := newSeat(t, "XA"), newSeat(t, "XB")
	old := xb.export(start)
	admit(t, p.dirs[0], xa.export(start))
	admit(t, p.dirs[0], old)
	p.publish(0, 1, start)

	fresh := xb.bundle(ident.Technical, 1, start.Add(time.Hour))
	later := xb.bundle(ident.Technical, 1, start.Add(2*time.Hour))
	takeBundles(t, p.dirs[0], bundleFile(t, fresh))
	takeBundles(t, p.dirs[1], bundleFile(t, later))
	admit(t, p.dirs[0], old)
	s := p.propose(0, start.Add(time.Hour))
	if !slices.Contains(s.Review.Lines, "XB/technical has a new key bundle") {
		t.Errorf("who signs is told %q", s.Review.Lines)
	}
	s = p.sign(1, s.File, directory.ReviewOptions{})
	for n := range p.dirs {
		p.take(n, s.File)
	}
	number := func(n int) uint64 {
		poc, err := p.open(n).Published().Lookup(address(t, "XB/technical"))
		must(t, err)
		return poc.Bundle.GetNumber()
	}
	if number(0) != uint64(start.Add(time.Hour).Unix()) || number(2) != number(0) {
		t.Errorf("the proposal carried bundle %d", number(0))
	}
	// What manager 1 took meanwhile is in the next list.
	s = p.sign(2, p.propose(1, start.Add(3*time.Hour)).File, directory.ReviewOptions{})
	p.takeAll(s.File)
	if number(0) != uint64(start.Add(2*time.Hour).Unix()) {
		t.Errorf("the next list has bundle %d", number(0))
	}
}
