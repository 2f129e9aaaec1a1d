package main

import (
	"encoding/hex"
	"fmt"
	"strings"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// trustKeys are what an item tells about who speaks for a State, as docs/cli.md shows it.
const trustKeys = `"event","state","peer","fault","about","outcome","root_held","root_offered","entry_number","list_number","list_theirs","read_aloud","source","contact"?:{` + contactKeys + `}`

func trustObject(f *valisev1.TrustFact) object {
	o := object{
		"event": trustEvent(f.GetEvent()), "state": f.GetState(), "peer": f.GetPeer(), "fault": ownFault(f.GetFault()),
		"about": orNull(lowerName(f.GetAbout().String(), "TRUST_EVENT_")), "outcome": orNull(lowerName(f.GetOutcome().String(), "TRUST_OUTCOME_")),
		"root_held": rootText(f.GetRootHeld()), "root_offered": rootText(f.GetRootOffered()),
		"entry_number": f.GetEntryNumber(), "list_number": f.GetListNumber(), "list_theirs": hex.EncodeToString(f.GetListTheirs()),
		"read_aloud": f.GetReadAloud(), "source": f.GetSource(),
	}
	if c := f.GetContact(); c != nil {
		o["contact"] = contactLogObject(c)
	}
	return o
}

func trustEvent(e valisev1.TrustEvent) string { return lowerName(e.String(), "TRUST_EVENT_") }

// trustLines are the same for people.
func trustLines(f *valisev1.TrustFact) (lines []string) {
	if f == nil {
		return nil
	}
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, fmt.Sprintf("  %-8s %s", name, clean(value)))
		}
	}
	add("about", strings.TrimSpace(f.GetState()+" "+f.GetPeer()))
	add("root", rootText(f.GetRootHeld()))
	add("shown", rootText(f.GetRootOffered()))
	if c := f.GetContact(); c != nil {
		add("called", contactLine(c))
	}
	add("read", f.GetReadAloud())
	add("number", f.GetSource())
	add("outcome", words(lowerName(f.GetOutcome().String(), "TRUST_OUTCOME_")))
	return lines
}

func rootText(b []byte) string {
	id, ok := ident.KeyIDFrom(b)
	if !ok {
		return ""
	}
	return id.Fingerprint()
}
