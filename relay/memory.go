package relay

import (
	"context"
	"errors"
	"sort"
	"sync"
	"time"

	"github.com/nats-io/nkeys"

	valisev1 "valise.example/proto/valise/v1"
)

// Memory is a relay without a network, for simulations and tests: the same Roster, slots,
// allow-lists, sequences, redelivery and errors as the real one, and the same conformance
// suite. It keeps everything in memory and can be wiped, cut off and brought back.
type Memory struct {
	telling sync.Mutex // taken before mu; holds the order of what watchers are told

	mu      sync.Mutex
	roster  *valisev1.Roster
	allowed map[string]rights // by nkey
	boxes   map[string]*memoryBox
	up      bool
	objects *valisev1.RelayObjects // nil before the first
	links   map[*memoryCourier]struct{}
	now     func() time.Time
}

// memoryBox is the stream and consumer of one mailbox.
type memoryBox struct {
	last    uint64                  // last sequence given
	slots   map[string]uint64       // subject to sequence
	mail    map[uint64]Mail         // by sequence
	state   map[uint64]*memoryState // of mail that was handed over
	arrived chan struct{}           // closed and replaced when there may be something to hand over
}

type memoryState struct {
	acked     bool
	delivered int
	again     time.Time // when it may be handed over again
}

// NewMemory makes an empty relay that is up and has no Roster.
func NewMemory() *Memory {
	return &Memory{
		up: true, boxes: make(map[string]*memoryBox), links: make(map[*memoryCourier]struct{}),
		allowed: make(map[string]rights), now: time.Now,
	}
}

// SetRoster applies a Roster as a running relay would: one of a lower number, of the same number
// with other content, or of another realm than the first is refused.
func (m *Memory) SetRoster(r *valisev1.Roster) error {
	if err := CheckRoster(r); err != nil {
		return err
	}
	m.telling.Lock()
	defer m.telling.Unlock()
	m.mu.Lock()
	if err := mayReplace(m.roster, r); err != nil {
		m.mu.Unlock()
		return err
	}
	m.roster = r
	m.allowed = make(map[string]rights)
	for _, x := range rightsOf(r) {
		m.allowed[x.nkey] = x
	}
	m.rebuild()
	m.unlockAndTell()
	return nil
}

// rebuild makes the mailboxes of the Roster and removes empty ones that it does not name.
func (m *Memory) rebuild() {
	wanted := make(map[string]bool)
	for _, b := range m.roster.GetMailboxes() {
		wanted[b.GetName()] = true
		if m.boxes[b.GetName()] == nil {
			m.boxes[b.GetName()] = &memoryBox{
				slots: make(map[string]uint64), mail: make(map[uint64]Mail),
				state: make(map[uint64]*memoryState), arrived: make(chan struct{}),
			}
		}
	}
	for name, b := range m.boxes {
		if !wanted[name] && len(b.mail) == 0 {
			close(b.arrived)
			delete(m.boxes, name)
		}
	}
}

// SetUp cuts all links (false) or lets them come back (true).
func (m *Memory) SetUp(up bool) {
	m.telling.Lock()
	defer m.telling.Unlock()
	m.mu.Lock()
	m.up = up
	m.unlockAndTell()
}

// Wipe loses all mail and every sequence, as a relay does whose disk was replaced; the
// mailboxes are rebuilt from the Roster, and the directory's objects from their file.
func (m *Memory) Wipe() {
	m.telling.Lock()
	defer m.telling.Unlock()
	m.mu.Lock()
	for _, b := range m.boxes {
		close(b.arrived)
	}
	m.boxes = make(map[string]*memoryBox)
	m.rebuild()
	m.unlockAndTell()
}

// Held lists the mail of a mailbox in order: what an operator of the relay sees.
func (m *Memory) Held(mailbox string) []Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.boxes[mailbox]
	if b == nil {
		return nil
	}
	held := make([]Mail, 0, len(b.mail))
	for _, x := range b.mail {
		x.Envelope = append([]byte(nil), x.Envelope...)
		held = append(held, x)
	}
	sort.Slice(held, func(i, j int) bool { return held[i].Sequence < held[j].Sequence })
	return held
}

