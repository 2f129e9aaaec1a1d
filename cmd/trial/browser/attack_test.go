//go:build browser

package browser

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"valise.example/api/locale"
)

//go:embed hostile.js
var hostileJS string

// hostile is a page on another port of this machine, which is another site as well by the name foreignHost.
// It may run what it likes, and has a button for each form that it would send.
func hostile(t *testing.T, targets []string) (port string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><html lang="en"><title>Other</title><h1>Other</h1>`)
		for i, to := range targets {
			fmt.Fprintf(w, `<form method="post" action="%s" id="form%d"><input name="act" value="%026d"><input name="from" value="/"><input name="revision" value="1"><button>Send</button></form>`, html.EscapeString(to), i, i)
		}
	}))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

// aim is what is attacked: paths below the desk, whose session is open in the same browser.
type aim struct {
	Page  string   `json:"page"`
	Icon  string   `json:"icon"`
	Style string   `json:"style"`
	Posts []string `json:"posts"`
}

// mark finds on a desk what somebody who knew everything of it would ask for.
func (w *walk) mark() (at aim) {
	w.t.Helper()
	path := func(s string) string { return strings.NewReplacer(w.places...).Replace(s) }
	draft := strings.TrimSuffix(path("{check}"), "/check")
	w.see(sight{name: "sent", path: "{sent}"})
	undo := strings.TrimPrefix(run[string](w.tab, `(() => document.querySelector('form[action*="/undo/"]').action)`), w.base)
	strip := func(sel, name string) string {
		return strings.TrimPrefix(run[string](w.tab, `((sel, name) => document.querySelector(sel)[name])`, sel, name), w.base)
	}
	return aim{
		Page: path("/thread/{thread}"), Icon: strip(`link[rel="icon"]`, "href"), Style: strip(`link[rel="stylesheet"]`, "href"),
		Posts: []string{
			path("/thread/{thread}/acknowledge"), path("/thread/{thread}/write/close"), draft, draft + "/send", draft + "/discard",
			undo, "/language/ru", "/leave",
		},
	}
}

// TestAttackPage: a page of another origin has the officer's browser, in which the desk is open, do all that a
// page can. It reads nothing and changes nothing.
func TestAttackPage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w := newWalk(s, options{script: true, also: []string{foreignHost}})
	at := w.mark()
	if found := w.taken(); len(found) > 0 {
		t.Errorf("the pages of the desk themselves are complained of: %q", found)
	}
	var whole []string
	for _, path := range at.Posts {
		whole = append(whole, w.base+path)
	}
	w.dismiss() // the browser has a complaint of each attack
	port, before := hostile(t, whole), s.head("XB")
	began := len(w.heard())
	for _, host := range []string{"127.0.0.1", foreignHost} {
		from := "http://" + host + ":" + port + "/"
		w.account.at(host + ":" + port)
		w.tryAll(from, at)
		for i, path := range at.Posts {
			w.open(from)
			if status := w.click(fmt.Sprintf("#form%d button", i)); status != http.StatusForbidden {
				t.Errorf("a form of %s to %s is answered %d", host, path, status)
			}
		}
	}
	w.rebind(at)
	w.judge(at.Icon, began, 2*len(at.Posts))
	if s.head("XB") != before {
		t.Error("the record of Birch is another")
	}
	w.still(at)
}

// tryAll runs what a page can do without leaving it.
func (w *walk) tryAll(from string, at aim) {
	w.t.Helper()
	w.open(from)
	paths, err := json.Marshal(at)
	if err != nil {
		w.t.Fatal(err)
	}
	found := act(w.tab, "attack", chromedp.Evaluate[[]string](fmt.Sprintf("(%s)(%q, %s)", hostileJS, w.base, paths), chromedp.EvalAwaitPromise))
	if len(found) < 15 {
		w.t.Errorf("only %d attacks were tried: %q", len(found), found)
	}
	for _, f := range found {
		if name, what, _ := strings.Cut(f, ": "); slices.Contains([]string{"read", "opened", "loaded"}, what) && name != "object" {
			w.t.Errorf("from %s: %s", from, f)
		}
	}
}

// rebind gives the desk another name: the other site points its own at this machine.
func (w *walk) rebind(at aim) {
	w.t.Helper()
	u, err := url.Parse(w.base)
	if err != nil {
		w.t.Fatal(err)
	}
	other := "http://" + foreignHost + ":" + u.Port()
	w.account.at(foreignHost + ":" + u.Port())
	if status := w.open(other + u.Path + "/"); status != http.StatusMisdirectedRequest {
		w.t.Errorf("under another name the desk answers %d", status)
	}
	// The answer itself forbids its page to ask for anything more.
	const fetched = `fetch(%q, {credentials: 'include'}).then((r) => r.text(), () => 'refused')`
	got := act(w.tab, "ask by script", chromedp.Evaluate[string](fmt.Sprintf(fetched, other+u.Path+at.Page), chromedp.EvalAwaitPromise))
	if got != "refused" {
		w.t.Errorf("a script under another name reads %q", got)
	}
}

// judge finds an answer of the desk that gave anything; so many it must have given at the least.
func (w *walk) judge(icon string, began, least int) {
	w.t.Helper()
	u, err := url.Parse(w.base)
	if err != nil {
		w.t.Fatal(err)
	}
	answers := w.heard()[began:]
	n := 0
	for _, a := range answers {
		if to, err := url.Parse(a.address); err != nil || to.Port() != u.Port() {
			continue
		}
		if n++; a.status < 400 && strings.TrimPrefix(a.address, w.base) != icon {
			// The icon of its own last page the browser fetches when it likes; tryAll judges what others get of it.
			w.t.Errorf("%s is answered %d", strings.TrimPrefix(a.address, w.base), a.status)
		}
	}
	if n < least {
		w.t.Errorf("only %d requests came to the desk", n)
	}
}

// still looks whether the desk is as it was: open, in its language, with its draft, its undo and its thread.
func (w *walk) still(at aim) {
	w.t.Helper()
	for _, v := range []sight{{name: "desk", path: "/"}, {name: "check", path: "{check}"}, {name: "sent", path: "{sent}"}} {
		w.see(v)
	}
	if w.count(`form[action*="/undo/"]`) != 1 {
		w.t.Error("what was sent cannot be undone any more")
	}
	w.open(at.Page)
	if w.count(`form[action$="/acknowledge"]`) != 1 {
		w.t.Error("the inquiry was acknowledged")
	}
	if got := run[string](w.tab, `(() => document.documentElement.lang)`); got != locale.English.String() {
		w.t.Errorf("the desk speaks %s", got)
	}
}
