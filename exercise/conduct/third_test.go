package conduct_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"valise.example/api"
	"valise.example/exercise/conduct"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

var birch = ident.Address{State: "XB", Track: ident.Technical}

// threeStates is the small scenario with a third State, a person at Birch's technical desk too, and with what must not
// happen between them.
func threeStates(t *testing.T) (*scenario.Scenario, []byte) {
	t.Helper()
	frame := small
	frame.Humans = `{ technical = "human", diplomatic = "quick" }`
	frame.Story += "[participants.XC]\nname = \"Cedar\"\nzone = \"+01:00\"\nseats = { technical = \"quick\" }\n" +
		"[participants.XC.part]\nen = \"May hear of it\"\nfr = \"Peut en entendre parler\"\n"
	for i, never := range []scenario.Never{scenario.ThirdParty, scenario.CrossTrack} {
		frame.Story += fmt.Sprintf("[[expect]]\nid = \"E%02d\"\nobjective = \"O1\"\nnever = %q\npoints = 5\n", 5+i, never)
	}
	return frame.Scenario(t)
}

// uploads gives a file to a node.
func uploads(t *testing.T, at valisev1.InquiryServiceClient, file []byte) *valisev1.Attachment {
	t.Helper()
	stream := must(at.UploadAttachment(t.Context()))
	if err := stream.Send(&valisev1.UploadAttachmentRequest{Data: file}); err != nil {
		t.Fatal(err)
	}
	return &valisev1.Attachment{Name: "log.txt", Sha256: must(stream.CloseAndRecv()).GetSha256()}
}

// incident is an exchange of three States in which a file goes from Alder to Birch.
type incident struct {
	*running
	alder, birch valisev1.InquiryServiceClient
	thread       string
	message      string
	file         []byte
}

func begins(t *testing.T, dir string) *incident {
	t.Helper()
	s, text := threeStates(t)
	r := conducts(t, conduct.Config{Dir: dir, Scenario: s, File: text, Persons: []ident.Address{alder, birch}})
	r.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_STARTEX))
	r.Orders(&valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_SPEED, Rate: 10})
	in := &incident{
		running: r, alder: valisev1.NewInquiryServiceClient(r.At("XA")), birch: valisev1.NewInquiryServiceClient(r.At("XB")),
		file: []byte(strings.Repeat(canary+"\n", 40)),
	}
	sent := must(in.alder.SendInquiry(t.Context(), in.inquiry(t, "XB/technical", uploads(t, in.alder, in.file))))
	in.thread, in.message = sent.GetSent().GetThread(), sent.GetSent().GetMessage()
	in.await("the file is whole at Birch", in.birch, func(m *valisev1.MessageView) bool {
		return len(m.GetAttachments()) == 1 && m.GetAttachments()[0].GetState() == valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE
	})
	return in
}

func (in *incident) inquiry(t *testing.T, to string, file *valisev1.Attachment) *valisev1.SendInquiryRequest {
	t.Helper()
	return &valisev1.SendInquiryRequest{To: to, Inquiry: &valisev1.Inquiry{
		Title: canary, Originator: &valisev1.Person{Name: canary, Email: "cert@alder.example"}, Attachments: []*valisev1.Attachment{file},
	}}
}

// await waits until a node has a message of the thread that is so.
func (in *incident) await(what string, at valisev1.InquiryServiceClient, is func(*valisev1.MessageView) bool) {
	in.t.Helper()
	in.until(what, func(*valisev1.GetControlResponse) bool {
		r, err := at.GetThread(in.t.Context(), &valisev1.GetThreadRequest{Thread: in.thread})
		return err == nil && slices.ContainsFunc(r.GetMessages(), is)
	})
}

// forwards has Birch send Alder's file to Cedar.
func (in *incident) forwards() error {
	in.t.Helper()
	_, err := in.birch.SendInquiry(in.t.Context(), in.inquiry(in.t, "XC/technical", uploads(in.t, in.birch, in.file)))
	return err
}

// ends closes the recording and plays it again.
func (in *incident) ends(dir string) *play.Recording {
	in.t.Helper()
	in.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_ENDEX))
	in.Orders(command(valisev1.ControlCommand_CONTROL_COMMAND_CLOSE))
	if err := in.Stop(); err != nil {
		in.t.Fatal(err)
	}
	recording := must(play.Read(bytes.NewReader(recorded(in.t, dir))))
	s, text := threeStates(in.t)
	if err := play.Verify(s, scenario.Digest(text), recording); err != nil {
		in.t.Error(err)
	}
	if strings.Contains(string(recorded(in.t, dir)), canary) {
		in.t.Error("the recording has what was written")
	}
	return recording
}

