package main

import (
	"strings"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// statusLines are what a running node says of itself, for people.
func statusLines(s speech, status *valisev1.GetStatusResponse) []string {
	lines := []string{s.line(s.theirs(status.GetState() + "  " + status.GetRealm())), s.linkLine(status.GetLink())}
	for _, r := range status.GetOutbox() {
		lines = append(lines, s.entitled(s.Status.Waiting, s.say(s.Status.Waits, "message", s.theirs(short8(r.GetMessage())),
			"peer", s.theirs(r.GetTo()), "time", s.at(r.GetSince()), "reason", s.reason(r.GetReason()))))
	}
	for _, r := range status.GetQuarantine() {
		lines = append(lines, s.entitled(s.Status.Quarantine, s.say(s.Status.Apart, "item", decimal(r.GetItem()), "reason", s.reason(r.GetReason()))))
	}
	for _, r := range status.GetGaps() {
		lines = append(lines, s.entitled(s.Status.Gap, s.say(s.Status.UnderWay, "peer", s.theirs(r.GetFrom()))))
	}
	if a := status.GetAttention(); a != nil {
		lines = append(lines, s.attentionLine(a))
	}
	if v := status.GetLastVerification(); v.GetOk() {
		lines = append(lines, s.entitled(s.Status.Record, s.say(s.Status.Whole, "time", s.at(v.GetAt()))))
	} else if v != nil {
		lines = append(lines, s.entitled(s.Status.Record, s.say(s.Status.Damaged, "time", s.at(v.GetAt()))))
	}
	for _, k := range status.GetKeys() {
		lines = append(lines, s.keyLine(k))
	}
	for _, q := range status.GetQuestions() {
		lines = append(lines, s.questionLines(q)...)
	}
	catalog := locale.Of(s.l)
	for _, w := range locale.Standing(status.GetStanding(), status.GetWarnings()...) {
		lines = append(lines, s.entitled(s.Status.Warning, catalog.Plain(catalog.Warning(w, status.GetNow().AsTime()))))
	}
	return lines
}

// entitled is one line behind the word for what it is of.
func (s speech) entitled(label locale.Text, text string) string {
	return s.line(label.String() + "  " + text)
}

func short8(id string) string { return id[:min(len(id), 8)] }

func (s speech) linkLine(l *valisev1.Link) string {
	text := s.Status.NotConnected.String()
	if l.GetUp() {
		text = s.Status.Connected.String()
	}
	if l.GetSince() != nil {
		text = s.say(s.Status.Since, "link", text, "time", s.at(l.GetSince()))
	}
	return s.entitled(s.Status.Relay, text)
}

func (s speech) attentionLine(a *valisev1.Attention) string {
	parts := []string{s.say(s.Status.DeskWaits, "threads", decimal(uint64(a.GetUnopened())), "deadlines", decimal(uint64(a.GetPassed())))}
	if a.GetLast() != nil {
		parts = append(parts, s.say(s.Status.LastCall, "time", s.at(a.GetLast())))
	}
	if a.GetLastQuiet() != nil {
		parts = append(parts, s.say(s.Status.QuietTaken, "time", s.at(a.GetLastQuiet())))
	}
	return s.entitled(s.Status.Desk, s.joined(parts))
}

// questionLines are what waits for a person about who speaks for a State. docs/protocol.md §8.5
func (s speech) questionLines(q *valisev1.TrustQuestion) []string {
	lines := []string{s.entitled(s.Status.Question, s.say(s.Status.QuestionLine, "item", decimal(q.GetItem()), "state", s.theirs(q.GetState()),
		"event", s.word(s.TrustEvent, trustEvent(q.GetEvent())), "time", s.at(q.GetSince()), "held", decimal(uint64(q.GetHeld()))))}
	var rows []labelled
	if q.GetRootOffered() != "" {
		rows = append(rows, labelled{s.Status.RootKnown, s.theirs(q.GetRootHeld())}, labelled{s.Status.RootShown, s.theirs(q.GetRootOffered())})
	}
	for _, n := range q.GetTelephones() {
		rows = append(rows, labelled{s.Status.Call, s.theirs(n)})
	}
	widest := 0
	for _, r := range rows {
		widest = max(widest, cells(r.label.String()))
	}
	for _, r := range rows {
		label := r.label.String()
		lines = append(lines, "  "+s.line(label+strings.Repeat(" ", widest-cells(label)+2)+r.value))
	}
	return lines
}
