package main

import (
	"encoding/hex"
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
func trustLines(s speech, f *valisev1.TrustFact) (lines []string) {
	if f == nil {
		return nil
	}
	facts := []labelled{
		{s.RecordLabel.About, s.theirs(strings.TrimSpace(f.GetState() + " " + f.GetPeer()))},
		{s.RecordLabel.Root, s.theirs(rootText(f.GetRootHeld()))},
		{s.RecordLabel.Shown, s.theirs(rootText(f.GetRootOffered()))},
	}
	if c := f.GetContact(); c != nil {
		facts = append(facts, labelled{s.RecordLabel.Called, contactLine(s, c)})
	}
	facts = append(facts, labelled{s.RecordLabel.Read, s.theirs(f.GetReadAloud())}, labelled{s.RecordLabel.Number, s.theirs(f.GetSource())},
		labelled{s.RecordLabel.Outcome, s.word(s.TrustOutcome, lowerName(f.GetOutcome().String(), "TRUST_OUTCOME_"))})
	for _, fact := range facts {
		if fact.value != "" {
			lines = append(lines, recordFact(s, fact))
		}
	}
	return lines
}

func rootText(b []byte) string {
	id, ok := ident.KeyIDFrom(b)
	if !ok {
		return ""
	}
	return id.Fingerprint()
}
