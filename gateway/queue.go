package gateway

import (
	"slices"
	"time"

	"valise.example/proto/ident"
)

// duplicateReceipt is how often a pair gets a receipt only because something came twice or the
// link came back. docs/protocol.md §7.4
const duplicateReceipt = time.Minute

// receiptQueue knows which pairs have a receipt due, in memory only: after a start all have.
type receiptQueue struct {
	order []Pair
	pairs map[Pair]*receiptDue
}

type receiptDue struct {
	due        bool
	at         time.Time
	generation uint64 // rises with everything that a receipt should tell
	tries      uint32
	repeating  bool      // it tells nothing new
	repeated   time.Time // when the last one that told nothing new left
}

func newReceiptQueue() *receiptQueue { return &receiptQueue{pairs: map[Pair]*receiptDue{}} }

func (q *receiptQueue) pair(p Pair) *receiptDue {
	r := q.pairs[p]
	if r == nil {
		r = &receiptDue{}
		q.pairs[p] = r
		q.order = append(q.order, p)
	}
	return r
}

// due: the pair's channels moved.
func (q *receiptQueue) due(p Pair, now time.Time) {
	r := q.pair(p)
	r.generation++
	r.due, r.at, r.repeating = true, now, false
}

// repeat: there is nothing new to tell, but the peer seems not to know it. Only those that left
// count for the bound: if one that then went with news pushed the next away, a link that flaps
// would hold up every answer to what comes twice.
func (q *receiptQueue) repeat(p Pair, now time.Time) {
	r := q.pair(p)
	if r.due {
		return
	}
	at := now
	if since := now.Sub(r.repeated); !r.repeated.IsZero() && since < duplicateReceipt {
		at = now.Add(duplicateReceipt - max(since, 0)) // a clock that was put back counts for none
	}
	r.generation++
	r.due, r.at, r.repeating = true, at, true
}

// reconnected: every pair that ever received gets one, at most one a minute.
func (q *receiptQueue) reconnected(now time.Time) {
	for _, p := range q.order {
		q.repeat(p, now)
		if r := q.pairs[p]; r.tries > 0 {
			r.at, r.tries = now, 0
		}
	}
}

// take hands out the pairs whose receipt should leave now. A pair comes again by the first retry
// clock until left tells that its receipt is on its way.
func (q *receiptQueue) take(now time.Time, jitter func(time.Duration) time.Duration) []Pair {
	var out []Pair
	for _, p := range q.order {
		r := q.pairs[p]
		if r.at.Sub(now) > lastRetry+lastRetry/10+duplicateReceipt {
			r.at = now // it was set while the clock was ahead
		}
		if !r.due || r.at.After(now) {
			continue
		}
		if r.repeating {
			r.repeated = now
		}
		r.at = now.Add(jitter(doubled(firstRetry, r.tries, lastRetry)))
		r.tries++
		out = append(out, p)
	}
	return out
}

func (q *receiptQueue) left(p Pair, generation uint64, now time.Time) {
	r := q.pairs[p]
	if r == nil {
		return
	}
	r.tries = 0
	if r.generation == generation {
		r.due = false
		return
	}
	r.at = now
}

func (q *receiptQueue) wake() (next time.Time, ok bool) {
	for _, p := range q.order {
		if r := q.pairs[p]; r.due && (!ok || r.at.Before(next)) {
			next, ok = r.at, true
		}
	}
	return next, ok
}

// heldRow is a message that waits for its time. docs/protocol.md §7.4
type heldRow struct {
	row   uint64
	due   time.Time
	since time.Time // when due was reckoned
}

// rebase: a clock that went back must not hold a message for longer than was asked.
func (h heldRows) rebase(now time.Time) {
	for i := range h {
		if now.Before(h[i].since) {
			h[i].due, h[i].since = now.Add(h[i].due.Sub(h[i].since)), now
		}
	}
}

type heldRows []heldRow

func (h heldRows) without(row uint64) heldRows {
	return slices.DeleteFunc(h, func(x heldRow) bool { return x.row == row })
}

// limits bound what others can make us write. P7
type limits struct {
	unattributed allowance
	byPeer       map[ident.Address]*allowance
	hints        map[Pair]time.Time
	seen         map[[32]byte]bool
	ring         [][32]byte
}

// Bounds of what quarantine and hints may cost.
const (
	unattributedAnHour = 60
	evidenceAnHour     = 30
	hintEvery          = time.Hour
	envelopesKnown     = 1024
)

func newLimits() limits {
	return limits{byPeer: map[ident.Address]*allowance{}, hints: map[Pair]time.Time{}, seen: map[[32]byte]bool{}}
}

// allowance is so many an hour.
type allowance struct {
	since time.Time
	used  int
}

func (a *allowance) take(now time.Time, anHour int) bool {
	if d := now.Sub(a.since); d >= time.Hour || d < 0 {
		a.since, a.used = now, 0
	}
	if a.used >= anHour {
		return false
	}
	a.used++
	return true
}

// evidence says whether something of a peer whose signatures verified may still be kept.
func (l *limits) evidence(from ident.Address, now time.Time) bool {
	a := l.byPeer[from]
	if a == nil {
		a = &allowance{}
		l.byPeer[from] = a
	}
	return a.take(now, evidenceAnHour)
}

// envelope says whether an envelope that nobody answers for is new and may be written down.
func (l *limits) envelope(hash [32]byte, now time.Time) bool {
	if l.seen[hash] || !l.unattributed.take(now, unattributedAnHour) {
		return false
	}
	if len(l.ring) == envelopesKnown {
		delete(l.seen, l.ring[0])
		l.ring = l.ring[1:]
	}
	l.seen[hash] = true
	l.ring = append(l.ring, hash)
	return true
}

func (l *limits) hint(p Pair, now time.Time) bool {
	if at, ok := l.hints[p]; ok && now.Sub(at) < hintEvery && !now.Before(at) {
		return false
	}
	l.hints[p] = now
	return true
}
