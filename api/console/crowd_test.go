package console_test

import (
	"fmt"
	"net"
	"net/http"
	"testing"
)

// TestHalfOpen is 73: a thousand connections that never say what they want, and as many that never end
// their form, leave the officer room.
func TestHalfOpen(t *testing.T) {
	b := served(t)
	cookie, base := b.enter(t)
	for name, begin := range map[string]string{
		"nothing":      "",
		"half a head":  "GET " + base + " HTTP/1.1\r\nHost: ",
		"half a form":  fmt.Sprintf("POST %slanguage/fr HTTP/1.1\r\nHost: %s\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nCookie: %s\r\nContent-Length: 9999\r\n\r\nfrom=", base, b.at, cookie),
		"of strangers": fmt.Sprintf("POST %slanguage/fr HTTP/1.1\r\nHost: %s\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9999\r\n\r\nfrom=", base, b.at),
	} {
		for range 250 {
			conn, err := net.Dial("tcp", b.at.String())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			_, _ = conn.Write([]byte(begin)) // the desk may have hung up
		}
		if got := b.get(t, base, cookie); got != http.StatusOK {
			t.Errorf("%s: the officer is answered %d", name, got)
		}
	}
}

// TestStrangersBody: a form without a session is answered before it has come.
func TestStrangersBody(t *testing.T) {
	b := served(t)
	_, base := b.enter(t)
	answer := b.say(t, "POST "+base+"leave HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99999\r\n\r\nx")
	if answer.StatusCode != http.StatusForbidden || !answer.Close {
		t.Errorf("answered %d, and the connection goes on: %v", answer.StatusCode, !answer.Close)
	}
}
