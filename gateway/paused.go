package gateway

import (
	"time"

	"valise.example/proto/ident"
)

// pause takes a message off the clock that has given up its slot. It comes back with another.
func (s *schedule) pause(d ident.Digest) {
	if e := s.byDigest[d]; e != nil && e.out {
		s.stale[d] = e
	}
	s.remove(d)
}

// late reports whether news of a publication is of one that was under way when its message gave up
// its slot. It may have come to the relay after that of the message which has the slot now, and
// have taken its place there: that one goes out again. docs/protocol.md §7.8
func (s *schedule) late(d ident.Digest, now time.Time) bool {
	was := s.stale[d]
	if was == nil {
		return false
	}
	delete(s.stale, d)
	for _, l := range s.lanes {
		if l.channel.from != was.channel.from || l.channel.to != was.channel.to || l.channel.lane != was.channel.lane {
			continue
		}
		for _, e := range l.entries {
			if e.slot == was.slot && e.next.After(now) {
				e.next = now
			}
		}
	}
	return true
}
