package conduct

import (
	"valise.example/exercise/scenario"
	valisev1 "valise.example/proto/valise/v1"
)

// seen is what an exercise sees of a message: which act it is and which facts it has; false where it is no act that a
// scenario can speak of. Nothing that the message says goes any further. docs/protocol.md §12.6
func seen(p *valisev1.Payload) (does scenario.Act, has []scenario.Fact, ok bool) {
	does, has, ok = actOf(p)
	return does, translated(p, has), ok
}

// actOf is seen without what every message may have: the same text in another language.
func actOf(p *valisev1.Payload) (does scenario.Act, has []scenario.Fact, ok bool) {
	switch m := p.GetPayload().(type) {
	case *valisev1.Payload_Inquiry:
		return scenario.InquirySent, ofInquiry(m.Inquiry), true
	case *valisev1.Payload_VoluntaryNotice:
		return scenario.NoticeSent, ofNotice(m.VoluntaryNotice), true
	case *valisev1.Payload_HoldingReply:
		return scenario.HoldingSent, ofHolding(m.HoldingReply), true
	case *valisev1.Payload_RevisedEstimate:
		return scenario.EstimateSent, present(fact{scenario.EstimateGiven, m.RevisedEstimate.GetEstimate().GetEstimate() != nil}), true
	case *valisev1.Payload_Response:
		return ofResponse(m.Response)
	case *valisev1.Payload_ChannelProposal:
		return scenario.ChannelProposed, present(fact{scenario.PreferredChannel, len(m.ChannelProposal.GetChannels()) > 0}), true
	case *valisev1.Payload_ChannelAnswer:
		return ofChannelAnswer(m.ChannelAnswer)
	case *valisev1.Payload_AgencyNomination:
		return scenario.AgencyNamed, ofAgency(m.AgencyNomination.GetAgency()), true
	case *valisev1.Payload_Referral:
		return scenario.Referred, ofAgency(m.Referral.GetAgency()), true
	case *valisev1.Payload_ClarificationRequest:
		return scenario.QuestionSent, present(fact{scenario.Questions, len(m.ClarificationRequest.GetQuestions()) > 0}), true
	case *valisev1.Payload_Supplement:
		return scenario.SupplementSent, present(
			fact{scenario.Nature, m.Supplement.GetIncident().GetNature().GetValue() != ""},
			fact{scenario.Attachment, len(m.Supplement.GetAttachments()) > 0},
		), true
	}
	does, ok = plain(p)
	return does, nil, ok
}

// plain are the acts of which nothing but that they happen is seen.
func plain(p *valisev1.Payload) (scenario.Act, bool) {
	switch p.GetPayload().(type) {
	case *valisev1.Payload_Acknowledgement:
		return scenario.Acknowledged, true
	case *valisev1.Payload_Correction:
		return scenario.CorrectionSent, true
	case *valisev1.Payload_Retraction:
		return scenario.SentInError, true
	case *valisev1.Payload_ConsentRequest:
		return scenario.ConsentRequested, true
	case *valisev1.Payload_ConsentDecision:
		return scenario.ConsentDecided, true
	case *valisev1.Payload_ConsentWithdrawal:
		return scenario.ConsentWithdrawn, true
	case *valisev1.Payload_Closure:
		return scenario.Closed, true
	case *valisev1.Payload_Reopen:
		return scenario.Reopened, true
	case *valisev1.Payload_PingReply:
		return scenario.CheckAnswered, true
	}
	return "", false
}

// fact is one that a message may have.
type fact struct {
	is    scenario.Fact
	there bool
}

func present(facts ...fact) (has []scenario.Fact) {
	for _, f := range facts {
		if f.there {
			has = append(has, f.is)
		}
	}
	return has
}

