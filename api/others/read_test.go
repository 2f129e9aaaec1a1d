package others

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/api/draft"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

const realm = ident.Realm("exercise:demo-00112233445566778899aabbccddeeff")

const goodMapping = `
id        = "rof"
name      = "Regional Organisation F"
agreed    = "decision 4 of its members"
members   = ["XB", "XA"]
separator = ";"
several   = "/"
none      = ["-", "n/a"]

[columns]
state       = "Member"
track       = "Kind"
entity      = "Entity"
institution = "Ministry"
name        = ["First name", "Last name"]
designation = "Post"
telephone   = ["Office", "Mobile"]
email       = "Mail"
languages   = "Languages"
hours       = "Hours"
notes       = "Notes"

[states]
"State of  Alder" = "XB"

[tracks]
"CERT" = "technical"
"MFA"  = "diplomatic"
`

const titles = "Member;Kind;Entity;Ministry;First name;Last name;Post;Office;Mobile;Mail;Languages;Hours;Notes;Unused\n"

const goodTable = "\ufeff" + titles +
	"State of Alder;CERT;National CERT;Ministry of the Interior;-;N/A;-;+999 00 (000) 001 / +999-00-000-002;+99900000001;duty@cert.xb.example / team@cert.xb.example;en/fr;always;\"call\nfirst\";=1+1\n" +
	"\n" +
	"XC;Policy;;;B.;Alder;Counsellor;;;b.alder@mfa.xc.example;;;;\n" +
	"XD;MFA;-;;;;;;;;n/a;;;\n" +
	";;;;;;;;;;;;;\r\n" +
	"XC;diplomatic;Ministry of Foreign Affairs;;;;;+99900000009;;;;;;\n"

