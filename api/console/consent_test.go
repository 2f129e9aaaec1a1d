package console_test

import (
	"encoding/hex"
	"net/url"
	"strings"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
)

// TestConsentIsAskedGivenAndEnded from two desks: what is asked for is chosen from the thread, nothing is
// chosen by itself, and a consent ends where it was given, once.
func TestConsentIsAskedGivenAndEnded(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans")
	birch, alder := s.opened(t, "XB", "en", undoSoon), s.opened(t, "XA", "en", undoSoon)
	birch.until("", "Scans")
	birch.says(thread, "answer", "outcome", "full", "narrative", "It is a printer.")
	alder.until("thread/"+thread, "Answered by")
	alder.seesNot("/write/consent_end")
	alder.press("/write/consent_ask")
	alder.sees("Exactly as it will be named", `type="checkbox"`)
	if strings.Contains(alder.page, `type="checkbox" checked`) {
		t.Error("something is chosen that nobody chose")
	}
	_, answer := s.last(t, "XA", thread)
	alder.fills("third_party", "", "purpose", "To warn its members.")
	alder.sees(`role="alert"`, `href="#f-messages"`, "Choose at least one.")
	alder.fills("third_party", "", "messages."+answer.GetDigest(), "on")
	alder.sees(`href="#f-third-party"`, "Fill this in.", `value="on" checked`)
	alder.fills("third_party", "Regional CERT", "purpose", "To warn its members.", "messages."+answer.GetDigest(), "on", "conditions", "Without names.")
	alder.sees("Check before it leaves", "Regional CERT", "To warn its members.", "Without names.", "responds · <time")
	alder.press("/send")
	birch.untilHeard(thread, "XB", s, valisev1.Kind_KIND_CONSENT_REQUEST)
	_, asked := s.last(t, "XB", thread)
	request := asked.GetPayload().GetConsentRequest()
	if all := request.GetMessages(); len(all) != 1 || request.GetThirdParty() != "Regional CERT" {
		t.Fatalf("XB is asked about %x for %s", all, request.GetThirdParty())
	}
	birch.says(thread, "consent", "consents", "true")
	alder.untilHeard(thread, "XA", s, valisev1.Kind_KIND_CONSENT_DECISION)
	alder.get("record/consents")
	alder.sees("Granted", "Regional CERT", "/write/consent_end")

	message := s.drafts(t, "XB", thread, &valisev1.Payload{Payload: &valisev1.Payload_ConsentWithdrawal{ConsentWithdrawal: &valisev1.ConsentWithdrawal{Reason: "A court."}}})
	birch.get("thread/" + thread)
	birch.press("/revise/" + message)
	birch.sees("This ends the consent for <bdi>Regional CERT</bdi>", "A court.")
	birch.press("/discard")
	birch.get("thread/" + thread)
	birch.seesNot("/write/consent\"")
	birch.press("/write/consent_end")
	birch.sees("Regional CERT", "What went out before stays out")
	birch.fills("reason", "The matter is before a court.")
	birch.sees("Regional CERT", "The matter is before a court.")
	check := birch.url
	birch.press("/send")
	birch.sees("What happens next")
	birch.post(strings.TrimSuffix(check, "check")+"send", url.Values{"revision": {"1"}})
	birch.get("thread/" + thread)
	birch.seesNot("/write/consent_end")
	alder.until("record/consents", "Withdrawn")
	alder.seesNot("/write/consent_end")
}

