package console

import (
	"encoding/hex"
	"html/template"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// consentAskForm asks whether messages may go to a third party. A-11 s2
var consentAskForm = &form{
	kind: valisev1.Kind_KIND_CONSENT_REQUEST, aim: citeMessages, finish: nameMessages, fields: []field{
		{key: messagesField, is: several, must: true, cites: true}, {key: "third_party"}, {key: "purpose", is: words}, {key: "conditions", is: words},
		{key: "expires", is: moment},
	},
}

// consentEndForm takes a consent back for the future; either side may. A-11 s2
var consentEndForm = &form{kind: valisev1.Kind_KIND_CONSENT_WITHDRAWAL, aim: endConsent, fields: []field{{key: "reason", is: words}}}

// messagesField is where messages of the thread are chosen.
const messagesField = "messages"

// mostCited is how many messages one request names, and the newest that there are to choose. A-11 s2
const mostCited = 256

// cited is a message of the thread that there is to choose.
type cited struct {
	kind  valisev1.Kind
	ours  bool
	at    time.Time
	asks  *valisev1.ConsentRequest // what it asks, where that is to be decided; nil: nothing
	about []*cited                 // the messages that it asks about
}

// citeMessages offers what both States hold.
func citeMessages(w *writing, t *valisev1.GetThreadResponse) error {
	w.cites = citable(t)
	return nil
}

// citable are the messages of a thread that both States hold, the newest first.
func citable(t *valisev1.GetThreadResponse) (all []option) {
	for _, m := range slices.Backward(t.GetMessages()) {
		held := !m.GetOutbound() && m.GetRefused() == 0 || m.GetFacts().GetReached() != nil
		if len(all) < mostCited && held && m.GetDigest() != "" && valisev1.IsHuman(m.GetKind()) {
			all = append(all, option{value: m.GetDigest(), cite: &cited{kind: m.GetKind(), ours: m.GetOutbound(), at: m.GetCreated().AsTime()}})
		}
	}
	return all
}

// nameMessages puts what was chosen into the request; a draft knows no digests.
func nameMessages(w *writing, m proto.Message) {
	request, _ := m.(*valisev1.ConsentRequest)
	for _, o := range w.cites {
		if d, err := hex.DecodeString(o.value); err == nil && w.values[messagesField+"."+o.value] != "" {
			request.Messages = append(request.Messages, d)
		}
	}
}

// consent is one that holds in a thread, and what it was asked for.
type consent struct {
	Decision string // message that gave it
	Third    string
}

// consentsOf are those that were given in a thread, by whichever side, and that nobody has withdrawn. A-11 s2
func consentsOf(t *valisev1.GetThreadResponse) (all []consent) {
	asked, ended := map[string]string{}, map[string]bool{}
	for _, m := range t.GetMessages() {
		said := m.GetPayload()
		if r := said.GetConsentRequest(); r != nil {
			asked[m.GetDigest()] = r.GetThirdParty()
		}
		if e := said.GetConsentWithdrawal(); e != nil && m.GetStage() != valisev1.Stage_STAGE_DRAFT && m.GetDelivery() != valisev1.Delivery_DELIVERY_WITHDRAWN {
			ended[hex.EncodeToString(e.GetDecision())] = true
		}
	}
	for _, m := range t.GetMessages() {
		d := m.GetPayload().GetConsentDecision()
		if d.GetConsents() && m.GetDigest() != "" && !ended[m.GetDigest()] && m.GetRetractedBy() == "" {
			all = append(all, consent{m.GetMessage(), asked[hex.EncodeToString(d.GetRequest())]})
		}
	}
	return all
}

// endConsent notes which consent is to end; there must be one.
func endConsent(w *writing, t *valisev1.GetThreadResponse) error {
	for _, c := range consentsOf(t) {
		if c.Decision == w.about {
			w.third = c.Third
			return nil
		}
	}
	return refuse(valisev1.Reason_REASON_NOT_FOUND)
}

// Given are the consents of the thread that this officer can end, however the thread stands.
func (p *threadPage) Given() []consent {
	if !p.Writes() || p.GetThread().GetState() == valisev1.ThreadState_THREAD_STATE_WITHDRAWN {
		return nil
	}
	return consentsOf(p.GetThreadResponse)
}

// Ends says which consent a message ends; empty where it ends none.
func (f *frame) Ends(w *writing) (template.HTML, error) {
	if w.form != "consent_end" {
		return "", nil
	}
	return f.Say(f.T.Write.EndsConsent, "name", w.third)
}

// cited names a message of the thread: who said what, and when.
func (f *frame) cited(c *cited, peer string) (template.HTML, error) {
	name := strings.ToLower(strings.TrimPrefix(c.kind.String(), "KIND_"))
	text, known := f.Vocabulary().Theirs.Of(name)
	pairs := []any{"state", f.State(peer)}
	if !known {
		text = f.Vocabulary().Theirs.UnknownKind
	}
	if c.ours {
		if text, known = f.Vocabulary().Ours.Of(name); !known {
			text = f.Vocabulary().Ours.UnknownKind
		}
		pairs = nil
	}
	said, err := f.Say(text, pairs...)
	if err != nil {
		return "", err
	}
	at, err := f.Moment(c.at)
	if err != nil || c.asks == nil {
		return said + " · " + at, err
	}
	asks, err := f.asking(c, peer)
	return said + " · " + at + asks, err
}
