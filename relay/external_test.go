package relay_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/relay/relaytest"
)

// serverBinary builds nats-server from the module that this module pins, once a run.
var serverBinary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "nats-server")
	out, err := exec.Command("go", "build", "-o", path, "github.com/nats-io/nats-server/v2").CombinedOutput()
	if err != nil {
		return "", &exec.Error{Name: string(out), Err: err}
	}
	return path, nil
})

// external runs the suite over a nats-server process that only Config and Apply prepared.
type external struct {
	dir, address string
	card         *valisev1.RelayCard
	admin        nkeys.KeyPair
	roster       *valisev1.Roster

	objects *valisev1.RelayObjects
	process *exec.Cmd
	said    chan string // log lines that matter
	drained chan struct{}
}

func startExternal(t *testing.T, r *valisev1.Roster) *external {
	t.Helper()
	e := &external{dir: t.TempDir(), address: freeAddress(t)}
	var err error
	// A relay home gives the key and certificate; the server uses nothing else of it.
	if e.card, err = relay.Init(e.dir, relay.InitConfig{Listen: e.address, Realm: relaytest.Realm}); err != nil {
		t.Fatal(err)
	}
	if e.admin, err = nkeys.CreateUser(); err != nil {
		t.Fatal(err)
	}
	e.roster = r
	e.configure(t)
	e.start(t)
	t.Cleanup(func() { e.stop(t, syscall.SIGTERM) })
	return e
}

func (e *external) configFile() string { return filepath.Join(e.dir, "server.conf") }

