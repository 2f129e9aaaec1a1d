package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"valise.example/api/console"
	valisev1 "valise.example/proto/valise/v1"
)

// undoSoon lets what is sent leave after a second.
func undoSoon(c *console.Config) { c.Undo = time.Second }

// writes opens a form of the thread, fills it in and goes on.
func (b *browser) writes(thread, form string, fields ...string) {
	b.t.Helper()
	b.get("thread/" + thread)
	b.press("/write/" + form)
	b.fills(fields...)
}

// fills goes on from the form that is shown.
func (b *browser) fills(fields ...string) {
	b.t.Helper()
	b.press(strings.TrimPrefix(b.url[strings.LastIndex(b.url, "/draft/"):], ""), append([]string{"next", "check"}, fields...)...)
}

// TestHoldingReplyWithEstimate: XB says that it will look into it, sees all that leaves before it does, and
// XA reads it.
func TestHoldingReplyWithEstimate(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans of energy operators")
	birch := s.opened(t, "XB", "en", undoSoon)
	birch.until("", "Scans of energy operators")
	birch.writes(thread, "holding", "text", "We look into it.", "estimate", "within", "estimate.number", "2", "estimate.unit", "days", "interim_contact.name", "M. Birch")
	birch.sees("Check before it leaves", "We look into it.", "in 2 days", "TLP:AMBER+STRICT", "M. Birch", "Send the holding reply to", "Notes that always leave with it", `class="note"`)
	birch.press("/send")
	birch.sees("Undo", "What happens next", "You need not wait for it")
	sent := birch.url
	alder := s.opened(t, "XA", "en")
	alder.until("thread/"+thread, "will look into it")
	birch.until(sent, "reached the gateway of")
	birch.seesNot("/undo/")
}

// TestAnswerByQuestion: each question stands on the form with its own words.
func TestAnswerByQuestion(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans")
	birch := s.opened(t, "XB", "en", undoSoon)
	birch.until("", "Scans")
	birch.writes(thread, "answer", "answer[1].text", "It is known to us.", "narrative", "See the answer.", "outcome", "full")
	birch.sees("Is 192.0.2.10 known to you?", "It is known to us.", "A full answer")
	check := birch.url
	birch.press("/send")
	birch.sees("What happens next")
	first := birch.url
	birch.get(check)
	birch.sees("This has been sent already")
	birch.post(strings.TrimSuffix(check, "check")+"send", url.Values{"revision": {"1"}})
	if birch.url != first {
		t.Fatalf("a second click leads to %s, not to %s", birch.url, first)
	}
	alder := s.opened(t, "XA", "en")
	alder.until("thread/"+thread, "Answered by")
}

// wrongForms are what cannot be sent, the field that is at fault, and what is said of it.
var wrongForms = map[string]struct {
	form   string
	fields []string
	says   []string
}{
	"nothing to answer with": {"answer", nil, []string{"Choose one.", `href="#f-outcome"`}},
	"a character that turns": {"holding", []string{"interim_contact.name", "M. \u202eBirch"}, []string{"U+202E", `href="#f-interim-contact-name"`}},
	"a control character":    {"holding", []string{"text", "x\x07"}, []string{"U+0007", `href="#f-text"`}},
	"no number":              {"holding", []string{"estimate", "within", "estimate.number", "many"}, []string{"whole number", `href="#f-estimate"`}},
	"no such time":           {"holding", []string{"estimate", "by", "estimate.date", "2026-02-30", "estimate.time", "10:00"}, []string{"Give a date and a time that exist", `href="#f-estimate"`}},
	"no words":               {"holding", []string{"estimate", "words"}, []string{"Fill this in."}},
	"too long":               {"close", []string{"text", strings.Repeat("x", 4001)}, []string{"It is too long: at most", "4000"}},
	"a contact without name": {"holding", []string{"interim_contact.phone", "+999 000 0001"}, []string{"Fill this in.", `href="#f-interim-contact-name"`}},
	"no question":            {"ask", nil, []string{"Fill this in.", `href="#f-questions"`}},
	"no channel":             {"channel", nil, []string{"Fill this in.", `href="#f-preferred-channel-0--kind"`}},
	"a translation of none":  {"close", []string{"translation[0].text", "Fermé"}, []string{"Fill this in.", `href="#f-translation-0--language"`}},
}

// TestWrongFormsComeBack filled in, with what is wrong at the top and beside the field, and nothing is sent.
func TestWrongFormsComeBack(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans")
	birch := s.opened(t, "XB", "en")
	birch.until("", "Scans")
	for name, c := range wrongForms {
		t.Run(name, func(t *testing.T) {
			birch.t = t
			birch.writes(thread, c.form, c.fields...)
			birch.sees(`role="alert"`, `class="fault"`)
			birch.sees(c.says...)
			if strings.Contains(birch.url, "/check") {
				t.Fatal("a wrong form is offered for sending")
			}
			birch.press("/discard")
		})
	}
	birch.t = t
	birch.get("")
	birch.seesNot("What you were writing")
}

// TestUndoInTimeAndTooLate: in time, nothing leaves and the words wait; too late, nothing more is sent.
func TestUndoInTimeAndTooLate(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans")
	birch := s.opened(t, "XB", "en", func(c *console.Config) { c.Undo = time.Hour })
	birch.until("", "Scans")
	birch.writes(thread, "ask", "questions", "Which zone?\r\nWhich host?")
	birch.press("/send")
	birch.press(birch.page[strings.Index(birch.page, "/undo/"):][:6+32])
	birch.sees("Undone. Nothing has left.", "Go on writing")
	birch.get("")
	birch.sees("What you were writing", "Ask a question")

	quick := s.opened(t, "XB", "en", undoSoon)
	quick.writes(thread, "ask", "questions", "Which zone?")
	quick.press("/send")
	late := quick.page
	sent := quick.url
	quick.until(sent, "reached the gateway of")
	quick.page = late
	quick.press(late[strings.Index(late, "/undo/"):][:6+32])
	quick.sees("reached the gateway of")
	said, err := valisev1.NewInquiryServiceClient(s.dial(t, "XB")).GetThread(t.Context(), &valisev1.GetThreadRequest{Thread: thread})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range said.GetMessages() {
		if m.GetKind() == valisev1.Kind_KIND_RETRACTION {
			t.Fatal("an undo that came too late sent a Retraction")
		}
	}
}

// TestLapsedSessionKeepsTheText: what is typed when the session has ended is kept, sends nothing, and is
// there after the next link; what a stranger sends is not.
func TestLapsedSessionKeepsTheText(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans")
	clock := &shiftedClock{}
	birch := s.opened(t, "XB", "en", func(c *console.Config) { c.Now = clock.now })
	birch.until("", "Scans")
	birch.get("thread/" + thread)
	birch.press("/write/close")
	draft := birch.url
	page := birch.page
	clock.by.Store(int64(20 * time.Minute))
	birch.fills("text", "Nothing more from us.")
	if birch.status != http.StatusForbidden {
		t.Fatalf("a session that has lapsed is answered %d", birch.status)
	}
	birch.sees("What you had written is kept")
	birch.page = page
	birch.post(draft+"/send", url.Values{"revision": {"1"}})
	birch.seesNot("What you had written is kept")
	cookies := birch.client.Jar
	birch.client.Jar = nil
	birch.post(draft, url.Values{"text": {"Something else."}})
	birch.client.Jar = cookies
	birch.get(birch.link())
	birch.sees("What you were writing", "Close our side")
	birch.get(draft)
	birch.sees("Nothing more from us.")
}
