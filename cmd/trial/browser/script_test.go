//go:build browser

package browser

import (
	_ "embed"
	"encoding/json"
	"os"
	"slices"
	"strings"

	"github.com/chromedp/chromedp"
)

//go:embed layout.js
var layoutJS string

//go:embed focus.js
var focusJS string

// run lets the harness ask the page, with a function of JavaScript and its arguments. It works with
// script off and under any content security policy, which bind the page and not the tools.
func run[T any](p *tab, function string, args ...any) T {
	p.t.Helper()
	texts := make([]string, len(args))
	for i, a := range args {
		b, err := json.Marshal(a)
		if err != nil {
			p.t.Fatal(err)
		}
		texts[i] = string(b)
	}
	return act(p, "ask the page", chromedp.Evaluate[T]("("+function+")("+strings.Join(texts, ",")+")"))
}

// axeRules are what axe-core says of WCAG 2.2 at the levels A and AA.
const axeRules = `axe.run(document, {preload: false, resultTypes: [],
	runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}})
	.then((all) => all['viola' + 'tions'].map((v) => v.id + ': ' + v.help + ' ' +
		v.nodes.slice(0, 5).map((n) => n.target.join(' ') + ' ' + n.html.slice(0, 120)).join(' | ')))`

// axe gives what axe-core finds wrong with the page. The page's own scripts have no say: script is on
// for as long as the rules run, when the page is loaded and its handlers are as it left them.
func (p *tab) axe() []string {
	p.t.Helper()
	source, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		p.t.Fatalf("axe-core is missing: run `npm ci` in cmd/trial/browser, as make browser does: %v", err)
	}
	if !p.script {
		p.setScript(true)
		defer p.setScript(false)
	}
	act(p, "load axe-core", chromedp.Evaluate[chromedp.Void](string(source)))
	return act(p, "run axe-core", chromedp.Evaluate[[]string](axeRules, chromedp.EvalAwaitPromise))
}

// noSidewaysScroll gives what makes the page wider than the window. WCAG 2.2 1.4.10 asks for none at
// 320 pixels, which is 400 % of 1280.
func (p *tab) noSidewaysScroll() []string {
	p.t.Helper()
	return run[[]string](p, "("+layoutJS+").sideways")
}

// clipped gives text that is cut or stands out of its box, and controls that lie over one another.
func (p *tab) clipped() []string {
	p.t.Helper()
	return run[[]string](p, "("+layoutJS+").clipped")
}

// check holds a page against everything that every page must keep, and keeps its picture under name. It
// looks at 400 % too, where a window of 1280 pixels has 320.
func (p *tab) check(name string) {
	p.t.Helper()
	p.shot(name)
	p.complain(name, p.axe(), p.noSidewaysScroll(), p.clipped())
	if p.zoom == 1 && p.width == 1280 {
		p.enlarge(4)
		p.shot(name + "-400")
		p.complain(name+" at 400 %", p.noSidewaysScroll(), p.clipped())
		p.enlarge(1)
	}
}

func (p *tab) complain(name string, all ...[]string) {
	p.t.Helper()
	for _, f := range slices.Concat(all...) {
		p.t.Errorf("%s: %s", name, f)
	}
}