func (e *external) configure(t *testing.T) {
	t.Helper()
	public, err := e.admin.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	text, err := relay.Config(e.roster, relay.ServerConfig{
		Listen: e.address, Name: "r1", StoreDir: filepath.Join(e.dir, "js"), AdminKey: public,
		CertFile: filepath.Join(e.dir, "relay.crt"), KeyFile: filepath.Join(e.dir, "relay.key"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(e.configFile(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := relay.ExamineConfig(e.configFile(), e.roster, public)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Level != relay.Fine {
			t.Errorf("our own configuration: %s: %s", f.Level, f.What)
		}
	}
}

func (e *external) start(t *testing.T) {
	t.Helper()
	binary, err := serverBinary()
	if err != nil {
		t.Fatal(err)
	}
	e.process = exec.Command(binary, "-c", e.configFile())
	e.said = make(chan string, 100)
	e.drained = make(chan struct{})
	log, err := e.process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := e.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func(said chan<- string, drained chan<- struct{}) {
		defer close(drained)
		lines := bufio.NewScanner(log)
		for lines.Scan() {
			for _, word := range []string{"Server is ready", "Reloaded server configuration", "Failed to reload"} {
				if strings.Contains(lines.Text(), word) {
					said <- word
				}
			}
		}
		close(said)
	}(e.said, e.drained)
	e.wait(t, "Server is ready")
	e.apply(t)
}

func (e *external) wait(t *testing.T, word string) {
	t.Helper()
	for said := range e.said {
		if said == word {
			return
		}
		if said == "Failed to reload" {
			break
		}
	}
	t.Fatalf("the server never said %q", word)
}

func (e *external) apply(t *testing.T) {
	t.Helper()
	if _, err := relay.Apply(context.Background(), e.adminConfig(t), e.roster); err != nil {
		t.Fatal(err)
	}
}

func (e *external) adminConfig(t *testing.T) relay.AdminConfig {
	t.Helper()
	seed, err := e.admin.Seed()
	if err != nil {
		t.Fatal(err)
	}
	return relay.AdminConfig{Address: e.address, TLSKey: e.card.GetTlsKey(), Seed: seed}
}

func (e *external) stop(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if e.process == nil {
		return
	}
	if err := e.process.Process.Signal(signal); err != nil {
		t.Error(err)
	}
	<-e.drained
	_ = e.process.Wait() // how it ends by a signal says nothing
	e.process = nil
}

func (e *external) SetRoster(t *testing.T, r *valisev1.Roster) {
	t.Helper()
	e.roster = r
	e.configure(t)
	for range 2 { // as docs/operator says: a new account has its imports after the second reload
		if err := e.process.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		e.wait(t, "Reloaded server configuration")
	}
	e.apply(t)
}

func (e *external) SetObjects(t *testing.T, o *valisev1.RelayObjects) {
	t.Helper()
	e.objects = o
	if _, err := relay.ApplyObjects(t.Context(), e.adminConfig(t), o); err != nil {
		t.Fatal(err)
	}
	if changed, err := relay.ApplyObjects(t.Context(), e.adminConfig(t), o); err != nil || changed {
		t.Errorf("the same objects again changed %v: %v", changed, err)
	}
}

func (e *external) RefusesObjects(t *testing.T, o *valisev1.RelayObjects) {
	t.Helper()
	if _, err := relay.ApplyObjects(t.Context(), e.adminConfig(t), o); err == nil {
		t.Error("they were taken")
	}
}

func (e *external) Dial(t *testing.T, seed []byte) relay.Courier {
	t.Helper()
	c, err := relay.Dial(context.Background(), relay.DialConfig{Address: e.address, TLSKey: e.card.GetTlsKey(), NKeySeed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (e *external) TryRaw(t *testing.T, seed []byte, options ...nats.Option) (*nats.Conn, error) {
	return tryRaw(t, e.address, seed, options...)
}

func (e *external) Restart(t *testing.T) { e.stop(t, syscall.SIGTERM); e.start(t) }

func (e *external) Wipe(t *testing.T) {
	e.stop(t, syscall.SIGTERM)
	if err := os.RemoveAll(filepath.Join(e.dir, "js")); err != nil {
		t.Fatal(err)
	}
	e.start(t)
	if e.objects != nil {
		e.SetObjects(t, e.objects)
	}
}

func TestExternalConforms(t *testing.T) {
	t.Parallel()
	relaytest.Run(t, func(t *testing.T, r *valisev1.Roster) relaytest.Relay { return startExternal(t, r) })
}

// What the server answered for is there after it was killed.
func TestStoredSurvivesKill(t *testing.T) {
	a, b := relaytest.NewParty(t), relaytest.NewParty(t)
	e := startExternal(t, relaytest.RosterOf(1, a, b))
	sender := e.Dial(t, a.Seed)
	defer sender.Close()
	stored := 0
	for slot := range relay.Slots {
		to := relay.Address{Mailbox: b.Mailbox, Token: a.Token, Slot: slot}
		for {
			if _, err := sender.Publish(t.Context(), to, []byte{1, byte(slot), byte(slot >> 8)}); err == nil {
				stored++
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	e.stop(t, syscall.SIGKILL)
	e.start(t)
	reader := e.Dial(t, b.Seed)
	defer reader.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen := make(map[int]bool)
	_ = reader.Receive(ctx, b.Mailbox, func(m relay.Mail) error {
		if seen[m.Slot] = true; len(seen) == stored {
			cancel()
		}
		return nil
	})
	if len(seen) != stored {
		t.Errorf("%d of %d stored envelopes came after a kill", len(seen), stored)
	}
}

// Apply is idempotent, corrects what was changed by hand, and Examine names it before.
func TestApplyAndExamine(t *testing.T) {
	a, b := relaytest.NewParty(t), relaytest.NewParty(t)
	e := startExternal(t, relaytest.RosterOf(1, a, b))
	done, err := relay.Apply(t.Context(), e.adminConfig(t), e.roster)
	if err != nil || done != (relay.Applied{}) {
		t.Errorf("applying again: %+v, %v; want nothing done", done, err)
	}
	if unsafe := e.examine(t); len(unsafe) > 0 {
		t.Errorf("a fresh relay is unsafe: %v", unsafe)
	}
	e.spoil(t, b)
	if unsafe := e.examine(t); len(unsafe) != 1 || !strings.Contains(unsafe[0].What, "max_age") || !strings.Contains(unsafe[0].What, "rollup") ||
		!strings.Contains(unsafe[0].What, "consumer") || unsafe[0].Fix == "" {
		t.Errorf("findings %v, want max_age, rollup and the consumer named", unsafe)
	}
	done, err = relay.Apply(t.Context(), e.adminConfig(t), e.roster)
	if err != nil || done.Changed == 0 || done.Made != 0 {
		t.Errorf("correcting: %+v, %v", done, err)
	}
	if unsafe := e.examine(t); len(unsafe) > 0 {
		t.Errorf("after correction: %v", unsafe)
	}
	done, err = relay.Apply(t.Context(), e.adminConfig(t), relaytest.RosterOf(2, a))
	if err != nil || done.Removed != 1 {
		t.Errorf("an empty mailbox that the roster no longer names: %+v, %v", done, err)
	}
}

func (e *external) examine(t *testing.T) (unsafe []relay.Finding) {
	t.Helper()
	found, err := relay.Examine(t.Context(), e.adminConfig(t), e.roster)
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

// spoil changes b's mailbox as a careless operator would.
func (e *external) spoil(t *testing.T, b relaytest.Party) {
	t.Helper()
	js := e.jetstream(t)
	stream, err := js.Stream(t.Context(), "MB_"+b.Mailbox)
	if err != nil {
		t.Fatal(err)
	}
	c := stream.CachedInfo().Config
	c.MaxAge = time.Hour
	c.AllowRollup = true
	if _, err := js.UpdateStream(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteConsumer(t.Context(), "MB_"+b.Mailbox, "owner"); err != nil {
		t.Fatal(err)
	}
}

// A server with the accounts of an earlier version, whose allow-lists name every slot of every mailbox,
// carries the same. It is told from the present ones, and takes those while mail lies there.
func TestListsOfAnEarlierVersionGiveWay(t *testing.T) {
	a, b := relaytest.NewParty(t), relaytest.NewParty(t)
	e := startExternal(t, relaytest.RosterOf(1, a, b))
	present, err := os.ReadFile(e.configFile())
	if err != nil {
		t.Fatal(err)
	}
	older := strings.NewReplacer("v1.*."+a.Token, "v1."+b.Mailbox+"."+a.Token, "v1.*."+b.Token, "v1."+a.Mailbox+"."+b.Token).Replace(string(present))
	e.reload(t, older)
	checkFindings(t, e.configFile(), e.roster, e.adminNkey(t), "other rights")

	sender := e.Dial(t, a.Seed)
	defer sender.Close()
	waitFor(t, "the link", func() bool { return sender.Link().Up })
	to := func(slot int) relay.Address { return relay.Address{Mailbox: b.Mailbox, Token: a.Token, Slot: slot} }
	publishUntilStored(t, sender, to(0))
	publishUntilStored(t, sender, to(322))

	e.reload(t, string(present))
	checkFindings(t, e.configFile(), e.roster, e.adminNkey(t), "")
	if done, err := relay.Apply(t.Context(), e.adminConfig(t), e.roster); err != nil || done != (relay.Applied{}) {
		t.Errorf("applying: %+v, %v; want no mailbox changed", done, err)
	}
	publishUntilStored(t, sender, to(1))
	reader := e.Dial(t, b.Seed)
	defer reader.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen := make(map[int]bool)
	_ = reader.Receive(ctx, b.Mailbox, func(m relay.Mail) error {
		if seen[m.Slot] = true; len(seen) == 3 {
			cancel()
		}
		return nil
	})
	if !seen[0] || !seen[1] || !seen[322] {
		t.Errorf("slots %v came, want 0, 1 and 322", seen)
	}
}

// reload gives the running server another configuration, as docs/operator.md says.
func (e *external) reload(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(e.configFile(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := e.process.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		e.wait(t, "Reloaded server configuration")
	}
}

func (e *external) adminNkey(t *testing.T) string {
	t.Helper()
	public, err := e.admin.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return public
}
