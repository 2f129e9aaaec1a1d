package sim

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"valise.example/gateway"
	"valise.example/gateway/history"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

var ctx = context.Background()

const (
	// rounds is how often time may have to pass until all is quiet.
	rounds = 600
	// silentContacts is how often all speak to all before the end where a disk went back silently.
	silentContacts = 3
	// patience is for how many rounds something may wait there until officers say something new.
	patience = 40
	// away is how long the absent are, and mostPosted how often a message may go out meanwhile.
	away       = 30 * 24 * time.Hour
	mostPosted = 40
)

// heal ends every fault, and lets the run come to rest. It gives the number of rounds that took.
func (s *sim) heal() int {
	s.f = faults{}
	for _, h := range s.homes {
		if !h.clock.right() || h.skewed {
			h.clock = clock{}
			h.stop() // its timers were set by the wrong clock
		}
	}
	s.lists.noKey = map[ident.State]bool{}
	s.upAgain()
	for _, h := range s.homes {
		h.fills(gateway.SpaceFree)
	}
	s.directoryChanged()
	for _, h := range s.homes {
		if !h.link {
			h.setLink(true)
		}
		for h.g != nil && len(h.asks) > 0 {
			a := h.asks[0]
			h.asks = h.asks[1:]
			h.ask(a)
		}
	}
	contacts := s.contacts()
	for n := range rounds {
		s.settle()
		if s.resumed() {
			continue
		}
		quiet := s.quiet()
		if quiet && contacts == 0 {
			return n
		}
		if contacts > 0 && (quiet || s.silent && n%patience == patience-1) {
			contacts--
			s.contact()
			continue
		}
		if !s.sleep() {
			s.fault("something waits, and nothing will ever wake: %s", s.waits())
			return n
		}
	}
	s.fault("after %d rounds of healing something still waits: %s", rounds, s.waits())
	return rounds
}

// resumed lets whoever has stopped send again, as an officer would who knows that no copy of the
// node runs: a home whose clock was years behind when its epoch began takes what it said before
// for later, and one whose disk goes back without a word, after it was proven that it had, takes
// itself for a copy. No other may stop. docs/protocol.md §7.6
func (s *sim) resumed() (any bool) {
	for _, h := range s.homes {
		if h.g == nil {
			continue
		}
		standing, err := h.g.Standing(ctx)
		if err != nil || !standing.GetStopped() {
			continue
		}
		if !s.wrongClocks && !s.silent {
			s.fault("%s has stopped sending, and no copy of it runs", h.state)
		}
		any = true
		h.unexpected(h.g.ResumeSending(ctx, admin))
	}
	return any
}

// contacts is how often every home is heard by every other one before the end. What a disk that went
// back without a word has forgotten shows in what its home says next; and that home may stop, and be
// resumed, and only then ask for what it has forgotten.
func (s *sim) contacts() int {
	switch {
	case s.silent:
		return silentContacts
	case s.backwards:
		return 1
	}
	return 0
}

// contact lets every home hear from every other one, so that whoever went back is noticed: a
// restored home announces its new sealing keys to all POCs on its track, and each answers with a
// receipt. One that does not know of it is noticed by what its officers say. docs/protocol.md §7.6, §8.4
func (s *sim) contact() {
	for _, h := range s.homes {
		for _, peer := range s.homes {
			for i, a := range peer.addresses() {
				if peer != h {
					h.g.Learned(gateway.Pair{Ours: h.addresses()[i], Peer: a})
					if s.silent {
						s.inquireOf(h, peer, a.Track)
					}
				}
			}
		}
	}
}

func (s *sim) upAgain() {
	for _, h := range s.homes {
		if h.g == nil || h.disk.stopped {
			h.stop()
			h.start()
		}
	}
}

// settle runs all homes until nothing more happens at this moment.
func (s *sim) settle() {
	for range 2000 {
		s.step++
		any := false
		for _, h := range s.homes {
			any = h.round() || any
		}
		for _, h := range s.homes {
			for _, a := range h.addresses() {
				for h.fetch(a) {
					any = true
				}
			}
		}
		if !any {
			return
		}
	}
	s.fault("the homes never come to rest at one moment")
}

