package history

// Kinds after which a closed thread stays closed; any other message opens it again. docs/protocol.md §5.3
const (
	acknowledgementKind = 2
	closureKind         = 18
)

// removed takes the content of an item. Its place and digest stay: what comes again is still known.
// What a disk that went back forgot, and no other has the content of, is lost. docs/protocol.md §9.3
func (j *judge) removed(e *Event) {
	d := j.disk(e.Node)
	item := d.items[e.Place]
	if item == nil || d.removed[e.Place] {
		return // what a person wrote at home, or a batch
	}
	if item.Direction == Sent && j.begin.Receipts {
		j.hold(RuleRemoved, j.ended(d, item), j.line, "%s removed %s, and %s never signed for it", e.Node, short(item.Message), item.To)
	}
	if item.Direction != Refused && item.Kind < firstMachineKind && !j.wentBackOnce {
		j.hold(RuleRemoved, j.over(d, item.Thread), j.line, "%s removed %s of a thread that is not over", e.Node, short(item.Message))
	}
	d.removed[e.Place] = true
	d.has[item.Message]--
	delete(d.promised, item.Message)
	if m := j.messages[item.Message]; m != nil && j.wentBackOnce && !j.heldSomewhere(m) {
		m.lost = true
	}
}

// ended: the recipient has signed for a message of ours, under whichever digest it was made, it was
// withdrawn, or it came back from the recipient to a disk that had gone back.
func (j *judge) ended(d *disk, item *Event) bool {
	for digest := range j.digests[item.Message] {
		if j.receipts[both(item.To, digest)] {
			return true
		}
	}
	return j.receipts[both(item.To, item.Digest)] || d.withdrawn[item.Message] ||
		j.wentBackOnce && (item.To == "" || j.disk(item.To).holds[item.Digest] > 0)
}

// over: this side has closed a thread and nothing opened it again, or its opening was withdrawn.
func (j *judge) over(d *disk, thread string) bool {
	closed, opened := uint64(0), uint64(0)
	for place, e := range d.items {
		switch {
		case e.Thread != thread || e.Direction == Refused || e.Kind >= firstMachineKind || e.Kind == acknowledgementKind:
		case e.Sequence == 1 && e.Direction == Sent && d.withdrawn[e.Message]:
			return true
		case e.Kind != closureKind:
			opened = max(opened, place+1)
		case e.Direction == Sent:
			closed = max(closed, place+1)
		}
	}
	return closed > opened
}
