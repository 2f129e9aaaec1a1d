package console_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"valise.example/api/console"
	valisev1 "valise.example/proto/valise/v1"
)

// emptyDoor is the door of a node on which there is nothing, and remembers what was asked of it.
type emptyDoor struct {
	mu    sync.Mutex
	asked []string
}

func (d *emptyDoor) Invoke(_ context.Context, method string, _, reply any, _ ...grpc.CallOption) error {
	name := method[strings.LastIndex(method, "/")+1:]
	d.mu.Lock()
	d.asked = append(d.asked, name)
	d.mu.Unlock()
	switch name {
	case "WhoAmI":
		proto.Merge(reply.(proto.Message), &valisev1.WhoAmIResponse{Officer: &valisev1.Officer{Name: "desk"}})
	case "GetStatus":
		proto.Merge(reply.(proto.Message), &valisev1.GetStatusResponse{State: "XA", Realm: "exercise:lab-" + strings.Repeat("0", 32), Link: &valisev1.Link{Up: true}})
	case "ListThreads":
	default:
		return status.Error(codes.Unimplemented, "nothing is here")
	}
	return nil
}

func (d *emptyDoor) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, status.Error(codes.Unimplemented, "nothing is here")
}

// taken are the calls since it was last asked.
func (d *emptyDoor) taken() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.asked
	d.asked = nil
	return was
}

// bare is a desk in front of an empty door, with a clock of the test.
type bare struct {
	desk *console.Console
	door *emptyDoor
	at   net.Addr
	past atomic.Int64 // what the clock has gone on
}

func newBare(t testing.TB, with ...func(*console.Config)) *bare {
	t.Helper()
	b := &bare{door: new(emptyDoor)}
	began := time.Now()
	cfg := console.Config{Conn: b.door, Rand: rand.Reader, Now: func() time.Time { return began.Add(time.Duration(b.past.Load())) }}
	for _, change := range with {
		change(&cfg)
	}
	desk, err := console.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.desk = desk
	b.door.taken()
	return b
}

// served is a bare desk that listens.
func served(t testing.TB, with ...func(*console.Config)) *bare {
	t.Helper()
	b := newBare(t, with...)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.desk.At(l.Addr()); err != nil {
		t.Fatal(err)
	}
	b.at = l.Addr()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.desk.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return b
}

// link is a new one, as a path.
func (b *bare) link(t testing.TB) string {
	t.Helper()
	link, err := b.desk.Link()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(link, "http://"+b.at.String())
}

// enter begins a session; cookie is what a browser sends back, base the path of the desk.
func (b *bare) enter(t testing.TB) (cookie, base string) {
	t.Helper()
	answer := b.say(t, "GET "+b.link(t)+" HTTP/1.1\r\nHost: {host}\r\n\r\n")
	if answer.StatusCode != http.StatusSeeOther || len(answer.Cookies()) != 1 {
		t.Fatalf("entering answers %d", answer.StatusCode)
	}
	c := answer.Cookies()[0]
	return c.Name + "=" + c.Value, answer.Header.Get("Location")
}

// say sends a request as its bytes and reads the head of the answer. {host} is where the desk is.
func (b *bare) say(t testing.TB, request string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", b.at.String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	request = strings.ReplaceAll(request, "{host}", b.at.String())
	go func() { _, _ = conn.Write([]byte(request)) }() // a server that has refused reads no further
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%.80q is not answered: %v", request, err)
	}
	_ = answer.Body.Close()
	return answer
}

// get is the status of a page for whoever has the cookie.
func (b *bare) get(t testing.TB, path, cookie string) int {
	t.Helper()
	return b.say(t, "GET "+path+" HTTP/1.1\r\nHost: {host}\r\nCookie: "+cookie+"\r\n\r\n").StatusCode
}
