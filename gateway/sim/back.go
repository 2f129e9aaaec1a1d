package sim

import (
	"fmt"
	"maps"
	"slices"

	"valise.example/gateway/history"
	"valise.example/store/memory"
)

// saved is a copy of a home's disk.
type saved struct {
	name   string
	record *memory.Record
	items  uint64
	heads  []head
	held   map[seat]place
}

// mostRestores is how often a home is restored in one run. A peer keeps four epochs of it open, and
// what waits in a fifth may be closed there. docs/protocol.md §7.6
const mostRestores = 3

// goesBack saves a home's disk now and then, lets it be restored from a copy, and lets it become one
// without a word.
func (s *sim) goesBack(h *home) {
	if s.f.restore+s.f.silent > 0 && s.rng.IntN(50) == 0 {
		h.save()
	}
	if len(h.copies) > 0 && h.restores < mostRestores && s.chance(s.f.restore) {
		h.restores++
		h.back(h.copies[s.rng.IntN(len(h.copies))])
		h.restored()
	}
	if len(h.copies) > 0 && h.restores < mostRestores && s.chance(s.f.silent) {
		h.restores++
		s.silent = true
		h.back(h.copies[s.rng.IntN(len(h.copies))])
		h.start()
	}
}

func (h *home) save() {
	c := saved{name: fmt.Sprint(h.state, "-", len(h.copies)), record: h.disk.record.Copy(), items: h.disk.items, heads: slices.Clone(h.heads), held: maps.Clone(h.inbound.numbers)}
	h.copies = append(h.copies, c)
	h.s.note(history.Event{Event: history.Saved, Node: h.name(), Copy: c.name})
}

// back puts a copy into the place of the disk.
func (h *home) back(c saved) {
	h.stop()
	h.disk.record, h.disk.items = c.record.Copy(), c.items
	h.inbound = &inbound{numbers: maps.Clone(c.held), told: map[seat]uint64{}}
	h.heads = slices.Clone(c.heads)
	h.s.backwards = true
	h.s.note(history.Event{Event: history.WentBack, Node: h.name(), Copy: c.name})
}

// restored is the start of a node that knows it was restored: a new epoch first.
// docs/protocol.md §7.6
func (h *home) restored() {
	h.renew = true
	h.start()
}
