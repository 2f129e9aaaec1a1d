package relay_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/relay/relaytest"
)

// scratch holds what all tests of a run share: the server that they build.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "valise-relay-*"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(scratch)
		os.Exit(code)
	}))
}

// memoryRelay runs the suite over the in-memory relay.
type memoryRelay struct{ *relay.Memory }

func (m memoryRelay) SetRoster(t *testing.T, r *valisev1.Roster) {
	if err := m.Memory.SetRoster(r); err != nil {
		t.Fatal(err)
	}
}

func (m memoryRelay) SetObjects(t *testing.T, o *valisev1.RelayObjects) {
	if err := m.Memory.SetObjects(o); err != nil {
		t.Fatal(err)
	}
}

func (m memoryRelay) RefusesObjects(t *testing.T, o *valisev1.RelayObjects) {
	if err := m.Memory.SetObjects(o); err == nil {
		t.Error("they were taken")
	}
}

func (m memoryRelay) Dial(t *testing.T, seed []byte) relay.Courier {
	pair, err := nkeys.FromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	c, err := m.Memory.Dial(public)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (m memoryRelay) Restart(*testing.T) { m.SetUp(false); m.SetUp(true) }

func (m memoryRelay) Wipe(*testing.T) { m.SetUp(false); m.Memory.Wipe(); m.SetUp(true) }

func TestMemoryConforms(t *testing.T) {
	t.Parallel()
	relaytest.Run(t, func(t *testing.T, r *valisev1.Roster) relaytest.Relay {
		m := memoryRelay{relay.NewMemory()}
		m.SetRoster(t, r)
		return m
	})
}

// embedded runs the suite over a relay home.
type embedded struct {
	dir, address string
	card         *valisev1.RelayCard
	stop         func()
	refused      atomic.Int32 // how often it said that objects are refused
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func startEmbedded(t *testing.T, r *valisev1.Roster) *embedded {
	t.Helper()
	e := &embedded{dir: t.TempDir(), address: freeAddress(t)}
	var err error
	if e.card, err = relay.Init(e.dir, relay.InitConfig{Listen: e.address, Realm: relaytest.Realm}); err != nil {
		t.Fatal(err)
	}
	e.writeRoster(t, r)
	e.start(t)
	t.Cleanup(func() { e.stop() })
	return e
}

func (e *embedded) writeRoster(t *testing.T, r *valisev1.Roster) {
	t.Helper()
	b, err := proto.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(e.dir, "roster.next")
	if err := os.WriteFile(next, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, filepath.Join(e.dir, "roster")); err != nil {
		t.Fatal(err)
	}
}

func (e *embedded) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- relay.Run(ctx, relay.RunConfig{Dir: e.dir, Logger: slog.New(e), Ready: func(a string) { ready <- a }})
	}()
	select {
	case <-ready:
	case err := <-ended:
		cancel()
		t.Fatalf("relay did not start: %v", err)
	}
	e.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("relay ended with %v", err)
		}
		e.stop = func() {}
	}
}

// Enabled implements slog.Handler, as do the next three: it counts what a relay says of objects.
func (e *embedded) Enabled(context.Context, slog.Level) bool { return true }

func (e *embedded) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "objects are refused") {
		e.refused.Add(1)
	}
	return nil
}

func (e *embedded) WithAttrs([]slog.Attr) slog.Handler { return e }

func (e *embedded) WithGroup(string) slog.Handler { return e }

func (e *embedded) SetObjects(t *testing.T, o *valisev1.RelayObjects) {
	t.Helper()
	b, err := proto.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(e.dir, "objects.next")
	if err := os.WriteFile(next, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, filepath.Join(e.dir, relay.ObjectsFile)); err != nil {
		t.Fatal(err)
	}
}

func (e *embedded) RefusesObjects(t *testing.T, o *valisev1.RelayObjects) {
	t.Helper()
	before := e.refused.Load()
	e.SetObjects(t, o)
	for e.refused.Load() == before {
		if t.Context().Err() != nil {
			t.Fatal("they were never looked at")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (e *embedded) SetRoster(t *testing.T, r *valisev1.Roster) { e.writeRoster(t, r) }

func (e *embedded) Dial(t *testing.T, seed []byte) relay.Courier {
	t.Helper()
	c, err := relay.Dial(context.Background(), relay.DialConfig{Address: e.address, TLSKey: e.card.GetTlsKey(), NKeySeed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (e *embedded) TryRaw(t *testing.T, seed []byte, options ...nats.Option) (*nats.Conn, error) {
	return tryRaw(t, e.address, seed, options...)
}

func (e *embedded) Restart(t *testing.T) { e.stop(); e.start(t) }

func (e *embedded) Wipe(t *testing.T) {
	e.stop()
	if err := os.RemoveAll(filepath.Join(e.dir, "jetstream")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(e.dir, "roster.applied")); err != nil {
		t.Fatal(err)
	}
	e.start(t)
}

func TestEmbeddedConforms(t *testing.T) {
	t.Parallel()
	relaytest.Run(t, func(t *testing.T, r *valisev1.Roster) relaytest.Relay { return startEmbedded(t, r) })
}
