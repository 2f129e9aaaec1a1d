package console_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"valise.example/api/console"
	"valise.example/api/draft"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// begins chooses a State and begins to write to it.
func (b *browser) begins(form string, to ...string) {
	b.t.Helper()
	page := "new"
	if form == "notice" {
		page = "new/notice"
	}
	b.get(page)
	act := between(b.page, `name="act" value="`, `"`)
	b.post("new/"+form, url.Values{"act": {act}, "to": to})
}

func between(s, before, after string) string {
	_, s, _ = strings.Cut(s, before)
	s, _, _ = strings.Cut(s, after)
	return s
}

// step fills in the page that is shown and goes where next says.
func (b *browser) step(next string, fields ...string) {
	b.t.Helper()
	b.press(b.url[strings.LastIndex(b.url, "/draft/"):], append([]string{"next", next}, fields...)...)
}

// heard waits for the message that begins a thread from another State, and gives it.
func (s *stage) heard(t *testing.T, at ident.State, title string) (*valisev1.ThreadView, *valisev1.MessageView) {
	t.Helper()
	client := valisev1.NewInquiryServiceClient(s.dial(t, at))
	var id string
	eventually(t, func() bool {
		list, err := client.ListThreads(t.Context(), &valisev1.ListThreadsRequest{})
		if err != nil {
			t.Fatal(err)
		}
		for _, th := range list.GetThreads() {
			if th.GetTitle() == title && !th.GetOutbound() {
				id = th.GetThread()
			}
		}
		return id != ""
	})
	th, err := client.GetThread(t.Context(), &valisev1.GetThreadRequest{Thread: id})
	if err != nil {
		t.Fatal(err)
	}
	return th.GetThread(), th.GetMessages()[0]
}

// TestInquiryByFourSteps goes back and forth, loses nothing, and reaches the other desk with all that was
// said; what is sent twice is sent once, and who asked is not asked again.
func TestInquiryByFourSteps(t *testing.T) {
	s := newStage(t, "XA", "XB")
	alder := s.opened(t, "XA", "ar", undoSoon)
	alder.sees("استفسار جديد")
	alder.begins("inquiry")
	alder.sees(`role="alert"`, "اختاروا دولة.")
	alder.press("/to", "to", "XB/technical")
	alder.sees("الخطوة", "من يسأل، والاتصال الأول", `dir="rtl"`)
	alder.step("step-3", "originator.name", "ن. عودة", "originator.email", "desk@cert.example", "originator.phone", "")
	alder.step("step-2", "questions", "أهو معروف لديكم؟", "request_type", "information", "time_sensitivity", "urgent", "needed_by.date", "2100-01-02", "needed_by.time", "12:00", "needed_by.zone", "utc")
	alder.sees("ما حدث", `class="note"`)
	alder.step("next", "title", "فحص شبكات الطاقة", "incident.observed_infrastructure", "192.0.2.10\r\n192.0.2.11", "incident.cross_border", "true", "incident.started.absent", "unknown")
	alder.sees("أهو معروف لديكم؟")
	alder.step("next", "questions", "أهو معروف لديكم؟", "request_type", "information", "time_sensitivity", "urgent", "needed_by.date", "2100-01-02", "needed_by.time", "12:00")
	alder.step("next", "preferred_channel[0].kind", "phone", "preferred_channel[0].address", "+999 000 0001", "nominated_agency.name", "وكالة الأمن", "tlp", "TLP:GREEN")
	alder.sees("192.0.2.10\n192.0.2.11", "غير معروف بعد", "وكالة الأمن", "/step/2#f-incident-observed-infrastructure", "TLP:GREEN", `class="note"`)
	check := alder.url
	alder.press("/send")
	alder.sees("/undo/")
	first := alder.url
	alder.post(strings.TrimSuffix(check, "check")+"send", url.Values{"revision": {"9"}})
	if alder.url != first {
		t.Fatalf("a second click leads to %s, not to %s", alder.url, first)
	}
	_, m := s.heard(t, "XB", "فحص شبكات الطاقة")
	said := draft.Body(m.GetPayload().GetInquiry())
	incident, _ := said["incident"].(map[string]any)
	if said["needed_by"] != "2100-01-02T12:00:00Z" || incident["cross_border"] != true || said["tlp"] != "TLP:GREEN" {
		t.Fatalf("XB reads %v", said)
	}
	alder.begins("inquiry", "XB/technical")
	alder.sees("ن. عودة", "desk@cert.example")
	b := valisev1.NewInquiryServiceClient(s.dial(t, "XB"))
	if list, err := b.ListThreads(t.Context(), &valisev1.ListThreadsRequest{}); err != nil || len(list.GetThreads()) != 1 {
		t.Fatalf("XB has %d threads (%v), and one was sent", len(list.GetThreads()), err)
	}
}

