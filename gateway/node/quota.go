package node

import (
	"sync"
	"time"

	"valise.example/directory"
	"valise.example/gateway"
	"valise.example/proto/ident"
	"valise.example/relay"
)

// Quota is what one POC of a peer may send us. All of it is far above lawful use: a peer that
// comes back after a month, with 10,000 messages or with attachments, is not held up.
// docs/protocol.md §7.7
type Quota struct {
	// Envelopes and Bytes may come at once, and then so many a second.
	Envelopes          uint64
	EnvelopesPerSecond uint64
	Bytes              uint64
	BytesPerSecond     uint64
	// ItemsPerDay and BytesPerDay may be recorded on one day by UTC.
	ItemsPerDay uint64
	BytesPerDay uint64
}

// DefaultQuota is what holds where valise.toml has no [quota].
func DefaultQuota() Quota {
	return Quota{
		Envelopes: 20_000, EnvelopesPerSecond: 4_000, Bytes: 2 << 30, BytesPerSecond: 128 << 20,
		ItemsPerDay: 5_000_000, BytesPerDay: 32 << 30,
	}
}

const (
	shortestBusy = time.Minute
	longestBusy  = time.Hour
	// tellEvery is how often the core hears that a peer is too fast: a flood is not to be
	// answered in its own rhythm.
	tellEvery = 10 * time.Second
	// recently is how long a flood is shown to officers after it has ended.
	recently = 10 * time.Minute
)

// customs looks at the outside of an envelope only: from whose token it came, into which kind of
// slot, how large it is. What is over a quota is dropped before the work of opening it. P7
type customs struct {
	quota Quota

	mu      sync.Mutex
	list    *directory.Snapshot
	senders map[string]ident.Address // by token
	buckets map[bucketKey]*bucket
	dropped time.Time
}

// bucketKey: messages and parts share a bucket; receipts, keys and hints have one of their own, so
// that a peer whose messages are too many can still sign for ours. Tokens that nobody in the
// directory has share the zero address.
type bucketKey struct {
	from    ident.Address
	machine bool
}

// bucket holds what may still come at once; it fills with time.
type bucket struct {
	envelopes, bytes float64
	filled           time.Time
	told             time.Time
}

func newCustoms(q Quota) *customs { return &customs{quota: q, buckets: map[bucketKey]*bucket{}} }

// admit says whether an envelope may be opened. Where it may not, tell is set when its sender
// should hear until when to wait.
func (c *customs) admit(list *directory.Snapshot, x relay.Mail, now time.Time) (ok bool, from ident.Address, until time.Time, tell bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if list != c.list {
		c.list, c.senders = list, sendersOf(list)
	}
	from = c.senders[x.Token]
	key := bucketKey{from, x.Slot >= gateway.SlotReceipt}
	b := c.buckets[key]
	if b == nil {
		b = &bucket{envelopes: float64(c.quota.Envelopes), bytes: float64(c.quota.Bytes), filled: now}
		c.buckets[key] = b
	}
	b.fill(c.quota, now)
	if b.take(len(x.Envelope)) {
		return true, from, time.Time{}, false
	}
	c.dropped = now
	tell = !from.IsZero() && (b.told.IsZero() || now.Sub(b.told) >= tellEvery || now.Before(b.told))
	if tell {
		b.told = now
	}
	return false, from, now.Add(b.untilHalf(c.quota)), tell
}

// owner is whose token an envelope came by; zero for nobody's, and for a hint: a hint that cannot be
// opened is not answered by another. docs/protocol.md §7.5
func (c *customs) owner(x relay.Mail) ident.Address {
	if x.Slot == gateway.SlotCannotOpen {
		return ident.Address{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.senders[x.Token]
}

// fill adds what time has brought. A clock that went back brings nothing and takes nothing.
func (b *bucket) fill(q Quota, now time.Time) {
	if seconds := now.Sub(b.filled).Seconds(); seconds > 0 {
		b.envelopes = min(b.envelopes+seconds*float64(q.EnvelopesPerSecond), float64(q.Envelopes))
		b.bytes = min(b.bytes+seconds*float64(q.BytesPerSecond), float64(q.Bytes))
	}
	b.filled = now
}

func (b *bucket) take(size int) bool {
	if b.envelopes < 1 || b.bytes < float64(size) {
		return false
	}
	b.envelopes--
	b.bytes -= float64(size)
	return true
}

// untilHalf is how long until half of the bucket is there again: who goes on earlier than that is
// stopped again at once.
func (b *bucket) untilHalf(q Quota) time.Duration {
	seconds := max(
		(float64(q.Envelopes)/2-b.envelopes)/float64(q.EnvelopesPerSecond),
		(float64(q.Bytes)/2-b.bytes)/float64(q.BytesPerSecond),
	)
	seconds = min(seconds, longestBusy.Seconds())
	return max(time.Duration(seconds*float64(time.Second)), shortestBusy)
}

// flooded reports whether something was dropped a short time ago.
func (c *customs) flooded(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.dropped.IsZero() && now.Sub(c.dropped) < recently
}

// sendersOf is whose token is whose, as the directory has it.
func sendersOf(list *directory.Snapshot) map[string]ident.Address {
	out := map[string]ident.Address{}
	for _, state := range list.States() {
		for _, track := range tracksOf(state) {
			a := ident.Address{State: state, Track: track}
			if poc, err := list.Lookup(a); err == nil && poc.Bundle.GetSenderToken() != "" {
				out[poc.Bundle.GetSenderToken()] = a
			}
		}
	}
	return out
}

// admits drops what is over a peer's quota, unopened. docs/protocol.md §7.7
func (m *mail) admits(ours ident.Address, x relay.Mail) bool {
	now := m.node.now()
	ok, from, until, tell := m.customs.admit(m.node.book.Snapshot(), x, now)
	if ok {
		return true
	}
	m.node.metrics.dropped()
	if tell && (from.Track == ours.Track || from.State.IsPrincipal() || ours.State.IsPrincipal()) {
		m.node.log.Warn("mail over a quota was dropped unopened, and its sender is asked to wait")
		m.node.Gateway().OverQuota(gateway.Pair{Ours: ours, Peer: from}, until)
	}
	return false
}
