//go:build browser

package browser

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patience is how long one act of a tab may take on a busy machine; it judges nothing.
const patience = 60 * time.Second

// options say what kind of person looks at the page, with what.
type options struct {
	base          string   // "http://127.0.0.1:1234", of which paths are part
	language      string   // what the browser asks for, "ar"; empty is "en"
	script        bool     // off by default
	width, height int64    // of the window, in pixels; 0 is 1280 and 900
	zoom          int64    // 4 is 400 %; 0 is 1
	forcedColors  bool     // the colours of the person's own system
	reducedMotion bool     // no movement
	dark          bool     // a dark scheme
	also          []string // hosts that a page may ask beside that of base, "rebind.example:1234"
}

// tab is one page in a browser profile of its own.
type tab struct {
	t   *testing.T
	ctx context.Context
	options
	account
	zoomed int64 // by how much the page is enlarged now
}

// newTab opens an empty page. When the test ends, what the tab has noticed fails it.
func newTab(t *testing.T, o options) *tab {
	t.Helper()
	p := &tab{t: t, options: o.filled()}
	p.home = slices.Clone(o.also)
	p.settle(o.base)
	ctx, end := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.note))
	p.ctx = ctx
	t.Cleanup(func() {
		for _, f := range append(p.taken(), p.windows()...) {
			t.Errorf("%s: %s", p.base, f)
		}
		end()
	})
	// The first call holds the tab's life and has no limit of time.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	p.equip()
	return p
}

// settle says where the tab is at home: the host that it may ask, and where its paths begin.
func (p *tab) settle(base string) {
	if u, err := url.Parse(base); err == nil && u.Host != "" {
		p.base = strings.TrimSuffix(base, "/")
		p.account.at(u.Host)
	}
}

// enterBy follows a link to a desk and is at home there.
func (p *tab) enterBy(link string) {
	p.t.Helper()
	p.settle(link)
	if status := p.open(link); status != http.StatusOK {
		p.t.Fatalf("the link is answered with %d", status)
	}
	p.settle(run[string](p, `(() => location.href)`))
}

func (o options) filled() options {
	if o.language == "" {
		o.language = "en"
	}
	if o.width == 0 {
		o.width, o.height = 1280, 900
	}
	if o.height == 0 {
		o.height = 900
	}
	if o.zoom == 0 {
		o.zoom = 1
	}
	return o
}

// equip makes the browser that of the person who looks.
func (p *tab) equip() {
	p.t.Helper()
	version, err := chromedp.CallBrowser(p.ctx, browser.GetVersion, cdp.Empty{})
	if err != nil {
		p.t.Fatal(err)
	}
	media := emulation.SetEmulatedMediaParams{}
	feature := func(on bool, name, value string) {
		if on {
			media.Features = append(media.Features, &emulation.MediaFeature{Name: name, Value: value})
		}
	}
	feature(p.forcedColors, "forced-colors", "active")
	feature(p.reducedMotion, "prefers-reduced-motion", "reduce")
	feature(p.dark, "prefers-color-scheme", "dark")
	call(p, emulation.SetEmulatedMedia, media)
	call(p, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: version.UserAgent, AcceptLanguage: p.language})
	call(p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	p.enlarge(p.zoom)
	p.setScript(p.script)
	call(p, audits.Enable, cdp.Empty{})
}

// enlarge makes everything so many times as large, as a person does with Ctrl and +.
func (p *tab) enlarge(zoom int64) {
	p.t.Helper()
	p.window(zoom, p.height/zoom)
}

// window is so high, in the page's own pixels.
func (p *tab) window(zoom, high int64) {
	p.t.Helper()
	p.zoomed = zoom
	call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: p.width / zoom, Height: high, DeviceScaleFactor: float64(zoom),
	})
}

func (p *tab) setScript(on bool) {
	p.t.Helper()
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
}

// call sends one command of the protocol.
func call[P, R any](p *tab, c cdp.Command[P, R], params P) R {
	p.t.Helper()
	ctx, end := context.WithTimeout(p.ctx, patience)
	defer end()
	r, err := chromedp.Call(ctx, c, params)
	if err != nil {
		p.t.Fatalf("%s: %v", c.Method, err)
	}
	return r
}

// act runs one action; what names it in a failure.
func act[T any](p *tab, what string, a chromedp.Action[T]) T {
	p.t.Helper()
	ctx, end := context.WithTimeout(p.ctx, patience)
	defer end()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		for _, f := range p.taken() {
			p.t.Error(f)
		}
		p.t.Fatalf("%s: %v", what, err)
	}
	return v
}

// open goes to a path of base, or to a whole address, and gives the status of the answer.
func (p *tab) open(path string) int64 {
	p.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = p.base + path
	}
	response := act(p, "open "+path, chromedp.NavigateResponse(path))
	if response == nil {
		p.t.Fatalf("%s: no answer", path)
	}
	return response.Status
}

// click presses what leads to another page, waits for that and gives its status.
func (p *tab) click(sel string) int64 {
	p.t.Helper()
	return p.follow("click "+sel, chromedp.Click(chromedp.CSS(sel)))
}

// press presses what stays on the page: a box, a summary.
func (p *tab) press(sel string) {
	p.t.Helper()
	act(p, "press "+sel, chromedp.Click(chromedp.CSS(sel)))
}

// follow does what leads to another page, waits for that and gives its status.
func (p *tab) follow(what string, step chromedp.Action[chromedp.Void]) int64 {
	p.t.Helper()
	ctx, end := context.WithTimeout(p.ctx, patience)
	defer end()
	response, err := chromedp.RunResponse(ctx, step)
	if err != nil {
		p.t.Fatalf("%s leads nowhere: %v", what, err)
	}
	if response == nil {
		p.t.Fatalf("%s: no answer", what)
	}
	return response.Status
}

// fill writes into a field in the place of what stands there. What chromedp has for emptying one takes no empty
// text area.
func (p *tab) fill(sel, text string) {
	p.t.Helper()
	run[bool](p, `((sel) => { document.querySelector(sel).value = ''; return true })`, sel)
	act(p, "write into "+sel, chromedp.SendKeys(chromedp.CSS(sel), text))
}

// choose takes the option of a list that has the value.
func (p *tab) choose(sel, value string) {
	p.t.Helper()
	act(p, "choose in "+sel, chromedp.SetValue(chromedp.CSS(sel), value))
}

// text is what a person reads at the first element of sel, once it is there.
func (p *tab) text(sel string) string {
	p.t.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if words := run[*string](p, `((sel) => document.querySelector(sel)?.innerText ?? null)`, sel); words != nil {
			return *words
		}
		if time.Since(began) > patience {
			p.t.Fatalf("there is no %s at %s", sel, p.path())
		}
	}
}

// count says how many elements are there now.
func (p *tab) count(sel string) int {
	p.t.Helper()
	return run[int](p, `((sel) => document.querySelectorAll(sel).length)`, sel)
}

// path is where the tab is now, as open takes it.
func (p *tab) path() string {
	p.t.Helper()
	return strings.TrimPrefix(run[string](p, `(() => location.href)`), p.base)
}

// until loads the page again until an element of sel says what is wanted: news of a peer is under way.
func (p *tab) until(path, sel, want string) {
	p.t.Helper()
	const find = `((sel, want) => [...document.querySelectorAll(sel)].some((e) => e.innerText.includes(want)))`
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		p.open(path)
		if run[bool](p, find, sel, want) {
			return
		}
		if time.Since(began) > patience {
			p.t.Fatalf("no %s of %s says %q; the page says:\n%s", sel, path, want, p.text("body"))
		}
	}
}
