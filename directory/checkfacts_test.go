package directory_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
)

// fullFacts say everything that A-7a names, and one more point of contact than messages reach.
func fullFacts() directory.EntryFacts {
	return directory.EntryFacts{
		State: "XA", NominatingAuthority: "Ministry of Foreign Affairs of Alder", NoteVerbale: "NV/2026/0001", NoteVerbaleDate: "2026-03-01",
		ValidFrom: start, ReviewBy: start.AddDate(0, 6, 0),
		Names: []directory.TextFact{{Language: "fr", Text: "Aulne"}, {Language: "en", Text: "Alder", Courtesy: true}},
		Points: []directory.PointFacts{
			{
				Track: "technical", Type: "entity", Telephones: []string{"+99900000001"}, Emails: []string{"desk@cert.example"}, Languages: []string{"fr", "sw", "zh-Hans"},
				Hours: "office hours, and a watch at night", TimeZone: "Africa/Cairo", Open: []string{"Sun-Thu 08:00-16:00"},
				Entity: []directory.TextFact{{Language: "fr", Text: "CERT national"}, {Language: "en", Text: "National CERT", Courtesy: true}},
			},
			{
				Track: "technical", Further: true, Type: "person", Name: "A. Example", Labels: []string{"policy"}, Telephones: []string{"+99900000002"}, Emails: []string{"policy@cert.example"},
				Languages: []string{"en"}, Open: []string{"always"}, TimeZone: "Etc/UTC", Designation: []directory.TextFact{{Language: "en", Text: "Policy adviser"}},
			},
			{Track: "technical", Further: true, Labels: []string{"legal"}},
		},
	}
}

