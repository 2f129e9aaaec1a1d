package directory

import (
	"crypto/sha256"
	"errors"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// Assemble puts together the directory file that a head announces, byte for byte as the managers
// published it. What is held here already is not fetched. fetch gives the object of a name, nil when
// there is none. The file is then imported like any other. The error is fetch's, or a *Refusal:
// PART_MISSING, PART_DAMAGED or MIXED. docs/protocol.md §8.6
func (s *Snapshot) Assemble(h *Head, fetch func(name string) ([]byte, error)) ([]byte, error) {
	a := assembly{held: s.held.parts(), head: h, fetch: fetch}
	list, err := a.signed(h.list)
	if err != nil {
		return nil, err
	}
	// First, so that nothing else is fetched for a list that is not the one announced.
	if hashOf(list) != h.ListHash {
		return nil, aboutHead.refuse(valisev1.Reason_REASON_MIXED, "announces another list than it names")
	}
	body := &valisev1.List{}
	if err := decode(aboutList, list.GetObject(), MaxListSize, closed, body); err != nil {
		return nil, err
	}
	if body.GetNumber() != h.Number {
		return nil, aboutHead.refuse(valisev1.Reason_REASON_MIXED, "announces list %d and names list %d", h.Number, body.GetNumber())
	}
	file := &valisev1.ImportBundle{List: list, ReadingKey: h.reading.Secret()}
	for _, p := range h.others {
		o, err := a.signed(p)
		if err != nil {
			return nil, err
		}
		switch p.kind {
		case valisev1.DirectoryPartKind_DIRECTORY_PART_KIND_MANAGER_SET:
			file.ManagerSets = append(file.ManagerSets, o)
		case valisev1.DirectoryPartKind_DIRECTORY_PART_KIND_ENTRY:
			file.Entries = append(file.Entries, o)
		default:
			file.KeyBundles = append(file.KeyBundles, o)
		}
	}
	return encode(file)
}

type assembly struct {
	held  map[[32]byte][]byte
	head  *Head
	fetch func(name string) ([]byte, error)
}

// signed reads one part, from here or from the relay.
func (a assembly) signed(p part) (*valisev1.SignedObject, error) {
	b, err := a.part(p)
	if err != nil {
		return nil, err
	}
	o, err := seal.ParseSignedObject(b)
	if err != nil {
		return nil, aboutHead.refuse(valisev1.Reason_REASON_WIRE_FORM, "a part is no signed object: %w", err)
	}
	return o, nil
}

func (a assembly) part(p part) ([]byte, error) {
	if b := a.held[p.sum]; b != nil {
		return b, nil
	}
	b := make([]byte, 0, p.size)
	for _, name := range p.pieces {
		piece, err := a.piece(name)
		if err != nil {
			return nil, err
		}
		if len(b)+len(piece) > p.size {
			return nil, damagedPart("is longer than announced")
		}
		b = append(b, piece...)
	}
	if len(b) != p.size || sha256.Sum256(b) != p.sum {
		return nil, damagedPart("is not the one that is announced")
	}
	return b, nil
}

// piece opens one object under its name, which follows from its bytes.
func (a assembly) piece(name [16]byte) ([]byte, error) {
	object, err := a.fetch(nameOf(name))
	if err != nil {
		return nil, err
	}
	if object == nil {
		return nil, aboutHead.refuse(valisev1.Reason_REASON_PART_MISSING, "the relay does not have a piece that is announced, so the list before stays in force")
	}
	if pieceName(object) != name {
		return nil, damagedPart("has a piece under the name of another")
	}
	content, _, err := seal.OpenPiece(object, a.head.reading)
	if err != nil {
		return nil, damagedPart("has a piece that the reading key does not open")
	}
	return content, nil
}

func damagedPart(what string) error {
	return aboutHead.refuse(valisev1.Reason_REASON_PART_DAMAGED, "a part %s, so the list before stays in force", what)
}

// reasonOfSeal is why something could not be opened.
func reasonOfSeal(err error) valisev1.Reason {
	if r, ok := errors.AsType[*seal.Refusal](err); ok {
		return r.Reason
	}
	return valisev1.Reason_REASON_INTERNAL
}
