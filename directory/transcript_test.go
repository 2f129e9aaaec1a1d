package directory_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

func people() []directory.Attendant {
	return []directory.Attendant{{Role: "custodian", Name: "A. Example"}, {Role: "reader", Name: "B. Example"}, {Role: "witness", Name: "C. Example", Office: "Ministry"}}
}

// hold writes down a ceremony that is signed by one of the folder's roots.
func (s *seat) hold(kind directory.CeremonyKind, file string) error {
	s.t.Helper()
	sheet, err := directory.ReadKeySheet(s.dir, realm)
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = directory.RecordCeremony(s.dir, sheet, s.key(file), directory.Transcript{Kind: kind, Began: start, Ended: start, Attendants: people()})
	return err
}

func (s *seat) verify() ([]directory.Transcript, error) {
	s.t.Helper()
	sheet, err := directory.ReadKeySheet(s.dir, realm)
	if err != nil {
		s.t.Fatal(err)
	}
	return directory.VerifyCeremonies(s.dir, sheet)
}

// succeeded is a folder whose root was followed by another: first, next, switch, rotation.
func succeeded(t *testing.T) *seat {
	t.Helper()
	s := newSeat(t, "XA")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.hold(directory.CeremonyFirst, directory.RootKeyFile))
	sheet, err := directory.MakeNextRoot(directory.NextRootConfig{Dir: s.dir, Sheet: s.sheet, Rand: randomness("the next root")})
	must(err)
	must(s.hold(directory.CeremonyNext, directory.RootKeyFile))
	_, _, err = s.folder.SignEntry(s.key(directory.RootKeyFile), 0)
	must(err)
	s.sheet, err = s.folder.SwitchRoot(s.key(sheet.NextRoot.File))
	must(err)
	must(s.hold(directory.CeremonySwitch, sheet.NextRoot.File))
	must(s.hold(directory.CeremonyRotation, sheet.NextRoot.File))
	return s
}

// TestSuccessionOfRoots: the entry of the next root follows from the one that announced it, at every
// node that holds that one, and is held back where nothing announced it. docs/protocol.md §8.1
func TestSuccessionOfRoots(t *testing.T) {
	s := succeeded(t)
	all, err := s.verify()
	if err != nil || len(all) != 4 || all[3].Root.KeyID != s.sheet.Root.ID.String() || all[0].Root.KeyID == all[3].Root.KeyID {
		t.Fatalf("%+v, %v", all, err)
	}
	back, err := directory.ReadKeySheet(s.dir, realm)
	if err != nil || len(back.EarlierRoots) != 1 || back.EarlierRoots[0].File != directory.RootKeyFile || !back.NextRoot.ID.IsZero() {
		t.Fatalf("the sheet is %+v, %v", back, err)
	}
	before, view, err := s.folder.Signed()
	if err != nil {
		t.Fatal(err)
	}
	after, newer, err := s.folder.SignEntry(s.key(s.sheet.Root.File), 0)
	if err != nil || newer.Number != view.Number+1 || newer.Root != s.sheet.Root.ID || newer.Root == view.Root {
		t.Fatalf("%+v, %v", newer, err)
	}
	first := firstEdition(t)
	for _, state := range []string{"XA", "XB", "XC", "XE"} {
		delete(first.entries, state)
		delete(first.bundles, state+"/technical")
		delete(first.bundles, state+"/diplomatic")
	}
	take := func(book *directory.Book, e *edition, entry *valisev1.SignedObject, v directory.EntryView) directory.Changes {
		t.Helper()
		e.entries["XA"] = v.Entry
		e.roots["XA"] = s.key(directory.RootKeyFile)
		if v.Root == s.sheet.Root.ID {
			e.roots["XA"] = s.key(s.sheet.Root.File)
		}
		e.enrol()
		return mustImport(t, book, e)
	}
	announced := openBook(t, t.TempDir())
	take(announced, first, before, view)
	if c := take(announced, first.next(), after, newer); len(c.KeyChanged) != 0 || len(c.Updated) != 1 {
		t.Errorf("the announced root is not taken: %+v", c)
	}
	unannounced := silentOf(view)
	silent := openBook(t, t.TempDir())
	take(silent, first, before, unannounced)
	if c := take(silent, first.next(), after, newer); len(c.KeyChanged) != 1 {
		t.Errorf("a root that nothing announced is taken: %+v", c)
	}
}

