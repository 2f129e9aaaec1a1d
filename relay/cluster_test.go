package relay_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/relay/relaytest"
)

// cluster is three servers with one configuration, but for their names and folders.
type cluster struct {
	servers []*server.Server
	card    *valisev1.RelayCard
	admin   relay.AdminConfig
}

func startCluster(t *testing.T, roster *valisev1.Roster) *cluster {
	t.Helper()
	dir := t.TempDir()
	card, err := relay.Init(dir, relay.InitConfig{Listen: "127.0.0.1:0", Realm: relaytest.Realm})
	if err != nil {
		t.Fatal(err)
	}
	admin := relaytest.NewParty(t)
	doors, routes := make([]string, 3), ""
	for i := range doors {
		doors[i] = freeAddress(t)
		routes += fmt.Sprintf("\"nats://%s\",", doors[i])
	}
	c := &cluster{card: card}
	for i, door := range doors {
		text, err := relay.Config(roster, relay.ServerConfig{
			Listen: "127.0.0.1:-1", Name: fmt.Sprintf("r%d", i), StoreDir: filepath.Join(dir, fmt.Sprint(i)), AdminKey: admin.NKey,
			CertFile: filepath.Join(dir, "relay.crt"), KeyFile: filepath.Join(dir, "relay.key"),
		})
		if err != nil {
			t.Fatal(err)
		}
		c.servers = append(c.servers, startMember(t, text+fmt.Sprintf("cluster { name: c, listen: %q, no_advertise: true, routes: [%s] }\n", door, routes)))
	}
	c.admin = relay.AdminConfig{Address: c.servers[0].Addr().String(), TLSKey: card.GetTlsKey(), Seed: admin.Seed, Replicas: 3}
	return c
}

func (c *cluster) dial(t *testing.T, i int, seed []byte) relay.Courier {
	t.Helper()
	x, err := relay.Dial(context.Background(), relay.DialConfig{Address: c.servers[i].Addr().String(), TLSKey: c.card.GetTlsKey(), NKeySeed: seed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	waitFor(t, "the link", func() bool { return x.Link().Up })
	return x
}

// The same configuration and Apply serve a cluster of three with three copies of each mailbox:
// one server may go, and nothing is lost.
func TestCluster(t *testing.T) {
	a, b := relaytest.NewParty(t), relaytest.NewParty(t)
	roster := relaytest.RosterOf(1, a, b)
	c := startCluster(t, roster)
	applyTo(t, c.admin, roster)
	if done, err := relay.Apply(t.Context(), c.admin, roster); err != nil || done != (relay.Applied{}) {
		t.Errorf("applying again: %+v, %v", done, err)
	}
	found, err := relay.Examine(t.Context(), c.admin, roster)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Level != relay.Fine {
			t.Errorf("%s: %s", f.Level, f.What)
		}
	}
	sender, reader := c.dial(t, 0, a.Seed), c.dial(t, 1, b.Seed)
	for slot := range 40 {
		if slot == 20 {
			c.servers[2].Shutdown()
			c.servers[2].WaitForShutdown()
		}
		waitFor(t, "publication", func() bool {
			_, err := sender.Publish(t.Context(), relay.Address{Mailbox: b.Mailbox, Token: a.Token, Slot: slot}, []byte{byte(slot)})
			return err == nil
		})
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
