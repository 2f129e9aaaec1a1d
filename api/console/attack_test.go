package console_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// attack is one request of somebody who has the officer's cookie and ought to be refused all the same:
// whatever a page of another site can make the officer's browser send.
type attack struct {
	what string // begins with the number of reliability.md section 5
	head string // begins with the request line; empty: that of a form
	more string // fields of the head
	body string
	want int
}

const (
	form    = "POST {base}language/fr HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	untyped = "POST {base}language/fr HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\n"
	home    = "GET {base} HTTP/1.1\r\nHost: {host}\r\n"
	ours    = "Sec-Fetch-Site: same-origin\r\n"
)

var attacks = []attack{
	{"67 a form of another site", "", "Sec-Fetch-Site: cross-site\r\nOrigin: http://other.example\r\n", "", 403},
	{"67 a form of another port of this machine", "", "Sec-Fetch-Site: same-site\r\nOrigin: http://127.0.0.1:1\r\n", "", 403},
	{"67 a form that nobody's page sent", "", "Sec-Fetch-Site: none\r\n", "", 403},
	{"67 no mark at all", "", "", "", 403},
	{"67 an origin that is hidden", "", "Origin: null\r\n", "", 403},
	{"67 an origin that is hidden, and a good mark", "", ours + "Origin: null\r\n", "", 403},
	{"67 a foreign origin, and a good mark", "", ours + "Origin: http://other.example\r\n", "", 403},
	{"67 the origin over TLS", "", ours + "Origin: https://{host}\r\n", "", 403},
	{"67 a good origin, and a bad mark", "", "Sec-Fetch-Site: cross-site\r\nOrigin: http://{host}\r\n", "", 403},
	{"68 a name that was made to lead here", "GET {base} HTTP/1.1\r\nHost: other.example\r\n", "", "", 421},
	{"68 another port", "GET {base} HTTP/1.1\r\nHost: 127.0.0.1:1\r\n", "", "", 421},
	{"68 no port", "GET {base} HTTP/1.1\r\nHost: 127.0.0.1\r\n", "", "", 421},
	{"68 a dot at the end", "GET {base} HTTP/1.1\r\nHost: localhost.:{port}\r\n", "", "", 421},
	{"68 a name before the host", "GET {base} HTTP/1.1\r\nHost: x@{host}\r\n", "", "", 400},
	{"68 an empty host", "GET {base} HTTP/1.1\r\nHost:\r\n", "", "", 421},
	{"68 no host, as before HTTP/1.1", "GET {base} HTTP/1.0\r\n", "", "", 421},
	{"68 two hosts", "GET {base} HTTP/1.1\r\nHost: {host}\r\nHost: other.example\r\n", "", "", 400},
	{"68 a whole address of ours", "GET http://{host}{base} HTTP/1.1\r\nHost: {host}\r\n", "", "", 400},
	{"68 a whole address of another", "GET http://other.example{base} HTTP/1.1\r\nHost: {host}\r\n", "", "", 421},
	{"68 a whole address with a name in it", "GET http://x@{host}{base} HTTP/1.1\r\nHost: {host}\r\n", "", "", 400},
	{"69 in a frame of another site", home, "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n", "", 403},
	{"69 as a script of another port", home, "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: script\r\n", "", 403},
	{"69 asked for by a script of another site", home, "Origin: http://other.example\r\n", "", 403},
	{"74 a head of 64 KiB", home, "X: " + strings.Repeat("x", 64<<10) + "\r\n", "", 431},
	{"74 a head of 10,000 fields", home, strings.Repeat("x: y\r\n", 10_000), "", 431},
	{"74 two lengths", "", ours + "Content-Length: 5\r\nContent-Length: 6\r\n", "from=", 400},
	{"74 a length beside chunks", "", ours + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", 411},
	{"74 chunks", "", ours + "Transfer-Encoding: chunked\r\n", "0\r\n\r\n", 411},
	{"74 an unknown coding", "", ours + "Transfer-Encoding: chunked, x\r\n", "", 501},
	{"74 a length that is no number", "", ours + "Content-Length: 0x5\r\n", "from=", 400},
	{"74 a body where none is", home, "Content-Length: 5\r\n", "from=", 400},
	{"74 a form of 2 MiB that is only said", "", ours + "Content-Length: 2097152\r\n", "from=", 413},
	{"75 no type", untyped, "Content-Length: 5\r\n", "from=", 415},
	{"75 a type that a page can send unasked", untyped, "Content-Type: text/plain\r\nContent-Length: 5\r\n", "from=", 415},
	{"75 a type of programs", untyped, "Content-Type: application/json\r\nContent-Length: 2\r\n", "{}", 415},
	{"75 a type that is none", untyped, "Content-Type: ;\r\nContent-Length: 5\r\n", "from=", 415},
	{"77 a coded slash", "GET {base}..%2fx HTTP/1.1\r\nHost: {host}\r\n", "", "", 404},
	{"77 dots", "GET {base}../x HTTP/1.1\r\nHost: {host}\r\n", "", "", 404},
	{"77 coded dots", "GET {base}%2e%2e/x HTTP/1.1\r\nHost: {host}\r\n", "", "", 404},
	{"77 a NUL", "GET {base}static/desk%00.css HTTP/1.1\r\nHost: {host}\r\n", "", "", 404},
	{"77 coded twice", "GET {base}%252e%252e/x HTTP/1.1\r\nHost: {host}\r\n", "", "", 404},
	{"77 two slashes", "GET /{base} HTTP/1.1\r\nHost: {host}\r\n", "", "", 404},
	{"77 a backslash", "GET {base}..\\x HTTP/1.1\r\nHost: {host}\r\n", "", "", 404},
	{"77 a file of the program", "GET {base}static/..%2ftemplates%2fdesk.html HTTP/1.1\r\nHost: {host}\r\n", "", "", 404},
	{"77 above the desk", "GET / HTTP/1.1\r\nHost: {host}\r\n", "", "", 404},
	{"78 a WebSocket of another site", home, "Connection: Upgrade\r\nUpgrade: websocket\r\nOrigin: http://other.example\r\n", "", 400},
	{"78 a WebSocket of nobody", home, "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n", "", 400},
	{"78 another protocol", home, "Connection: Upgrade\r\nUpgrade: h2c\r\n", "", 400},
	{"78 events for another site", home, "Accept: text/event-stream\r\nOrigin: http://other.example\r\n", "", 403},
	{"a method that changes", "DELETE {base} HTTP/1.1\r\nHost: {host}\r\n", ours, "", 405},
	{"a method that asks first", "OPTIONS {base} HTTP/1.1\r\nHost: {host}\r\n", "Origin: http://other.example\r\nAccess-Control-Request-Method: POST\r\n", "", 405},
	{"a method that echoes", "TRACE {base} HTTP/1.1\r\nHost: {host}\r\n", "", "", 405},
	{"a method for proxies", "CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n", "", "", 400},
	{"everything", "OPTIONS * HTTP/1.1\r\nHost: {host}\r\n", "", "", 405},
}

// TestAttacks: each is refused with the answer that fits, asks nothing of the node, carries every header
// of ours where it is answered by us, and changes nothing; the same form from a page of ours does.
func TestAttacks(t *testing.T) {
	b := served(t)
	cookie, base := b.enter(t)
	_, port, _ := strings.Cut(b.at.String(), ":")
	say := func(a attack) (int, string) {
		head := a.head
		if head == "" {
			head = form
		}
		if a.body == "" && head == form {
			a.more, a.body = a.more+"Content-Length: 5\r\n", "from="
		}
		request := head + "Cookie: " + cookie + "\r\n" + a.more + "\r\n" + a.body
		answer := b.say(t, strings.NewReplacer("{base}", base, "{port}", port).Replace(request))
		return answer.StatusCode, answer.Header.Get("Content-Security-Policy")
	}
	for _, a := range attacks {
		status, policy := say(a)
		if status != a.want {
			t.Errorf("%s: answered %d, want %d", a.what, status, a.want)
		}
		if byServer := []int{400, 431, 501}; policy == "" && !slices.Contains(byServer, status) {
			t.Errorf("%s: answered without a policy", a.what)
		}
		if asked := b.door.taken(); len(asked) > 0 {
			t.Errorf("%s: the node was asked for %v", a.what, asked)
		}
	}
	for _, good := range []attack{
		{"a mark", "", ours, "", 303},
		{"an origin", "", "Origin: http://{host}\r\n", "", 303},
		{"both", "", ours + "Origin: http://{host}\r\n", "", 303},
		{"a page", home, "", "", 200},
		{"a range of it", home, "Range: bytes=0-1,2-3,4-5\r\n", "", 200},
		{"led here by another site", home, "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n", "", 200},
	} {
		if status, _ := say(good); status != good.want {
			t.Errorf("%s: answered %d, want %d", good.what, status, good.want)
		}
	}
}

// TestManyParts is 75: a form of 10⁵ parts ends as a form that is not well formed, at once.
func TestManyParts(t *testing.T) {
	b := served(t)
	cookie, base := b.enter(t)
	parts := strings.Repeat("--x\r\n\r\n\r\n", 100_000) + "--x--\r\n"
	answer := b.say(t, fmt.Sprintf("POST %sleave HTTP/1.1\r\nHost: {host}\r\n%sCookie: %s\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n%s",
		base, ours, cookie, len(parts), parts))
	if answer.StatusCode/100 == 2 {
		t.Errorf("answered %d", answer.StatusCode)
	}
}
