package relay_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/relay/relaytest"
)

func TestInit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "relay")
	card, err := relay.Init(dir, relay.InitConfig{Listen: "0.0.0.0:4222", Address: "relay.example:4222", Realm: relaytest.Realm})
	if err != nil {
		t.Fatal(err)
	}
	if card.GetAddress() != "relay.example:4222" || card.GetRealm() != relaytest.Realm || len(card.GetTlsKey()) != 32 || !relay.IsName(card.GetName()) {
		t.Errorf("card %v", card)
	}
	data, err := os.ReadFile(filepath.Join(dir, "relay.card"))
	if err != nil {
		t.Fatal(err)
	}
	kept := new(valisev1.RelayCard)
	if err := proto.Unmarshal(data, kept); err != nil || !proto.Equal(kept, card) {
		t.Errorf("the card on disk is another: %v", err)
	}
	for _, name := range []string{"relay.key", "relay.admin"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
	}
	if _, err := relay.Init(dir, relay.InitConfig{Listen: "127.0.0.1:1", Realm: relaytest.Realm}); !errors.Is(err, relay.ErrHomeExists) {
		t.Errorf("init twice: %v", err)
	}
	// A wiped relay that is made again with its key is the same relay.
	again, err := relay.Init(t.TempDir(), relay.InitConfig{Listen: "0.0.0.0:4222", Address: "relay.example:4222", Realm: relaytest.Realm, Key: filepath.Join(dir, "relay.key")})
	if err != nil || !proto.Equal(again, card) {
		t.Errorf("made again with the kept key: %v, %v", again, err)
	}
	other, err := relay.Init(t.TempDir(), relay.InitConfig{Listen: "0.0.0.0:4222", Realm: relaytest.Realm})
	if err != nil || bytes.Equal(other.GetTlsKey(), card.GetTlsKey()) || other.GetName() == card.GetName() {
		t.Errorf("another relay: %v, %v", other, err)
	}
}

func TestInitRefuses(t *testing.T) {
	readable := filepath.Join(t.TempDir(), "key")
	text := filepath.Join(t.TempDir(), "text")
	if err := errors.Join(os.WriteFile(readable, []byte("x"), 0o644), os.WriteFile(text, []byte("no key"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]relay.InitConfig{
		"no realm":         {Listen: "127.0.0.1:1"},
		"bad realm":        {Listen: "127.0.0.1:1", Realm: "live"},
		"no address":       {Realm: relaytest.Realm},
		"no port":          {Listen: "127.0.0.1", Realm: relaytest.Realm},
		"port too large":   {Listen: "127.0.0.1:65536", Realm: relaytest.Realm},
		"text in address":  {Listen: "x\"\nhttp: 1\n:1", Realm: relaytest.Realm},
		"key not there":    {Listen: "127.0.0.1:1", Realm: relaytest.Realm, Key: "nowhere"},
		"key others read":  {Listen: "127.0.0.1:1", Realm: relaytest.Realm, Key: readable},
		"key that is none": {Listen: "127.0.0.1:1", Realm: relaytest.Realm, Key: text},
	} {
		dir := t.TempDir()
		if _, err := relay.Init(dir, c); err == nil {
			t.Errorf("%s: taken", name)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s: left %v", name, left)
		}
	}
}

func TestRunRefusesBadHomes(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, dir string)
		want   string
	}{
		"unknown key":      {appendTo("relay.toml", "lisen = \"x\"\n"), "line 6: unknown key"},
		"no TOML":          {appendTo("relay.toml", "= =\n"), "relay.toml"},
		"bad listen":       {replaceIn("relay.toml", "listen = \"", "listen = \"x y"), "no address"},
		"bad realm":        {replaceIn("relay.toml", "exercise:", "exercise-"), "realm"},
		"bad name":         {replaceIn("relay.toml", "name = \"", "name = \"A"), "name"},
		"readable key":     {chmod("relay.key", 0o644), "may be read by others"},
		"readable admin":   {chmod("relay.admin", 0o640), "may be read by others"},
		"linked admin":     {linkAway("relay.admin"), "may be read by others"},
		"damaged admin":    {replaceIn("relay.admin", "SU", "XX"), "nkey seed"},
		"damaged roster":   {appendTo("roster.applied", "xx"), "damaged"},
		"no key":           {remove("relay.key"), "relay.key"},
		"no relay at all":  {remove("relay.toml"), "holds no relay"},
		"certificate gone": {remove("relay.crt"), "configuration"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if _, err := relay.Init(dir, relay.InitConfig{Listen: "127.0.0.1:0", Realm: relaytest.Realm}); err != nil {
				t.Fatal(err)
			}
			c.change(t, dir)
			err := relay.Run(t.Context(), relay.RunConfig{Dir: dir})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func appendTo(name, text string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
}

func replaceIn(name, old, text string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		path := filepath.Join(dir, name)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, bytes.Replace(b, []byte(old), []byte(text), 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func chmod(name string, mode os.FileMode) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
}

func remove(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func linkAway(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.Rename(path, path+".away"), os.Symlink(path+".away", path)); err != nil {
			t.Fatal(err)
		}
	}
}

// lines is a log that can be read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// runHome runs a home and returns its log, its address and its end.
func runHome(t *testing.T, dir string) (log *lines, address string, stop func()) {
	t.Helper()
	log = new(lines)
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- relay.Run(ctx, relay.RunConfig{Dir: dir, Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
			Ready: func(a string) { ready <- a }})
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("relay ended with %v", err)
		}
	})
	t.Cleanup(stop)
	select {
	case address = <-ready:
	case err := <-ended:
		ended <- nil
		t.Fatalf("relay did not start: %v", err)
	}
	return log, address, stop
}