// quiet: no outbox holds anything, no letter is under way, and no home has anything left to do
// of its own accord: what a restore asks for may be put off for a day, and waits in no outbox.
func (s *sim) quiet() bool {
	for _, h := range s.homes {
		if h.g == nil {
			return false
		}
		rows, err := h.g.Outbox(ctx)
		_, due := h.g.WakeMessages(h.now())
		if err != nil || len(rows) > 0 || due {
			return false
		}
		for _, a := range h.addresses() {
			for _, l := range s.relay.box(a).letters {
				if !l.acked {
					return false
				}
			}
		}
	}
	return true
}

// sleep lets time pass until the first of the homes, or a late letter, has something to do.
func (s *sim) sleep() bool {
	next, ok := time.Time{}, false
	for _, h := range s.homes {
		if at, there := h.wake(); there && (!ok || at.Before(next)) {
			next, ok = at, true
		}
	}
	if due := s.relay.due(s.step); due > s.step {
		s.step = due
		return true
	}
	if ok && next.After(s.now) {
		s.now = next
	}
	return ok
}

func (s *sim) waits() string {
	var out strings.Builder
	for _, h := range s.homes {
		if h.g == nil {
			fmt.Fprintf(&out, " %s is down", h.name())
			continue
		}
		rows, _ := h.g.Outbox(ctx)
		for _, r := range rows {
			fmt.Fprintf(&out, " %s %s %v %v", h.name(), r.GetMessage()[:8], r.GetKind(), r.GetReason())
		}
	}
	return out.String()
}

// absence: one home is away for thirty days, and the others' links come and go. Nothing may jam,
// and no message may go out more often than a courier can bear. docs/protocol.md §7.4
func (s *sim) absence(gone *home) {
	f := s.f
	s.f = faults{flap: f.flap}
	defer func() { s.f = f }()
	s.upAgain()
	gone.setLink(false)
	before := maps.Clone(s.posted)
	for until := s.now.Add(away); s.now.Before(until); s.now = s.now.Add(time.Hour) {
		for _, h := range s.homes {
			if h != gone && s.chance(s.f.flap) {
				h.setLink(!h.link)
			}
			h.round()
			for _, a := range h.addresses() {
				for h.fetch(a) {
					s.step++
				}
			}
		}
	}
	digests := slices.SortedFunc(maps.Keys(s.posted), func(a, b ident.Digest) int { return bytes.Compare(a[:], b[:]) })
	for _, d := range digests {
		n := s.posted[d]
		if t := s.told[d.String()]; n-before[d] > mostPosted && t != nil && t.to == gone.name() {
			s.fault("a message to %s went out %d times in thirty days", gone.state, n-before[d])
		}
	}
	gone.setLink(true)
}

// suspicion: nothing that an honest peer does looks like a contradiction, unless a key
// was revoked or the relay changed a byte.
func (s *sim) suspicion(h *home, it *valisev1.Item) {
	s.note(history.Event{Node: h.name(), Detail: it.GetReason().String()})
	switch it.GetReason() {
	case valisev1.Reason_REASON_REVOKED_KEY:
		if s.revoked {
			return
		}
	case valisev1.Reason_REASON_EQUIVOCATION, valisev1.Reason_REASON_CHAIN, valisev1.Reason_REASON_SEQUENCE, valisev1.Reason_REASON_EPOCH,
		valisev1.Reason_REASON_DUPLICATE, valisev1.Reason_REASON_THREAD, valisev1.Reason_REASON_ROLLBACK:
		if s.backwards {
			return
		}
	default:
		if it.GetType() == valisev1.ItemType_ITEM_TYPE_QUARANTINED && len(it.GetDigest()) == 0 || s.f.corrupt > 0 {
			return
		}
	}
	s.fault("%s holds something of an honest peer for %v (%v)", h.state, it.GetReason(), it.GetType())
}
