package briefing

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// step is a step of one of the two procedures, and which message takes it.
type step struct {
	name  string
	takes func(proto.Message) bool
}

// inquiry is how far the Procedure for inquiry has come on the side that asked. I-1..I-4
func (b Briefing) inquiry() []fact {
	asked := func(m proto.Message) bool { _, ok := m.(*valisev1.Inquiry); return ok }
	return b.taken(b.Thread.GetThread().GetOutbound(), []step{
		{"I-1, name and affiliation", func(m proto.Message) bool { return asked(m) && m.(*valisev1.Inquiry).GetOriginator() != nil }},
		{"I-2, nature of the incident", func(m proto.Message) bool {
			_, more := m.(*valisev1.Supplement)
			return more || asked(m) && (m.(*valisev1.Inquiry).GetNarrative() != "" || m.(*valisev1.Inquiry).GetIncident() != nil)
		}},
		{"I-3, what is asked, and how to reach who asks", func(m proto.Message) bool {
			_, more := m.(*valisev1.ClarificationRequest)
			return more || asked(m) && len(m.(*valisev1.Inquiry).GetQuestions()) > 0
		}},
		{"I-4, preferred channel and nominated agency", nominates},
	})
}

// responding is how far the Procedure for responding has come on the side that was asked
// and R-3. R-1..R-3
func (b Briefing) responding() []fact {
	return b.taken(!b.Thread.GetThread().GetOutbound(), []step{
		{"receipt acknowledged, which agrees to nothing", func(m proto.Message) bool { _, ok := m.(*valisev1.Acknowledgement); return ok }},
		{"R-1, an answer", func(m proto.Message) bool { _, ok := m.(*valisev1.Response); return ok }},
		{"R-2, will look into it", func(m proto.Message) bool {
			switch m.(type) {
			case *valisev1.HoldingReply, *valisev1.RevisedEstimate:
				return true
			}
			return false
		}},
		{"R-3, preferred channel and nominated agency", nominates},
	})
}

// nominates reports whether a message names a channel or the agency that leads. I-4, R-3
func nominates(m proto.Message) bool {
	switch m := m.(type) {
	case *valisev1.Inquiry:
		return len(m.GetPreferredChannels()) > 0 || m.GetNominatedAgency() != nil
	case *valisev1.HoldingReply:
		return len(m.GetPreferredChannels()) > 0 || m.GetNominatedAgency() != nil
	case *valisev1.ChannelProposal, *valisev1.ChannelAnswer, *valisev1.AgencyNomination:
		return true
	}
	return false
}

// taken names for each step the first message of a side that took it. A draft is none.
func (b Briefing) taken(ours bool, steps []step) (facts []fact) {
	for _, s := range steps {
		text := "nothing is recorded"
		for _, m := range b.Thread.GetMessages() {
			if m.GetOutbound() == ours && m.GetDigest() != "" && said(m) != nil && s.takes(said(m)) {
				text = fmt.Sprintf("%s of %s, %s", words(m.GetKind().String(), "KIND_"), m.GetFrom(), utc(m.GetCreated()))
				break
			}
		}
		facts = append(facts, fact{Name: s.name, Text: text})
	}
	return shown(facts)
}

// said is what a message says; nil where it is not shown.
func said(m *valisev1.MessageView) proto.Message {
	if m.GetPayload() == nil {
		return nil
	}
	r := m.GetPayload().ProtoReflect()
	fd := r.WhichOneof(r.Descriptor().Oneofs().Get(0))
	if fd == nil {
		return nil
	}
	return r.Get(fd).Message().Interface()
}
