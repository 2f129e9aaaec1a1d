package main

import (
	"strconv"
	"strings"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

// messageLines are one message of a thread with its dated facts, or what stands in the place of one.
func messageLines(s speech, m *valisev1.MessageView) []string {
	if log := m.GetContactLog(); log != nil {
		means := s.word(s.Means, lowerName(log.GetMeans().String(), "CONTACT_MEANS_"))
		line := s.say(s.Thread.Contact, "means", means, "person", s.theirs(log.GetPerson()), "officer", s.theirs(m.GetOfficer()))
		return []string{s.line(s.at(log.GetAt()) + "  " + line), indent(s.theirs(log.GetNote())), ""}
	}
	if m.GetNote() != nil {
		return localNoteLines(s, m.GetNote())
	}
	lines := []string{s.line(s.at(m.GetCreated()) + "  " + s.theirs(m.GetFrom()+" → "+m.GetTo()) + "  " + s.kind(m.GetKind()) + "  (" + s.theirs(first8(m.GetMessage())) + ")")}
	if m.GetOutbound() {
		lines = append(lines, s.under(factsLine(s, m))...)
	}
	if isStopped(m) {
		lines = append(lines, s.under(s.say(s.Thread.NotSent, "reason", s.reason(m.GetDeliveryReason())))...)
	}
	if m.GetRefused() != valisev1.Reason_REASON_UNSPECIFIED {
		lines = append(lines, s.under(refusedLine(s, m))...)
	}
	lines = append(lines, s.under(stepLines(s, m)...)...)
	for _, n := range m.GetLegalBasis() {
		lines = append(lines, s.under(s.say(s.Thread.LegalBasis, "item", strconv.FormatUint(n, 10)))...)
	}
	for _, mark := range m.GetMarks() {
		lines = append(lines, s.under(s.say(s.Thread.Mark, "mark", s.word(s.Mark, markName(mark))))...)
	}
	if payload := unwrap(m.GetPayload()); payload != nil {
		lines = append(lines, indent(clean(draft.Format(payload))))
		lines = append(lines, attachmentLines(s, m)...)
		lines = append(lines, noteLines(s, payload)...)
	}
	return append(lines, "")
}

func refusedLine(s speech, m *valisev1.MessageView) string {
	return s.say(s.Thread.Refused, "reason", s.reasonOrName(m.GetRefused()))
}

// factsLine names each fact with its own time; none is derived from another. docs/protocol.md §7.4
func factsLine(s speech, m *valisev1.MessageView) string {
	peer, _, _ := strings.Cut(m.GetTo(), "/")
	f := m.GetFacts()
	parts := []string{s.say(s.Thread.Waiting, "time", s.at(f.GetWaiting()))}
	if f.GetLeft() != nil {
		parts = append(parts, s.say(s.Thread.Left, "time", s.at(f.GetLeft())))
	}
	if f.GetReached() != nil {
		parts = append(parts, s.say(s.Thread.Reached, "peer", s.theirs(peer), "time", s.at(f.GetReached())))
	}
	if f.GetAcknowledged() != nil {
		parts = append(parts, s.say(s.Thread.Acknowledged, "peer", s.theirs(peer), "time", s.at(f.GetAcknowledged())))
	}
	if d := m.GetDelivery(); d == valisev1.Delivery_DELIVERY_REFUSED || d == valisev1.Delivery_DELIVERY_WITHDRAWN {
		parts = append(parts, deliveryWords(s, d, peer))
	}
	return strings.Join(parts, " · ")
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}
