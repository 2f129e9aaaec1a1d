package node_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nats-io/nkeys"

	"valise.example/exercise/lab"
	"valise.example/gateway"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
)

// month is a network in a bubble of time: real homes, records and keys, the mail loops of real nodes
// with all their goroutines, and the relay that keeps everything in memory.
type month struct {
	*lab.Lab
	t     *testing.T
	relay *relay.Memory

	mu    sync.Mutex
	taken map[relay.Address]int // publications that the relay took
	cut   string                // mailbox whose next message costs everybody the link
	again relay.Address         // where the message that did lay; its acknowledgement was lost
	twice int                   // how often such a message came again
	heads int                   // how often the head of the directory was asked for
	stale []byte                // the head that is given out before an instant
	until time.Time
}

func newMonth(t *testing.T, states ...ident.State) *month {
	t.Helper()
	return newMonthOf(t, lab.Config{States: states})
}

// newMonthOf is newMonth of a lab that has more than States.
func newMonthOf(t *testing.T, c lab.Config) *month {
	t.Helper()
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	c.Now, c.Rand = time.Now, rand.Reader
	l, err := lab.New(c)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(l.RosterPath())
	if err != nil {
		t.Fatal(err)
	}
	roster, err := relay.ParseRoster(file)
	if err != nil {
		t.Fatal(err)
	}
	m := &month{Lab: l, t: t, relay: relay.NewMemory(), taken: map[relay.Address]int{}}
	if err := m.relay.SetRoster(roster); err != nil {
		t.Fatal(err)
	}
	return m
}

// line is a courier whose publications are counted, and whose link goes when the month says so.
type line struct {
	relay.Courier
	month *month
}

// Publish counts what the relay took.
func (l line) Publish(ctx context.Context, to relay.Address, envelope []byte) (relay.Stored, error) {
	stored, err := l.Courier.Publish(ctx, to, envelope)
	if err == nil {
		l.month.mu.Lock()
		defer l.month.mu.Unlock()
		l.month.taken[to]++
	}
	return stored, err
}

// Object counts how often the head of the directory is asked for.
func (l line) Object(ctx context.Context, name string) ([]byte, error) {
	if name == relay.HeadObject {
		l.month.mu.Lock()
		l.month.heads++
		stale, until := l.month.stale, l.month.until
		l.month.mu.Unlock()
		if time.Now().Before(until) {
			return stale, nil
		}
	}
	return l.Courier.Object(ctx, name)
}

// looks is how often the head was asked for so far.
func (m *month) looks() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.heads
}

// ReceiveMany cuts all links between the commit of the first message and its acknowledgement if
// that mailbox is the one to be cut off.
func (l line) ReceiveMany(ctx context.Context, mailbox string, width int, handle func(relay.Mail) error) error {
	return l.Courier.ReceiveMany(ctx, mailbox, width, func(x relay.Mail) error {
		err := handle(x)
		l.month.mu.Lock()
		this := relay.Address{Mailbox: mailbox, Token: x.Token, Slot: x.Slot}
		cut := err == nil && l.month.cut == mailbox && x.Slot < gateway.SlotReceipt
		switch {
		case cut:
			l.month.cut, l.month.again = "", this
		case this == l.month.again:
			l.month.twice++
		}
		l.month.mu.Unlock()
		if cut {
			l.month.relay.SetUp(false)
		}
		return err
	})
}

func (m *month) dial(_ context.Context, c relay.DialConfig) (relay.Courier, error) {
	pair, err := nkeys.FromSeed(c.NKeySeed)
	if err != nil {
		return nil, err
	}
	nkey, err := pair.PublicKey()
	if err != nil {
		return nil, err
	}
	courier, err := m.relay.Dial(nkey)
	return line{courier, m}, err
}

// node opens a home and lets it carry mail until stop is called.
func (m *month) node(s ident.State) (x *node.Node, stop func()) { return m.nodeDialling(s, m.dial) }

// nodeDialling is node with another way to the relay.
func (m *month) nodeDialling(s ident.State, dial func(context.Context, relay.DialConfig) (relay.Courier, error)) (x *node.Node, stop func()) {
	m.t.Helper()
	x, err := node.Open(m.Home(s), openConfig())
	if err != nil {
		m.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { x.CarryMail(ctx, dial) })
	stop = sync.OnceFunc(func() {
		cancel()
		work.Wait()
		if report, err := x.VerifyRecord(context.Background()); err != nil || !report.GetOk() {
			m.t.Errorf("record of %s: %v, %v", s, report, err)
		}
		if err := x.Close(); err != nil {
			m.t.Error(err)
		}
	})
	m.t.Cleanup(stop)
	return x, stop
}

// flaps is what the link does again and again: how long it is up, and how long it is down then.
var flaps = []struct{ up, down time.Duration }{
	{5 * time.Hour, 2 * time.Second},
	{time.Second, 2 * time.Second},
	{4 * time.Hour, 20 * time.Minute},
	{7 * time.Hour, 3 * time.Hour},
}

