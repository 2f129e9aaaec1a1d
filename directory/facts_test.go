package directory_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

func TestEntryTOMLRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		line string
	}{
		"unknown key":               {"state = \"XA\"\ncountry = \"x\"\n", "line 2"},
		"unknown key in a table":    {"state = \"XA\"\n\n[[point_of_contact]]\ntrack = \"technical\"\nfax = \"1\"\n", "line 5"},
		"unknown key in a subtable": {"state = \"XA\"\n[[point_of_contact]]\ntrack = \"technical\"\n[[point_of_contact.entity]]\nlang = \"en\"\n", "line 5"},
		"unknown table":             {"state = \"XA\"\n[incident]\nwhat = \"x\"\n", "line 2"},
		"dotted key":                {"state = \"XA\"\nincident.what = \"x\"\n", "line 2"},
		"inline table":              {"state = \"XA\"\nname = [{language = \"en\", word = \"x\"}]\n", "line 2"},
		"other letters":             {"State = \"XA\"\n", "line 1"},
		"both spellings":            {"state = \"XA\"\nSTATE = \"XB\"\n", "line 2"},
		"a key twice":               {"state = \"XA\"\nstate = \"XB\"\n", "line 2"},
		"wrong type":                {"state = \"XA\"\nhours = 24\n", "line 2"},
		"text where a list belongs": {"state = \"XA\"\n[[point_of_contact]]\ntelephones = \"+999\"\n", "line 3"},
		"no TOML":                   {"state: XA\n", "line 1"},
		"time without a zone":       {"state = \"XA\"\nvalid_from = 2026-03-01T00:00:00\n", "line 2"},
		"date that is none":         {"state = \"XA\"\nreview_by = \"soon\"\n", "line 2"},
		"not UTF-8":                 {"state = \"\xff\"\n", "line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := directory.ParseEntryTOML([]byte(c.text))
			wantReason(t, err, valisev1.Reason_REASON_BAD_DRAFT)
			if !strings.Contains(err.Error(), c.line) {
				t.Fatalf("%v does not name %s", err, c.line)
			}
		})
	}
	_, err := directory.ParseEntryTOML(make([]byte, 256<<10+1))
	wantReason(t, err, valisev1.Reason_REASON_TOO_LARGE)
}

func TestEntryTOMLDates(t *testing.T) {
	f, err := directory.ParseEntryTOML([]byte("state = \"XA\"\nvalid_from = 2026-03-01\nreview_by = 2026-09-01T02:00:00+02:00\n"))
	if err != nil {
		t.Fatal(err)
	}
	if !f.ValidFrom.Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) || !f.ReviewBy.Equal(time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)) {
		t.Fatalf("%v, %v", f.ValidFrom, f.ReviewBy)
	}
}

