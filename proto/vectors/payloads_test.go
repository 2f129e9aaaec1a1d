package vectors_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// kinds are all kinds of the contract, in order.
func kinds() []valisev1.Kind {
	var out []valisev1.Kind
	for _, n := range slices.Sorted(maps.Keys(valisev1.Kind_name)) {
		if n != 0 {
			out = append(out, valisev1.Kind(n))
		}
	}
	return out
}

// payloadOf is a payload of any kind that keeps every rule of the contract.
func (m *maker) payloadOf(t *testing.T, kind valisev1.Kind) proto.Message {
	t.Helper()
	if p := proceduralPayload(kind); p != nil {
		return p
	}
	if p := furtherPayload(kind); p != nil {
		return p
	}
	if p := m.machinePayload(t, kind); p != nil {
		return p
	}
	t.Fatalf("no payload is written here for %s", kind)
	return nil
}

func preamble(notes ...string) *valisev1.Preamble {
	p := &valisev1.Preamble{Language: "en", OwnReference: "XA-2026-17", Tlp: valisev1.Tlp_TLP_AMBER_STRICT, Officer: "A. Rowan", Role: "duty officer"}
	for _, id := range notes {
		p.Notes = append(p.Notes, &valisev1.NoteReference{Id: id, Version: 1})
	}
	return p
}

func at(hours int) *timestamppb.Timestamp {
	return timestamppb.New(clock.Add(time.Duration(hours) * time.Hour))
}

func text(s string) *valisev1.TextFact {
	return &valisev1.TextFact{Fact: &valisev1.TextFact_Value{Value: s}}
}

// proceduralPayload: the kinds of both procedures. I-1..I-4, R-1..R-3
func proceduralPayload(kind valisev1.Kind) proto.Message {
	const withoutPrejudice, territory = "without-prejudice", "territory"
	by := &valisev1.Estimate{Estimate: &valisev1.Estimate_By{By: &valisev1.ZonedTime{At: at(48), OffsetMinutes: -210}}}
	phone := &valisev1.Channel{Kind: "phone", Address: "+999 555 0100", Hours: "day and night"}
	switch kind {
	case valisev1.Kind_KIND_INQUIRY:
		return &valisev1.Inquiry{
			Preamble:   preamble(territory),
			Originator: &valisev1.Person{Name: "A. Rowan", Affiliation: "CERT-XA", Phone: "+999 555 0101", Email: "duty@cert.example"},
			Title:      "Сканирование · 扫描 · مسح · balayage",
			Narrative:  "Since Friday we see connections to control systems from an address in your range.",
			Incident: &valisev1.Incident{
				Nature: text("information-gathering"), Confidence: text("medium"),
				Started:                &valisev1.TimeFact{Fact: &valisev1.TimeFact_Value{Value: &valisev1.ZonedTime{At: at(-50), OffsetMinutes: 345}}},
				Ended:                  &valisev1.TimeFact{Fact: &valisev1.TimeFact_Absence{Absence: valisev1.Absence_ABSENCE_NOT_APPLICABLE}},
				Severity:               &valisev1.TextFact{Fact: &valisev1.TextFact_Absence{Absence: valisev1.Absence_ABSENCE_WITHHELD}},
				ObservedInfrastructure: &valisev1.ListFact{Values: []string{"192.0.2.17", "192.0.2.18"}},
				CrossBorder:            &valisev1.BoolFact{Fact: &valisev1.BoolFact_Value{Value: false}},
			},
			RequestType:       valisev1.RequestType_REQUEST_TYPE_INFORMATION,
			Questions:         []string{"Who uses 192.0.2.17?", "Is it known to you?"},
			TimeSensitivity:   &valisev1.TimeSensitivity{Level: valisev1.Urgency_URGENCY_PRIORITY, NeededBy: at(24)},
			PreferredChannels: []*valisev1.Channel{phone},
			NominatedAgency:   &valisev1.Agency{Name: "CERT-XA", Contact: "duty@cert.example"},
		}
	case valisev1.Kind_KIND_ACKNOWLEDGEMENT:
		return &valisev1.Acknowledgement{Preamble: preamble(withoutPrejudice), Messages: [][]byte{sum("one"), sum("two")}}
	case valisev1.Kind_KIND_HOLDING_REPLY:
		return &valisev1.HoldingReply{Preamble: preamble(withoutPrejudice), Text: "We will look into it.", Estimate: by}
	case valisev1.Kind_KIND_REVISED_ESTIMATE:
		return &valisev1.RevisedEstimate{Estimate: &valisev1.Estimate{Estimate: &valisev1.Estimate_WithinSeconds{WithinSeconds: 21600}}}
	case valisev1.Kind_KIND_RESPONSE:
		return &valisev1.Response{
			Preamble: preamble(withoutPrejudice), Outcome: valisev1.Outcome_OUTCOME_PARTIAL, FurtherExpected: true,
			Answers: []*valisev1.Answer{{Question: 1, Text: "A shared host."}},
		}
	case valisev1.Kind_KIND_CHANNEL_PROPOSAL:
		return &valisev1.ChannelProposal{Channels: []*valisev1.Channel{phone, {Kind: "valise"}}}
	case valisev1.Kind_KIND_CHANNEL_ANSWER:
		return &valisev1.ChannelAnswer{Proposal: sum("proposal"), Decision: valisev1.ChannelDecision_CHANNEL_DECISION_ACCEPT, Channel: phone}
	case valisev1.Kind_KIND_AGENCY_NOMINATION:
		return &valisev1.AgencyNomination{Agency: &valisev1.Agency{Name: "CERT-XA"}}
	case valisev1.Kind_KIND_CLARIFICATION_REQUEST:
		return &valisev1.ClarificationRequest{Questions: []string{"Which port?"}}
	case valisev1.Kind_KIND_SUPPLEMENT:
		return &valisev1.Supplement{Narrative: "It has stopped.", Attachments: []*valisev1.Attachment{
			{Name: "flows.csv", Size: 245_761, Sha256: sum("flows"), Parts: 2, MediaType: "text/csv"},
		}}
	}
	return nil
}

