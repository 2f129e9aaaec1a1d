package directory

import (
	"errors"
	"path/filepath"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// followAdmitted makes the admitted files what the list in force will say, and keeps what was
// admitted or withdrawn here since base for the list after it. docs/protocol.md §8.7
func (r *Registry) followAdmitted(base *list, next *held) error {
	mine, err := r.exports()
	if err != nil {
		return err
	}
	for _, state := range next.list.states {
		if err := r.followState(state, mine[state], base, next); err != nil {
			return err
		}
	}
	for state, m := range mine {
		if next.list.members[state] != nil {
			continue
		}
		gone := next.list.left[state]
		left := base != nil && base.members[state] != nil
		if left || gone != nil && m.entry.body.GetNumber() <= gone.entryNumber {
			if err := r.dropAdmitted(string(state) + exportSuffix); err != nil {
				return err
			}
		}
	}
	return r.followRelays(base, next.list)
}

func (r *Registry) followState(state ident.State, mine *export, base *list, next *held) error {
	theirs := next.states[state].current
	switch {
	case mine == nil && base != nil && base.members[state] != nil && r.noted(state):
		return nil // withdrawn here for the list after this
	case mine != nil && mine.entry.body.GetNumber() > theirs.body.GetNumber():
		return nil // admitted here for the list after this
	}
	x := &export{entry: theirs}
	for _, a := range sortedAddresses(next.bundles) {
		if a.State == state {
			x.bundles = append(x.bundles, next.bundles[a])
		}
	}
	// A later one that was admitted here stays for the list after this.
	return r.saveExport(x.keepingNewer(mine))
}

func (r *Registry) noted(state ident.State) bool {
	for _, n := range r.notes.Left {
		if n.State == string(state) {
			return true
		}
	}
	return false
}

// followRelays has no numbers to go by: a card that is as it was in the list before was not changed
// here.
func (r *Registry) followRelays(base, next *list) error {
	cards, err := r.cards()
	if err != nil {
		return err
	}
	mine, was, is := cardHashes(r.realm, cards), cardHashes(r.realm, base.relayObjects()), cardHashes(r.realm, next.relayObjects())
	for _, o := range next.relayObjects() {
		card, err := parseRelayCard(r.realm, o)
		if err != nil {
			return err
		}
		name := card.GetName()
		own, here := mine[name]
		_, before := was[name]
		if !here && before || here && (own == is[name] || own != was[name]) {
			continue
		}
		b, err := encode(o)
		if err != nil {
			return storage(err)
		}
		if err := writeDurably(r.disk, filepath.Join(r.path(admittedFolder), cardName(card)), b); err != nil {
			return storage(err)
		}
	}
	for name, own := range mine {
		if _, stays := is[name]; !stays && own == was[name] {
			if err := r.dropAdmitted(cardName(&valisev1.RelayCard{Name: name})); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *list) relayObjects() []*valisev1.SignedObject {
	if l == nil {
		return nil
	}
	return l.body.GetRelays()
}

func cardHashes(realm ident.Realm, cards []*valisev1.SignedObject) map[string][32]byte {
	all := map[string][32]byte{}
	for _, o := range cards {
		if card, err := parseRelayCard(realm, o); err == nil {
			all[card.GetName()] = hashOf(o)
		}
	}
	return all
}

func (r *Registry) dropAdmitted(name string) error {
	return storage(errors.Join(r.disk.remove(filepath.Join(r.path(admittedFolder), name)), r.disk.syncFolder(r.path(admittedFolder))))
}
