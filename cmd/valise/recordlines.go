package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// decimal is a number in Western digits, as every language has it.
func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

// itemLine is an item of the record on one line. English columns hold the names of the contract.
func itemLine(s speech, v *valisev1.ItemView) string {
	item := v.GetItem()
	parts := []string{fmt.Sprintf("%6d", item.GetNumber()), s.at(item.GetRecorded()), s.column(s.named(s.Item, itemTypeName(item.GetType())), 12)}
	add := func(there bool, part string) {
		if there {
			parts = append(parts, part)
		}
	}
	add(kindName(item.GetKind()) != "", s.named(s.Kind, kindName(item.GetKind())))
	add(item.GetDelivery() != nil, itemDelivery(s, v))
	add(item.GetAttention() != nil, attentionWords(s, item.GetAttention()))
	add(item.GetTrust() != nil, s.theirs(item.GetTrust().GetState())+" "+s.word(s.TrustEvent, trustEvent(item.GetTrust().GetEvent())))
	add(v.GetFrom() != "", s.theirs(v.GetFrom()+" → "+v.GetTo()))
	add(item.GetReason() != valisev1.Reason_REASON_UNSPECIFIED, s.reasonOrName(item.GetReason()))
	if f := item.GetPrune(); f != nil {
		add(true, pruneLine(s, f))
	}
	if f := item.GetOther(); f != nil {
		add(true, otherFactLine(s, f))
	}
	add(v.GetPruned(), s.Record.Removed.String())
	return s.line(strings.Join(parts, "  "))
}

// itemDelivery is how far a message has come. An item of the record may not say which State is its peer.
func itemDelivery(s speech, v *valisev1.ItemView) string {
	d := v.GetItem().GetDelivery().GetDelivery()
	text, ok := s.Delivery.Of(d)
	if !ok || s.l == locale.English {
		return lowerName(d.String(), "DELIVERY_")
	}
	peer, _, _ := strings.Cut(v.GetTo(), "/")
	if peer == "" {
		return s.say(text, "peer", s.Record.OtherSide.String())
	}
	return s.say(text, "peer", s.theirs(peer))
}

func attentionWords(s speech, f *valisev1.AttentionFact) string {
	step := s.named(s.AttentionStep, lowerName(f.GetStep().String(), "ATTENTION_STEP_"))
	line := s.say(s.Record.Attention, "step", step, "means", s.theirs(f.GetMeans()))
	if !f.GetTaken() {
		line = s.say(s.Record.AttentionNot, "line", line)
	}
	return line
}

// itemLines are an item with what names it.
func itemLines(s speech, v *valisev1.ItemView) []string {
	lines := []string{itemLine(s, v)}
	for _, fact := range []labelled{
		{s.RecordLabel.Thread, s.theirs(v.GetThread())},
		{s.RecordLabel.Message, s.theirs(v.GetMessage())},
		{s.RecordLabel.Digest, s.theirs(v.GetDigest())},
		{s.RecordLabel.Officer, s.theirs(v.GetItem().GetOfficer())},
		{s.RecordLabel.Act, s.named(s.Act, actName(v.GetItem().GetDraftAct()))},
		{s.RecordLabel.Note, s.theirs(v.GetItem().GetNote())},
	} {
		if fact.value != "" {
			lines = append(lines, recordFact(s, fact))
		}
	}
	return lines
}

// recordFact stands under an item.
func recordFact(s speech, f labelled) string { return "  " + s.fact(f.label.String(), 8, f.value) }

// paperHead is what is printed, dated and signed by hand: a record that is rolled back later
// no longer leads to it. docs/protocol.md §9.2
func paperHead(s speech, state, realm string, head *valisev1.GetHeadResponse) []string {
	lines := s.lines([]string{
		s.say(s.Record.PaperHead, "state", s.theirs(state)), s.say(s.Record.Realm, "realm", s.theirs(realm)),
		s.say(s.Record.Items, "items", decimal(head.GetSize())), s.Record.RootFollows.String(),
	})
	for row := range slices.Chunk([]byte(head.GetRoot()), 16) {
		var groups []string
		for group := range slices.Chunk(row, 4) {
			groups = append(groups, string(group))
		}
		lines = append(lines, "    "+s.theirs(strings.Join(groups, " ")))
	}
	blank := strings.Repeat("_", 22)
	by := s.RecordLabel.Name.String() + " " + blank + "  " + s.RecordLabel.Date.String() + " " + blank
	return append(lines, s.line(s.say(s.Record.Read, "time", s.at(head.GetAt()))), "", s.line(by))
}
