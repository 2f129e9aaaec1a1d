package directory

import (
	"crypto/sha256"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// Sizes in bytes. docs/protocol.md §8.3, §8.6
const (
	MaxListSize   = 256 << 10
	MaxSetSize    = 128 << 10
	MaxEntrySize  = 512 << 10
	MaxBundleSize = 64 << 10
	MaxCardSize   = 8 << 10
	MaxExportSize = 2 << 20
	MaxImportSize = 64 << 20
	MaxRosterSize = 16 << 20
)

const (
	// maxFirstNumber bounds the number of a list or entry that is seen for the first time.
	maxFirstNumber = 1_000_000
	// maxStep bounds how far a number may rise at once: the list's history reaches as far.
	maxStep = 512
	// maxBundleNumber is far beyond any Unix time of this system's life.
	maxBundleNumber = 1 << 33
)

// strictness tells what becomes of fields that this version does not know.
type strictness bool

const (
	// closed refuses unknown fields: an authority's word is read wholly or not at all.
	closed strictness = true
	// open lets them pass: a State with a newer node must not shut the others out.
	open strictness = false
)

// decode reads b into m: bounded, scanned for bytes that no honest encoder makes, and strict
// where asked. It does not look at the rules of the contract. docs/protocol.md §3
func decode(s subject, b []byte, limit int, how strictness, m proto.Message) error {
	if len(b) == 0 {
		return s.refuse(valisev1.Reason_REASON_FRAME, "empty, so there is nothing to take")
	}
	if len(b) > limit {
		return s.refuse(valisev1.Reason_REASON_TOO_LARGE, "%d bytes, at most %d are read", len(b), limit)
	}
	unknown, err := seal.ScanWire(b, m.ProtoReflect().Descriptor())
	if err != nil {
		return s.refuse(valisev1.Reason_REASON_WIRE_FORM, "bytes that no honest encoder makes: %w", err)
	}
	if unknown && how == closed {
		return s.refuse(valisev1.Reason_REASON_WIRE_FORM, "holds a part this version does not know, so it is not read in part")
	}
	if err := proto.Unmarshal(b, m); err != nil {
		return s.refuse(valisev1.Reason_REASON_FRAME, "cannot be read: %w", err)
	}
	return nil
}

// obey checks the rules that stand in the contract.
func obey(s subject, m proto.Message) error {
	if err := protovalidate.Validate(m); err != nil {
		return s.refuse(valisev1.Reason_REASON_PAYLOAD, "breaks a rule of the contract: %w", err)
	}
	return nil
}

// encode gives the same bytes for the same message, always.
func encode(m proto.Message) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}

// hashOf names a signed object: its signatures do not count, so that they can be added.
func hashOf(o *valisev1.SignedObject) [32]byte { return sha256.Sum256(o.GetObject()) }

// inRealm refuses whatever was made for another realm. docs/protocol.md §2.2
func inRealm(s subject, own ident.Realm, named string) error {
	if named != string(own) {
		return s.refuse(valisev1.Reason_REASON_WRONG_REALM, "made for another realm, and nothing crosses realms")
	}
	return nil
}

// admitted reads a State and refuses one that the realm does not admit. docs/protocol.md §2.2
func admitted(s subject, realm ident.Realm, named string) (ident.State, error) {
	state, err := ident.ParseState(named)
	if err != nil {
		return "", s.refuse(valisev1.Reason_REASON_PAYLOAD, "names no State in canonical form")
	}
	if !realm.Admits(state) {
		return "", s.refuse(valisev1.Reason_REASON_WRONG_REALM, "State %s has no place in this realm", state)
	}
	return state, nil
}

// span reads two dates that must both be there, the second after the first.
// docs/protocol.md §8.5
func span(s subject, from, until *timestamppb.Timestamp, what string) (time.Time, time.Time, error) {
	if from.CheckValid() != nil || until.CheckValid() != nil {
		return time.Time{}, time.Time{}, s.refuse(valisev1.Reason_REASON_VALIDITY, "%s without both dates", what)
	}
	a, b := from.AsTime(), until.AsTime()
	if !b.After(a) {
		return time.Time{}, time.Time{}, s.refuse(valisev1.Reason_REASON_VALIDITY, "%s ends before it begins", what)
	}
	return a, b, nil
}

// moment reads a date that may be absent.
func moment(s subject, t *timestamppb.Timestamp, what string) (time.Time, error) {
	if t == nil {
		return time.Time{}, nil
	}
	if t.CheckValid() != nil {
		return time.Time{}, s.refuse(valisev1.Reason_REASON_VALIDITY, "%s is no date", what)
	}
	return t.AsTime(), nil
}

// signers verifies the object for one purpose and gives the distinct trusted keys that
// signed it. docs/protocol.md §4.3
func signers(s subject, realm ident.Realm, purpose seal.Purpose, o *valisev1.SignedObject, trusted map[ident.KeyID]seal.PublicKey) ([]ident.KeyID, error) {
	ids, err := seal.VerifyObject(realm, purpose, o, func(id ident.KeyID) (seal.PublicKey, bool) {
		key, ok := trusted[id]
		return key, ok
	})
	if err != nil {
		return nil, s.refuse(valisev1.Reason_REASON_BAD_SIGNATURE, "a signature does not verify: %w", err)
	}
	return ids, nil
}
