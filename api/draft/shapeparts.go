package draft

import (
	"slices"

	valisev1 "valise.example/proto/valise/v1"
)

// with puts a kind's own values first, then what every message has, then the tables.
func with(values, tables []row) []row {
	rows := append([]row{}, values...)
	rows = append(rows, preambleRows...)
	rows = append(rows, tables...)
	if slices.ContainsFunc(values, func(r row) bool { return r.key == attachmentsRow.key }) {
		rows = append(rows, attachmentRow)
	}
	return append(rows, translationRow)
}

// preambleRows are the keys that every message has. A-7a-iii, A-10 s4, A-11
var preambleRows = []row{
	{key: "reference", path: "preamble.own_reference", doc: "Your own reference.", example: `"2026-0117"`},
	{key: "peer_reference", path: "preamble.peer_reference", doc: "The other side's reference.", example: `"REF-42"`},
	{key: "language", path: "preamble.language", doc: "Language of the text, BCP 47 (A-7a-iv).", example: `"en"`},
	{key: "tlp", path: "preamble.tlp", doc: "TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT (taken when this is left out) or TLP:RED (A-11 s2).", example: `"TLP:AMBER+STRICT"`},
	{key: "pap", path: "preamble.pap", doc: "PAP:CLEAR, PAP:GREEN, PAP:AMBER or PAP:RED (A-11).", example: `"PAP:AMBER"`},
	{key: "handling_note", path: "preamble.handling_note", doc: "Handling in words (A-11).", example: `"For the incident team only."`},
	{key: "officer", path: "preamble.officer", shown: true},
	{key: "role", path: "preamble.role", shown: true},
	{key: "notes", path: "preamble.notes", shown: true},
}

// translationRow sets a translation beside the original. A-7a-iv
var translationRow = row{
	key: "translation", path: "preamble.translations",
	doc: "The same text in another language; repeat this table (A-7a-iv).",
	sub: &shape{message: &valisev1.Translation{}, rows: []row{
		{key: "language", path: "language", doc: "BCP 47 (A-7a-iv).", example: `"fr"`, live: true},
		{key: "status", path: "status", doc: "official or courtesy (A-7a-iv).", example: `"courtesy"`, live: true},
		{key: "title", path: "title", doc: "Title in that language.", example: `"Un titre"`, live: true},
		{key: "text", path: "text", doc: "Text in that language.", example: `"Un texte"`, live: true},
	}},
}

// attachmentsRow names files; it is the only key that points outside the draft.
// docs/protocol.md §6
var attachmentsRow = row{
	key: "attachments", path: "attachments",
	doc:     "Names of files beside this draft, without a folder.",
	example: `["log-excerpt.txt"]`,
}

func textRow(doc string) row {
	return row{key: "text", path: "text", doc: doc, example: `"Replace this with a line of text."`}
}

func estimateRow(live bool) row {
	return row{
		key: "estimate", path: "estimate", live: live,
		doc:     "When an answer may come: a time (RFC 3339 with offset), a span (PT6H, P2D) or words (R-2).",
		example: `"P2D"`,
	}
}

// answerRow answers one question; which is how the question is named. I-3, R-1
func answerRow(doc, which string) row {
	return row{key: "answer", path: "answers", doc: doc, sub: &shape{message: &valisev1.Answer{}, rows: []row{
		{key: "question", path: "question", doc: which, example: `1`, live: true},
		{key: "text", path: "text", doc: "The answer.", example: `"Yes, since last week."`, live: true},
	}}}
}

// personShape says who speaks and how to reach them. I-1, I-3
var personShape = &shape{message: &valisev1.Person{}, rows: []row{
	{key: "name", path: "name", doc: "Name of the officer (I-1).", example: `"Name of the officer"`, live: true},
	{key: "affiliation", path: "affiliation", doc: "Where the officer serves (I-1).", example: `"National CERT"`, live: true},
	{key: "designation", path: "designation", doc: "Post or title (A-7a-iii).", example: `"Duty officer"`},
	{key: "phone", path: "phone", doc: "Telephone with country code (I-3).", example: `"+000 555 0100"`},
	{key: "email", path: "email", doc: "Email (I-3).", example: `"duty@cert.example"`, live: true},
	{key: "hours", path: "hours", doc: "When they can be reached (I-3).", example: `"24/7"`},
}}

// channelShape is a way to speak. I-4, R-3
var channelShape = &shape{message: &valisev1.Channel{}, rows: []row{
	{key: "kind", path: "kind", doc: "valise, phone, email, signal, meeting, … (I-4).", example: `"phone"`, live: true},
	{key: "address", path: "address", doc: "Number, address or account (I-4).", example: `"+000 555 0100"`, live: true},
	{key: "protection", path: "protection", doc: "How it is protected (I-4).", example: `"encrypted line"`},
	{key: "fingerprint", path: "fingerprint", doc: "Fingerprint of a key, if one matters (I-4).", example: `"00001 00002"`},
	{key: "hours", path: "hours", doc: "When it is attended (I-4).", example: `"08:00-20:00 UTC"`},
}}

// agencyShape is the agency that leads for this incident. I-4, R-3
var agencyShape = &shape{message: &valisev1.Agency{}, rows: []row{
	{key: "name", path: "name", doc: "Name (I-4).", example: `"Name of the agency"`, live: true},
	{key: "contact", path: "contact", doc: "How to reach it (I-4).", example: `"agency@gov.example"`, live: true},
}}

// incidentShape holds the facts of the incident. I-2
var incidentShape = &shape{message: &valisev1.Incident{}, rows: []row{
	{key: "nature", path: "nature", doc: "Class of the incident, for example an RSIT class (I-2).", example: `"intrusions"`, live: true},
	{key: "occurrence", path: "occurrence", doc: "actual or potential (I-2).", example: `"actual"`, live: true},
	{key: "detected", path: "detected", doc: "First noticed, RFC 3339 with the offset you write it in (I-2).", example: `"2026-11-20T09:30:00+01:00"`, live: true},
	{key: "started", path: "started", doc: "Began (I-2).", example: `{ unknown = true }`, live: true},
	{key: "ended", path: "ended", doc: "Ended (I-2).", example: `{ not_applicable = true }`, live: true},
	{key: "affected_sectors", path: "affected_sectors", doc: "Sectors affected (I-2).", example: `["energy"]`, live: true},
	{key: "cross_border", path: "cross_border", doc: "Does it cross borders (I-2)?", example: `true`, live: true},
	{key: "observed_infrastructure", path: "observed_infrastructure", doc: "Addresses, names and hashes seen; naming one blames nobody (A-10 s5).", example: `["192.0.2.10"]`, live: true},
	{key: "confidence", path: "confidence", doc: "low, medium or high (I-2).", example: `"medium"`, live: true},
	{key: "severity", path: "severity", doc: "Your national label (I-2).", example: `{ withheld = true }`, live: true},
}}
