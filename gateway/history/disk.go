package history

import "maps"

// disk is what one node keeps: it can go back.
type disk struct {
	items map[uint64]*Event
	// own counts its messages by digest, holds the items of peers by digest, accepted those of
	// people by message; has counts every message of the record.
	own, holds, accepted, has map[string]int
	// promised are the messages that were answered OK while this disk was there.
	promised  map[string]bool
	withdrawn map[string]bool
	// removed are the items of which the leaf alone is left.
	removed map[uint64]bool
	heads   map[uint64]string
	size    uint64
}

func newDisk() *disk {
	return &disk{
		items: map[uint64]*Event{}, own: map[string]int{}, holds: map[string]int{}, accepted: map[string]int{}, has: map[string]int{},
		promised: map[string]bool{}, withdrawn: map[string]bool{}, removed: map[uint64]bool{}, heads: map[uint64]string{},
	}
}

func (d *disk) clone() *disk {
	return &disk{
		items: maps.Clone(d.items), own: maps.Clone(d.own), holds: maps.Clone(d.holds), accepted: maps.Clone(d.accepted), has: maps.Clone(d.has),
		promised: maps.Clone(d.promised), withdrawn: maps.Clone(d.withdrawn), removed: maps.Clone(d.removed), heads: maps.Clone(d.heads), size: d.size,
	}
}

func (d *disk) keeps(message string) bool { return d.promised[message] || d.has[message] > 0 }

func (j *judge) disk(node string) *disk {
	d := j.disks[node]
	if d == nil {
		d = newDisk()
		j.disks[node] = d
	}
	return d
}

// recorded takes an item into the disk's record. A place that is taken twice is two histories of
// one record.
func (j *judge) recorded(e *Event) {
	d := j.disk(e.Node)
	if _, taken := d.items[e.Place]; taken {
		j.found(RuleHeads, j.line, "%s recorded item %d twice", e.Node, e.Place)
		return
	}
	d.items[e.Place] = e
	d.has[e.Message]++
	if e.Direction == Sent {
		j.made(e)
		d.own[e.Digest]++
		return
	}
	d.holds[e.Digest]++
	if e.Kind < firstMachineKind {
		d.accepted[e.Message]++
	}
}

// made notes under which digests a message was ever made.
func (j *judge) made(e *Event) {
	if j.digests[e.Message] == nil {
		j.digests[e.Message] = map[string]bool{}
	}
	j.digests[e.Message][e.Digest] = true
}

// head compares a head with those of the same life of the disk.
func (j *judge) head(e *Event) {
	d := j.disk(e.Node)
	before, seen := d.heads[e.Size]
	switch {
	case seen && before != e.Root:
		j.found(RuleHeads, j.line, "%s has two roots at %d items", e.Node, e.Size)
	case e.Size < d.size:
		j.found(RuleHeads, j.line, "%s had %d items and has %d, and no disk went back", e.Node, d.size, e.Size)
	default:
		j.pass(RuleHeads)
	}
	d.heads[e.Size], d.size = e.Root, max(d.size, e.Size)
}

// wentBack replaces a disk by its copy, and finds the messages that no disk holds any more.
func (j *judge) wentBack(e *Event) {
	j.wentBackOnce = true
	saved := j.copies[both(e.Node, e.Copy)]
	if saved == nil {
		saved = newDisk() // a disk that went back to before the history began
	}
	j.disks[e.Node] = saved.clone()
	for _, r := range j.asked {
		if r.node == e.Node {
			r.back++
		}
	}
	for _, m := range j.ordered {
		if !m.lost && !j.heldSomewhere(m) {
			m.lost = true
		}
	}
}

// heldSomewhere: where records are read at the end only, nothing is known of the peers' disks,
// and the sender's own decides.
func (j *judge) heldSomewhere(m *message) bool {
	if !j.begin.Live {
		return j.disk(m.node).keeps(m.id)
	}
	for _, d := range j.disks {
		if d.keeps(m.id) {
			return true
		}
	}
	return false
}