// wrongSteps are what comes back from the check, the page it comes back on, and what is said.
var wrongSteps = map[string]struct {
	step   string
	fields []string
	says   []string
}{
	"nobody asks":            {"1", []string{"originator.name", ""}, []string{"Fill this in.", `href="#f-originator-name"`}},
	"nobody can be reached":  {"1", []string{"originator.phone", "", "originator.email", ""}, []string{"Give a telephone or an email.", `href="#f-originator-phone"`}},
	"a character that turns": {"1", []string{"originator.name", "M. \u202eAlder"}, []string{"U+202E", `href="#f-originator-name"`}},
	"no such time":           {"2", []string{"incident.detected.date", "2026-02-30", "incident.detected.time", "10:00"}, []string{"Give a date and a time that exist", `href="#f-incident-detected"`}},
	"too long a line":        {"2", []string{"title", strings.Repeat("x", 801)}, []string{"at most", "800", `href="#f-title"`}},
	"a channel of no kind":   {"4", []string{"preferred_channel[1].address", "+999 000 0001"}, []string{"Fill this in.", `href="#f-preferred-channel-1--kind"`}},
}

// TestWrongStepsComeBack filled in, on the page of what is wrong, and nothing is sent; a draft that is
// pasted fills all steps, or is told by line and key.
func TestWrongStepsComeBack(t *testing.T) {
	s := newStage(t, "XA", "XB")
	alder := s.opened(t, "XA", "en", undoSoon)
	for name, c := range wrongSteps {
		t.Run(name, func(t *testing.T) {
			alder.t = t
			alder.begins("inquiry", "XB/technical")
			alder.step("step-4", "originator.name", "N. Oduya", "originator.phone", "+999 000 0002")
			alder.step("step-" + c.step)
			alder.step("step-3", c.fields...)
			alder.step("check")
			if !strings.HasSuffix(alder.url, "/step/"+c.step) {
				t.Fatalf("it comes back on %s", alder.url)
			}
			alder.sees(`role="alert"`, `class="fault"`)
			alder.sees(c.says...)
			alder.get(alder.url[:len(alder.url)-1] + "3")
			alder.sees(`role="alert"`, "/step/"+c.step+"#f-")
			alder.press("/discard")
		})
	}
	alder.t = t
	alder.begins("inquiry", "XB/technical")
	alder.step("paste")
	alder.press("/paste", "draft", "title = \"Scans\"\nnarative = \"x\"")
	alder.sees(`role="alert"`, "Line <bdi>2</bdi>, <bdi>narative</bdi>", "did you mean narrative", "narative = ")
	alder.press("/paste", "draft", "[originator]\nname = \"N. Oduya\"\nphone = \"+999 000 0002\"\n[incident]\noccurrence = \"perhaps\"")
	alder.sees("<bdi>incident.occurrence</bdi> has no place on this form")
	alder.press("/paste", "draft", draft.Template(valisev1.Kind_KIND_INQUIRY)+"[incident]\nnature = \"intrusions\"\nended = { not_applicable = true }\n")
	alder.sees("Name of the officer", "Step")
	alder.step("check")
	alder.sees("Check before it leaves", "Replace this with one line on the incident", "intrusions", "Does not apply")
	alder.press("/send")
	s.heard(t, "XB", "Replace this with one line on the incident")
}

