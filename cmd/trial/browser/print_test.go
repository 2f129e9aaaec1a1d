//go:build browser

package browser

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/chromedp/chromedp"

	"valise.example/api/console"
	"valise.example/api/locale"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// papers are the two sizes of paper that offices of the world use.
var papers = map[string]chromedp.PaperSize{"a4": chromedp.PaperA4, "letter": chromedp.PaperLetter}

// rowOnPaper is a row of digits as it is printed. docs/protocol.md §9.6
var rowOnPaper = regexp.MustCompile(`(?:[0-9A-F]{4} ){4}[0-9A-F]{4}`)

// digits are the digests on some sheets, row by row in order.
func digits(sheets []sheet) (rows []string) {
	for _, s := range sheets {
		rows = append(rows, rowOnPaper.FindAllString(s.text, -1)...)
	}
	return rows
}

// bare is a text without blanks and without what turns it: a program that reads a sheet puts in its own.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
}

// TestPrintedPage prints a thread of several sheets in each language on both papers: each sheet says how it
// is handled at its top and at its foot, that it is an exercise, whose it is and which of how many it is,
// nothing is cut, and the digest that a person reads on the last one is known to the record.
func TestPrintedPage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	thread := s.inquire("XA", "XB/diplomatic", title)
	s.more("XA", thread)
	p := s.desk("XB", options{}, func(c *console.Config) { c.Zone = time.FixedZone("", 3*60*60) })
	p.until("/thread/"+thread, "main", "END-2")
	var last []string
	for _, language := range locale.Languages() {
		p.open("/")
		p.click(`.tongues button[lang="` + language.String() + `"]`)
		p.open("/thread/" + thread + "/print")
		for name, paper := range papers {
			sheets := p.pdf("print/"+name+"-"+language.String(), paper)
			judgeSheets(t, sheets, name, language)
			rows := digits(sheets)
			if len(rows) != 3*4+5 {
				t.Fatalf("%s on %s has %d rows of digits: %q", language, name, len(rows), rows)
			}
			last = rows[3*4:]
			s.knows("XB", strings.Join(last, " "), thread)
		}
	}
	p.open("/record/paper")
	act(p, "type the digest", chromedp.SendKeys(chromedp.CSS("#digest"), strings.ToLower(strings.Join(last, ""))))
	p.click("main button")
	if got, want := p.text("h1"), locale.Of(locale.Spanish).Page().Paper.Same.String(); got != want {
		t.Errorf("the desk says of the paper %q, want %q", got, want)
	}
	p.check("print/checked-es")
}

// TestPrintedDesk prints the desk's own page of that thread in each language: nothing of it was made for paper, and
// each sheet names the exercise all the same at its very top and its very foot.
func TestPrintedDesk(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	thread := s.inquire("XA", "XB/diplomatic", title)
	s.more("XA", thread)
	p := s.desk("XB", options{})
	p.until("/thread/"+thread, "main", "END-2")
	for _, language := range locale.Languages() {
		p.open("/")
		p.click(`.tongues button[lang="` + language.String() + `"]`)
		p.open("/thread/" + thread)
		sheets := p.pdf("print/desk-"+language.String(), chromedp.PaperA4)
		if len(sheets) < 2 {
			t.Fatalf("%s has %d sheets", language, len(sheets))
		}
		for i, on := range sheets {
			first, _, _ := strings.Cut(strings.TrimSpace(on.text), "\n")
			for end, line := range map[string]string{"top": first, "foot": lastLine(on.text)} {
				for _, want := range []string{"Exercise " + s.lab.Realm.Name(), locale.Of(language).Page().Frame.Exercise.String()} {
					if !strings.Contains(bare(line), bare(want)) {
						t.Errorf("%s: at the %s of sheet %d of %d stands %q, without %q", language, end, i+1, len(sheets), line, want)
					}
				}
			}
		}
	}
}

// lastLine is what stands at the very foot.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// sorted are the letters of a line that runs both ways: poppler gives it in the order of neither.
func sorted(line string) string {
	letters := []rune(bare(line))
	slices.Sort(letters)
	return string(letters)
}

func judgeSheets(t *testing.T, sheets []sheet, paper string, l locale.Language) {
	t.Helper()
	if len(sheets) < 3 {
		t.Fatalf("%s on %s has %d sheets", l, paper, len(sheets))
	}
	texts, all := locale.Of(l).Page(), ""
	for i, on := range sheets {
		text := bare(on.text)
		all += text
		number := strings.NewReplacer("{page}", strconv.Itoa(i+1), "{pages}", strconv.Itoa(len(sheets))).Replace(texts.Paper.PageOf.String())
		for want, times := range map[string]int{
			"TLP:RED": 2, "XA-2031/17": 2, texts.Frame.Exercise.String(): 2, "Exercise": 2,
		} {
			if strings.Count(text, bare(want)) < times {
				t.Errorf("%s on %s: sheet %d of %d does not say %q %d times:\n%s", l, paper, i+1, len(sheets), want, times, on.text)
			}
		}
		if foot := lastLine(on.text); sorted(foot) != sorted(number) {
			t.Errorf("%s on %s: at the foot of sheet %d of %d stands %q", l, paper, i+1, len(sheets), foot)
		}
		if !strings.Contains(strings.ToLower(on.size), paper) {
			t.Errorf("%s: sheet %d is %s and not %s", l, i+1, on.size, paper)
		}
	}
	for _, end := range []string{"END-1", "END-1-EN", "END-2"} {
		if !strings.Contains(all, end) {
			t.Errorf("%s on %s: a text is cut before %s", l, paper, end)
		}
	}
}

// knows asks the record what a digest from a paper stands for, as `valise record verify --digest` does.
func (s *stage) knows(state ident.State, digest, thread string) {
	s.t.Helper()
	r, err := valisev1.NewRecordServiceClient(s.door(state)).CheckPaper(s.t.Context(), &valisev1.CheckPaperRequest{Digest: digest})
	if err != nil || !r.GetMatches() || !r.GetPage() || r.GetThread() != thread {
		s.t.Errorf("the record says of %s: %v, %v", digest, r, err)
	}
}

// more lets a State add to a thread what fills several sheets.
func (s *stage) more(from ident.State, thread string) {
	s.t.Helper()
	for _, m := range []*valisev1.Supplement{
		{
			Preamble: &valisev1.Preamble{Language: "ar", OwnReference: "XA-2031/17", Tlp: valisev1.Tlp_TLP_RED, Translations: []*valisev1.Translation{
				{Language: "en", Text: strings.Repeat("More of it was seen by our operators. ", 60) + "END-1-EN"},
			}},
			Narrative: strings.Repeat("شوهد المزيد منه لدى مشغلينا. ", 60) + "END-1",
		},
		{Preamble: &valisev1.Preamble{Language: "zh"}, Narrative: strings.Repeat("我方运营商看到更多扫描。", 60) + "END-2"},
	} {
		payload := &valisev1.Payload{Payload: &valisev1.Payload_Supplement{Supplement: m}}
		if _, err := valisev1.NewInquiryServiceClient(s.door(from)).Reply(s.t.Context(), &valisev1.ReplyRequest{Thread: thread, Payload: payload}); err != nil {
			s.t.Fatal(err)
		}
	}
}
