package gateway

import (
	"bytes"
	"context"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
)

// A decision or a request that is written anew is about the same as before, also where the peer has
// said more since. A-9 s4, A-11 s2
func TestARevisedConsentIsAboutTheSame(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.inquire(xbTech, "x")
	w.converge()
	request := xb.reply(sent.GetThread(), &valisev1.ConsentRequest{ThirdParty: "Regional CERT"})
	w.converge()
	draft := func(h *home, about string, m *valisev1.Payload) *valisev1.Sent {
		t.Helper()
		out, err := h.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{
			InReplyTo: about, Payload: m, Options: &valisev1.SendOptions{Draft: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	anew := func(h *home, message string, m *valisev1.Payload) {
		t.Helper()
		if _, err := h.g.Revise(context.Background(), officer, &valisev1.ReviseMessageRequest{Message: message, Payload: m}); err != nil {
			t.Fatal(err)
		}
	}
	said := func(h *home, message string) *valisev1.Payload {
		t.Helper()
		for _, m := range h.thread(sent.GetThread()).GetMessages() {
			if m.GetMessage() == message {
				return m.GetPayload()
			}
		}
		t.Fatalf("%s shows no message %s", h.state, message)
		return nil
	}
	decision := draft(xa, request.GetMessage(), payloadOf(&valisev1.ConsentDecision{Consents: true}))
	further := draft(xb, sent.GetMessage(), payloadOf(&valisev1.ConsentRequest{ThirdParty: "x"}))
	xb.reply(sent.GetThread(), &valisev1.ConsentRequest{ThirdParty: "another"})
	xa.reply(sent.GetThread(), &valisev1.Supplement{Narrative: "more"})
	w.converge()
	anew(xa, decision.GetMessage(), payloadOf(&valisev1.ConsentDecision{Conditions: "none"}))
	anew(xb, further.GetMessage(), payloadOf(&valisev1.ConsentRequest{ThirdParty: "y"}))
	if got, want := said(xa, decision.GetMessage()).GetConsentDecision(), xa.digestOfMessage(t, sent.GetThread(), request.GetMessage()); got.GetConditions() != "none" || !bytes.Equal(got.GetRequest(), want) {
		t.Errorf("the decision is about %x, want %x", got.GetRequest(), want)
	}
	got, want := said(xb, further.GetMessage()).GetConsentRequest(), xb.digestOfMessage(t, sent.GetThread(), sent.GetMessage())
	if got.GetThirdParty() != "y" || len(got.GetMessages()) != 1 || !bytes.Equal(got.GetMessages()[0], want) {
		t.Errorf("the request is about %x, want %x", got.GetMessages(), want)
	}
}