// TestTemplateWithEveryExample takes the # away before every fact of the template: what it
// shows as an example must be right.
func TestTemplateWithEveryExample(t *testing.T) {
	template := string(directory.EntryTOML(directory.EntryFacts{State: "XA", Points: []directory.PointFacts{{Track: "technical"}}}))
	if _, err := directory.ParseEntryTOML([]byte(template)); err != nil {
		t.Fatalf("the bare template: %v", err)
	}
	var lines []string
	for line := range strings.SplitSeq(template, "\n") {
		fact := strings.TrimPrefix(line, "# ")
		if fact == "further = true" { // without it the block is the desk that the key needs
			continue
		}
		if strings.Contains(fact, " = ") && !strings.Contains(fact, "; courtesy") || strings.HasPrefix(fact, "[[") {
			line = fact
		}
		lines = append(lines, line)
	}
	f, err := directory.ParseEntryTOML([]byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	root, key := signingKey(t, "root of XA"), signingKey(t, "XA/technical")
	e, err := directory.BuildEntry(f, directory.EntryConfig{
		Realm: realm, Number: 1, Root: root.Public(),
		Keys: []directory.SigningKeyDates{{Track: ident.Technical, Key: key.Public(), ValidFrom: start, ValidUntil: start.AddDate(1, 0, 0)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := directory.SignEntry(realm, e, root); err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{e.GetNominatingAuthority(), e.GetNoteVerbale(), e.GetPointsOfContact()[0].GetTimeZone(), e.GetPointsOfContact()[0].GetEntity()[0].GetText()} {
		if got == "" {
			t.Fatal("an example got lost")
		}
	}
}

func factsGenerator() *rapid.Generator[directory.EntryFacts] {
	word := rapid.StringMatching(`[\pL\pN "\\#=\[\]'.,-]{1,20}`)
	texts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) directory.TextFact {
		return directory.TextFact{Language: rapid.SampledFrom([]string{"en", "fr", "zh-Hans"}).Draw(t, "language"), Text: word.Draw(t, "text"), Courtesy: rapid.Bool().Draw(t, "courtesy")}
	}), 0, 3)
	words := rapid.SliceOfN(word, 0, 3)
	at := rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "absent") {
			return time.Time{}
		}
		return time.Unix(rapid.Int64Range(1, 4e9).Draw(t, "at"), 0).UTC()
	})
	maybe := rapid.OneOf(rapid.Just(""), word)
	return rapid.Custom(func(t *rapid.T) directory.EntryFacts {
		f := directory.EntryFacts{
			State: "XA", NominatingAuthority: maybe.Draw(t, "authority"), NoteVerbale: maybe.Draw(t, "note"),
			NoteVerbaleDate: maybe.Draw(t, "date"), ValidFrom: at.Draw(t, "from"), ReviewBy: at.Draw(t, "review"), Names: texts.Draw(t, "names"),
		}
		for _, track := range []string{"diplomatic", "technical"} {
			if !rapid.Bool().Draw(t, track) {
				continue
			}
			f.Points = append(f.Points, directory.PointFacts{
				Track: track, Type: rapid.SampledFrom([]string{"", "entity", "person"}).Draw(t, "type"), Name: maybe.Draw(t, "name"),
				Telephones: words.Draw(t, "telephones"), Emails: words.Draw(t, "emails"), Languages: words.Draw(t, "languages"),
				Hours: maybe.Draw(t, "hours"), TimeZone: maybe.Draw(t, "zone"), Labels: words.Draw(t, "labels"),
				Entity: texts.Draw(t, "entity"), Designation: texts.Draw(t, "designation"),
				Open: words.Draw(t, "open"), Further: rapid.Bool().Draw(t, "further"),
			})
		}
		return f
	})
}

