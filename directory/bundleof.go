package directory

import (
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Bundle is the key bundle of an address that is in use, as it was signed, nil for none, and the
// highest bundle number ever taken of the address, also of one that is in use no more.
// docs/protocol.md §8.4
func (s *Snapshot) Bundle(a ident.Address) (signed *valisev1.SignedObject, highest uint64) {
	if b := s.held.bundles[a]; b != nil {
		signed = b.signed
	}
	return signed, s.held.marks[a].number
}
