package console_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"valise.example/api/console"
)

// TestLinkOnce is 71: a link begins one session; who has it later learns nothing, and it stands in no log
// and in no later address.
func TestLinkOnce(t *testing.T) {
	var log bytes.Buffer
	b := served(t, func(c *console.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	link := b.link(t)
	head := b.say(t, "HEAD "+link+" HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
	ahead := b.say(t, "GET "+link+" HTTP/1.1\r\nHost: {host}\r\nSec-Purpose: prefetch\r\n\r\n")
	if head.StatusCode != http.StatusMethodNotAllowed || ahead.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("looking at the link is answered %d and %d", head.StatusCode, ahead.StatusCode)
	}
	first := b.say(t, "GET "+link+" HTTP/1.1\r\nHost: {host}\r\n\r\n")
	if first.StatusCode != http.StatusSeeOther || first.Header.Get("Referrer-Policy") != "same-origin" {
		t.Fatalf("answered %d, policy %q", first.StatusCode, first.Header.Get("Referrer-Policy"))
	}
	token := link[strings.LastIndex(link, "/")+1:]
	if to := first.Header.Get("Location"); strings.Contains(to, token) || !strings.HasPrefix(link, to) {
		t.Errorf("it leads to %s", to)
	}
	if again := b.get(t, link, ""); again != http.StatusForbidden {
		t.Errorf("a second time answers %d", again)
	}
	if strings.Contains(log.String(), token) || !strings.Contains(log.String(), "opened") {
		t.Errorf("the log says %s", log.String())
	}
}

// TestCookie is 72: the cookie is new with each session, and nothing but the browser can read it, send it
// elsewhere or to another program of this machine.
func TestCookie(t *testing.T) {
	b := served(t)
	fixed := "valise=" + strings.Repeat("a", 26)
	answer := b.say(t, "GET "+b.link(t)+" HTTP/1.1\r\nHost: {host}\r\nCookie: "+fixed+"\r\n\r\n")
	base := answer.Header.Get("Location")
	if len(answer.Cookies()) != 1 || !strings.HasSuffix(answer.Header.Get("Set-Cookie"), "; Path="+base+"; HttpOnly; SameSite=Strict") {
		t.Fatalf("the cookie is %q", answer.Header["Set-Cookie"])
	}
	if c := answer.Cookies()[0]; c.Name+"="+c.Value == fixed || b.get(t, base, fixed) != http.StatusForbidden {
		t.Error("a cookie from before is taken")
	}
}

// TestSecondSession is 72: whoever uses a new link ends the session before.
func TestSecondSession(t *testing.T) {
	b := served(t)
	first, base := b.enter(t)
	second, _ := b.enter(t)
	if a, z := b.get(t, base, first), b.get(t, base, second); a != http.StatusForbidden || z != http.StatusOK {
		t.Errorf("the first is answered %d, the second %d", a, z)
	}
}

// TestGuesses is 72: a link that is guessed at ends, and so does one that is old.
func TestGuesses(t *testing.T) {
	b := served(t)
	link := b.link(t)
	wrong := link[:strings.LastIndex(link, "/")+1] + strings.Repeat("a", 26)
	for range 15 {
		b.get(t, wrong, "")
	}
	if got := b.get(t, link, ""); got != http.StatusSeeOther {
		t.Errorf("after 15 guesses the link answers %d", got)
	}
	link = b.link(t)
	for range 16 {
		b.get(t, wrong, "")
	}
	if got := b.get(t, link, ""); got != http.StatusForbidden {
		t.Errorf("after 16 guesses the link answers %d", got)
	}
	link = b.link(t)
	b.past.Add(int64(10 * time.Minute))
	if got := b.get(t, link, ""); got != http.StatusForbidden {
		t.Errorf("after ten minutes the link answers %d", got)
	}
}

// TestSessionsEnd: one without use after the idle time, one that is used after eight hours.
func TestSessionsEnd(t *testing.T) {
	b := served(t)
	cookie, base := b.enter(t)
	after := func(d time.Duration, want int) {
		t.Helper()
		b.past.Add(int64(d))
		if got := b.get(t, base, cookie); got != want {
			t.Errorf("after another %v: %d, want %d", d, got, want)
		}
	}
	after(15*time.Minute-time.Second, http.StatusOK)
	after(15*time.Minute, http.StatusForbidden)
	after(0, http.StatusForbidden)
	cookie, base = b.enter(t)
	for range 47 {
		after(10*time.Minute, http.StatusOK)
	}
	after(10*time.Minute, http.StatusForbidden)
}
