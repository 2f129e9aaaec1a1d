package report_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"valise.example/api/locale"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// parsed is a page as a browser reads it.
func parsed(t testing.TB, page string) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// all elements below a node for which want holds, in order.
func all(n *html.Node, want func(*html.Node) bool) (found []*html.Node) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && want(d) {
			found = append(found, d)
		}
	}
	return found
}

func named(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return n.Data == name }
}

// text is what a person reads of a node.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

var void = []atom.Atom{atom.Meta, atom.Br, atom.Link, atom.Img, atom.Input, atom.Hr}

// unbalanced finds what a browser would have to guess about: elements that are not closed in order, ids that are there
// twice, and links to nothing.
func unbalanced(page string) (wrong []string) {
	var open []string
	ids, links := map[string]bool{}, []string{}
	z := html.NewTokenizer(strings.NewReader(page))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		token := z.Token()
		for _, a := range token.Attr {
			if a.Key == "id" && ids[a.Val] {
				wrong = append(wrong, "two ids "+a.Val)
			}
			if a.Key == "id" {
				ids[a.Val] = true
			}
			if a.Key == "href" {
				links = append(links, strings.TrimPrefix(a.Val, "#"))
			}
			if a.Key == "aria-labelledby" {
				links = append(links, strings.Fields(a.Val)...)
			}
		}
		switch {
		case kind == html.StartTagToken && !slices.Contains(void, token.DataAtom):
			open = append(open, token.Data)
		case kind == html.EndTagToken && (len(open) == 0 || open[len(open)-1] != token.Data):
			return append(wrong, "it closes "+token.Data+" within "+strings.Join(open, " "))
		case kind == html.EndTagToken:
			open = open[:len(open)-1]
		}
	}
	for _, l := range links {
		if !ids[l] {
			wrong = append(wrong, "nothing has the id "+l)
		}
	}
	return append(wrong, open...)
}

// foreign finds what a browser would run or fetch.
func foreign(n *html.Node, page string) (wrong []string) {
	for _, x := range all(n, func(*html.Node) bool { return true }) {
		if slices.Contains([]string{"script", "iframe", "object", "embed", "link", "img", "image", "use", "base", "form", "foreignobject", "animate", "set", "audio", "video"}, strings.ToLower(x.Data)) {
			wrong = append(wrong, "an element "+x.Data)
		}
		for _, a := range x.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on") || slices.Contains([]string{"src", "srcset", "action", "style", "data", "formaction", "ping", "background"}, a.Key):
				wrong = append(wrong, "an attribute "+a.Key)
			case a.Key == "href" && !strings.HasPrefix(a.Val, "#"):
				wrong = append(wrong, "a link to "+a.Val)
			}
		}
	}
	if found := regexp.MustCompile(`(?i)url\s*\(|@import|expression\(`).FindString(page); found != "" {
		wrong = append(wrong, found)
	}
	return wrong
}

// TestThePageNeedsNothingElse, in every language, for control and for a State.
func TestThePageNeedsNothingElse(t *testing.T) {
	for _, l := range locale.Languages() {
		for _, reader := range []ident.State{"", "XB"} {
			page := written(t, smallReport(t, l, reader))["report.html"]
			if wrong := append(unbalanced(page), foreign(parsed(t, page), page)...); len(wrong) > 0 {
				t.Errorf("%s, for %q: %v", l, reader, wrong)
			}
			if !strings.Contains(page, "default-src 'none'") {
				t.Errorf("%s: the page may fetch", l)
			}
		}
	}
	for _, seeded := range []string{
		"<p><b></p></b>", "<p>", "</p>", `<p id="a"></p><p id="a"></p>`, `<a href="#x"></a>`, `<svg aria-labelledby="x"></svg>`,
	} {
		if len(unbalanced(seeded)) == 0 {
			t.Errorf("nothing is wrong with %s", seeded)
		}
	}
	for _, seeded := range []string{
		"<script></script>", `<p onclick="x"></p>`, `<img>`, `<a href="https://example.org"></a>`, `<p style="x"></p>`, "<style>a{b:url(x)}</style>", "<svg><use/></svg>",
	} {
		if len(foreign(parsed(t, seeded), seeded)) == 0 {
			t.Errorf("nothing is wrong with %s", seeded)
		}
	}
}

// TestEveryLanguage: each text comes filled, in the direction of its language, with Western digits; the mark is in the
// language and in English at both ends.
func TestEveryLanguage(t *testing.T) {
	for _, l := range locale.Languages() {
		page := written(t, smallReport(t, l, ""))["report.html"]
		n := parsed(t, page)
		root := all(n, named("html"))[0]
		if attribute(root, "lang") != l.String() || attribute(root, "dir") != l.Direction().String() {
			t.Errorf("%s: lang %q dir %q", l, attribute(root, "lang"), attribute(root, "dir"))
		}
		marks := all(n, func(n *html.Node) bool { return strings.HasPrefix(attribute(n, "class"), "mark ") })
		for _, m := range marks {
			if own := locale.Of(l).Report().Head.Mark.String(); !strings.Contains(text(m), own) || !strings.Contains(text(m), "EXERCISE") || !strings.Contains(text(m), "small-ward") {
				t.Errorf("%s: the mark is %q", l, text(m))
			}
		}
		if len(marks) != 2 {
			t.Errorf("%s: %d marks", l, len(marks))
		}
		body := text(all(n, named("body"))[0])
		if found := regexp.MustCompile(`\{[a-z]*\}|\x{fffd}|[٠-٩۰-۹０-９]`).FindString(body); found != "" {
			t.Errorf("%s: %q stands in the page", l, found)
		}
		for _, svg := range all(n, named("svg")) {
			if len(all(svg, named("desc"))) != 1 || text(all(svg, named("title"))[0]) == "" {
				t.Errorf("%s: a drawing without title or description", l)
			}
		}
		if l != locale.English && strings.Count(body, "acknowledgement")+strings.Count(body, "inquiry") > 0 {
			t.Errorf("%s: a text is in English", l)
		}
	}
}

