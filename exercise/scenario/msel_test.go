package scenario_test

import (
	"bytes"
	"encoding/csv"
	"reflect"
	"slices"
	"strings"
	"testing"

	"valise.example/exercise/scenario"
)

func listOf(t testing.TB, s *scenario.Scenario, language string) string {
	t.Helper()
	var b bytes.Buffer
	if err := scenario.WriteMSEL(&b, s, language); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestMSELRoundTrip: what is written is read as the same injects, in every language, and taking it back into the
// file changes nothing.
func TestMSELRoundTrip(t *testing.T) {
	for _, name := range []string{"lantern-ward", "form-drill"} {
		s, data := bundled(t, name)
		for _, language := range scenario.Languages() {
			m := scenario.DefaultMapping(language)
			planned, errs := scenario.ReadMSEL("list.csv", strings.NewReader(listOf(t, s, language)), m)
			if len(errs) > 0 || len(planned) != len(s.Injects) {
				t.Fatalf("%s: %d of %d, %v", language, len(planned), len(s.Injects), errs)
			}
			for i, p := range planned {
				want := s.Injects[i]
				want.As, want.Text = only(want.As, language), only(want.Text, language)
				want.Does = nil // what seats are told to do has no column, and stays in the file
				if !reflect.DeepEqual(p.Inject, want) {
					t.Errorf("%s: read %+v, want %+v", language, p.Inject, want)
				}
			}
			merged, err := scenario.Merge(name, data, "list.csv", planned, m)
			if err != nil || !bytes.Equal(merged.Data, data) || len(merged.Same) != len(s.Injects) {
				t.Errorf("%s: %v, added %v, changed %v", language, err, merged.Added, merged.Changed)
			}
		}
	}
}

func only(t scenario.Texts, language string) scenario.Texts {
	return scenario.Texts{language: strings.TrimSpace(t[language])}
}

// TestMSELSaysWhatIsExpected: a list is read by people who do not see the file.
func TestMSELSaysWhatIsExpected(t *testing.T) {
	s, _ := bundled(t, "lantern-ward")
	rows, err := csv.NewReader(strings.NewReader(listOf(t, s, "fr"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"I03", "T+01:10:00", "2030-03-05 06:40:00 UTC", "", "", "press", "Meridian News, agence de presse"}; !slices.Equal(rows[3][:7], want) {
		t.Errorf("got %q", rows[3])
	}
	if want := "E05: XB/diplomatic inquiry.sent to XA/diplomatic within 1h"; rows[3][13] != want || rows[3][14] != "O4" {
		t.Errorf("got %q", rows[3][13:])
	}
	if rows[5][3] != "response.sent from XB/technical" || rows[5][4] != "10m" || rows[9][3] != "manual" || rows[9][12] != "no" {
		t.Errorf("got %q and %q", rows[5], rows[9])
	}
}

// TestNoCellIsAFormula, whatever stands before its sign and in whichever line; and all of it is read as it was.
func TestNoCellIsAFormula(t *testing.T) {
	for _, text := range []string{"=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", " =1", "'=1", "''=1", "'plain", "\"=1", "first\n=second", "|x", "%x", "＝1", "−1", "plain"} {
		s, _ := bundled(t, "lantern-ward")
		s.Injects[0].Text["en"] = text
		out := listOf(t, s, "en")
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, cell := range row {
				for line := range strings.SplitSeq(cell, "\n") {
					if first := strings.TrimLeft(line, " \""); first != "" && strings.ContainsAny(first[:1], "=+-@|%") {
						t.Errorf("%q gives the cell %q", text, cell)
					}
				}
			}
		}
		planned, errs := scenario.ReadMSEL("l", strings.NewReader(out), scenario.DefaultMapping("en"))
		if len(errs) > 0 || planned[0].Inject.Text["en"] != strings.TrimSpace(text) {
			t.Errorf("%q is read as %q, %v", text, planned[0].Inject.Text["en"], errs)
		}
	}
}

const mapping = `valise = "msel-map/v1"
language = "en"
separator = ";"
several = "/ "
start = 2030-03-05T05:30:00Z
seats = { "CERT Alder" = "XA/technical", "Ministry Alder" = "XA/diplomatic" }
how = { "E-mail" = "note", "Call" = "phone" }

[columns]
id = "Nr"
time = "Zeit"
to = "An"
as = "Von"
how = "Weg"
text = "Was"
`

func mapped(t testing.TB, text string) scenario.Mapping {
	t.Helper()
	m, err := scenario.ParseMapping("map.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestTimesOfAList: organisers write times in many ways.
func TestTimesOfAList(t *testing.T) {
	clock := strings.Replace(mapping, "[columns]", "clock = true\n[columns]", 1)
	for _, c := range []struct{ text, at, want string }{
		{mapping, "1h10m", "T+01:10:00"}, {mapping, "T+01:10:00", "T+01:10:00"}, {mapping, "1:10", "T+01:10:00"}, {mapping, "+01:10", "T+01:10:00"},
		{mapping, "D+1 H+2 M+3", "T+26:03:00"}, {mapping, "H+2", "T+02:00:00"}, {mapping, "M+90", "T+01:30:00"},
		{mapping, "2030-03-05 06:40", "T+01:10:00"}, {mapping, "2030-03-05T06:40:30Z", "T+01:10:30"}, {mapping, "2030-03-05T09:40:00+03:00", "T+01:10:00"},
		{mapping, "2030-03-05 06:40:00 UTC", "T+01:10:00"}, {clock, "06:40", "T+01:10:00"}, {clock, "05:00", "T+23:30:00"}, {clock, "T+01:10:00", "T+01:10:00"},
		{mapping, "soon", "is no time"}, {mapping, "2030-03-05 05:29", "before STARTEX"}, {clock, "25:00", "is no time"}, {mapping, "D+99", "later than any"},
		{strings.Replace(mapping, "start = 2030-03-05T05:30:00Z\n", "", 1), "2030-03-05 06:40", "does not say"},
	} {
		planned, errs := scenario.ReadMSEL("l", strings.NewReader("Nr;Zeit;An;Von;Weg;Was\nI1;"+c.at+";CERT Alder/ Ministry Alder;we;E-mail;words\n"), mapped(t, c.text))
		switch {
		case strings.HasPrefix(c.want, "T+"):
			if len(errs) > 0 || planned[0].Inject.At.Clock() != c.want || len(planned[0].Inject.To) != 2 || planned[0].Inject.How != scenario.Note {
				t.Errorf("%q: got %+v, %v", c.at, planned, errs)
			}
		case len(errs) != 1 || !strings.Contains(errs[0].Reason, c.want) || errs[0].Line != 2 || errs[0].Key != "Zeit":
			t.Errorf("%q: want %q, got %v", c.at, c.want, errs)
		}
	}
}

// TestBadLists: each line that is wrong is told, with its column.
func TestBadLists(t *testing.T) {
	const head = "No.,Time,When,Delay,Delivery,From,To,Text,Opens from,Opens to,Incident of,Scored\n"
	const good = "I1,5m,,,note,we,XA/technical,words,,,,yes\n"
	for _, c := range []struct {
		name, list string
		line       int
		column     string
		says       string
	}{
		{"no list", "", 0, "", "empty"},
		{"no titles", "\"No.,Time", 1, "", "no line of titles"},
		{"no column", strings.Replace(head, "Text", "Words", 1) + good, 1, "Text", "no such column"},
		{"a column twice", strings.Replace(head, "Delay", "Text", 1) + good, 1, "Text", "two columns"},
		{"an id twice", head + good + good, 3, "No.", "line 2"},
		{"no id", head + good + ",5m,,,note,we,XA/technical,words,,,,yes\n", 3, "No.", "missing"},
		{"a wrong id", head + "1,5m,,,note,we,XA/technical,words,,,,yes\n", 2, "No.", "form of"},
		{"a wrong seat", head + "\n\nI1,5m,,,note,we,XA/tech,words,,,,yes\n", 4, "To", "form of"},
		{"the seat of a State", head + "I1,5m,,,note,we,N" + "O/technical,words,,,,yes\n", 2, "To", "no invented State"},
		{"a wrong way", head + "I1,5m,,,carrier pigeon,we,XA/technical,words,,,,yes\n", 2, "Delivery", "not known"},
		{"no time", head + "I1,,,,note,we,XA/technical,words,,,,yes\n", 2, "Time", "exactly one"},
		{"time and condition", head + "I1,5m,met E1,,note,we,XA/technical,words,,,,yes\n", 2, "Time", "exactly one"},
		{"a wrong condition", head + "I1,,when E1,,note,we,XA/technical,words,,,,yes\n", 2, "When", "no condition"},
		{"an open condition", head + "I1,,all(met E1,,note,we,XA/technical,words,,,,yes\n", 2, "When", "not closed"},
		{"an unknown act", head + "I1,,waved from XA/technical,,note,we,XA/technical,words,,,,yes\n", 2, "When", "not known"},
		{"too deep", head + "I1,," + strings.Repeat("not(", 9) + "met E1" + strings.Repeat(")", 9) + ",,note,we,XA/technical,words,,,,yes\n", 2, "When", "deep"},
		{"delay without condition", head + "I1,5m,,10m,note,we,XA/technical,words,,,,yes\n", 2, "Delay", "no when"},
		{"opens nothing", head + "I1,5m,,,note,we,XA/technical,words,XB/technical,,,yes\n", 2, "Opens to", "missing"},
		{"scored perhaps", head + "I1,5m,,,note,we,XA/technical,words,,,,perhaps\n", 2, "Scored", "neither"},
		{"no CSV", head + "I1,5m,\"open", 2, "", "no CSV"},
		{"not UTF-8", head + "I1,5m,\xff", 2, "", "UTF-8"},
		{"NUL", head + good + "\x00", 3, "", "control"},
		{"a text too long", head + "I1,5m,,,note,we,XA/technical," + strings.Repeat("x", 8001) + ",,,,yes\n", 2, "Text", "8001 bytes"},
		{"too many", head + strings.Repeat(good, 1002), 1002, "", "more injects"},
	} {
		planned, errs := scenario.ReadMSEL("list.csv", strings.NewReader(c.list), scenario.DefaultMapping("en"))
		found := slices.ContainsFunc(errs, func(e *scenario.Error) bool {
			return e.Line == c.line && e.Key == c.column && strings.Contains(e.Reason, c.says) && e.File == "list.csv"
		})
		if !found || planned != nil {
			t.Errorf("%s: want line %d, column %q, %q; got %v", c.name, c.line, c.column, c.says, errs[:min(len(errs), 3)])
		}
	}
	if _, errs := scenario.ReadMSEL("l", strings.NewReader(head+"1,x,,,note,we,XA/technical,words,,,,yes\n2,5m,,,y,we,XA/technical,words,,,,yes\n"), scenario.DefaultMapping("en")); len(errs) != 4 || errs[0].Line != 2 || errs[3].Line != 3 {
		t.Errorf("all that is wrong is told, from the top: %v", errs)
	}
}

// TestMappingIsStrict.
func TestMappingIsStrict(t *testing.T) {
	for from, to := range map[string]string{
		`language = "en"`: `language = "de"`, `separator = ";"`: `separator = "::"`, `id = "Nr"`: "", `time = "Zeit"`: `tyme = "Zeit"`, "msel-map/v1": "msel-map/v2",
		`start = 2030-03-05T05:30:00Z`: "clock = true", `"XA/technical"`: `"N` + `O/technical"`, `"phone"`: `"fax"`,
	} {
		if _, err := scenario.ParseMapping("m", []byte(change(t, mapping, from, to))); err == nil {
			t.Errorf("%s is taken", to)
		}
	}
}

// TestMergeChangesWhatTheListSays, and nothing beside it.
func TestMergeChangesWhatTheListSays(t *testing.T) {
	file := "# first\n" + strings.Replace(small(t), "[[jump]]", "# before the jump\n[[jump]]", 1)
	m := scenario.DefaultMapping("en")
	m.Columns = map[string]string{"id": "No.", "time": "Time", "when": "When", "text": "Text", "as": "From", "to": "To", "how": "Delivery"}
	list := "No.,Time,When,Text,From,To,Delivery\nI01,10m,,\"Traffic \"\"goes\"\" there.\",hospital,XA/technical,note\nI03,,any(met E01; not(missed E02)),Ask back.,control,XB/technical,note\nI09,9h,,A new one.,us,XA/technical; XB/technical,press\n"
	planned, errs := scenario.ReadMSEL("l", strings.NewReader(list), m)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	merged, err := scenario.Merge("small", []byte(file), "l", planned, m)
	if err != nil || !slices.Equal(merged.Added, []string{"I09"}) || !slices.Equal(merged.Changed, []string{"I01", "I03"}) {
		t.Fatalf("%+v, %v", merged, err)
	}
	s, err := scenario.Parse("small", merged.Data)
	if err != nil {
		t.Fatal(err)
	}
	if s.Injects[0].At != 10*scenario.Minute || s.Injects[0].Text["en"] != `Traffic "goes" there.` || s.Injects[0].Opens == nil || len(s.Injects) != 4 {
		t.Errorf("I01 is %+v", s.Injects[0])
	}
	if in := s.Injects[2]; in.When.Words() != "any(met E01; not(missed E02))" || in.Delay != 10*scenario.Minute || in.Opens.IncidentOf != "I01" {
		t.Errorf("I03 is %+v", in)
	}
	if in := s.Injects[3]; in.ID != "I09" || in.How != scenario.Press || len(in.To) != 2 {
		t.Errorf("I09 is %+v", in)
	}
	for _, kept := range []string{"# first\n", "\n# before the jump\n[[jump]]\n", "when = { missed = \"E01\" }\n"} {
		if !strings.Contains(string(merged.Data), kept) {
			t.Errorf("%q is not kept", kept)
		}
	}
}

// TestMergeRefuses what it cannot do whole.
func TestMergeRefuses(t *testing.T) {
	m := scenario.DefaultMapping("fr")
	row := func(id string) []scenario.Planned {
		return []scenario.Planned{{Line: 7, Inject: scenario.Inject{ID: id, At: 1000, Text: scenario.Texts{"fr": "texte"}, As: scenario.Texts{"fr": "nous"}}}}
	}
	if _, err := scenario.Merge("small", []byte(small(t)), "l", row("I09"), m); err == nil || !strings.Contains(err.Error(), "l line 7") {
		t.Errorf("a new inject without English: %v", err)
	}
	inline := change(t, small(t), "id = \"small\"", "id = \"small\"\ninject = [{ id = \"I0\", at = \"1m\", to = [\"XA/technical\"], how = \"note\", as = { en = \"a\" }, text = { en = \"b\" } }]")
	inline = inline[:strings.Index(inline, "[[inject]]")]
	if _, err := scenario.Merge("small", []byte(inline), "l", row("I0"), m); err == nil || !strings.Contains(err.Error(), "is not written as [[inject]]") {
		t.Errorf("an inject in a list: %v", err)
	}
	if _, err := scenario.Merge("small", []byte("valise = 1"), "l", row("I0"), m); err == nil {
		t.Error("a file that is no scenario")
	}
}

// FuzzReadMSEL: whatever a list holds, it is taken or all that is wrong is told.
func FuzzReadMSEL(f *testing.F) {
	s, data := bundled(f, "lantern-ward")
	f.Add(listOf(f, s, "en"))
	f.Add("No.,Time,When\nI1,,all(any(met E1; not(x)))")
	m := scenario.DefaultMapping("en")
	f.Fuzz(func(t *testing.T, list string) {
		planned, errs := scenario.ReadMSEL("l", strings.NewReader(list), m)
		for _, e := range errs {
			if e.Reason == "" || e.File != "l" || e.Line < 0 {
				t.Fatalf("%+v", e)
			}
		}
		if len(errs) > 0 {
			return
		}
		merged, err := scenario.Merge("lantern-ward", data, "l", planned, m)
		if err != nil {
			return
		}
		again, err := scenario.Merge("lantern-ward", merged.Data, "l", planned, m)
		if err != nil || len(again.Added)+len(again.Changed) > 0 {
			t.Fatalf("taken twice: %v, added %v, changed %v", err, again.Added, again.Changed)
		}
	})
}
