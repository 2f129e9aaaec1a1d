package directory

import (
	"crypto/sha256"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// keptLists is how many lists before the one in force are kept as they were signed: where a peer was
// shown another, they are evidence. docs/protocol.md §8.3
const keptLists = 64

// keepList puts the list that was in force before those kept, newest first.
func (h *held) keepList(before *list) {
	if before == nil || before.hash == h.list.hash {
		return
	}
	h.past = append([]*valisev1.SignedObject{before.signed}, h.past...)
	h.past = slices.Clip(h.past[:min(len(h.past), keptLists)])
}

// ListOf is the list of a number as it was signed: the one in force, or one that was and is still kept;
// nil for any other. docs/protocol.md §8.3
func (s *Snapshot) ListOf(number uint64) *valisev1.SignedObject {
	l := s.held.list
	if l == nil {
		return nil
	}
	if l.body.GetNumber() == number {
		return l.signed
	}
	for _, o := range s.held.past {
		if same, decided := l.knows(number, hashOf(o)); decided && same {
			return o
		}
	}
	return nil
}

// SplitJudgement is what evidence of a split view shows. docs/protocol.md §8.3
type SplitJudgement struct {
	// Number of the list, and the SHA-256 of the one in the evidence; zeros where that was not kept.
	Number uint64
	Hash   [32]byte
	// Signers are the managers known here whose signatures it has.
	Signers []ident.KeyID
	// Peer holds the other list of this number, of which the SHA-256 is Other, as its own signature says;
	// both are zero where the evidence is a list alone.
	Peer  ident.Address
	Other [32]byte
}

// JudgeSplit verifies evidence of a split view against the managers and the States that are known here.
// The error is a *Refusal. docs/protocol.md §8.3
func (s *Snapshot) JudgeSplit(b []byte) (SplitJudgement, error) {
	about, e := subject{object: "evidence"}, &valisev1.SplitEvidence{}
	var j SplitJudgement
	if err := decode(about, b, MaxListSize+64<<10, closed, e); err != nil {
		return j, err
	}
	if err := inRealm(about, s.held.realm, e.GetRealm()); err != nil {
		return j, err
	}
	if len(e.GetHeader()) == 0 && e.GetList() != nil {
		return s.judgeList(e.GetList())
	}
	header, err := seal.ParseHeader(e.GetHeader())
	if err != nil {
		return j, about.refuse(valisev1.Reason_REASON_HEADER, "the header in it cannot be read: %w", err)
	}
	id, _ := ident.KeyIDFrom(e.GetSignature().GetKeyId())
	speaker, known := s.HistoricalSpeaker(id)
	if !known || speaker.Address != header.From {
		return j, about.refuse(valisev1.Reason_REASON_UNKNOWN_KEY, "no point of contact that is known here signed the header")
	}
	if len(e.GetBodyHash()) != sha256.Size {
		return j, about.refuse(valisev1.Reason_REASON_FRAME, "the hash of the body in it has %d bytes, not %d", len(e.GetBodyHash()), sha256.Size)
	}
	d := seal.ContentDigest(e.GetHeader(), [sha256.Size]byte(e.GetBodyHash()))
	if err := seal.Verify(s.held.realm, seal.PurposeContent, d, speaker.Key, e.GetSignature()); err != nil {
		return j, about.refuse(valisev1.Reason_REASON_BAD_SIGNATURE, "the header is not signed by the point of contact that it names: %w", err)
	}
	j.Number, j.Peer, j.Other = header.DirectoryNumber, header.From, header.DirectoryHash
	if e.GetList() == nil {
		return j, nil
	}
	l, err := parseList(s.held.realm, e.GetList())
	if err != nil {
		return j, err
	}
	if l.body.GetNumber() != j.Number || l.hash == j.Other {
		return j, about.refuse(valisev1.Reason_REASON_MIXED, "the list in it and the header do not contradict each other")
	}
	j.Hash = l.hash
	j.Signers, err = s.signersOf(e.GetList())
	return j, err
}

// judgeList tells who signed a list that is evidence by itself: it rolls an entry back. docs/protocol.md §8.5
func (s *Snapshot) judgeList(o *valisev1.SignedObject) (j SplitJudgement, err error) {
	l, err := parseList(s.held.realm, o)
	if err != nil {
		return j, err
	}
	j.Number, j.Hash = l.body.GetNumber(), l.hash
	j.Signers, err = s.signersOf(o)
	return j, err
}

// signersOf are the managers known here, now and before, whose signatures a list has.
func (s *Snapshot) signersOf(o *valisev1.SignedObject) ([]ident.KeyID, error) {
	keys := map[ident.KeyID]seal.PublicKey{}
	for _, set := range s.held.sets {
		maps.Copy(keys, set.keys)
	}
	return signers(subject{object: "evidence"}, s.held.realm, seal.PurposeList, o, keys)
}

// EncodeSplit gives evidence as a file.
func EncodeSplit(e *valisev1.SplitEvidence) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(e)
}
