package console_test

import (
	"bufio"
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzRequest: whatever bytes a stranger sends, the desk answers without a panic, gives nothing but its
// style sheet and icons, begins no session and asks the node for nothing.
func FuzzRequest(f *testing.F) {
	b := newBare(f)
	if err := b.desk.At(loopback{}); err != nil {
		f.Fatal(err)
	}
	link, err := b.desk.Link()
	if err != nil {
		f.Fatal(err)
	}
	base := strings.TrimPrefix(link[:strings.Index(link, "enter/")], "http://"+loopback{}.String())
	host := strings.NewReplacer("{host}", loopback{}.String(), "{base}", base, "{port}", "1")
	for _, a := range attacks {
		head := a.head
		if head == "" {
			head = form
		}
		f.Add([]byte(host.Replace(head + a.more + "\r\n" + a.body)))
	}
	f.Add([]byte(host.Replace("GET {base}enter/aaaaaaaaaaaaaaaaaaaaaaaaaa HTTP/1.1\r\nHost: {host}\r\n\r\n")))
	f.Add([]byte(host.Replace("GET {base}static/valise.svg HTTP/1.1\r\nHost: {host}\r\n\r\n")))
	handler := b.desk.Handler()
	f.Fuzz(func(t *testing.T, request []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
		if err != nil {
			return
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		answer := w.Result()
		if answer.StatusCode/100 == 2 && !strings.HasPrefix(r.URL.Path, base+"static/") {
			t.Errorf("a stranger is answered %d: %q", answer.StatusCode, request)
		}
		if answer.Header.Get("Content-Security-Policy") == "" || len(answer.Cookies()) > 0 && answer.Cookies()[0].MaxAge >= 0 {
			t.Errorf("answered with %v: %q", answer.Header, request)
		}
		if asked := b.door.taken(); len(asked) > 0 {
			t.Errorf("the node was asked for %v: %q", asked, request)
		}
	})
}

// loopback is an address of this machine that nobody listens on.
type loopback struct{}

func (loopback) Network() string { return "tcp" }
func (loopback) String() string  { return "127.0.0.1:1" }
