package node

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"sync"
	"time"

	"valise.example/directory"
	"valise.example/gateway"
	"valise.example/gateway/node/crashpoint"
	"valise.example/proto/ident"
	"valise.example/proto/mutant"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/seal"
)

const (
	publishers  = 8                // receipts under way at once
	takers      = 64               // mail of one mailbox that is opened and recorded at once
	purgeEvery  = time.Minute      // how often read mail is cleared from our mailboxes
	publishTime = 30 * time.Second // after this a publication counts as not answered
)

// mail carries envelopes between the core and the relay. What to send, when and to whom is the
// core's; sealing, publishing and fetching is done here.
type mail struct {
	node    *Node
	wake    *Bell
	customs *customs
	in      *room                                                          // mail that is being opened and recorded
	dial    func(context.Context, relay.DialConfig) (relay.Courier, error) // relay.Dial

	mu      sync.Mutex
	courier relay.Courier
	highest map[string]uint64 // last stream sequence the relay answered, by mailbox
	floor   map[string]uint64 // highest sequence of ours that is durable here, by mailbox
	paces   map[string]*pace  // of the link of today, by mailbox
	link    relay.Link
	moved   bool // the relay is another one than before, and has nothing of ours
}

func newMail(n *Node) *mail {
	return &mail{
		node: n, wake: NewBell(), customs: newCustoms(n.config.Quota), dial: relay.Dial,
		in: newRoom(), highest: map[string]uint64{}, floor: map[string]uint64{}, paces: map[string]*pace{},
	}
}

func (m *mail) linkUp() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.link.Up
}

func (m *mail) currentLink() relay.Link {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.link
}

// run connects to the relay that configuration or directory names, and works until ctx ends.
// While neither names one it waits for a directory.
func (m *mail) run(ctx context.Context) {
	for ctx.Err() == nil {
		card, ok := m.relayCard()
		if !ok {
			if !m.pause(ctx) {
				return
			}
			continue
		}
		m.serve(ctx, card)
	}
}

// pause waits for a change of directory.
func (m *mail) pause(ctx context.Context) bool {
	woken, done := m.wake.Listen()
	defer done()
	if _, ok := m.relayCard(); ok {
		return true
	}
	select {
	case <-woken:
		return true
	case <-ctx.Done():
		return false
	}
}

func (m *mail) relayCard() (*valisev1.RelayCard, bool) {
	return relayCardOf(m.node.book.Snapshot(), m.node.config.Relay)
}

// relayCardOf is the relay to use: the one that the configuration names, else the directory's first.
func relayCardOf(snapshot *directory.Snapshot, override string) (*valisev1.RelayCard, bool) {
	for _, c := range snapshot.Relays() {
		if override == "" || c.GetAddress() == override {
			return c, true
		}
	}
	if override != "" {
		return &valisev1.RelayCard{Address: override}, true
	}
	return nil, false
}

// serve works with one relay until ctx ends or the directory names another.
func (m *mail) serve(ctx context.Context, card *valisev1.RelayCard) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	courier, err := m.dial(ctx, relay.DialConfig{
		Address: card.GetAddress(), TLSKey: card.GetTlsKey(), NKeySeed: m.node.home.keys.relay, Logger: m.node.log,
	})
	if err != nil {
		m.node.log.Error("relay cannot be used", slog.String("error", err.Error()))
		m.untilMoved(ctx, card)
		return
	}
	m.setCourier(courier)
	courier.Watch(m.linkChanged)
	var work sync.WaitGroup
	for _, a := range m.node.config.Addresses() {
		work.Go(func() { m.receive(ctx, courier, a) })
	}
	work.Go(func() { m.send(ctx, courier) })
	work.Go(func() { m.numberParts(ctx) })
	work.Go(func() { m.clear(ctx, courier) })
	work.Go(func() { newNotices(m.node).run(ctx, courier) })
	work.Go(func() { m.node.relayed.follow(ctx, courier) })
	m.untilMoved(ctx, card)
	stop()
	work.Wait()
	m.setCourier(nil)
	m.forgetRelay()
	if err := courier.Close(); err != nil {
		m.node.log.Warn("relay connection did not close cleanly", slog.String("error", err.Error()))
	}
}

func (m *mail) untilMoved(ctx context.Context, card *valisev1.RelayCard) {
	woken, done := m.wake.Listen()
	defer done()
	for {
		// Looked at before the first wait too: it may have moved before anybody listened.
		now, ok := m.relayCard()
		if !ok || now.GetAddress() != card.GetAddress() || string(now.GetTlsKey()) != string(card.GetTlsKey()) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-woken:
		}
	}
}

func (m *mail) setCourier(c relay.Courier) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.courier = c
	if c == nil {
		m.link = relay.Link{Since: m.node.now()}
	}
}

// forgetRelay: what the relay before answered says nothing about the next one.
func (m *mail) forgetRelay() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.moved = true
	clear(m.highest)
	clear(m.floor)
}

func (m *mail) linkChanged(l relay.Link) {
	m.mu.Lock()
	changed, moved := m.link.Up != l.Up, m.moved && l.Up
	m.link, m.moved = l, m.moved && !l.Up
	if changed {
		clear(m.paces) // the way may be another one now
	}
	m.mu.Unlock()
	if changed {
		m.node.log.Info("relay link", slog.Bool("up", l.Up))
		m.node.Gateway().LinkChanged(l.Up, moved, m.node.now())
		m.wake.Ring()
		m.node.changes.Ring()
	}
}