// Any start order works: a relay without a Roster waits for one; a node that came first waits
// for the relay.
func TestStartsWithoutRoster(t *testing.T) {
	e := &embedded{dir: t.TempDir(), address: freeAddress(t)}
	var err error
	if e.card, err = relay.Init(e.dir, relay.InitConfig{Listen: e.address, Realm: relaytest.Realm}); err != nil {
		t.Fatal(err)
	}
	a, b := relaytest.NewParty(t), relaytest.NewParty(t)
	node := e.Dial(t, a.Seed)
	defer node.Close()
	log, address, _ := runHome(t, e.dir)
	if address != e.address || !strings.Contains(log.String(), "no roster yet") {
		t.Errorf("listens on %s, log %s", address, log)
	}
	waitFor(t, "the warning", func() bool { return slices.Contains(node.Link().Warnings, valisev1.Warning_WARNING_RELAY_NOT_ADMITTED) })
	e.writeRoster(t, relaytest.RosterOf(1, a, b))
	waitFor(t, "the link", func() bool { return node.Link().Up && len(node.Link().Warnings) == 0 })
}

func TestTwoProcessesOnOneHome(t *testing.T) {
	e := startEmbedded(t, relaytest.RosterOf(1, relaytest.NewParty(t)))
	if err := relay.Run(t.Context(), relay.RunConfig{Dir: e.dir}); !errors.Is(err, relay.ErrBusy) {
		t.Errorf("%v, want ErrBusy", err)
	}
}

