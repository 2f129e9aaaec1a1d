package others

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func text(s string) []*valisev1.LocalText {
	return []*valisev1.LocalText{{Language: "en", Text: s}}
}

// entryOf is XB's: one desk on each track, and a further one for policy.
func entryOf() *valisev1.Entry {
	return &valisev1.Entry{
		State: "XB",
		PointsOfContact: []*valisev1.PointOfContact{
			{Track: "technical", Entity: text("National CERT"), Telephones: []string{"+99900000001"}, Emails: []string{"duty@cert.xb.example"}},
			{Track: "diplomatic", Entity: text("Ministry of Foreign Affairs"), Name: "B. Alder", Designation: text("Counsellor")},
		},
		FurtherPoints: []*valisev1.PointOfContact{{Track: "diplomatic", Entity: text("Policy unit"), Telephones: []string{"+99900000003"}}},
	}
}

// kept is a directory as a node completed it.
func kept(contacts ...*valisev1.OtherContact) *valisev1.OtherDirectory {
	for i, c := range contacts {
		c.Row, c.State = uint32(i)+2, "XB"
	}
	return &valisev1.OtherDirectory{
		Id: "rof", Name: "Regional Organisation F", Members: []string{"XA", "XB"}, Contacts: contacts, Realm: string(realm),
		TableHash: make([]byte, 32), MappingHash: make([]byte, 32), Item: 7, Imported: timestamppb.New(time.Unix(2_000_000_000, 0)), Officer: "admin",
	}
}

// TestWhereNominationsDiffer: field and both values, against the nearest point; what one side does not say,
// and what the entry says beyond it, is no difference. A-12b
func TestWhereNominationsDiffer(t *testing.T) {
	const (
		point, entity, name  = valisev1.OtherField_OTHER_FIELD_POINT_OF_CONTACT, valisev1.OtherField_OTHER_FIELD_ENTITY, valisev1.OtherField_OTHER_FIELD_NAME
		designation          = valisev1.OtherField_OTHER_FIELD_DESIGNATION
		telephoneAt, emailAt = valisev1.OtherField_OTHER_FIELD_TELEPHONE, valisev1.OtherField_OTHER_FIELD_EMAIL
	)
	for what, c := range map[string]struct {
		says    *valisev1.OtherContact
		address string
		fields  []valisev1.OtherField
		entry   string
		other   string
	}{
		"the same":              {&valisev1.OtherContact{Track: "technical", Entity: "National CERT", Telephones: []string{"+99900000001"}}, "", nil, "", ""},
		"in other letters":      {&valisev1.OtherContact{Track: "technical", Entity: "NATIONAL  cert", Emails: []string{"Duty@CERT.xb.example"}}, "", nil, "", ""},
		"composed otherwise":    {&valisev1.OtherContact{Track: "technical", Entity: "National ＣＥＲＴ"}, "", nil, "", ""},
		"less":                  {&valisev1.OtherContact{Track: "technical", Name: "C. Birch"}, "", nil, "", ""},
		"as an institution":     {&valisev1.OtherContact{Track: "technical", Entity: "Team", Institution: "National CERT"}, "", nil, "", ""},
		"another entity":        {&valisev1.OtherContact{Track: "technical", Entity: "Army CERT"}, "XB/technical", []valisev1.OtherField{entity}, "National CERT", "Army CERT"},
		"another telephone":     {&valisev1.OtherContact{Track: "technical", Telephones: []string{"+99900000001", "+99900000666"}}, "XB/technical", []valisev1.OtherField{telephoneAt}, "+99900000001", "+99900000666"},
		"another email":         {&valisev1.OtherContact{Track: "technical", Emails: []string{"x@cert.xb.example"}}, "XB/technical", []valisev1.OtherField{emailAt}, "duty@cert.xb.example", "x@cert.xb.example"},
		"what the POC lacks":    {&valisev1.OtherContact{Track: "diplomatic", Entity: "Ministry of Foreign Affairs", Telephones: []string{"+99900000005"}}, "", nil, "", ""},
		"another person":        {&valisev1.OtherContact{Track: "diplomatic", Entity: "Ministry of Foreign Affairs", Name: "C. Birch"}, "XB/diplomatic", []valisev1.OtherField{name}, "B. Alder", "C. Birch"},
		"another designation":   {&valisev1.OtherContact{Track: "diplomatic", Entity: "Ministry of Foreign Affairs", Designation: "Director"}, "XB/diplomatic", []valisev1.OtherField{designation}, "Counsellor", "Director"},
		"the further point":     {&valisev1.OtherContact{Track: "diplomatic", Entity: "Policy unit", Telephones: []string{"+99900000003"}}, "", nil, "", ""},
		"without a track":       {&valisev1.OtherContact{Entity: "Policy unit"}, "", nil, "", ""},
		"no such anywhere":      {&valisev1.OtherContact{Entity: "Army CERT", Name: "C. Birch"}, "XB/technical", []valisev1.OtherField{entity}, "National CERT", "Army CERT"},
		"a track without a POC": {&valisev1.OtherContact{Track: "manager", Entity: "Office"}, "XB/manager", []valisev1.OtherField{point}, "", "Office"},
	} {
		t.Run(what, func(t *testing.T) {
			said := Compare([]*valisev1.OtherDirectory{kept(c.says)}, "XA", "XB", entryOf())
			var fields []valisev1.OtherField
			for _, d := range said.GetDifferences() {
				fields = append(fields, d.GetField())
				if d.GetAddress() != c.address || strings.Join(d.GetEntry(), " ") != c.entry || strings.Join(d.GetOther(), " ") != c.other || d.GetSource().GetRow() != 2 {
					t.Errorf("told as %v", d)
				}
			}
			if !slices.Equal(fields, c.fields) {
				t.Errorf("differs in %v, want %v", fields, c.fields)
			}
		})
	}
	if said := Compare([]*valisev1.OtherDirectory{kept(&valisev1.OtherContact{Track: "technical", Entity: "E"})}, "XA", "XB", nil); len(said.GetDifferences()) != 0 || len(said.GetContacts()) != 1 {
		t.Errorf("a State without an entry: %v", said)
	}
}

