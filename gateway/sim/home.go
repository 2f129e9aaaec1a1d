package sim

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"time"

	"valise.example/gateway"
	"valise.example/gateway/history"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// home is one State's node: the real core, and around it what package node would be.
type home struct {
	s        *sim
	state    ident.State
	disk     *disk
	rand     *rand.ChaCha8
	g        *gateway.Gateway // nil while it is down
	link     bool
	space    gateway.Space
	quota    gateway.Quota // of each of its peers
	keep     time.Duration // what is closed; zero: for ever
	clock    clock
	skewed   bool              // the clock changed in this life
	copies   []saved           // of the disk
	restores int               // how often it went back
	renew    bool              // the disk is a restored one, and no new epoch has begun yet
	highest  map[string]uint64 // last answer of the relay, by mailbox, in this life
	asks     []ask             // outcomes unknown, or not asked yet
	inbound  *inbound
	heads    []head // that left in receipts, of this life of the disk
}

// head is size and root of a record's tree.
type head struct {
	size uint64
	root [32]byte
}

func newHome(s *sim, state ident.State) *home {
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], s.seed)
	copy(seed[8:], state.String())
	h := &home{s: s, state: state, rand: rand.NewChaCha8(seed), link: true, inbound: newInbound()}
	h.disk = newDisk(h)
	return h
}

func (h *home) name() string { return h.state.String() }

func (h *home) addresses() []ident.Address {
	return []ident.Address{{State: h.state, Track: ident.Diplomatic}, {State: h.state, Track: ident.Technical}}
}

// start begins a life. A record that breaks at once is opened again later.
func (h *home) start() {
	h.disk.stopped, h.skewed = false, false
	h.highest = map[string]uint64{}
	g, err := gateway.New(context.Background(), gateway.Config{
		Realm: realm, Ours: h.addresses(), Store: h.disk, Directory: func() gateway.Directory { return h.s.lists }, Signers: h.s.lists,
		Now: h.now, Rand: h.rand, LinkUp: func() bool { return h.link }, Head: h.head,
		Space: func() gateway.Space { return h.space }, Quota: h.quota, Retention: h.keep, PruneStep: pruneStep,
		Sealing: func(a ident.Address) ([32]byte, bool) {
			return h.s.w.sealing[h.s.generation()][a].Recipient().ID(), true
		},
	})
	if err != nil {
		if !h.disk.stopped {
			h.s.fault("%s does not start: %v", h.state, err)
		}
		return
	}
	h.s.note(history.Event{Event: "", Node: h.name(), Detail: "started"})
	if h.renew {
		// A restore is not over before the new epoch is: until then no node runs on its disk.
		if err := g.BeginEpoch(context.Background()); err != nil {
			h.unexpected(err)
			return
		}
		h.renew = false
	}
	h.g = g
	if h.link {
		g.LinkChanged(true, false, h.now())
	}
}

// head is what the core asks for when it makes a receipt.
func (h *home) head(ctx context.Context) (uint64, [32]byte, error) {
	size, root, err := h.disk.head(ctx)
	h.heads = append(h.heads, head{size, root})
	return size, root, err
}

// stop ends a life at once, as a kill does.
func (h *home) stop() {
	h.g = nil
	h.powerFails()
	h.s.note(history.Event{Event: "", Node: h.name(), Detail: "stopped"})
}

// dies ends the life between two steps, if the seed says so or the record has stopped. P6
func (h *home) dies() bool {
	if h.g != nil && (h.disk.stopped || h.s.chance(h.s.f.crash)) {
		h.stop()
	}
	return h.g == nil
}

// setLink lets the link come or go.
func (h *home) setLink(up bool) {
	h.link = up
	if h.g != nil {
		h.g.LinkChanged(up, false, h.now())
	}
}

// wake is when the home next does something by itself, in true time.
func (h *home) wake() (time.Time, bool) {
	if h.g == nil {
		return time.Time{}, false
	}
	now := h.now()
	next, ok := h.g.Wake(now)
	return h.s.now.Add(next.Sub(now)), ok
}

// round is what a node does whenever something may be due: release, receipts, messages. A node
// can die between any two of its steps. It reports whether anything left.
func (h *home) round() (any bool) {
	if h.g == nil {
		return false
	}
	ctx := context.Background()
	if err := h.g.Release(ctx, h.now()); err != nil {
		h.unexpected(err)
	}
	if h.parts(); h.dies() || !h.link {
		return false
	}
	receipts, err := h.g.ReceiptsDue(ctx)
	h.unexpected(err)
	for _, p := range receipts {
		if h.dies() {
			return true
		}
		h.receipt(p)
		if _, answered, _ := h.carry(p); answered && !h.dies() {
			h.g.ReceiptLeft(p)
		}
	}
	if h.dies() {
		return true
	}
	due := h.g.Due(h.now())
	for _, p := range due {
		if h.dies() {
			return true
		}
		h.publish(p)
	}
	return len(receipts)+len(due) > 0
}