// furtherPayload: the other kinds between officers, and those of exercises.
func furtherPayload(kind valisev1.Kind) proto.Message {
	switch kind {
	case valisev1.Kind_KIND_CORRECTION:
		return &valisev1.Correction{Message: sum("message"), Text: "Read 192.0.2.18."}
	case valisev1.Kind_KIND_RETRACTION:
		return &valisev1.Retraction{Message: sum("message")}
	case valisev1.Kind_KIND_REFERRAL:
		return &valisev1.Referral{To: "XB/diplomatic", Text: "Please continue there."}
	case valisev1.Kind_KIND_VOLUNTARY_NOTICE:
		return &valisev1.VoluntaryNotice{Preamble: preamble("territory"), Originator: &valisev1.Person{Name: "A. Rowan"}, Title: "For your information"}
	case valisev1.Kind_KIND_CONSENT_REQUEST:
		return &valisev1.ConsentRequest{Messages: [][]byte{sum("message")}, ThirdParty: "the operator of the host", Expires: at(240)}
	case valisev1.Kind_KIND_CONSENT_DECISION:
		return &valisev1.ConsentDecision{Request: sum("request"), Consents: true}
	case valisev1.Kind_KIND_CONSENT_WITHDRAWAL:
		return &valisev1.ConsentWithdrawal{Decision: sum("decision")}
	case valisev1.Kind_KIND_CLOSURE:
		return &valisev1.Closure{Text: "From our side this is done."}
	case valisev1.Kind_KIND_REOPEN:
		return &valisev1.Reopen{Text: "It began again."}
	case valisev1.Kind_KIND_PING:
		return &valisev1.Ping{Deadline: at(48), EntryNumber: 3}
	case valisev1.Kind_KIND_PING_REPLY:
		return &valisev1.PingReply{Ping: sum("ping"), EntryCorrect: true}
	case valisev1.Kind_KIND_TRANSPARENCY_SHARE:
		return &valisev1.TransparencyShare{Title: "National strategy", Links: []string{"https://strategy.example/"}}
	case valisev1.Kind_KIND_TERM_VIEW:
		return &valisev1.TermView{Term: "ICT incident", Text: "As in our law."}
	case valisev1.Kind_KIND_EXERCISE_CONTROL:
		return &valisev1.ExerciseControl{Action: valisev1.ExerciseAction_EXERCISE_ACTION_STARTEX}
	case valisev1.Kind_KIND_EXERCISE_INJECT:
		return &valisev1.ExerciseInject{Inject: "1", Text: "A call from the ministry."}
	case valisev1.Kind_KIND_EXERCISE_OBSERVATION:
		return &valisev1.ExerciseObservation{Text: "Answered within the hour."}
	}
	return nil
}

