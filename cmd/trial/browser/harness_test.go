//go:build browser

package browser

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// whole is a page with nothing wrong.
const whole = `<h1>Alder</h1><p id="p">Nothing waits.</p>
<form method="post" action="/said"><label for="f">Text</label> <input id="f" name="f"> <button id="b" style="min-height:44px">Send</button></form>
<p><a id="l" href="/whole">Again</a></p>`

// broken are pages with one fault each, and what must be said of it.
var broken = []struct{ name, body, want string }{
	{"foreign picture", `<img alt="" src="http://alder.example/x.png">`, "leaves the host: http://alder.example/x.png"},
	{"foreign style sheet", `<link rel="stylesheet" href="http://alder.example/x.css">`, "leaves the host"},
	{"foreign frame", `<iframe title="x" src="http://alder.example/"></iframe>`, "leaves the host"},
	{"style in the text", `<p style="color:red">x</p>`, "content security policy"},
	{"script in the text", `<script>document.title = "x"</script>`, "content security policy"},
	{"a picture that is not there", `<img alt="" src="/nothing.png">`, "404"},
	{"field without a name", `<input id="f">`, "label"},
	{"text as pale as its page", `<p class="pale">Nothing waits.</p>`, "color-contrast"},
	{"small targets", `<p><button class="tiny"></button><button class="tiny"></button></p>`, "target-size"},
	{"page without a language", `<script id="lang"></script>`, "html-has-lang"},
	{"wide table", `<div class="wide">x</div>`, "wide in a window"},
	{"text that is cut", `<div class="cut">Reported activity from an address in Birch, and much more that nobody can read</div>`, "text is cut"},
	{"text that stands out", `<div class="out">Reported-activity-from-an-address</div>`, "stands out"},
	{"button that is cut", `<button class="cut">Acknowledge receipt of everything</button>`, "text is cut"},
	{"buttons over one another", `<button>Acknowledge</button><button class="over">Hold</button>`, "lies over another"},
	{"text over a button", `<button>Acknowledge</button><div class="lies">This does not mean agreement</div>`, "text lies over a control"},
	{"hint beside its field", `<p class="field"><label for="f">Whom</label><br><span class="hint">a third as many</span> <input id="f"></p>`, "stands beside it"},
}

const style = `body{font:16px sans-serif;color:#000;background:#fff} .pale{color:#eee} .tiny{width:8px;height:8px;padding:0;border:0;margin:0}
.wide{width:3000px} .cut{width:90px;height:20px;overflow:hidden;white-space:nowrap;padding:0} .out{width:40px} .over{margin-inline-start:-70px;position:relative}
.lies{margin-block-start:-18px} .noring:focus{outline:none} .veil{position:fixed;inset:0;background:#fff}
#ar{font-family:"Noto Sans Arabic"} @page{margin:20mm;@top-center{content:"TLP:CLEAR"} @bottom-center{content:counter(page) " of " counter(pages)}}`

// site serves the pages.
func site(t *testing.T) string {
	pages := http.NewServeMux()
	page := func(w http.ResponseWriter, body, policy string) {
		html := `<html lang="en" dir="ltr">`
		if strings.Contains(body, `id="lang"`) {
			html, body = "<html>", ""
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		fmt.Fprintf(w, `<!doctype html>%s<head><title>Desk</title><link rel="stylesheet" href="/style.css"></head><body><main>%s</main></body></html>`, html, body)
	}
	const strict = "default-src 'none'; style-src 'self'; form-action 'self'"
	pages.HandleFunc("/style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		fmt.Fprint(w, style)
	})
	pages.HandleFunc("/favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	pages.HandleFunc("/whole", func(w http.ResponseWriter, r *http.Request) {
		page(w, strings.ReplaceAll(whole, ` style="min-height:44px"`, "")+`<p id="asked">`+r.Header.Get("Accept-Language")+`</p>`, strict)
	})
	pages.HandleFunc("/said", func(w http.ResponseWriter, r *http.Request) {
		page(w, `<h1>Sent</h1><p id="p">`+r.PostFormValue("f")+`</p>`, strict)
	})
	pages.HandleFunc("/broken/", func(w http.ResponseWriter, r *http.Request) {
		i := slices.IndexFunc(broken, func(b struct{ name, body, want string }) bool { return "/broken/"+b.name == r.URL.Path })
		policy := "style-src 'self'; script-src 'none'"
		page(w, "<h1>Alder</h1>"+broken[i].body, policy)
	})
	pages.HandleFunc("/free", func(w http.ResponseWriter, r *http.Request) {
		page(w, r.URL.Query().Get("body"), "default-src *; script-src 'unsafe-inline'; style-src 'self'")
	})
	server := httptest.NewServer(pages)
	t.Cleanup(server.Close)
	return server.URL
}

