package conduct

import (
	"fmt"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// form is what a simulated seat says on a thread because an inject told it to; what its habits say is a reply. Each is
// a form that people fill too. docs/scenario.md §5
func (s *script) form(a play.Act) (*valisev1.Payload, error) {
	p := &valisev1.Payload{}
	switch a.Does {
	case scenario.EstimateSent:
		p.Payload = &valisev1.Payload_RevisedEstimate{RevisedEstimate: &valisev1.RevisedEstimate{Estimate: within(a.Estimate), Reason: "Logs are still being read."}}
	case scenario.Declined:
		p.Payload = &valisev1.Payload_Response{Response: &valisev1.Response{
			Outcome: valisev1.Outcome_OUTCOME_DECLINED, Narrative: marked + "We do not answer this." + ended, Reason: "It is not for this channel.",
		}}
	case scenario.QuestionSent:
		p.Payload = &valisev1.Payload_ClarificationRequest{ClarificationRequest: &valisev1.ClarificationRequest{
			Questions: []string{"Which systems?", "At which times?"}, Text: marked + "We need to know more." + ended,
		}}
	case scenario.SupplementSent:
		p.Payload = &valisev1.Payload_Supplement{Supplement: &valisev1.Supplement{Narrative: marked + "What we have learned since." + ended}}
	case scenario.CorrectionSent:
		p.Payload = &valisev1.Payload_Correction{Correction: &valisev1.Correction{Text: marked + "One figure was wrong." + ended}}
	case scenario.SentInError:
		p.Payload = &valisev1.Payload_Retraction{Retraction: &valisev1.Retraction{Reason: "It belongs to another incident."}}
	case scenario.ChannelProposed:
		person, _ := s.desk(a.Seat)
		p.Payload = &valisev1.Payload_ChannelProposal{ChannelProposal: &valisev1.ChannelProposal{
			Channels: []*valisev1.Channel{{Kind: "phone", Address: person.GetPhone()}}, Text: marked + "On the hour." + ended,
		}}
	case scenario.Referred:
		other := ident.Address{State: a.Seat.State, Track: ident.Technical}
		if a.Seat.Track == ident.Technical {
			other.Track = ident.Diplomatic
		}
		p.Payload = &valisev1.Payload_Referral{Referral: &valisev1.Referral{To: other.String(), Text: marked + "This is for the other track." + ended}}
	default:
		return s.aside(a)
	}
	return p, nil
}

// aside is what is said about consent, and about the thread itself. A-11 s2, docs/protocol.md §5.3
func (s *script) aside(a play.Act) (*valisev1.Payload, error) {
	p := &valisev1.Payload{}
	switch a.Does {
	case scenario.ConsentRequested:
		p.Payload = &valisev1.Payload_ConsentRequest{ConsentRequest: &valisev1.ConsentRequest{
			ThirdParty: s.third(a), Purpose: "The same matter may concern it.",
		}}
	case scenario.ConsentDecided:
		p.Payload = &valisev1.Payload_ConsentDecision{ConsentDecision: &valisev1.ConsentDecision{Consents: true, Conditions: "For this incident alone."}}
	case scenario.ConsentWithdrawn:
		p.Payload = &valisev1.Payload_ConsentWithdrawal{ConsentWithdrawal: &valisev1.ConsentWithdrawal{Reason: "It is no longer needed."}}
	case scenario.Closed:
		p.Payload = &valisev1.Payload_Closure{Closure: &valisev1.Closure{Text: "We have no more questions."}}
	case scenario.Reopened:
		p.Payload = &valisev1.Payload_Reopen{Reopen: &valisev1.Reopen{Text: "It has come back."}}
	default:
		return nil, fmt.Errorf("conduct: no simulated seat does %.40q", a.Does)
	}
	return p, nil
}

// third is a State that has no part in a thread, named as it would be written to; where the scenario has none, an agency.
func (s *script) third(a play.Act) string {
	for i := range s.scenario.Participants {
		if one := s.scenario.Participants[i].State; one != a.Seat.State && one != a.To.State {
			return one.String()
		}
	}
	_, agency := s.desk(a.Seat)
	return agency.GetName()
}

// notice informs of what an inject tells. A-9b s3
func (s *script) notice(a play.Act) *valisev1.VoluntaryNotice {
	person, _ := s.desk(a.Seat)
	story := s.story(a.Inject)
	return &valisev1.VoluntaryNotice{
		Preamble:   &valisev1.Preamble{Language: "en", OwnReference: s.reference(a)},
		Originator: person,
		Type:       valisev1.NoticeType_NOTICE_TYPE_INCIDENT,
		Title:      headline(story),
		Narrative:  marked + story + ended,
		Incident:   &valisev1.Incident{Nature: &valisev1.TextFact{Fact: &valisev1.TextFact_Value{Value: "intrusions"}}},
	}
}

// call is a telephone call that took place. I-1
func (s *script) call(a play.Act) *valisev1.ContactLog {
	person, _ := s.desk(a.To)
	return &valisev1.ContactLog{
		Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, Person: person.GetName() + ", " + person.GetAffiliation(), Detail: person.GetPhone(),
		Note: marked + "They have it in hand." + ended, Result: valisev1.ContactResult_CONTACT_RESULT_WORKED,
	}
}

func within(e scenario.Span) *valisev1.Estimate {
	return &valisev1.Estimate{Estimate: &valisev1.Estimate_WithinSeconds{WithinSeconds: uint64(e / scenario.Second)}}
}
