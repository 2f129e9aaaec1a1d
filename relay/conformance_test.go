package relay_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

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
		ended <- relay.Run(ctx, relay.RunConfig{Dir: e.dir, Ready: func(a string) { ready <- a }})
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
	relaytest.Run(t, func(t *testing.T, r *valisev1.Roster) relaytest.Relay { return startEmbedded(t, r) })
}
