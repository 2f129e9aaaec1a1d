package others_test

import (
	"fmt"

	"valise.example/api/others"
	valisev1 "valise.example/proto/valise/v1"
)

// A regional body names another telephone for XB than XB's own entry does.
func Example() {
	table := "Member;Kind;Who;Phone\nAlder;CERT;National CERT of Alder;+999 00 000 007\n"
	mapping := `
id        = "rof"
name      = "Regional Organisation F"
members   = ["XA", "XB"]
separator = ";"

[columns]
state     = "Member"
track     = "Kind"
entity    = "Who"
telephone = "Phone"

[states]
Alder = "XB"

[tracks]
CERT = "technical"
`
	read, err := others.Read([]byte(table), []byte(mapping), "exercise:demo-00112233445566778899aabbccddeeff")
	if err != nil {
		fmt.Println(err)
		return
	}
	entry := &valisev1.Entry{State: "XB", PointsOfContact: []*valisev1.PointOfContact{{
		Track: "technical", Telephones: []string{"+99900000001"},
		Entity: []*valisev1.LocalText{{Language: "en", Text: "National CERT of Alder"}},
	}}}
	said := others.Compare([]*valisev1.OtherDirectory{read.Directory}, "XA", "XB", entry)
	for _, d := range said.GetDifferences() {
		fmt.Println(d.GetAddress(), "differs in its telephone:", d.GetEntry(), "here,", d.GetOther(), "in", d.GetSource().GetId(), "row", d.GetSource().GetRow())
	}
	for _, r := range said.GetRoutes() {
		fmt.Println(r.GetOurs(), "and", r.GetTheirs(), "are both in", r.GetSource().GetName()+":", others.Words(r.GetContacts()[0]))
	}
	// Output:
	// XB/technical differs in its telephone: [+99900000001] here, [+99900000007] in rof row 2
	// XA and XB are both in Regional Organisation F: National CERT of Alder, +99900000007
}
