package console_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"valise.example/api/console"
)

var inputs = regexp.MustCompile(`<(?:input|textarea|select)[^>]*>`)

// typed is the first thing that somebody could type into or choose: it would be gone when the page comes again.
func typed(page string) string {
	for _, tag := range inputs.FindAllString(page, -1) {
		if !strings.Contains(tag, `type="hidden"`) {
			return tag
		}
	}
	return ""
}

// TestWatchedDeskComesAgain: the desk at which somebody watches tells the browser to ask again, no other page does; it
// says so, how that ends, and of when it is; its title says how many wait, which a tab behind others shows.
func TestWatchedDeskComesAgain(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans of energy operators")
	b := s.opened(t, "XB", "fr", func(c *console.Config) { c.Idle = 20 * time.Minute })
	b.until("", "thread/"+thread)
	if b.header.Get("Refresh") != "" {
		t.Errorf("the desk comes again unasked: %q", b.header.Get("Refresh"))
	}
	b.sees(`watch">Tenir cette page à jour</a>`, "État : ", " · (1) Bureau · Valise</title>")
	b.get("watch")
	if got := b.header.Get("Refresh"); got != "15" {
		t.Errorf("a desk at which somebody watches says Refresh: %q", got)
	}
	b.sees("thread/"+thread, "toutes les <bdi>15</bdi>", "après <bdi>20</bdi>", ">Ne plus la recharger</a>", "État : ")
	b.seesNot("Tenir cette page à jour")
	if found := typed(b.page); found != "" {
		t.Errorf("%s: what is typed there would be lost", found)
	}
	b.get("thread/" + thread)
	b.seesNot("Ne plus la recharger")
	if b.header.Get("Refresh") != "" {
		t.Error("a thread comes again by itself")
	}
}

// awayDoor is an empty door that can fall silent.
type awayDoor struct {
	emptyDoor
	away atomic.Bool
}

func (d *awayDoor) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	if d.away.Load() {
		return status.Error(codes.Unavailable, "nobody is here")
	}
	return d.emptyDoor.Invoke(ctx, method, args, reply, opts...)
}

// TestWatchGoesOnWithoutTheNode: a page that tells of trouble comes again too, or it would stand there for good.
func TestWatchGoesOnWithoutTheNode(t *testing.T) {
	door := new(awayDoor)
	b := deskOn(t, door, "en")
	b.enter()
	door.away.Store(true)
	b.get("watch")
	if b.status != http.StatusServiceUnavailable || b.header.Get("Refresh") != "15" {
		t.Errorf("answered %d, Refresh: %q", b.status, b.header.Get("Refresh"))
	}
	b.sees("Stop loading it again")
}

// TestWatchingIsNoUse: who went away from a desk that comes again by itself is logged out as from any page, and the
// page that says so does not come again.
func TestWatchingIsNoUse(t *testing.T) {
	b := served(t)
	cookie, base := b.enter(t)
	for range 14 {
		b.past.Add(int64(time.Minute))
		if got := b.get(t, base+"watch", cookie); got != http.StatusOK {
			t.Fatalf("within the idle time it answers %d", got)
		}
	}
	b.past.Add(int64(time.Minute))
	answer := b.say(t, "GET "+base+"watch HTTP/1.1\r\nHost: {host}\r\nCookie: "+cookie+"\r\n\r\n")
	if answer.StatusCode != http.StatusForbidden || answer.Header.Get("Refresh") != "" {
		t.Errorf("after it: %d, Refresh: %q", answer.StatusCode, answer.Header.Get("Refresh"))
	}
}
