package history

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// end checks what must hold in the end.
func (j *judge) end() {
	j.endMessages()
	j.endRequests()
	j.endRecords()
	j.endReceipts()
	for _, key := range j.threads {
		j.endThread(key)
	}
	if j.begin.Views && j.converged {
		j.endViews()
	}
	if j.converged && len(j.waiting) == 0 {
		j.pass(RuleIdle)
	}
	for _, node := range j.begin.Nodes {
		if !j.verified[node] {
			j.found(RuleVerify, j.line, "the record of %s was not verified", node)
		}
	}
}

// endMessages: everything that was answered OK is delivered, or waits where there was no time.
func (j *judge) endMessages() {
	for _, m := range j.ordered {
		to := m.request.to
		if !slices.Contains(j.begin.Nodes, to) {
			continue
		}
		count := j.disk(to).accepted[m.id]
		switch {
		case j.disk(m.node).withdrawn[m.id]:
			j.hold(RuleWithdrawn, count == 0, j.line, "%s of %s was withdrawn and %s has it", short(m.id), m.node, to)
		case count == 1, m.lost:
			j.pass(RuleOnce)
		case count == 0 && !j.converged && j.waiting[both(m.node, m.id)]:
			j.pass(RuleOnce)
		case count == 0:
			j.found(RuleOnce, j.line, "%s was answered OK by %s in line %d and is not at %s", short(m.id), m.node, m.request.okLine, to)
		}
	}
}

// endRequests: one request is one message, and a refused one is none.
func (j *judge) endRequests() {
	for _, node := range slices.Sorted(maps.Keys(j.disks)) {
		for _, e := range j.disks[node].items {
			if r := j.requests[both(e.From, e.Request)]; e.Request != "" && r != nil {
				r.distinct[e.Message] = true
			}
		}
	}
	for _, r := range j.asked {
		switch {
		case r.failed && !r.answered:
			j.hold(RuleRefused, len(r.distinct) == 0, j.line, "%s refused request %s, and a record has it", r.node, r.id)
		default:
			j.hold(RuleTwice, len(r.distinct) <= 1+r.back, j.line, "request %s of %s became %d messages", r.id, r.node, len(r.distinct))
		}
	}
}

// endRecords: no record holds a thing twice, and nothing that its sender does not know.
func (j *judge) endRecords() {
	for _, node := range slices.Sorted(maps.Keys(j.disks)) {
		d := j.disks[node]
		byMessage, byDigest := map[string]int{}, map[string]int{}
		for _, place := range slices.Sorted(maps.Keys(d.items)) {
			e := d.items[place]
			if e.Direction == Sent {
				continue
			}
			byDigest[e.Digest]++
			twice := byDigest[e.Digest] > 1
			// One that was made again in a later epoch is consumed as refused: its id is here already.
			if e.Kind < firstMachineKind && e.Direction != Refused {
				byMessage[e.Message]++
				twice = twice || byMessage[e.Message] > 1
			}
			j.hold(RuleTwice, !twice, j.line, "item %d of %s: %s is recorded twice", place, node, short(e.Message))
			// What was removed here cannot be given back to a sender whose disk went back.
			if j.converged && slices.Contains(j.begin.Nodes, e.From) && !d.removed[place] {
				j.hold(RuleInvented, j.disk(e.From).own[e.Digest] > 0, j.line, "%s has %s of %s, whose own record lacks it", node, short(e.Digest), e.From)
			}
		}
	}
}

// endReceipts: where receipts themselves were not seen, what was cleared is at the recipient.
func (j *judge) endReceipts() {
	if !j.begin.Live {
		for _, key := range slices.Sorted(maps.Keys(j.receipts)) {
			node, digest, _ := strings.Cut(key, "\x00")
			j.hold(RuleReceipt, j.disk(node).holds[digest] > 0, j.line, "%s signed for %s and its record lacks it", node, short(digest))
		}
	}
	for _, c := range j.mistaken {
		j.holdCleared(c, j.disk(c.node).withdrawn[c.message])
	}
	for _, c := range j.cleared {
		j.hold(RuleCleared, j.disk(c.to).holds[c.digest] > 0, c.line, "%s counts %s as received, and the record of %s lacks it", c.node, short(c.digest), c.to)
	}
}

// endThread: one view of one thread, in the order in which an officer sees it.
func (j *judge) endThread(key string) {
	rows := slices.Clone(j.shown[key])
	slices.SortStableFunc(rows, func(a, b shown) int { return cmp.Compare(a.e.Place, b.e.Place) })
	seen := map[string]bool{}
	last := map[string]uint64{} // sender and epoch → sequence
	latest := map[string]int{}  // sender and epoch → latest line of asking so far
	for _, row := range rows {
		e := row.e
		j.hold(RuleTwice, !seen[e.Message], row.line, "%s shows %s twice", e.Node, short(e.Message))
		seen[e.Message] = true
		stream := both(e.From, e.Epoch)
		before, any := last[stream]
		j.hold(RuleOrder, !any || e.Sequence > before, row.line, "%s shows number %d of %s after %d", e.Node, e.Sequence, e.From, before)
		last[stream] = e.Sequence
		m := j.messages[e.Message]
		if m == nil || m.request.held || j.wentBackOnce && len(j.digests[e.Message]) > 1 {
			continue
		}
		j.hold(RuleOrder, m.request.okLine >= latest[stream], row.line, "%s shows %s after a message that was asked for later", e.Node, short(e.Message))
		latest[stream] = max(latest[stream], m.request.line)
	}
}

// headless: disks went back, and no record has the inquiry of a thread any more. What is left of it
// may wait for the inquiry, because nobody can tell a node that it never comes.
func (j *judge) headless(thread string) bool {
	if !j.wentBackOnce {
		return false
	}
	for _, d := range j.disks {
		for _, e := range d.items {
			if e.Thread == thread && e.Kind == inquiryKind {
				return false
			}
		}
	}
	return true
}

// endViews: what stands in a record between two States is shown by its node, once.
func (j *judge) endViews() {
	shownAt := map[string]bool{}
	for _, rows := range j.shown {
		for _, row := range rows {
			shownAt[both(row.e.Node, row.e.Message)] = true
		}
	}
	for _, node := range slices.Sorted(maps.Keys(j.disks)) {
		d := j.disks[node]
		for _, place := range slices.Sorted(maps.Keys(d.items)) {
			e := d.items[place]
			if d.removed[place] {
				j.hold(RuleRemoved, !shownAt[both(node, e.Message)] || d.has[e.Message] > 0, j.line, "%s shows item %d, %s, of which the leaf alone is left", node, place, short(e.Message))
				continue
			}
			if e.Thread == "" || e.Kind >= firstMachineKind || e.Direction == Refused || d.withdrawn[e.Message] || j.headless(e.Thread) {
				continue
			}
			j.hold(RuleViews, shownAt[both(node, e.Message)], j.line, "%s does not show item %d, %s", node, place, short(e.Message))
		}
	}
}

// firstMachineKind: from here on kinds are made by machines. docs/protocol.md §5.1
const firstMachineKind = 100

// inquiryKind is the kind that begins a thread. docs/protocol.md §5.1
const inquiryKind = 1