// publish carries one message and tells the core what the relay said, if anybody still can.
func (h *home) publish(p gateway.Publication) {
	h.s.published(h, p)
	box, before := "", uint64(0)
	if poc, err := h.s.lists.Lookup(p.To); err == nil {
		box = poc.Mailbox
		before = h.highest[box]
	}
	sequence, answered, reason := h.carry(p)
	if h.dies() {
		return
	}
	if !answered {
		h.g.NotSent(p.Digest, reason, h.now())
		return
	}
	// As package node: an answer that is not above the last one is a new or an older relay.
	older := sequence <= before
	h.highest[box] = sequence
	if older {
		h.g.LinkChanged(true, true, h.now())
	}
	h.unexpected(h.g.Left(context.Background(), p.Digest, sequence))
}

// carry seals and publishes.
func (h *home) carry(p gateway.Publication) (uint64, bool, valisev1.Reason) {
	poc, err := h.s.lists.Lookup(p.To)
	if err != nil {
		return 0, false, valisev1.Reason_REASON_NO_SEALING_KEY
	}
	key, ok := poc.SealingKey(h.now())
	if !ok || poc.Mailbox == "" {
		return 0, false, valisev1.Reason_REASON_NO_SEALING_KEY
	}
	envelope := p.Signed
	if h.s.real {
		if envelope, err = seal.Close(p.Signed, key); err != nil {
			h.s.fault("%s cannot seal: %v", h.state, err)
			return 0, false, valisev1.Reason_REASON_INTERNAL
		}
	}
	return h.s.relay.publish(p, envelope)
}

// fetch takes one envelope of one mailbox, if there is any.
func (h *home) fetch(a ident.Address) bool {
	if h.g == nil || !h.link {
		return false
	}
	l, envelope := h.s.relay.next(a)
	if envelope == nil {
		return false
	}
	if h.dies() {
		return true
	}
	err := h.take(l, envelope)
	h.unexpected(err)
	switch {
	case l == nil:
	case err != nil:
		h.failed(l, err)
	case !h.dies():
		l.acked = true
	}
	return true
}

// mostFailures is how often a broken disk may come in the way of one letter; chance alone does not
// come as far.
const mostFailures = 50

// failed: the relay hands a letter out again as long as nobody has acknowledged it. One that is never
// taken, whatever the disk does, would be handed out for ever.
func (h *home) failed(l *letter, err error) {
	if l.failed++; l.failed == mostFailures {
		h.s.fault("%s never takes what %s sent: %v", h.state, l.place.from, err)
		l.acked = true
	}
}

// unexpected: all that may go wrong inside the core is a broken record.
func (h *home) unexpected(err error) {
	var e *gateway.Error
	if err == nil || h.disk.stopped {
		return
	}
	if !errors.As(err, &e) || e.Reason != valisev1.Reason_REASON_STORAGE_UNKNOWN {
		h.s.fault("%s: %v", h.state, err)
	}
}

// take opens an envelope and hands it to the core, as package node does.
func (h *home) take(l *letter, envelope []byte) error {
	ctx := context.Background()
	o, err := h.open(envelope)
	if refusal, is := errors.AsType[*seal.Refusal](err); is {
		effects, err := h.g.Refused(ctx, refusal, seal.ObjectDigest(envelope), l.owner())
		for _, p := range effects.Send {
			h.carry(p)
		}
		return err
	}
	if err != nil {
		h.s.fault("%s cannot open: %v", h.state, err)
		return nil
	}
	effects, err := h.g.Receive(ctx, o)
	if r := effects.Reason; r == valisev1.Reason_REASON_QUOTA || r == valisev1.Reason_REASON_DISK_FULL {
		h.s.away++
	}
	return err
}

func (h *home) open(envelope []byte) (*seal.Opened, error) {
	opener := seal.Opener{
		Realm: realm, Resolve: h.s.lists.Speaker, Mine: func(a ident.Address) bool { return a.State == h.state },
		Keys: func() []seal.HeldKey { return h.keys() },
	}
	if h.s.real {
		return opener.Open(envelope)
	}
	return opener.VerifySigned(envelope)
}

// keys are the sealing keys that still open: those of the last forty-five days.
func (h *home) keys() []seal.HeldKey {
	var keys []seal.HeldKey
	for n := h.s.generation(); n >= max(h.s.generation()-2, 0); n-- {
		for _, a := range h.addresses() {
			keys = append(keys, seal.HeldKey{Key: h.s.w.sealing[n][a], Address: a})
		}
	}
	return keys
}
