package directory

import (
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// Taken is what came into force at a manager.
type Taken struct {
	Review Review
	// Publication is empty for a manager set: States learn of it with the next list.
	Publication Publication
}

// Take puts a proposal that enough managers have signed into force at this one: the same list, the
// same admitted files and the same directory file at every manager, whoever proposed it. A directory
// file that was published takes its place for a manager who fell behind. Again it changes nothing.
// The error is a *Refusal; QUORUM while signatures are missing, KEY_CHANGED for a root that this
// manager has not confirmed. docs/protocol.md §8.7
func (r *Registry) Take(file []byte, opts ReviewOptions) (Taken, error) {
	var t Taken
	err := r.locked(func() error {
		p, err := parseProposal(file)
		if err != nil && unlike(err) {
			p, err = publishedAs(file, err)
		}
		switch {
		case err != nil:
			return err
		case p.set != nil:
			t.Review, err = r.takeSet(p, opts)
		default:
			t, err = r.takeWhole(p, opts)
		}
		return err
	})
	if err != nil {
		return Taken{}, err
	}
	return t, nil
}

// publishedAs reads a directory file in the place of a proposal: its quorum is there, and what its
// managers signed beside the list is not.
func publishedAs(file []byte, otherwise error) (*proposal, error) {
	o, err := parseOffer(file)
	if err != nil {
		return nil, otherwise
	}
	p := &proposal{list: o.file.GetList(), rest: o.file}
	p.rest.List = nil
	return p, nil
}

func (r *Registry) takeWhole(p *proposal, opts ReviewOptions) (Taken, error) {
	next, changes, instead, err := r.examineTaken(p, opts)
	if err != nil {
		return Taken{}, err
	}
	if err := next.managers().requireQuorum(aboutProposal, r.realm, seal.PurposeList, p.list); err != nil {
		return Taken{}, err
	}
	var t Taken
	if t.Review, err = r.reviewList(p, next, changes); err != nil {
		return Taken{}, err
	}
	if p.binding != nil && !t.Review.Complete {
		return Taken{}, aboutProposal.refuse(valisev1.Reason_REASON_QUORUM, "%d managers signed the list with these parts, %d are needed", len(t.Review.Signed), t.Review.Managers.Threshold)
	}
	if err := r.noteRoots(opts.ConfirmRoots); err != nil {
		return Taken{}, err
	}
	base := r.book.Snapshot().held
	if instead {
		t.Review.Lines = append([]string{insteadLine(base)}, t.Review.Lines...)
		if err := r.keepGivenUp(); err != nil {
			return Taken{}, err
		}
		base = base.afresh()
	}
	// The admitted files first: as long as the old list is in force, the same step can be done again.
	if err := r.followAdmitted(base.list, next); err != nil {
		return Taken{}, err
	}
	if instead {
		t.Publication, err = r.putInForce(p, r.book.importInstead)
		return t, err
	}
	// The chain was checked from the set that is agreed on here.
	agreed := func(ManagerInfo) error { return nil }
	t.Publication, err = r.putInForce(p, func(file []byte) (Changes, error) {
		return r.book.Import(file, ImportOptions{Confirm: agreed, ConfirmRoots: r.confirmed()})
	})
	return t, err
}

// takeSet makes a complete set the one under which the next list is made.
func (r *Registry) takeSet(p *proposal, opts ReviewOptions) (Review, error) {
	old := r.managers()
	if old == nil {
		// Whoever signed it has compared it.
		opts.Confirm = r.signedAlready(p)
		opts.TrustManagers = nil
	}
	if old != nil {
		// The quorum of the set in force vouches for new managers.
		opts.Confirm, opts.TrustManagers = func([]ident.KeyID) error { return nil }, nil
	}
	// What others have made valid is taken, whatever this manager signed.
	opts.GiveUp = true
	m, err := r.examineSet(p, opts)
	if err != nil {
		return Review{}, err
	}
	v, err := r.reviewSet(m)
	if err != nil || v.InForce {
		return v, err
	}
	if !v.Complete {
		return Review{}, aboutSet.refuse(valisev1.Reason_REASON_QUORUM, "set %d is signed by %d managers and needs more: all of them for the first, else a quorum of the old set and of the new", v.Number, len(v.Signed))
	}
	b, err := encode(p.set)
	if err != nil {
		return Review{}, storage(err)
	}
	if err := writeDurably(r.disk, r.path(managerSetFile), b); err != nil {
		return Review{}, storage(err)
	}
	r.set = m
	return v, nil
}

func (r *Registry) signedAlready(p *proposal) func([]ident.KeyID) error {
	return func([]ident.KeyID) error {
		for _, s := range r.signed.Sets {
			if s.Hash == hashName(hashOf(p.set)) {
				return nil
			}
		}
		return aboutSet.refuse(valisev1.Reason_REASON_NEEDS_YES, "this manager has not compared and signed it")
	}
}