// What is no successor of the Roster in force is refused, logged, and changes nothing; also
// over a restart.
func TestRosterOrder(t *testing.T) {
	t.Parallel()
	a, b := relaytest.NewParty(t), relaytest.NewParty(t)
	e := &embedded{dir: t.TempDir(), address: freeAddress(t)}
	var err error
	if e.card, err = relay.Init(e.dir, relay.InitConfig{Listen: e.address, Realm: relaytest.Realm}); err != nil {
		t.Fatal(err)
	}
	e.writeRoster(t, relaytest.RosterOf(5, a, b))
	log, _, stop := runHome(t, e.dir)
	node := e.Dial(t, a.Seed)
	defer node.Close()
	waitFor(t, "the link", func() bool { return node.Link().Up })
	to := relay.Address{Mailbox: b.Mailbox, Token: a.Token}

	realm := relaytest.RosterOf(9, b)
	realm.Realm = "operational"
	malformed := relaytest.RosterOf(9, a, b)
	slices.Reverse(malformed.Mailboxes)
	refused := 0
	for name, r := range map[string]*valisev1.Roster{
		"lower": relaytest.RosterOf(4, b), "same number": relaytest.RosterOf(5, b), "another realm": realm, "malformed": malformed,
	} {
		e.writeRoster(t, r)
		refused++
		waitFor(t, "refusal: "+name, func() bool { return strings.Count(log.String(), "roster refused") == refused })
		if _, err := node.Publish(t.Context(), to, []byte("x")); err != nil {
			t.Errorf("%s: a lost its rights: %v", name, err)
		}
	}
	stop()
	e.writeRoster(t, relaytest.RosterOf(4, b))
	log, _, _ = runHome(t, e.dir)
	if !strings.Contains(log.String(), "lower number") {
		t.Error("a lower number after a restart was not refused")
	}
	waitFor(t, "a's rights after the restart", func() bool {
		_, err := node.Publish(t.Context(), to, []byte("x"))
		return err == nil
	})
}

// Nothing that a peer named or sent stands in the log.
func TestLogHoldsNoNames(t *testing.T) {
	a, b := relaytest.NewParty(t), relaytest.NewParty(t)
	e := &embedded{dir: t.TempDir(), address: freeAddress(t)}
	var err error
	if e.card, err = relay.Init(e.dir, relay.InitConfig{Listen: e.address, Realm: relaytest.Realm}); err != nil {
		t.Fatal(err)
	}
	e.writeRoster(t, relaytest.RosterOf(1, a, b))
	log, _, stop := runHome(t, e.dir)
	node, err := relay.Dial(context.Background(), relay.DialConfig{Address: e.address, NKeySeed: a.Seed,
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	defer node.Close()
	waitFor(t, "the link", func() bool { return node.Link().Up })
	const canary = "canary-6f1d"
	for _, to := range []relay.Address{{Mailbox: b.Mailbox, Token: a.Token}, {Mailbox: b.Mailbox, Token: b.Token}} {
		_, _ = node.Publish(t.Context(), to, []byte(canary))
	}
	nc, err := tryRaw(t, e.address, a.Seed)
	if err != nil {
		t.Fatal(err)
	}
	for _, subject := range []string{canary, "$JS.API." + canary} {
		if err := errors.Join(nc.Publish(subject, []byte(canary)), nc.Flush()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := tryRaw(t, e.address, relaytest.NewParty(t).Seed); err == nil {
		t.Error("a stranger came in")
	}
	nc.Close()
	stop()
	for _, secret := range []string{canary, a.Mailbox, b.Mailbox, a.Token, b.Token, a.NKey, b.NKey, e.address, e.dir, "127.0.0.1"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log names %q:\n%s", secret, log)
		}
	}
	if !strings.Contains(log.String(), "roster in force") || !strings.Contains(log.String(), "relay server reports errors") {
		t.Errorf("the log says too little:\n%s", log)
	}
}

// A node that is cancelled while the relay is out of reach ends at once and leaves nothing.
func TestDialEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	x, err := relay.Dial(ctx, relay.DialConfig{Address: "192.0.2.1:4222", NKeySeed: relaytest.NewParty(t).Seed})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Publish(t.Context(), relay.Address{Mailbox: strings.Repeat("a", 26), Token: strings.Repeat("b", 26)}, []byte("x")); !errors.Is(err, relay.ErrLinkDown) {
		t.Errorf("%v, want ErrLinkDown", err)
	}
	if l := x.Link(); l.Up || l.Since.After(time.Now()) {
		t.Errorf("link %+v", l)
	}
	ended := make(chan error, 1)
	go func() { ended <- x.Receive(ctx, strings.Repeat("a", 26), nil) }()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("receive: %v", err)
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
}
