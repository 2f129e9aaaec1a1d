package conduct

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/exercise/scenario"
	valisev1 "valise.example/proto/valise/v1"
)

// wrapped is a payload with one message in it, in the field that takes its type; nil where none does.
func wrapped(m proto.Message) *valisev1.Payload {
	p := &valisev1.Payload{}
	fields := p.ProtoReflect().Descriptor().Oneofs().ByName("payload").Fields()
	for i := range fields.Len() {
		if f := fields.Get(i); f.Message().FullName() == m.ProtoReflect().Descriptor().FullName() {
			p.ProtoReflect().Set(f, p.ProtoReflect().NewField(f))
			proto.Merge(p.ProtoReflect().Get(f).Message().Interface(), m)
			return p
		}
	}
	return nil
}

// noAct are the kinds that States send and of which a scenario does not speak, and why.
var noAct = map[valisev1.Kind]string{
	valisev1.Kind_KIND_CHANNEL_ANSWER:     "of itself it decides nothing",
	valisev1.Kind_KIND_PING:               "the manager asks, and no seat",
	valisev1.Kind_KIND_TRANSPARENCY_SHARE: "reserved",
	valisev1.Kind_KIND_TERM_VIEW:          "reserved",
}

// TestEveryKindIsAnActOfItsOwn walks the kinds that pass between States: each is one act and no other, or none for a
// reason. An act that is seen for another one would be scored for it.
func TestEveryKindIsAnActOfItsOwn(t *testing.T) {
	of := map[scenario.Act]valisev1.Kind{}
	for number, name := range valisev1.Kind_name {
		kind := valisev1.Kind(number)
		if number == 0 || number >= 100 {
			continue
		}
		empty, known := valisev1.NewPayload(kind)
		if !known {
			t.Fatalf("%s has no payload", name)
		}
		does, _, ok := seen(wrapped(empty))
		if _, none := noAct[kind]; ok == none {
			t.Errorf("%s is seen as %q, %v", name, does, ok)
		}
		if other, twice := of[does]; ok && twice {
			t.Errorf("%s and %s are both seen as %s", name, other, does)
		}
		of[does] = kind
	}
	if of[scenario.SentInError] != valisev1.Kind_KIND_RETRACTION || of[scenario.Acknowledged] != valisev1.Kind_KIND_ACKNOWLEDGEMENT ||
		of[scenario.Closed] != valisev1.Kind_KIND_CLOSURE || of[scenario.Referred] != valisev1.Kind_KIND_REFERRAL {
		t.Errorf("acts are seen as %v", of)
	}
}

// TestWhatAnAnswerDoes: to decline and to refer are acts of their own, and only an acceptance agrees a channel.
// s1
func TestWhatAnAnswerDoes(t *testing.T) {
	for _, c := range []struct {
		m    proto.Message
		want scenario.Act
	}{
		{&valisev1.Response{Outcome: valisev1.Outcome_OUTCOME_FULL}, scenario.ResponseSent},
		{&valisev1.Response{Outcome: valisev1.Outcome_OUTCOME_PARTIAL}, scenario.ResponseSent},
		{&valisev1.Response{Outcome: valisev1.Outcome_OUTCOME_NO_INFORMATION_FOUND}, scenario.ResponseSent},
		{&valisev1.Response{Outcome: valisev1.Outcome_OUTCOME_DECLINED}, scenario.Declined},
		{&valisev1.Response{Outcome: valisev1.Outcome_OUTCOME_REFERRED}, scenario.Referred},
		{&valisev1.ChannelAnswer{Decision: valisev1.ChannelDecision_CHANNEL_DECISION_ACCEPT}, scenario.ChannelAgreed},
		{&valisev1.ChannelAnswer{Decision: valisev1.ChannelDecision_CHANNEL_DECISION_COUNTER}, scenario.ChannelProposed},
		{&valisev1.ChannelAnswer{Decision: valisev1.ChannelDecision_CHANNEL_DECISION_DECLINE}, ""},
	} {
		if does, _, ok := seen(wrapped(c.m)); does != c.want || ok != (c.want != "") {
			t.Errorf("%T %v is seen as %q, %v", c.m, c.m, does, ok)
		}
	}
}

