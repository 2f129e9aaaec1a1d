package sim

import (
	"math/rand/v2"
	"slices"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	// crowdEvery is in how many steps a crowd comes, on average.
	crowdEvery = 60
	// waveMost is how many messages one home writes to another in one wave at most. The relay's
	// profile has 256 slots for them. docs/protocol.md §7.8
	waveMost = 400
	// waveTurns is how often each side of a wave has its turn.
	waveTurns = 16
	// mostCopies bounds the copies of one disk that are made in crowds.
	mostCopies = 8
)

// crowd lets two homes write to each other far more than the slots of a pair hold. First hardly
// anything is fetched, so that all slots are taken; then most of it arrives; and then something goes
// back to what it was before that: what it forgets is more than a window. docs/protocol.md §7.6, §7.8
func (s *sim) crowd(h *home) {
	other := s.homes[s.rng.IntN(len(s.homes))]
	if other == h {
		return
	}
	if s.rng.IntN(2) == 0 { // what the swarm does may keep a crowd from ever coming about
		f := s.f
		s.f = faults{}
		defer func() { s.f = f }()
		s.upAgain()
		h.setLink(true)
		other.setLink(true)
	}
	for range 1 + s.rng.IntN(2) {
		s.wave(h, other, jam)
		s.saveSome(h, other)
		s.wave(h, other, flow)
		s.saveSome(h, other)
	}
	if s.rng.IntN(3) == 0 {
		s.wave(h, other, jam)
	}
	s.afterCrowd(h, other)
}

// saveSome copies some disks.
func (s *sim) saveSome(sides ...*home) {
	for _, h := range sides {
		if len(h.copies) < mostCopies && s.rng.IntN(3) > 0 {
			h.save()
		}
	}
}

// pace is what one home does at each turn of a wave.
type pace struct{ writes, fetches int }

// jam writes much and fetches seldom.
func jam(r *rand.Rand) (p pace) {
	if r.IntN(4) > 0 {
		p.writes = 20 + r.IntN(waveMost/waveTurns)
	}
	if r.IntN(4) == 0 {
		p.fetches = r.IntN(20)
	}
	return p
}

// flow fetches as much as a window holds and more, and writes now and then.
func flow(r *rand.Rand) (p pace) {
	p.fetches = 40 + r.IntN(100)
	if r.IntN(3) > 0 {
		p.writes = r.IntN(waveMost / waveTurns)
	}
	return p
}

// wave lets both homes have their turns, at paces of their own.
func (s *sim) wave(a, b *home, draw func(*rand.Rand) pace) {
	ours, theirs := draw(s.rng), draw(s.rng)
	for range waveTurns {
		s.turn(a, b, ours)
		s.turn(b, a, theirs)
		s.now = s.now.Add(time.Duration(1+s.rng.IntN(2000)) * time.Millisecond)
	}
}

// turn is one home's part of a wave.
func (s *sim) turn(h, to *home, p pace) {
	s.turns, s.step = s.turns+1, s.step+1
	if h.g == nil {
		h.start()
	}
	for range p.writes {
		s.writeInCrowd(h, to)
	}
	h.round()
	for range p.fetches {
		h.fetch(ident.Address{State: h.state, Track: ident.Technical})
	}
	h.round()
}

// writeInCrowd begins a thread, or adds to the last one that this home began with the other.
func (s *sim) writeInCrowd(h, to *home) {
	if h.g == nil {
		return
	}
	thread := s.lastTopic(h, to)
	if thread == "" || s.rng.IntN(8) == 0 {
		s.inquireOf(h, to, ident.Technical)
		return
	}
	o, e := s.options(h)
	e.Thread, e.To = thread, to.name()
	m := new(valisev1.Supplement)
	setReference(m, e.Request)
	r := &valisev1.ReplyRequest{Thread: thread, Payload: payloadOf(m), Options: o}
	h.ask(oneMessage(e, func() (*valisev1.Sent, error) { return h.g.Reply(ctx, officer, r) }))
}

// afterCrowd is what may happen to a crowd that is under way.
func (s *sim) afterCrowd(h, other *home) {
	if s.rng.IntN(3) == 0 {
		s.relay.forget()
	}
	if s.rng.IntN(4) == 0 {
		s.relay.older()
	}
	for _, side := range []*home{h, other} {
		if len(side.copies) == 0 || side.restores >= mostRestores || s.rng.IntN(2) == 0 {
			continue
		}
		side.restores++
		side.back(side.copies[s.rng.IntN(len(side.copies))])
		if s.rollbacks && s.rng.IntN(2) == 0 {
			s.silent = true
			side.start()
			continue
		}
		side.restored()
	}
}

// lastTopic is the last thread that a home began with another; empty for none.
func (s *sim) lastTopic(h, to *home) string {
	for _, t := range slices.Backward(s.topics) {
		if t.from == h && t.other == to {
			return t.id
		}
	}
	return ""
}