// flap lets a day pass, in which all links to the relay come and go.
func (m *month) flap() {
	end := time.Now().Add(24 * time.Hour)
	for _, f := range flaps {
		time.Sleep(f.up)
		m.relay.SetUp(false)
		time.Sleep(f.down)
		m.relay.SetUp(true)
	}
	time.Sleep(time.Until(end))
}

// countAnew forgets what was counted: a slot may be used again once its message has arrived.
func (m *month) countAnew() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.taken)
}

// wasSeldom looks how often the numbered messages of one State to another went out: as many of them
// as were sent, none of them more than atMost times, and each about once a day.
func (m *month) wasSeldom(from, to ident.State, sent, days int) {
	m.t.Helper()
	box, token := m.mailbox(to).Mailbox, m.mailbox(from).Token
	m.mu.Lock()
	defer m.mu.Unlock()
	slots, waited, most := 0, 0, 0
	for at, n := range m.taken {
		if at.Mailbox != box || at.Token != token || at.Slot >= gateway.SlotReceipt {
			continue
		}
		slots, most = slots+1, max(most, n)
		if n > days {
			waited++
		}
		if n > atMost {
			m.t.Errorf("a waiting message went out %d times", n)
		}
	}
	m.t.Logf("%d messages of %s to %s: %d went out more than %d times, none more than %d", slots, from, to, waited, days, most)
	if slots != sent || waited != sent {
		m.t.Errorf("%d messages went out, %d of them every day, want %d of both", slots, waited, sent)
	}
}

// postbox is where a State's technical POC is written to, and the token under which it writes.
type postbox struct{ Mailbox, Token string }

func (m *month) mailbox(s ident.State) (box postbox) {
	m.t.Helper()
	name := filepath.Join(m.Home(s), "keys", "mailbox-technical.toml")
	if _, err := toml.DecodeFile(name, &box); err != nil {
		m.t.Fatal(err)
	}
	return box
}

// waiting is how many messages of ours have no receipt yet.
func (m *month) waiting(x *node.Node) int {
	m.t.Helper()
	rows, err := x.Gateway().Outbox(context.Background())
	if err != nil {
		m.t.Fatal(err)
	}
	return len(rows)
}

// supplements adds to a thread, one after the other, and gives what was added.
func (m *month) supplements(x *node.Node, thread string, count int) (texts []string) {
	m.t.Helper()
	for i := range count {
		text := fmt.Sprint("supplement ", i)
		if _, err := x.Gateway().Reply(context.Background(), officer, &valisev1.ReplyRequest{
			Thread:  thread,
			Payload: &valisev1.Payload{Payload: &valisev1.Payload_Supplement{Supplement: &valisev1.Supplement{Narrative: text}}},
		}); err != nil {
			m.t.Fatal(err)
		}
		texts = append(texts, text)
	}
	return texts
}

// told lists the supplements of a thread in the order in which an officer reads them.
func (m *month) told(x *node.Node, thread string) (texts []string) {
	m.t.Helper()
	got, err := x.Gateway().Thread(context.Background(), officer, &valisev1.GetThreadRequest{Thread: thread})
	if err != nil {
		m.t.Fatal(err)
	}
	for _, message := range got.GetMessages() {
		if s := message.GetPayload().GetSupplement(); s != nil {
			texts = append(texts, s.GetNarrative())
		}
	}
	return texts
}

// received counts the items of a record that came from peers.
func (m *month) received(x *node.Node) (n int) {
	m.t.Helper()
	page := &valisev1.ListItemsRequest{PageSize: 500}
	for {
		list, err := x.Gateway().Items(context.Background(), officer, page)
		if err != nil {
			m.t.Fatal(err)
		}
		for _, item := range list.GetItems() {
			if item.GetItem().GetType() == valisev1.ItemType_ITEM_TYPE_RECEIVED {
				n++
			}
		}
		if page.PageToken = list.GetNextPageToken(); page.PageToken == "" {
			return n
		}
	}
}

// TestAPeerIsToldOfKeysUntilItNamesThem: a peer hears of new keys, also one that was away when they were
// made, and hears no more of them once a receipt of its names them. docs/protocol.md §8.4
func TestAPeerIsToldOfKeysUntilItNamesThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMonthOf(t, lab.Config{States: []ident.State{"XA", "XB"}})
		m.node("XA")
		_, stop := m.node("XB")
		time.Sleep(time.Hour)
		stop() // and XA makes its weekly keys meanwhile
		notices := func(what string, d time.Duration, least, most int) {
			t.Helper()
			m.countAnew()
			time.Sleep(d)
			m.mu.Lock()
			defer m.mu.Unlock()
			told := 0
			for to, n := range m.taken {
				if to.Slot == gateway.SlotKeyNotice {
					told += n
				}
			}
			if told < least || told > most {
				t.Errorf("%s: keys were told of %d times, want %d to %d", what, told, least, most)
			}
		}
		notices("XB is away", 8*24*time.Hour, 2, 30)
		m.node("XB")
		notices("XB comes back", 30*time.Hour, 0, 4)
		notices("XB has named them", 2*24*time.Hour, 0, 0)
	})
}
