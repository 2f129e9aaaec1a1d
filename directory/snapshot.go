package directory

import (
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// Snapshot is the directory at one moment. It never changes, so it can be read from anywhere;
// what its methods return must not be changed either.
type Snapshot struct {
	held       *held
	speakers   map[ident.KeyID]seal.Speaker
	historical map[ident.KeyID]seal.Speaker
	claimants  map[ident.KeyID]seal.Speaker // keys of entries whose root is in question
}

// POC is one point of contact as others reach it. A-7a
type POC struct {
	Address ident.Address
	// Point holds the facts of A-7a, never nil.
	Point *valisev1.PointOfContact
	// Bundle is nil while none is held: then a message waits. docs/protocol.md §8.4
	Bundle *valisev1.KeyBundle
	// Mailbox and SenderToken are empty while there is no bundle. docs/protocol.md §7.8
	Mailbox, SenderToken string

	live *bundle
}

// SealingKey is the key to seal to at a time, ok is false when there is none: the message
// waits, it does not fail. docs/protocol.md §8.4
func (p *POC) SealingKey(now time.Time) (key seal.Recipient, ok bool) { return p.live.liveKey(now) }

// SealingUntil is when the last sealing key that is held of it ends, zero when none is held.
// docs/protocol.md §8.4
func (p *POC) SealingUntil() time.Time {
	if p.live == nil {
		return time.Time{}
	}
	return p.live.lastUntil()
}

func newSnapshot(h *held) *Snapshot {
	s := &Snapshot{held: h, speakers: map[ident.KeyID]seal.Speaker{}, historical: map[ident.KeyID]seal.Speaker{}}
	s.claimants = claimantsOf(h)
	for _, known := range h.states {
		revoked := known.revoked()
		for _, e := range known.entries() {
			for _, k := range e.keys {
				since := revoked[k.id]
				speaker := seal.Speaker{Key: k.key, Address: k.address, ValidFrom: k.from, ValidUntil: k.until, RevokedSince: since}
				s.historical[k.id] = speaker
				// A revoked key stays known as such, though its entry is gone. docs/protocol.md §8.5
				if e == known.current || known.current != nil && !since.IsZero() {
					s.speakers[k.id] = speaker
				}
			}
		}
	}
	return s
}

// Number is the number of the list in force, 0 while there is none. docs/protocol.md §8.3
func (s *Snapshot) Number() uint64 {
	if s.held.list == nil {
		return 0
	}
	return s.held.list.body.GetNumber()
}

// Hash is the SHA-256 of the list's exact bytes, zeros while there is none. It stands in
// every message, so that two States with different lists notice. docs/protocol.md §8.3
func (s *Snapshot) Hash() [32]byte {
	if s.held.list == nil {
		return [32]byte{}
	}
	return s.held.list.hash
}

// SameList compares what a peer's message says of its directory with ours: decided is false
// when its list is newer than ours or too old to tell; same is false for another list under
// a number that we know, which is a split view. docs/protocol.md §8.3
func (s *Snapshot) SameList(number uint64, hash [32]byte) (same, decided bool) {
	if s.held.list == nil {
		return false, false
	}
	return s.held.list.knows(number, hash)
}

// Stale reports whether the list is past its date: a warning, never a stop to receiving. No
// list at all is stale. docs/protocol.md §8.3
func (s *Snapshot) Stale(now time.Time) bool {
	return s.held.list == nil || !now.Before(s.held.list.expires)
}

// Dates are when the list was made and when it becomes stale, zero while there is none.
func (s *Snapshot) Dates() (issued, expires time.Time) {
	if s.held.list == nil {
		return time.Time{}, time.Time{}
	}
	return s.held.list.issued, s.held.list.expires
}

// Lookup finds a point of contact that can be written to. The error is a *Refusal:
// NOT_FOUND, STATE_LEFT, or KEY_CHANGED while the State's only entry is in quarantine.
func (s *Snapshot) Lookup(a ident.Address) (*POC, error) {
	about := subject{object: "address", name: a.String()}
	known := s.held.states[a.State]
	if known == nil {
		return nil, about.refuse(valisev1.Reason_REASON_NOT_FOUND, "this State is not in the directory")
	}
	if known.current == nil {
		if known.quarantined != nil {
			return nil, about.refuse(valisev1.Reason_REASON_KEY_CHANGED, "came back with another root, which nobody has confirmed yet")
		}
		left, _ := s.Left(a.State)
		return nil, about.refuse(valisev1.Reason_REASON_STATE_LEFT, "this State left the directory on %s", left.UTC().Format(time.DateOnly))
	}
	point := known.current.points[a.Track]
	if point == nil {
		return nil, about.refuse(valisev1.Reason_REASON_NOT_FOUND, "this State has no point of contact on the %s track", a.Track)
	}
	p := &POC{Address: a, Point: point, live: s.held.bundles[a]}
	if p.live != nil {
		p.Bundle, p.Mailbox, p.SenderToken = p.live.body, p.live.body.GetMailbox(), p.live.body.GetSenderToken()
	}
	return p, nil
}

// Speaker is who a signing key speaks for today: keys of entries in force, and revoked keys
// with the date since when. It is what seal.Opener.Resolve needs. docs/protocol.md §8.5
func (s *Snapshot) Speaker(id ident.KeyID) (seal.Speaker, bool) {
	speaker, ok := s.speakers[id]
	return speaker, ok
}

// HistoricalSpeaker also knows the keys of earlier entries and of States that left, so that a
// record stays verifiable. It is not for new messages. docs/protocol.md §8.5
func (s *Snapshot) HistoricalSpeaker(id ident.KeyID) (seal.Speaker, bool) {
	speaker, ok := s.historical[id]
	return speaker, ok
}

// States are all with an entry in force, principals too, in order.
func (s *Snapshot) States() []ident.State {
	var all []ident.State
	for _, state := range sortedStates(s.held.states) {
		if s.held.states[state].current != nil {
			all = append(all, state)
		}
	}
	return all
}

// Entry is the entry in force.
func (s *Snapshot) Entry(state ident.State) (*valisev1.Entry, bool) {
	known := s.held.states[state]
	if known == nil || known.current == nil {
		return nil, false
	}
	return known.current.body, true
}

// Root is the key id of the root in force, for reading aloud.
func (s *Snapshot) Root(state ident.State) (ident.KeyID, bool) {
	known := s.held.states[state]
	if known == nil || known.current == nil {
		return ident.KeyID{}, false
	}
	return known.current.rootID, true
}

// Left is when a State left; ok is false for one that takes part or never did. A-6
func (s *Snapshot) Left(state ident.State) (at time.Time, ok bool) {
	if s.held.list == nil || s.held.list.members[state] != nil || s.held.list.left[state] == nil {
		return time.Time{}, false
	}
	return s.held.list.left[state].at, true
}

// Relays are the cards that the managers admitted, in the order of the list.
// docs/protocol.md §8.6
func (s *Snapshot) Relays() []*valisev1.RelayCard {
	if s.held.list == nil {
		return nil
	}
	return s.held.list.relays
}

// Managers is the manager set in force; ok is false before the first import.
func (s *Snapshot) Managers() (info ManagerInfo, ok bool) {
	set := s.held.managers()
	if set == nil {
		return ManagerInfo{}, false
	}
	return set.info(), true
}
