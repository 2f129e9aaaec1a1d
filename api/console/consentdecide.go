package console

import (
	"encoding/hex"
	"html/template"
	"slices"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// consentForm decides on one request of the peer, which the officer chooses and sees in full. A-11 s2
var consentForm = &form{
	kind: valisev1.Kind_KIND_CONSENT_DECISION, aim: openRequests, finish: nameRequest, fields: []field{
		{key: requestField, is: choice, must: true, cites: true}, {key: "consents", is: choice, options: yesNo, must: true}, {key: "conditions", is: words},
		{key: "expires", is: moment},
	},
}

// requestField is where a request of the peer is chosen.
const requestField = "request"

// asksOpen are the requests for consent of the peer that nobody of ours has decided and the peer has not taken back,
// and the one that a message names in any case. A-11 s2
func asksOpen(t *valisev1.GetThreadResponse, named string) (all []*valisev1.MessageView) {
	decided := map[string]bool{}
	for _, m := range t.GetMessages() {
		d := m.GetPayload().GetConsentDecision()
		if d != nil && m.GetOutbound() && m.GetStage() != valisev1.Stage_STAGE_DRAFT && m.GetDelivery() != valisev1.Delivery_DELIVERY_WITHDRAWN {
			decided[hex.EncodeToString(d.GetRequest())] = true
		}
	}
	for _, m := range t.GetMessages() {
		asks := !m.GetOutbound() && m.GetRefused() == 0 && m.GetPayload().GetConsentRequest() != nil
		if asks && (!decided[m.GetDigest()] && m.GetRetractedBy() == "" || m.GetMessage() == named) {
			all = append(all, m)
		}
	}
	return all
}

// openRequests offers those that there are to decide; where there is but one it is chosen, and shown all the same.
func openRequests(w *writing, t *valisev1.GetThreadResponse) error {
	w.cites = nil
	for _, m := range asksOpen(t, w.about) {
		asks := m.GetPayload().GetConsentRequest()
		c := &cited{kind: m.GetKind(), at: m.GetCreated().AsTime(), asks: asks}
		for _, about := range citable(t) {
			if d, err := hex.DecodeString(about.value); err == nil && slices.ContainsFunc(asks.GetMessages(), func(x []byte) bool { return string(x) == string(d) }) {
				c.about = append(c.about, about.cite)
			}
		}
		w.cites = append(w.cites, option{value: m.GetDigest(), cite: c})
	}
	switch len(w.cites) {
	case 0:
		return refuse(valisev1.Reason_REASON_NOT_IN_THIS_STATE)
	case 1:
		w.values[requestField] = w.cites[0].value
	}
	return nil
}

// nameRequest puts the request that was chosen into the decision; a draft knows no digests.
func nameRequest(w *writing, m proto.Message) {
	if d, err := hex.DecodeString(w.values[requestField]); err == nil {
		m.(*valisev1.ConsentDecision).Request = d
	}
}

// asking is what a request for consent says, a line each: to whom, what for, on which conditions, until when, and
// which messages.
func (f *frame) asking(c *cited, peer string) (all template.HTML, err error) {
	var said []checkLine
	for _, text := range []struct{ key, says string }{
		{"third_party", c.asks.GetThirdParty()}, {"purpose", c.asks.GetPurpose()}, {"conditions", c.asks.GetConditions()},
	} {
		if text.says != "" {
			said = append(said, checkLine{Field: text.key, Says: f.Peer(text.says)})
		}
	}
	if c.asks.GetExpires() != nil {
		at, err := f.MomentWith(c.asks.GetExpires().AsTime(), peer)
		if err != nil {
			return "", err
		}
		said = append(said, checkLine{Field: "expires", Says: at})
	}
	for _, one := range c.about {
		named, err := f.cited(one, peer)
		if err != nil {
			return "", err
		}
		said = append(said, checkLine{Field: messagesField, Says: named})
	}
	for _, line := range said {
		named, err := f.Named(f.T.Field(line.Field), line.Says)
		if err != nil {
			return "", err
		}
		all += "<br>" + named
	}
	return all, nil
}
