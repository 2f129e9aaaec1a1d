package directory

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	"valise.example/proto/mutant"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// Names of the proposals that a registry writes.
const (
	// ListProposalFile is the next list as this manager proposed it.
	ListProposalFile = "list.proposal"
	// SetProposalFile is the manager set to come as this manager proposed it.
	SetProposalFile = "manager-set.proposal"
)

// MaxProposalSize is a directory file and the signatures on its list.
const MaxProposalSize = MaxImportSize + 1<<20

var aboutProposal = subject{object: "proposal"}

// proposal is an object that waits for signatures of managers. docs/protocol.md §8.7
type proposal struct {
	// set is the manager set to come; all else is empty then.
	set *valisev1.SignedObject
	// list, parts and binding are the next list, the rest of its directory file, and what ties the
	// two: nothing in a list's signature covers key bundles and reading key.
	list    *valisev1.SignedObject
	parts   []byte
	rest    *valisev1.ImportBundle
	binding *valisev1.SignedObject
}

// parseProposal reads a proposal: one kind of object, and parts that are those of its list. Who
// signed is not looked at.
func parseProposal(b []byte) (*proposal, error) {
	f := &valisev1.Proposal{}
	if err := decode(aboutProposal, b, MaxProposalSize, closed, f); err != nil {
		return nil, err
	}
	if f.GetManagerSet() != nil {
		if f.GetList() != nil || f.GetBinding() != nil || len(f.GetParts()) > 0 {
			return nil, aboutProposal.refuse(valisev1.Reason_REASON_MIXED, "holds a manager set and something else")
		}
		return &proposal{set: f.GetManagerSet()}, nil
	}
	if f.GetList() == nil || f.GetBinding() == nil {
		return nil, aboutProposal.refuse(valisev1.Reason_REASON_MIXED, "holds neither a manager set nor a whole list")
	}
	p := &proposal{list: f.GetList(), parts: f.GetParts(), rest: &valisev1.ImportBundle{}, binding: f.GetBinding()}
	if err := decode(aboutProposal, p.parts, MaxImportSize, closed, p.rest); err != nil {
		return nil, err
	}
	if p.rest.GetList() != nil {
		return nil, aboutProposal.refuse(valisev1.Reason_REASON_MIXED, "holds two lists")
	}
	if !bytes.Equal(p.binding.GetObject(), bindingOf(p.list, p.parts)) {
		return nil, aboutProposal.refuse(valisev1.Reason_REASON_MIXED, "its parts are not those that the list was signed with")
	}
	return p, nil
}

// bindingOf is what a manager signs beside the list. docs/protocol.md §8.7
func bindingOf(l *valisev1.SignedObject, parts []byte) []byte {
	a, b := sha256.Sum256(l.GetObject()), sha256.Sum256(parts)
	return append(a[:], b[:]...)
}

// newListProposal is a proposal that nobody signed yet.
func newListProposal(l *valisev1.List, rest *valisev1.ImportBundle) (*proposal, error) {
	object, err := encode(l)
	if err != nil {
		return nil, err
	}
	p := &proposal{list: &valisev1.SignedObject{Object: object}, rest: rest}
	if p.parts, err = encode(rest); err != nil {
		return nil, err
	}
	p.binding = &valisev1.SignedObject{Object: bindingOf(p.list, p.parts)}
	return p, nil
}

func (p *proposal) bytes() ([]byte, error) {
	return encode(&valisev1.Proposal{ManagerSet: p.set, List: p.list, Parts: p.parts, Binding: p.binding})
}

// offer is the directory file that the proposal would make.
func (p *proposal) offer() *offer {
	f := proto.CloneOf(p.rest)
	f.List = p.list
	return &offer{file: f}
}

func (p *proposal) partsHash() [32]byte { return sha256.Sum256(p.parts) }

// signedBy gives the distinct managers who signed list and parts: who signed only one of them did
// not sign this proposal. docs/protocol.md §8.7
func (p *proposal) signedBy(realm ident.Realm, m *managerSet) ([]ident.KeyID, error) {
	listed, err := signers(aboutProposal, realm, seal.PurposeList, p.list, m.keys)
	if err != nil {
		return nil, err
	}
	bound, err := signers(aboutProposal, realm, seal.PurposeProposal, p.binding, m.keys)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(listed, func(id ident.KeyID) bool { return !slices.Contains(bound, id) && !mutant.Is("parts-not-bound") }), nil
}

// sign adds a manager's signature to a list and its parts, and drops those of keys that do not
// count: strangers could fill the places.
func (p *proposal) sign(realm ident.Realm, m *managerSet, key *seal.SigningKey) error {
	for _, o := range []struct {
		object  *valisev1.SignedObject
		purpose seal.Purpose
	}{{p.list, seal.PurposeList}, {p.binding, seal.PurposeProposal}} {
		if err := signOnce(realm, o.purpose, o.object, m.keys, key); err != nil {
			return err
		}
	}
	return nil
}

// signOnce adds a signature unless the key has signed. docs/protocol.md §8.3
func signOnce(realm ident.Realm, purpose seal.Purpose, o *valisev1.SignedObject, counted map[ident.KeyID]seal.PublicKey, key *seal.SigningKey) error {
	own, seen := key.Public().ID(realm), map[ident.KeyID]bool{}
	o.Signatures = slices.DeleteFunc(o.GetSignatures(), func(s *valisev1.Signature) bool {
		id, _ := ident.KeyIDFrom(s.GetKeyId())
		_, counts := counted[id]
		again := seen[id]
		seen[id] = true
		return !counts || again
	})
	if seen[own] {
		return nil
	}
	return seal.AddSignature(realm, purpose, o, key)
}
