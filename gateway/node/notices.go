package node

import (
	"context"
	"log/slog"
	"time"

	"valise.example/directory"
	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
)

// The two retry clocks, as messages have them. docs/protocol.md §7.4
const (
	noticeFirstRetry  = time.Second
	noticeLastRetry   = 5 * time.Minute
	noticeFirstRepeat = 15 * time.Minute
	noticeLastRepeat  = 24 * time.Hour
	// noticeLook is how often it is looked whether a peer fell behind.
	noticeLook = time.Minute
)

// notices tells peers of our newest key bundle until a receipt of theirs names it.
// docs/protocol.md §8.4
type notices struct {
	node   *Node
	clocks map[noticeTo]*noticeClock
	failed map[ident.Address]valisev1.Reason // why there is no bundle to tell of; told once
	read   map[ident.Address]readBundle      // so that an idle node does not read the same every minute
	told   map[ident.Address]told            // so as well
}

// readBundle is a bundle of ours and what it says.
type readBundle struct {
	signed *valisev1.SignedObject
	body   *valisev1.KeyBundle
}

type noticeTo struct{ ours, peer ident.Address }

// noticeClock says when one peer is told next.
type noticeClock struct {
	number          uint64 // of the bundle it counts for
	answers, faults uint32 // of the relay
	at              time.Time
}

func newNotices(n *Node) *notices {
	return &notices{
		node: n, clocks: map[noticeTo]*noticeClock{},
		failed: map[ident.Address]valisev1.Reason{}, read: map[ident.Address]readBundle{}, told: map[ident.Address]told{},
	}
}

// run works with one relay until ctx ends. A new directory may bring an entry or a peer.
func (s *notices) run(ctx context.Context, courier relay.Courier) {
	woken, done := s.node.mail.wake.Listen()
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
		if !s.node.awaitRecord(ctx) {
			return
		}
		wait := noticeLook // a link that comes up rings
		if s.node.mail.linkUp() {
			wait = s.node.wait(s.round(ctx, courier))
		}
		timer.Reset(wait)
	}
}

// round tells whoever is due, and says how long nobody will be.
func (s *notices) round(ctx context.Context, courier relay.Courier) time.Duration {
	wait := noticeLook
	for _, a := range s.node.config.Addresses() {
		b, err := s.currentBundle(ctx, a)
		if err != nil {
			if why := ReasonOf(err); s.failed[a] != why {
				s.failed[a] = why
				s.node.log.Error("our newest keys cannot be told to the peers", slog.String("reason", why.String()))
			}
			continue
		}
		delete(s.failed, a)
		if b.signed == nil {
			continue
		}
		known, err := s.toldOf(ctx, a)
		if err != nil {
			s.node.log.Error("who knows our newest keys cannot be told", slog.String("reason", reasonText(err)))
			return noticeLastRetry
		}
		for _, peer := range known.untold(b.number) {
			wait = min(wait, s.tell(ctx, courier, gateway.Pair{Ours: a, Peer: peer}, b))
		}
	}
	return wait
}

// tell publishes to one peer if it is due, and says when it is due again.
func (s *notices) tell(ctx context.Context, courier relay.Courier, p gateway.Pair, b ownBundle) time.Duration {
	to := noticeTo{p.Ours, p.Peer}
	c := s.clocks[to]
	if c == nil || c.number != b.number {
		c = &noticeClock{number: b.number}
		s.clocks[to] = c
	}
	now := s.node.now()
	// A time further ahead than any delay was set while the clock was ahead.
	if wait := c.at.Sub(now); wait > 0 && wait <= noticeLastRepeat {
		return wait
	}
	pub, err := s.node.Gateway().KeyNotice(p, b.signed)
	if err == nil && s.node.mail.publish(ctx, courier, pub) {
		c.faults = 0
		c.at = now.Add(doubledDelay(noticeFirstRepeat, c.answers, noticeLastRepeat))
		c.answers++
	} else {
		c.at = now.Add(doubledDelay(noticeFirstRetry, c.faults, noticeLastRetry))
		c.faults++
	}
	return c.at.Sub(now)
}

// doubledDelay is first, doubled step times, and last at most.
func doubledDelay(first time.Duration, step uint32, last time.Duration) time.Duration {
	for ; step > 0 && first < last; step-- {
		first *= 2
	}
	return min(first, last)
}

// currentBundle gives the bundle in use of one of our POCs, or makes another: where it does not
// name our newest sealing key, as after a restore, or where nobody takes it. It is in our own book
// before anybody hears of it. docs/protocol.md §8.4
func (s *notices) currentBundle(ctx context.Context, a ident.Address) (ownBundle, error) {
	n := s.node
	n.home.bundleWork.Lock()
	defer n.home.bundleWork.Unlock()
	snapshot := n.book.Snapshot()
	entry, ok := snapshot.Entry(a.State)
	if !ok {
		return ownBundle{}, nil
	}
	signed, highest := snapshot.Bundle(a)
	if signed == nil {
		return n.home.newBundle(ctx, record{n}, n.book, newBundle{a, entry.GetNumber(), highest, n.now()})
	}
	body, err := s.bodyOf(a, signed)
	if err != nil {
		return ownBundle{}, err
	}
	known, err := s.toldOf(ctx, a)
	if err != nil {
		return ownBundle{}, err
	}
	if known.unanswered(body.GetNumber(), n.now().Sub(body.GetIssued().AsTime())) || !n.home.namesKeys(a, body, n.now()) {
		return n.home.newBundle(ctx, record{n}, n.book, newBundle{a, entry.GetNumber(), highest, n.now()})
	}
	return ownBundle{signed, body.GetNumber()}, nil
}

// bodyOf reads a bundle of ours once: the book gives the same object for as long as it is in use,
// and nothing that was signed ever changes.
func (s *notices) bodyOf(a ident.Address, signed *valisev1.SignedObject) (*valisev1.KeyBundle, error) {
	if known := s.read[a]; known.signed == signed {
		return known.body, nil
	}
	body, err := directory.ParseBundle(s.node.config.Realm, signed)
	if err == nil {
		s.read[a] = readBundle{signed, body}
	}
	return body, err
}

// desks are the POCs of all other States on the track of one of ours, and every principal; of a
// principal all POCs. A-9 s2, docs/protocol.md §8.6
func (n *Node) desks(ours ident.Address) (all []ident.Address) {
	snapshot := n.book.Snapshot()
	for _, state := range snapshot.States() {
		for _, track := range tracksOf(state) {
			peer := ident.Address{State: state, Track: track}
			meets := track == ours.Track || state.IsPrincipal() || ours.State.IsPrincipal()
			if _, err := snapshot.Lookup(peer); err == nil && meets && state != ours.State {
				all = append(all, peer)
			}
		}
	}
	return all
}

// tracksOf are the tracks on which a State may have a POC; a principal has one desk. docs/protocol.md §2.1
func tracksOf(s ident.State) []ident.Track {
	if s.IsPrincipal() {
		return []ident.Track{ident.Manager}
	}
	return []ident.Track{ident.Diplomatic, ident.Technical}
}
