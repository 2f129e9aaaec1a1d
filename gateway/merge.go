package gateway

import (
	"cmp"
	"slices"
	"time"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// merge puts messages of a thread that came when their turn had gone by between those that stayed
// where they were: ours that came back, and a peer's that had been given up for lost. They keep the
// order in which they were sent, before what followed them in their epoch and after what went
// before. Between those, one stands after what it names as last seen or answers: where it stood
// when it was said. docs/protocol.md §5.2, §7.6, P3
type merge struct {
	back    map[uint64]bool
	stayed  []stayed
	came    []came
	at      map[ident.Digest]int // the place of each that stayed
	awaited []ident.Digest
}

// life is the order that one side's messages of one epoch have.
type life struct {
	ours  bool
	epoch ident.Epoch
}

// stayed is a message that stands where the order of recording has it.
type stayed struct {
	life
	sequence uint64
	item     uint64
	created  time.Time
}

// came is a message that came when its turn had gone by.
type came struct {
	life
	seal.Header
	item     uint64
	recorded int // how many of those that stayed had their turn before
}

// slot is an item that comes after so many of those that stayed.
type slot struct {
	item  uint64
	after int
}

func (m *merge) learn(item *valisev1.Item) error {
	if !isMessageItem(item) {
		return nil
	}
	h, err := headerOf(item)
	if err != nil {
		return err
	}
	l := life{item.GetType() == valisev1.ItemType_ITEM_TYPE_SENT, h.Epoch}
	if m.back[item.GetNumber()] {
		m.came = append(m.came, came{life: l, Header: h, item: item.GetNumber(), recorded: len(m.stayed)})
		return nil
	}
	if m.at == nil {
		m.at = map[ident.Digest]int{}
	}
	d, _ := ident.DigestFrom(item.GetDigest())
	m.at[d] = len(m.stayed)
	m.stayed = append(m.stayed, stayed{
		life: l, sequence: h.ThreadSequence, item: item.GetNumber(), created: h.Created,
	})
	return nil
}

func headerOf(item *valisev1.Item) (seal.Header, error) {
	s, err := seal.ParseSigned(item.GetSigned())
	if err != nil {
		return seal.Header{}, &Error{Reason: valisev1.Reason_REASON_RECORD_DAMAGED, Err: err}
	}
	h, err := seal.ParseHeader(s.Content.Header)
	if err != nil {
		return seal.Header{}, &Error{Reason: valisev1.Reason_REASON_RECORD_DAMAGED, Err: err}
	}
	return h, nil
}

// slots lists what came in its order, each with its place. The rest of a thread is only ever
// longer at its end, so that a place changes only when more comes back or what was awaited comes.
func (m *merge) slots() []slot {
	m.sort()
	anchors := m.anchors()
	within, older := m.sameLife(), m.olderLives()
	out := make([]slot, 0, len(m.came))
	after := 0
	for i, c := range m.came {
		if i > 0 && m.came[i-1].ours != c.ours {
			after = 0
		}
		from, upTo := within(c)
		after = min(max(after, anchors[i], older(c), from), upTo)
		out = append(out, slot{c.item, after})
	}
	slices.SortStableFunc(out, func(a, b slot) int { return cmp.Compare(a.after, b.after) })
	return out
}

// sort orders what came, of each side: epochs by their first message here, and within one the sequences.
func (m *merge) sort() {
	begun := map[life]time.Time{}
	for _, c := range m.came {
		if t, known := begun[c.life]; !known || c.Created.Before(t) {
			begun[c.life] = c.Created
		}
	}
	slices.SortFunc(m.came, func(a, b came) int {
		switch {
		case a.ours != b.ours && a.ours:
			return -1
		case a.ours != b.ours:
			return 1
		case a.epoch != b.epoch:
			return cmp.Or(begun[a.life].Compare(begun[b.life]), cmp.Compare(a.epoch, b.epoch))
		}
		return cmp.Or(cmp.Compare(a.ThreadSequence, b.ThreadSequence), cmp.Compare(a.item, b.item))
	})
}

// anchors are the places after which each stands for what it had seen. What had seen something
// that is not here stands before what it cannot come after: the next of its side that tells.
func (m *merge) anchors() []int {
	out := make([]int, len(m.came))
	for i, c := range slices.Backward(m.came) {
		if i+1 < len(m.came) && m.came[i+1].life == c.life {
			out[i] = min(c.recorded, out[i+1])
		} else {
			out[i] = c.recorded
		}
		seen, known := 0, true
		for _, d := range []ident.Digest{c.LastSeen, c.InReplyTo} {
			at, here := m.at[d]
			switch {
			case here:
				seen = max(seen, at+1)
			case d == c.LastSeen && !d.IsZero():
				known = false
				if c.ours {
					m.awaited = append(m.awaited, d)
				}
			}
		}
		if known {
			out[i] = seen
		}
	}
	return out
}

// sameLife tells after and before which of those that stayed one of the same sender and epoch must
// stand: those of lower and of higher sequences.
func (m *merge) sameLife() func(came) (from, upTo int) {
	type step struct {
		sequence   uint64
		from, upTo int
	}
	lives := map[life][]step{}
	for at, s := range m.stayed {
		lives[s.life] = append(lives[s.life], step{s.sequence, at + 1, at})
	}
	for _, list := range lives {
		slices.SortStableFunc(list, func(a, b step) int { return cmp.Compare(a.sequence, b.sequence) })
		for i := 1; i < len(list); i++ {
			list[i].from = max(list[i].from, list[i-1].from)
		}
		for i := len(list) - 2; i >= 0; i-- {
			list[i].upTo = min(list[i].upTo, list[i+1].upTo)
		}
	}
	return func(c came) (from, upTo int) {
		list := lives[c.life]
		bySequence := func(o step, n uint64) int { return cmp.Compare(o.sequence, n) }
		lower, _ := slices.BinarySearchFunc(list, c.ThreadSequence, bySequence)
		higher, _ := slices.BinarySearchFunc(list, c.ThreadSequence+1, bySequence)
		upTo = len(m.stayed)
		if lower > 0 {
			from = list[lower-1].from
		}
		if higher < len(list) {
			upTo = list[higher].upTo
		}
		return from, upTo
	}
}

// olderLives tells how many of those that stayed come before one because its sender had said them,
// in another epoch, before it. What was recorded later does not count.
func (m *merge) olderLives() func(came) int {
	others := map[life][]int{}
	for _, c := range m.came {
		if _, done := others[c.life]; done {
			continue
		}
		others[c.life] = nil
		for at, s := range m.stayed {
			if s.ours == c.ours && s.epoch != c.epoch {
				others[c.life] = append(others[c.life], at)
			}
		}
	}
	return func(c came) int {
		for _, at := range slices.Backward(others[c.life]) {
			if s := m.stayed[at]; s.item < c.item && !s.created.After(c.Created) {
				return at + 1
			}
		}
		return 0
	}
}
