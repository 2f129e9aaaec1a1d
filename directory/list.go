package directory

import (
	"bytes"
	"slices"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// maxHistory is how many earlier lists a list names. docs/protocol.md §8.3
const maxHistory = maxStep

// list is what the quorum said, as signed. docs/protocol.md §8.3
type list struct {
	signed  *valisev1.SignedObject
	hash    [32]byte
	body    *valisev1.List
	states  []ident.State
	members map[ident.State]*member
	left    map[ident.State]*departure
	relays  []*valisev1.RelayCard
	issued  time.Time
	expires time.Time
}

type member struct {
	root        ident.KeyID
	entryNumber uint64
	entryHash   [32]byte
}

type departure struct {
	entryNumber uint64
	at          time.Time
}

var aboutList = subject{object: "list"}

// parseList reads a list and checks the rules that need no other version: the quorum is
// checked by managerSet.requireQuorum, the step from the list before it by follow.
func parseList(realm ident.Realm, o *valisev1.SignedObject) (*list, error) {
	l := &list{signed: o, hash: hashOf(o), body: &valisev1.List{}, members: map[ident.State]*member{}, left: map[ident.State]*departure{}}
	if err := decode(aboutList, o.GetObject(), MaxListSize, closed, l.body); err != nil {
		return nil, err
	}
	if err := inRealm(aboutList, realm, l.body.GetRealm()); err != nil {
		return nil, err
	}
	var err error
	if l.issued, l.expires, err = span(aboutList, l.body.GetIssued(), l.body.GetExpires(), "the list"); err != nil {
		return nil, err
	}
	if err := obey(aboutList, l.body); err != nil {
		return nil, err
	}
	// One hash for each earlier list, so that a gap in what a node saw can be checked. docs/protocol.md §8.3
	if want := min(l.body.GetNumber()-1, maxHistory); uint64(len(l.body.GetHistory())) != want {
		return nil, aboutList.refuse(valisev1.Reason_REASON_PAYLOAD, "list %d names %d earlier lists instead of %d", l.body.GetNumber(), len(l.body.GetHistory()), want)
	}
	if err := l.readMembers(realm); err != nil {
		return nil, err
	}
	if err := l.readTombstones(realm); err != nil {
		return nil, err
	}
	return l, l.readRelays(realm)
}

func (l *list) readMembers(realm ident.Realm) error {
	roots := map[ident.KeyID]bool{}
	for _, m := range l.body.GetMembers() {
		state, err := admitted(aboutList, realm, m.GetState())
		if err != nil {
			return err
		}
		if n := len(l.states); n > 0 && l.states[n-1] >= state {
			return aboutList.refuse(valisev1.Reason_REASON_PAYLOAD, "members are not in order or stand twice")
		}
		if m.GetEntryNumber() == 0 {
			return aboutList.refuse(valisev1.Reason_REASON_PAYLOAD, "State %s has entry number 0", state)
		}
		root, _ := ident.KeyIDFrom(m.GetRoot())
		if roots[root] {
			return aboutList.refuse(valisev1.Reason_REASON_SHARED_KEY, "State %s has the root of another State", state)
		}
		roots[root] = true
		l.states = append(l.states, state)
		l.members[state] = &member{root: root, entryNumber: m.GetEntryNumber(), entryHash: [32]byte(m.GetEntryHash())}
	}
	return nil
}

func (l *list) readTombstones(realm ident.Realm) error {
	var last ident.State
	for _, t := range l.body.GetTombstones() {
		state, err := admitted(aboutList, realm, t.GetState())
		if err != nil {
			return err
		}
		if last >= state {
			return aboutList.refuse(valisev1.Reason_REASON_PAYLOAD, "tombstones are not in order or stand twice")
		}
		last = state
		if t.GetLeft().CheckValid() != nil {
			return aboutList.refuse(valisev1.Reason_REASON_VALIDITY, "State %s left on no date", state)
		}
		// A State that comes back does so with a new entry, never with one from before it left. A-6
		if m := l.members[state]; m != nil && m.entryNumber <= t.GetEntryNumber() {
			return aboutList.refuse(valisev1.Reason_REASON_TOMBSTONE, "State %s left with entry %d and stands there with entry %d", state, t.GetEntryNumber(), m.entryNumber)
		}
		l.left[state] = &departure{entryNumber: t.GetEntryNumber(), at: t.GetLeft().AsTime()}
	}
	return nil
}

func (l *list) readRelays(realm ident.Realm) error {
	names, addresses := map[string]bool{}, map[string]bool{}
	for _, o := range l.body.GetRelays() {
		card, err := parseRelayCard(realm, o)
		if err != nil {
			return err
		}
		if names[card.GetName()] || addresses[card.GetAddress()] {
			return aboutList.refuse(valisev1.Reason_REASON_SHARED_KEY, "two relays with one name or address")
		}
		names[card.GetName()], addresses[card.GetAddress()] = true, true
		l.relays = append(l.relays, card)
	}
	return nil
}

// follow checks the step from the list in force to a new one. docs/protocol.md §8.3
func (l *list) follow(old *list) error {
	n := l.body.GetNumber()
	if old == nil {
		if n > maxFirstNumber {
			return aboutList.refuse(valisev1.Reason_REASON_FAST_FORWARD, "list %d is the first seen here: such a number would shut out every later list", n)
		}
		return nil
	}
	before := old.body.GetNumber()
	switch {
	case n < before:
		return aboutList.refuse(valisev1.Reason_REASON_ROLLBACK, "list %d is older than list %d, which is in force", n, before)
	case n == before && l.hash != old.hash:
		return aboutList.refuse(valisev1.Reason_REASON_EQUIVOCATION, "list %d differs from the list held under this number", n)
	case n == before:
		return nil
	case n-before > maxStep:
		return aboutList.refuse(valisev1.Reason_REASON_FAST_FORWARD, "list %d is more than %d ahead of list %d, so nothing joins them", n, maxStep, before)
	case !bytes.Equal(l.body.GetHistory()[n-before-1], old.hash[:]):
		return aboutList.refuse(valisev1.Reason_REASON_EQUIVOCATION, "list %d names another list %d than the one held", n, before)
	}
	return l.followMembers(old)
}

// followMembers refuses an entry number that falls, a State that vanishes and a tombstone
// that is lifted. A-6
func (l *list) followMembers(old *list) error {
	for _, state := range old.states {
		before, now := old.members[state], l.members[state]
		if now == nil {
			if gone := l.left[state]; gone == nil || gone.entryNumber < before.entryNumber {
				return aboutList.refuse(valisev1.Reason_REASON_TOMBSTONE, "State %s vanished without a tombstone for its last entry", state)
			}
			continue
		}
		s := subject{object: "entry", name: string(state)}
		switch {
		case now.entryNumber < before.entryNumber:
			return s.refuse(valisev1.Reason_REASON_ROLLBACK, "entry %d is older than entry %d of the list in force", now.entryNumber, before.entryNumber)
		case now.entryNumber == before.entryNumber && now.entryHash != before.entryHash:
			return s.refuse(valisev1.Reason_REASON_EQUIVOCATION, "entry %d differs from the entry held under this number", now.entryNumber)
		case now.entryNumber-before.entryNumber > maxStep:
			return s.refuse(valisev1.Reason_REASON_FAST_FORWARD, "entry %d is more than %d ahead of entry %d", now.entryNumber, maxStep, before.entryNumber)
		}
	}
	for state, before := range old.left {
		if now := l.left[state]; now == nil || now.entryNumber < before.entryNumber {
			return aboutList.refuse(valisev1.Reason_REASON_TOMBSTONE, "the tombstone of State %s is gone", state)
		}
	}
	return nil
}

// knows tells whether a list of this number and hash is this one or one it names as earlier;
// decided is false when it is newer or too old to tell. docs/protocol.md §8.3
func (l *list) knows(number uint64, hash [32]byte) (same, decided bool) {
	n := l.body.GetNumber()
	switch {
	case number == n:
		return hash == l.hash, true
	case number > n || number == 0 || n-number > uint64(len(l.body.GetHistory())):
		return false, false
	}
	return bytes.Equal(l.body.GetHistory()[n-number-1], hash[:]), true
}

// nextHistory is the history of the list that follows l.
func (l *list) nextHistory() [][]byte {
	if l == nil {
		return nil
	}
	h := append([][]byte{slices.Clone(l.hash[:])}, l.body.GetHistory()...)
	return h[:min(len(h), maxHistory)]
}

// parseRelayCard reads a relay's card. The managers admit it by listing it; where it names a
// key it must be signed with that key too. docs/protocol.md §8.6
func parseRelayCard(realm ident.Realm, o *valisev1.SignedObject) (*valisev1.RelayCard, error) {
	s, card := subject{object: "relay card"}, &valisev1.RelayCard{}
	if err := decode(s, o.GetObject(), MaxCardSize, open, card); err != nil {
		return nil, err
	}
	if err := inRealm(s, realm, card.GetRealm()); err != nil {
		return nil, err
	}
	if err := obey(s, card); err != nil {
		return nil, err
	}
	if card.GetAddress() == "" || card.GetName() == "" {
		return nil, s.refuse(valisev1.Reason_REASON_PAYLOAD, "has no address or no name, so nobody could connect")
	}
	if card.GetKey() == nil {
		return card, nil
	}
	key, err := seal.ParsePublicKey(card.GetKey())
	if err != nil {
		return nil, s.refuse(valisev1.Reason_REASON_PAYLOAD, "its key cannot be read: %w", err)
	}
	ids, err := signers(s, realm, seal.PurposeRelayCard, o, map[ident.KeyID]seal.PublicKey{key.ID(realm): key})
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, s.refuse(valisev1.Reason_REASON_BAD_SIGNATURE, "names a key that did not sign it")
	}
	return card, nil
}
