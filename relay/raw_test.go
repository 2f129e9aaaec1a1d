package relay_test

import (
	"crypto/tls"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
)

// tryRaw is a client that keeps no rule of ours.
func tryRaw(t *testing.T, address string, seed []byte, options ...nats.Option) (*nats.Conn, error) {
	t.Helper()
	all := []nats.Option{
		nats.Secure(&tls.Config{InsecureSkipVerify: true}), nats.TLSHandshakeFirst(), nats.NoReconnect(),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}
	if seed != nil {
		pair, err := nkeys.FromSeed(seed)
		if err != nil {
			t.Fatal(err)
		}
		public, err := pair.PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, nats.Nkey(public, pair.Sign), nats.CustomInboxPrefix("_IN."+public))
	}
	nc, err := nats.Connect("tls://"+address, append(all, options...)...)
	if err == nil {
		t.Cleanup(nc.Close)
	}
	return nc, err
}

// jetstream is the operator's own way to the server's API.
func (e *external) jetstream(t *testing.T) jetstream.JetStream {
	t.Helper()
	seed, err := e.admin.Seed()
	if err != nil {
		t.Fatal(err)
	}
	nc, err := tryRaw(t, e.address, seed)
	if err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}