func read(t testing.TB, table, mapping string) Result {
	t.Helper()
	r, err := Read([]byte(table), []byte(mapping), realm)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestAFileIsRead: every field, whatever blanks, marks and words the file has, by the rows of a spreadsheet.
func TestAFileIsRead(t *testing.T) {
	r := read(t, goodTable, goodMapping)
	if d := r.Directory; d.GetId() != "rof" || strings.Join(d.GetMembers(), " ") != "XA XB" || len(d.GetTableHash()) != 32 || d.GetAgreed() == "" {
		t.Errorf("read as %v", d)
	}
	want := []*valisev1.OtherContact{
		{
			Row: 2, State: "XB", Track: "technical", Label: "CERT", Entity: "National CERT", Institution: "Ministry of the Interior",
			Telephones: []string{"+99900000001", "+99900000002"}, Emails: []string{"duty@cert.xb.example", "team@cert.xb.example"},
			Languages: []string{"en", "fr"}, Hours: "always", Notes: "call first",
		},
		{Row: 4, State: "XC", Label: "Policy", Name: "B. Alder", Designation: "Counsellor", Emails: []string{"b.alder@mfa.xc.example"}},
		{Row: 7, State: "XC", Track: "diplomatic", Label: "diplomatic", Entity: "Ministry of Foreign Affairs", Telephones: []string{"+99900000009"}},
	}
	if got := r.Directory.GetContacts(); len(got) != len(want) {
		t.Fatalf("%d contacts: %v", len(got), got)
	}
	for i, c := range r.Directory.GetContacts() {
		if !proto.Equal(c, want[i]) {
			t.Errorf("contact %d\n got %v\nwant %v", i, c, want[i])
		}
	}
	if r.LeftOut != 1 || r.WithoutTrack != 1 {
		t.Errorf("%d left out, %d without a track", r.LeftOut, r.WithoutTrack)
	}
	whole := read(t, "A,P\nXB,+99900000001\n", "id=\"one\"\nname=\"One\"\ntrack=\"technical\"\n[columns]\nstate=\"A\"\ntelephone=\"P\"\n")
	if got := whole.Directory.GetContacts()[0].GetTrack(); got != "technical" {
		t.Errorf("the track of the whole file became %q", got)
	}
}

// row is a table whose second row has these cells by title.
func row(cells ...string) string {
	all := strings.Split(strings.TrimSpace(titles), ";")
	for i := range all {
		title := all[i]
		all[i] = map[string]string{"Member": "XB", "Entity": "E"}[title]
		for j := 0; j < len(cells); j += 2 {
			if cells[j] == title {
				all[i] = cells[j+1]
			}
		}
	}
	return titles + strings.Join(all, ";") + "\n"
}

const (
	badImport  = valisev1.Reason_REASON_BAD_IMPORT
	badText    = valisev1.Reason_REASON_BAD_TEXT
	wrongRealm = valisev1.Reason_REASON_WRONG_REALM
)

// TestWhatIsNoTable: each is refused whole, with row and column where it has one, and nothing of a cell.
func TestWhatIsNoTable(t *testing.T) {
	for name, c := range map[string]struct {
		table  string
		reason valisev1.Reason
		want   string
	}{
		"nothing":              {"", badImport, "no contact"},
		"titles alone":         {titles, badImport, "no contact"},
		"another separator":    {strings.ReplaceAll(goodTable, ";", ","), badImport, `row 1 has no column "Member"`},
		"a missing column":     {strings.Replace(goodTable, "Mobile", "Cell", 1), badImport, `no column "Mobile"`},
		"a column twice":       {strings.Replace(goodTable, "Unused", "Mobile", 1), badImport, `two columns "Mobile"`},
		"a short row":          {titles + "XB;CERT\n", badImport, "row 2 has another number of cells"},
		"a loose quote":        {row("Entity", `a "b`), badImport, "row 2: a quotation mark"},
		"an open quote":        {titles + "\"XB;CERT\n", badImport, "row 2: a quotation mark"},
		"another encoding":     {row("Entity", "Minist\xe8re"), badText, "not UTF-8"},
		"UTF-16":               {"\xff\xfeM\x00e\x00", badText, "not UTF-8"},
		"no State":             {row("Member", "-"), badImport, `row 2, column "Member": names no State`},
		"an unknown State":     {row("Member", "Birch"), badImport, `row 2, column "Member": names no State by two`},
		"a principal":          {row("Member", "@global"), badImport, `row 2, column "Member": names no State by two`},
		"a State of operation": {row("Member", "AA"), wrongRealm, `row 2, column "Member"`},
		"a number without +":   {row("Office", "99900000001"), badImport, `row 2, column "Office": is no telephone number in E.164`},
		"a number by name":     {row("Office", "+999 CERT"), badImport, `column "Office": is no telephone`},
		"a trunk zero":         {row("Office", "+999 (0) 00000001"), badImport, `column "Office": is a telephone number with (0)`},
		"a short number":       {row("Mobile", "+99912"), badImport, `column "Mobile": is no telephone`},
		"a long number":        {row("Mobile", "+9990000000000001"), badImport, `column "Mobile": is no telephone`},
		"many numbers":         {row("Mobile", "+9990000001/+9990000002/+9990000003/+9990000004/+9990000005/+9990000006/+9990000007/+9990000008/+9990000009"), badImport, "has 9 values"},
		"no address":           {row("Mail", "duty at cert"), badImport, `column "Mail": has no form`},
		"an address in <>":     {row("Mail", "Duty <duty@cert.example>"), badImport, `column "Mail": has no form`},
		"a formula":            {row("Entity", "=cmd|' /C calc'!A0"), badImport, `row 2, column "Entity": begins like a formula`},
		"a formula by +":       {row("Notes", "+1+1"), badImport, `column "Notes": begins like a formula`},
		"a formula by -":       {row("Notes", "-1"), badImport, `column "Notes": begins like a formula`},
		"a formula by @":       {row("Hours", "@SUM(A1)"), badImport, `column "Hours": begins like a formula`},
		"a wide formula":       {row("Hours", "＝1"), badImport, `column "Hours": begins like a formula`},
		"a formula as address": {row("Mail", "=a@cert.example"), badImport, `column "Mail": begins like a formula`},
		"a formula after TAB":  {row("Entity", "\t=1"), badImport, `column "Entity": begins like a formula`},
		"a formula as kind":    {row("Kind", "=1"), badImport, `column "Kind": begins like a formula`},
		"an escape":            {row("Entity", "a\x1b[2Jb"), badText, `row 2, column "Entity": holds the control character U+001B`},
		"a NUL":                {row("Notes", "a\x00b"), badText, `column "Notes"`},
		"a turned word":        {row("Last name", "a\u202eb"), badText, `row 2, column "Last name": holds the direction control U+202E`},
		"a turned number":      {row("Office", "\u202e+99900000001"), badText, `row 2, column "Office"`},
		"a turned address":     {row("Mail", "a\u202e@cert.example"), badText, `row 2, column "Mail"`},
		"an invisible letter":  {row("Post", "a\u200bb"), badText, `column "Post"`},
		"a long name":          {row("Last name", strings.Repeat("a", 201)), badImport, `column "First name": has 201 bytes`},
		"a long note":          {row("Notes", strings.Repeat("a", 1001)), badImport, `column "Notes": has 1001 bytes`},
		"a long language":      {row("Languages", strings.Repeat("a", 65)), badImport, `column "Languages": is too long`},
		"a crowd of one State": {titles + strings.Repeat("XB;;E;;;;;;;;;;;\n", 33), badImport, "row 34: is one more contact"},
		"too many contacts":    {titles + manyRows(5001, ""), badImport, "more than 5000 contacts"},
		"too many bytes":       {strings.Repeat("a", MaxTable+1), badImport, "4194305 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read([]byte(c.table), []byte(goodMapping), realm)
			wantError(t, err, c.reason, c.want)
		})
	}
	var large strings.Builder
	for i := range 39 * 32 {
		state := "X" + "ABCDEFGHIJLMNOPQRSTUVWXYZ"[i%39%25:][:1]
		if i%39 >= 25 {
			state = "Q" + "MNOPQRSTUVWXYZ"[i%39-25:][:1]
		}
		large.WriteString(state + ";;E;;;;;;;;;;" + strings.Repeat("a", 1000) + ";\n")
	}
	_, err := Read([]byte(titles+large.String()), []byte(goodMapping), realm)
	wantError(t, err, badImport, "at most 1000000 are kept")
	_, err = Read([]byte(titles+strings.Repeat("?;;E;;;;;;;;;;;\n", 9)), []byte(goodMapping), realm)
	wantError(t, err, badImport, "row 6, column \"Member\": names no State by two capital letters; [states] of the mapping translates other words; and 4 more")
}