// TestEveryAbsence travels from the form to the other side: all that may be left out with a reason is.
func TestEveryAbsence(t *testing.T) {
	s := newStage(t, "XA", "XB")
	alder := s.opened(t, "XA", "en", undoSoon)
	alder.begins("inquiry", "XB/technical")
	facts := []string{
		"originator.affiliation", "originator.designation", "originator.hours", "first_contact", "narrative", "incident.nature", "incident.occurrence", "incident.detected",
		"incident.started", "incident.ended", "incident.affected_sectors", "incident.cross_border", "incident.observed_infrastructure",
		"incident.confidence", "incident.severity", "questions", "request_type", "time_sensitivity", "needed_by", "needed_reason",
		"nominated_agency.contact",
	}
	whys := []string{"unknown", "withheld", "not_applicable"}
	var fields []string
	for i, key := range facts {
		fields = append(fields, key+".absent", whys[i%3])
	}
	for _, next := range []string{"next", "next", "next", "check"} {
		alder.step(next, append(fields, "originator.name", "N. Oduya", "originator.email", "desk@cert.example", "title", "Little is known", "nominated_agency.name", "Cyber Office of Alder")...)
	}
	alder.sees("Check before it leaves", "Not known yet", "Prefer not to say", "Does not apply")
	alder.press("/send")
	_, m := s.heard(t, "XB", "Little is known")
	said := draft.Body(m.GetPayload().GetInquiry())
	for i, key := range facts {
		table, name, deeper := strings.Cut(key, ".")
		v := said[key]
		if sub, ok := said[table].(map[string]any); deeper && ok {
			v = sub[name]
		}
		if why, ok := v.(map[string]any); !ok || why[whys[i%3]] != true {
			t.Errorf("XB reads %v for %s, which is %s", v, key, whys[i%3])
		}
	}
}

// TestNoticeToSeveral: one bilateral thread each, taken back from all at once, and sent after all.
func TestNoticeToSeveral(t *testing.T) {
	s := newStage(t, "XA", "XB", "XC")
	alder := s.opened(t, "XA", "en", func(c *console.Config) { c.Undo = time.Hour })
	alder.begins("notice", "XB/technical", "XC/diplomatic")
	alder.sees("All must be on one track.", `value="XC/diplomatic" checked`)
	alder.post(alder.url, url.Values{"to": {"XB/technical", "XC/technical"}})
	alder.step("next", "originator.name", "N. Oduya", "originator.email", "desk@cert.example")
	alder.step("next", "title", "A new way in", "type", "vulnerability")
	alder.sees("XB/technical", "XC/technical", "Send the notice to each of these States")
	alder.press("/send")
	alder.sees("The notice, by State", "Undo all that has not left")
	page, path := alder.page, alder.url
	alder.press("/undo")
	alder.sees("Undone. Nothing has left.", "Go on writing")
	again := between(alder.page, `class="button" href="`, `"`)
	alder.page = page
	alder.press("/undo")
	if alder.url != path || between(alder.page, `class="button" href="`, `"`) != again {
		t.Fatal("a second click on undo does another thing")
	}
	quick := s.opened(t, "XA", "fr", undoSoon)
	quick.begins("notice", "XB/technical", "XC/technical")
	quick.step("next", "originator.name", "N. Oduya", "originator.email", "desk@cert.example")
	quick.step("files", "title", "Une faille")
	quick.brings(quick.url[:strings.LastIndex(quick.url, "/")]+"/attach", "journal.txt", "04:10")
	quick.get(strings.Replace(quick.url, "/files", "/check", 1))
	quick.press("/send")
	b, _ := s.heard(t, "XB", "Une faille")
	c, _ := s.heard(t, "XC", "Une faille")
	if b.GetThread() == c.GetThread() {
		t.Fatal("two States share a thread")
	}
}

