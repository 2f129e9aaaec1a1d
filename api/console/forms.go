package console

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// form is what a kind of message needs to be written at the desk. To add one:
//
//  1. an entry here: its kind, and its fields with the keys that api/draft has for them (Template shows
//     them); "fixed" are keys that the officer does not choose. Where api/draft has no draft of the kind,
//     "build" makes the payload of what the fields say;
//  2. its three texts in locale.WriteTexts.Act, by its name: the link, the button with {state}, and for a new
//     key a label in Field (writetexts.go finds them);
//  3. where the thread page offers it: acts.go. One that begins a thread has "steps", a page each, and is offered
//     by new.go.
//
// Everything else (keeping, checking, the check page, sending, undo) is the same for all.
type form struct {
	kind   valisev1.Kind
	fields []field
	fixed  map[string]any
	build  func(said map[string]any) (proto.Message, error)
	aim    func(w *writing, t *valisev1.GetThreadResponse) error // what of the thread it is about, or offers to choose
	finish func(w *writing, m proto.Message)                     // what a draft cannot say
	asks   bool                                                  // questions of the peer are answered one by one
	Files  bool                                                  // may have files
	bare   bool                                                  // has no marking of its own
	steps  int                                                   // pages, of one that begins a thread; it has a place of its own for the common fields
}

var (
	outcomes  = []option{{value: "full", text: "full"}, {value: "partial", text: "partial"}, {value: "no_information_found", text: "nothing_found"}, {value: "referred", text: "referred"}}
	decisions = []option{{value: "accept", text: "accept"}, {value: "counter", text: "counter"}, {value: "decline", text: "decline"}}
	yesNo     = []option{{value: "true", text: "yes"}, {value: "false", text: "no"}}
	entry     = []option{{value: "true", text: "entry_right"}, {value: "false", text: "entry_change"}}
	statuses  = []option{{value: "courtesy", text: "courtesy"}, {value: "official", text: "official"}}
	markings  = []option{{value: "TLP:CLEAR", text: ""}, {value: "TLP:GREEN", text: ""}, {value: "TLP:AMBER", text: ""}, {value: "TLP:AMBER+STRICT", text: ""}, {value: "TLP:RED", text: ""}}
)

var forms = map[string]*form{
	"inquiry": inquiryForm, "notice": noticeForm,
	"holding": {kind: valisev1.Kind_KIND_HOLDING_REPLY, fields: []field{
		{key: "text", is: words},
		{key: "estimate", is: estimate, absent: true},
		{key: "interim_contact.name", heads: "interim_contact"},
		{key: "interim_contact.phone"}, {key: "interim_contact.email"}, {key: "interim_contact.hours"},
	}},
	"estimate": {kind: valisev1.Kind_KIND_REVISED_ESTIMATE, fields: []field{
		{key: "estimate", is: estimate}, {key: "reason", is: words},
	}},
	"answer": {kind: valisev1.Kind_KIND_RESPONSE, asks: true, Files: true, fields: []field{
		{key: "outcome", is: choice, options: outcomes, must: true},
		{key: "narrative", is: words, absent: true},
		{key: "actions_taken", is: words, absent: true},
		{key: "further_expected", is: choice, options: yesNo},
	}},
	"decline": {kind: valisev1.Kind_KIND_RESPONSE, fixed: map[string]any{"outcome": "declined"}, fields: []field{
		{key: "reason", is: words, absent: true},
	}},
	"ask": {kind: valisev1.Kind_KIND_CLARIFICATION_REQUEST, fields: []field{
		{key: "questions", is: list}, {key: "text", is: words},
	}},
	"supplement": {kind: valisev1.Kind_KIND_SUPPLEMENT, asks: true, Files: true, fields: joined(
		[]field{{key: "narrative", is: words}}, incidentFields(),
	)},
	"channel": {kind: valisev1.Kind_KIND_CHANNEL_PROPOSAL, fields: []field{channelRows(1, ""), {key: "text", is: words}}},
	"channel_answer": {kind: valisev1.Kind_KIND_CHANNEL_ANSWER, fields: append([]field{
		{key: "decision", is: choice, options: decisions, must: true},
	}, append(channelFields("channel"), field{key: "text", is: words})...)},
	"agency": {kind: valisev1.Kind_KIND_AGENCY_NOMINATION, fields: []field{
		{key: "nominated_agency.name"}, {key: "nominated_agency.contact"}, {key: "text", is: words},
	}},
	"refer": {kind: valisev1.Kind_KIND_REFERRAL, fields: []field{
		{key: "to", is: choice}, {key: "agency.name"}, {key: "agency.contact"}, {key: "text", is: words},
	}},
	"consent": consentForm, "consent_ask": consentAskForm, "consent_end": consentEndForm,
	"close":   {kind: valisev1.Kind_KIND_CLOSURE, fields: []field{{key: "text", is: words}}},
	"reopen":  {kind: valisev1.Kind_KIND_REOPEN, fields: []field{{key: "text", is: words}}},
	"correct": {kind: valisev1.Kind_KIND_CORRECTION, fields: []field{{key: "text", is: words}}},
	"retract": {kind: valisev1.Kind_KIND_RETRACTION, fields: []field{{key: "reason", is: words}}},
	"ping": {kind: valisev1.Kind_KIND_PING_REPLY, bare: true, build: pingReply, fields: []field{
		{key: "entry_correct", is: choice, options: entry, must: true}, {key: "text", is: words},
	}},
}

