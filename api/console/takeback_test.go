package console_test

import (
	"regexp"
	"slices"
	"testing"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

var radioTag = regexp.MustCompile(`<input type="radio"[^>]*name="([^"]*)" value="([^"]*)"( checked)?>`)

// mustBeChosen are what the contract has no way to leave out, and the marking, which always is one.
var mustBeChosen = []string{"outcome", "request", "decision", "consents", "entry_correct", "tlp"}

// TestWhatWasChosenIsTakenBack: without script nothing but another choice takes a choice back, so each that
// may be left out has one that says nothing of it, and says that from the beginning.
func TestWhatWasChosenIsTakenBack(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans")
	birch := s.opened(t, "XB", "en", undoSoon)
	birch.until("", "Scans")
	s.reply(t, "XA", thread, &valisev1.Payload{Payload: &valisev1.Payload_ConsentRequest{ConsentRequest: &valisev1.ConsentRequest{
		Preamble: &valisev1.Preamble{}, ThirdParty: "Sector CERT", Purpose: "To warn", Messages: [][]byte{s.digestOf(t, "XA", thread)},
	}}})
	birch.until("thread/"+thread, "Sector CERT")
	for _, form := range []string{"holding", "estimate", "answer", "decline", "ask", "supplement", "channel", "channel_answer", "agency", "refer", "consent", "consent_ask", "close", "retract", "ping"} {
		birch.post("thread/"+thread+"/write/"+form, nil)
		neutral := map[string]bool{}
		for _, radio := range radioTag.FindAllStringSubmatch(birch.page, -1) {
			neutral[radio[1]] = neutral[radio[1]] || radio[2] == "" || radio[2] == "none"
		}
		if form != "ping" && !neutral["language"] {
			t.Errorf("%s: no language can be taken back", form)
		}
		for name, has := range neutral {
			if has == slices.Contains(mustBeChosen, name) {
				t.Errorf("%s: %s can be taken back: %t", form, name, has)
			}
		}
		birch.press("/discard")
	}
	birch.writes(thread, "holding", "text", "We look into it.", "translation[0].language", "fr", "translation[0].status", "courtesy", "translation[0].text", "Nous examinons.")
	birch.sees("Courtesy translation")
	birch.get(birch.url[:len(birch.url)-len("/check")])
	birch.sees(`value="fr" checked`, "Left out")
	birch.fills("text", "We look into it.", "translation[0].language", "", "translation[0].status", "")
	birch.seesNot("Courtesy translation")
	birch.press("/send")
	_, m := s.last(t, "XB", thread)
	if all := m.GetPayload().GetHoldingReply().GetPreamble().GetTranslations(); len(all) != 0 {
		t.Fatalf("what was taken back is sent: %v", all)
	}
}

// last is the thread as a node has it, and its newest message.
func (s *stage) last(t *testing.T, at ident.State, thread string) (*valisev1.ThreadView, *valisev1.MessageView) {
	t.Helper()
	th := s.whole(t, at, thread)
	return th.GetThread(), th.GetMessages()[len(th.GetMessages())-1]
}

// whole is a thread as a node has it.
func (s *stage) whole(t *testing.T, at ident.State, thread string) *valisev1.GetThreadResponse {
	t.Helper()
	th, err := valisev1.NewInquiryServiceClient(s.dial(t, at)).GetThread(t.Context(), &valisev1.GetThreadRequest{Thread: thread})
	if err != nil {
		t.Fatal(err)
	}
	return th
}
