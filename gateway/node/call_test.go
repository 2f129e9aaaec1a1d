package node

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"valise.example/api/locale"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Texts of a call as they leave the node.
const (
	attentionText   = "Valise: something needs your attention. Go to the desk."
	quietText       = "Valise: all is quiet. Nothing needs you."
	russianText     = "Valise: требуется ваше внимание. Пройдите к рабочему месту."
	labRealmOfCalls = "exercise:lab-00112233445566778899aabbccddeeff"
)

const webhookSecret = "a secret of the watch room"

func testCaller(t *testing.T) caller {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"hook": webhookSecret + "\n", "short": "short\n", "open": webhookSecret} {
		mode := os.FileMode(0o600)
		if name == "open" {
			mode = 0o640
		}
		if err := os.WriteFile(filepath.Join(dir, "keys", name+".secret"), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	return caller{dir: dir, now: func() time.Time { return time.Unix(1_780_000_000, 0) }}
}

func testNotice(t *testing.T) notice {
	t.Helper()
	n, err := newNotice("exercise:lab-00112233445566778899aabbccddeeff", valisev1.AttentionStep_ATTENTION_STEP_FIRST, strings.NewReader("01234"))
	if err != nil {
		t.Fatal(err)
	}
	return n.in(locale.English)
}

// In each language there are four texts, two of them for exercises, and none says more than that.
func TestNoticesSayNothing(t *testing.T) {
	for _, c := range []struct {
		realm ident.Realm
		step  valisev1.AttentionStep
		in    locale.Language
		want  notice
	}{
		{ident.Operational, 1, locale.English, notice{"attention", "operational", attentionText, "gaytemzu"}},
		{ident.Operational, 3, locale.English, notice{"attention", "operational", attentionText, "gaytemzu"}},
		{ident.Operational, 4, locale.English, notice{"all_quiet", "operational", quietText, "gaytemzu"}},
		{labRealmOfCalls, 2, locale.English, notice{"attention", "exercise", "EXERCISE " + attentionText, "gaytemzu"}},
		{labRealmOfCalls, 4, locale.English, notice{"all_quiet", "exercise", "EXERCISE " + quietText, "gaytemzu"}},
		{ident.Operational, 1, locale.Russian, notice{"attention", "operational", russianText, "gaytemzu"}},
		{labRealmOfCalls, 2, locale.Russian, notice{"attention", "exercise", "УЧЕНИЯ / EXERCISE — " + russianText, "gaytemzu"}},
	} {
		n, err := newNotice(c.realm, c.step, strings.NewReader("01234"))
		if got := n.in(c.in); err != nil || got != c.want {
			t.Errorf("%v in %s: %+v, %v, want %+v", c.step, c.realm, got, err, c.want)
		}
	}
}

// A webhook is signed over its time and its whole body, and is taken with any 2xx.
func TestWebhook(t *testing.T) {
	c, n := testCaller(t), testNotice(t)
	var body, at, signature string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		body, at, signature = string(b), r.Header.Get("Valise-Time"), r.Header.Get("Valise-Signature")
		w.WriteHeader(http.StatusAccepted)
	}))
	defer server.Close()
	if err := c.webhook(t.Context(), Person{Webhook: server.URL, Secret: "keys/hook.secret"}, n); err != nil {
		t.Fatal(err)
	}
	if want := `{"event":"attention","realm":"exercise","text":"EXERCISE ` + attentionText + `","ref":"gaytemzu"}`; body != want || at != "1780000000" {
		t.Errorf("at %s came %s, want %s", at, body, want)
	}
	mac := hmac.New(sha256.New, []byte(webhookSecret))
	mac.Write([]byte("1780000000." + body))
	if want := hex.EncodeToString(mac.Sum(nil)); signature != want {
		t.Errorf("signed %s, want %s", signature, want)
	}
}

// Over TLS it is taken where the certificate is believed.
func TestWebhookOverTLS(t *testing.T) {
	c, n := testCaller(t), testNotice(t)
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	c.roots = x509.NewCertPool()
	c.roots.AddCert(server.Certificate())
	if err := c.webhook(t.Context(), Person{Webhook: server.URL, Secret: "keys/hook.secret"}, n); err != nil {
		t.Error(err)
	}
}