func channelFields(at string) (all []field) {
	for _, name := range []string{"kind", "address", "protection", "hours"} {
		all = append(all, field{key: at + "." + name})
	}
	return all
}

// common stand at the end of every form but the barest. A-7a-iii, A-7a-iv, A-11
func common() []field {
	return []field{
		{key: "tlp", is: choice, options: markings, start: "TLP:AMBER+STRICT", heads: "marking"},
		{key: "language", is: choice, options: tongues()},
		{key: "reference"},
		translationRows("text"),
	}
}

// ownFields are those of the form, with each table that stands there several times in one place.
func (w *writing) ownFields() (all []field) {
	f := forms[w.form]
	all = append(all, f.fields...)
	if !f.bare && f.steps == 0 {
		all = append(all, common()...)
	}
	return all
}

// fields are those of the form, the questions that are to be answered among them.
func (w *writing) fields() (all []field) {
	if forms[w.form].asks {
		for i, question := range w.asked {
			all = append(all, field{key: fmt.Sprintf("answer[%d].text", i+1), is: words, asked: question})
		}
	}
	for _, own := range w.spread(w.ownFields()) {
		switch {
		case own.key == "to":
			own.options = w.otherTrack()
		case own.cites:
			own.options = w.cites
		}
		if said := w.unlisted[own.key]; said != "" {
			own.options = append(slices.Clone(own.options), option{value: said})
		}
		all = append(all, own)
	}
	return withLeaving(all)
}

// leftOut says nothing of a choice: without script, nothing but another choice takes one back.
var leftOut = option{text: "left_out"}

// withLeaving lets every choice that may be left out be taken back. A-10b
func withLeaving(all []field) []field {
	for i, f := range all {
		if f.is == choice && !f.must && f.start == "" {
			all[i].options = append([]option{leftOut}, f.options...)
		}
	}
	return all
}

// pingReply is the answer to a communication check, which no draft is written for. A-8
func pingReply(said map[string]any) (proto.Message, error) {
	right, _ := said["entry_correct"].(bool)
	text, _ := said["text"].(string)
	return &valisev1.PingReply{EntryCorrect: right, Text: text}, nil
}

// otherTrack are the desks of both States on the track that this thread is not on: there a matter may go
// on. A-9 s2
func (w *writing) otherTrack() (all []option) {
	for _, address := range []string{w.peer, w.ours} {
		state, track, _ := strings.Cut(address, "/")
		other := "diplomatic"
		if track == other {
			other = "technical"
		}
		all = append(all, option{value: state + "/" + other})
	}
	return all
}
