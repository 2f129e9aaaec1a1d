package console_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"valise.example/api"
	"valise.example/api/console"
	"valise.example/api/draft"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// says writes a message from the thread page and sends it.
func (b *browser) says(thread, form string, fields ...string) {
	b.t.Helper()
	b.writes(thread, form, fields...)
	b.press("/send")
	b.sees("What happens next")
}

// TestBothSides plays the rest of a thread from both desks: a question, what is new, a channel and its
// answer, agencies, a correction, what was sent in error, declining, closing and reopening.
func TestBothSides(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans")
	birch, alder := s.opened(t, "XB", "en", undoSoon), s.opened(t, "XA", "en", undoSoon)
	birch.until("", "Scans")
	birch.get("thread/" + thread)
	birch.seesNot("/write/channel_answer", "/write/estimate", "/write/consent\"", "/write/reopen")
	birch.says(thread, "ask", "questions", "Which zone do the logs have?")
	alder.untilHeard(thread, "XA", s, valisev1.Kind_KIND_CLARIFICATION_REQUEST)
	alder.get("thread/" + thread)
	alder.seesNot("/write/answer\"", "/write/decline")
	alder.writes(thread, "supplement", "answer[1].text", "UTC.")
	alder.sees("Which zone do the logs have?", "UTC.")
	alder.press("/send")
	alder.says(thread, "channel", "preferred_channel[0].kind", "phone", "preferred_channel[0].address", "+999 000 0007")
	birch.untilHeard(thread, "XB", s, valisev1.Kind_KIND_CHANNEL_PROPOSAL)
	birch.says(thread, "channel_answer", "decision", "accept")
	birch.get("thread/" + thread)
	birch.seesNot("/write/channel_answer")
	birch.says(thread, "agency", "nominated_agency.name", "Cyber Office of Birch")
	alder.untilHeard(thread, "XA", s, valisev1.Kind_KIND_AGENCY_NOMINATION)
	alder.says(thread, "agency", "nominated_agency.name", "Cyber Office of Alder")
	birch.untilHeard(thread, "XB", s, valisev1.Kind_KIND_AGENCY_NOMINATION)
}

// untilHeard waits until a node has a message of a kind from the peer.
func (b *browser) untilHeard(thread string, at ident.State, s *stage, kind valisev1.Kind) {
	b.t.Helper()
	client := valisev1.NewInquiryServiceClient(s.dial(b.t, at))
	eventually(b.t, func() bool {
		t, err := client.GetThread(b.t.Context(), &valisev1.GetThreadRequest{Thread: thread})
		if err != nil {
			b.t.Fatal(err)
		}
		for _, m := range t.GetMessages() {
			if !m.GetOutbound() && m.GetKind() == kind {
				return true
			}
		}
		return false
	})
}

// TestCloseReopenDecline goes on where an inquiry is declined, and what we sent is put right or taken back.
func TestCloseReopenDecline(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans")
	birch := s.opened(t, "XB", "en", undoSoon)
	birch.until("", "Scans")
	birch.says(thread, "decline", "reason.absent", "withheld")
	birch.until("thread/"+thread, "We declined")
	eventually(t, func() bool { birch.get("thread/" + thread); return strings.Contains(birch.page, "/write/correct") })
	birch.press("/write/correct")
	birch.fills("text", "The reason will follow.")
	birch.press("/send")
	birch.get("thread/" + thread)
	birch.press("/write/retract")
	birch.sees("Sent in error, please disregard")
	birch.fills()
	birch.press("/send")
	birch.says(thread, "close", "text", "Nothing more from us.")
	birch.until("thread/"+thread, "/write/reopen")
	birch.seesNot("/write/answer")
	birch.says(thread, "reopen")
	for _, kind := range []valisev1.Kind{valisev1.Kind_KIND_RESPONSE, valisev1.Kind_KIND_CORRECTION, valisev1.Kind_KIND_RETRACTION, valisev1.Kind_KIND_CLOSURE, valisev1.Kind_KIND_REOPEN} {
		birch.untilHeard(thread, "XA", s, kind)
	}
}

