package console_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// drafts makes a draft at the terminal and gives its message.
func (s *stage) drafts(t *testing.T, at ident.State, thread string, said *valisev1.Payload) string {
	t.Helper()
	answer, err := valisev1.NewInquiryServiceClient(s.dial(t, at)).Reply(t.Context(), &valisev1.ReplyRequest{
		Thread: thread, Options: &valisev1.SendOptions{Draft: true}, Payload: said,
	})
	if err != nil {
		t.Fatal(err)
	}
	return answer.GetSent().GetMessage()
}

// message is one message of a thread as a node has it.
func (s *stage) message(t *testing.T, at ident.State, thread, message string) *valisev1.MessageView {
	t.Helper()
	th, err := valisev1.NewInquiryServiceClient(s.dial(t, at)).GetThread(t.Context(), &valisev1.GetThreadRequest{Thread: thread})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range th.GetMessages() {
		if m.GetMessage() == message {
			return m
		}
	}
	t.Fatalf("there is no message %s", message)
	return nil
}

// TestRevisingKeepsWhatIsNotShown: a draft of the terminal that says more than the form has fields for is
// finished on the page, which says what else leaves with it and changes none of that.
func TestRevisingKeepsWhatIsNotShown(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans")
	birch := s.opened(t, "XB", "en", undoSoon)
	birch.until("", "Scans")
	before := &valisev1.HoldingReply{
		Preamble: &valisev1.Preamble{
			Language: "de", Tlp: valisev1.Tlp_TLP_GREEN, Pap: valisev1.Pap_PAP_RED, HandlingNote: "For the desk.",
			Translations: []*valisev1.Translation{{Language: "pt", Title: "Respostas", Text: "Vamos ver."}},
		},
		Text: "We will look into it.", InterimContact: &valisev1.Person{Name: "M. Birch", Designation: "Duty officer"},
		PreferredChannels: []*valisev1.Channel{{Kind: "phone", Address: "+999 000 0002"}, {Kind: "meeting", Hours: "At noon"}},
	}
	message := s.drafts(t, "XB", thread, &valisev1.Payload{Payload: &valisev1.Payload_HoldingReply{HoldingReply: before}})
	birch.get("thread/" + thread)
	birch.presses("/revise/")
	birch.sees("The draft also says what has no field here. It leaves unchanged:", "Channel", "Designation", "Translated title", "Handling, in words",
		`value="de" checked`, `value="pt" checked`, "We will look into it.", `value="TLP:GREEN" checked`)
	birch.fills("text", "We will look into it today.", "translation[0].text", "Vamos ver hoje.")
	birch.sees("Check before it leaves", "At noon", "For the desk.", "Duty officer", "Respostas", "PAP:RED")
	birch.press("/send")
	birch.sees("What happens next")
	want := proto.CloneOf(before)
	want.Text, want.Preamble.Translations[0].Text = "We will look into it today.", "Vamos ver hoje."
	got := s.message(t, "XB", thread, message).GetPayload().GetHoldingReply()
	got.Preamble.Notes, got.Preamble.Officer, got.Preamble.Role = nil, "", ""
	if !proto.Equal(got, want) {
		t.Fatalf("the node has\n%v\nand not\n%v", got, want)
	}
}

