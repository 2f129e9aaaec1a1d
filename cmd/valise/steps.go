package main

import (
	"strings"

	valisev1 "valise.example/proto/valise/v1"
)

func actName(a valisev1.DraftAct) string { return lowerName(a.String(), "DRAFT_ACT_") }

// stepObjects are what officers of ours did to a message before its release. A-9 s4
func stepObjects(steps []*valisev1.DraftStep) []object {
	out := []object{}
	for _, s := range steps {
		out = append(out, object{"act": actName(s.GetAct()), "officer": s.GetOfficer(), "role": s.GetRole(), "at": stamp(s.GetAt()), "note": s.GetNote()})
	}
	return out
}

// stepLines say who did what to a message, and what its sender said of it later.
func stepLines(m *valisev1.MessageView) (lines []string) {
	for _, s := range m.GetSteps() {
		by := clean(s.GetOfficer())
		if by == "" {
			by = "the node"
		}
		line := "    " + strings.ReplaceAll(actName(s.GetAct()), "_", " ") + " by " + by + " " + clock(s.GetAt())
		if s.GetNote() != "" {
			line += ": " + clean(s.GetNote())
		}
		lines = append(lines, line)
	}
	sender, _, _ := strings.Cut(m.GetFrom(), "/")
	if m.GetRetractedBy() != "" {
		lines = append(lines, "    sent in error, says "+sender+" ("+m.GetRetractedBy()[:8]+")")
	}
	for _, c := range m.GetCorrectedBy() {
		lines = append(lines, "    put right by "+sender+" ("+c[:8]+")")
	}
	return lines
}
