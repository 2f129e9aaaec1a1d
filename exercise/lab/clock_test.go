package lab_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	"valise.example/api"
	"valise.example/exercise/lab"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// handClock is a clock that only the test moves.
type handClock struct {
	mu    sync.Mutex
	at    time.Time
	rate  int
	runs  bool
	since time.Time
	rung  map[chan struct{}]bool
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *handClock) now() time.Time {
	if !c.runs {
		return c.at
	}
	return c.at.Add(time.Since(c.since) * time.Duration(c.rate))
}

func (c *handClock) Rate() (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rate, c.runs
}

func (c *handClock) Turned() (<-chan struct{}, func()) {
	l := make(chan struct{}, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rung[l] = true
	return l, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.rung, l)
	}
}

// turn does something to the clock and tells everybody.
func (c *handClock) turn(do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.since = c.now(), time.Now()
	do()
	for l := range c.rung {
		select {
		case l <- struct{}{}:
		default:
		}
	}
}

// clockedLab runs a lab of two nodes on one clock that stands, and calls XA.
func clockedLab(t *testing.T) (*handClock, valisev1.InquiryServiceClient) {
	t.Helper()
	c := &handClock{at: time.Date(2030, 3, 5, 5, 30, 0, 0, time.UTC), rate: 1, rung: map[chan struct{}]bool{}}
	l, err := lab.New(lab.Config{Dir: t.TempDir(), States: []ident.State{"XA", "XB"}, Now: c.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	t.Cleanup(func() { stop(); parts.Wait() })
	ready := make(chan string, 3)
	run := func(part func() error) {
		parts.Go(func() {
			if err := part(); err != nil {
				t.Error(err)
			}
		})
		<-ready
	}
	tell := func(what string) { ready <- what }
	run(func() error { return l.RunRelay(ctx, slog.New(slog.DiscardHandler), tell) })
	for _, s := range l.States {
		run(func() error { return l.RunNodeWith(ctx, s, node.OpenConfig{Clock: c}, tell) })
	}
	conn := must(api.Dial(ctx, filepath.Join(l.Home("XA"), node.SocketFile), api.DialOptions{}))
	t.Cleanup(func() { _ = conn.Close() })
	return c, valisev1.NewInquiryServiceClient(grpc.ClientConnInterface(conn))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// ask sends an inquiry that can be taken back for a while, and gives its message view as often as it is asked.
func ask(t *testing.T, at valisev1.InquiryServiceClient, undo uint32) (view func() *valisev1.MessageView) {
	t.Helper()
	sent, err := at.SendInquiry(t.Context(), &valisev1.SendInquiryRequest{To: "XB/technical", Options: &valisev1.SendOptions{UndoSeconds: undo}, Inquiry: &valisev1.Inquiry{
		Title: "Scans", Originator: &valisev1.Person{Name: "N. Oduya", Email: "cert@alder.example"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return func() *valisev1.MessageView {
		t.Helper()
		r, err := at.GetThread(t.Context(), &valisev1.GetThreadRequest{Thread: sent.GetSent().GetThread()})
		if err != nil {
			t.Fatal(err)
		}
		return r.GetMessages()[0]
	}
}

// reached waits until the other side has it.
func reached(t *testing.T, view func() *valisev1.MessageView) {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); view().GetFacts().GetReached() == nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("it has not reached the other side: %v", view().GetDeliveryReason())
		}
	}
}

// TestMailGoesWhileTheClockStands: what is sent at once leaves and is signed for at one moment of the exercise, as
// its dates say.
func TestMailGoesWhileTheClockStands(t *testing.T) {
	c, xa := clockedLab(t)
	view := ask(t, xa, 0)
	reached(t, view)
	for name, at := range map[string]time.Time{"created": view().GetCreated().AsTime(), "reached": view().GetFacts().GetReached().AsTime()} {
		if !at.Equal(c.Now()) {
			t.Errorf("%s at %v, by the clock of the exercise it is %v", name, at, c.Now())
		}
	}
}

// TestUndoGoesByTheClock: while it stands nothing that can be taken back leaves; at thirty seconds a second ten
// seconds of a hand are three hundred of the exercise; and a jump ends the wait at once, not at the next look.
func TestUndoGoesByTheClock(t *testing.T) {
	c, xa := clockedLab(t)
	c.turn(func() { c.rate = 30 })
	view := ask(t, xa, 3600)
	if held := view().GetHeldUntil().AsTime().Sub(c.Now()); held != 30*time.Hour {
		t.Errorf("an hour of a hand is held for %v of the exercise", held)
	}
	time.Sleep(200 * time.Millisecond)
	if view().GetHeldUntil() == nil {
		t.Error("it was released while the clock stands")
	}
	c.turn(func() { c.at = c.at.Add(31 * time.Hour) })
	reached(t, view)
}

// TestUndoEndsSoonerWhereTheClockRunsFaster: nobody sleeps through what a fast clock has reached.
func TestUndoEndsSoonerWhereTheClockRunsFaster(t *testing.T) {
	c, xa := clockedLab(t)
	view := ask(t, xa, 600)
	c.turn(func() { c.runs, c.rate = true, 1000 })
	reached(t, view)
}
