package gateway

import "time"

// missing says that a newer batch of the peer has been read for a channel: what it does not cover
// up to the highest held number was lost.
type missing struct {
	channel channel
	held    uint64
}

// showMissing sends again at once what a newer batch does not show, each number at most once in
// 15 minutes, and nothing while the peer is busy. What left before the peer last said BUSY and is
// still missing was dropped, however short a time ago. docs/protocol.md §7.4, §7.7
func (s *schedule) showMissing(m missing, now time.Time) {
	l, pair := s.byKey[m.channel], Pair{Ours: m.channel.from, Peer: m.channel.to}
	if l == nil || s.busy[pair].After(now) {
		return
	}
	for _, e := range l.entries {
		lost := e.sequence < m.held || now.Sub(e.last) > travelTime || !e.last.After(s.told[pair])
		if !e.answered || !lost || !e.shown.IsZero() && now.Sub(e.shown) < onceIn {
			continue
		}
		at := now
		if soonest := e.last.Add(overtaking); e.sequence < m.held && soonest.After(now) {
			at = soonest
		}
		if e.next.After(at) {
			e.next, e.shown = at, now
		}
	}
}

// showDropped sends again at once what left before a peer said BUSY and is still without a receipt
// when it says so no more. The receipt has no line for a channel of which nothing ever came.
// docs/protocol.md §7.7
func (s *schedule) showDropped(p Pair, now time.Time) {
	for _, l := range s.lanes {
		if l.channel.from != p.Ours || l.channel.to != p.Peer {
			continue
		}
		for _, e := range l.entries {
			dropped := e.answered && !e.last.After(s.told[p])
			if dropped && (e.shown.IsZero() || now.Sub(e.shown) >= onceIn) && e.next.After(now) {
				e.next, e.shown = now, now
			}
		}
	}
}

// hinted: the peer says that it could not open something. A hint is never obeyed; at most the
// lowest number goes out again. docs/protocol.md §7.5
func (s *schedule) hinted(p Pair, now time.Time) {
	for _, l := range s.lanes {
		if l.channel.from != p.Ours || l.channel.to != p.Peer || len(l.entries) == 0 {
			continue
		}
		e := l.entries[0]
		if e.answered && (e.shown.IsZero() || now.Sub(e.shown) >= onceIn) && e.next.After(now) {
			e.next, e.shown = now, now
		}
	}
}
