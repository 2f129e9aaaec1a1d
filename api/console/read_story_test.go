package console_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
)

// uploaded brings a file to the node of a State.
func (s *stage) uploaded(t *testing.T, door valisev1.InquiryServiceClient, file []byte) *valisev1.UploadAttachmentResponse {
	t.Helper()
	stream, err := door.UploadAttachment(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for piece := range bytes.SplitAfterSeq(file, []byte("\n")) {
		if err := stream.Send(&valisev1.UploadAttachmentRequest{Data: piece}); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := stream.CloseAndRecv()
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

var fileLink = regexp.MustCompile(`href="([^"]*/file/[^"]*)" download`)

// TestReadAndDownloaded: an inquiry in two languages with a file is read in a third one, its file is saved as
// what it is, and the answer stands beside the question.
func TestReadAndDownloaded(t *testing.T) {
	s := newStage(t, "XA", "XB")
	alder := valisev1.NewInquiryServiceClient(s.dial(t, "XA"))
	file := []byte(strings.Repeat("<script>alert(1)</script>\n", 12_000))
	sum := sha256.Sum256(file)
	up := s.uploaded(t, alder, file)
	thread := s.inquire(t, "XA", "XB/technical", "Scans <b>of</b> operators", func(q *valisev1.Inquiry) {
		q.Preamble.Tlp = valisev1.Tlp_TLP_RED
		q.Preamble.Translations = []*valisev1.Translation{{Language: "fr", Status: valisev1.TranslationStatus_TRANSLATION_STATUS_COURTESY, Title: "Balayages", Text: "Depuis 04:10 UTC"}}
		q.Incident = &valisev1.Incident{Nature: &valisev1.TextFact{Fact: &valisev1.TextFact_Absence{Absence: valisev1.Absence_ABSENCE_WITHHELD}}}
		q.TimeSensitivity = &valisev1.TimeSensitivity{Level: valisev1.Urgency_URGENCY_URGENT}
		q.Attachments = []*valisev1.Attachment{{Name: "наблюдения 1.html", Size: up.GetSize(), Sha256: up.GetSha256(), Parts: up.GetParts()}}
	})
	birch := s.opened(t, "XB", "es")
	birch.until("thread/"+thread, " download>")
	digest := hex.EncodeToString(sum[:])
	birch.sees("TLP:RED", "Traducción de cortesía", `lang="fr" dir="auto">Depuis 04:10 UTC`, "Scans &lt;b&gt;of", "Se sabe y no se dice", "lo señala como <bdi>urgente</bdi>",
		"наблюдения 1.html", digest[:8]+" "+digest[8:16], "Responda enseguida si es posible.")
	link := fileLink.FindStringSubmatch(birch.page)[1]
	birch.get(link)
	if birch.status != http.StatusOK || birch.page != string(file) {
		t.Errorf("the file answers %d with %d bytes", birch.status, len(birch.page))
	}
	for name, want := range map[string]string{
		"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff",
		"Content-Disposition": `attachment; filename="___________1.html"; filename*=UTF-8''%D0%BD%D0%B0%D0%B1%D0%BB%D1%8E%D0%B4%D0%B5%D0%BD%D0%B8%D1%8F%201.html`,
	} {
		if got := birch.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	birch.get(strings.TrimSuffix(link, "/0") + "/1")
	if birch.status == http.StatusOK {
		t.Error("a file that no message names is served")
	}
	respond(t, s, thread)
	desk := s.opened(t, "XA", "ru")
	desk.until("thread/"+thread, "modem.")
	desk.sees("Вопрос <bdi>1</bdi><div class=\"prose\" lang=\"en\" dir=\"auto\">Is 192.0.2.10 known to you?</div>", "отвечает", "Полностью",
		"<dt>Ожидает", "ещё нет", "не означает согласия", "TLP:AMBER&#43;STRICT", "href=\"#i")
}

// respond answers the first question for Birch.
func respond(t *testing.T, s *stage, thread string) {
	t.Helper()
	_, err := valisev1.NewInquiryServiceClient(s.dial(t, "XB")).Reply(t.Context(), &valisev1.ReplyRequest{
		Thread: thread, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Response{Response: &valisev1.Response{
			Preamble: &valisev1.Preamble{Language: "en"}, Outcome: valisev1.Outcome_OUTCOME_FULL,
			Answers: []*valisev1.Answer{{Question: 1, Text: "It is a modem."}},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
}
