package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// TestExactBytes spells the normative byte strings out a second time.
func TestExactBytes(t *testing.T) {
	key := newWorld().alder.Public()
	p := key.Proto()
	realm := []byte(testRealm)
	id := sha256.Sum256(bytes.Join([][]byte{
		[]byte("valise/v1/key-id\x00"), {0, byte(len(realm))}, realm, {0, 1}, p.Ed25519, p.Mldsa65,
	}, nil))
	if key.ID(testRealm) != id {
		t.Error("key id differs from docs/protocol.md §4.2")
	}
	header, body := []byte("header"), []byte("body")
	h, b := sha256.Sum256(header), sha256.Sum256(body)
	d := sha256.Sum256(bytes.Join([][]byte{[]byte("valise/v1/content\x00"), h[:], b[:]}, nil))
	if (Content{header, body}).Digest() != d || ContentDigest(header, b) != d {
		t.Error("D differs from docs/protocol.md §4.1")
	}
	input := bytes.Join([][]byte{
		[]byte("valise/v1/tree-head\x00"), {0, byte(len(realm))}, realm, {0, 1}, id[:], d[:],
	}, nil)
	if !bytes.Equal(signatureInput(testRealm, PurposeTreeHead, 1, id, d), input) {
		t.Error("signature input differs from docs/protocol.md §4.2")
	}
	if ObjectDigest(body) != b {
		t.Error("the digest of an object is its SHA-256")
	}
}

// TestEveryPairOfPurposes: a signature verifies for its own purpose and for no other. Bad input 15.
func TestEveryPairOfPurposes(t *testing.T) {
	key := newWorld().alder
	digest := ident.Digest{1}
	if len(Purposes()) != 9 {
		t.Fatalf("%d purposes, want the nine of docs/protocol.md §4.3", len(Purposes()))
	}
	for _, made := range Purposes() {
		sig, err := Sign(testRealm, made, digest, key)
		if err != nil {
			t.Fatal(err)
		}
		for _, checked := range Purposes() {
			err := Verify(testRealm, checked, digest, key.Public(), sig)
			if made == checked && err != nil {
				t.Errorf("%s: %v", made, err)
			}
			if made != checked && !errors.Is(err, ErrBadSignature) {
				t.Errorf("a signature for %s verified for %s", made, checked)
			}
		}
	}
}

// TestEveryPairOfPlaces: no signed object stands for another, none for a message, no message for
// one. Bad input 15.
func TestEveryPairOfPlaces(t *testing.T) {
	w := newWorld()
	trust := func(ident.KeyID) (PublicKey, bool) { return w.alder.Public(), true }
	object := mustHeader(t, voidHeader())
	for _, made := range Purposes()[1:] {
		o, err := SignObject(testRealm, made, object, w.alder)
		if err != nil {
			t.Fatal(err)
		}
		for _, checked := range Purposes()[1:] {
			got, err := VerifyObject(testRealm, checked, o, trust)
			if (err == nil) != (made == checked) || (len(got) == 1) != (made == checked) {
				t.Errorf("object of %s checked as %s: %v, %v", made, checked, got, err)
			}
		}
		if _, err := VerifyObject(testRealm, PurposeContent, o, trust); err == nil {
			t.Errorf("object of %s passed as content", made)
		}
		asContent := Signed{1, w.alder.Public().ID(testRealm), Content{object, bodyOf(nil)}, o.Signatures[0].Ed25519, o.Signatures[0].Mldsa65}
		opened, err := w.opener().VerifySigned(asContent.Marshal())
		mustRefuse(t, opened, err, want{StepSignature, valisev1.Reason_REASON_BAD_SIGNATURE})
	}
	if _, err := SignObject(testRealm, PurposeContent, object, w.alder); err == nil {
		t.Error("an object was signed as content")
	}
}