// manyRows are so many contacts, of ten States in turn.
func manyRows(n int, notes string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("X" + string(rune('A'+i%10)) + ";;E;" + notes + ";;;" + notes + ";;;;;;;\n")
	}
	return b.String()
}

func wantError(t *testing.T, err error, reason valisev1.Reason, want string) {
	t.Helper()
	var e *draft.Error
	if !errors.As(err, &e) || e.Reason != reason || !strings.Contains(e.Error(), want) {
		t.Fatalf("got %v, want %v with %q", err, reason, want)
	}
	if draft.CheckLine(e.Error()) != nil || len(e.Error()) > 900 {
		t.Errorf("the error is not fit to be shown: %q", e.Error())
	}
}

// TestWhatIsNoMapping: strict, with a line wherever the text has one.
func TestWhatIsNoMapping(t *testing.T) {
	change := func(from, to string) string { return strings.Replace(goodMapping, from, to, 1) }
	for name, c := range map[string]struct {
		mapping string
		reason  valisev1.Reason
		want    string
	}{
		"no TOML":               {change(`id `, `id id`), badImport, "line 2:"},
		"an escape at the end":  {change("\"rof\"", "\"rof\\\n"), badImport, "line 3: is no TOML"},
		"an unknown key":        {change(`agreed `, `agreeed`), badImport, `line 4: a mapping has no key "agreeed"`},
		"other letters":         {change(`agreed `, `Agreed`), badImport, `line 4: a mapping has no key "Agreed"`},
		"an unknown column":     {change(`hours `, `hour`), badImport, `line 20: a mapping has no key "columns.hour"`},
		"a list for a word":     {change(`"rof"`, `["rof"]`), badImport, "the wrong type"},
		"a number for a title":  {change(`"Mail"`, `7`), badImport, "the mapping"},
		"no id":                 {change(`"rof"`, `""`), badImport, "id is the short name"},
		"a path for an id":      {change(`"rof"`, `"../rof"`), badImport, "id is the short name"},
		"no name":               {change(`"Regional Organisation F"`, `" "`), badImport, "name has 1 to 200"},
		"a turned name":         {change(`Organisation F`, "Organisation\u202e F"), badText, "direction control"},
		"an escape in a name":   {change(`Organisation F`, `Organisation\u001b F`), badText, "control character"},
		"no State among":        {change(`"XB", "XA"`, `"Alder"`), badImport, "members: names no State"},
		"another realm's":       {change(`"XB", "XA"`, `"AA"`), wrongRealm, "members"},
		"a member twice":        {change(`"XB", "XA"`, `"XB", "XB"`), badImport, "XB twice"},
		"two separators":        {change(`separator = ";"`, `separator = ";;"`), badImport, "separator is one character"},
		"a quote as separator":  {change(`separator = ";"`, `separator = '"'`), badImport, "separator is one character"},
		"a cut through numbers": {change(`several   = "/"`, `several = "+"`), badImport, "would cut telephone numbers"},
		"a track twice":         {change(`separator`, "track = \"technical\"\nseparator"), badImport, "so no column can say it too"},
		"no such track":         {change(`[columns]`, "track = \"policy\"\n[columns]"), badImport, "track is diplomatic or technical"},
		"no State's column":     {change(`state       = "Member"`, ``), badImport, "one column for state"},
		"two States' columns":   {change(`"Member"`, `["Member", "Code"]`), badImport, "one column for state"},
		"one column for two":    {change(`"Notes"`, `"Mail"`), badImport, `"Mail" twice`},
		"nothing but States":    {"id=\"rof\"\nname=\"F\"\n[columns]\nstate=\"A\"\n", badImport, "names nothing that says how"},
		"a word for no State":   {change(`= "XB"`, `= "Alder"`), badImport, "states: names no State"},
		"a word for no track":   {change(`= "diplomatic"`, `= "policy"`), badImport, "neither diplomatic nor technical"},
		"a word twice":          {change(`[tracks]`, "\"State of Alder\" = \"XC\"\n[tracks]"), badImport, "stands twice in states or tracks"},
		"a long mapping":        {"# " + strings.Repeat("a", MaxMapping), badImport, "at most 65536"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read([]byte(goodTable), []byte(c.mapping), realm)
			wantError(t, err, c.reason, c.want)
		})
	}
}