// free is the path of a page that says whatever it is given.
func free(body string) string { return "/free?body=" + url.QueryEscape(body) }

func TestWholePageHasNoFault(t *testing.T) {
	t.Parallel()
	p := newTab(t, options{base: site(t), language: "ar", width: 320})
	if status := p.open("/whole"); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	p.check("harness/whole")
	if found := p.focusFaults(); len(found) > 0 {
		t.Errorf("of nothing that has the focus is said %q", found)
	}
	if got := p.text("#asked"); !strings.HasPrefix(got, "ar") {
		t.Errorf("the browser asks for %q", got)
	}
	p.fill("#f", "Alder")
	p.click("#b")
	if got := p.text("#p"); got != "Alder" || p.path() != "/said" {
		t.Errorf("%s says %q", p.path(), got)
	}
	if asked := p.asked(); len(asked) != 4 {
		t.Errorf("it asked for %q", asked)
	}
	b, err := os.ReadFile(p.keep("harness/kept", []byte("x")))
	if err != nil || string(b) != "x" {
		t.Error(err)
	}
}

func TestEachFaultIsFound(t *testing.T) {
	t.Parallel()
	// A page without script would not even try the script that a policy stops.
	p := newTab(t, options{base: site(t), width: 640, script: true})
	for _, b := range broken {
		p.open("/broken/" + b.name)
		found := slices.Concat(p.axe(), p.noSidewaysScroll(), p.clipped(), p.taken())
		if !strings.Contains(strings.Join(found, "\n"), b.want) {
			t.Errorf("%s: %q is not found, but %q", b.name, b.want, found)
		}
	}
}

func TestScriptIsOffUnlessAsked(t *testing.T) {
	t.Parallel()
	base := site(t)
	page := free(`<h1 id="h">off</h1><script>document.getElementById('h').textContent = 'on'; window.open('/whole')</script>`)
	off := newTab(t, options{base: base})
	off.open(page)
	if got := off.text("#h"); got != "off" {
		t.Errorf("script is %s", got)
	}
	off.axe()
	if got := off.text("#h"); got != "off" {
		t.Errorf("while axe-core runs, script is %s", got)
	}
	on := newTab(t, options{base: base, script: true})
	on.open(page)
	if got := on.text("#h"); got != "on" {
		t.Errorf("script is %s", got)
	}
	if found := on.windows(); len(found) != 1 {
		t.Error("a window beside the tab is not noticed")
	}
	closeOthers(on)
}

// closeOthers closes what was opened beside a tab and waits until it is gone: else the account at the tab's
// end tells of it.
func closeOthers(p *tab) {
	p.t.Helper()
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		others, err := p.others()
		if err != nil || time.Since(began) > patience {
			p.t.Fatalf("%d windows stay open: %v", len(others), err)
		}
		if len(others) == 0 {
			return
		}
		for _, id := range others {
			// It may be gone meanwhile, which is what is wanted.
			_, _ = chromedp.CallBrowser(p.ctx, target.CloseTarget, target.CloseTargetParams{TargetID: id})
		}
	}
}

func TestErrorsOfScriptsAreFound(t *testing.T) {
	t.Parallel()
	base := site(t)
	for _, script := range []string{"nothing()", "console.error('x')", "fetch('http://alder.example/')", "new WebSocket('ws://alder.example/')", "document.cookie='a=b;secure;samesite=none';fetch('/nothing')"} {
		p := newTab(t, options{base: base, script: true})
		p.open(free("<script>" + script + "</script>"))
		var found []string
		for began := time.Now(); len(found) == 0 && time.Since(began) < patience; time.Sleep(10 * time.Millisecond) {
			found = p.taken()
		}
		if len(found) == 0 {
			t.Errorf("nothing is said of %s", script)
		}
		p.dismiss()
	}
}