// became is what became of an expectation in the end, and by a line of which type.
func became(r *play.Recording, id string) (outcome play.Outcome, by play.LineType) {
	for _, l := range r.Lines {
		if l.Type == play.Result && l.Expectation == id {
			outcome, by = l.Outcome, ""
			if l.By != nil {
				by = r.Lines[*l.By].Type
			}
		}
	}
	return outcome, by
}

// TestThirdPartyWithoutConsentIsSeen: a file that came from one State and was to go to another without its consent, or in
// an export; what the node refuses, control is told: by whom, towards whom, and no word of it. So is what was to go to
// the other track. A-9 s2, A-11 s2
func TestThirdPartyWithoutConsentIsSeen(t *testing.T) {
	dir := t.TempDir()
	in := begins(t, dir)
	for range 2 {
		if e, _ := api.FromStatus(in.forwards()); e == nil || e.Reason != valisev1.Reason_REASON_NO_CONSENT {
			t.Fatalf("it was forwarded: %v", e)
		}
	}
	export, err := valisev1.NewRecordServiceClient(in.At("XB")).ExportRecord(t.Context(), &valisev1.ExportRecordRequest{
		Form: valisev1.ExportForm_EXPORT_FORM_ARCHIVE, ThirdParty: "A newspaper", Threads: []string{in.thread},
	})
	if err == nil {
		_, err = export.Recv()
	}
	if e, _ := api.FromStatus(err); e == nil || e.Reason != valisev1.Reason_REASON_NO_CONSENT {
		t.Fatalf("it was exported: %v", err)
	}
	across := in.inquiry(t, "XB/diplomatic", nil)
	across.From, across.Inquiry.Attachments = "XA/technical", nil
	if _, err := in.alder.SendInquiry(t.Context(), across); err == nil {
		t.Fatal("it went across tracks")
	}
	r := in.ends(dir)
	var attempts []string
	for _, l := range r.Lines {
		if l.Type == play.Refused {
			attempts = append(attempts, l.Seat+" "+strings.Join(l.To, " ")+" "+string(l.Breaks))
		}
	}
	want := "XB/technical XC/technical third_party_without_consent, XB/technical  third_party_without_consent, XA/technical XB/diplomatic cross_track"
	if got := strings.Join(attempts, ", "); got != want {
		t.Errorf("what was attempted:\n%s\nwant\n%s", got, want)
	}
	for _, id := range []string{"E05", "E06"} {
		if outcome, by := became(r, id); outcome != play.Missed || by != play.Refused {
			t.Errorf("%s is %s by a line of type %q", id, outcome, by)
		}
	}
}

// TestThirdPartyWithConsentIsInOrder: asked for, granted, forwarded.
func TestThirdPartyWithConsentIsInOrder(t *testing.T) {
	dir := t.TempDir()
	in := begins(t, dir)
	must(in.birch.Reply(t.Context(), &valisev1.ReplyRequest{Thread: in.thread, InReplyTo: in.message, Payload: &valisev1.Payload{Payload: &valisev1.Payload_ConsentRequest{
		ConsentRequest: &valisev1.ConsentRequest{ThirdParty: "XC", Purpose: canary},
	}}}))
	in.await("the request reaches Alder", in.alder, func(m *valisev1.MessageView) bool { return m.GetKind() == valisev1.Kind_KIND_CONSENT_REQUEST })
	must(in.alder.Reply(t.Context(), &valisev1.ReplyRequest{Thread: in.thread, Payload: &valisev1.Payload{Payload: &valisev1.Payload_ConsentDecision{
		ConsentDecision: &valisev1.ConsentDecision{Consents: true},
	}}}))
	in.await("the consent reaches Birch", in.birch, func(m *valisev1.MessageView) bool { return m.GetKind() == valisev1.Kind_KIND_CONSENT_DECISION })
	if err := in.forwards(); err != nil {
		t.Fatal(err)
	}
	in.until("the inquiry to Cedar is seen", func(c *valisev1.GetControlResponse) bool {
		return strings.Contains(c.String(), "XB/technical-1")
	})
	r := in.ends(dir)
	for _, id := range []string{"E05", "E06"} {
		if outcome, _ := became(r, id); outcome != play.Met {
			t.Errorf("%s is %s", id, outcome)
		}
	}
}
