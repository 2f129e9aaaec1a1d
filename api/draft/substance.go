package draft

import (
	"strings"

	"google.golang.org/protobuf/proto"
	valisev1 "valise.example/proto/valise/v1"
)

// CheckSubstance refuses further questions that ask nothing, a supplement that adds nothing, a
// proposal without a channel and a request for consent that names nobody: the other side would
// look for what is not there. Every other kind says something by itself. The error is always
// *Error with REASON_BAD_REQUEST. I-2, I-3, I-4, A-11 s2
func CheckSubstance(m proto.Message) error {
	switch m := m.(type) {
	case *valisev1.ClarificationRequest:
		if !anyText(append([]string{m.GetText()}, m.GetQuestions()...)...) && !translated(m.GetPreamble()) {
			return missing("questions", "is missing: ask at least one question, or say in text what is meant")
		}
	case *valisev1.Supplement:
		if !supplements(m) {
			return missing("narrative", "is missing: a supplement adds a narrative, a fact of the incident, an answer or a file")
		}
	case *valisev1.ConsentRequest:
		if !anyText(m.GetThirdParty()) {
			return missing("third_party", "is missing: say to whom the messages would go")
		}
	case *valisev1.ChannelProposal:
		if len(m.GetChannels()) == 0 {
			return missing("preferred_channel", "is missing: propose at least one channel")
		}
	}
	return nil
}

func supplements(m *valisev1.Supplement) bool {
	facts := m.GetIncident() != nil && len(body(incidentShape, m.GetIncident().ProtoReflect())) > 0
	return facts || anyText(m.GetNarrative()) || len(m.GetAnswers()) > 0 || len(m.GetAttachments()) > 0 ||
		translated(m.GetPreamble())
}

// translated: words in another language are words. A-7a-iv
func translated(p *valisev1.Preamble) bool {
	for _, t := range p.GetTranslations() {
		if anyText(t.GetTitle(), t.GetText()) {
			return true
		}
	}
	return false
}

func anyText(texts ...string) bool {
	for _, text := range texts {
		if strings.TrimSpace(text) != "" {
			return true
		}
	}
	return false
}

func missing(key, detail string) error {
	return &Error{Key: key, Reason: valisev1.Reason_REASON_BAD_REQUEST, Detail: detail, Flaw: FlawMissing}
}
