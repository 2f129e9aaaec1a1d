package relay_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/relay/relaytest"
)

// cluster is three nats-server processes, configured as docs/operator.md says: one text of Config
// for each, and Apply with three copies of every mailbox.
type cluster struct {
	dir     string
	members [3]*member
	card    *valisev1.RelayCard
	admin   relaytest.Party
	roster  *valisev1.Roster
	routes  []string
}

type member struct {
	dir, address string
	config       string
	process      *exec.Cmd
}

func startCluster(t *testing.T, roster *valisev1.Roster) *cluster {
	t.Helper()
	c := &cluster{dir: t.TempDir(), admin: relaytest.NewParty(t), roster: roster}
	var err error
	if c.card, err = relay.Init(c.dir, relay.InitConfig{Listen: "127.0.0.1:0", Realm: relaytest.Realm}); err != nil {
		t.Fatal(err)
	}
	for range c.members {
		c.routes = append(c.routes, freeAddress(t))
	}
	for i := range c.members {
		c.members[i] = c.configure(t, i)
		c.start(t, i)
		t.Cleanup(func() { c.kill(i) })
	}
	waitFor(t, "the cluster", func() bool { return c.apply(t) == nil })
	return c
}

func (c *cluster) configure(t *testing.T, i int) *member {
	t.Helper()
	m := &member{dir: filepath.Join(c.dir, fmt.Sprint("store", i)), address: freeAddress(t), config: filepath.Join(c.dir, fmt.Sprint(i, ".conf"))}
	text, err := relay.Config(c.roster, relay.ServerConfig{
		Listen: m.address, Name: fmt.Sprint("r", i), StoreDir: m.dir, AdminKey: c.admin.NKey,
		CertFile: filepath.Join(c.dir, "relay.crt"), KeyFile: filepath.Join(c.dir, "relay.key"),
		Cluster: &relay.ClusterConfig{Name: "c", Listen: c.routes[i], Routes: c.routes, TLSKey: c.card.GetTlsKey()},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(m.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	checkFindings(t, m.config, c.roster, c.admin.NKey, "")
	return m
}

func (c *cluster) start(t *testing.T, i int) {
	t.Helper()
	binary, err := serverBinary()
	if err != nil {
		t.Fatal(err)
	}
	m := c.members[i]
	m.process = exec.Command(binary, "-c", m.config)
	if err := m.process.Start(); err != nil {
		t.Fatal(err)
	}
}

// kill is what a power failure is to a process.
func (c *cluster) kill(i int) {
	m := c.members[i]
	if m == nil || m.process == nil {
		return
	}
	_ = m.process.Process.Signal(syscall.SIGKILL)
	_ = m.process.Wait() // how it ended says nothing
	m.process = nil
}

func (c *cluster) killAll() {
	for i := range c.members {
		c.kill(i)
	}
}

func (c *cluster) startAll(t *testing.T) {
	t.Helper()
	for i := range c.members {
		c.start(t, i)
	}
	waitFor(t, "the cluster", func() bool { return c.apply(t) == nil })
}

func (c *cluster) adminConfig(i int) relay.AdminConfig {
	return relay.AdminConfig{Address: c.members[i].address, TLSKey: c.card.GetTlsKey(), Seed: c.admin.Seed, Replicas: 3}
}

func (c *cluster) apply(t *testing.T) error {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err := relay.Apply(ctx, c.adminConfig(0), c.roster)
	return err
}

func (c *cluster) dial(t *testing.T, i int, seed []byte) relay.Courier {
	t.Helper()
	x, err := relay.Dial(t.Context(), relay.DialConfig{Address: c.members[i].address, TLSKey: c.card.GetTlsKey(), NKeySeed: seed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	waitFor(t, "the link", func() bool { return x.Link().Up })
	return x
}

// collector reads a mailbox as a node does and remembers which slots it saw.
type collector struct {
	mu   sync.Mutex
	seen map[int]bool
}

func (c *cluster) collect(t *testing.T, i int, p relaytest.Party) *collector {
	t.Helper()
	k := &collector{seen: make(map[int]bool)}
	courier := c.dial(t, i, p.Seed)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	t.Cleanup(func() { cancel(); <-ended })
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			_ = courier.Receive(ctx, p.Mailbox, func(m relay.Mail) error {
				k.mu.Lock()
				defer k.mu.Unlock()
				k.seen[m.Slot] = true
				return nil
			})
		}
	}()
	return k
}

func (k *collector) has(first, n int) func() bool {
	return func() bool {
		k.mu.Lock()
		defer k.mu.Unlock()
		for slot := range n {
			if !k.seen[first+slot] {
				return false
			}
		}
		return true
	}
}

func publishUntilStored(t *testing.T, x relay.Courier, to relay.Address) {
	t.Helper()
	waitFor(t, "publication", func() bool {
		_, err := x.Publish(t.Context(), to, []byte{byte(to.Slot), byte(to.Slot >> 8)})
		return err == nil
	})
}

// A cluster of three, from its first start to the loss of all its disks' last minutes.
func TestCluster(t *testing.T) {
	t.Parallel()
	a, b := relaytest.NewParty(t), relaytest.NewParty(t)
	c := startCluster(t, relaytest.RosterOf(1, a, b))
	t.Run("is as the profile asks", c.isAsTheProfileAsks)
	t.Run("lets no stranger in", c.letsNoStrangerIn)
	t.Run("has the slots that there are", func(t *testing.T) { c.hasTheSlotsThatThereAre(t, a, b) })
	t.Run("survives the kill of one", func(t *testing.T) { c.survivesTheKillOfOne(t, a, b) })
	t.Run("comes back with older disks", func(t *testing.T) { c.comesBackWithOlderDisks(t, a, b) })
}

// Configuration and Apply are repeated without any effect, and nothing in the cluster is unsafe.
func (c *cluster) isAsTheProfileAsks(t *testing.T) {
	if done, err := relay.Apply(t.Context(), c.adminConfig(1), c.roster); err != nil || done != (relay.Applied{}) {
		t.Errorf("applying again: %+v, %v", done, err)
	}
	if unsafe := c.examine(t, 3); len(unsafe) > 0 {
		t.Errorf("a fresh cluster: %v", unsafe)
	}
	if named := c.examine(t, 1); len(named) == 0 {
		t.Error("one copy of each mailbox in a cluster of three is taken for safe")
	}
}

func (c *cluster) examine(t *testing.T, replicas int) (unsafe []relay.Finding) {
	t.Helper()
	admin := c.adminConfig(2)
	admin.Replicas = replicas
	found, err := relay.Examine(t.Context(), admin, c.roster)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Level != relay.Fine {
			unsafe = append(unsafe, f)
		}
	}
	return unsafe
}

// hasTheSlotsThatThereAre: whatever b names at any of the three, in a's mailbox lie the slots of b; and
// when all are taken, each can be written again.
func (c *cluster) hasTheSlotsThatThereAre(t *testing.T, a, b relaytest.Party) {
	for i, m := range c.members {
		x, err := tryRaw(t, m.address, b.Seed)
		if err != nil {
			t.Fatal(err)
		}
		for n := range 1000 {
			if err := x.PublishRequest(fmt.Sprintf("v1.%s.%s.%d", a.Mailbox, b.Token, n), "_IN."+b.NKey+".x", []byte{byte(i)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := x.Flush(); err != nil {
			t.Fatal(err)
		}
		if _, err := x.Request("v1."+b.Mailbox+"."+b.Token+".0", nil, 10*time.Second); !errors.Is(err, nats.ErrNoResponders) {
			t.Errorf("a mailbox that does not admit its sender: %v, want nobody there", err)
		}
		x.Close()
		honest := c.dial(t, i, b.Seed)
		publishUntilStored(t, honest, relay.Address{Mailbox: a.Mailbox, Token: b.Token, Slot: 0}) // behind all that
		honest.Close()
	}
	admin, err := tryRaw(t, c.members[0].address, c.admin.Seed)
	if err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(admin)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), "MB_"+a.Mailbox)
	if err != nil {
		t.Fatal(err)
	}
	info, err := stream.Info(t.Context(), jetstream.WithSubjectFilter(">"))
	if err != nil {
		t.Fatal(err)
	}
	for subject := range info.State.Subjects {
		if _, err := relay.ParseSubject(subject); err != nil {
			t.Errorf("%q lies in a mailbox", subject)
		}
	}
	if n := len(info.State.Subjects); n != relay.Slots {
		t.Errorf("%d subjects lie there, want %d", n, relay.Slots)
	}
}

// One server of three is killed and comes back while mail is under way: what was stored comes,
// through the other two and through the one that was away.
func (c *cluster) survivesTheKillOfOne(t *testing.T, a, b relaytest.Party) {
	sender, reader := c.dial(t, 0, a.Seed), c.collect(t, 1, b)
	const all = 120
	for slot := range all {
		switch slot {
		case 40:
			c.kill(2)
		case 80:
			c.start(t, 2)
		}
		publishUntilStored(t, sender, relay.Address{Mailbox: b.Mailbox, Token: a.Token, Slot: slot})
	}
	waitFor(t, "all mail", reader.has(0, all))
}

// All three lose power at once and come back with what their disks held at an earlier moment.
// The relay promises nothing then; it must come back and carry what is sent again.
func (c *cluster) comesBackWithOlderDisks(t *testing.T, a, b relaytest.Party) {
	const first = 150 // slots that nothing lies in
	to := func(slot int) relay.Address {
		return relay.Address{Mailbox: b.Mailbox, Token: a.Token, Slot: first + slot}
	}
	sender := c.dial(t, 0, a.Seed)
	for slot := range 20 {
		publishUntilStored(t, sender, to(slot))
	}
	c.killAll()
	for i, m := range c.members {
		if err := os.CopyFS(filepath.Join(c.dir, fmt.Sprint("older", i)), os.DirFS(m.dir)); err != nil {
			t.Fatal(err)
		}
	}
	c.startAll(t)
	for slot := 20; slot < 60; slot++ {
		publishUntilStored(t, sender, to(slot))
	}
	c.killAll()
	for i, m := range c.members {
		if err := os.RemoveAll(m.dir); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(c.dir, fmt.Sprint("older", i)), m.dir); err != nil {
			t.Fatal(err)
		}
	}
	c.startAll(t)
	reader := c.collect(t, 1, b)
	waitFor(t, "what was stored before the copy", reader.has(first, 20))
	for slot := range 60 { // as an outbox does for what has no receipt
		publishUntilStored(t, sender, to(slot))
	}
	waitFor(t, "all mail", reader.has(first, 60))
}

// What connects to the servers' own port without the relay's key is no server of the cluster.
func (c *cluster) letsNoStrangerIn(t *testing.T) {
	stranger := t.TempDir()
	if _, err := relay.Init(stranger, relay.InitConfig{Listen: "127.0.0.1:0", Realm: relaytest.Realm}); err != nil {
		t.Fatal(err)
	}
	if said := c.routeSays(t, stranger); said != "" {
		t.Errorf("to another key the server says %q", said)
	}
	if said := c.routeSays(t, c.dir); !strings.HasPrefix(said, "INFO") && !strings.HasPrefix(said, "PING") {
		t.Errorf("to the relay's own key the server says %q: this test would find nothing", said)
	}
}

// routeSays connects to a server as another server would, with the key of a relay home, and
// returns the first line that comes after TLS.
func (c *cluster) routeSays(t *testing.T, home string) string {
	t.Helper()
	conn, err := net.Dial("tcp", c.routes[0])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	own, err := tls.LoadX509KeyPair(filepath.Join(home, "relay.crt"), filepath.Join(home, "relay.key"))
	if err != nil {
		t.Fatal(err)
	}
	secured := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{own}})
	if err := secured.Handshake(); err != nil {
		return ""
	}
	line, _ := bufio.NewReader(secured).ReadString('\n')
	return line
}