// TestConsentOfAClosedThreadEnds: who has closed a thread may still take back what may be done with it.
func TestConsentOfAClosedThreadEnds(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans")
	birch, alder := s.opened(t, "XB", "fr", undoSoon), s.opened(t, "XA", "en", undoSoon)
	birch.until("", "Scans")
	eventually(t, func() bool { _, m := s.last(t, "XA", thread); return m.GetFacts().GetReached() != nil })
	_, inquiry := s.last(t, "XA", thread)
	alder.says(thread, "consent_ask", "third_party", "Regional CERT", "messages."+inquiry.GetDigest(), "on")
	birch.untilHeard(thread, "XB", s, valisev1.Kind_KIND_CONSENT_REQUEST)
	birch.writes(thread, "consent", "consents", "true")
	birch.press("/send")
	alder.untilHeard(thread, "XA", s, valisev1.Kind_KIND_CONSENT_DECISION)
	alder.says(thread, "close")
	alder.until("thread/"+thread, "/write/reopen")
	alder.press("/write/consent_end")
	alder.fills()
	alder.press("/send")
	alder.sees("What happens next")
	birch.untilHeard(thread, "XB", s, valisev1.Kind_KIND_CONSENT_WITHDRAWAL)
}

// TestEachRequestForConsentIsDecidedByItself: with two open, the page shows what each asks and neither is chosen; the
// decision names the one that was, the check page shows it, and the other still waits.
func TestEachRequestForConsentIsDecidedByItself(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans")
	birch := s.opened(t, "XB", "en", undoSoon)
	birch.until("", "Scans")
	inquiry := s.digestOf(t, "XA", thread)
	var requests []string
	for n, third := range []string{"Regional CERT", "Sector CERT"} {
		s.reply(t, "XA", thread, &valisev1.Payload{Payload: &valisev1.Payload_ConsentRequest{ConsentRequest: &valisev1.ConsentRequest{
			Preamble: &valisev1.Preamble{}, ThirdParty: third, Purpose: "To warn " + third, Conditions: "Once <b>only</b>", Messages: [][]byte{inquiry},
		}}})
		eventually(t, func() bool {
			requests = requests[:0]
			for _, m := range s.whole(t, "XB", thread).GetMessages() {
				if m.GetPayload().GetConsentRequest() != nil {
					requests = append(requests, m.GetDigest())
				}
			}
			return len(requests) == n+1
		})
	}
	birch.get("thread/" + thread)
	birch.press("/write/consent")
	birch.sees("Which request you decide", "To warn Regional CERT", "To warn Sector CERT", "Once &lt;b&gt;only", "</bdi> asks · <time", `value="`+requests[0]+`">`, `value="`+requests[1]+`">`)
	birch.fills("consents", "false", "conditions", "Never.")
	birch.sees(`role="alert"`, `href="#f-request"`, "Choose", "Never.")
	birch.fills("request", strings.Repeat("0", 64), "consents", "false")
	birch.sees(`role="alert"`, `href="#f-request"`)
	birch.fills("request", requests[0], "consents", "false")
	birch.sees("Check before it leaves", "To warn Regional CERT")
	birch.seesNot("To warn Sector CERT")
	birch.press("/send")
	birch.sees("What happens next")
	_, said := s.last(t, "XB", thread)
	if got := said.GetPayload().GetConsentDecision(); got == nil || hex.EncodeToString(got.GetRequest()) != requests[0] || got.GetConsents() {
		t.Fatalf("it decides %v", said.GetPayload())
	}

	message := s.drafts(t, "XB", thread, &valisev1.Payload{Payload: &valisev1.Payload_ConsentDecision{ConsentDecision: &valisev1.ConsentDecision{Consents: true}}})
	birch.get("thread/" + thread)
	birch.press("/revise/" + message)
	birch.sees(`value="`+requests[1]+`" checked>`, "To warn Sector CERT")
	birch.press("/discard")
	birch.says(thread, "consent", "consents", "true")
	for _, m := range s.whole(t, "XB", thread).GetMessages() {
		if d := m.GetPayload().GetConsentDecision(); d.GetConsents() && hex.EncodeToString(d.GetRequest()) != requests[1] {
			t.Errorf("consent is given to %x", d.GetRequest())
		}
	}
	birch.get("thread/" + thread)
	birch.seesNot("/write/consent\"")
	birch.post("thread/"+thread+"/write/consent", url.Values{})
	birch.sees(`<main`)
	if birch.status/100 == 2 {
		t.Errorf("what is decided is offered again: %d", birch.status)
	}
}
