package relaytest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
)

// Relay is one running relay under test.
type Relay interface {
	// SetRoster brings a Roster into force while the relay runs.
	SetRoster(t *testing.T, r *valisev1.Roster)
	// SetObjects lays out the directory's objects while the relay runs.
	SetObjects(t *testing.T, o *valisev1.RelayObjects)
	// RefusesObjects offers objects that must not be taken, and returns when they were looked at.
	RefusesObjects(t *testing.T, o *valisev1.RelayObjects)
	// Dial connects with an nkey seed.
	Dial(t *testing.T, seed []byte) relay.Courier
	// Restart stops the relay in good order and starts it on the same address and files.
	Restart(t *testing.T)
	// Wipe stops it, loses everything that it stored, and starts it on the same address.
	Wipe(t *testing.T)
}

// Raw is a Relay that also lets a hostile client in by a plain NATS connection.
type Raw interface {
	// TryRaw logs in with an nkey seed, or with nothing but what options say, and ends the
	// connection with the test.
	TryRaw(t *testing.T, seed []byte, options ...nats.Option) (*nats.Conn, error)
}

// Run runs the suite; start makes a fresh relay with the Roster in force. Each relay ends with
// its test.
func Run(t *testing.T, start func(t *testing.T, r *valisev1.Roster) Relay) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *world)
	}{
		{"carries", carries},
		{"says where it stands", saysWhereItStands},
		{"redelivers after an error", redeliversAfterAnError},
		{"replaces what lies in a slot", replacesWhatLiesInASlot},
		{"keeps the order of the stream", keepsTheOrder},
		{"hands over many at once", handsOverManyAtOnce},
		{"refuses another's token", refusesAnothersToken},
		{"refuses another's mailbox", refusesAnothersMailbox},
		{"refuses bad addresses and sizes", refusesBadAddressesAndSizes},
		{"purges for the owner up to the floor", purgesUpToTheFloor},
		{"nobody locks out another", nobodyLocksOutAnother},
		{"survives a restart", survivesARestart},
		{"is rebuilt after a loss of all", isRebuiltAfterALossOfAll},
		{"follows the roster", followsTheRoster},
		{"ends one right of many", endsOneRightOfMany},
		{"keeps objects for all", keepsObjectsForAll},
		{"replaces objects", replacesObjects},
		{"keeps objects over a restart", keepsObjectsOverARestart},
		{"ends with its context", endsWithItsContext},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, newWorld(t, start)) })
	}
	for _, c := range hostile {
		t.Run("hostile: "+c.name, func(t *testing.T) {
			w := newWorld(t, start)
			if raw, ok := w.relay.(Raw); ok {
				c.test(t, w, raw)
			}
		})
	}
}

// Party is one invented node: a connection key, a mailbox and a sender token.
type Party struct {
	Seed    []byte
	NKey    string
	Mailbox string
	Token   string
}

// NewParty makes a node with random names.
func NewParty(t testing.TB) Party {
	t.Helper()
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return Party{Seed: seed, NKey: public, Mailbox: randomName(t), Token: randomName(t)}
}

// Sign signs a server's challenge with the party's own key.
func (p Party) Sign(nonce []byte) ([]byte, error) {
	pair, err := nkeys.FromSeed(p.Seed)
	if err != nil {
		return nil, err
	}
	return pair.Sign(nonce)
}

func randomName(t testing.TB) string {
	t.Helper()
	b := make([]byte, 16)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

// Realm is the realm of every Roster of the suite.
const Realm = "exercise:relaytest-00000000000000000000000000000000"

// RosterOf lets every party write to every other, and read its own mailbox.
func RosterOf(number uint64, parties ...Party) *valisev1.Roster {
	r := &valisev1.Roster{Number: number, Realm: Realm}
	for _, p := range parties {
		box := &valisev1.Mailbox{Name: p.Mailbox, OwnerNkeys: []string{p.NKey}}
		for _, q := range parties {
			if q.Mailbox != p.Mailbox {
				box.SenderTokens = append(box.SenderTokens, q.Token)
			}
		}
		slices.Sort(box.SenderTokens)
		r.Mailboxes = append(r.Mailboxes, box)
		r.Senders = append(r.Senders, &valisev1.Sender{Token: p.Token, Nkeys: []string{p.NKey}})
	}
	slices.SortFunc(r.Mailboxes, func(a, b *valisev1.Mailbox) int { return strings.Compare(a.GetName(), b.GetName()) })
	slices.SortFunc(r.Senders, func(a, b *valisev1.Sender) int { return strings.Compare(a.GetToken(), b.GetToken()) })
	return r
}

// world is a relay and three nodes on its Roster.
type world struct {
	relay   Relay
	a, b, c Party
	number  uint64
}

func newWorld(t *testing.T, start func(*testing.T, *valisev1.Roster) Relay) *world {
	w := &world{a: NewParty(t), b: NewParty(t), c: NewParty(t), number: 1}
	w.relay = start(t, RosterOf(1, w.a, w.b, w.c))
	return w
}

// dial connects a party and waits until its link is up.
func (w *world) dial(t *testing.T, p Party) relay.Courier {
	t.Helper()
	c := w.relay.Dial(t, p.Seed)
	t.Cleanup(func() { c.Close() })
	waitFor(t, "the link", func() bool { return c.Link().Up })
	return c
}

// waitFor waits for what must come about; the limit is only there to end a broken test.
func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 6000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s never came about", what)
}

func slot(to, from Party, n int) relay.Address {
	return relay.Address{Mailbox: to.Mailbox, Token: from.Token, Slot: n}
}

// send publishes until the relay says that it stored it, as a node does.
func send(t *testing.T, c relay.Courier, to relay.Address, text string) relay.Stored {
	t.Helper()
	var stored relay.Stored
	var err error
	for range 6000 {
		if stored, err = c.Publish(t.Context(), to, []byte(text)); err == nil {
			return stored
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%q was never published: %v", text, err)
	return stored
}

// reader collects the mail of one mailbox.
type reader struct {
	mu   sync.Mutex
	mail []relay.Mail
	fail func(relay.Mail) error
	stop func()
	done chan error
}

func read(t *testing.T, c relay.Courier, mailbox string, fail func(relay.Mail) error) *reader {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &reader{fail: fail, done: make(chan error, 1)}
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-r.done; !errors.Is(err, context.Canceled) {
			t.Errorf("receive ended with %v, want the context's end", err)
		}
	})
	go func() { r.done <- c.Receive(ctx, mailbox, r.take) }()
	t.Cleanup(r.stop)
	return r
}

func (r *reader) take(m relay.Mail) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mail = append(r.mail, m)
	if r.fail != nil {
		return r.fail(m)
	}
	return nil
}

func (r *reader) all() []relay.Mail {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.mail)
}

func (r *reader) texts() []string {
	var out []string
	for _, m := range r.all() {
		out = append(out, string(m.Envelope))
	}
	return out
}

func (r *reader) waitText(t *testing.T, text string) relay.Mail {
	t.Helper()
	var found relay.Mail
	waitFor(t, fmt.Sprintf("%q", text), func() bool {
		for _, m := range r.all() {
			if bytes.Equal(m.Envelope, []byte(text)) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}