// TestBlackAndWhite: all colours are grey, and what a sign means stands in words too.
func TestBlackAndWhite(t *testing.T) {
	page := written(t, smallReport(t, locale.English, ""))["report.html"]
	if found := coloured(page); len(found) > 0 {
		t.Errorf("colours: %v", found)
	}
	if len(coloured("<style>a{color:#f00;fill:#112233;stroke:rgb(1,2,3);background:red}</style>")) != 4 {
		t.Error("a colour is not seen")
	}
	n := parsed(t, page)
	classes := map[string]map[string]bool{}
	for _, mark := range all(n, func(n *html.Node) bool { return attribute(n, "data-sign") != "" }) {
		sign := attribute(mark, "data-sign")
		if classes[sign] == nil {
			classes[sign] = map[string]bool{}
		}
		classes[sign][mark.Data] = true
		if len(all(mark, named("title"))) != 1 || text(mark) == "" {
			t.Errorf("a sign %s says nothing", sign)
		}
	}
	for _, sign := range []string{"sent", "acknowledged", "holding", "answered", "due", "time", "acted", "injected", "control", "result"} {
		if len(classes[sign]) == 0 {
			t.Errorf("no sign %s is drawn", sign)
		}
	}
}

// coloured finds what is neither black, white nor grey.
func coloured(page string) (found []string) {
	style := regexp.MustCompile(`(?s)<style>.*?</style>`).FindString(page)
	for _, m := range regexp.MustCompile(`(?i)#([0-9a-f]{6}|[0-9a-f]{3})\b|rgba?\(|hsl|\b(?:red|green|blue|orange|yellow|purple|navy|teal|maroon)\b`).FindAllStringSubmatch(style, -1) {
		digits := m[1]
		if len(digits) == 6 && digits[0:2] == digits[2:4] && digits[2:4] == digits[4:6] || len(digits) == 3 && digits[0] == digits[1] && digits[1] == digits[2] {
			continue
		}
		found = append(found, m[0])
	}
	return found
}

// TestTextsAreText: what a scenario or a recording says is shown, and never obeyed: as markup, as a formula, as a link or
// as what turns the text around it.
func TestTextsAreText(t *testing.T) {
	for _, evil := range []string{
		"<script>alert(1)</script>", `"><svg onload=alert(1)>`, "</title></desc></svg><img src=x>", "javascript:alert(1)", "=HYPERLINK(\"x\")", "\u202eturned\u2066", "\x1b[2J\x00",
		"| a | b |\n# heading\n[link](https://evil.example)", "`code` *bold* <b>", strings.Repeat("W", 3000), "{{.Title}} {state}", "]]><!--", "\ufeff@SUM(1)",
	} {
		s, lines := small(), smallLines()
		s.ID, lines[0].Scenario = "x"+evil, "x"+evil
		s.Title, s.Participants[0].Name, s.Participants[0].Part = words(evil), evil, words(evil)
		s.Injects[0].ID, s.Injects[0].As, s.Injects[0].Text, s.Injects[0].How = evil, words(evil), words(evil), scenario.How(evil)
		s.Expectations[0].ID, s.Expectations[5].Judge, s.Objectives[0].Text, s.Objectives[0].From = evil, words(evil), words(evil), evil
		s.HotWash = []scenario.Texts{words(evil)}
		for i := range lines {
			l := &lines[i]
			if l.Inject == "I01" {
				l.Inject = evil
			}
			if l.Expectation == "E01" {
				l.Expectation = evil
			}
			if l.Text != "" {
				l.Text = evil
			}
			if l.Thread == "XB/technical-1" {
				l.Thread = evil
			}
			if l.Does == scenario.CallLogged {
				l.Does, l.Seat = scenario.Act(evil), evil
			}
		}
		lines[5].Do = play.Command(evil)
		for _, l := range []locale.Language{locale.English, locale.Arabic} {
			harmlessFiles(t, evil, written(t, made(t, s, lines, l, "")))
		}
	}
}

func harmlessFiles(t *testing.T, evil string, files map[string]string) {
	t.Helper()
	page := files["report.html"]
	if wrong := append(unbalanced(page), foreign(parsed(t, page), "")...); len(wrong) > 0 {
		t.Errorf("%.40q: %v", evil, wrong)
	}
	for name, text := range files {
		if strings.ContainsAny(text, "\u202e\x1b\x00\ufeff") {
			t.Errorf("%.40q steers in %s", evil, name)
		}
	}
	if found := regexp.MustCompile(`(?m)^#+ heading|[^\\]\[link\]|[^\\]<(?:script|img|svg|b)\b`).FindString("\n" + files["report.md"]); found != "" {
		t.Errorf("%.40q is markup in report.md: %q", evil, found)
	}
	for _, name := range []string{"expectations.csv", "messages.csv", "msel.csv"} {
		for _, cells := range table(t, files[name]) {
			for _, c := range cells {
				if strings.TrimLeft(c, " \u2066\ufffd\"") != "" && strings.ContainsAny(strings.TrimLeft(c, " \u2066\ufffd\"")[:1], "=+-@|%") {
					t.Errorf("%s has a cell %.40q", name, c)
				}
			}
		}
	}
}