func TestSwitchRefuses(t *testing.T) {
	s := newSeat(t, "XA")
	root := s.key(directory.RootKeyFile)
	_, err := s.folder.SwitchRoot(root)
	wantReason(t, err, valisev1.Reason_REASON_NOT_FOUND)
	sheet, err := directory.MakeNextRoot(directory.NextRootConfig{Dir: s.dir, Sheet: s.sheet, Rand: randomness("next")})
	if err != nil {
		t.Fatal(err)
	}
	next := s.key(sheet.NextRoot.File)
	_, err = s.folder.SwitchRoot(root)
	wantReason(t, err, valisev1.Reason_REASON_KEY_CHANGED)
	_, err = s.folder.SwitchRoot(next)
	wantReason(t, err, valisev1.Reason_REASON_NOT_FOUND) // no entry at all is signed
	_, err = directory.MakeNextRoot(directory.NextRootConfig{Dir: s.dir, Sheet: sheet, Rand: randomness("third")})
	wantReason(t, err, valisev1.Reason_REASON_ALREADY_EXISTS)
	if _, _, err := s.folder.SignEntry(root, 0); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(filepath.Join(s.dir, sheet.NextRoot.File))
	if err != nil {
		t.Fatal(err)
	}
	again, err := directory.MakeNextRoot(directory.NextRootConfig{Dir: s.dir, Sheet: sheet, Again: true, Rand: randomness("third")})
	if err != nil || again.NextRoot.ID == sheet.NextRoot.ID {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(filepath.Join(s.dir, sheet.NextRoot.File)); err != nil || string(now) != string(kept) {
		t.Error("the root that was announced first is gone")
	}
	_, err = s.folder.SwitchRoot(s.key(again.NextRoot.File))
	wantReason(t, err, valisev1.Reason_REASON_NOT_IN_THIS_STATE)
}

// TestTranscriptsThatWereTouched: every change of what was written down is found.
func TestTranscriptsThatWereTouched(t *testing.T) {
	_, err := newSeat(t, "XB").verify()
	wantReason(t, err, valisev1.Reason_REASON_NOT_FOUND)
	for name, c := range map[string]struct {
		touch func(s *seat)
		want  valisev1.Reason
	}{
		"a name in the text":            {func(s *seat) { s.replace("ceremony-2.toml", "A. Example", "D. Example") }, valisev1.Reason_REASON_MIXED},
		"a text without a signature":    {func(s *seat) { s.forge(2, nil) }, valisev1.Reason_REASON_BAD_SIGNATURE},
		"a stranger's signature":        {func(s *seat) { s.forge(2, signingKey(t, "stranger")) }, valisev1.Reason_REASON_BAD_SIGNATURE},
		"the order":                     {func(s *seat) { s.copy("ceremony-2", "ceremony-3") }, valisev1.Reason_REASON_CHAIN},
		"a text that is gone":           {func(s *seat) { s.remove("ceremony-1.toml") }, valisev1.Reason_REASON_RECORD_DAMAGED},
		"the last two are gone":         {func(s *seat) { s.remove("ceremony-4.signed"); s.remove("ceremony-3.signed") }, valisev1.Reason_REASON_CHAIN},
		"a first one without another's": {func(s *seat) { s.remove("ceremony-1.toml"); s.remove("ceremony-1.signed") }, valisev1.Reason_REASON_NOT_FOUND},
		"bytes that are no object":      {func(s *seat) { s.write("ceremony-2.signed", "short") }, valisev1.Reason_REASON_WIRE_FORM},
	} {
		t.Run(name, func(t *testing.T) {
			s := succeeded(t)
			c.touch(s)
			_, err := s.verify()
			wantReason(t, err, c.want)
		})
	}
}

// TestHalfWrittenTranscript: one that lost its power before the signature is written anew.
func TestHalfWrittenTranscript(t *testing.T) {
	s := succeeded(t)
	s.remove("ceremony-4.signed")
	if err := s.hold(directory.CeremonyRotation, s.sheet.Root.File); err != nil {
		t.Fatal(err)
	}
	if all, err := s.verify(); err != nil || len(all) != 4 {
		t.Fatalf("%d, %v", len(all), err)
	}
	if err := s.hold(directory.CeremonyRotation, directory.RootKeyFile); reasonOf(err) != valisev1.Reason_REASON_KEY_CHANGED {
		t.Errorf("signed by the root of before: %v", err)
	}
}

func TestAttendanceRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"another role":      "[[attendant]]\nrole = \"cook\"\nname = \"A\"\n",
		"nobody's name":     "[[attendant]]\nrole = \"witness\"\n",
		"an unknown key":    "[[attendant]]\nrole = \"witness\"\nname = \"A\"\nkey = \"x\"\n",
		"another spelling":  "[[attendant]]\nRole = \"witness\"\nname = \"A\"\n",
		"no words":          "[[deviation]]\nstep = 1\n",
		"a step below none": "[[deviation]]\nstep = -1\ntext = \"x\"\n",
		"a long line":       "[[deviation]]\nstep = 1\ntext = \"" + strings.Repeat("a", 301) + "\"\n",
		"many people":       strings.Repeat("[[attendant]]\nrole = \"witness\"\nname = \"A\"\n", 33),
		"no TOML":           "attendant: A\n",
	} {
		_, err := directory.ParseAttendance([]byte(text))
		if reasonOf(err) != valisev1.Reason_REASON_BAD_DRAFT {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := directory.ParseAttendance([]byte("[[attendant]]\nrole = \"witness\"\nname = \"A\\u202eB\"\n"))
	wantReason(t, err, valisev1.Reason_REASON_BAD_TEXT)
	for want, names := range map[string][3]string{
		"": {"A", "B", "C"}, "the only witness is a custodian": {"A", "B", "A"},
	} {
		a := directory.Attendance{Attendants: []directory.Attendant{{Role: "custodian", Name: names[0]}, {Role: "reader", Name: names[1]}, {Role: "witness", Name: names[2]}}}
		if got := a.Missing(); got != want {
			t.Errorf("%v: %q, want %q", names, got, want)
		}
		a.Attendants = a.Attendants[1:]
		if got := a.Missing(); got != "nobody is named as custodian" {
			t.Errorf("without a custodian: %q", got)
		}
	}
}

// silentOf is the same entry without a word of another root.
func silentOf(v directory.EntryView) directory.EntryView {
	v.Entry = &valisev1.Entry{
		Realm: v.Entry.GetRealm(), State: v.Entry.GetState(), Number: v.Entry.GetNumber(), Root: v.Entry.GetRoot(), PointsOfContact: v.Entry.GetPointsOfContact(),
	}
	return v
}

func (s *seat) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *seat) read(name string) string {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

func (s *seat) remove(name string) {
	s.t.Helper()
	if err := os.Remove(filepath.Join(s.dir, name)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *seat) replace(name, old, with string) {
	s.t.Helper()
	text := s.read(name)
	if !strings.Contains(text, old) {
		s.t.Fatalf("%s does not hold %q", name, old)
	}
	s.write(name, strings.ReplaceAll(text, old, with))
}

func (s *seat) copy(from, to string) {
	s.t.Helper()
	for _, end := range []string{".toml", ".signed"} {
		s.write(to+end, s.read(from+end))
	}
}

// forge changes a name in a transcript and signs it with another key, or with none.
func (s *seat) forge(n int, key *seal.SigningKey) {
	s.t.Helper()
	name := "ceremony-" + string(rune('0'+n))
	s.replace(name+".toml", "A. Example", "D. Example")
	var keys []*seal.SigningKey
	if key != nil {
		keys = append(keys, key)
	}
	o, err := seal.SignObject(realm, seal.PurposeTranscript, []byte(s.read(name+".toml")), keys...)
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(name+".signed", string(encode(s.t, o)))
}

// TestRootThatNobodyAnnounced: a folder whose root was exchanged can write down what it likes, in order and
// signed, and is found by what the honest root did not say.
func TestRootThatNobodyAnnounced(t *testing.T) {
	for _, kind := range []directory.CeremonyKind{directory.CeremonyRotation, directory.CeremonySwitch} {
		s := succeeded(t)
		stranger := signingKey(t, "stranger")
		exchanged := s.sheet
		exchanged.Root = directory.SheetKey{Key: stranger.Public(), ID: stranger.Public().ID(realm), File: "root-9.key"}
		if _, err := directory.RecordCeremony(s.dir, exchanged, stranger, directory.Transcript{Kind: kind, Began: start, Ended: start, Attendants: people()}); err != nil {
			t.Fatal(err)
		}
		_, err := directory.VerifyCeremonies(s.dir, exchanged)
		wantReason(t, err, valisev1.Reason_REASON_CHAIN)
	}
}
