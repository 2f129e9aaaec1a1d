package directory

import (
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// draftList makes the list that would be published now. between are hashes of lists that were
// signed here and perhaps never published, newest first: their numbers are used. A-6
func (r *Registry) draftList(exports map[ident.State]*export, cards []*valisev1.SignedObject, issued, expires time.Time, between ...[]byte) *valisev1.List {
	old := r.book.Snapshot().held.list
	history := append(slices.Clone(between), old.nextHistory()...)
	l := &valisev1.List{
		Realm: string(r.realm), Number: r.book.Snapshot().Number() + uint64(len(between)) + 1, ManagerSet: r.managers().set.GetNumber(),
		Relays: cards, History: history[:min(len(history), maxHistory)], Issued: timestamppb.New(issued), Expires: timestamppb.New(expires),
	}
	for _, state := range sortedStates(exports) {
		e := exports[state].entry
		l.Members = append(l.Members, &valisev1.Membership{State: string(state), Root: e.rootID[:], EntryNumber: e.body.GetNumber(), EntryHash: e.hash[:]})
	}
	if old == nil {
		return l
	}
	gone := map[ident.State]*valisev1.Tombstone{}
	for state, d := range old.left {
		gone[state] = &valisev1.Tombstone{State: string(state), EntryNumber: d.entryNumber, Left: timestamppb.New(d.at)}
	}
	for state, m := range old.members {
		if exports[state] == nil {
			gone[state] = &valisev1.Tombstone{State: string(state), EntryNumber: m.entryNumber, Left: timestamppb.New(r.leftAt(state, issued))}
		}
	}
	for _, state := range sortedStates(gone) {
		l.Tombstones = append(l.Tombstones, gone[state])
	}
	return l
}

// draft makes the next directory file; nobody has signed it.
func (r *Registry) draft(now time.Time, validFor time.Duration, between ...[]byte) (*proposal, error) {
	if r.book.Snapshot().held.list == nil && r.managers().set.GetNumber() > 1 {
		return nil, aboutRegistry.refuse(valisev1.Reason_REASON_NOT_IN_THIS_STATE, "this manager joined later and holds no list yet, so the next one is not known: take the published one first")
	}
	exports, err := r.exports()
	if err != nil {
		return nil, err
	}
	cards, err := r.cards()
	if err != nil {
		return nil, err
	}
	if validFor == 0 {
		validFor = DefaultListLife
	}
	l := r.draftList(exports, cards, now, now.Add(validFor), between...)
	rest := &valisev1.ImportBundle{}
	if rest.ReadingKey, err = r.nextReadingKey(l); err != nil {
		return nil, err
	}
	for _, m := range r.chain() {
		rest.ManagerSets = append(rest.ManagerSets, m.signed)
	}
	for _, state := range sortedStates(exports) {
		rest.Entries = append(rest.Entries, exports[state].entry.signed)
		for _, b := range exports[state].bundles {
			rest.KeyBundles = append(rest.KeyBundles, b.signed)
		}
	}
	return newListProposal(l, rest)
}

// nextReadingKey keeps who has left from reading what is put on the relay afterwards.
// docs/protocol.md §8.6
func (r *Registry) nextReadingKey(l *valisev1.List) (string, error) {
	members := map[ident.State]bool{}
	for _, m := range l.GetMembers() {
		members[ident.State(m.GetState())] = true
	}
	old := r.book.Snapshot().held.list
	if old == nil || !slices.ContainsFunc(old.states, func(s ident.State) bool { return !members[s] }) {
		return r.notes.ReadingKey, nil
	}
	key, err := seal.GenerateSealingKey()
	if err != nil {
		return "", err
	}
	return key.Secret(), nil
}
