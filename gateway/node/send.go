package node

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"valise.example/gateway"
	"valise.example/gateway/node/crashpoint"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/seal"
)

// send publishes what the core says is due. Messages and receipts go apart: a receipt does not
// wait behind the messages of a full outbox, and while one is on its way the next one gathers
// everything that is recorded meanwhile. Whatever becomes of a publication is told to the core
// that handed it out: another knows nothing of it, and sends again what nobody answered for.
// docs/protocol.md §7.4
func (m *mail) send(ctx context.Context, courier relay.Courier) {
	answers, out := newAnswers(m.recordAnswers), newRoom()
	var work, under sync.WaitGroup // under: publications under way
	work.Go(func() { answers.run(ctx) })
	work.Go(func() {
		m.rounds(ctx, (*gateway.Gateway).WakeReceipts, func(core *gateway.Gateway) { m.receipts(ctx, courier, core) })
	})
	m.rounds(ctx, (*gateway.Gateway).WakeMessages, func(core *gateway.Gateway) {
		for _, p := range m.messages(ctx, core) {
			leave := out.enter(len(p.Signed))
			under.Go(func() {
				defer leave()
				m.publishMessage(ctx, courier, answers, core, p)
			})
		}
	})
	under.Wait()
	work.Wait()
}

// rounds calls round on every durable change and at the core's next time, whichever is first.
func (m *mail) rounds(ctx context.Context, wake func(*gateway.Gateway, time.Time) (time.Time, bool), round func(*gateway.Gateway)) {
	woken, done := m.node.changes.Listen()
	defer done()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-woken:
		case <-timer.C:
		}
		if !m.node.awaitRecord(ctx) {
			return
		}
		round(m.node.Gateway())
		timer.Reset(m.untilNext(wake))
	}
}

// messages releases what was held long enough and lists what is due now.
func (m *mail) messages(ctx context.Context, core *gateway.Gateway) []gateway.Publication {
	now := m.node.now()
	if err := core.Release(ctx, now); err != nil {
		m.node.log.Error("messages that are due were not released", slog.String("reason", reasonText(err)))
	}
	if !m.linkUp() {
		return nil
	}
	return core.Due(now)
}

// receipts publishes what is due now and ends when the relay has answered: of a pair never two
// are under way, so that an older one cannot take the place of a newer one in their slot.
func (m *mail) receipts(ctx context.Context, courier relay.Courier, core *gateway.Gateway) {
	if !m.linkUp() {
		return
	}
	due, err := core.ReceiptsDue(ctx)
	if err != nil {
		m.node.log.Error("receipts that are due were not made", slog.String("reason", reasonText(err)))
	}
	var work sync.WaitGroup
	gate := make(chan struct{}, publishers)
	for _, p := range due {
		gate <- struct{}{}
		work.Go(func() {
			defer func() { <-gate }()
			if m.publish(ctx, courier, p) {
				crashpoint.Hit("R6")
				core.ReceiptLeft(p)
			}
		})
	}
	work.Wait()
}

func (m *mail) publishMessage(ctx context.Context, courier relay.Courier, answers *answers, core *gateway.Gateway, p gateway.Publication) {
	began, sequence, reason := time.Now(), uint64(0), valisev1.Reason_REASON_INTERNAL
	if crashpoint.Err("S4a") == nil {
		sequence, reason = m.carry(ctx, courier, p)
	}
	if reason != valisev1.Reason_REASON_UNSPECIFIED {
		core.NotSent(p.Digest, reason, m.node.now())
		m.node.changes.Ring() // it goes out again sooner than whoever waits for the next time knows
		return
	}
	crashpoint.Hit("S6")
	if a, ok := core.Answered(p.Digest, sequence); ok {
		answers.add(ctx, answer{core: core, what: a}, time.Since(began))
	}
}

func (m *mail) publish(ctx context.Context, courier relay.Courier, p gateway.Publication) bool {
	_, reason := m.carry(ctx, courier, p)
	return reason == valisev1.Reason_REASON_UNSPECIFIED
}