// TestAFactIsThereOnlyIfItIsGiven: what is said to be unknown or withheld is absent, and a name alone reaches nobody.
// I-1..I-4, R-2, A-10b
func TestAFactIsThereOnlyIfItIsGiven(t *testing.T) {
	translated := &valisev1.Preamble{Translations: []*valisev1.Translation{{Language: "fr", Text: "…"}}}
	at := timestamppb.New(time.Date(2030, 3, 5, 9, 0, 0, 0, time.UTC))
	nature := func(f *valisev1.TextFact) *valisev1.Incident { return &valisev1.Incident{Nature: f} }
	given := nature(&valisev1.TextFact{Fact: &valisev1.TextFact_Value{Value: "intrusion"}})
	person := &valisev1.Person{Name: "N. Oduya", Email: "cert@alder.example"}
	words := &valisev1.Estimate{Estimate: &valisev1.Estimate_Words{Words: "soon"}}
	file := []*valisev1.Attachment{{Name: "log.txt"}}
	for _, c := range []struct {
		m    proto.Message
		want []scenario.Fact
	}{
		{&valisev1.Inquiry{}, nil},
		{&valisev1.Inquiry{Originator: &valisev1.Person{Name: "N. Oduya"}, Incident: nature(nil)}, nil},
		{&valisev1.Inquiry{Originator: &valisev1.Person{Phone: "+999"}, Incident: nature(&valisev1.TextFact{Fact: &valisev1.TextFact_Absence{Absence: valisev1.Absence_ABSENCE_WITHHELD}})}, nil},
		{&valisev1.Inquiry{Originator: person}, []scenario.Fact{scenario.Contact}},
		{&valisev1.Inquiry{Originator: &valisev1.Person{Name: "N. Oduya", Phone: "+999"}}, []scenario.Fact{scenario.Contact}},
		{&valisev1.Inquiry{Incident: given}, []scenario.Fact{scenario.Nature}},
		{&valisev1.Inquiry{TimeSensitivity: &valisev1.TimeSensitivity{Level: valisev1.Urgency_URGENCY_ROUTINE}}, []scenario.Fact{scenario.TimeSensitivity}},
		{&valisev1.Inquiry{TimeSensitivity: &valisev1.TimeSensitivity{NeededBy: at}}, []scenario.Fact{scenario.NeededBy}},
		{&valisev1.Inquiry{PreferredChannels: []*valisev1.Channel{{Kind: "phone"}}}, []scenario.Fact{scenario.PreferredChannel}},
		{&valisev1.Inquiry{NominatedAgency: &valisev1.Agency{Name: "National CERT"}}, []scenario.Fact{scenario.LeadAgency}},
		{&valisev1.Inquiry{NominatedAgency: &valisev1.Agency{Contact: "+999"}}, nil},
		{&valisev1.Inquiry{Questions: []string{"?"}}, []scenario.Fact{scenario.Questions}},
		{&valisev1.Inquiry{Attachments: file, Preamble: translated}, []scenario.Fact{scenario.Attachment, scenario.Translation}},
		{&valisev1.VoluntaryNotice{Originator: person, Incident: given, Attachments: file, Preamble: translated}, []scenario.Fact{scenario.Contact, scenario.Nature, scenario.Attachment, scenario.Translation}},
		{&valisev1.HoldingReply{}, nil},
		{&valisev1.HoldingReply{Estimate: &valisev1.Estimate{}}, nil},
		{&valisev1.HoldingReply{Estimate: words}, []scenario.Fact{scenario.EstimateGiven}},
		{&valisev1.HoldingReply{InterimContact: person, PreferredChannels: []*valisev1.Channel{{}}, NominatedAgency: &valisev1.Agency{Name: "CERT"}, Preamble: translated}, []scenario.Fact{scenario.Contact, scenario.PreferredChannel, scenario.LeadAgency, scenario.Translation}},
		{&valisev1.RevisedEstimate{Estimate: words}, []scenario.Fact{scenario.EstimateGiven}},
		{&valisev1.RevisedEstimate{Estimate: words, Preamble: translated}, []scenario.Fact{scenario.EstimateGiven, scenario.Translation}},
		{&valisev1.ChannelAnswer{Decision: valisev1.ChannelDecision_CHANNEL_DECISION_ACCEPT, Preamble: translated}, []scenario.Fact{scenario.Translation}},
		{&valisev1.Response{Attachments: file, Preamble: translated}, []scenario.Fact{scenario.Attachment, scenario.Translation}},
		{&valisev1.Supplement{Preamble: translated}, []scenario.Fact{scenario.Translation}},
		{&valisev1.Supplement{Incident: given, Attachments: file}, []scenario.Fact{scenario.Nature, scenario.Attachment}},
		{&valisev1.ChannelProposal{Channels: []*valisev1.Channel{{Kind: "phone"}}}, []scenario.Fact{scenario.PreferredChannel}},
		{&valisev1.ChannelProposal{}, nil},
		{&valisev1.ChannelAnswer{Decision: valisev1.ChannelDecision_CHANNEL_DECISION_COUNTER, Channel: &valisev1.Channel{Kind: "phone"}}, []scenario.Fact{scenario.PreferredChannel}},
		{&valisev1.AgencyNomination{Agency: &valisev1.Agency{Name: "National CERT", Contact: "+999"}}, []scenario.Fact{scenario.LeadAgency, scenario.Contact}},
		{&valisev1.AgencyNomination{Agency: &valisev1.Agency{Name: "National CERT"}}, []scenario.Fact{scenario.LeadAgency}},
		{&valisev1.Referral{To: "XA/technical"}, nil},
		{&valisev1.Referral{Agency: &valisev1.Agency{Name: "National CERT"}}, []scenario.Fact{scenario.LeadAgency}},
		{&valisev1.ClarificationRequest{Questions: []string{"?"}}, []scenario.Fact{scenario.Questions}},
		{&valisev1.ClarificationRequest{Text: "?"}, nil},
		{&valisev1.Supplement{}, nil},
	} {
		if _, has, _ := seen(wrapped(c.m)); !slices.Equal(has, c.want) {
			t.Errorf("%T %v is seen with %v, not %v", c.m, c.m, has, c.want)
		}
	}
}
