package node_test

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"valise.example/gateway"
	"valise.example/gateway/node"
	"valise.example/relay"
)

// damaging is a line whose first messages are changed on the way, so that no key opens them.
type damaging struct {
	relay.Courier
	mu    *sync.Mutex
	left  *int // messages that are still to be damaged
	hints *int // hints that the relay took
}

// Publish damages what is to be damaged.
func (d damaging) Publish(ctx context.Context, to relay.Address, envelope []byte) (relay.Stored, error) {
	d.mu.Lock()
	switch {
	case to.Slot == gateway.SlotCannotOpen:
		*d.hints++
	case to.Slot < gateway.SlotReceipt && *d.left > 0:
		*d.left--
		envelope = bytes.Clone(envelope)
		envelope[len(envelope)/2] ^= 1
	}
	d.mu.Unlock()
	return d.Courier.Publish(ctx, to, envelope)
}

// TestWhatCannotBeOpenedComesAgain: whole nodes and a relay that damages mail. Whoever cannot open an
// envelope hints so to the owner of its slot, once an hour, and the message comes again at once and
// not in a quarter of an hour. docs/protocol.md §7.5
func TestWhatCannotBeOpenedComesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, mu, left, hints := newMonth(t, "XA", "XB"), new(sync.Mutex), 0, 0
		dial := func(ctx context.Context, c relay.DialConfig) (relay.Courier, error) {
			courier, err := m.dial(ctx, c)
			return damaging{courier, mu, &left, &hints}, err
		}
		xa, _ := m.nodeDialling("XA", dial)
		xb, _ := m.nodeDialling("XB", dial)
		damage := func(messages int) {
			mu.Lock()
			defer mu.Unlock()
			left = messages
		}
		arrives := func(title string, within time.Duration, want int) {
			t.Helper()
			send(t, xa, deskB, title)
			time.Sleep(within)
			if got := m.received(xb); got != want || m.waiting(xa) != 0 {
				t.Fatalf("%d messages after %v, want %d; %d wait", got, within, want, m.waiting(xa))
			}
		}
		time.Sleep(prompt)
		damage(1)
		arrives("damaged once", prompt, 1)
		damage(1)
		arrives("damaged again within the hour", 20*time.Minute, 2)
		time.Sleep(time.Hour)
		damage(1)
		arrives("damaged after the hour", prompt, 3)
		if mu.Lock(); hints != 2 {
			t.Errorf("%d hints, want 2", hints)
		}
		mu.Unlock()
		if q := quarantined(t, xb); q != 3 {
			t.Errorf("%d envelopes in quarantine, want 3", q)
		}
	})
}

func quarantined(t *testing.T, x *node.Node) int {
	t.Helper()
	rows, err := x.Gateway().Quarantine(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return len(rows)
}