// TestConsentReferralAndCheck: what the peer asks for shows its own form, and that form alone.
func TestConsentReferralAndCheck(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans")
	birch := s.opened(t, "XB", "en", undoSoon)
	birch.until("", "Scans")
	birch.says(thread, "refer", "to", "XB/diplomatic", "text", "Our ministry speaks for this.")
	conn := s.dial(t, "XA")
	alder := valisev1.NewInquiryServiceClient(conn)
	birch.untilHeard(thread, "XA", s, valisev1.Kind_KIND_REFERRAL)
	heard, err := alder.GetThread(t.Context(), &valisev1.GetThreadRequest{Thread: thread})
	if err != nil {
		t.Fatal(err)
	}
	var theirs string
	for _, m := range heard.GetMessages() {
		if !m.GetOutbound() {
			theirs = m.GetMessage()
		}
	}
	if _, err := alder.Reply(t.Context(), &valisev1.ReplyRequest{Thread: thread, InReplyTo: theirs, Payload: &valisev1.Payload{Payload: &valisev1.Payload_ConsentRequest{
		ConsentRequest: &valisev1.ConsentRequest{ThirdParty: "Regional CERT", Purpose: "To warn its members."},
	}}}); err != nil {
		t.Fatal(err)
	}
	birch.until("thread/"+thread, "/write/consent\"")
	birch.writes(thread, "consent")
	birch.sees("Choose one.", `role="alert"`)
	birch.fills("consents", "true", "expires.date", "2100-01-31", "expires.time", "12:00", "expires.zone", "utc")
	birch.sees(`datetime="2100-01-31T12:00:00Z"`)
	birch.press("/send")
	birch.untilHeard(thread, "XA", s, valisev1.Kind_KIND_CONSENT_DECISION)

	begun, err := valisev1.NewDirectoryServiceClient(conn).StartCheck(t.Context(), &valisev1.StartCheckRequest{To: []string{"XB/technical"}})
	if err != nil {
		t.Fatal(err)
	}
	check := begun.GetSent()[0].GetThread()
	birch.until("thread/"+check, "/write/ping")
	birch.seesNot("/write/answer", "/write/close")
	birch.says(check, "ping", "entry_correct", "true")
	birch.untilHeard(check, "XA", s, valisev1.Kind_KIND_PING_REPLY)
}

