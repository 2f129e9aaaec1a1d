package directory

import (
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// RolledBack is a list that a quorum of the managers signed, and that names of one State an older entry
// than the newest that was in force here, or another of its number. docs/protocol.md §8.3
type RolledBack struct {
	// List is what they signed, of this number and with this SHA-256.
	List   *valisev1.SignedObject
	Number uint64
	Hash   [32]byte
	// EntryNumber is the one that it names.
	EntryNumber uint64
}

// RollsBack reports whether a directory file holds such a list about a State. What no quorum signed, and a
// list from before the one in force, which names what was right then, say nothing of the managers. It
// takes nothing into force. docs/protocol.md §8.5
func (s *Snapshot) RollsBack(file []byte, state ident.State) (r RolledBack, ok bool) {
	o, err := parseOffer(file)
	last := s.held.states[state].last()
	if err != nil || last == nil {
		return r, false
	}
	l, err := s.held.readSigned(o)
	if err != nil || l.body.GetNumber() < s.held.list.body.GetNumber() {
		return r, false
	}
	m := l.members[state]
	if m == nil || m.entryNumber > last.body.GetNumber() || m.entryHash == last.hash {
		return r, false
	}
	return RolledBack{List: l.signed, Number: l.body.GetNumber(), Hash: l.hash, EntryNumber: m.entryNumber}, true
}

// readSigned reads the list of a file where a quorum signed it, by the managers in force or those that
// followed them, whether or not the list follows from the one in force.
func (h *held) readSigned(o *offer) (*list, error) {
	offered, err := o.managerSets(h.realm)
	if err != nil {
		return nil, err
	}
	next := h.successor()
	if next.sets, err = followChain(h.realm, h.sets, offered); err != nil {
		return nil, err
	}
	if err := next.managers().requireQuorum(aboutList, h.realm, seal.PurposeList, o.file.GetList()); err != nil {
		return nil, err
	}
	return parseList(h.realm, o.file.GetList())
}
