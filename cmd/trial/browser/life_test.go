//go:build browser

package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	valisev1 "valise.example/proto/valise/v1"
)

// TestWholeLifeOfAThread is played from both desks without script: Birch in Arabic, Alder in French. Each
// step of one side is read in words at the other.
func TestWholeLifeOfAThread(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	birch, alder := s.desk("XB", options{language: "ar"}), s.desk("XA", options{language: "fr"})
	thread := alder.asksBirch()

	birch.until("/", "table.desk", title)
	birch.click(`a[href$="` + thread + `"]`)
	birch.click(`form[action$="/acknowledge"] button`)
	if got := birch.text("h1"); !strings.Contains(got, "أفيد بالاستلام") {
		t.Errorf("after one click the page is headed %q", got)
	}
	alder.hears(thread, "a accusé réception")
	birch.says(thread, "holding", "text", "ننظر في الأمر.", "estimate", "within", "estimate.number", "2", "estimate.unit", "days")
	alder.hears(thread, "va l’examiner", "ننظر في الأمر.")
	alder.says(thread, "channel", "preferred_channel[0].kind", "phone", "preferred_channel[0].address", "+999 000 0007")
	birch.until("/thread/"+thread, `form[action$="/write/channel_answer"]`, "")
	birch.says(thread, "channel_answer", "decision", "accept")
	alder.hears(thread, "répond au sujet du canal")
	birch.says(thread, "agency", "nominated_agency.name", "Cyber Office of Birch")
	alder.hears(thread, "désigne l’organisme chef de file", "Cyber Office of Birch")
	birch.says(thread, "answer", "outcome", "full", "answer[1].text", "هو معروف لدينا.")
	alder.hears(thread, "répond", "هو معروف لدينا.")

	alder.says(thread, "ask", "questions", "Dans quel fuseau sont les heures ?")
	birch.hears(thread, "Dans quel fuseau")
	birch.says(thread, "supplement", "answer[1].text", "التوقيت العالمي.")
	alder.hears(thread, "apporte un complément", "التوقيت العالمي.")
	alder.click(`form[action$="/acknowledge"] button`)
	birch.hears(thread, "أفادت")
	alder.says(thread, "close", "text", "Nous vous remercions.")
	birch.hears(thread, "Nous vous remercions.")
	birch.says(thread, "close")
	alder.until("/thread/"+thread, ".stands", "Clos des deux côtés")
	alder.check("life/closed-fr")
	birch.until("/thread/"+thread, "main", "Nous vous remercions.")
	birch.check("life/closed-ar")
	alder.prints(thread, "Nous vous remercions.", "Cyber Office of Birch")
	s.holds(birch.t, thread)
}

// asksBirch writes an inquiry in the four steps of the form, checks it, and gives its thread.
func (p *tab) asksBirch() string {
	p.t.Helper()
	p.toBirch()
	for _, step := range [][]string{
		{"originator.name", "N. Oduya", "originator.email", "duty@alder.example"},
		{"title", title, "narrative", "Depuis 04:10 UTC, nos opérateurs voient des balayages depuis 192.0.2.10."},
		{"questions", "Connaissez-vous 192.0.2.10 ?"},
		nil,
	} {
		p.fields(step...)
		p.click(`button[value="next"]`)
	}
	thread, _, _ := strings.Cut(strings.TrimPrefix(p.sends(), "/thread/"), "/")
	return thread
}

// toBirch begins an inquiry to Birch and is at its first step.
func (p *tab) toBirch() {
	p.t.Helper()
	p.open("/new")
	p.press(`input[name="to"][value="XB/diplomatic"]`)
	p.click(`main form button`)
}

// prints puts the record of a thread on paper, with what was said.
func (p *tab) prints(thread string, texts ...string) {
	p.t.Helper()
	p.open("/thread/" + thread)
	p.click(`a[href$="/print"]`)
	var paper strings.Builder
	for _, sheet := range p.pdf("life/thread-fr", chromedp.PaperA4) {
		paper.WriteString(sheet.text)
	}
	for _, text := range texts {
		if !strings.Contains(paper.String(), text) {
			p.t.Errorf("the paper does not say %q", text)
		}
	}
}

// holds asks the record of Birch itself: what the pages said is what was kept, once each.
func (s *stage) holds(t *testing.T, thread string) {
	t.Helper()
	answer, err := valisev1.NewInquiryServiceClient(s.door("XB")).GetThread(t.Context(), &valisev1.GetThreadRequest{Thread: thread})
	if err != nil {
		t.Fatal(err)
	}
	ours := map[valisev1.Kind]int{}
	for _, m := range answer.GetMessages() {
		if m.GetOutbound() {
			ours[m.GetKind()]++
		}
	}
	for _, kind := range []valisev1.Kind{
		valisev1.Kind_KIND_ACKNOWLEDGEMENT, valisev1.Kind_KIND_HOLDING_REPLY, valisev1.Kind_KIND_CHANNEL_ANSWER,
		valisev1.Kind_KIND_AGENCY_NOMINATION, valisev1.Kind_KIND_RESPONSE, valisev1.Kind_KIND_SUPPLEMENT, valisev1.Kind_KIND_CLOSURE,
	} {
		if ours[kind] != 1 {
			t.Errorf("the record of Birch holds %d of %s", ours[kind], kind)
		}
	}
}
