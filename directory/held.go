package directory

import (
	"maps"
	"slices"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// held is everything that is in force, all of it verified. It is never changed once made:
// every step makes another one.
type held struct {
	realm  ident.Realm
	sets   []*managerSet
	list   *list
	states map[ident.State]*standing
	// bundles are in use; waiting belong to quarantined entries.
	bundles map[ident.Address]*bundle
	waiting map[ident.Address]*bundle
	// marks are the highest bundle numbers ever taken, also of bundles that are gone.
	marks      map[ident.Address]mark
	readingKey string
	// past are lists that were in force before, newest first, at most keptLists.
	past []*valisev1.SignedObject
	// rosters counts changes of bundles under one list.
	rosters uint64
}

// standing is what is known of one State, now and before.
type standing struct {
	// current is in force; nil when the State has left or its only entry is in quarantine.
	current *entry
	// quarantined has a root that nobody confirmed. docs/protocol.md §8.5
	quarantined *entry
	// earlier were in force once, oldest first: records stay verifiable through them.
	earlier []*entry
	// denied are roots of which the State said, by telephone, that they are not its own.
	// docs/protocol.md §8.5
	denied []ident.KeyID
	// later: its first entry here came with a list after the first. called is the newest call in which
	// its root was compared. docs/protocol.md §8.5
	later  bool
	called *Called
}

func newHeld(realm ident.Realm) *held {
	return &held{
		realm:   realm,
		states:  map[ident.State]*standing{},
		bundles: map[ident.Address]*bundle{},
		waiting: map[ident.Address]*bundle{},
		marks:   map[ident.Address]mark{},
	}
}

// successor is a copy whose maps can be changed.
func (h *held) successor() *held {
	next := *h
	next.states = maps.Clone(h.states)
	next.bundles = maps.Clone(h.bundles)
	next.waiting = maps.Clone(h.waiting)
	next.marks = maps.Clone(h.marks)
	return &next
}

func (h *held) managers() *managerSet {
	if len(h.sets) == 0 {
		return nil
	}
	return h.sets[len(h.sets)-1]
}

// last is the newest entry that ever was in force.
func (s *standing) last() *entry {
	switch {
	case s == nil:
		return nil
	case s.current != nil:
		return s.current
	case len(s.earlier) > 0:
		return s.earlier[len(s.earlier)-1]
	}
	return nil
}

// entries are all that were or are in force, oldest first.
func (s *standing) entries() []*entry {
	all := slices.Clip(s.earlier)
	if s.current != nil {
		all = append(all, s.current)
	}
	return all
}

// revoked joins the revocations of all entries: a later entry cannot take one back.
// docs/protocol.md §8.5
func (s *standing) revoked() map[ident.KeyID]time.Time {
	all := map[ident.KeyID]time.Time{}
	for _, e := range s.entries() {
		for id, since := range e.revoked {
			earliest(all, id, since)
		}
	}
	return all
}

// succeed puts e in force.
func (s *standing) succeed(e *entry) *standing {
	without := slices.DeleteFunc(slices.Clone(s.denied), func(id ident.KeyID) bool { return id == e.rootID })
	return &standing{current: e, earlier: s.entries(), denied: without, later: s.later, called: s.called}
}

// hold puts e into quarantine beside what is in force.
func (s *standing) hold(e *entry) *standing {
	next := *s
	next.quarantined = e
	return &next
}

// deny notes that the root in quarantine is not the State's.
func (s *standing) deny() *standing {
	next := *s
	next.denied = append(slices.Clone(s.denied), s.quarantined.rootID)
	return &next
}

// inQuestion: a root waits for an officer's call-back. docs/protocol.md §8.5
func (s *standing) inQuestion() bool {
	return s != nil && s.quarantined != nil && !slices.Contains(s.denied, s.quarantined.rootID)
}

// leave keeps what was in force for the records and trusts nothing of it any more. A-6
func (s *standing) leave() *standing {
	return &standing{earlier: s.entries(), denied: s.denied, later: s.later, called: s.called}
}

// knownEntry finds an entry that is held already, so that it is not verified twice.
func (h *held) knownEntry(state ident.State, hash [32]byte) *entry {
	s := h.states[state]
	if s == nil {
		return nil
	}
	for _, e := range append(s.entries(), s.quarantined) {
		if e != nil && e.hash == hash {
			return e
		}
	}
	return nil
}

// claimKeys gives every key to its owner: managers, roots and desks, now and before.
func (h *held) claimKeys() (owners, error) {
	o := newOwners()
	for _, set := range h.sets {
		for _, key := range set.set.GetManagers() {
			if err := o.claimKey(aboutSet, key, "manager"); err != nil {
				return nil, err
			}
		}
	}
	for _, state := range sortedStates(h.states) {
		s := h.states[state]
		all := s.entries()
		if s.quarantined != nil {
			all = append(all, s.quarantined)
		}
		for _, e := range all {
			if err := o.claimEntry(e); err != nil {
				return nil, err
			}
		}
	}
	return o, nil
}
