package gateway

import (
	"encoding/binary"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// Quota is what one POC of a peer may make us record on one day by UTC. docs/protocol.md §7.7
type Quota struct {
	// Items is a number of messages and attachment parts; 0 means 5,000,000.
	Items uint64
	// Bytes of their Signed; 0 means 32 GiB.
	Bytes uint64
}

// What a peer may make us record where nothing else is configured: forty minutes at the full
// rate of a fast machine, and far more than any incident has needed.
const (
	defaultItems = 5_000_000
	defaultBytes = 32 << 30
)

const (
	// busyFor is how long BUSY holds because of something that may end at any moment.
	busyFor = 10 * time.Minute
	// longBusy is how long it holds at a time because the day's quota is used up, so that a
	// quota that an operator raises counts within the hour.
	longBusy = time.Hour
	// busyAhead is how long before its end BUSY is said again, so that it reaches the peer.
	busyAhead = time.Minute
	// spentBlock and spentShare are how much one commit of the count reserves: no more than so
	// many items, and no more than such a share of the quota.
	spentBlock = 256
	spentShare = 256
)

// quotas is what peers have cost and who was told to wait. The map of who was told is walked in
// the order of the receipt queue only.
type quotas struct {
	limit Quota
	spent map[ident.Address]*spent
	busy  map[Pair]busy
}

// busy is why a pair takes nothing, and until when it said so.
type busy struct {
	why   valisev1.Reason
	until time.Time
}

// spent is what of one peer was recorded on one day. The ceiling is what is on disk: memory may
// count up to it without a commit of its own, and after a start the count goes on from it.
type spent struct {
	day     int64
	now     cost
	ceiling cost
}

type cost struct{ items, bytes uint64 }

func (c cost) plus(o cost) cost { return cost{c.items + o.items, c.bytes + o.bytes} }

func (c cost) within(o cost) bool { return c.items <= o.items && c.bytes <= o.bytes }

func newQuotas(limit Quota) *quotas {
	if limit.Items == 0 {
		limit.Items = defaultItems
	}
	if limit.Bytes == 0 {
		limit.Bytes = defaultBytes
	}
	return &quotas{limit: limit, spent: map[ident.Address]*spent{}, busy: map[Pair]busy{}}
}

func dayOf(t time.Time) int64 { return t.Unix() / int64(24*time.Hour/time.Second) }

// of is what a peer has spent today; nothing of it is kept yet. A clock that jumps begins another
// day, which costs at most another quota.
func (q *quotas) of(from ident.Address, now time.Time) spent {
	if s := q.spent[from]; s != nil && s.day == dayOf(now) {
		return *s
	}
	return spent{day: dayOf(now)}
}

// over says whether one more message is more than a peer's quota of the day.
func (q *quotas) over(from ident.Address, size int, now time.Time) bool {
	more := q.of(from, now).now.plus(cost{1, uint64(size)})
	return !more.within(cost{q.limit.Items, q.limit.Bytes})
}

// next is the ceiling that a commit must write so that the count may go on; ok is false while
// the last one is enough.
func (q *quotas) next(from ident.Address, size int, now time.Time) (s spent, ok bool) {
	s = q.of(from, now)
	more := s.now.plus(cost{1, uint64(size)})
	if more.within(s.ceiling) {
		return s, false
	}
	step := cost{min(spentBlock, q.limit.Items/spentShare), q.limit.Bytes / spentShare}
	s.ceiling = more.plus(step)
	return s, true
}

// follow counts what became durable.
func (q *quotas) follow(from ident.Address, at spent, size int) {
	s := q.spent[from]
	if s == nil || s.day != at.day {
		s = &spent{day: at.day}
		q.spent[from] = s
	}
	s.now = s.now.plus(cost{1, uint64(size)})
	s.ceiling = cost{max(s.ceiling.items, at.ceiling.items), max(s.ceiling.bytes, at.ceiling.bytes)}
}

func (s spent) marshal() []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(s.day))
	return appendNumber(appendNumber(b, s.ceiling.items), s.ceiling.bytes)
}

func parseSpent(b []byte) (s spent, err error) {
	if len(b) != 24 {
		return s, damaged("what a peer has cost cannot be read")
	}
	s.day = int64(binary.BigEndian.Uint64(b))
	s.ceiling = cost{binary.BigEndian.Uint64(b[8:]), binary.BigEndian.Uint64(b[16:])}
	s.now = s.ceiling
	return s, nil
}

// spend counts a message that is being recorded. Only every so many cost a row of their own.
func (w *work) spend(from ident.Address, size int) error {
	w.g.mu.Lock()
	s, write := w.g.quotas.next(from, size, w.now)
	w.g.mu.Unlock()
	w.after.spent = append(w.after.spent, spending{from, s, size})
	if !write {
		return nil
	}
	return w.tx.Put(tableSpent, appendAddress(nil, from), s.marshal())
}

