package directory

import (
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// managerSet is one numbered set of the keys that sign lists, as signed. docs/protocol.md §8.3
type managerSet struct {
	signed *valisev1.SignedObject
	hash   [32]byte
	set    *valisev1.ManagerSet
	keys   map[ident.KeyID]seal.PublicKey
	order  []ident.KeyID
}

// ManagerInfo is a manager set as a person is asked to confirm it, against a sheet that came
// by another way than the file.
type ManagerInfo struct {
	// Number of the set, from 1.
	Number uint64
	// Threshold is how many of the managers must sign a list.
	Threshold int
	// Managers are the key ids in the order of the set; KeyID.Fingerprint is what to read aloud.
	Managers []ident.KeyID
}

var aboutSet = subject{object: "manager set"}

// parseManagerSet reads a set and its own rules: who must have signed it is checked by
// followChain and anchor. docs/protocol.md §8.3
func parseManagerSet(realm ident.Realm, o *valisev1.SignedObject) (*managerSet, error) {
	m := &managerSet{signed: o, hash: hashOf(o), set: &valisev1.ManagerSet{}, keys: map[ident.KeyID]seal.PublicKey{}}
	if err := decode(aboutSet, o.GetObject(), MaxSetSize, closed, m.set); err != nil {
		return nil, err
	}
	if err := inRealm(aboutSet, realm, m.set.GetRealm()); err != nil {
		return nil, err
	}
	if m.set.GetThreshold() == 0 {
		return nil, aboutSet.refuse(valisev1.Reason_REASON_QUORUM, "threshold 0, so nobody would have to sign")
	}
	if int64(m.set.GetThreshold()) > int64(len(m.set.GetManagers())) {
		return nil, aboutSet.refuse(valisev1.Reason_REASON_QUORUM, "threshold %d of %d managers can never be reached", m.set.GetThreshold(), len(m.set.GetManagers()))
	}
	if err := obey(aboutSet, m.set); err != nil {
		return nil, err
	}
	if _, err := moment(aboutSet, m.set.GetIssued(), "issued"); err != nil {
		return nil, err
	}
	owners := newOwners()
	for _, p := range m.set.GetManagers() {
		key, err := seal.ParsePublicKey(p)
		if err != nil {
			return nil, aboutSet.refuse(valisev1.Reason_REASON_PAYLOAD, "holds a key that cannot be read: %w", err)
		}
		id := key.ID(realm)
		// One key listed twice would be counted as two managers. docs/protocol.md §8.3
		if err := owners.claimNewKey(aboutSet, p); err != nil {
			return nil, err
		}
		m.keys[id] = key
		m.order = append(m.order, id)
	}
	return m, nil
}

// signedBy counts how many distinct managers of m signed o.
func (m *managerSet) signedBy(s subject, realm ident.Realm, purpose seal.Purpose, o *valisev1.SignedObject) (int, error) {
	ids, err := signers(s, realm, purpose, o, m.keys)
	return len(ids), err
}

// requireQuorum refuses o unless enough distinct managers of m signed it. docs/protocol.md §8.3
func (m *managerSet) requireQuorum(s subject, realm ident.Realm, purpose seal.Purpose, o *valisev1.SignedObject) error {
	n, err := m.signedBy(s, realm, purpose, o)
	if err != nil {
		return err
	}
	if int64(n) < int64(m.set.GetThreshold()) {
		return s.refuse(valisev1.Reason_REASON_QUORUM, "signed by %d distinct managers of set %d, %d are needed", n, m.set.GetNumber(), m.set.GetThreshold())
	}
	return nil
}

// requireHonest refuses o where a signature of a manager does not verify; how many there are does not
// matter yet.
func (m *managerSet) requireHonest(s subject, realm ident.Realm, purpose seal.Purpose, o *valisev1.SignedObject) error {
	_, err := m.signedBy(s, realm, purpose, o)
	return err
}

// requireAll refuses the set unless every one of its managers signed it.
func (m *managerSet) requireAll(realm ident.Realm) error {
	n, err := m.signedBy(aboutSet, realm, seal.PurposeManagerSet, m.signed)
	if err != nil {
		return err
	}
	if n < len(m.keys) {
		return aboutSet.refuse(valisev1.Reason_REASON_QUORUM, "set %d is signed by %d of its %d managers, all are needed to begin with it", m.set.GetNumber(), n, len(m.keys))
	}
	return nil
}

// begin checks the set that a chain starts with: the first of all is signed by all its
// managers, a later one by a quorum of its own at least. docs/protocol.md §8.3
func (m *managerSet) begin(realm ident.Realm) error {
	if m.set.GetNumber() == 1 {
		return m.requireAll(realm)
	}
	return m.requireQuorum(aboutSet, realm, seal.PurposeManagerSet, m.signed)
}

// follows refuses the set unless a quorum of the one before it and one of its own signed it.
// docs/protocol.md §8.3
func (m *managerSet) follows(realm ident.Realm, old *managerSet) error {
	if err := old.requireQuorum(aboutSet, realm, seal.PurposeManagerSet, m.signed); err != nil {
		return err
	}
	return m.requireQuorum(aboutSet, realm, seal.PurposeManagerSet, m.signed)
}

func (m *managerSet) info() ManagerInfo {
	return ManagerInfo{Number: m.set.GetNumber(), Threshold: int(m.set.GetThreshold()), Managers: slices.Clone(m.order)}
}

// followChain takes the sets of an import beyond those held: each is signed by a quorum of
// the one before it and by a quorum of its own. docs/protocol.md §8.3
func followChain(realm ident.Realm, held, offered []*managerSet) ([]*managerSet, error) {
	if err := consecutive(offered); err != nil {
		return nil, err
	}
	chain := slices.Clone(held)
	last := chain[len(chain)-1]
	if newest := offered[len(offered)-1]; newest.set.GetNumber() < last.set.GetNumber() {
		return nil, aboutSet.refuse(valisev1.Reason_REASON_ROLLBACK, "ends with set %d, set %d is in force", newest.set.GetNumber(), last.set.GetNumber())
	}
	for _, next := range offered {
		n := next.set.GetNumber()
		if n <= last.set.GetNumber() {
			if old := bySetNumber(chain, n); old != nil && old.hash != next.hash {
				return nil, aboutSet.refuse(valisev1.Reason_REASON_EQUIVOCATION, "set %d differs from the one held under this number", n)
			}
			continue
		}
		if n != last.set.GetNumber()+1 {
			return nil, aboutSet.refuse(valisev1.Reason_REASON_FAST_FORWARD, "set %d does not follow set %d, so nobody vouches for it", n, last.set.GetNumber())
		}
		if err := next.follows(realm, last); err != nil {
			return nil, err
		}
		chain, last = append(chain, next), next
	}
	return chain, nil
}

// anchor finds the newest set that is trusted from outside the file, and follows the chain
// from there. Key ids alone do not say how many must sign, so a set trusted by key ids must
// be exactly those keys and signed by all of them. docs/protocol.md §8.3
func anchor(realm ident.Realm, offered []*managerSet, opts ImportOptions) ([]*managerSet, error) {
	if err := consecutive(offered); err != nil {
		return nil, err
	}
	if err := offered[0].begin(realm); err != nil {
		return nil, err
	}
	if len(opts.TrustManagers) > 0 {
		return anchorByKeys(realm, offered, opts.TrustManagers)
	}
	if opts.Confirm == nil {
		return nil, aboutSet.refuse(valisev1.Reason_REASON_UNKNOWN_KEY, "no manager is known here yet: name their key ids or confirm them against a sheet")
	}
	chain, err := followChain(realm, offered[:1], offered)
	if err != nil {
		return nil, err
	}
	if err := opts.Confirm(chain[len(chain)-1].info()); err != nil {
		return nil, aboutSet.refuse(valisev1.Reason_REASON_KEY_CHANGED, "not confirmed: %w", err)
	}
	return chain, nil
}

func anchorByKeys(realm ident.Realm, offered []*managerSet, trusted []ident.KeyID) ([]*managerSet, error) {
	for i, o := range slices.Backward(offered) {
		if !sameKeys(o.order, trusted) {
			continue
		}
		if err := o.requireAll(realm); err != nil {
			return nil, err
		}
		return followChain(realm, offered[i:i+1], offered[i:])
	}
	return nil, aboutSet.refuse(valisev1.Reason_REASON_KEY_CHANGED, "the managers of this file are not the ones expected")
}

func consecutive(sets []*managerSet) error {
	if len(sets) == 0 {
		return aboutSet.refuse(valisev1.Reason_REASON_QUORUM, "the file names no managers, so nobody vouches for its list")
	}
	for i := 1; i < len(sets); i++ {
		if sets[i].set.GetNumber() != sets[i-1].set.GetNumber()+1 {
			return aboutSet.refuse(valisev1.Reason_REASON_MIXED, "sets are not numbered one after the other")
		}
	}
	return nil
}

func bySetNumber(sets []*managerSet, n uint64) *managerSet {
	for _, m := range sets {
		if m.set.GetNumber() == n {
			return m
		}
	}
	return nil
}

func sameKeys(a, b []ident.KeyID) bool {
	in := map[ident.KeyID]bool{}
	for _, id := range b {
		in[id] = true
	}
	for _, id := range a {
		if !in[id] {
			return false
		}
	}
	return len(a) == len(in)
}

// NewManagerSet makes the object for a set. It is signed with seal.SignObject and
// seal.AddSignature for seal.PurposeManagerSet: the first set by all its managers, a later
// one by a quorum of the set before it and of its own. docs/protocol.md §8.3
func NewManagerSet(realm ident.Realm, number uint64, threshold uint32, managers []seal.PublicKey, issued time.Time) ([]byte, error) {
	set := &valisev1.ManagerSet{Realm: string(realm), Number: number, Threshold: threshold, Issued: timestamppb.New(issued)}
	for _, key := range managers {
		set.Managers = append(set.Managers, key.Proto())
	}
	b, err := encode(set)
	if err != nil {
		return nil, err
	}
	_, err = parseManagerSet(realm, &valisev1.SignedObject{Object: b})
	return b, err
}
