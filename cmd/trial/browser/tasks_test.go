//go:build browser

package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// withKeys plays a story in two languages, one from each side, on a desk of Birch with one inquiry.
func withKeys(t *testing.T, story func(s *stage, p *tab, thread string)) {
	s := newStage(t)
	p := s.desk("XB", options{})
	for _, language := range []string{"ar", "en"} {
		thread := s.inquire("XA", "XB/diplomatic", title+" "+language)
		p.until("/", "table.desk", title+" "+language)
		p.speaks(language)
		story(s, p, thread)
	}
}

// TestKeyboardAcknowledges: nothing needs a mouse.
func TestKeyboardAcknowledges(t *testing.T) {
	t.Parallel()
	withKeys(t, func(_ *stage, p *tab, thread string) {
		p.tabTo(`a[href$="` + thread + `"]`)
		p.enter()
		p.tabTo(`form[action$="/acknowledge"] button`)
		p.space()
		p.arrivedAtSent()
	})
}

func (p *tab) arrivedAtSent() {
	p.t.Helper()
	if got := p.path(); !strings.Contains(got, "/sent/") {
		p.t.Errorf("the keyboard leads to %s", got)
	}
}

// TestKeyboardSaysWhen: a day is chosen among those that are offered.
func TestKeyboardSaysWhen(t *testing.T) {
	t.Parallel()
	withKeys(t, func(s *stage, p *tab, thread string) {
		p.open("/thread/" + thread)
		p.tabTo(`form[action$="/write/holding"] button`)
		p.enter()
		p.tabTo(`input[name="estimate"]`)
		p.keys(kb.ArrowDown)
		p.tabTo(`button[value="check"]`)
		p.enter()
		p.tabTo(`form[action$="/send"] button`)
		p.enter()
		p.arrivedAtSent()
		if by := s.last("XB", thread).GetPayload().GetHoldingReply().GetEstimate().GetBy(); by == nil {
			t.Error("no moment was promised")
		}
	})
}

// TestKeyboardAnswers: Enter in a field sends nothing; the check page comes first.
func TestKeyboardAnswers(t *testing.T) {
	t.Parallel()
	withKeys(t, func(s *stage, p *tab, thread string) {
		p.begins(thread, "answer")
		p.tabTo(`textarea[name="answer[1].text"]`)
		p.keys("It is a modem.")
		p.tabTo(`input[name="outcome"]`)
		p.keys(" ")
		p.tabTo(`input[name="reference"]`)
		p.keys("BIR 7")
		before := s.head("XB")
		p.enter()
		if got := p.path(); !strings.HasSuffix(got, "/check") {
			t.Errorf("Enter in a field leads to %s", got)
		}
		if s.head("XB") != before {
			t.Error("Enter in a field has sent something")
		}
		p.tabTo(`form[action$="/send"] button`)
		p.space()
		p.arrivedAtSent()
		if r := s.last("XB", thread).GetPayload().GetResponse(); len(r.GetAnswers()) != 1 || r.GetAnswers()[0].GetText() != "It is a modem." {
			t.Errorf("sent was %v", r)
		}
	})
}

// TestKeyboardFindsANumber: from the desk to the telephone of Alder.
func TestKeyboardFindsANumber(t *testing.T) {
	t.Parallel()
	withKeys(t, func(_ *stage, p *tab, _ string) {
		p.tabTo(`.menu a[href$="/contacts"]`)
		p.enter()
		p.tabTo(`th a[href$="/contacts/XA"]`)
		p.enter()
		if got := p.text("main"); !strings.Contains(got, "+999") {
			t.Errorf("the page of Alder has no number:\n%s", got)
		}
	})
}

// last is the newest message of a thread.
func (s *stage) last(state ident.State, thread string) *valisev1.MessageView {
	s.t.Helper()
	answer, err := valisev1.NewInquiryServiceClient(s.door(state)).GetThread(s.t.Context(), &valisev1.GetThreadRequest{Thread: thread})
	if err != nil {
		s.t.Fatal(err)
	}
	all := answer.GetMessages()
	return all[len(all)-1]
}

// head is where the record of a State stands: nothing is done at a node without a trace in it.
func (s *stage) head(state ident.State) string {
	s.t.Helper()
	answer, err := valisev1.NewRecordServiceClient(s.door(state)).GetHead(s.t.Context(), &valisev1.GetHeadRequest{})
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.GetRoot()
}