// spending is what one transaction recorded of a peer.
type spending struct {
	from ident.Address
	at   spent
	size int
}

// rebuildSpent reads what a peer has cost today.
func (g *Gateway) rebuildSpent(w *work, from ident.Address) error {
	b, err := w.tx.Get(tableSpent, appendAddress(nil, from))
	if err != nil || b == nil {
		return err
	}
	s, err := parseSpent(b)
	if err == nil {
		g.quotas.spent[from] = &s
	}
	return err
}

// turnAway drops a message of a peer that cannot be taken now. Nothing of it is recorded, and its
// sender learns from the next batch until when to wait. docs/protocol.md §7.7
func (g *Gateway) turnAway(o *seal.Opened) (Effects, bool) {
	p := Pair{Ours: o.Header.To, Peer: o.Header.From}
	now, space := g.cfg.Now(), g.space()
	if !g.cfg.speaksFor(p.Ours) {
		// It would go to quarantine, for which the last of the disk is not kept.
		return Effects{Reason: valisev1.Reason_REASON_DISK_FULL}, space == SpaceLast
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	why := g.whyBusy(p, len(o.Bytes), space, now)
	if why == valisev1.Reason_REASON_UNSPECIFIED {
		return Effects{}, false
	}
	g.sayBusy(p, g.busyFrom(why, now), now)
	return Effects{Reason: why, ReceiptTo: []Pair{p}}, true
}

func (g *Gateway) whyBusy(p Pair, size int, space Space, now time.Time) valisev1.Reason {
	switch {
	case space == SpaceLast:
		return valisev1.Reason_REASON_DISK_FULL
	case g.quotas.over(p.Peer, size, now):
		return valisev1.Reason_REASON_QUOTA
	}
	return valisev1.Reason_REASON_UNSPECIFIED
}

// busyFrom is for how long BUSY is said now.
func (g *Gateway) busyFrom(why valisev1.Reason, now time.Time) busy {
	if why == valisev1.Reason_REASON_DISK_FULL {
		return busy{why, now.Add(busyFor)}
	}
	tomorrow := time.Unix((dayOf(now)+1)*int64(24*time.Hour/time.Second), 0)
	return busy{why, now.Add(min(longBusy, max(tomorrow.Sub(now), 2*busyAhead)))}
}

// OverQuota tells that a peer sent more in a short time than its quota by relay subject allows,
// so that something of it was dropped unopened. docs/protocol.md §7.7
func (g *Gateway) OverQuota(p Pair, until time.Time) {
	g.mu.Lock()
	g.sayBusy(p, busy{valisev1.Reason_REASON_QUOTA, until}, g.cfg.Now())
	g.mu.Unlock()
	g.cfg.Changed()
}

// sayBusy puts the later of two times into the next batch. One is due at once when it is news;
// after that at most one a minute, for whoever floods is not to be answered as often.
func (g *Gateway) sayBusy(p Pair, b busy, now time.Time) {
	before, told := g.quotas.busy[p]
	if b.until.After(before.until) {
		g.quotas.busy[p] = b
	}
	if told {
		g.receipts.repeat(p, now)
		return
	}
	g.receipts.due(p, now)
}

// busyUntil is what the next batch of a pair says.
func (g *Gateway) busyUntil(p Pair) *timestamppb.Timestamp {
	g.mu.Lock()
	defer g.mu.Unlock()
	if b, busy := g.quotas.busy[p]; busy && b.until.After(g.cfg.Now()) {
		return timestamppb.New(b.until)
	}
	return nil
}

// free ends BUSY: the next batch does not say it, and shows the peer what has not come.
func (g *Gateway) free(p Pair, now time.Time) {
	delete(g.quotas.busy, p)
	g.receipts.due(p, now)
}

// renewBusy says BUSY again before it ends where its cause goes on, and ends it where it does not.
func (g *Gateway) renewBusy(now time.Time) {
	space := g.space()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range g.receipts.order {
		b, is := g.quotas.busy[p]
		if !is || now.Before(b.until.Add(-busyAhead)) {
			continue
		}
		why := g.whyBusy(p, 0, space, now)
		switch {
		case why != valisev1.Reason_REASON_UNSPECIFIED:
			g.quotas.busy[p] = g.busyFrom(why, now)
			g.receipts.due(p, now)
		case !now.Before(b.until), b.why == valisev1.Reason_REASON_DISK_FULL:
			g.free(p, now)
		}
	}
}

// wakeBusy is when renewBusy has something to do.
func (g *Gateway) wakeBusy(now time.Time) (next time.Time, ok bool) {
	for _, p := range g.receipts.order {
		b, is := g.quotas.busy[p]
		if !is {
			continue
		}
		at := b.until.Add(-busyAhead)
		if !at.After(now) {
			at = b.until
		}
		if !ok || at.Before(next) {
			next, ok = at, true
		}
	}
	return next, ok
}