// What another server answers changes nothing else, and no reason names it.
func TestWebhooksThatAreNotTaken(t *testing.T) {
	c, n := testCaller(t), testNotice(t)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		case "/head":
			w.Header().Set("X", strings.Repeat("x", 1<<20))
		case "/silent":
			<-done
		case "/endless":
			w.WriteHeader(http.StatusOK)
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}
	}))
	defer server.Close()
	defer close(done)
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	defer untrusted.Close()
	for _, x := range []struct{ name, url, secret, want string }{
		{"moved", server.URL + "/moved", "hook", "the other end answered 307"},
		{"broken", server.URL + "/broken", "hook", "the other end answered 500"},
		{"an endless head", server.URL + "/head", "hook", "the other end was not reached"},
		{"silent", server.URL + "/silent", "hook", "the other end did not answer in time"},
		{"an endless answer", server.URL + "/endless", "hook", ""},
		{"nobody there", "http://127.0.0.1:1/", "hook", "the other end was not reached"},
		{"a certificate of nobody", untrusted.URL, "hook", "the other end was not reached"},
		{"no secret", server.URL, "none", "its secret is not there"},
		{"a short secret", server.URL, "short", "its secret has fewer than 16 characters"},
		{"a secret that others read", server.URL, "open", "its secret is open to others"},
	} {
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
		err := c.webhook(ctx, Person{Webhook: x.url, Secret: "keys/" + x.secret + ".secret"}, n)
		stop()
		if got := fmt.Sprint(err); got != x.want && (err != nil || x.want != "") {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
}

// A command has no shell, a fixed environment, and its end within its time together with all that it
// started.
func TestCommand(t *testing.T) {
	n, dir := testNotice(t), t.TempDir()
	t.Setenv("VALISE_CANARY", "leaks")
	out := filepath.Join(dir, "out")
	run := func(script string, args ...string) error {
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
		defer stop()
		return runCommand(ctx, append([]string{"/bin/sh", "-c", script, "sh"}, args...), n)
	}
	if err := run(`{ env | grep -v '^_=\|^PWD='; echo "$1"; cat; } > "$2"`, "$(id) ; `id`", out); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	got := string(b)
	for _, want := range []string{"VALISE_TEXT=" + n.text + "\n", "VALISE_EVENT=attention\n", "VALISE_REALM=exercise\n", "VALISE_REF=gaytemzu\n", "$(id) ; `id`\n", n.text + "\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("it read %q, which has no %q", got, want)
		}
	}
	if strings.Contains(got, "leaks") || strings.Contains(got, "HOME=") {
		t.Errorf("the environment of the node came along: %q", got)
	}
	for script, want := range map[string]string{
		"exit 3":           "the command ended with 3",
		"kill -9 $$":       "the command could not be run",
		"sleep 600":        "the command did not end in time",
		"sleep 600 & wait": "the command did not end in time",
	} {
		if err := run(script); fmt.Sprint(err) != want {
			t.Errorf("%s: %v, want %s", script, err, want)
		}
	}
	if err := runCommand(t.Context(), []string{filepath.Join(dir, "none")}, n); fmt.Sprint(err) != "the command could not be run" {
		t.Error(err)
	}
	// What a command leaves behind ends with it, and does not hold the call up.
	pid := filepath.Join(dir, "pid")
	if err := run(`sleep 600 & echo $! > "$1"`, pid); err != nil {
		t.Error(err)
	}
	b, err = os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if state, err := os.ReadFile(filepath.Join("/proc", strings.TrimSpace(string(b)), "stat")); err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("what a command left behind still runs")
}

// mailServer is a server on this machine that keeps what it is told.
type mailServer struct {
	addr string
	tls  *tls.Config // nil: it offers none
	work sync.WaitGroup

	mu   sync.Mutex
	said []string
}

func newMailServer(t *testing.T, hello, rcpt string, own *tls.Config) *mailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &mailServer{addr: l.Addr().String(), tls: own}
	s.work.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.serve(conn, hello, rcpt)
		}
	})
	t.Cleanup(func() { _ = l.Close(); s.work.Wait() })
	return s
}

func (s *mailServer) serve(conn net.Conn, hello, rcpt string) {
	defer func() { conn.Close() }()
	fmt.Fprint(conn, hello)
	lines := bufio.NewScanner(conn)
	inData := false
	for lines.Scan() {
		line := lines.Text()
		s.mu.Lock()
		s.said = append(s.said, line)
		s.mu.Unlock()
		switch {
		case inData && line != ".":
		case inData:
			inData = false
			fmt.Fprint(conn, "250 taken\r\n")
		case line == "STARTTLS":
			fmt.Fprint(conn, "220 go on\r\n")
			conn = tls.Server(conn, s.tls)
			lines = bufio.NewScanner(conn)
		case strings.HasPrefix(line, "EHLO") && s.tls != nil:
			fmt.Fprint(conn, "250-mail.example\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n")
		case strings.HasPrefix(line, "EHLO"):
			fmt.Fprint(conn, "250-mail.example\r\n250 AUTH PLAIN\r\n")
		case strings.HasPrefix(line, "AUTH"):
			fmt.Fprint(conn, "235 come in\r\n")
		case strings.HasPrefix(line, "RCPT"):
			fmt.Fprint(conn, rcpt)
		case line == "DATA":
			inData = true
			fmt.Fprint(conn, "354 go on\r\n")
		default:
			fmt.Fprint(conn, "250 ok\r\n")
		}
	}
}

func (s *mailServer) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.said, "\n")
}

