package conduct

import (
	"strings"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// script writes what simulated seats say. It depends on the scenario and the act alone, so that an act that is done
// again after a crash is the same request. All of it is invented, and says so.
type script struct {
	scenario *scenario.Scenario
	names    map[ident.State]string
}

func newScript(s *scenario.Scenario) *script {
	names := map[ident.State]string{}
	for i := range s.Participants {
		names[s.Participants[i].State] = s.Participants[i].Name
	}
	return &script{scenario: s, names: names}
}

// marked begins what a simulated seat writes: whoever finds it later must not take it for real. docs/protocol.md §2.2
const marked = "EXERCISE EXERCISE EXERCISE\n"

const ended = "\nEXERCISE EXERCISE EXERCISE"

// desk is who speaks for a seat.
func (s *script) desk(a ident.Address) (person *valisev1.Person, agency *valisev1.Agency) {
	name := s.names[a.State]
	host := strings.ReplaceAll(strings.ToLower(name), " ", "-") + ".example"
	body, mailbox, phone := "National CERT of "+name, "cert", "+99900000002"
	if a.Track == ident.Diplomatic {
		body, mailbox, phone = "Ministry of Foreign Affairs of "+name, "desk", "+99900000001"
	}
	person = &valisev1.Person{Name: "Duty officer", Affiliation: body, Phone: phone, Email: mailbox + "@" + host}
	return person, &valisev1.Agency{Name: body, Contact: mailbox + "@" + host}
}

// inquiry has all that the procedure names. I-1..I-4
func (s *script) inquiry(a play.Act) *valisev1.Inquiry {
	person, agency := s.desk(a.Seat)
	story := s.story(a.Inject)
	return &valisev1.Inquiry{
		Preamble:          &valisev1.Preamble{Language: "en", OwnReference: s.reference(a)},
		Originator:        person,
		Title:             headline(story),
		Narrative:         marked + story + ended,
		Incident:          &valisev1.Incident{Nature: &valisev1.TextFact{Fact: &valisev1.TextFact_Value{Value: "intrusions"}}},
		RequestType:       valisev1.RequestType_REQUEST_TYPE_INFORMATION,
		Questions:         []string{"What is known of this on your side?", "Who leads for this incident on your side?"},
		TimeSensitivity:   &valisev1.TimeSensitivity{Level: valisev1.Urgency_URGENCY_PRIORITY},
		PreferredChannels: []*valisev1.Channel{{Kind: "phone", Address: person.GetPhone()}},
		NominatedAgency:   agency,
	}
}

// reference is the number under which the seat files the incident: inquiries about one incident have one.
func (s *script) reference(a play.Act) string {
	about := a.Inject
	if a.Incident != "" {
		about = a.Incident
	}
	return strings.TrimSuffix(a.Seat.State.String()+"-"+about, "-")
}

// story is what happened, as the inject tells it.
func (s *script) story(inject string) string {
	for i := range s.scenario.Injects {
		if in := &s.scenario.Injects[i]; in.ID == inject {
			return strings.TrimSpace(in.Text.In("en"))
		}
	}
	return s.scenario.Title.In("en")
}

// headline is the first sentence of a story, where it is short enough for a title.
func headline(story string) string {
	line, _, _ := strings.Cut(strings.ReplaceAll(story, "\n", " "), ". ")
	if runes := []rune(line); len(runes) > 120 {
		line = string(runes[:117]) + "…"
	}
	return "EXERCISE: " + strings.TrimSuffix(line, ".")
}

// reply is what a simulated seat says on a thread. R-1..R-3
func (s *script) reply(a play.Act) (*valisev1.Payload, error) {
	person, agency := s.desk(a.Seat)
	switch a.Does {
	case scenario.Acknowledged:
		return &valisev1.Payload{Payload: &valisev1.Payload_Acknowledgement{Acknowledgement: &valisev1.Acknowledgement{}}}, nil
	case scenario.HoldingSent:
		m := &valisev1.HoldingReply{Text: marked + "We will look into it and follow up." + ended, InterimContact: person}
		if a.Estimate > 0 {
			m.Estimate = within(a.Estimate)
		}
		return &valisev1.Payload{Payload: &valisev1.Payload_HoldingReply{HoldingReply: m}}, nil
	case scenario.ChannelAgreed:
		return &valisev1.Payload{Payload: &valisev1.Payload_ChannelAnswer{ChannelAnswer: &valisev1.ChannelAnswer{
			Decision: valisev1.ChannelDecision_CHANNEL_DECISION_ACCEPT,
		}}}, nil
	case scenario.AgencyNamed:
		return &valisev1.Payload{Payload: &valisev1.Payload_AgencyNomination{AgencyNomination: &valisev1.AgencyNomination{Agency: agency}}}, nil
	case scenario.ResponseSent:
		return &valisev1.Payload{Payload: &valisev1.Payload_Response{Response: &valisev1.Response{
			Outcome:   valisev1.Outcome_OUTCOME_PARTIAL,
			Narrative: marked + "What we could find out so far: the matter is known to us and our agency works on it." + ended,
		}}}, nil
	case scenario.CheckAnswered:
		return &valisev1.Payload{Payload: &valisev1.Payload_PingReply{PingReply: &valisev1.PingReply{EntryCorrect: true}}}, nil
	default:
		return s.form(a)
	}
}