// TestEntryTOMLRoundTrip: whatever is written is read back.
func TestEntryTOMLRoundTrip(t *testing.T) {
	gen := factsGenerator()
	rapid.Check(t, func(rt *rapid.T) {
		f := gen.Draw(rt, "facts")
		text := directory.EntryTOML(f)
		back, err := directory.ParseEntryTOML(text)
		if err != nil {
			rt.Fatalf("%v in\n%s", err, text)
		}
		if diff := cmp.Diff(f, back, cmpopts.EquateEmpty()); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestBuildEntryRefuses(t *testing.T) {
	key := directory.SigningKeyDates{Track: ident.Diplomatic, Key: signingKey(t, "k").Public(), ValidFrom: start, ValidUntil: start.Add(1)}
	for name, c := range map[string]struct {
		facts directory.EntryFacts
		keys  []directory.SigningKeyDates
	}{
		"two desks on one track":  {facts: directory.EntryFacts{State: "XA", Points: []directory.PointFacts{{Track: "technical"}, {Track: "technical"}}}},
		"no track":                {facts: directory.EntryFacts{State: "XA", Points: []directory.PointFacts{{}}}},
		"another type":            {facts: directory.EntryFacts{State: "XA", Points: []directory.PointFacts{{Track: "technical", Type: "robot"}}}},
		"a key without its desk":  {facts: directory.EntryFacts{State: "XA", Points: []directory.PointFacts{{Track: "technical"}}}, keys: []directory.SigningKeyDates{key}},
		"a key, and nobody there": {facts: directory.EntryFacts{State: "XA"}, keys: []directory.SigningKeyDates{key}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := directory.BuildEntry(c.facts, directory.EntryConfig{Realm: realm, Number: 1, Root: signingKey(t, "r").Public(), Keys: c.keys})
			wantReason(t, err, valisev1.Reason_REASON_BAD_DRAFT)
		})
	}
}

func TestCeremony(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	c := directory.CeremonyConfig{
		Dir: dir, Realm: realm, State: "XA", Tracks: []ident.Track{ident.Diplomatic, ident.Technical},
		RootPassphrase: []byte("four words of test"), ValidFrom: start, Rand: randomness("ceremony"),
	}
	sheet, err := directory.HoldCeremony(c)
	if err != nil {
		t.Fatal(err)
	}
	back, err := directory.ReadKeySheet(dir, realm)
	if err != nil {
		t.Fatal(err)
	}
	if back.Root.ID != sheet.Root.ID || len(back.Signing) != 2 || back.Signing[1].ID != sheet.Signing[1].ID ||
		!back.Signing[1].ValidUntil.Equal(start.Add(directory.MaxSigningKeyLife)) || back.Signing[1].Address != address(t, "XA/technical") {
		t.Fatalf("read back %+v", back)
	}
	for _, k := range sheet.Signing {
		if key, err := seal.ReadSigningKey(filepath.Join(dir, k.File), realm, nil); err != nil || key.Public().ID(realm) != k.ID {
			t.Fatalf("%s: %v", k.File, err)
		}
	}
	if _, err := seal.ReadSigningKey(filepath.Join(dir, sheet.Root.File), realm, nil); !errors.Is(err, seal.ErrPassphraseNeeded) {
		t.Fatalf("the root opens without its passphrase: %v", err)
	}
	_, err = directory.HoldCeremony(c)
	wantReason(t, err, valisev1.Reason_REASON_ALREADY_EXISTS)
	_, err = directory.ReadKeySheet(dir, ident.Operational)
	wantReason(t, err, valisev1.Reason_REASON_WRONG_REALM)
	_, err = directory.ReadKeySheet(t.TempDir(), realm)
	wantReason(t, err, valisev1.Reason_REASON_NOT_FOUND)

	text, err := os.ReadFile(filepath.Join(dir, directory.KeySheetFile))
	if err != nil {
		t.Fatal(err)
	}
	for name, forged := range map[string]string{
		"another key beside the id":  strings.Replace(string(text), sheet.Signing[0].ID.String(), sheet.Signing[1].ID.String(), 1),
		"another fingerprint":        strings.Replace(string(text), sheet.Root.ID.Fingerprint(), sheet.Signing[0].ID.Fingerprint(), 1),
		"a key that no version has":  string(text) + "\n[extra]\n",
		"a track that no State has":  strings.Replace(string(text), `"technical"`, `"manager"`, 1),
		"a key that is not base64":   strings.Replace(string(text), `public = "`, `public = "?`, 1),
		"a root that was cut short":  strings.Replace(string(text), `public = "CAES`, `public = "`, 1),
		"a file that is not written": "realm = ",
	} {
		t.Run(name, func(t *testing.T) {
			if forged == string(text) {
				t.Fatal("nothing was forged")
			}
			if err := os.WriteFile(filepath.Join(dir, directory.KeySheetFile), []byte(forged), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := directory.ReadKeySheet(dir, realm)
			wantReason(t, err, valisev1.Reason_REASON_RECORD_DAMAGED)
		})
	}
}

func TestCeremonyRefuses(t *testing.T) {
	good := directory.CeremonyConfig{Realm: realm, State: "XA", Tracks: []ident.Track{ident.Technical}, ValidFrom: start}
	for name, c := range map[string]struct {
		change func(*directory.CeremonyConfig)
		want   valisev1.Reason
	}{
		"no realm":                 {func(c *directory.CeremonyConfig) { c.Realm = "" }, valisev1.Reason_REASON_WRONG_REALM},
		"a State of another realm": {func(c *directory.CeremonyConfig) { c.State = "AA" }, valisev1.Reason_REASON_WRONG_REALM},
		"a manager desk":           {func(c *directory.CeremonyConfig) { c.Tracks = []ident.Track{ident.Manager} }, valisev1.Reason_REASON_BAD_REQUEST},
		"one track twice":          {func(c *directory.CeremonyConfig) { c.Tracks = append(c.Tracks, ident.Technical) }, valisev1.Reason_REASON_BAD_REQUEST},
	} {
		t.Run(name, func(t *testing.T) {
			bad := good
			bad.Dir, bad.Rand = t.TempDir(), randomness("x")
			c.change(&bad)
			_, err := directory.HoldCeremony(bad)
			wantReason(t, err, c.want)
			if files, _ := os.ReadDir(bad.Dir); len(files) != 0 {
				t.Fatalf("%d files were written", len(files))
			}
		})
	}
}

func TestStateFolderNumbers(t *testing.T) {
	s := newSeat(t, "XA")
	root := s.key(directory.RootKeyFile)
	_, _, err := s.folder.Signed()
	wantReason(t, err, valisev1.Reason_REASON_NOT_FOUND)
	sign := func(shown uint64, want uint64) {
		t.Helper()
		_, view, err := s.folder.SignEntry(root, shown)
		if err != nil || view.Number != want {
			t.Fatalf("number %d, %v; want %d", view.Number, err, want)
		}
	}
	sign(0, 1)
	sign(1, 1)
	s.edit(func(f *directory.EntryFacts) { f.NoteVerbale = "NV/2" })
	sign(1, 2)
	sign(7, 8)
	_, _, err = s.folder.SignEntry(signingKey(t, "stranger"), 0)
	wantReason(t, err, valisev1.Reason_REASON_KEY_CHANGED)
	s.edit(func(f *directory.EntryFacts) { f.State = "XB" })
	_, _, err = s.folder.SignEntry(root, 0)
	wantReason(t, err, valisev1.Reason_REASON_BAD_DRAFT)
	_, _, err = openState(t, t.TempDir()).SignEntry(root, 0)
	wantReason(t, err, valisev1.Reason_REASON_NOT_FOUND)
	_, err = directory.OpenStateFolder(t.TempDir(), realm, "AA")
	wantReason(t, err, valisev1.Reason_REASON_WRONG_REALM)
}

func openState(t testing.TB, dir string) *directory.StateFolder {
	t.Helper()
	f, err := directory.OpenStateFolder(dir, realm, "XA")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestInitStateFolderKeepsWhatPeopleWrote(t *testing.T) {
	s := newSeat(t, "XA")
	s.edit(func(f *directory.EntryFacts) { f.NoteVerbale = "NV/9" })
	f, err := directory.InitStateFolder(s.dir, realm, directory.EntryFacts{State: "XA"})
	if err != nil {
		t.Fatal(err)
	}
	if facts, err := f.Facts(); err != nil || facts.NoteVerbale != "NV/9" {
		t.Fatalf("%+v, %v", facts, err)
	}
}

func TestRevokedKeyInTheSheet(t *testing.T) {
	s := newSeat(t, "XA")
	since := start.Add(time.Hour)
	s.sheet.Signing[0].RevokedSince = since
	if err := directory.WriteKeySheet(s.dir, s.sheet); err != nil {
		t.Fatal(err)
	}
	back, err := directory.ReadKeySheet(s.dir, realm)
	if err != nil || !reflect.DeepEqual(back.Signing[0].RevokedSince, since) {
		t.Fatalf("%v, %v", back.Signing, err)
	}
	_, view, err := s.folder.SignEntry(s.key(directory.RootKeyFile), 0)
	if err != nil {
		t.Fatal(err)
	}
	r := view.Entry.GetRevocations()
	if len(r) != 1 || ident.KeyID(r[0].GetKeyId()) != s.sheet.Signing[0].ID || !r[0].GetSince().AsTime().Equal(since) {
		t.Fatalf("revocations %v", r)
	}
	_, err = s.folder.Export(s.bundle(ident.Diplomatic, 1, start))
	wantReason(t, err, valisev1.Reason_REASON_REVOKED_KEY)
}