// TestWhoMayBegin: a drafter's inquiry waits for a second person and can be written anew; who reads only
// has no such page.
func TestWhoMayBegin(t *testing.T) {
	s := newStage(t, "XA", "XB")
	keeper := s.joins(t, "XA", "kim", "en", valisev1.Role_ROLE_RECORD_KEEPER)
	keeper.seesNot("New inquiry")
	keeper.get("new")
	keeper.sees("This was not done")
	drafter := s.joins(t, "XA", "ada", "en", valisev1.Role_ROLE_DRAFTER)
	drafter.begins("inquiry", "XB/diplomatic")
	drafter.step("step-2", "originator.name", "N. Oduya", "originator.email", "desk@mfa.example")
	drafter.step("files", "title", "First words")
	drafter.brings(drafter.url[:strings.LastIndex(drafter.url, "/")]+"/attach", "log.txt", "04:10 scan")
	drafter.get(strings.Replace(drafter.url, "/files", "/check", 1))
	drafter.sees("log.txt")
	drafter.press("/send")
	drafter.sees("Handed to a second person")
	clearer := s.opened(t, "XA", "en", undoSoon)
	clearer.get(drafter.url[:strings.Index(drafter.url, "/sent/")][strings.Index(drafter.url, "thread/"):])
	clearer.presses("/return/", "note", "Say what you ask.")
	drafter.get(clearer.url[strings.Index(clearer.url, "thread/"):])
	drafter.presses("/revise/")
	drafter.sees("N. Oduya", "This takes the place of the draft", "must be added again: <bdi>log.txt</bdi>")
	drafter.step("step-3")
	drafter.step("check", "questions", "Is it known to you?")
	drafter.sees("There are no files.")
	drafter.brings(strings.Replace(drafter.url, "/check", "/attach", 1), "log.txt", "04:10 scan")
	drafter.get(strings.Replace(drafter.url, "/files", "/step/1", 1))
	drafter.seesNot("added again")
	drafter.step("files", "originator.name", "N. Oduya", "originator.email", "desk@mfa.example")
	drafter.get(strings.Replace(drafter.url, "/files", "/check", 1))
	drafter.press("/send")
	drafter.sees("Handed to a second person")
	clearer.get(clearer.url)
	clearer.presses("/clear/")
	_, m := s.heard(t, "XB", "First words")
	if got := m.GetPayload().GetInquiry().GetQuestions(); !slices.Equal(got, []string{"Is it known to you?"}) {
		t.Fatalf("XB is asked %q", got)
	}
	if files := m.GetPayload().GetInquiry().GetAttachments(); len(files) != 1 || files[0].GetName() != "log.txt" {
		t.Fatalf("XB gets %v", files)
	}
}

// TestReferredAndBegunThere: a matter that was referred to the other track goes on there with what was
// said, and what is written when the session has ended is there after the next link.
func TestReferredAndBegunThere(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans")
	birch := s.opened(t, "XB", "en", undoSoon)
	birch.until("", "Scans")
	birch.says(thread, "refer", "to", "XB/diplomatic", "text", "Our ministry speaks for this.")
	clock := &shiftedClock{}
	alder := s.opened(t, "XA", "en", undoSoon, func(c *console.Config) { c.Now = clock.now })
	alder.until("thread/"+thread, "Begin there")
	alder.press("/begin")
	alder.sees("diplomatic track")
	alder.seesNot("Choose other States")
	page := alder.page
	clock.by.Store(int64(20 * time.Minute))
	alder.step("step-2", "originator.name", "N. Oduya", "originator.email", "desk@mfa.example")
	alder.sees("What you had written is kept")
	if !strings.Contains(page, "Step") {
		t.Fatal("it does not begin on a step")
	}
	alder.enter()
	alder.get(alder.base + "draft/" + between(page, "/draft/", "/"))
	alder.sees("N. Oduya")
	alder.step("step-2")
	alder.sees("192.0.2.10")
	alder.step("check", "title", "Scans, taken up", "narrative", "See our technical desk.")
	alder.press("/send")
	th, m := s.heard(t, "XB", "Scans, taken up")
	if th.GetOurs() != "XB/diplomatic" || len(m.GetPayload().GetInquiry().GetReferral()) == 0 {
		t.Fatalf("%s hears of it, by referral %x", th.GetOurs(), m.GetPayload().GetInquiry().GetReferral())
	}
}
