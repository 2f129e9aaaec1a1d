package sim

import (
	"bytes"
	"slices"

	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Slots of the profile. docs/protocol.md §7.8
const (
	messageSlots = 256
	allSlots     = 323
)

// letter is an envelope at the relay.
type letter struct {
	place    slot
	sequence uint64
	envelope []byte
	acked    bool
	failed   int // how often whoever took it had an error
	due      int // not handed over before this step
}

// owner is whose slot it lies in; nobody's for a hint and for what a relay hands out again.
func (l *letter) owner() ident.Address {
	if l == nil || l.place.n == gateway.SlotCannotOpen {
		return ident.Address{}
	}
	return l.place.from
}

// slot is one sender's place in a mailbox: it holds one envelope.
type slot struct {
	from ident.Address
	n    int
}

// box is one mailbox.
type box struct {
	last    uint64
	letters []*letter // in the relay's order
	archive [][]byte  // what a relay that forgets nothing could hand over again
}

const archived = 32

// relay carries, and may be trusted with nothing.
type relay struct {
	s     *sim
	boxes map[ident.Address]*box
	saved []map[ident.Address]*box
}

func newRelay(s *sim) *relay { return &relay{s: s, boxes: map[ident.Address]*box{}} }

func (r *relay) box(a ident.Address) *box {
	b := r.boxes[a]
	if b == nil {
		b = &box{}
		r.boxes[a] = b
	}
	return b
}

// publish puts an envelope into its slot, or does what the seed has chosen instead. answered says
// whether the sender learns anything.
func (r *relay) publish(p gateway.Publication, envelope []byte) (sequence uint64, answered bool, reason valisev1.Reason) {
	f, b := r.s.f, r.box(p.To)
	switch {
	case r.s.chance(f.refuse):
		return 0, false, valisev1.Reason_REASON_MAILBOX_FULL
	case r.s.chance(f.drop):
		b.last++
		return b.last, true, 0
	}
	due := 0
	if r.s.chance(f.delay) {
		due = r.s.step + 1 + r.s.rng.IntN(60)
	}
	b.store(slot{p.From, p.Slot}, envelope, due)
	if r.s.chance(f.noAnswer) {
		return 0, false, valisev1.Reason_REASON_RELAY_DOWN
	}
	if r.s.chance(f.lowAnswer) {
		return 1 + r.s.rng.Uint64N(b.last), true, 0
	}
	return b.last, true, 0
}

func (b *box) store(at slot, envelope []byte, due int) {
	b.last++
	b.letters = slices.DeleteFunc(b.letters, func(l *letter) bool { return l.place == at })
	b.letters = append(b.letters, &letter{place: at, sequence: b.last, envelope: envelope, due: due})
	if len(b.archive) == archived {
		b.archive = b.archive[1:]
	}
	b.archive = append(b.archive, envelope)
}

// next picks the letter to hand over, and what is handed over: usually the same. A letter from the
// archive has no place, and nobody acknowledges it.
func (r *relay) next(a ident.Address) (l *letter, envelope []byte) {
	f, b := r.s.f, r.box(a)
	if len(b.archive) > 0 && r.s.chance(f.again) {
		return nil, b.archive[r.s.rng.IntN(len(b.archive))]
	}
	var ready []*letter
	for _, x := range b.letters {
		if !x.acked && x.due <= r.s.step {
			ready = append(ready, x)
		}
	}
	if len(ready) == 0 {
		return nil, nil
	}
	l = ready[0]
	if r.s.chance(f.reorder) {
		l = ready[r.s.rng.IntN(len(ready))]
	}
	envelope = l.envelope
	if r.s.chance(f.corrupt) {
		envelope = bytes.Clone(envelope)
		envelope[r.s.rng.IntN(len(envelope))] ^= 1 << r.s.rng.IntN(8)
	}
	return l, envelope
}

// due is the first step after step in which a letter that is kept back may be handed over; 0 if
// there is none.
func (r *relay) due(step int) (first int) {
	for _, b := range r.boxes {
		for _, l := range b.letters {
			if !l.acked && l.due > step && (first == 0 || l.due < first) {
				first = l.due
			}
		}
	}
	return first
}

// forget loses everything, and counts from the beginning.
func (r *relay) forget() { r.boxes = map[ident.Address]*box{} }

// save keeps a copy, for older.
func (r *relay) save() { r.saved = append(r.saved, copyBoxes(r.boxes)) }

// older makes the relay what it was at some copy.
func (r *relay) older() {
	if len(r.saved) > 0 {
		r.boxes = copyBoxes(r.saved[r.s.rng.IntN(len(r.saved))])
	}
}

func copyBoxes(boxes map[ident.Address]*box) map[ident.Address]*box {
	out := make(map[ident.Address]*box, len(boxes))
	for a, b := range boxes {
		c := &box{last: b.last, archive: slices.Clone(b.archive)}
		for _, l := range b.letters {
			x := *l
			c.letters = append(c.letters, &x)
		}
		out[a] = c
	}
	return out
}
