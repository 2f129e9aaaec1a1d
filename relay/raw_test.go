package relay_test

import (
	"crypto/tls"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// dialRaw is a client that keeps no rule of ours.
func dialRaw(t *testing.T, address string, seed []byte, options ...nats.Option) *nats.Conn {
	t.Helper()
	pair, err := nkeys.FromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	options = append([]nats.Option{
		nats.Nkey(public, pair.Sign), nats.Secure(&tls.Config{InsecureSkipVerify: true}), nats.TLSHandshakeFirst(), nats.NoReconnect(),
		nats.CustomInboxPrefix("_IN." + public), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}, options...)
	nc, err := nats.Connect("tls://"+address, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}