// TestAWayIsSuggested only where both belong to the body, and each contact says where it is from. A-12a
func TestAWayIsSuggested(t *testing.T) {
	for name, c := range map[string]struct {
		ours, theirs ident.State
		members      []string
		want         int
	}{
		"both":           {"XA", "XB", []string{"XA", "XB"}, 1},
		"only theirs":    {"XA", "XB", []string{"XB", "XC"}, 0},
		"only ours":      {"XA", "XB", []string{"XA", "XC"}, 0},
		"no members":     {"XA", "XB", nil, 0},
		"ourselves":      {"XB", "XB", []string{"XA", "XB"}, 0},
		"whom it has no": {"XA", "XC", []string{"XA", "XB", "XC"}, 1},
	} {
		d := kept(&valisev1.OtherContact{Entity: "E"})
		d.Members = c.members
		said := Compare([]*valisev1.OtherDirectory{d}, c.ours, c.theirs, nil)
		if len(said.GetRoutes()) != c.want {
			t.Errorf("%s: %v", name, said.GetRoutes())
		}
		for _, r := range said.GetRoutes() {
			if r.GetOurs() != c.ours.String() || r.GetTheirs() != c.theirs.String() || len(r.GetContacts()) != len(said.GetContacts()) {
				t.Errorf("%s: %v", name, r)
			}
		}
		for _, s := range said.GetContacts() {
			if from := s.GetSource(); from.GetId() != "rof" || from.GetName() == "" || len(from.GetTableHash()) != 64 || from.GetRow() != 2 || from.GetImported() == nil || from.GetOfficer() != "admin" {
				t.Errorf("%s: a contact is from %v", name, from)
			}
		}
	}
}

