package main

import (
	"slices"
	"strings"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// deadlineLine says whose wish it is, and never that anybody owes it.
func deadlineLine(s speech, d *valisev1.Deadline) string {
	line := s.say(map[valisev1.DeadlineType]locale.Text{
		valisev1.DeadlineType_DEADLINE_TYPE_ASKED:           s.Thread.Asked,
		valisev1.DeadlineType_DEADLINE_TYPE_PROMISED:        s.Thread.Promised,
		valisev1.DeadlineType_DEADLINE_TYPE_OWN_ACKNOWLEDGE: s.Thread.OwnAcknowledge,
		valisev1.DeadlineType_DEADLINE_TYPE_OWN_ANSWER:      s.Thread.OwnAnswer,
	}[d.GetType()], "time", s.at(d.GetAt()))
	if d.GetPassed() {
		line = s.say(s.Thread.Passed, "line", line)
	}
	return s.line(s.say(s.Thread.OurSide, "flags", line))
}

// flagWords are the flags of a thread in words.
func flagWords(s speech, flags []string) []string {
	words := slices.Clone(flags)
	for i, flag := range words {
		words[i] = s.word(s.Flag, flag)
	}
	return words
}

// threadLine is a thread in a list.
func threadLine(s speech, t *valisev1.ThreadView) string {
	arrow := s.Thread.From
	if t.GetOutbound() {
		arrow = s.Thread.To
	}
	line := strings.Join([]string{
		s.theirs(first8(t.GetThread())) + " ", padded(arrow.String(), 4), padded(s.theirs(t.GetPeer()), 13),
		s.column(s.state(t), 16), s.theirs(t.GetTitle()),
	}, " ")
	flags := flagWords(s, t.GetFlags())
	if t.GetUnopenedSince() != nil {
		flags = append(flags, s.Thread.ToOpen.String())
	}
	if t.GetPruned() != nil {
		flags = append(flags, s.Thread.ContentsRemoved.String())
	}
	if t.GetGap() {
		flags = append(flags, s.Thread.UnderWay.String())
	}
	if len(flags) > 0 {
		line += "  (" + s.joined(flags) + ")"
	}
	return s.line(line)
}

// padded fills a column of a terminal.
func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-cells(text)))
}

// viewLines are a thread as a person reads it: what it is, what was said in it, and what is still open.
func viewLines(s speech, view *valisev1.GetThreadResponse) []string {
	lines := threadHead(s, view.GetThread())
	for _, m := range view.GetMessages() {
		lines = append(lines, messageLines(s, m)...)
	}
	for _, a := range view.GetAdvice() {
		lines = append(lines, s.advice(a))
	}
	return lines
}

func threadHead(s speech, t *valisev1.ThreadView) []string {
	lines := s.lines([]string{
		s.theirs(t.GetTitle()),
		s.say(s.Thread.Head, "thread", s.theirs(t.GetThread()), "state", s.state(t),
			"peer", s.theirs(t.GetPeer()), "ours", s.theirs(t.GetOurs())),
		s.Thread.Realm.String() + "  " + s.theirs(t.GetRealm()),
	})
	for _, fact := range []struct {
		text  locale.Text
		value string
	}{
		{s.Thread.AgreedChannel, t.GetAgreedChannel()}, {s.Thread.OurAgency, t.GetOurAgency()}, {s.Thread.TheirAgency, t.GetTheirAgency()},
	} {
		if fact.value != "" {
			lines = append(lines, s.line(s.say(fact.text, "value", s.theirs(fact.value))))
		}
	}
	if t.GetEstimate() != nil {
		lines = append(lines, s.line(s.say(s.Thread.Estimate, "time", s.at(t.GetEstimate()))))
	}
	lines = append(lines, linkedLines(s, t.GetLinked())...)
	if len(t.GetFlags()) > 0 {
		lines = append(lines, s.line(s.say(s.Thread.OurSide, "flags", s.joined(flagWords(s, t.GetFlags())))))
	}
	if t.GetUnopenedSince() != nil {
		lines = append(lines, s.line(s.say(s.Thread.Unopened, "time", s.at(t.GetUnopenedSince()))))
	}
	for _, d := range t.GetDeadlines() {
		lines = append(lines, deadlineLine(s, d))
	}
	if t.GetPruned() != nil {
		lines = append(lines, s.line(s.say(s.Thread.Pruned, "time", s.at(t.GetPruned()))))
	}
	if t.GetGap() {
		lines = append(lines, s.line(s.Thread.Gap.String()))
	}
	return append(lines, "")
}