// ofInquiry: a fact that is given as unknown or withheld is absent. I-1..I-4
func ofInquiry(m *valisev1.Inquiry) []scenario.Fact {
	return present(
		fact{scenario.Contact, reachable(m.GetOriginator())},
		fact{scenario.Nature, m.GetIncident().GetNature().GetValue() != ""},
		fact{scenario.TimeSensitivity, m.GetTimeSensitivity().GetLevel() != valisev1.Urgency_URGENCY_UNSPECIFIED},
		fact{scenario.NeededBy, m.GetTimeSensitivity().GetNeededBy() != nil},
		fact{scenario.PreferredChannel, len(m.GetPreferredChannels()) > 0},
		fact{scenario.LeadAgency, m.GetNominatedAgency().GetName() != ""},
		fact{scenario.Questions, len(m.GetQuestions()) > 0},
		fact{scenario.Attachment, len(m.GetAttachments()) > 0},
	)
}

func ofNotice(m *valisev1.VoluntaryNotice) []scenario.Fact {
	return present(
		fact{scenario.Contact, reachable(m.GetOriginator())},
		fact{scenario.Nature, m.GetIncident().GetNature().GetValue() != ""},
		fact{scenario.Attachment, len(m.GetAttachments()) > 0},
	)
}

// reachable: a name alone reaches nobody. A-10b
func reachable(p *valisev1.Person) bool {
	return p.GetName() != "" && (p.GetPhone() != "" || p.GetEmail() != "")
}

// ofHolding: with the promise may come channel and agency.
func ofHolding(m *valisev1.HoldingReply) []scenario.Fact {
	return present(
		fact{scenario.EstimateGiven, m.GetEstimate().GetEstimate() != nil},
		fact{scenario.Contact, reachable(m.GetInterimContact())},
		fact{scenario.PreferredChannel, len(m.GetPreferredChannels()) > 0},
		fact{scenario.LeadAgency, m.GetNominatedAgency().GetName() != ""},
	)
}

// ofAgency: who leads for this incident, and how it is reached. I-4, R-3
func ofAgency(m *valisev1.Agency) []scenario.Fact {
	return present(
		fact{scenario.LeadAgency, m.GetName() != ""},
		fact{scenario.Contact, m.GetContact() != ""},
	)
}

// ofResponse: to decline, or to refer, is a lawful answer and an act of its own. s1
func ofResponse(m *valisev1.Response) (scenario.Act, []scenario.Fact, bool) {
	has := present(fact{scenario.Attachment, len(m.GetAttachments()) > 0})
	switch m.GetOutcome() {
	case valisev1.Outcome_OUTCOME_DECLINED:
		return scenario.Declined, has, true
	case valisev1.Outcome_OUTCOME_REFERRED:
		return scenario.Referred, has, true
	}
	return scenario.ResponseSent, has, true
}

// ofChannelAnswer: only an acceptance agrees a channel; another that is named is a proposal. s3
func ofChannelAnswer(m *valisev1.ChannelAnswer) (scenario.Act, []scenario.Fact, bool) {
	switch m.GetDecision() {
	case valisev1.ChannelDecision_CHANNEL_DECISION_ACCEPT:
		return scenario.ChannelAgreed, nil, true
	case valisev1.ChannelDecision_CHANNEL_DECISION_COUNTER:
		return scenario.ChannelProposed, present(fact{scenario.PreferredChannel, m.GetChannel() != nil}), true
	}
	return "", nil, false
}

// translated adds whether a text came in more than one language. A-7a-iv
func translated(p *valisev1.Payload, has []scenario.Fact) []scenario.Fact {
	m := p.ProtoReflect()
	field := m.WhichOneof(m.Descriptor().Oneofs().ByName("payload"))
	if field == nil {
		return has
	}
	said, ok := m.Get(field).Message().Interface().(interface{ GetPreamble() *valisev1.Preamble })
	if ok && len(said.GetPreamble().GetTranslations()) > 0 {
		has = append(has, scenario.Translation)
	}
	return has
}
