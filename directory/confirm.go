package directory

import (
	"slices"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// RootChange is a State that shows another root than the one in force. docs/protocol.md §8.5
type RootChange struct {
	State ident.State
	// Held is the root in force or, if the State had left, its last one.
	Held ident.KeyID
	// Offered is the root to be confirmed, and Number that of its entry.
	Offered ident.KeyID
	Number  uint64
	// Denied: the State said that the root is not its own; the list still shows it.
	Denied bool
	// Telephones are those of the entry that was in force last. OnlyOffered stand in the entry in
	// quarantine alone: whoever made that up has chosen them too.
	Telephones, OnlyOffered []string
}

// change tells of the entry in quarantine.
func (s *standing) change(state ident.State) RootChange {
	last := s.last()
	c := RootChange{
		State: state, Held: last.rootID, Offered: s.quarantined.rootID, Number: s.quarantined.body.GetNumber(),
		Denied: !s.inQuestion(), Telephones: telephones(last),
	}
	c.OnlyOffered = slices.DeleteFunc(telephones(s.quarantined), func(n string) bool { return slices.Contains(c.Telephones, n) })
	return c
}

// telephones are those of all points of contact, each once.
func telephones(e *entry) (all []string) {
	for _, p := range e.body.GetPointsOfContact() {
		for _, n := range p.GetTelephones() {
			if !slices.Contains(all, n) {
				all = append(all, n)
			}
		}
	}
	return all
}

// KeyChanged are the States that show a root which is not in force. docs/protocol.md §8.5
func (s *Snapshot) KeyChanged() []RootChange {
	var all []RootChange
	for _, state := range sortedStates(s.held.states) {
		if known := s.held.states[state]; known.quarantined != nil {
			all = append(all, known.change(state))
		}
	}
	return all
}

// InQuestion reports whether a State shows a root about which nobody has called back: nothing new is
// shown as that State's meanwhile. docs/protocol.md §8.5
func (s *Snapshot) InQuestion(state ident.State) bool { return s.held.states[state].inQuestion() }

// Claimant is Speaker, and beside it knows the keys that an entry in question names: Unconfirmed says
// that a key is one of those. What it signed may be held, and is nobody's word. docs/protocol.md §8.5
func (s *Snapshot) Claimant(id ident.KeyID) (seal.Speaker, bool) {
	if speaker, ok := s.speakers[id]; ok {
		return speaker, true
	}
	speaker, ok := s.claimants[id]
	return speaker, ok
}

func claimantsOf(h *held) map[ident.KeyID]seal.Speaker {
	all := map[ident.KeyID]seal.Speaker{}
	for _, known := range h.states {
		if !known.inQuestion() {
			continue
		}
		for _, k := range known.quarantined.keys {
			all[k.id] = seal.Speaker{Key: k.key, Address: k.address, ValidFrom: k.from, ValidUntil: k.until, Unconfirmed: true}
		}
	}
	return all
}

// ConfirmRoot takes the quarantined entry of a State into force, after an officer called
// back and compared the root's fingerprint. docs/protocol.md §8.5
func (b *Book) ConfirmRoot(state ident.State, call Called) (Changes, error) {
	var changes Changes
	err := b.change(func(h *held) (*held, error) {
		if err := h.waits(state, call.Root); err != nil {
			return nil, err
		}
		next, c, err := h.confirm(map[ident.State]ident.KeyID{state: call.Root})
		if err != nil {
			return nil, err
		}
		next.states[state] = next.states[state].afterCall(call)
		changes = c
		return next, nil
	})
	if err != nil {
		return Changes{}, err
	}
	return changes, nil
}

// DenyRoot notes that the State said, when an officer called back, that the root in quarantine is not
// its own: what is in force stays, and the question is over. docs/protocol.md §8.5
func (b *Book) DenyRoot(state ident.State, root ident.KeyID) error {
	return b.change(func(h *held) (*held, error) {
		if err := h.waits(state, root); err != nil || !h.states[state].inQuestion() {
			return nil, err
		}
		next := h.successor()
		next.states[state] = h.states[state].deny()
		return next, nil
	})
}

// waits: it is this root of the State that is in quarantine.
func (h *held) waits(state ident.State, root ident.KeyID) error {
	about, s := subject{object: "entry", name: string(state)}, h.states[state]
	switch {
	case s == nil || s.quarantined == nil:
		return about.refuse(valisev1.Reason_REASON_NOT_FOUND, "no new root waits for confirmation")
	case s.quarantined.rootID != root:
		return about.refuse(valisev1.Reason_REASON_KEY_CHANGED, "the confirmed root is not the one in quarantine")
	}
	return nil
}

// confirm takes the list in force once more, with roots confirmed.
func (h *held) confirm(roots map[ident.State]ident.KeyID) (*held, Changes, error) {
	entries := map[ident.State]*entry{}
	for state, m := range h.list.members {
		entries[state] = h.knownEntry(state, m.entryHash)
	}
	var waiting []*bundle
	for _, a := range sortedAddresses(h.waiting) {
		waiting = append(waiting, h.waiting[a])
	}
	next := h.successor()
	c, err := next.takeParts(h, entries, waiting, ImportOptions{ConfirmRoots: roots})
	return next, c, err
}
