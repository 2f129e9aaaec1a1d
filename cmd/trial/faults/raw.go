//go:build linux

package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/BurntSushi/toml"

	"valise.example/proto/ident"
	"valise.example/relay"
	"valise.example/seal"
)

// Two more States of a lab whose nodes do not run: their connection keys try the relay alone.
const (
	xc ident.State = "XC"
	xd ident.State = "XD"
)

// raw publishes envelopes of noise and remembers what the relay said to hold.
type raw struct {
	address string
	seed    map[ident.State][]byte
	to      relay.Address

	mu    sync.Mutex
	count uint64
	held  map[int]uint64 // by slot, the count in the last envelope that the relay said to hold
}

// rawSize is that of a small envelope.
const rawSize = 16 << 10

func newRaw(w *world) (*raw, error) {
	r := &raw{address: w.lab.Listen, seed: map[ident.State][]byte{}, held: map[int]uint64{}}
	for _, s := range []ident.State{xc, xd} {
		seed, err := seal.ReadSecret(filepath.Join(w.lab.Home(s), "keys", "relay.key"), w.lab.Realm, "relay-nkey", nil)
		if err != nil {
			return nil, err
		}
		r.seed[s] = seed
	}
	box, err := mailboxOf(w.lab.Home(xd))
	if err != nil {
		return nil, err
	}
	own, err := mailboxOf(w.lab.Home(xc))
	r.to = relay.Address{Mailbox: box.Mailbox, Token: own.Token}
	return r, err
}

// mailbox is what a home's mailbox file says.
type mailbox struct {
	Mailbox string `toml:"mailbox"`
	Token   string `toml:"token"`
}

func mailboxOf(home string) (m mailbox, err error) {
	_, err = toml.DecodeFile(filepath.Join(home, "keys", "mailbox-technical.toml"), &m)
	return m, err
}

// begin publishes until the relay no longer answers; the function it gives waits for that.
func (r *raw) begin() (wait func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() {
		courier, err := relay.Dial(ctx, relay.DialConfig{Address: r.address, NKeySeed: r.seed[xc]})
		if err != nil {
			return
		}
		for ctx.Err() == nil {
			if !r.publish(ctx, courier) {
				time.Sleep(wakeUp)
			}
		}
		_ = courier.Close()
	})
	return func() { cancel(); work.Wait() }
}

func (r *raw) publish(ctx context.Context, courier relay.Courier) bool {
	r.mu.Lock()
	r.count++
	count := r.count
	r.mu.Unlock()
	to := r.to
	to.Slot = int(count % relay.MessageSlots)
	envelope := binary.BigEndian.AppendUint64(make([]byte, 0, rawSize), count)[:rawSize]
	if _, err := courier.Publish(ctx, to, envelope); err != nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held[to.Slot] = count
	return true
}

// check reads the whole mailbox: in every slot lies what the relay said to hold, or what was
// published later. It gives how many there were, and empties the list.
func (r *raw) check(wait time.Duration) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.held) == 0 {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	courier, err := relay.Dial(ctx, relay.DialConfig{Address: r.address, NKeySeed: r.seed[xd]})
	if err != nil {
		return 0, err
	}
	missing := len(r.held)
	seen := map[int]bool{}
	_ = courier.Receive(ctx, r.to.Mailbox, func(m relay.Mail) error {
		want, waited := r.held[m.Slot]
		if waited && !seen[m.Slot] && len(m.Envelope) >= 8 && binary.BigEndian.Uint64(m.Envelope) >= want {
			seen[m.Slot] = true
			missing--
		}
		if missing == 0 {
			cancel()
		}
		return nil
	})
	_ = courier.Close()
	if missing > 0 {
		lost := []uint64{}
		for slot, count := range r.held {
			if !seen[slot] {
				lost = append(lost, count)
			}
		}
		slices.Sort(lost)
		return 0, fmt.Errorf("%d of %d envelopes: %d, of %d published in all", missing, len(r.held), lost, r.count)
	}
	count := len(r.held)
	clear(r.held)
	return count, nil
}