// TestCheckBites: a node takes nothing that the command would not have read.
func TestCheckBites(t *testing.T) {
	good := func() *valisev1.OtherDirectory {
		return kept(&valisev1.OtherContact{Track: "technical", Entity: "E"}, &valisev1.OtherContact{Telephones: []string{"+99900000001"}})
	}
	if err := Check(good(), realm); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*valisev1.OtherDirectory){
		"no id":             func(d *valisev1.OtherDirectory) { d.Id = "" },
		"a path as id":      func(d *valisev1.OtherDirectory) { d.Id = "../x" },
		"no name":           func(d *valisev1.OtherDirectory) { d.Name = "" },
		"a name of lines":   func(d *valisev1.OtherDirectory) { d.Name = "a\nb" },
		"no table":          func(d *valisev1.OtherDirectory) { d.TableHash = nil },
		"no mapping":        func(d *valisev1.OtherDirectory) { d.MappingHash = make([]byte, 31) },
		"no contact":        func(d *valisev1.OtherDirectory) { d.Contacts = nil },
		"a member twice":    func(d *valisev1.OtherDirectory) { d.Members = []string{"XA", "XA"} },
		"a member of none":  func(d *valisev1.OtherDirectory) { d.Members = []string{"AA"} },
		"rows that go back": func(d *valisev1.OtherDirectory) { d.Contacts[1].Row = 2 },
		"no row":            func(d *valisev1.OtherDirectory) { d.Contacts[0].Row = 0 },
		"another realm's":   func(d *valisev1.OtherDirectory) { d.Contacts[0].State = "AA" },
		"no State":          func(d *valisev1.OtherDirectory) { d.Contacts[0].State = "" },
		"no track":          func(d *valisev1.OtherDirectory) { d.Contacts[0].Track = "policy" },
		"no telephone":      func(d *valisev1.OtherDirectory) { d.Contacts[1].Telephones = []string{"+0"} },
		"no email":          func(d *valisev1.OtherDirectory) { d.Contacts[1].Emails = []string{"x"} },
		"an escape":         func(d *valisev1.OtherDirectory) { d.Contacts[0].Entity = "\x1b" },
		"a turned word":     func(d *valisev1.OtherDirectory) { d.Contacts[0].Notes = "\u202e" },
		"a long word":       func(d *valisev1.OtherDirectory) { d.Contacts[0].Notes = strings.Repeat("a", 1001) },
		"nothing said":      func(d *valisev1.OtherDirectory) { d.Contacts[0].Entity = "" },
		"a crowd": func(d *valisev1.OtherDirectory) {
			for i := range uint32(33) {
				d.Contacts = append(d.Contacts, &valisev1.OtherContact{Row: 10 + i, State: "XC", Entity: "E"})
			}
		},
	} {
		d := good()
		spoil(d)
		if Check(d, realm) == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// TestTheFolder: what is damaged, of another realm or under another name is named and not shown; what is no
// file of ours is passed over.
func TestTheFolder(t *testing.T) {
	home := t.TempDir()
	if list, unreadable, err := ReadFolder(home, realm); list != nil || unreadable != nil || err != nil {
		t.Errorf("without a folder: %v %v %v", list, unreadable, err)
	}
	folder := filepath.Join(home, Folder)
	write := func(name string, b []byte) {
		t.Helper()
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	whole := kept(&valisev1.OtherContact{Entity: "E"})
	b, err := Encode(whole)
	if err != nil {
		t.Fatal(err)
	}
	write("rof.contacts", b)
	write("copy.contacts", b)
	for i := range b {
		changed := slices.Clone(b)
		changed[i] ^= 1
		if _, err := Decode(changed, realm); err == nil {
			t.Fatalf("byte %d may be changed", i)
		}
	}
	write("half.contacts", b[:len(b)/2])
	write("empty.contacts", nil)
	write("large.contacts", make([]byte, MaxFile+1))
	elsewhere := proto.CloneOf(whole)
	elsewhere.Realm, elsewhere.Id = "operational", "realm"
	if b, err = Encode(elsewhere); err != nil {
		t.Fatal(err)
	}
	write("realm.contacts", b)
	write(".new-1", b)
	write("README", b)
	write("UPPER.contacts", b)
	list, unreadable, err := ReadFolder(home, realm)
	if err != nil || len(list) != 1 || !proto.Equal(list[0], whole) || !slices.Equal(unreadable, []string{"copy", "empty", "half", "large", "realm"}) {
		t.Errorf("%v, %v, %v", list, unreadable, err)
	}
}
