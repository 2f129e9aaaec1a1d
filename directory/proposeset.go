package directory

import (
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// ProposeFirst makes the first manager set of this manager's key and the cards of all others, signs
// it, and keeps the proposal as SetProposalFile. All managers must sign it. The error is a *Refusal;
// NEEDS_YES where nobody compared a card. docs/protocol.md §8.3, §8.7
func (r *Registry) ProposeFirst(cards []ManagerCard, key *seal.SigningKey, now time.Time, opts ReviewOptions) (Signature, error) {
	return r.proposeSet(func() ([]byte, error) {
		if r.managers() != nil {
			return nil, aboutRegistry.refuse(valisev1.Reason_REASON_ALREADY_EXISTS, "the managers have agreed on a set already: change it with directory managers")
		}
		keys := []seal.PublicKey{key.Public()}
		for _, c := range cards {
			if c.ID != key.Public().ID(r.realm) {
				keys = append(keys, c.Key)
			}
		}
		want := r.notes.Expects
		if want == nil || len(keys) != want.Managers {
			return nil, aboutSet.refuse(valisev1.Reason_REASON_QUORUM, "%d managers in all, the folder was made for another number", len(keys))
		}
		return NewManagerSet(r.realm, 1, uint32(want.Threshold), keys, now)
	}, key, opts)
}

// ManagersChange is how the next manager set differs from the one in force.
type ManagersChange struct {
	// Threshold is the new one, 0 for that of now.
	Threshold int
	Add       []ManagerCard
	Remove    []ident.KeyID
}

// ProposeManagers makes the next manager set, signs it, and keeps the proposal as SetProposalFile.
// A quorum of the set in force and a quorum of the new one must sign it. The error is a *Refusal.
// docs/protocol.md §8.3, §8.7
func (r *Registry) ProposeManagers(change ManagersChange, key *seal.SigningKey, now time.Time, opts ReviewOptions) (Signature, error) {
	return r.proposeSet(func() ([]byte, error) {
		old := r.managers()
		if old == nil {
			return nil, aboutRegistry.refuse(valisev1.Reason_REASON_NOT_IN_THIS_STATE, "the managers have not agreed on their first set yet")
		}
		var keys []seal.PublicKey
		for _, id := range others(old.order, change.Remove) {
			keys = append(keys, old.keys[id])
		}
		if len(keys) != len(old.order)-len(change.Remove) {
			return nil, aboutSet.refuse(valisev1.Reason_REASON_NOT_FOUND, "whoever is to be removed is no manager of set %d", old.set.GetNumber())
		}
		for _, c := range change.Add {
			keys = append(keys, c.Key)
		}
		threshold := uint32(change.Threshold)
		if change.Threshold == 0 {
			threshold = old.set.GetThreshold()
		}
		if len(change.Add)+len(change.Remove) == 0 && threshold == old.set.GetThreshold() {
			return nil, aboutSet.refuse(valisev1.Reason_REASON_BAD_REQUEST, "nothing would change")
		}
		return NewManagerSet(r.realm, old.set.GetNumber()+1, threshold, keys, now)
	}, key, opts)
}

func (r *Registry) proposeSet(build func() ([]byte, error), key *seal.SigningKey, opts ReviewOptions) (Signature, error) {
	var s Signature
	err := r.locked(func() error {
		object, err := build()
		if err != nil {
			return err
		}
		s, err = r.sign(&proposal{set: &valisev1.SignedObject{Object: object}}, key, opts)
		if err != nil {
			return err
		}
		return storage(writeDurably(r.disk, r.path(SetProposalFile), s.File))
	})
	if err != nil {
		return Signature{}, err
	}
	return s, nil
}