// receive fetches one POC's mailbox for as long as ctx lives.
func (m *mail) receive(ctx context.Context, courier relay.Courier, a ident.Address) {
	box := m.node.home.keys.boxes[a.Track].Mailbox
	err := courier.ReceiveMany(ctx, box, takers, func(x relay.Mail) error {
		defer m.in.enter(len(x.Envelope))()
		m.beforeNext(box)
		if m.admits(a, x) {
			if err := m.take(ctx, a, x); err != nil {
				return err
			}
		}
		m.mu.Lock()
		m.floor[box] = max(m.floor[box], x.Sequence)
		m.mu.Unlock()
		return nil
	})
	if err != nil && ctx.Err() == nil {
		m.node.log.Error("receiving stopped", slog.String("error", err.Error()))
	}
}

// take opens one envelope and hands it to the core. Only when the core's transaction is durable
// does it return nil, which tells the relay that it may forget the envelope.
func (m *mail) take(ctx context.Context, box ident.Address, x relay.Mail) error {
	if err := crashpoint.Err("R1"); err != nil {
		return err
	}
	effects, err := m.open(ctx, box, x)
	if err != nil {
		m.node.log.Error("mail was not recorded and stays at the relay", slog.String("reason", reasonText(err)))
		if mutant.Is("ack-before-commit") {
			return nil
		}
		return err
	}
	err = m.apply(ctx, effects)
	crashpoint.Hit("R7")
	return err
}

func (m *mail) open(ctx context.Context, box ident.Address, x relay.Mail) (gateway.Effects, error) {
	opened, err := m.node.opener(box).Open(x.Envelope)
	if err == nil {
		if !opened.Speaker.Unconfirmed {
			m.node.metrics.clocks.heard(opened.Header.From, opened.Header.Created, m.node.now())
			m.node.time.signed(opened.Header.From.State, opened.Header.Created)
		}
		beforeTaken(opened)
		core := m.node.Gateway()
		effects, err := core.Receive(ctx, opened)
		afterTaken(ctx, core, opened, err)
		if err == nil && !effects.Recorded && refusedForGood(effects.Reason) {
			m.node.log.Warn("mail refused", slog.String("reason", effects.Reason.String()))
			m.node.metrics.reject(effects.Reason)
		}
		return effects, err
	}
	var refusal *seal.Refusal
	if !errors.As(err, &refusal) {
		return gateway.Effects{}, err
	}
	m.node.log.Warn("mail refused", slog.Any("refusal", refusal))
	effects, err := m.node.Gateway().Refused(ctx, refusal, sha256.Sum256(x.Envelope), m.customs.owner(x))
	if err == nil && !effects.Recorded {
		m.node.metrics.notKept(effects.Reason)
	}
	return effects, err
}

// refusedForGood: what a peer signed and nobody takes, of which no item tells because machines write to each
// other or because more of it came than is kept. What comes twice, or may come again, is not refused.
func refusedForGood(r valisev1.Reason) bool {
	switch r {
	case valisev1.Reason_REASON_PAYLOAD, valisev1.Reason_REASON_NOT_FOR_US, valisev1.Reason_REASON_SEQUENCE,
		valisev1.Reason_REASON_CHAIN, valisev1.Reason_REASON_EQUIVOCATION:
		return true
	}
	return false
}

func (m *mail) apply(ctx context.Context, effects gateway.Effects) error {
	if effects.Learn != nil {
		changed, err := m.node.book.LearnBundle(effects.Learn)
		if err != nil {
			m.node.log.Warn("key bundle refused", slog.String("reason", reasonText(err)))
			m.bundleRefused(ReasonOf(err))
		} else if changed {
			m.node.directoryChanged(ctx)
			for _, p := range effects.ReceiptTo {
				m.node.Gateway().Learned(p)
			}
		}
	}
	m.hint(ctx, effects.Send)
	m.node.changes.Ring()
	crashpoint.Hit("R10")
	return nil
}

// bundleRefused counts keys that are not a peer's. An older bundle is none of it: notices overtake each other.
func (m *mail) bundleRefused(r valisev1.Reason) {
	if r != valisev1.Reason_REASON_ROLLBACK {
		m.node.metrics.reject(r)
	}
}

// hint publishes at most a CannotOpen; whether it leaves does not matter. docs/protocol.md §7.5
func (m *mail) hint(ctx context.Context, hints []gateway.Publication) {
	m.mu.Lock()
	courier := m.courier
	m.mu.Unlock()
	if courier == nil {
		return
	}
	for _, p := range hints {
		m.publish(ctx, courier, p)
	}
}

// clear purges what is durable here from our mailboxes, in batches. docs/protocol.md §7.8
func (m *mail) clear(ctx context.Context, courier relay.Courier) {
	tick := time.NewTicker(purgeEvery)
	defer tick.Stop()
	done := map[string]uint64{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, a := range m.node.config.Addresses() {
			box := m.node.home.keys.boxes[a.Track].Mailbox
			m.mu.Lock()
			floor := m.floor[box]
			m.mu.Unlock()
			if floor <= done[box] {
				continue
			}
			if err := courier.Purge(ctx, box, floor); err != nil {
				m.node.log.Warn("read mail stays at the relay for now", slog.String("error", err.Error()))
				continue
			}
			done[box] = floor
		}
	}
}