func (m *maker) machinePayload(t *testing.T, kind valisev1.Kind) proto.Message {
	t.Helper()
	switch kind {
	case valisev1.Kind_KIND_RECEIPT_BATCH:
		return receiptBatch()
	case valisev1.Kind_KIND_KEY_NOTICE:
		bundle, err := seal.SignObject(realm, seal.PurposeKeyBundle, marshal(t, m.keyBundle()), m.signing["alder-technical"])
		must(t, err)
		return &valisev1.KeyNotice{Bundle: bundle}
	case valisev1.Kind_KIND_VOID:
		return &valisev1.Void{Digest: sum("never sent")}
	case valisev1.Kind_KIND_RETURN:
		return &valisev1.Return{Signed: m.sign(t, "cedar-technical", cedars(), nil)}
	case valisev1.Kind_KIND_CANNOT_OPEN:
		return &valisev1.CannotOpen{Reason: valisev1.Reason_REASON_CANNOT_DECRYPT, EnvelopeHash: sum("envelope")}
	case valisev1.Kind_KIND_ATTACHMENT_PART:
		return &valisev1.AttachmentPart{Message: sum("message"), Attachment: 0, Index: 1, Data: []byte("the last part")}
	}
	return nil
}

// cedars is a message that Cedar once sent to Alder.
func cedars() seal.Header {
	h := headerOf(valisev1.Kind_KIND_REOPEN)
	h.From, h.To = cedarTechnical, alderTechnical
	return h
}

func receiptBatch() *valisev1.ReceiptBatch {
	return &valisev1.ReceiptBatch{
		Epoch: 0xfedcba9876543210, Number: 12, SealingKeyId: sum("sealing key"), BundleNumber: 3, RecordCommitment: sum("head"),
		Channels: []*valisev1.ChannelReceipt{
			{
				Mark: &valisev1.ChannelMark{Epoch: 9, Mark: 4, Digest: sum("four")},
				Held: []*valisev1.NumberedDigest{{Sequence: 6, Digest: sum("six")}},
				Refused: []*valisev1.RefusedDigest{
					{Sequence: 3, Digest: sum("three"), Reason: valisev1.Reason_REASON_UNSUPPORTED},
				},
				Unreadable: [][]byte{sum("five")},
			},
			{Mark: &valisev1.ChannelMark{Lane: 1, Epoch: 9}},
		},
	}
}

func (m *maker) keyBundle() *valisev1.KeyBundle {
	return &valisev1.KeyBundle{
		Realm: string(realm), Address: alderTechnical.String(), EntryNumber: 1, Number: 1_795_339_800,
		SealingKeys: []*valisev1.SealingKey{{Recipient: m.sealing["cedar"].Recipient().String(), ValidFrom: at(0), AcceptedUntil: at(45 * 24)}},
		Mailbox:     "aaaaaaaaaaaaaaaaaaaaaaaaaa", SenderToken: "bbbbbbbbbbbbbbbbbbbbbbbbbb",
		Issued: at(0), Expires: at(45 * 24),
	}
}