// A mail has the fixed text and nothing else of ours; the password reaches no log and no reason.
func TestEmail(t *testing.T) {
	c, n := testCaller(t), testNotice(t)
	server := newMailServer(t, "220 mail.example\r\n", "250 ok\r\n", nil)
	c.smtp = MailServer{Server: server.addr, From: "valise@cert.example", User: "valise", Password: "keys/hook.secret"}
	if err := c.email(t.Context(), "desk@cert.example", n); err != nil {
		t.Fatal(err)
	}
	got := server.text()
	for _, want := range []string{"EHLO localhost\n", "AUTH PLAIN ", "MAIL FROM:<valise@cert.example>", "RCPT TO:<desk@cert.example>", "Subject: " + n.text + "\n", "\n\n" + n.text + "\n.\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// A mail in another language than English is the same text once it is decoded, and every line of it is
// ASCII and short enough for any server.
func TestEmailInArabic(t *testing.T) {
	c, n := testCaller(t), testNotice(t).in(locale.Arabic)
	c.smtp = MailServer{From: "valise@cert.example"}
	text := c.mail("desk@cert.example", n)
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > mostInLine || strings.ContainsFunc(line, func(r rune) bool { return r > '~' }) {
			t.Errorf("a line is %q", line)
		}
	}
	m, err := netmail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != n.text {
		t.Errorf("the subject is %q, %v, want %q", subject, err, n.text)
	}
	body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, m.Body))
	if err != nil || string(body) != n.text || m.Header.Get("Content-Type") != "text/plain; charset=utf-8" || m.Header.Get("Content-Transfer-Encoding") != "base64" {
		t.Errorf("the body is %q, %v, %v", body, err, m.Header)
	}
}

// Where TLS is offered nothing but the greeting is said before it, and nothing at all to a server whose
// certificate is not believed.
func TestEmailOverTLS(t *testing.T) {
	issuer := httptest.NewTLSServer(http.NotFoundHandler())
	defer issuer.Close()
	c, n := testCaller(t), testNotice(t)
	for _, believed := range []bool{true, false} {
		server := newMailServer(t, "220 mail.example\r\n", "250 ok\r\n", &tls.Config{Certificates: issuer.TLS.Certificates})
		c.smtp = MailServer{Server: server.addr, From: "valise@cert.example", User: "valise", Password: "keys/hook.secret"}
		if c.roots = x509.NewCertPool(); believed {
			c.roots.AddCert(issuer.Certificate())
		}
		err := c.email(t.Context(), "desk@cert.example", n)
		got := server.text()
		if believed && (err != nil || !strings.HasPrefix(got, "EHLO localhost\nSTARTTLS\nEHLO localhost\nAUTH PLAIN ")) {
			t.Errorf("%v, and it said\n%s", err, got)
		}
		if !believed && (fmt.Sprint(err) != "the mail server gave no TLS that can be trusted" || strings.Contains(got, "AUTH") || strings.Contains(got, "MAIL")) {
			t.Errorf("%v, and it said\n%s", err, got)
		}
	}
}

func TestEmailsThatAreNotTaken(t *testing.T) {
	c, n := testCaller(t), testNotice(t)
	refusing := newMailServer(t, "220 mail.example\r\n", "550 no desk@cert.example here\r\n", nil)
	flooding := newMailServer(t, strings.Repeat("220-"+strings.Repeat("x", 1000)+"\r\n", 2000), "", nil)
	silent := newMailServer(t, "", "", nil)
	for _, x := range []struct{ name, server, want string }{
		{"refused", refusing.addr, "the mail server answered 550"},
		{"an endless greeting", flooding.addr, "the other end was not reached"},
		{"silent", silent.addr, "the other end did not answer in time"},
		{"nobody there", "127.0.0.1:1", "the other end was not reached"},
		// By its name it is not this machine: without TLS nothing is said to it.
		{"no TLS", strings.Replace(refusing.addr, "127.0.0.1", "localhost", 1), "the mail server offers no TLS"},
	} {
		c.smtp = MailServer{Server: x.server, From: "valise@cert.example"}
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
		err := c.email(ctx, "desk@cert.example", n)
		stop()
		if fmt.Sprint(err) != x.want {
			t.Errorf("%s: %v, want %s", x.name, err, x.want)
		}
	}
}

// A way that fails is tried again and then given up.
func TestWaysAreTriedAgain(t *testing.T) {
	tries := 0
	w := way{"webhook", func(context.Context, caller, notice) error {
		if tries++; tries == 2 {
			return nil
		}
		return io.ErrUnexpectedEOF
	}}
	if err := tryWay(t.Context(), w, caller{}, notice{}); err != nil || tries != 2 {
		t.Errorf("after %d tries: %v", tries, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	tries = 2
	if err := tryWay(ctx, w, caller{}, notice{}); err == nil || tries != 3 {
		t.Errorf("a node that ends waits for a call: %d tries, %v", tries-2, err)
	}
}