// TestEveryFactReachesTheDirectory signs full facts and looks at what other States are shown; the
// diplomatic track has nobody, and that is right too. A-7a-i, B-1b
func TestEveryFactReachesTheDirectory(t *testing.T) {
	f := fullFacts()
	text := directory.EntryTOML(f)
	back, err := directory.ParseEntryTOML(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := directory.CheckFacts(back); err != nil {
		t.Fatal(err)
	}
	e := firstEdition(t)
	body, err := directory.BuildEntry(back, directory.EntryConfig{Realm: realm, Number: 1, Root: e.roots["XA"].Public()})
	if err != nil {
		t.Fatal(err)
	}
	body.PointsOfContact[0].SigningKeys = e.entries["XA"].GetPointsOfContact()[1].GetSigningKeys()
	e.entries["XA"] = body
	delete(e.bundles, "XA/diplomatic")
	e.enrol()
	book := openBook(t, t.TempDir())
	mustImport(t, book, e)
	shown := book.Snapshot().Show(start).States
	i := slices.IndexFunc(shown, func(s directory.StateListing) bool { return s.State == "XA" })
	xa := shown[i]
	if len(xa.POCs) != 1 || xa.POCs[0].Address != "XA/technical" || xa.POCs[0].Office == nil || !xa.POCs[0].Office.Open {
		t.Fatalf("the desk is shown as %+v", xa.POCs)
	}
	if len(xa.Further) != 2 || xa.Further[0].Name != "A. Example" || xa.Further[0].Office == nil || xa.Further[0].Designation[0].Text != "Policy adviser" || xa.Further[1].Labels[0] != "legal" {
		t.Fatalf("the further ones are shown as %+v", xa.Further)
	}
	if !xa.Names[1].Courtesy || xa.Names[0].Courtesy || !xa.POCs[0].Entity[1].Courtesy {
		t.Fatal("the unofficial translation is not marked as one")
	}
	if advice := directory.Advise(f, start); !slices.ContainsFunc(advice, func(s string) bool { return strings.HasPrefix(s, "there is no diplomatic point") }) {
		t.Fatalf("advice %q", advice)
	}
}

func TestCheckFactsRefuses(t *testing.T) {
	for name, change := range map[string]func(*directory.EntryFacts){
		"a telephone with blanks":                 func(f *directory.EntryFacts) { f.Points[0].Telephones = []string{"+999 000 000"} },
		"a telephone without its plus":            func(f *directory.EntryFacts) { f.Points[0].Telephones = []string{"99900000001"} },
		"a telephone twice":                       func(f *directory.EntryFacts) { f.Points[0].Telephones = []string{"+99900000001", "+99900000001"} },
		"an email with a name":                    func(f *directory.EntryFacts) { f.Points[0].Emails = []string{"Desk <desk@cert.example>"} },
		"two emails in one":                       func(f *directory.EntryFacts) { f.Points[0].Emails = []string{"a@cert.example,b@cert.example"} },
		"a language by its name":                  func(f *directory.EntryFacts) { f.Points[0].Languages = []string{"French"} },
		"a language that nobody registered":       func(f *directory.EntryFacts) { f.Points[0].Languages = []string{"xq"} },
		"a language with an underscore":           func(f *directory.EntryFacts) { f.Points[0].Languages = []string{"fr_FR"} },
		"a zone that does not exist":              func(f *directory.EntryFacts) { f.Points[0].TimeZone = "Africa/Alder" },
		"the zone of this machine":                func(f *directory.EntryFacts) { f.Points[0].TimeZone = "Local" },
		"hours without a zone":                    func(f *directory.EntryFacts) { f.Points[0].TimeZone = "" },
		"too many hours":                          func(f *directory.EntryFacts) { f.Points[0].Open = slices.Repeat([]string{"Mon 08:00-09:00"}, 15) },
		"a translation of nothing":                func(f *directory.EntryFacts) { f.Names = f.Names[1:] },
		"one language twice":                      func(f *directory.EntryFacts) { f.Names[0].Language = "en" },
		"words without a language":                func(f *directory.EntryFacts) { f.Names[0].Language = "" },
		"a language without words":                func(f *directory.EntryFacts) { f.Names[0].Text = "" },
		"a review before it begins":               func(f *directory.EntryFacts) { f.ReviewBy = f.ValidFrom },
		"a date of the note verbale in words":     func(f *directory.EntryFacts) { f.NoteVerbaleDate = "1 March" },
		"two desks for messages on one track":     func(f *directory.EntryFacts) { f.Points[1].Further = false },
		"a manager's desk of a State":             func(f *directory.EntryFacts) { f.Points[2].Track = "manager" },
		"a further one on no track":               func(f *directory.EntryFacts) { f.Points[2].Track = "policy" },
		"a further one with hours without a zone": func(f *directory.EntryFacts) { f.Points[1].TimeZone = "" },
		"an empty label":                          func(f *directory.EntryFacts) { f.Points[1].Labels = []string{""} },
		"text that turns":                         func(f *directory.EntryFacts) { f.Points[1].Name = "A\u202eB" },
	} {
		t.Run(name, func(t *testing.T) {
			f := fullFacts()
			change(&f)
			err := directory.CheckFacts(f)
			want := valisev1.Reason_REASON_BAD_DRAFT
			if name == "text that turns" {
				want = valisev1.Reason_REASON_BAD_TEXT
			}
			wantReason(t, err, want)
		})
	}
	if err := directory.CheckFacts(directory.EntryFacts{State: "XA"}); err != nil {
		t.Errorf("an entry without any fact: %v", err)
	}
}

// TestFurtherPointsHaveNoKeys: nothing that no message reaches can speak.
func TestFurtherPointsHaveNoKeys(t *testing.T) {
	for name, change := range map[string]func(*edition, *valisev1.PointOfContact){
		"a key of its own": func(e *edition, p *valisev1.PointOfContact) {
			p.SigningKeys = []*valisev1.SigningKey{{Key: signingKey(e.t, "other").Public().Proto(), ValidFrom: timestamppb.New(start), ValidUntil: timestamppb.New(start.AddDate(1, 0, 0))}}
		},
		"a manager's track":       func(_ *edition, p *valisev1.PointOfContact) { p.Track = "manager" },
		"no track":                func(_ *edition, p *valisev1.PointOfContact) { p.Track = "" },
		"a language that is none": func(_ *edition, p *valisev1.PointOfContact) { p.Languages = []string{"any language"} },
		"a name that turns":       func(_ *edition, p *valisev1.PointOfContact) { p.Name = "A\u202eB" },
	} {
		t.Run(name, func(t *testing.T) {
			e := firstEdition(t)
			p := &valisev1.PointOfContact{Track: "technical", Name: "A. Example"}
			change(e, p)
			e.entries["XB"].FurtherPoints = []*valisev1.PointOfContact{p}
			e.enrol()
			if _, err := openBook(t, t.TempDir()).Import(e.bytes(), trust(t)); err == nil {
				t.Fatal("it was taken")
			}
		})
	}
}

// TestSlipIsFoundBeforeTheRootSigns: the folder of the State refuses what CheckFacts refuses.
func TestSlipIsFoundBeforeTheRootSigns(t *testing.T) {
	s := newSeat(t, "XA")
	s.edit(func(f *directory.EntryFacts) { f.Points[1].Languages = []string{"Klingon"} })
	_, _, err := s.folder.SignEntry(s.key(directory.RootKeyFile), 0)
	wantReason(t, err, valisev1.Reason_REASON_BAD_DRAFT)
}