// carry seals a Signed to the recipient's key of today and publishes it. Sealing is done anew
// for every publication: the key may have changed, the Signed never does.
func (m *mail) carry(ctx context.Context, courier relay.Courier, p gateway.Publication) (uint64, valisev1.Reason) {
	peer, err := m.node.book.Snapshot().Lookup(p.To)
	if err != nil {
		return 0, unreachable(err)
	}
	key, ok := peer.SealingKey(m.node.now())
	if !ok || peer.Mailbox == "" {
		return 0, valisev1.Reason_REASON_NO_SEALING_KEY
	}
	envelope, err := seal.Close(p.Signed, key)
	if err != nil {
		m.node.log.Error("a message was not sealed and waits", slog.String("error", err.Error()))
		return 0, valisev1.Reason_REASON_INTERNAL
	}
	ctx, stop := context.WithTimeout(ctx, publishTime)
	defer stop()
	to := relay.Address{Mailbox: peer.Mailbox, Token: m.node.home.keys.boxes[p.From.Track].Token, Slot: p.Slot}
	before := m.highestSeen(to.Mailbox)
	crashpoint.Hit("S4b")
	stored, err := m.paced(ctx, courier, to, envelope)
	crashpoint.Hit("S5")
	if err != nil {
		return 0, notTaken(err)
	}
	m.noteSequence(to.Mailbox, before, stored.Sequence)
	return stored.Sequence, valisev1.Reason_REASON_UNSPECIFIED
}

// paced publishes when it is the mailbox's turn. What nodes say of themselves does not wait behind
// messages: it has slots of its own, one of each kind.
func (m *mail) paced(ctx context.Context, courier relay.Courier, to relay.Address, envelope []byte) (relay.Stored, error) {
	if to.Slot >= gateway.SlotReceipt {
		return courier.Publish(ctx, to, envelope)
	}
	pace := m.paceOf(to.Mailbox)
	if err := pace.enter(ctx); err != nil {
		return relay.Stored{}, err
	}
	began := time.Now()
	stored, err := courier.Publish(ctx, to, envelope)
	took := time.Since(began)
	if err != nil {
		took = 0
	}
	pace.leave(took)
	return stored, err
}

func (m *mail) paceOf(box string) *pace {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.paces[box]
	if p == nil {
		p = newPace()
		m.paces[box] = p
	}
	return p
}

// unreachable says why a POC cannot be written to: its State left, or it has no key.
func unreachable(err error) valisev1.Reason {
	if reason := ReasonOf(err); reason == valisev1.Reason_REASON_STATE_LEFT || reason == valisev1.Reason_REASON_KEY_CHANGED {
		return reason
	}
	return valisev1.Reason_REASON_NO_SEALING_KEY
}

// notTaken says why the relay did not take an envelope. All of it only delays.
func notTaken(err error) valisev1.Reason {
	switch {
	case errors.Is(err, relay.ErrRefused), errors.Is(err, relay.ErrNoMailbox):
		return valisev1.Reason_REASON_RELAY_REFUSED
	case errors.Is(err, relay.ErrFailed):
		return valisev1.Reason_REASON_MAILBOX_FULL
	case errors.Is(err, relay.ErrTooLarge):
		return valisev1.Reason_REASON_TOO_LARGE
	}
	return valisev1.Reason_REASON_RELAY_DOWN
}

func (m *mail) highestSeen(box string) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.highest[box]
}

// noteSequence finds out that the relay is a new or an older one: its answer is not above what
// it had answered before this publication began, so everything unreceipted goes out again.
// Publications run side by side, so only what was known beforehand counts. docs/protocol.md §7.4
func (m *mail) noteSequence(box string, before, sequence uint64) {
	older := sequence <= before
	m.mu.Lock()
	if older {
		m.highest[box] = sequence
	} else {
		m.highest[box] = max(m.highest[box], sequence)
	}
	m.mu.Unlock()
	if older {
		m.node.log.Warn("the relay has lost mail; what has no receipt is sent again")
		m.node.Gateway().LinkChanged(true, true, m.node.now())
		m.node.changes.Ring()
	}
}

func (m *mail) untilNext(wake func(*gateway.Gateway, time.Time) (time.Time, bool)) time.Duration {
	next, ok := wake(m.node.Gateway(), m.node.now())
	if !ok {
		return longestWait
	}
	return m.node.wait(next.Sub(m.node.now()))
}
