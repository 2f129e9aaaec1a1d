package sim

import (
	"encoding/binary"
	"fmt"
	"hash"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"time"

	"valise.example/gateway"
	"valise.example/gateway/history"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Options say what to run.
type Options struct {
	// Seed decides everything.
	Seed uint64
	// Events is how many steps before everything heals.
	Events int
	// Real runs with real envelopes, which age seals; without it an envelope is the Signed.
	Real bool
	// Restores lets about half of the seeds restore nodes from backups as well.
	Restores bool
	// Rollbacks lets about half of the seeds put disks back to older copies without a word as well.
	Rollbacks bool
	// Loads lets some seeds have files, small quotas and disks that fill up as well.
	Loads bool
	// Crowd lets far more messages be under way at once than a pair has slots.
	Crowd bool
	// Notices lets officers inform several States at once as well, refer matters and take them up.
	Notices bool
	// Prunes lets homes have a retention rule as well, and officers remove what it lets go.
	Prunes bool
}

// Result is what came of one seed.
type Result struct {
	Seed uint64
	// Trace names everything that happened, in order: the same seed has the same one.
	Trace uint64
	// Steps are those before healing, Healing those until all was quiet.
	Steps, Healing int
	// Acknowledged is how many acts officers were told are durable.
	Acknowledged int
	// Checks is how many checks of the history passed.
	Checks int
	// Files are those shown whole in the end, TurnedAway what a busy home dropped, NoRoom the acts
	// that a full disk refused.
	Files, TurnedAway, NoRoom int
	// Removed are the items that lost their content.
	Removed int
	// Findings are what does not hold; none is good.
	Findings []string
	// History is the whole of it, for package history and for people.
	History []history.Event
}

// sim is one run.
type sim struct {
	w         *world
	seed      uint64
	real      bool
	crowds    bool
	rollbacks bool
	notices   bool
	source    io.Reader
	rng       *rand.Rand
	f         faults
	now       time.Time
	step      int
	turns     int // of crowds, which are steps of their own
	homes     []*home
	relay     *relay
	lists     *lists
	trace     hash.Hash64

	history  []history.Event
	findings []string
	told     map[string]*told
	threads  map[string][]ident.ThreadID // by home, in order of appearance
	known    map[string]bool             // home and thread
	topics   []topic
	begun    map[string]bool

	asked, acknowledged, refusals int
	backwards                     bool // a disk went back
	silent                        bool // one did, and nobody said so
	wrongClocks                   bool // a clock was wrong
	revoked                       bool
	loaded                        bool // there may be files
	pruned                        int  // items that lost their content
	files, away, noRoom           int  // shown whole in the end, dropped by who was busy, refused by a full disk
	posted                        map[ident.Digest]int
	owners                        map[tenancy]ident.Digest
	cleared                       map[ident.Digest]bool // had a receipt at least once
}

// Run plays one seed. The error is that the world could not be made; what the run found wrong
// stands in the Result.
func Run(o Options) (*Result, error) {
	w, err := theWorld()
	if err != nil {
		return nil, err
	}
	s := newSim(w, o)
	s.play(o.Events)
	healing := s.heal()
	s.endState()
	report := history.Check(s.history)
	for _, f := range report.Findings {
		s.findings = append(s.findings, f.String())
	}
	return &Result{
		Seed: o.Seed, Trace: s.trace.Sum64(), Steps: o.Events, Healing: healing, Acknowledged: s.acknowledged,
		Files: s.files, TurnedAway: s.away, NoRoom: s.noRoom, Removed: s.pruned, Checks: report.Total(), Findings: s.findings, History: s.history,
	}, nil
}

func newSim(w *world, o Options) *sim {
	source := rand.NewPCG(o.Seed, 0x76616c697365)
	s := &sim{
		w: w, seed: o.Seed, real: o.Real, crowds: o.Crowd, rollbacks: o.Rollbacks, notices: o.Notices, now: start, trace: fnv.New64a(),
		rng:  rand.New(source), //nolint:gosec // the seed is all the chance there is, and nothing here is a secret
		told: map[string]*told{}, threads: map[string][]ident.ThreadID{}, known: map[string]bool{}, begun: map[string]bool{},
		posted: map[ident.Digest]int{}, owners: map[tenancy]ident.Digest{}, cleared: map[ident.Digest]bool{},
	}
	if s.f = draw(s.rng); o.Real {
		s.f.corrupt = 0 // what age makes of it is chance, and a run has none
	}
	if o.Restores {
		s.f.drawRestores(s.rng)
	}
	if o.Rollbacks {
		s.f.drawRollbacks(s.rng)
	}
	if s.loaded = o.Loads; s.loaded {
		s.f.drawLoads(s.rng)
	}
	if o.Prunes {
		s.f.drawPrunes(s.rng)
	}
	s.relay, s.lists = newRelay(s), newLists(s)
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], o.Seed)
	s.source = rand.NewChaCha8(seed)
	begin := history.Event{Event: history.Begin, Live: true, Receipts: true, Views: true}
	for _, state := range states[:2+s.rng.IntN(2)] {
		h := newHome(s, state)
		if s.chance(s.f.quota) {
			h.quota.Items = 20 + s.rng.Uint64N(60)
		}
		h.keep = s.drawKeep(o.Prunes)
		s.homes = append(s.homes, h)
		begin.Nodes = append(begin.Nodes, h.name())
	}
	s.note(begin)
	for _, h := range s.homes {
		h.start()
	}
	return s
}

