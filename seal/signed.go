package seal

import (
	"bytes"
	"crypto/ed25519"
	"math"

	"filippo.io/mldsa"
	"google.golang.org/protobuf/encoding/protowire"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// MaxSigned is the largest Signed in bytes: what the largest envelope holds beside its length.
// docs/protocol.md §4.4
const MaxSigned = 262_144 - frameHead

// Field numbers of valise.v1.Signed.
const (
	fieldSuite   protowire.Number = 1
	fieldKeyID   protowire.Number = 2
	fieldHeader  protowire.Number = 3
	fieldBody    protowire.Number = 4
	fieldEd25519 protowire.Number = 5
	fieldMLDSA65 protowire.Number = 6
)

// Signed is Content with the two signatures of its suite. Signing again with another key makes a
// new Signed of the same message. docs/protocol.md §4.2
type Signed struct {
	Suite   uint16
	KeyID   ident.KeyID
	Content Content
	// Ed25519 is 64 bytes, MLDSA65 3,309 bytes.
	Ed25519, MLDSA65 []byte
}

// SignContent signs c for the purpose content. A Content whose header is not valid, or names
// another realm, is not signed. docs/protocol.md §4.2
func SignContent(realm ident.Realm, key *SigningKey, c Content) (Signed, error) {
	h, err := ParseHeader(c.Header)
	if err != nil {
		return Signed{}, err
	}
	if h.Realm != realm {
		return Signed{}, refuse(StepHeader, valisev1.Reason_REASON_WRONG_REALM, "content of another realm is not signed in this one")
	}
	if len(c.Body) < NonceSize {
		return Signed{}, refuse(StepFrame, valisev1.Reason_REASON_FRAME, "the body is shorter than its %d random bytes", NonceSize)
	}
	if c.size() > maxContentOf(h.Kind) {
		return Signed{}, tooLarge(c.size(), maxContentOf(h.Kind))
	}
	sig, err := Sign(realm, PurposeContent, c.Digest(), key)
	if err != nil {
		return Signed{}, err
	}
	return Signed{
		Suite:   SuiteEd25519MLDSA65,
		KeyID:   key.public.ID(realm),
		Content: c,
		Ed25519: sig.GetEd25519(),
		MLDSA65: sig.GetMldsa65(),
	}, nil
}

// SignedSize is how many bytes the Signed of c has, before it is signed. docs/protocol.md §4.2
func (c Content) SignedSize() int {
	n := protowire.SizeTag(fieldSuite) + protowire.SizeVarint(uint64(SuiteEd25519MLDSA65))
	field := func(number protowire.Number, size int) { n += protowire.SizeTag(number) + protowire.SizeBytes(size) }
	field(fieldKeyID, len(ident.KeyID{}))
	field(fieldHeader, len(c.Header))
	field(fieldBody, len(c.Body))
	field(fieldEd25519, ed25519.SignatureSize)
	field(fieldMLDSA65, mldsa.MLDSA65SignatureSize)
	return n
}

// Marshal returns the one canonical form: the six fields of valise.v1.Signed, each once, in
// order. docs/protocol.md §4.2
func (s Signed) Marshal() []byte {
	b := make([]byte, 0, s.Content.SignedSize())
	b = protowire.AppendTag(b, fieldSuite, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(s.Suite))
	for _, f := range []struct {
		number protowire.Number
		value  []byte
	}{
		{fieldKeyID, s.KeyID[:]},
		{fieldHeader, s.Content.Header},
		{fieldBody, s.Content.Body},
		{fieldEd25519, s.Ed25519},
		{fieldMLDSA65, s.MLDSA65},
	} {
		b = protowire.AppendTag(b, f.number, protowire.BytesType)
		b = protowire.AppendBytes(b, f.value)
	}
	return b
}

// ParseSigned reads the canonical form and no other, so a Signed has one byte string. It verifies
// nothing. The result shares memory with b. The error is a *Refusal of step frame.
// docs/protocol.md §4.4
func ParseSigned(b []byte) (Signed, error) {
	if len(b) > MaxSigned {
		return Signed{}, refuse(StepFrame, valisev1.Reason_REASON_TOO_LARGE, "signed of %d bytes, the limit is %d", len(b), MaxSigned)
	}
	suite, rest, err := readSuite(b)
	if err != nil {
		return Signed{}, err
	}
	s := Signed{Suite: suite}
	var id []byte
	for _, f := range []struct {
		number   protowire.Number
		dst      *[]byte
		min, max int
	}{
		{fieldKeyID, &id, len(s.KeyID), len(s.KeyID)},
		{fieldHeader, &s.Content.Header, 1, MaxContent},
		{fieldBody, &s.Content.Body, NonceSize, MaxReturnContent},
		{fieldEd25519, &s.Ed25519, ed25519.SignatureSize, ed25519.SignatureSize},
		{fieldMLDSA65, &s.MLDSA65, mldsa.MLDSA65SignatureSize, mldsa.MLDSA65SignatureSize},
	} {
		v, n, err := readField(rest)
		if err != nil || v.number != f.number || v.wire != protowire.BytesType {
			return Signed{}, refuse(StepFrame, valisev1.Reason_REASON_FRAME, "field %d of signed is not where it belongs", f.number)
		}
		if len(v.bytes) < f.min || len(v.bytes) > f.max {
			return Signed{}, refuse(StepFrame, valisev1.Reason_REASON_FRAME, "field %d of signed has %d bytes", f.number, len(v.bytes))
		}
		*f.dst, rest = v.bytes, rest[n:]
	}
	if len(rest) > 0 {
		return Signed{}, refuse(StepFrame, valisev1.Reason_REASON_FRAME, "signed goes on after its last field")
	}
	if s.Content.size() > MaxReturnContent {
		return Signed{}, tooLarge(s.Content.size(), MaxReturnContent)
	}
	copy(s.KeyID[:], id)
	return s, nil
}

// readSuite comes first: in another suite the other fields have other lengths.
func readSuite(b []byte) (suite uint16, rest []byte, err error) {
	v, n, err := readField(b)
	if err != nil || v.number != fieldSuite || v.wire != protowire.VarintType || v.number64 > math.MaxUint16 {
		return 0, nil, refuse(StepFrame, valisev1.Reason_REASON_FRAME, "signed does not begin with its suite")
	}
	if v.number64 != uint64(SuiteEd25519MLDSA65) {
		return 0, nil, &Refusal{Step: StepFrame, Reason: valisev1.Reason_REASON_UNKNOWN_SUITE, Err: ErrUnknownSuite}
	}
	return uint16(v.number64), b[n:], nil
}

func (s Signed) signature() *valisev1.Signature {
	return &valisev1.Signature{
		Suite:   uint32(s.Suite),
		KeyId:   bytes.Clone(s.KeyID[:]),
		Ed25519: s.Ed25519,
		Mldsa65: s.MLDSA65,
	}
}
