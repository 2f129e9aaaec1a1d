package directory

import (
	"crypto/sha256"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// Head says what a directory file at a relay is put together from. It is signed by nobody: only
// what the file is signed with counts. docs/protocol.md §8.6
type Head struct {
	// Number and ListHash are those of the list, as the head claims.
	Number   uint64
	ListHash [32]byte

	list    part
	others  []part // all but the list, in the order of the file
	reading seal.SealingKey
}

type part struct {
	kind   valisev1.DirectoryPartKind
	sum    [32]byte
	size   int
	pieces [][16]byte
}

var (
	aboutHead       = subject{object: "directory head"}
	aboutReadingKey = subject{object: "reading key"}
)

// OpenHead opens and reads the head of the objects at a relay. The error is a *Refusal;
// CANNOT_DECRYPT when the reading key is another one. docs/protocol.md §8.6
func OpenHead(realm ident.Realm, object []byte, key seal.SealingKey) (*Head, error) {
	content, _, err := seal.OpenPiece(object, key)
	if err != nil {
		return nil, aboutHead.refuse(reasonOfSeal(err), "cannot be opened: %w", err)
	}
	h, err := parseHead(realm, content)
	if err != nil {
		return nil, err
	}
	h.reading = key
	return h, nil
}

// OpenReadingKey opens the object that lies under the name of one of our mailboxes.
// docs/protocol.md §8.6
func OpenReadingKey(realm ident.Realm, object []byte, ours ...seal.SealingKey) (seal.SealingKey, error) {
	content, _, err := seal.OpenPiece(object, ours...)
	if err != nil {
		return seal.SealingKey{}, aboutReadingKey.refuse(reasonOfSeal(err), "cannot be opened: %w", err)
	}
	return parseReadingKey(realm, content)
}

func parseReadingKey(realm ident.Realm, content []byte) (seal.SealingKey, error) {
	k := &valisev1.ReadingKey{}
	if err := decode(aboutReadingKey, content, seal.MaxPiece, closed, k); err != nil {
		return seal.SealingKey{}, err
	}
	if err := inRealm(aboutReadingKey, realm, k.GetRealm()); err != nil {
		return seal.SealingKey{}, err
	}
	key, err := seal.ParseSealingKey(k.GetKey())
	if err != nil {
		return seal.SealingKey{}, aboutReadingKey.refuse(valisev1.Reason_REASON_PAYLOAD, "holds no age identity: %w", err)
	}
	return key, nil
}

// parseHead holds the rules of a head by itself: kinds in order, one list, nothing twice, as many
// pieces as the size needs, no more than a directory file may have. docs/protocol.md §8.6
func parseHead(realm ident.Realm, content []byte) (*Head, error) {
	body := &valisev1.DirectoryHead{}
	if err := decode(aboutHead, content, seal.MaxPiece, closed, body); err != nil {
		return nil, err
	}
	if err := inRealm(aboutHead, realm, body.GetRealm()); err != nil {
		return nil, err
	}
	if err := obey(aboutHead, body); err != nil {
		return nil, err
	}
	h := &Head{Number: body.GetNumber(), ListHash: [32]byte(body.GetListHash())}
	last, total, seen := valisev1.DirectoryPartKind_DIRECTORY_PART_KIND_UNSPECIFIED, 0, map[string]bool{}
	for _, p := range body.GetParts() {
		if p.GetKind() < last {
			return nil, aboutHead.refuse(valisev1.Reason_REASON_MIXED, "its parts are not in the order of a directory file")
		}
		last = p.GetKind()
		if total += int(p.GetSize()); p.GetSize() > maxPartSize || total > MaxImportSize {
			return nil, aboutHead.refuse(valisev1.Reason_REASON_TOO_LARGE, "names more than a directory file may hold, so nothing of it is fetched")
		}
		read, err := readPart(p, seen)
		if err != nil {
			return nil, err
		}
		if p.GetKind() != valisev1.DirectoryPartKind_DIRECTORY_PART_KIND_LIST {
			h.others = append(h.others, read)
			continue
		}
		if h.list.size > 0 {
			return nil, aboutHead.refuse(valisev1.Reason_REASON_MIXED, "names two lists")
		}
		h.list = read
	}
	if h.list.size == 0 {
		return nil, aboutHead.refuse(valisev1.Reason_REASON_MIXED, "names no list")
	}
	return h, nil
}

func readPart(p *valisev1.DirectoryPart, seen map[string]bool) (part, error) {
	out := part{kind: p.GetKind(), sum: [32]byte(p.GetSha256()), size: int(p.GetSize())}
	if need := (out.size + seal.MaxPiece - 1) / seal.MaxPiece; len(p.GetPieces()) != need {
		return part{}, aboutHead.refuse(valisev1.Reason_REASON_MIXED, "a part of %d bytes has %d pieces, not %d", out.size, need, len(p.GetPieces()))
	}
	for _, name := range append([][]byte{p.GetSha256()}, p.GetPieces()...) {
		if seen[string(name)] {
			return part{}, aboutHead.refuse(valisev1.Reason_REASON_MIXED, "one part or piece stands twice")
		}
		seen[string(name)] = true
	}
	for _, name := range p.GetPieces() {
		out.pieces = append(out.pieces, [16]byte(name))
	}
	return out, nil
}

// Follows says, from the numbers alone, whether what a head announces is to be fetched: not when the
// list in force is the one, and not when it could only be refused. Everything else is for Import to
// say. The error is a *Refusal: ROLLBACK, FAST_FORWARD, or NOT_FOUND while no list is in force, because
// first contact is by file. docs/protocol.md §8.6
func (s *Snapshot) Follows(h *Head) (fetch bool, err error) {
	switch n := s.Number(); {
	case n == 0:
		return false, aboutHead.refuse(valisev1.Reason_REASON_NOT_FOUND, "no directory was imported from a file yet, so nothing is taken from a relay")
	case h.Number < n:
		return false, aboutHead.refuse(valisev1.Reason_REASON_ROLLBACK, "list %d is older than list %d, which is in force", h.Number, n)
	case h.Number-n > maxStep:
		return false, aboutHead.refuse(valisev1.Reason_REASON_FAST_FORWARD, "list %d is more than %d ahead of list %d", h.Number, maxStep, n)
	}
	return h.ListHash != s.Hash(), nil
}

// ReadingKey is the key of the objects at a relay as the directory in force has it; ok is false where
// it has none. docs/protocol.md §8.6
func (s *Snapshot) ReadingKey() (key seal.SealingKey, ok bool) {
	key, err := seal.ParseSealingKey(s.held.readingKey)
	return key, err == nil
}

// parts are all signed objects that are held, by the SHA-256 of their bytes.
func (h *held) parts() map[[32]byte][]byte {
	found := map[[32]byte][]byte{}
	add := func(o *valisev1.SignedObject) {
		if b, err := encode(o); err == nil {
			found[sha256.Sum256(b)] = b
		}
	}
	for _, m := range h.sets {
		add(m.signed)
	}
	for _, s := range h.states {
		for _, e := range []*entry{s.current, s.quarantined} {
			if e != nil {
				add(e.signed)
			}
		}
	}
	for _, b := range h.bundles {
		add(b.signed)
	}
	for _, b := range h.waiting {
		add(b.signed)
	}
	return found
}