// TestRevisingAnyKind: what the node says itself, what a form fixes and whom an answer answers is no part
// that is lost.
func TestRevisingAnyKind(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans")
	birch := s.opened(t, "XB", "en", undoSoon)
	birch.until("", "Scans")
	for name, said := range map[string]*valisev1.Payload{
		"decline": {Payload: &valisev1.Payload_Response{Response: &valisev1.Response{
			Outcome: valisev1.Outcome_OUTCOME_DECLINED, Reason: "Under way.", Narrative: "See below.",
		}}},
		"answer": {Payload: &valisev1.Payload_Response{Response: &valisev1.Response{
			Outcome: valisev1.Outcome_OUTCOME_FULL, Answers: []*valisev1.Answer{{Question: 1, Text: "Yes."}}, Absent: []*valisev1.AbsentFact{{Field: "narrative", Why: valisev1.Absence_ABSENCE_WITHHELD}},
		}}},
		"ask":     {Payload: &valisev1.Payload_ClarificationRequest{ClarificationRequest: &valisev1.ClarificationRequest{Questions: []string{"Which zone?", "Which host?"}}}},
		"consent": {Payload: &valisev1.Payload_ConsentRequest{ConsentRequest: &valisev1.ConsentRequest{ThirdParty: "Regional CERT"}}},
	} {
		t.Run(name, func(t *testing.T) {
			birch.t = t
			message := s.drafts(t, "XB", thread, said)
			before := s.message(t, "XB", thread, message).GetPayload()
			birch.get("thread/" + thread)
			birch.press("/revise/" + message)
			birch.sees("This takes the place of the draft")
			check := birch.url
			birch.get(check + "/check")
			birch.sees("Check before it leaves")
			birch.press("/send")
			if after := s.message(t, "XB", thread, message).GetPayload(); !proto.Equal(before, after) {
				t.Fatalf("%v became %v", before, after)
			}
		})
	}
}

// TestDraftThatThePageCannotHold: where writing it on the page would change what it says, the page writes
// nothing and gives the command that does.
func TestDraftThatThePageCannotHold(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans")
	birch := s.opened(t, "XB", "es")
	birch.until("", "Scans")
	message := s.drafts(t, "XB", thread, &valisev1.Payload{Payload: &valisev1.Payload_ClarificationRequest{
		ClarificationRequest: &valisev1.ClarificationRequest{Questions: []string{"Which zone?\nOf the logs."}},
	}})
	birch.get("thread/" + thread)
	birch.presses("/revise/")
	birch.sees("questions", "valise inquiry revise "+message+" --file")
	birch.get("")
	birch.seesNot("Lo que estaba escribiendo")
	if questions := s.message(t, "XB", thread, message).GetPayload().GetClarificationRequest().GetQuestions(); len(questions) != 1 || !strings.Contains(questions[0], "\n") {
		t.Fatalf("the draft became %q", questions)
	}
}

// TestWhatIsKnownOfAFileStaysWithIt: a file that is brought again under its name is what it was, and one that
// is not leaves nothing behind.
func TestWhatIsKnownOfAFileStaysWithIt(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans")
	birch := s.opened(t, "XB", "en", undoSoon)
	birch.until("", "Scans")
	for _, again := range []bool{true, false} {
		file := s.uploaded(t, valisev1.NewInquiryServiceClient(s.dial(t, "XB")), []byte("04:10 scan"))
		message := s.drafts(t, "XB", thread, &valisev1.Payload{Payload: &valisev1.Payload_Supplement{Supplement: &valisev1.Supplement{
			Narrative:   "See the log.",
			Attachments: []*valisev1.Attachment{{Name: "log.txt", Size: file.GetSize(), Sha256: file.GetSha256(), MediaType: "text/csv", Tlp: valisev1.Tlp_TLP_RED}},
		}}})
		birch.get("thread/" + thread)
		birch.press("/revise/" + message)
		birch.sees("must be added again: <bdi>log.txt</bdi>", "It leaves unchanged:", "<bdi>log.txt</bdi>: ")
		draft := birch.url
		if again {
			birch.brings(draft+"/attach", "log.txt", "04:10 scan")
		}
		birch.get(draft + "/check")
		if again {
			birch.sees("text/csv", "TLP:RED")
		} else {
			birch.seesNot("text/csv")
		}
		birch.press("/send")
		birch.sees("What happens next")
		all := s.message(t, "XB", thread, message).GetPayload().GetSupplement().GetAttachments()
		if again && (len(all) != 1 || all[0].GetMediaType() != "text/csv" || all[0].GetTlp() != valisev1.Tlp_TLP_RED) || !again && len(all) != 0 {
			t.Fatalf("the node has %v", all)
		}
	}
}