// chance is true at a rate. A rate of zero takes no number of the seed, so that a swarm without a
// fault is not disturbed by it.
func (s *sim) chance(rate float64) bool { return rate > 0 && s.rng.Float64() < rate }

// fault is something that must not happen and that the history cannot tell.
func (s *sim) fault(format string, args ...any) {
	s.findings = append(s.findings, fmt.Sprintf("step %d: ", s.step)+fmt.Sprintf(format, args...))
}

func (s *sim) traceEvent(e *history.Event) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(s.now.UnixNano())^uint64(s.step)<<48^e.Place)
	s.trace.Write(b[:])
	for _, part := range []string{string(e.Event), e.Node, e.Request, e.Message, e.Digest, e.Detail} {
		s.trace.Write([]byte(part))
	}
	for _, d := range e.Digests {
		s.trace.Write([]byte(d))
	}
}

// play lets everything happen at once.
func (s *sim) play(events int) {
	absent := -1
	if s.f.absence {
		absent = s.rng.IntN(max(events, 1))
	}
	for n := range events {
		s.step = n + s.turns
		h := s.homes[s.rng.IntN(len(s.homes))]
		switch {
		case n == absent:
			s.absence(h)
		case s.crowds && s.rng.IntN(crowdEvery) == 0:
			s.crowd(h)
		case h.g == nil:
			if s.rng.IntN(3) == 0 {
				h.start()
			}
		default:
			s.happens(h)
		}
		s.wrong(h)
	}
}

// happens is one ordinary step of one home.
func (s *sim) happens(h *home) {
	switch n := s.rng.IntN(100); {
	case n < 16:
		s.act(h)
	case n < 17 && s.f.burst:
		for range 40 {
			s.act(h)
		}
	case n < 48:
		h.round()
	case n < 82:
		a := h.addresses()
		for range 1 + s.rng.IntN(4) {
			h.fetch(a[s.rng.IntN(len(a))])
		}
	case n < 92:
		s.now = s.now.Add(time.Duration(1+s.rng.IntN(90)) * time.Second)
	case n < 97:
		s.now = s.now.Add(time.Duration(1+s.rng.IntN(12*60)) * time.Minute)
	default:
		if at, ok := h.wake(); ok && at.After(s.now) && at.Sub(s.now) < 48*time.Hour {
			s.now = at
		}
	}
}

// wrong is what may go wrong around a home beside its own steps.
func (s *sim) wrong(h *home) {
	f := s.f
	if s.chance(f.wipe) {
		s.relay.forget()
	}
	if s.chance(f.older) {
		s.relay.older()
	}
	if f.older > 0 && s.rng.IntN(40) == 0 {
		s.relay.save()
	}
	if s.chance(f.flap) {
		h.setLink(!h.link)
	}
	if s.chance(f.jump) {
		s.jump(h)
	}
	if s.chance(f.stuck) {
		s.stick(h)
	}
	if s.chance(f.revoke) {
		s.revoked = s.lists.revoke(h.addresses()[s.rng.IntN(2)]) || s.revoked
		s.directoryChanged()
	}
	if s.chance(f.move) {
		a := h.addresses()[s.rng.IntN(2)]
		if s.lists.move(a) {
			delete(s.relay.boxes, a)
		}
		s.directoryChanged()
	}
	if s.chance(f.noKey) {
		s.lists.noKey[h.state] = !s.lists.noKey[h.state]
		s.directoryChanged()
	}
	if s.chance(f.space) {
		h.fills(gateway.Space(s.rng.IntN(3)))
	}
	s.goesBack(h)
}

// directoryChanged: every home learns of it.
func (s *sim) directoryChanged() {
	for _, h := range s.homes {
		if h.g != nil && !h.dies() {
			h.unexpected(h.g.DirectoryChanged(ctx))
			h.dies()
		}
	}
}

// tenancy is a slot that a message of ours holds at a mailbox.
type tenancy struct {
	from, to ident.Address
	slot     int
}

// published looks at every publication: its slot is of the profile, and nobody else's.
func (s *sim) published(h *home, p gateway.Publication) {
	s.posted[p.Digest]++
	if p.Slot < 0 || p.Slot >= messageSlots+partSlots {
		s.fault("%s publishes a message to slot %d", h.state, p.Slot)
	}
	s.note(history.Event{Node: h.name(), Digest: p.Digest.String(), Detail: "published"})
	at := tenancy{p.From, p.To, p.Slot}
	before, taken := s.owners[at]
	s.owners[at] = p.Digest
	// One that had its receipt and is sent again for a peer's new epoch may have another slot.
	// No fact tells of a part that it had one.
	if p.Slot >= messageSlots || !taken || before == p.Digest || s.cleared[before] || s.backwards {
		return
	}
	rows, err := h.g.Outbox(ctx)
	if err != nil {
		return
	}
	t := s.told[before.String()]
	for _, r := range rows {
		if t != nil && r.GetMessage() == t.message && r.GetKind() != valisev1.Kind_KIND_VOID {
			s.fault("%s puts a message into the slot of one that has no receipt yet", h.state)
		}
	}
}
