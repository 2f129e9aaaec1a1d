package gateway

import (
	"slices"
	"time"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// The two retry clocks. docs/protocol.md §7.4
const (
	// Until the relay's answer: 1 s doubling to 5 min, for ever.
	firstRetry = time.Second
	lastRetry  = 5 * time.Minute
	// After it, without a receipt: 15 min doubling to 24 h.
	firstRepeat = 15 * time.Minute
	lastRepeat  = 24 * time.Hour

	// inFlight is how long a publication may take before it counts as unanswered.
	inFlight = time.Minute
	// onceIn is how often one number goes out again because a batch does not show it.
	onceIn = 15 * time.Minute
	// travelTime is how long a message may lawfully be under way when a batch does not show it.
	travelTime = time.Minute
	// overtaking is how long a later number may lawfully be recorded before an earlier one:
	// publications run side by side, and so does opening them.
	overtaking = 2 * time.Second
	// allAgain is how often a relay that lost its mail makes everything go out again.
	allAgain = time.Minute
	// oneLoss is how close together answers tell of one and the same loss.
	oneLoss = 5 * time.Second
	// reconnects is how many publications more than the second clock asks for a message may have
	// because the link came back, until the peer is heard: a link that flaps for a month costs no
	// more than this. What the relay did not take is not counted: it cost nobody anything.
	reconnects = 3
	// longestBusy bounds what a peer may ask for.
	longestBusy = 24 * time.Hour
	// atOnce is how many publications one call of Due hands out, which bounds memory. P7
	atOnce = 64
)

// entry is one message that may leave, in memory only.
type entry struct {
	digest   ident.Digest
	id       ident.MessageID
	channel  channel
	sequence uint64
	slot     int
	row      uint64 // ordinal in the outbox

	answered bool   // the relay took it at least once
	attempts uint32 // publications begun
	answers  uint32 // how often the relay took it
	step     uint32 // position on the second clock
	tries    uint32 // failures since the last answer: position on the first clock
	reason   valisev1.Reason
	next     time.Time // go out again
	last     time.Time // last publication
	shown    time.Time // last time it went out because a batch did not show it
	since    time.Time // the first answer, or the last time the peer was heard
	heard    uint32    // answers until then
	young    bool      // made in this life and never handed out
	kept     bool      // is being withdrawn: not handed out
	out      bool      // handed out, and nothing was heard of it yet
	anew     bool      // goes out again whatever is heard of the publication under way
	route    string    // where the last publication went: mailbox and key; empty if unknown
}

func (e *entry) pair() Pair { return Pair{Ours: e.channel.from, Peer: e.channel.to} }

// schedule knows when what goes out again. It is pure: times are passed in, its order is that of
// channels as first seen and of numbers within them. Rows without a slot are not in it, so it
// holds at most 320 entries a pair and epoch. docs/protocol.md §7.4
type schedule struct {
	jitter   func(time.Duration) time.Duration
	lanes    []*lane
	byKey    map[channel]*lane
	byDigest map[ident.Digest]*entry
	busy     map[Pair]time.Time
	told     map[Pair]time.Time // when the peer last said that it takes nothing
	lastAll  time.Time
	asked    time.Time               // when it was last asked what is due
	relay    map[Pair]uint64         // highest answer before this start, until the first one after it
	stale    map[ident.Digest]*entry // given up while a publication was under way
}

type lane struct {
	channel channel
	entries []*entry // by sequence
}

func newSchedule(jitter func(time.Duration) time.Duration) *schedule {
	return &schedule{
		jitter: jitter, byKey: map[channel]*lane{}, byDigest: map[ident.Digest]*entry{},
		busy: map[Pair]time.Time{}, told: map[Pair]time.Time{}, relay: map[Pair]uint64{}, stale: map[ident.Digest]*entry{},
	}
}

// add lets a message leave now.
func (s *schedule) add(e entry, now time.Time) {
	if _, there := s.byDigest[e.digest]; there {
		return
	}
	if e.next.IsZero() {
		e.next = now
	}
	l := s.byKey[e.channel]
	if l == nil {
		l = &lane{channel: e.channel}
		s.byKey[e.channel] = l
		s.lanes = append(s.lanes, l)
	}
	at, _ := slices.BinarySearchFunc(l.entries, e.sequence, func(x *entry, n uint64) int { return compare(x.sequence, n) })
	l.entries = slices.Insert(l.entries, at, &e)
	s.byDigest[e.digest] = &e
}

// remove ends the way of a message: it is covered, or it was never to leave.
func (s *schedule) remove(d ident.Digest) {
	e := s.byDigest[d]
	if e == nil {
		return
	}
	delete(s.byDigest, d)
	l := s.byKey[e.channel]
	l.entries = slices.DeleteFunc(l.entries, func(x *entry) bool { return x == e })
	if len(l.entries) == 0 {
		delete(s.byKey, e.channel)
		s.lanes = slices.DeleteFunc(s.lanes, func(x *lane) bool { return x == l })
	}
}

// due hands out what should leave now, at most atOnce, each number in order. open says whether
// anything can be sealed to a peer at all.
func (s *schedule) due(now time.Time, open func(Pair) bool) []entry {
	var out []entry
	if now.Before(s.asked) {
		s.rebase(now)
	}
	s.asked = now
	for _, share := range []int{max(atOnce/max(len(s.lanes), 1), 1), atOnce} {
		for _, l := range s.lanes {
			pair := Pair{Ours: l.channel.from, Peer: l.channel.to}
			if s.waits(l, pair, now, open) {
				continue
			}
			out = l.handOut(out, now, min(len(out)+share, atOnce))
		}
	}
	return out
}

// rebase is for a clock that went back: a time that lies further ahead than any delay was set while the
// clock was ahead, and must not hold anything until then. docs/protocol.md §7.4
func (s *schedule) rebase(now time.Time) {
	const longest = lastRepeat + lastRepeat/10 + inFlight
	for _, l := range s.lanes {
		for _, e := range l.entries {
			if e.next.Sub(now) > longest {
				e.next = now
			}
		}
	}
	for p, until := range s.busy {
		if until.Sub(now) > longest {
			delete(s.busy, p)
		}
	}
}

// handOut adds what is due of one channel until out has limit entries.
func (l *lane) handOut(out []entry, now time.Time, limit int) []entry {
	for _, e := range l.entries {
		if len(out) == limit {
			break
		}
		if e.kept || e.next.After(now) {
			continue
		}
		e.last, e.young, e.out, e.anew = now, false, true, false
		e.attempts++
		e.next = now.Add(inFlight)
		out = append(out, *e)
	}
	return out
}

// waits marks a channel's due messages as waiting when the peer is busy or has no key, and
// looks again later. A waiting message never fails.
func (s *schedule) waits(l *lane, pair Pair, now time.Time, open func(Pair) bool) bool {
	if len(l.entries) == 0 || !slices.ContainsFunc(l.entries, func(e *entry) bool { return !e.next.After(now) }) {
		return false
	}
	reason, until := valisev1.Reason_REASON_UNSPECIFIED, now.Add(lastRetry)
	if b := s.busy[pair]; b.After(now) {
		reason, until = valisev1.Reason_REASON_PEER_BUSY, b
	} else if !open(pair) {
		reason = valisev1.Reason_REASON_NO_SEALING_KEY
	}
	if reason == valisev1.Reason_REASON_UNSPECIFIED {
		return false
	}
	for _, e := range l.entries {
		if !e.next.After(now) {
			e.next, e.reason = until, reason
		}
	}
	return true
}

// answered: the relay took it. It says nothing about the peer. lost is true when the first answer
// after a start is not above the last one before it: it is a new or an older relay. Later answers
// are compared by the node, which knows in which order it asked.
func (s *schedule) answered(d ident.Digest, sequence uint64, now time.Time) (e *entry, lost bool) {
	e = s.byDigest[d]
	if s.late(d, now) || e == nil {
		return nil, false
	}
	e.out = false
	e.answers++
	if !e.answered {
		e.answered, e.since, e.heard = true, now, e.answers
	}
	e.tries, e.reason = 0, valisev1.Reason_REASON_UNSPECIFIED
	if !e.anew {
		e.next = now.Add(s.jitter(doubled(firstRepeat, e.step, lastRepeat)))
	}
	e.step++
	before, first := s.relay[e.pair()]
	delete(s.relay, e.pair())
	return e, first && sequence > 0 && sequence <= before
}

// notSent: no answer of the relay.
func (s *schedule) notSent(d ident.Digest, reason valisev1.Reason, now time.Time) {
	e := s.byDigest[d]
	if s.late(d, now) || e == nil {
		return
	}
	e.out = false
	e.next = now.Add(s.jitter(doubled(firstRetry, e.tries, lastRetry)))
	e.tries++
	e.reason = reason
}

// reconnected: what the relay never answered goes out at once; of the rest the lowest of each
// channel, which also shows whether the relay still has what it had.
func (s *schedule) reconnected(now time.Time) {
	for _, l := range s.lanes {
		for i, e := range l.entries {
			switch {
			case !e.answered:
				e.next, e.tries = now, 0
			case i == 0 && e.answers-e.heard < asked(now.Sub(e.since))+reconnects:
				e.next = now
			}
		}
	}
}

// asked is how often the second clock alone has sent a message again after a time.
func asked(age time.Duration) (times uint32) {
	for at := firstRepeat; at <= age; times++ {
		at += doubled(firstRepeat, times+1, lastRepeat)
	}
	return times
}

// relayLost: everything goes out again, once a minute at most, so that a relay that lies about
// its numbers cannot make us send for ever. Answers under way at once tell of one loss.
func (s *schedule) relayLost(now time.Time) {
	since := now.Sub(s.lastAll)
	if !s.lastAll.IsZero() && since < oneLoss {
		return
	}
	at := now
	if !s.lastAll.IsZero() && since < allAgain {
		at = s.lastAll.Add(allAgain)
	}
	s.lastAll = at
	for _, l := range s.lanes {
		for _, e := range l.entries {
			if e.next.After(at) {
				e.next = at
			}
		}
	}
}

// heard: the peer's node lives, so that a reconnect may again send its lowest number.
func (s *schedule) heard(p Pair, now time.Time) {
	for _, l := range s.lanes {
		if l.channel.from == p.Ours && l.channel.to == p.Peer {
			for _, e := range l.entries {
				e.since, e.heard = now, e.answers
			}
		}
	}
}

// setBusy is what the newest batch says of BUSY; the zero time: nothing.
func (s *schedule) setBusy(p Pair, until, now time.Time) {
	for _, l := range s.lanes {
		for _, e := range l.entries {
			if e.pair() == p && e.reason == valisev1.Reason_REASON_PEER_BUSY && e.next.After(until) {
				e.next = until
			}
		}
	}
	if until.IsZero() {
		delete(s.busy, p)
		return
	}
	s.busy[p], s.told[p] = until, now
}

// keyCame lets go at once what waited for a sealing key.
func (s *schedule) keyCame(now time.Time, open func(Pair) bool) {
	for _, l := range s.lanes {
		if !open(Pair{Ours: l.channel.from, Peer: l.channel.to}) {
			continue
		}
		for _, e := range l.entries {
			if e.reason == valisev1.Reason_REASON_NO_SEALING_KEY {
				e.next, e.reason = now, valisev1.Reason_REASON_UNSPECIFIED
			}
		}
	}
}

// rerouted sends again at once what went to a mailbox or key that is no longer the peer's. Each
// message knows where it went: of one channel some may have gone the new way already.
func (s *schedule) rerouted(now time.Time, route func(Pair) string) {
	for _, l := range s.lanes {
		today := route(Pair{Ours: l.channel.from, Peer: l.channel.to})
		for _, e := range l.entries {
			if today != "" && e.route != "" && e.route != today {
				e.next, e.anew = earlier(e.next, now), e.out
			}
		}
	}
}

// wake is the earliest time at which due has something.
func (s *schedule) wake() (next time.Time, ok bool) {
	for _, l := range s.lanes {
		for _, e := range l.entries {
			if !e.kept && (!ok || e.next.Before(next)) {
				next, ok = e.next, true
			}
		}
	}
	return next, ok
}

func doubled(first time.Duration, times uint32, last time.Duration) time.Duration {
	d := first
	for ; times > 0 && d < last; times-- {
		d *= 2
	}
	return min(d, last)
}

// again lets one message go out now.
func (s *schedule) again(d ident.Digest, now time.Time) {
	if e := s.byDigest[d]; e != nil {
		e.next, e.anew = earlier(e.next, now), e.out
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
