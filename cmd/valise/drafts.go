package main

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// draftKinds are the kinds that an officer writes as a draft, in the order of the procedures.
var draftKinds = []valisev1.Kind{
	valisev1.Kind_KIND_INQUIRY, valisev1.Kind_KIND_ACKNOWLEDGEMENT, valisev1.Kind_KIND_HOLDING_REPLY,
	valisev1.Kind_KIND_REVISED_ESTIMATE, valisev1.Kind_KIND_RESPONSE, valisev1.Kind_KIND_CHANNEL_PROPOSAL,
	valisev1.Kind_KIND_AGENCY_NOMINATION, valisev1.Kind_KIND_CLARIFICATION_REQUEST,
	valisev1.Kind_KIND_SUPPLEMENT, valisev1.Kind_KIND_CORRECTION, valisev1.Kind_KIND_REFERRAL,
	valisev1.Kind_KIND_VOLUNTARY_NOTICE, valisev1.Kind_KIND_CONSENT_REQUEST,
	valisev1.Kind_KIND_CONSENT_DECISION, valisev1.Kind_KIND_CONSENT_WITHDRAWAL, valisev1.Kind_KIND_CLOSURE, valisev1.Kind_KIND_REOPEN,
}

func draftKind(name string) (valisev1.Kind, bool) {
	at := slices.IndexFunc(draftKinds, func(k valisev1.Kind) bool { return kindName(k) == name })
	if at < 0 {
		return 0, false
	}
	return draftKinds[at], true
}

func draftKindNames() string {
	names := make([]string, len(draftKinds))
	for i, k := range draftKinds {
		names[i] = kindName(k)
	}
	return strings.Join(names, ", ")
}

func parseInquiry(text []byte) (*valisev1.Inquiry, error) {
	inquiry, _, err := draft.ParseInquiry(text) // its files are read when they are measured
	return inquiry, err
}

// parseReply reads a draft of the kind, or plain text for kinds that are only words.
func parseReply(kind valisev1.Kind, text []byte) (proto.Message, error) {
	payload, _, err := draft.ParseText(kind, text)
	return payload, err
}

// readWords reads plain running text; "" where no file is named.
func (p *program) readWords(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := p.readText(file)
	if err != nil {
		return "", err
	}
	words := strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n"))
	if draft.LooksLikeDraft(text) {
		return "", refuse(valisev1.Reason_REASON_BAD_DRAFT, "this verb takes plain text, the file is a draft", "")
	}
	return words, draft.CheckParagraphs(words)
}

// readContactFile adds to a contact log what a file says: TOML with person, detail and note, or
// the note as plain text.
func readContactFile(contact *valisev1.ContactLog, text []byte) error {
	if !draft.LooksLikeDraft(text) {
		contact.Note = strings.TrimSpace(string(text))
		return draft.CheckParagraphs(contact.GetNote())
	}
	fields := struct {
		Person string `toml:"person"`
		Detail string `toml:"detail"`
		Note   string `toml:"note"`
	}{contact.GetPerson(), contact.GetDetail(), contact.GetNote()}
	if err := decodeTOML(text, &fields); err != nil {
		return err
	}
	contact.Person, contact.Detail, contact.Note = fields.Person, fields.Detail, fields.Note
	for _, line := range []string{contact.GetPerson(), contact.GetDetail()} {
		if err := draft.CheckLine(line); err != nil {
			return err
		}
	}
	return draft.CheckParagraphs(contact.GetNote())
}

// signedPayload reads what an item's Signed says; nil where there is none. The record has
// verified it before it was written.
func signedPayload(item *valisev1.Item) proto.Message {
	payload, ok := valisev1.NewPayload(item.GetKind())
	if !ok || len(item.GetSigned()) == 0 {
		return nil
	}
	signed, err := seal.ParseSigned(item.GetSigned())
	if err != nil || proto.Unmarshal(signed.Content.Payload(), payload) != nil {
		return nil
	}
	return payload
}
