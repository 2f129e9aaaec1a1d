package gateway

import (
	"context"
	"encoding/hex"
	"testing"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// digestOfMessage is the digest of a message as a side shows it.
func (h *home) digestOfMessage(t *testing.T, thread, message string) []byte {
	t.Helper()
	for _, m := range h.thread(thread).GetMessages() {
		if m.GetMessage() == message {
			d, err := hex.DecodeString(m.GetDigest())
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
	}
	t.Fatalf("%s shows no message %s", h.state, message)
	return nil
}

// Consent is asked, given and withdrawn in the thread of the messages meant; what each names is
// filled in where only one thing can be meant, and both sides read the same. A-11 s2
func TestConsentIsAskedGivenAndWithdrawn(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.inquire(xbTech, "x")
	w.converge()
	request := xb.reply(sent.GetThread(), &valisev1.ConsentRequest{ThirdParty: "Regional CERT", Purpose: "To warn its members."})
	w.converge()
	decision := xa.reply(sent.GetThread(), &valisev1.ConsentDecision{Consents: true})
	w.converge()
	xb.reply(sent.GetThread(), &valisev1.ConsentWithdrawal{Reason: "No longer needed."})
	w.converge()
	for _, side := range []*home{xa, xb} {
		messages := side.thread(sent.GetThread()).GetMessages()
		if len(messages) != 4 {
			t.Fatalf("%s shows %d messages", side.state, len(messages))
		}
		asked, given, ended := messages[1].GetPayload().GetConsentRequest(), messages[2].GetPayload().GetConsentDecision(), messages[3].GetPayload().GetConsentWithdrawal()
		if len(asked.GetMessages()) != 1 || string(asked.GetMessages()[0]) != string(side.digestOfMessage(t, sent.GetThread(), sent.GetMessage())) {
			t.Errorf("%s: the request names %x", side.state, asked.GetMessages())
		}
		if string(given.GetRequest()) != string(side.digestOfMessage(t, sent.GetThread(), request.GetMessage())) || !given.GetConsents() {
			t.Errorf("%s: the decision names %x", side.state, given.GetRequest())
		}
		if string(ended.GetDecision()) != string(side.digestOfMessage(t, sent.GetThread(), decision.GetMessage())) {
			t.Errorf("%s: the withdrawal names %x", side.state, ended.GetDecision())
		}
	}
	if got := xa.thread(sent.GetThread()).GetThread().GetState(); got != stateReceived {
		t.Errorf("consent has moved the thread to %v", got)
	}
	assertPromises(t, w)
}

// What names nothing, or what is not there to be asked, decided or withdrawn, is not sent. A-11 s2
func TestConsentsThatAreRefused(t *testing.T) {
	request := &valisev1.ConsentRequest{ThirdParty: "Regional CERT"}
	none := make([]byte, 32)
	for _, c := range []struct {
		name   string
		asked  bool            // XA has asked for consent, and XB has this request
		before []proto.Message // said by XB
		m      proto.Message
		want   valisev1.Reason
	}{
		{"a request for nobody", false, nil, &valisev1.ConsentRequest{}, valisev1.Reason_REASON_PAYLOAD},
		{"two lines in a name", false, nil, &valisev1.ConsentRequest{ThirdParty: "a\nb"}, valisev1.Reason_REASON_BAD_TEXT},
		{"a request for what is not here", false, nil, &valisev1.ConsentRequest{ThirdParty: "x", Messages: [][]byte{none}}, valisev1.Reason_REASON_NOT_FOUND},
		{"a decision on nothing", false, nil, &valisev1.ConsentDecision{Consents: true}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"a decision on our own request", false, []proto.Message{request}, &valisev1.ConsentDecision{Consents: true}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"a decision on what is not here", true, nil, &valisev1.ConsentDecision{Request: none}, valisev1.Reason_REASON_NOT_FOUND},
		{"decided twice", true, []proto.Message{&valisev1.ConsentDecision{}}, &valisev1.ConsentDecision{Consents: true}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"a withdrawal of nothing", true, nil, &valisev1.ConsentWithdrawal{}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"a withdrawal of what is not here", true, nil, &valisev1.ConsentWithdrawal{Decision: none}, valisev1.Reason_REASON_NOT_FOUND},
		{"a withdrawal of a refusal", true, []proto.Message{&valisev1.ConsentDecision{}}, &valisev1.ConsentWithdrawal{}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"withdrawn twice", true, []proto.Message{&valisev1.ConsentDecision{Consents: true}, &valisev1.ConsentWithdrawal{}}, &valisev1.ConsentWithdrawal{}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			xa, xb := w.homes["XA"], w.homes["XB"]
			thread := xa.inquire(xbTech, "x").GetThread()
			w.converge()
			xb.reply(thread, &valisev1.Supplement{Narrative: "ours"})
			w.converge()
			if c.asked {
				xa.reply(thread, request)
				w.converge()
			}
			for _, m := range c.before {
				xb.reply(thread, m)
			}
			wantReason(t, xb, c.want, func() error { return xb.tryReply(officer, thread, c.m) })
		})
	}
}

// A decision that was withdrawn before it left decides nothing, and a message of another thread is
// none of this one's. A-11 s2
func TestOnlyWhatStandsInTheThreadIsConsentedTo(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread, other := xa.inquire(xbTech, "x"), xa.inquire(xbTech, "y")
	w.converge()
	elsewhere := xb.digestOfMessage(t, other.GetThread(), other.GetMessage())
	wantReason(t, xb, valisev1.Reason_REASON_NOT_FOUND, func() error {
		return xb.tryReply(officer, thread.GetThread(), &valisev1.ConsentRequest{ThirdParty: "x", Messages: [][]byte{elsewhere}})
	})
	xa.reply(thread.GetThread(), &valisev1.Supplement{Narrative: "more"})
	w.converge()
	xb.reply(thread.GetThread(), &valisev1.ConsentRequest{ThirdParty: "x"})
	w.converge()
	first := xa.reply(thread.GetThread(), &valisev1.ConsentDecision{Consents: true})
	if out, err := xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: first.GetMessage()}); err != nil || !out.GetWithdrawn() {
		t.Fatalf("%v, %v", out, err)
	}
	again := xa.reply(thread.GetThread(), &valisev1.ConsentDecision{})
	w.converge()
	for _, m := range xb.thread(thread.GetThread()).GetMessages() {
		if d := m.GetPayload().GetConsentDecision(); d != nil && (m.GetMessage() != again.GetMessage() || d.GetConsents()) {
			t.Errorf("XB reads the decision %s, consents: %v", m.GetMessage(), d.GetConsents())
		}
	}
}
