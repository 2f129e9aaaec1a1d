//go:build browser

package browser

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"

	"valise.example/api"
	"valise.example/api/console"
	"valise.example/api/locale"
	"valise.example/exercise/lab"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// stage is Alder (XA) and Birch (XB) with a node each and a relay between them, for real.
type stage struct {
	t     *testing.T
	lab   *lab.Lab
	relay func() // ends the relay
}

// newStage starts all of it; it ends with the test.
func newStage(t *testing.T) *stage {
	t.Helper()
	l, err := lab.New(lab.Config{Dir: filepath.Join(t.TempDir(), "L"), Name: "browser", States: []ident.State{"XA", "XB"}, Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, lab: l}
	s.startRelay()
	for _, state := range l.States {
		s.run(func(ctx context.Context, ready func(string)) error {
			return l.RunNode(ctx, state, slog.New(slog.DiscardHandler), ready)
		})
	}
	return s
}

// run starts a part, returns when it is ready, and ends it with the test if nobody has before.
func (s *stage) run(part func(ctx context.Context, ready func(string)) error) (stop func()) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- part(ctx, func(string) { close(ready) }) }()
	select {
	case <-ready:
	case err := <-ended:
		cancel()
		s.t.Fatalf("a part of the stage ended before it was ready: %v", err)
	}
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
	}
	s.t.Cleanup(stop)
	return stop
}

// stopRelay cuts both nodes off.
func (s *stage) stopRelay() { s.relay() }

// startRelay lets them go on.
func (s *stage) startRelay() {
	s.t.Helper()
	s.relay = s.run(func(ctx context.Context, ready func(string)) error {
		return s.lab.RunRelay(ctx, slog.New(slog.DiscardHandler), ready)
	})
}

// door is the open door of a State's node.
func (s *stage) door(state ident.State) *grpc.ClientConn {
	s.t.Helper()
	conn, err := api.Dial(s.t.Context(), filepath.Join(s.lab.Home(state), node.SocketFile), api.DialOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// desk opens the console of a State in a tab of its own, as the link of `valise console` does. Its paths
// begin with "/", the list of threads. A change of the configuration may be given.
func (s *stage) desk(state ident.State, o options, with ...func(*console.Config)) *tab {
	s.t.Helper()
	cfg := console.Config{Conn: s.door(state), Now: time.Now, Rand: rand.Reader, Language: locale.English, Undo: time.Second}
	for _, change := range with {
		change(&cfg)
	}
	c, err := console.New(s.t.Context(), cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	var link string
	s.run(func(ctx context.Context, ready func(string)) error {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		served := make(chan error, 1)
		go func() { served <- c.Serve(ctx, l) }()
		for link, err = c.Link(); err != nil; link, err = c.Link() {
			select {
			case err := <-served:
				return err
			case <-time.After(time.Millisecond):
			}
		}
		ready("")
		return <-served
	})
	p := newTab(s.t, o)
	p.enterBy(link)
	return p
}

// inquire lets a State send an inquiry through its door and gives the thread.
func (s *stage) inquire(from ident.State, to, title string, with ...func(*valisev1.Inquiry)) string {
	s.t.Helper()
	inquiry := &valisev1.Inquiry{
		Preamble:   &valisev1.Preamble{Language: "en"},
		Originator: &valisev1.Person{Name: "N. Oduya", Affiliation: "National CERT", Phone: "+999 000 0002", Email: "duty@alder.example"},
		Title:      title,
		Narrative:  "Since 04:10 UTC our energy operators see scans from 192.0.2.10.",
		Questions:  []string{"Is 192.0.2.10 known to you?"},
	}
	for _, change := range with {
		change(inquiry)
	}
	answer, err := valisev1.NewInquiryServiceClient(s.door(from)).SendInquiry(s.t.Context(), &valisev1.SendInquiryRequest{To: to, Inquiry: inquiry})
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.GetSent().GetThread()
}
