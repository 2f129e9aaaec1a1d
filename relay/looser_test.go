package relay_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// looser is a server whose one mailbox differs from the profile in one setting, and in which a may
// do what the profile lets a do: write its own slots in b's mailbox.
type looser struct {
	stream jetstream.Stream
	a, c   *nats.Conn
}

func startLooser(t *testing.T, loosen func(*jetstream.StreamConfig)) *looser {
	t.Helper()
	options := new(server.Options)
	if err := options.ProcessConfigString(`
		listen: "127.0.0.1:-1"
		jetstream { store_dir: "` + t.TempDir() + `" }
		accounts { ALL { jetstream: enabled, users: [
			{ user: admin, password: x }
			{ user: a, password: x, permissions: { publish: { allow: ["v1.b.a.*"] }, subscribe: { allow: ["_IN.>"] } } }
		] } }`); err != nil {
		t.Fatal(err)
	}
	options.NoSigs, options.NoLog = true, true
	s, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	connect := func(user string) *nats.Conn {
		nc, err := nats.Connect("", nats.InProcessServer(s), nats.UserInfo(user, "x"), nats.CustomInboxPrefix("_IN"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(nc.Close)
		return nc
	}
	l := &looser{a: connect("a"), c: connect("admin")}
	js, err := jetstream.New(l.c)
	if err != nil {
		t.Fatal(err)
	}
	profile := jetstream.StreamConfig{
		Name: "MB_b", Subjects: []string{"v1.b.*.*"}, MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, MaxMsgs: 8, Duplicates: 100 * time.Millisecond, DenyDelete: true,
	}
	loosen(&profile)
	if l.stream, err = js.CreateStream(t.Context(), profile); err != nil {
		t.Fatal(err)
	}
	return l
}

// ask publishes with headers and returns what the server answers.
func (l *looser) ask(t *testing.T, nc *nats.Conn, subject, data string, headers ...string) string {
	t.Helper()
	m := &nats.Msg{Subject: subject, Data: []byte(data), Header: nats.Header{}}
	for i := 0; i < len(headers); i += 2 {
		m.Header.Set(headers[i], headers[i+1])
	}
	answer, err := nc.RequestMsg(m, 10*time.Second)
	if err != nil {
		t.Fatalf("%s: %v", subject, err)
	}
	return string(answer.Data)
}

// mail is what lies in one of c's slots, or empty.
func (l *looser) mail(t *testing.T, slot int) string {
	t.Helper()
	m, err := l.stream.GetLastMsgForSubject(t.Context(), fmt.Sprintf("v1.b.c.%d", slot))
	if err != nil {
		return ""
	}
	return string(m.Data)
}

// What each setting of the profile keeps out. The first attack is tried on the profile, where it
// must be harmless, and on the profile with the one setting loosened, where it must work: if it
// ever does not, the setting may go.
func TestLooserProfilesLoseMail(t *testing.T) {
	t.Parallel()
	same := func(*jetstream.StreamConfig) {}
	for _, attack := range []struct {
		name   string
		loosen func(*jetstream.StreamConfig)
		try    func(*testing.T, *looser)
		lost   func(*testing.T, *looser) bool
	}{
		{"rollup wipes a mailbox", func(c *jetstream.StreamConfig) { c.AllowRollup = true },
			func(t *testing.T, l *looser) { l.ask(t, l.a, "v1.b.a.0", "x", "Nats-Rollup", "all") },
			func(t *testing.T, l *looser) bool { return l.mail(t, 0) == "" }},
		{"a message id makes another's mail a duplicate", func(c *jetstream.StreamConfig) { c.Duplicates = time.Hour },
			func(t *testing.T, l *looser) {
				l.ask(t, l.a, "v1.b.a.0", "x", "Nats-Msg-Id", "guessed")
				time.Sleep(300 * time.Millisecond) // three times the profile's window
				l.ask(t, l.c, "v1.b.c.1", "later", "Nats-Msg-Id", "guessed")
			},
			func(t *testing.T, l *looser) bool { return l.mail(t, 1) == "" }},
		{"a flood pushes out unread mail", func(c *jetstream.StreamConfig) { c.Discard = jetstream.DiscardOld },
			func(t *testing.T, l *looser) {
				for slot := range 20 {
					l.ask(t, l.a, fmt.Sprintf("v1.b.a.%d", slot), "x")
				}
			},
			func(t *testing.T, l *looser) bool { return l.mail(t, 0) == "" }},
		// The server refuses schedules together with discard new: both settings keep this out.
		{"a schedule writes into another's slot", func(c *jetstream.StreamConfig) {
			c.AllowMsgSchedules, c.AllowMsgTTL, c.Discard = true, true, jetstream.DiscardOld
		},
			func(t *testing.T, l *looser) {
				at := "@at " + time.Now().Add(-time.Second).UTC().Format(time.RFC3339)
				l.ask(t, l.a, "v1.b.a.0", "forged", "Nats-Schedule", at, "Nats-Schedule-Target", "v1.b.c.0")
			},
			func(t *testing.T, l *looser) bool { return eventually(func() bool { return l.mail(t, 0) == "forged" }) }},
	} {
		t.Run(attack.name, func(t *testing.T) {
			for _, loosened := range []bool{false, true} {
				change := same
				if loosened {
					change = attack.loosen
				}
				l := startLooser(t, change)
				if answer := l.ask(t, l.c, "v1.b.c.0", "c's mail"); strings.Contains(answer, "error") {
					t.Fatal(answer)
				}
				attack.try(t, l)
				if lost := attack.lost(t, l); lost != loosened {
					t.Errorf("loosened %v: mail lost or forged %v", loosened, lost)
				}
			}
		})
	}
}

// eventually gives a schedule of the server's time to fall due.
func eventually(ok func() bool) bool {
	for range 300 {
		if ok() {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}