func TestKeyboardAlone(t *testing.T) {
	t.Parallel()
	base := site(t)
	p := newTab(t, options{base: base})
	p.open("/whole")
	p.tabTo("#f")
	p.keys("Birch")
	p.tabTo("#l")
	p.back()
	if !strings.Contains(p.at(), "#b") {
		t.Errorf("before the link stands %s", p.at())
	}
	p.space()
	if got := p.text("#p"); got != "Birch" {
		t.Errorf("it says %q", got)
	}
	p.open("/whole")
	p.tabTo("#l")
	p.enter()
	for body, want := range map[string]string{
		`<button class="noring">Send</button>`:              "does not show",
		`<button>Send</button><div class="veil">veil</div>`: "nobody sees",
	} {
		p.open(free(body))
		p.keys(kb.Tab)
		if found := strings.Join(p.focusFaults(), "\n"); !strings.Contains(found, want) {
			t.Errorf("of %s is said %q, not %q", body, found, want)
		}
	}
}

func TestWhoLooks(t *testing.T) {
	t.Parallel()
	const seen = `(() => [innerWidth, devicePixelRatio, matchMedia('(forced-colors: active)').matches, matchMedia('(prefers-reduced-motion: reduce)').matches, matchMedia('(prefers-color-scheme: dark)').matches].join(' '))`
	base := site(t)
	for _, c := range []struct {
		o    options
		want string
	}{
		{options{}, "1280 1 false false false"},
		{options{zoom: 4}, "320 4 false false false"},
		{options{forcedColors: true, reducedMotion: true, width: 800}, "800 1 true true false"},
		{options{dark: true}, "1280 1 false false true"},
	} {
		c.o.base = base
		p := newTab(t, c.o)
		p.open("/whole")
		if got := run[string](p, seen); got != c.want {
			t.Errorf("%+v is seen as %s, want %s", c.o, got, c.want)
		}
	}
}

func TestPaperAndPictures(t *testing.T) {
	t.Parallel()
	p := newTab(t, options{base: site(t)})
	body := `<h1>Alder</h1><p id="zh" lang="zh">收到</p><p id="ar" lang="ar" dir="rtl">تم الاستلام</p>` + strings.Repeat("<p>Birch said so.</p>", 80)
	p.open(free(body))
	for paper, want := range map[chromedp.PaperSize]string{chromedp.PaperA4: "595.92 x 841.92", chromedp.PaperLetter: "612 x 792"} {
		sheets := p.pdf("harness/paper", paper)
		last := len(sheets) - 1
		if last < 1 || !strings.HasPrefix(sheets[0].size, want) || !strings.Contains(sheets[0].text, "收到") ||
			!strings.Contains(sheets[last].text, fmt.Sprintf("%d of %d", last+1, last+1)) || !strings.Contains(sheets[last].text, "TLP:CLEAR") {
			t.Errorf("printed on %v: %q", want, sheets)
		}
	}
	for sel, want := range map[string]string{"#zh": "CJK", "#ar": "Arabic"} {
		if fonts := p.fonts(sel); !strings.Contains(strings.Join(fonts, ","), want) {
			t.Errorf("%s is drawn in %q", sel, fonts)
		}
	}
	run[bool](p, `(() => { document.documentElement.dir = 'rtl'; return true })`)
	p.shot("harness/paper")
	b, err := os.ReadFile(filepath.Join(filepath.Dir(p.keep("harness/kept", nil)), "paper.png"))
	if err != nil {
		t.Fatal(err)
	}
	if picture, err := png.Decode(bytes.NewReader(b)); err != nil || picture.Bounds().Dx() != 1280 || picture.Bounds().Dy() < 2000 {
		t.Errorf("the picture of the whole page: %v, %v", picture.Bounds(), err)
	}
}

func TestForeignNameReachesUs(t *testing.T) {
	t.Parallel()
	base := site(t)
	_, port, _ := strings.Cut(strings.TrimPrefix(base, "http://"), ":")
	p := newTab(t, options{base: "http://" + foreignHost + ":" + port})
	if status := p.open("/whole"); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
}

func TestBoxesAndLists(t *testing.T) {
	t.Parallel()
	p := newTab(t, options{base: site(t)})
	p.open(free(`<label><input type="checkbox" id="c"> Urgent</label><label>Level <select id="s"><option value="a">a</option><option value="b">b</option></select></label>`))
	if n := p.count("#c:checked"); n != 0 {
		t.Errorf("%d boxes are ticked before", n)
	}
	p.press("#c")
	p.choose("#s", "b")
	if n := p.count("#c:checked, #s option[value=b]:checked"); n != 2 {
		t.Errorf("%d of 2 are chosen", n)
	}
}
