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
func stepLines(s speech, m *valisev1.MessageView) (lines []string) {
	for _, step := range m.GetSteps() {
		by := s.theirs(step.GetOfficer())
		if by == "" {
			by = s.Thread.TheNode.String()
		}
		line := s.say(s.Thread.Step, "act", s.word(s.Act, actName(step.GetAct())), "officer", by, "time", s.at(step.GetAt()))
		if step.GetNote() != "" {
			line = s.say(s.Thread.WithWords, "line", line, "words", s.theirs(step.GetNote()))
		}
		lines = append(lines, line)
	}
	sender, _, _ := strings.Cut(m.GetFrom(), "/")
	if m.GetRetractedBy() != "" {
		lines = append(lines, s.say(s.Thread.InError, "state", s.theirs(sender), "message", s.theirs(first8(m.GetRetractedBy()))))
	}
	for _, c := range m.GetCorrectedBy() {
		lines = append(lines, s.say(s.Thread.PutRight, "state", s.theirs(sender), "message", s.theirs(first8(c))))
	}
	return lines
}