// FuzzRead: whatever comes is refused in one line that can be shown, or taken whole, and is the same when
// it comes back from disk.
func FuzzRead(f *testing.F) {
	f.Add([]byte(goodTable), []byte(goodMapping))
	f.Add([]byte(row("Office", "\u202e+1", "Mail", "x")), []byte(goodMapping))
	f.Add([]byte("A,P\nXB,+99900000001\n"), []byte("id=\"one\"\nname=\"One\"\ntrack=\"technical\"\n[columns]\nstate=\"A\"\ntelephone=\"P\"\n"))
	f.Add([]byte("\n\r\n\"A\n\",P\n"), []byte("id=\"one\"\n[columns]\nstate=[\"A\",\"B\"]\n[states]\n\"\"=\"\"\n"))
	f.Fuzz(func(t *testing.T, table, mapping []byte) {
		r, err := Read(table, mapping, realm)
		if err != nil {
			var e *draft.Error
			if !errors.As(err, &e) || e.Reason == valisev1.Reason_REASON_UNSPECIFIED || draft.CheckLine(e.Error()) != nil {
				t.Fatalf("%q", err)
			}
			return
		}
		d := proto.CloneOf(r.Directory)
		d.Realm = string(realm)
		b, err := Encode(d)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(b, realm)
		if err != nil || !proto.Equal(back, d) {
			t.Fatalf("%v comes back as %v, %v", d, back, err)
		}
		for _, c := range d.GetContacts() {
			for _, text := range []string{c.GetEntity(), c.GetName(), c.GetNotes(), c.GetLabel(), Words(c)} {
				if text != "" && strings.ContainsAny(text[:1], "=@-") || draft.CheckLine(text) != nil {
					t.Fatalf("%q is kept", text)
				}
			}
		}
	})
}

// FuzzDecode: a file on disk that anybody may have written is one of ours or refused.
func FuzzDecode(f *testing.F) {
	d := read(f, goodTable, goodMapping).Directory
	d.Realm = string(realm)
	b, err := Encode(d)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(bytes.Replace(b, []byte("XB"), []byte("XC"), 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Decode(b, realm)
		if err == nil && Check(d, realm) != nil {
			t.Fatal("it is taken and breaks a rule")
		}
	})
}
