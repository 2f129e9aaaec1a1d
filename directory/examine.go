package directory

import (
	"maps"
	"slices"

	"valise.example/proto/ident"
	"valise.example/proto/mutant"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// ReviewOptions is what a manager knows from outside the file.
type ReviewOptions struct {
	// TrustManagers are key ids of managers that are not known here yet, as they came by another way
	// than the cards. docs/protocol.md §8.7
	TrustManagers []ident.KeyID
	// Confirm is asked about those that TrustManagers does not name; nil means that nobody compared.
	Confirm func([]ident.KeyID) error
	// ConfirmRoots names, for a State whose root has changed, the new root that was confirmed by
	// call-back. docs/protocol.md §8.5
	ConfirmRoots map[ident.State]ident.KeyID
	// GiveUp lets go of what this manager signed before and knows to be in force nowhere: a list
	// between the one in force and this, or another set of this number. Never a list of this number.
	// docs/protocol.md §8.7
	GiveUp bool
	// Instead is the hash of a complete list that a person compared with the other managers, to whom the
	// one in force here is not known: Take then lets go of this one, and keeps it. docs/protocol.md §8.7
	Instead ident.KeyID
}

// Review checks a proposal as Sign does and says what it would change; nothing is signed or written.
// The error is a *Refusal. docs/protocol.md §8.7
func (r *Registry) Review(file []byte, opts ReviewOptions) (Review, error) {
	var v Review
	err := r.locked(func() error {
		p, err := parseProposal(file)
		if err == nil {
			v, err = r.examine(p, opts)
		}
		return err
	})
	if err != nil {
		return Review{}, err
	}
	return v, nil
}

func (r *Registry) examine(p *proposal, opts ReviewOptions) (Review, error) {
	if p.set != nil {
		m, err := r.examineSet(p, opts)
		if err != nil {
			return Review{}, err
		}
		return r.reviewSet(m)
	}
	next, changes, err := r.examineList(p, opts)
	if err != nil {
		return Review{}, err
	}
	if err := r.mayList(next.list, p.partsHash(), opts.GiveUp); err != nil {
		return Review{}, err
	}
	return r.reviewList(p, next, changes)
}

// examineList holds a list and its parts against all rules of every node, from what is in force
// here; only its quorum may still be missing. docs/protocol.md §8.7
func (r *Registry) examineList(p *proposal, opts ReviewOptions) (*held, Changes, error) {
	if r.managers() == nil {
		return nil, Changes{}, aboutRegistry.refuse(valisev1.Reason_REASON_NOT_IN_THIS_STATE, "the managers have not agreed on their first set yet, so no list can be judged")
	}
	roots := r.confirmed()
	maps.Copy(roots, opts.ConfirmRoots)
	next, c, err := r.before().take(p.offer(), ImportOptions{ConfirmRoots: roots, gathering: true})
	if err != nil {
		return nil, Changes{}, err
	}
	if len(c.KeyChanged) > 0 && !mutant.Is("root-without-a-call") {
		k := c.KeyChanged[0]
		return nil, Changes{}, subject{object: "entry", name: string(k.State)}.refuse(valisev1.Reason_REASON_KEY_CHANGED,
			"shows another root than before, %s: call back, compare it, and confirm it", k.Offered.Fingerprint())
	}
	for _, n := range c.Notices {
		if n.Reason == valisev1.Reason_REASON_EQUIVOCATION {
			return nil, Changes{}, subject{object: "bundle", name: n.Address.String()}.refuse(n.Reason, "differs from the one published under this number")
		}
	}
	if _, err := p.signedBy(r.realm, next.managers()); err != nil {
		return nil, Changes{}, err
	}
	return next, c, nil
}

// before is what is in force here, with the newest set that is agreed on.
func (r *Registry) before() *held {
	h := r.book.Snapshot().held.successor()
	h.sets = r.chain()
	return h
}

func (r *Registry) reviewList(p *proposal, next *held, c Changes) (Review, error) {
	m, l := next.managers(), next.list
	v := Review{
		Number: l.body.GetNumber(), Issued: l.issued, Expires: l.expires, Changes: c, Managers: m.info(),
		InForce: r.book.Snapshot().Hash() == l.hash, Lines: listLines(r.before(), next, c),
	}
	var err error
	if v.Signed, err = p.signedBy(r.realm, m); err != nil {
		return Review{}, err
	}
	v.Missing = others(m.order, v.Signed)
	v.Complete = len(v.Signed) >= v.Managers.Threshold
	return v, nil
}

// examineSet holds a manager set against the one in force, or against what this manager was told
// when the folder was made. docs/protocol.md §8.7
func (r *Registry) examineSet(p *proposal, opts ReviewOptions) (*managerSet, error) {
	m, err := parseManagerSet(r.realm, p.set)
	if err != nil {
		return nil, err
	}
	if _, err := m.signedBy(aboutSet, r.realm, seal.PurposeManagerSet, m.signed); err != nil {
		return nil, err
	}
	if err := r.maySet(m, opts.GiveUp); err != nil {
		return nil, err
	}
	old := r.managers()
	if old == nil {
		return m, r.examineFirst(m, opts)
	}
	if old.hash == m.hash {
		return m, nil
	}
	if err := r.examineNext(old, m); err != nil {
		return nil, err
	}
	return m, compared(m, old.order, opts)
}

// examineNext: the set follows the one under which the list in force was made.
func (r *Registry) examineNext(old, m *managerSet) error {
	n, now := m.set.GetNumber(), old.set.GetNumber()
	switch {
	case n < now:
		return aboutSet.refuse(valisev1.Reason_REASON_ROLLBACK, "set %d is older than set %d, which is in force", n, now)
	case n == now:
		return aboutSet.refuse(valisev1.Reason_REASON_EQUIVOCATION, "set %d differs from the one held under this number", n)
	case n > now+1:
		return aboutSet.refuse(valisev1.Reason_REASON_FAST_FORWARD, "set %d does not follow set %d, so nobody vouches for it", n, now)
	}
	if held := r.book.Snapshot().held.managers(); held == nil || held.set.GetNumber() != now {
		return aboutSet.refuse(valisev1.Reason_REASON_NOT_IN_THIS_STATE, "no list is in force under set %d yet, so no State would take the one after it", now)
	}
	if _, err := old.signedBy(aboutSet, r.realm, seal.PurposeManagerSet, m.signed); err != nil {
		return err
	}
	// A manager's key that is a State's could admit itself. docs/protocol.md §8.3
	h := r.before()
	h.sets = append(slices.Clone(h.sets), m)
	_, err := h.claimKeys()
	return err
}

// examineFirst is for a manager who knows no other yet: the set must be as wide as was agreed, and
// every other key in it compared.
func (r *Registry) examineFirst(m *managerSet, opts ReviewOptions) error {
	card, err := r.Card()
	if err != nil {
		return err
	}
	want, info := r.notes.Expects, m.info()
	switch {
	case m.keys[card.ID].IsZero():
		return aboutSet.refuse(valisev1.Reason_REASON_UNKNOWN_KEY, "does not have this manager's key")
	case want != nil && (info.Threshold != want.Threshold || len(info.Managers) != want.Managers):
		return aboutSet.refuse(valisev1.Reason_REASON_QUORUM, "%d of %d must sign, this folder was made for %d of %d", info.Threshold, len(info.Managers), want.Threshold, want.Managers)
	}
	return compared(m, []ident.KeyID{card.ID}, opts)
}

// compared refuses a set with keys, beside those known, that nobody has compared by another way than
// the file came.
func compared(m *managerSet, known []ident.KeyID, opts ReviewOptions) error {
	unknown := others(others(m.order, known), opts.TrustManagers)
	for _, id := range opts.TrustManagers {
		if m.keys[id].IsZero() {
			return aboutSet.refuse(valisev1.Reason_REASON_KEY_CHANGED, "holds no manager with one of the fingerprints that were given")
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	if opts.Confirm == nil {
		return aboutSet.refuse(valisev1.Reason_REASON_NEEDS_YES, "nobody compared the fingerprint of another manager")
	}
	if err := opts.Confirm(unknown); err != nil {
		return aboutSet.refuse(reasonOr(err, valisev1.Reason_REASON_KEY_CHANGED), "not confirmed: %w", err)
	}
	return nil
}

func reasonOr(err error, otherwise valisev1.Reason) valisev1.Reason {
	if reason := reasonOf(err); reason != valisev1.Reason_REASON_INTERNAL {
		return reason
	}
	return otherwise
}

// reviewSet: the first set needs all its managers, a later one a quorum of the set before and of its
// own. docs/protocol.md §8.3
func (r *Registry) reviewSet(m *managerSet) (Review, error) {
	old, v := r.managers(), Review{ManagerSet: true, Number: m.set.GetNumber(), Managers: m.info()}
	var err error
	if v.Signed, err = signers(aboutSet, r.realm, seal.PurposeManagerSet, m.signed, m.keys); err != nil {
		return Review{}, err
	}
	v.InForce = old != nil && old.hash == m.hash
	if old == nil || v.InForce || m.set.GetNumber() == 1 {
		v.Lines, v.Missing = setLines(nil, m), others(m.order, v.Signed)
		v.Complete = m.begin(r.realm) == nil
		return v, nil
	}
	ofOld, err := signers(aboutSet, r.realm, seal.PurposeManagerSet, m.signed, old.keys)
	if err != nil {
		return Review{}, err
	}
	v.Lines = setLines(old, m)
	v.Signed = append(v.Signed, others(ofOld, v.Signed)...)
	v.Missing = others(append(slices.Clone(m.order), others(old.order, m.order)...), v.Signed)
	v.Complete = m.follows(r.realm, old) == nil
	return v, nil
}

// others are those of all that are not in some.
func others(all, some []ident.KeyID) []ident.KeyID {
	return slices.DeleteFunc(slices.Clone(all), func(id ident.KeyID) bool { return slices.Contains(some, id) })
}