// Dial returns a Courier for the public nkey ("U…"), whether or not the Roster admits it yet.
func (m *Memory) Dial(nkey string) (Courier, error) {
	if !nkeys.IsValidPublicUserKey(nkey) {
		return nil, errors.New("relay: the connection key is no public user nkey")
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &memoryCourier{relay: m, nkey: nkey, ctx: ctx, cancel: cancel, changed: make(chan struct{})}
	m.telling.Lock()
	defer m.telling.Unlock()
	m.mu.Lock()
	c.link = Link{Since: m.now()}
	m.links[c] = struct{}{}
	m.unlockAndTell()
	return c, nil
}

// unlockAndTell brings every courier's link up to date, lets go of m.mu, and tells the watchers
// what changed.
func (m *Memory) unlockAndTell() {
	var news []func()
	for c := range m.links {
		if link, changed := m.relink(c); changed {
			for _, f := range c.watchers {
				news = append(news, func() { f(link) })
			}
		}
	}
	m.mu.Unlock()
	for _, f := range news {
		f()
	}
}

func (m *Memory) relink(c *memoryCourier) (link Link, changed bool) {
	_, admitted := m.allowed[c.nkey]
	link = Link{Up: m.up && admitted, Since: c.link.Since}
	if m.up && !admitted {
		link.Warnings = []valisev1.Warning{valisev1.Warning_WARNING_RELAY_NOT_ADMITTED}
	}
	if link.Up != c.link.Up {
		link.Since = m.now()
	}
	close(c.changed)
	c.changed = make(chan struct{})
	changed = !link.Same(c.link)
	c.link = link
	return link, changed
}

// store puts an envelope into its slot. docs/protocol.md §7.8
func (b *memoryBox) store(subject string, mail Mail) uint64 {
	if old, ok := b.slots[subject]; ok {
		b.remove(old)
	}
	b.last++
	mail.Sequence = b.last
	b.slots[subject] = b.last
	b.mail[b.last] = mail
	b.wake()
	return b.last
}

func (b *memoryBox) remove(sequence uint64) {
	delete(b.mail, sequence)
	delete(b.state, sequence)
}

func (b *memoryBox) wake() {
	close(b.arrived)
	b.arrived = make(chan struct{})
}

// next picks the mail to hand over now: the lowest sequence that was never handed over, else
// one whose time has come again. When there is none, wait says how long until there may be.
func (b *memoryBox) next(now time.Time) (mail Mail, ok bool, wait time.Duration) {
	var best uint64
	fresh := false
	for n := range b.mail {
		s := b.state[n]
		switch {
		case s == nil:
			if !fresh || n < best {
				best, fresh = n, true
			}
		case s.acked:
		case s.again.After(now):
			if d := s.again.Sub(now); wait == 0 || d < wait {
				wait = d
			}
		case !fresh && (best == 0 || n < best):
			best = n
		}
	}
	if best == 0 {
		return Mail{}, false, wait
	}
	s := b.state[best]
	if s == nil {
		s = new(memoryState)
		b.state[best] = s
	}
	s.delivered++
	s.again = now.Add(redeliverAfter)
	mail = b.mail[best]
	mail.Envelope = append([]byte(nil), mail.Envelope...)
	return mail, true, 0
}

// done records what the handler said of a mail that may have been replaced meanwhile.
func (b *memoryBox) done(sequence uint64, err error, now time.Time) {
	s := b.state[sequence]
	if s == nil {
		return
	}
	if err == nil {
		s.acked = true
		return
	}
	s.again = now.Add(min(time.Second<<min(s.delivered-1, 6), time.Minute))
}

// ackFloor is the sequence up to which nothing waits for an acknowledgement.
func (b *memoryBox) ackFloor() uint64 {
	floor := b.last
	for n := range b.mail {
		if s := b.state[n]; (s == nil || !s.acked) && n-1 < floor {
			floor = n - 1
		}
	}
	return floor
}
