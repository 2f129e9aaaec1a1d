package relay_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/relay/relaytest"
)

// The same configuration and Apply serve a cluster of three with three copies of each mailbox:
// one server may go, and nothing is lost.
func TestCluster(t *testing.T) {
	a, b := relaytest.NewParty(t), relaytest.NewParty(t)
	roster := relaytest.RosterOf(1, a, b)
	admin, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	card, err := relay.Init(dir, relay.InitConfig{Listen: "127.0.0.1:0", Realm: relaytest.Realm})
	if err != nil {
		t.Fatal(err)
	}
	public, err := admin.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := admin.Seed()
	if err != nil {
		t.Fatal(err)
	}
	var routes string
	doors := make([]string, 3)
	for i := range doors {
		doors[i] = freeAddress(t)
		routes += fmt.Sprintf("\"nats://%s\",", doors[i])
	}
	servers := make([]*server.Server, 3)
	for i := range servers {
		text, err := relay.Config(roster, relay.ServerConfig{
			Listen: "127.0.0.1:-1", Name: fmt.Sprintf("r%d", i), StoreDir: filepath.Join(dir, fmt.Sprint(i)), AdminKey: public,
			CertFile: filepath.Join(dir, "relay.crt"), KeyFile: filepath.Join(dir, "relay.key"),
		})
		if err != nil {
			t.Fatal(err)
		}
		servers[i] = startMember(t, text+fmt.Sprintf("cluster { name: c, listen: %q, no_advertise: true, routes: [%s] }\n", doors[i], routes))
	}
	config := relay.AdminConfig{Address: servers[0].Addr().String(), TLSKey: card.GetTlsKey(), Seed: seed, Replicas: 3}
	applyTo(t, config, roster)
	if done, err := relay.Apply(t.Context(), config, roster); err != nil || done != (relay.Applied{}) {
		t.Errorf("applying again: %+v, %v", done, err)
	}
	found, err := relay.Examine(t.Context(), config, roster)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Level != relay.Fine {
			t.Errorf("%s: %s", f.Level, f.What)
		}
	}
	dial := func(i int, seed []byte) relay.Courier {
		c, err := relay.Dial(context.Background(), relay.DialConfig{Address: servers[i].Addr().String(), TLSKey: card.GetTlsKey(), NKeySeed: seed})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		waitFor(t, "the link", func() bool { return c.Link().Up })
		return c
	}
	sender, reader := dial(0, a.Seed), dial(1, b.Seed)
	publish := func(slot int) {
		waitFor(t, "publication", func() bool {
			_, err := sender.Publish(t.Context(), relay.Address{Mailbox: b.Mailbox, Token: a.Token, Slot: slot}, []byte{byte(slot)})
			return err == nil
		})
	}
	for slot := range 20 {
		publish(slot)
	}
	servers[2].Shutdown()
	servers[2].WaitForShutdown()
	for slot := range 20 {
		publish(20 + slot)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	seen := make(map[int]bool)
	err = reader.Receive(ctx, b.Mailbox, func(m relay.Mail) error {
		if seen[m.Slot] = true; len(seen) == 40 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || len(seen) != 40 {
		t.Errorf("%d of 40 came, %v", len(seen), err)
	}
}

func startMember(t *testing.T, text string) *server.Server {
	t.Helper()
	options := new(server.Options)
	if err := options.ProcessConfigString(text); err != nil {
		t.Fatal(err)
	}
	options.NoSigs, options.NoLog = true, true
	s, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	return s
}

// applyTo tries until the cluster has found itself.
func applyTo(t *testing.T, c relay.AdminConfig, r *valisev1.Roster) {
	t.Helper()
	var err error
	waitFor(t, "the cluster", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err = relay.Apply(ctx, c, r)
		return err == nil
	})
}
