package directory

import (
	"maps"
	"slices"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// ProposeConfig is what a manager proposes with.
type ProposeConfig struct {
	Now time.Time
	// ValidFor is how long the list is fresh; zero means DefaultListLife.
	ValidFor time.Duration
	// Next passes over the numbers of lists that this manager has signed and that are not in force
	// here. docs/protocol.md §8.7
	Next bool
	// Key is this manager's.
	Key *seal.SigningKey
}

// Signature is a proposal with this manager's signature on it.
type Signature struct {
	// File goes to the next manager, or to Registry.Take when Review.Complete is true.
	File   []byte
	Review Review
}

// Propose makes the next list from all that is admitted, signs it, and keeps the proposal as
// ListProposalFile. What it signs is remembered durably before. The error is a *Refusal;
// EQUIVOCATION while another list of the number waits. docs/protocol.md §8.7
func (r *Registry) Propose(c ProposeConfig) (Signature, error) {
	var s Signature
	err := r.settled(func() error {
		_, between := r.signedNumber()
		if len(between) > 0 && !c.Next {
			return aboutList.refuse(valisev1.Reason_REASON_EQUIVOCATION, "this manager signed list %d before, and it is not in force here yet", r.book.Snapshot().Number()+uint64(len(between)))
		}
		p, err := r.draft(c.Now, c.ValidFor, between...)
		if err != nil {
			return err
		}
		s, err = r.sign(p, c.Key, ReviewOptions{})
		if err != nil {
			return err
		}
		return storage(writeDurably(r.disk, r.path(ListProposalFile), s.File))
	})
	if err != nil {
		return Signature{}, err
	}
	return s, nil
}

// Sign checks a proposal as Review does and adds this manager's signature. What it signs is on disk
// before the signature is given out; the same proposal again is signed again. The error is a
// *Refusal; EQUIVOCATION for a list that contradicts one signed before. docs/protocol.md §8.7
func (r *Registry) Sign(file []byte, key *seal.SigningKey, opts ReviewOptions) (Signature, error) {
	var s Signature
	err := r.locked(func() error {
		p, err := parseProposal(file)
		if err == nil {
			s, err = r.sign(p, key, opts)
		}
		return err
	})
	if err != nil {
		return Signature{}, err
	}
	return s, nil
}

func (r *Registry) sign(p *proposal, key *seal.SigningKey, opts ReviewOptions) (Signature, error) {
	var err error
	if p.set != nil {
		err = r.signSet(p, key, opts)
	} else {
		err = r.signList(p, key, opts)
	}
	if err != nil {
		return Signature{}, err
	}
	s := Signature{}
	if s.Review, err = r.examine(p, opts); err != nil {
		return Signature{}, err
	}
	s.File, err = p.bytes()
	return s, err
}

func (r *Registry) signList(p *proposal, key *seal.SigningKey, opts ReviewOptions) error {
	next, _, err := r.examineList(p, opts)
	if err != nil {
		return err
	}
	if next.managers().keys[key.Public().ID(r.realm)].IsZero() {
		return aboutProposal.refuse(valisev1.Reason_REASON_QUORUM, "this manager's key is not in set %d, so its signature would not count", next.managers().set.GetNumber())
	}
	if next.list.hash == r.book.Snapshot().Hash() {
		return nil
	}
	if err := r.mayList(next.list, p.partsHash(), opts.GiveUp); err != nil {
		return err
	}
	// Roots that were confirmed for this signature need no second call when the list is taken.
	if err := r.noteRoots(opts.ConfirmRoots); err != nil {
		return err
	}
	if err := r.rememberList(next.list, p.partsHash()); err != nil {
		return err
	}
	return p.sign(r.realm, next.managers(), key)
}

func (r *Registry) noteRoots(roots map[ident.State]ident.KeyID) error {
	if len(roots) == 0 {
		return nil
	}
	for _, state := range sortedStates(roots) {
		note := confirmedRoot{State: string(state), Root: roots[state].String()}
		r.notes.Confirmed = slices.DeleteFunc(r.notes.Confirmed, func(c confirmedRoot) bool { return c.State == note.State })
		r.notes.Confirmed = append(r.notes.Confirmed, note)
	}
	return r.saveNotes()
}

func (r *Registry) signSet(p *proposal, key *seal.SigningKey, opts ReviewOptions) error {
	m, err := r.examineSet(p, opts)
	if err != nil {
		return err
	}
	counted := map[ident.KeyID]seal.PublicKey{}
	for _, set := range []*managerSet{m, r.managers()} {
		if set == nil {
			continue
		}
		maps.Copy(counted, set.keys)
	}
	if counted[key.Public().ID(r.realm)].IsZero() {
		return aboutProposal.refuse(valisev1.Reason_REASON_QUORUM, "this manager's key is in neither set, so its signature would not count")
	}
	if err := r.rememberSet(m); err != nil {
		return err
	}
	return signOnce(r.realm, seal.PurposeManagerSet, p.set, counted, key)
}