// TestVerifyRefuses changes one thing at a time.
func TestVerifyRefuses(t *testing.T) {
	w := newWorld()
	digest := ident.Digest{1}
	good, err := Sign(testRealm, PurposeEntry, digest, w.alder)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Sign(testRealm, PurposeEntry, digest, w.cedar)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*valisev1.Signature){
		"first bit of Ed25519":     func(s *valisev1.Signature) { s.Ed25519[0] ^= 1 },
		"last bit of Ed25519":      func(s *valisev1.Signature) { s.Ed25519[63] ^= 0x80 },
		"first bit of ML-DSA":      func(s *valisev1.Signature) { s.Mldsa65[0] ^= 1 },
		"last bit of ML-DSA":       func(s *valisev1.Signature) { s.Mldsa65[len(s.Mldsa65)-1] ^= 0x80 },
		"no Ed25519":               func(s *valisev1.Signature) { s.Ed25519 = nil },
		"no ML-DSA":                func(s *valisev1.Signature) { s.Mldsa65 = nil },
		"ML-DSA of another key":    func(s *valisev1.Signature) { s.Mldsa65 = other.Mldsa65 },
		"Ed25519 of another key":   func(s *valisev1.Signature) { s.Ed25519 = other.Ed25519 },
		"key id of another key":    func(s *valisev1.Signature) { s.KeyId = other.KeyId },
		"both of another key":      func(s *valisev1.Signature) { s.Mldsa65, s.Ed25519 = other.Mldsa65, other.Ed25519 },
		"no key id":                func(s *valisev1.Signature) { s.KeyId = nil },
		"a byte more of Ed25519":   func(s *valisev1.Signature) { s.Ed25519 = append(s.Ed25519, 0) },
		"a byte more of ML-DSA":    func(s *valisev1.Signature) { s.Mldsa65 = append(s.Mldsa65, 0) },
		"a key id with more to it": func(s *valisev1.Signature) { s.KeyId = append(s.KeyId, 0) },
	} {
		sig := proto.CloneOf(good)
		change(sig)
		if err := Verify(testRealm, PurposeEntry, digest, w.alder.Public(), sig); !errors.Is(err, ErrBadSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	verify := func(realm ident.Realm, p Purpose, d ident.Digest, k PublicKey) error {
		return Verify(realm, p, d, k, good)
	}
	if verify(otherRealm, PurposeEntry, digest, w.alder.Public()) == nil {
		t.Error("verified in another realm")
	}
	if verify(testRealm, PurposeEntry, ident.Digest{2}, w.alder.Public()) == nil {
		t.Error("verified over another digest")
	}
	if verify(testRealm, PurposeEntry, digest, PublicKey{}) == nil || verify(testRealm, PurposeEntry, digest, w.cedar.Public()) == nil {
		t.Error("verified with another key, or with none")
	}
	if verify("", PurposeEntry, digest, w.alder.Public()) == nil || verify(testRealm, "", digest, w.alder.Public()) == nil {
		t.Error("verified without a realm or a purpose")
	}
	if err := Verify(testRealm, PurposeEntry, digest, w.alder.Public(), good); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

// TestSuiteCannotBeLowered: the suite stands in the key id and in the input, and none but 1 is
// known.
func TestSuiteCannotBeLowered(t *testing.T) {
	w := newWorld()
	sig, err := Sign(testRealm, PurposeEntry, ident.Digest{1}, w.alder)
	if err != nil {
		t.Fatal(err)
	}
	for _, suite := range []uint32{0, 2, 1 << 16, 1<<16 + 1} {
		sig.Suite = suite
		if err := Verify(testRealm, PurposeEntry, ident.Digest{1}, w.alder.Public(), sig); !errors.Is(err, ErrUnknownSuite) {
			t.Errorf("suite %d: %v", suite, err)
		}
		p := w.alder.Public().Proto()
		p.Suite = suite
		if _, err := ParsePublicKey(p); !errors.Is(err, ErrUnknownSuite) {
			t.Errorf("public key of suite %d: %v", suite, err)
		}
	}
	p := w.alder.Public().Proto()
	if keyID(testRealm, 1, p.Ed25519, p.Mldsa65) == keyID(testRealm, 2, p.Ed25519, p.Mldsa65) {
		t.Error("the suite is not in the key id")
	}
}

func TestSignNeedsRealmPurposeAndKey(t *testing.T) {
	key := newWorld().alder
	for _, c := range []struct {
		realm   ident.Realm
		purpose Purpose
		key     *SigningKey
	}{
		{"", PurposeEntry, key}, {"Operational", PurposeEntry, key}, {testRealm, "", key}, {testRealm, "Content", key}, {testRealm, PurposeEntry, nil},
	} {
		if sig, err := Sign(c.realm, c.purpose, ident.Digest{}, c.key); err == nil || sig != nil {
			t.Errorf("signed with realm %q, purpose %q", c.realm, c.purpose)
		}
	}
}

func TestSigningIsDeterministic(t *testing.T) {
	key := newWorld().alder
	a, err := Sign(testRealm, PurposeEntry, ident.Digest{1}, key)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Sign(testRealm, PurposeEntry, ident.Digest{1}, seededKey(1))
	if err != nil || !proto.Equal(a, b) {
		t.Errorf("one key and one input gave two signatures, %v", err)
	}
}

func TestPublicKeyRoundTrip(t *testing.T) {
	w := newWorld()
	key := w.alder.Public()
	back, err := ParsePublicKey(key.Proto())
	if err != nil || !back.Equal(key) || back.ID(testRealm) != key.ID(testRealm) {
		t.Fatalf("%v", err)
	}
	if key.ID(testRealm) == key.ID(otherRealm) || key.Equal(w.cedar.Public()) || key.Equal(PublicKey{}) {
		t.Error("keys or realms are taken for each other")
	}
	if (PublicKey{}).Proto() != nil || !(PublicKey{}).ID(testRealm).IsZero() || !(PublicKey{}).Equal(PublicKey{}) {
		t.Error("the zero key is something")
	}
	for _, change := range []func(*valisev1.PublicKey){
		func(p *valisev1.PublicKey) { p.Ed25519 = p.Ed25519[1:] },
		func(p *valisev1.PublicKey) { p.Mldsa65 = p.Mldsa65[1:] },
		func(p *valisev1.PublicKey) { p.Mldsa65 = append(p.Mldsa65, 0) },
		func(p *valisev1.PublicKey) { p.Ed25519, p.Mldsa65 = nil, nil },
	} {
		p := key.Proto()
		change(p)
		if _, err := ParsePublicKey(p); err == nil {
			t.Error("a mutilated key was taken")
		}
	}
	if _, err := ParsePublicKey(nil); err == nil {
		t.Error("no key was taken for one")
	}
}

func TestGenerateNeedsRandomness(t *testing.T) {
	if _, err := GenerateSigningKey(strings.NewReader("short")); err == nil {
		t.Error("a key was made of five bytes")
	}
}

// TestSecretsDoNotPrint formats keys in every way that a careless log line would.
func TestSecretsDoNotPrint(t *testing.T) {
	w := newWorld()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		out := fmt.Sprintf(verb, w.alder) + fmt.Sprintf(verb, w.birch) + fmt.Sprintf(verb, HeldKey{w.birch, birchTechnical})
		if strings.Contains(out, w.birch.Secret()) || strings.Contains(out, fmt.Sprintf("%x", w.alder.seed[:16])) || strings.Contains(out, fmt.Sprintf("%d", w.alder.seed[:8])) {
			t.Errorf("%s prints a secret", verb)
		}
	}
}

func TestVerifyObject(t *testing.T) {
	w := newWorld()
	keys := map[ident.KeyID]PublicKey{}
	for _, k := range []*SigningKey{w.alder, w.cedar} {
		keys[k.Public().ID(testRealm)] = k.Public()
	}
	trusted := func(id ident.KeyID) (PublicKey, bool) { k, ok := keys[id]; return k, ok }
	made, err := SignObject(testRealm, PurposeList, []byte("list"), w.alder, w.unlisted, w.cedar)
	if err != nil {
		t.Fatal(err)
	}
	b := mustMarshal(made)
	parsed := func() *valisev1.SignedObject {
		o, err := ParseSignedObject(b)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	o := parsed()
	got, err := VerifyObject(testRealm, PurposeList, o, trusted)
	if err != nil || len(got) != 2 || got[0] != w.alder.Public().ID(testRealm) || got[1] != w.cedar.Public().ID(testRealm) {
		t.Errorf("%v, %v", got, err)
	}
	// A quorum counts keys, not signatures. Bad input 49.
	o.Signatures = append(o.Signatures, o.Signatures[0])
	if got, err = VerifyObject(testRealm, PurposeList, o, trusted); err != nil || len(got) != 2 {
		t.Errorf("one key counted twice: %v, %v", got, err)
	}
	if err := AddSignature(testRealm, PurposeList, parsed(), w.cedar); err == nil {
		t.Error("one key signed twice")
	}
	o = parsed()
	o.Object = []byte("another list")
	if got, err = VerifyObject(testRealm, PurposeList, o, trusted); !errors.Is(err, ErrBadSignature) || got != nil {
		t.Errorf("changed object: %v, %v", got, err)
	}
	o = parsed()
	o.Signatures[2].Mldsa65[9] ^= 1
	if got, err = VerifyObject(testRealm, PurposeList, o, trusted); !errors.Is(err, ErrBadSignature) || got != nil {
		t.Errorf("one bad signature of a trusted key among good ones: %v, %v", got, err)
	}
	o = parsed()
	o.Signatures[0].KeyId = nil
	if _, err = VerifyObject(testRealm, PurposeList, o, trusted); err == nil {
		t.Error("a signature of no key passed")
	}
	if got, err = VerifyObject(testRealm, PurposeList, nil, trusted); err != nil || len(got) != 0 {
		t.Errorf("no object: %v, %v", got, err)
	}
	if got, err = VerifyObject(otherRealm, PurposeList, parsed(), func(ident.KeyID) (PublicKey, bool) { return w.alder.Public(), true }); err == nil {
		t.Errorf("another realm: %v", got)
	}
}

func TestObjectLimits(t *testing.T) {
	w := newWorld()
	if _, err := SignObject(testRealm, PurposeList, make([]byte, MaxObject+1), w.alder); err == nil {
		t.Error("an object over the limit was signed")
	}
	o := &valisev1.SignedObject{Object: []byte("x"), Signatures: make([]*valisev1.Signature, MaxSignatures+1)}
	if _, err := VerifyObject(testRealm, PurposeList, o, nil); err == nil {
		t.Error("33 signatures were looked at")
	}
	o.Signatures = o.Signatures[:MaxSignatures]
	if err := AddSignature(testRealm, PurposeList, o, w.alder); err == nil {
		t.Error("a 33rd signature was added")
	}
	for name, b := range map[string][]byte{
		"object over the limit": mustMarshal(&valisev1.SignedObject{Object: make([]byte, MaxObject+1)}),
		"33 signatures":         bytes.Repeat([]byte{0x12, 0}, 33),
		"object twice":          {0x0a, 1, 'x', 0x0a, 1, 'y'},
		"an unknown field":      {0x0a, 1, 'x', 0x18, 1},
		"cut short":             {0x0a, 9, 'x'},
		"4 GiB":                 binary.AppendUvarint([]byte{0x0a}, 1<<32),
	} {
		if _, err := ParseSignedObject(b); !errors.Is(err, ErrWireForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSignedSize: what is announced before signing is what comes of it, whatever the lengths of
// header and body.
func TestSignedSize(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 16_383, 16_384, MaxContent - 128} {
		s := Signed{
			Suite: SuiteEd25519MLDSA65, Content: Content{Header: make([]byte, min(n, 128)), Body: make([]byte, n)},
			Ed25519: make([]byte, 64), MLDSA65: make([]byte, 3309),
		}
		if got, want := s.Content.SignedSize(), len(s.Marshal()); got != want {
			t.Errorf("a body of %d bytes: announced %d, signed %d", n, got, want)
		}
	}
}
