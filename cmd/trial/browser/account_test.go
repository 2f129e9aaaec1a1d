//go:build browser

package browser

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// account is what a tab has asked for and what the browser complains of.
type account struct {
	home []string // hosts that may be asked

	mu       sync.Mutex
	requests []string
	answers  []answer
	faults   []string
	over     bool // nothing more is kept
}

// answer is what a request was answered with.
type answer struct {
	address string
	status  int64
}

// at adds a host that may be asked.
func (a *account) at(host string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.home = append(a.home, host)
}

// note hears every event of the page; it must be quick and ask nothing.
func (a *account) note(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		a.request(e.Request.URL)
	case *network.EventResponseReceived:
		a.answered(answer{e.Response.URL, e.Response.Status})
	case *network.EventWebSocketCreated:
		a.request(e.URL)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			a.fault("the browser says: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *audits.EventIssueAdded:
		a.issue(e.Issue)
	case *runtime.EventExceptionThrown:
		a.fault("a script ended with an error: %s", e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			a.fault("a script complains on the console")
		}
	}
}

func (a *account) issue(i *audits.InspectorIssue) {
	if csp := i.Details.ContentSecurityPolicyIssueDetails; csp != nil {
		a.fault("against the content security policy: %s %s", csp.ViolatedDirective, csp.BlockedURL)
		return
	}
	if i.Code == audits.InspectorIssueCodeMixedContentIssue || i.Code == audits.InspectorIssueCodeCookieIssue {
		a.fault("the browser sees an issue: %s", i.Code)
	}
}

// request keeps an address, and finds one that leaves the host.
func (a *account) request(address string) {
	a.mu.Lock()
	a.requests = append(a.requests, address)
	home := a.home
	a.mu.Unlock()
	u, err := url.Parse(address)
	if err == nil && (u.Scheme == "data" || u.Scheme == "blob" || u.Scheme == "about") {
		return
	}
	if err != nil || u.Scheme != "http" && u.Scheme != "ws" || !slices.Contains(home, u.Host) {
		a.fault("a request leaves the host: %s", address)
	}
}

func (a *account) answered(with answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answers = append(a.answers, with)
}

// heard are the answers so far.
func (a *account) heard() []answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.answers)
}

func (a *account) fault(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return
	}
	a.faults = append(a.faults, strings.TrimSpace(fmt.Sprintf(format, args...)))
}

// taken gives what was noticed so far and forgets it: a test that provokes a fault asks for it.
func (a *account) taken() (all []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	all, a.faults = a.faults, nil
	return all
}

// dismiss ends the account: the page was broken on purpose, and all that mattered was taken.
func (a *account) dismiss() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults, a.over = nil, true
}

// asked are the addresses so far.
func (a *account) asked() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.requests)
}

// windows finds pages that were opened beside the tab, where nobody keeps account.
func (p *tab) windows() (faults []string) {
	others, err := p.others()
	if err != nil {
		return []string{"the pages of the browser cannot be listed: " + err.Error()}
	}
	for range others {
		faults = append(faults, "another window was opened")
	}
	return faults
}

// others are the pages of the tab's profile beside the tab.
func (p *tab) others() (all []target.ID, err error) {
	own := chromedp.FromContext(p.ctx)
	targets, err := chromedp.Targets(p.ctx)
	for _, found := range targets {
		if found.Type == "page" && found.BrowserContextID == own.BrowserContextID && found.TargetID != own.Target.TargetID {
			all = append(all, found.TargetID)
		}
	}
	return all, err
}