// joins adds an officer of a State and opens their desk.
func (s *stage) joins(t *testing.T, state ident.State, name, tongue string, roles ...valisev1.Role) *browser {
	t.Helper()
	officers := valisev1.NewOfficerServiceClient(s.dial(t, state))
	added, err := officers.AddOfficer(t.Context(), &valisev1.AddOfficerRequest{Officer: &valisev1.Officer{Name: name, Roles: roles}, WithToken: true})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := api.Dial(t.Context(), filepath.Join(s.lab.Home(state), "valise.sock"), api.DialOptions{Token: added.GetToken()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return s.opened(t, state, tongue, undoSoon, func(c *console.Config) { c.Conn = conn })
}

// TestClearance: what a drafter writes waits for a second person, who sends it back with a note; written
// anew and cleared, it leaves.
func TestClearance(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans")
	clearer := s.opened(t, "XB", "en", undoSoon)
	clearer.until("", "Scans")
	drafter := s.joins(t, "XB", "ada", "en", valisev1.Role_ROLE_DRAFTER)
	drafter.says(thread, "answer", "outcome", "partial", "narrative", "First words.")
	drafter.sees("Handed to a second person", "Until then nothing leaves")
	drafter.get("thread/" + thread)
	drafter.seesNot("/clear/")
	clearer.get("thread/" + thread)
	clearer.sees("This waits for clearance by a second person")
	clearer.presses("/return/", "note", "Say what is known of the host.")
	clearer.seesNot("/clear/")
	drafter.get("thread/" + thread)
	drafter.sees("Say what is known of the host.")
	drafter.presses("/revise/")
	drafter.sees("First words.", "This takes the place of the draft")
	drafter.seesNot("added again")
	drafter.fills("outcome", "partial", "narrative", "The host is a printer.")
	drafter.press("/send")
	drafter.sees("Handed to a second person")
	clearer.get("thread/" + thread)
	clearer.presses("/clear/")
	clearer.sees("What happens next")
	alder := s.opened(t, "XA", "en")
	alder.until("thread/"+thread, "Answered by")
}

// presses is press for an action that ends with an id.
func (b *browser) presses(action string, more ...string) {
	b.t.Helper()
	for _, form := range formTag.FindAllStringSubmatch(b.page, -1) {
		if i := strings.Index(form[1], action); i >= 0 {
			b.press(form[1][i:], more...)
			return
		}
	}
	b.t.Fatalf("no form leads to %q:\n%s", action, b.page)
}

// brings sends a file as the form of the page would.
func (b *browser) brings(path, name string, files ...string) {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, content := range files {
		part, err := form.CreateFormFile("file", name)
		if err == nil {
			_, err = part.Write([]byte(content))
		}
		if err != nil {
			b.t.Fatal(err)
		}
	}
	_ = form.Close()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.whole(path), &body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	b.do(r)
}

// TestFilesLeaveWithTheAnswer: larger than any form; more than one at a time, or a name that hides
// something, is refused; one that was taken out does not leave.
func TestFilesLeaveWithTheAnswer(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans")
	birch := s.opened(t, "XB", "en", undoSoon)
	birch.until("", "Scans")
	birch.get("thread/" + thread)
	birch.press("/write/answer")
	draft := birch.url
	birch.press(draft[strings.LastIndex(draft, "/draft/"):], "next", "files", "outcome", "full", "narrative", "See the log.")
	birch.sees("There are no files.")
	birch.brings(draft+"/attach", "two.txt", "a", "b")
	birch.sees(`href="#file"`, "There are no files.")
	birch.brings(draft+"/attach", "log\u202etxt.exe", "a")
	birch.sees(`href="#file"`, "There are no files.")
	birch.brings(draft+"/attach", `C:\logs\wrong.txt`, "wrong")
	birch.sees("wrong.txt", "<bdi>5</bdi> bytes")
	birch.seesNot(`C:\`)
	birch.press("/detach")
	birch.seesNot("wrong.txt")
	birch.brings(draft+"/attach", "log.txt", strings.Repeat("0123456789abcdef", 100_000))
	birch.sees("log.txt", "<bdi>1600000</bdi> bytes")
	birch.get(draft)
	birch.sees("See the log.")
	birch.fills("outcome", "full", "narrative", "See the log.")
	birch.sees("log.txt", "<bdi>1600000</bdi> bytes")
	birch.press("/send")
	birch.untilHeard(thread, "XA", s, valisev1.Kind_KIND_RESPONSE)
}

// TestWhatIsNewOfTheIncident: what is learned later has the same places as on an inquiry, and travels without
// a word beside it.
func TestWhatIsNewOfTheIncident(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans")
	alder := s.opened(t, "XA", "en", undoSoon)
	alder.until("thread/"+thread, "/write/supplement") // what has not left yet is not added to
	alder.says(thread, "supplement", "incident.started.date", "2026-02-01", "incident.started.time", "04:10", "incident.confidence", "high",
		"incident.affected_sectors", "energy\r\nwater", "incident.severity.absent", "withheld", "incident.ended.absent", "unknown")
	alder.untilHeard(thread, "XB", s, valisev1.Kind_KIND_SUPPLEMENT)
	_, m := s.last(t, "XB", thread)
	incident, _ := draft.Body(m.GetPayload().GetSupplement())["incident"].(map[string]any)
	want := map[string]any{
		"started": "2026-02-01T04:10:00Z", "confidence": "high", "affected_sectors": []string{"energy", "water"},
		"severity": map[string]any{"withheld": true}, "ended": map[string]any{"unknown": true},
	}
	if !reflect.DeepEqual(incident, want) {
		t.Fatalf("XB reads %v", incident)
	}
	alder.writes(thread, "supplement")
	alder.sees(`href="#f-narrative"`, "Fill this in.", "The incident, as far as it is known")
}
