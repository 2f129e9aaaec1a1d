package console_test

import (
	"context"
	"crypto/rand"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"

	"valise.example/api"
	"valise.example/api/console"
	"valise.example/api/locale"
	"valise.example/exercise/lab"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stage is two invented States and a relay in this process, for real.
type stage struct {
	lab   *lab.Lab
	relay func() // ends the relay
}

// part runs until the test ends or it is stopped, and is ready when this returns.
func part(t *testing.T, run func(ctx context.Context, ready func(string)) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- run(ctx, func(string) { close(ready) }) }()
	stopped := false
	stop = func() {
		if cancel(); stopped {
			return
		}
		stopped = true
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	select {
	case <-ready:
	case err := <-ended:
		cancel()
		t.Fatalf("ended before it was ready: %v", err)
	}
	t.Cleanup(stop)
	return stop
}

func newStage(t *testing.T, states ...ident.State) *stage {
	t.Helper()
	l, err := lab.New(lab.Config{Dir: filepath.Join(t.TempDir(), "L"), States: states, Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{lab: l}
	s.startRelay(t)
	for _, state := range states {
		part(t, func(ctx context.Context, ready func(string)) error {
			return l.RunNode(ctx, state, slog.New(slog.DiscardHandler), ready)
		})
	}
	return s
}

func (s *stage) startRelay(t *testing.T) {
	t.Helper()
	s.relay = part(t, func(ctx context.Context, ready func(string)) error {
		return s.lab.RunRelay(ctx, slog.New(slog.DiscardHandler), ready)
	})
}

func (s *stage) dial(t *testing.T, state ident.State) *grpc.ClientConn {
	t.Helper()
	conn, err := api.Dial(t.Context(), filepath.Join(s.lab.Home(state), "valise.sock"), api.DialOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// browser is a person at a desk who has cookies, follows where a page leads, and has no script.
type browser struct {
	t      *testing.T
	client *http.Client
	base   string // ends with "/"
	url    string // of the page that is shown
	page   string
	status int
	header http.Header
	tongue string // what the browser wishes for
	// last made link and the console itself
	desk *console.Console
}

// opened is a desk of a State, entered by its link; with changes the configuration before it is made.
func (s *stage) opened(t *testing.T, state ident.State, tongue string, with ...func(*console.Config)) *browser {
	t.Helper()
	b := s.closed(t, state, tongue, with...)
	b.enter()
	return b
}

func (s *stage) closed(t *testing.T, state ident.State, tongue string, with ...func(*console.Config)) *browser {
	t.Helper()
	return deskOn(t, s.dial(t, state), tongue, with...)
}

// deskOn is a desk at an open door that nobody has entered.
func deskOn(t *testing.T, conn grpc.ClientConnInterface, tongue string, with ...func(*console.Config)) *browser {
	t.Helper()
	cfg := console.Config{Conn: conn, Now: time.Now, Rand: rand.Reader, Language: locale.English}
	for _, change := range with {
		change(&cfg)
	}
	c, err := console.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Serve(ctx, l) }()
	jar, _ := cookiejar.New(nil)
	transport := &http.Transport{}
	b := &browser{t: t, client: &http.Client{Jar: jar, Transport: transport}, tongue: tongue, desk: c}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	b.base = address
	return b
}

// link asks for a new link once the desk is served.
func (b *browser) link() string {
	b.t.Helper()
	for range 200 {
		if link, err := b.desk.Link(); err == nil {
			return link
		}
		time.Sleep(5 * time.Millisecond)
	}
	b.t.Fatal("the desk is never served")
	return ""
}

func (b *browser) enter() {
	b.t.Helper()
	b.get(b.link())
	if b.status != http.StatusOK {
		b.t.Fatalf("entering answers %d: %s", b.status, b.page)
	}
	b.base = b.url
}

func (b *browser) do(r *http.Request) {
	b.t.Helper()
	if b.tongue != "" {
		r.Header.Set("Accept-Language", b.tongue)
	}
	answer, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.url, _, _ = strings.Cut(answer.Request.URL.String(), "#")
	b.page, b.status, b.header = string(page), answer.StatusCode, answer.Header
}

// get follows a path within the desk, or a whole link.
func (b *browser) get(path string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.whole(path), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(r)
}

func (b *browser) whole(path string) string {
	if strings.HasPrefix(path, "http://") {
		return path
	}
	if strings.HasPrefix(path, "/") {
		u, _ := url.Parse(b.base)
		return u.Scheme + "://" + u.Host + path
	}
	return b.base + path
}

// post sends a form as a page of the desk would.
func (b *browser) post(path string, form url.Values) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.whole(path), strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	b.do(r)
}

var (
	formTag  = regexp.MustCompile(`(?s)<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>`)
	inputTag = regexp.MustCompile(`<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"([^>]*)>`)
)

// press finds the form whose action has the given end, and sends it as it stands with more fields.
func (b *browser) press(action string, more ...string) {
	b.t.Helper()
	for _, form := range formTag.FindAllStringSubmatch(b.page, -1) {
		if !strings.HasSuffix(form[1], action) {
			continue
		}
		values := url.Values{}
		for _, in := range inputTag.FindAllStringSubmatch(form[2], -1) {
			if !strings.Contains(in[0], `type="radio"`) && !strings.Contains(in[0], `type="checkbox"`) || strings.Contains(in[3], "checked") {
				values.Add(in[1], html.UnescapeString(in[2]))
			}
		}
		for i := 0; i+1 < len(more); i += 2 {
			values.Set(more[i], more[i+1])
		}
		b.post(form[1], values)
		return
	}
	b.t.Fatalf("no form leads to %q:\n%s", action, b.page)
}

func (b *browser) sees(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if !strings.Contains(b.page, text) {
			b.t.Fatalf("%s (%d) does not say %q:\n%s", b.url, b.status, text, b.page)
		}
	}
}

func (b *browser) seesNot(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if strings.Contains(b.page, text) {
			b.t.Fatalf("%s says %q:\n%s", b.url, text, b.page)
		}
	}
}

// until loads a page again until it says a text.
func (b *browser) until(path, text string) {
	b.t.Helper()
	for range 600 {
		if b.get(path); strings.Contains(b.page, text) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.sees(text)
}

// inquire sends an inquiry from one State to another and gives its thread.
func (s *stage) inquire(t *testing.T, from ident.State, to, title string, with ...func(*valisev1.Inquiry)) string {
	t.Helper()
	inquiry := &valisev1.Inquiry{
		Preamble:   &valisev1.Preamble{Language: "en"},
		Originator: &valisev1.Person{Name: "N. Oduya", Affiliation: "National CERT", Phone: "+999 000 0002"},
		Title:      title,
		Narrative:  "Since 04:10 UTC our energy operators see scans from 192.0.2.10.",
		Questions:  []string{"Is 192.0.2.10 known to you?"},
	}
	for _, change := range with {
		change(inquiry)
	}
	conn := s.dial(t, from)
	answer, err := valisev1.NewInquiryServiceClient(conn).SendInquiry(t.Context(), &valisev1.SendInquiryRequest{To: to, Inquiry: inquiry})
	if err != nil {
		t.Fatal(err)
	}
	return answer.GetSent().GetThread()
}

// shiftedClock is a clock that can be set forward.
type shiftedClock struct{ by atomic.Int64 }

func (c *shiftedClock) now() time.Time { return time.Now().Add(time.Duration(c.by.Load())) }

// eventually asks again until it is so.
func eventually(t *testing.T, so func() bool) {
	t.Helper()
	for range 600 {
		if so() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("it never became so")
}
