package seal

import (
	"errors"
	"fmt"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Errors of verifying.
var (
	// ErrBadSignature: a signature does not verify, or names another key than the one it is
	// checked against.
	ErrBadSignature = errors.New("signature does not verify")
	// ErrUnknownSuite: signed or to be verified with a suite that this node does not know.
	ErrUnknownSuite = errors.New("unknown suite")
)

// Sign signs a digest for one purpose in one realm. The same key and input always give the same
// signature. docs/protocol.md §4.2
func Sign(realm ident.Realm, purpose Purpose, digest ident.Digest, key *SigningKey) (*valisev1.Signature, error) {
	if err := checkContext(realm, purpose); err != nil {
		return nil, err
	}
	if key == nil {
		return nil, errors.New("seal: nothing is signed without a key")
	}
	id := key.public.ID(realm)
	input := signatureInput(realm, purpose, SuiteEd25519MLDSA65, id, digest)
	pq, err := signMLDSA65(key.pq, input)
	if err != nil {
		return nil, fmt.Errorf("seal: ML-DSA-65 gave no signature: %w", err)
	}
	return &valisev1.Signature{
		Suite:   uint32(SuiteEd25519MLDSA65),
		KeyId:   id[:],
		Ed25519: signEd25519(key.ed, input),
		Mldsa65: pq,
	}, nil
}

// Verify checks both signatures of sig over digest. Realm and purpose are the verifier's own and
// never the message's. The error wraps ErrBadSignature or ErrUnknownSuite. docs/protocol.md §4.2
func Verify(realm ident.Realm, purpose Purpose, digest ident.Digest, key PublicKey, sig *valisev1.Signature) error {
	if err := checkContext(realm, purpose); err != nil {
		return err
	}
	if sig.GetSuite() != uint32(SuiteEd25519MLDSA65) {
		return fmt.Errorf("seal: suite %d: %w", sig.GetSuite(), ErrUnknownSuite)
	}
	id, ok := ident.KeyIDFrom(sig.GetKeyId())
	if !ok || key.IsZero() || id != key.ID(realm) {
		return fmt.Errorf("seal: the signature names another key: %w", ErrBadSignature)
	}
	input := signatureInput(realm, purpose, SuiteEd25519MLDSA65, id, digest)
	if !verifyEd25519(key.ed, input, sig.GetEd25519()) {
		return fmt.Errorf("seal: Ed25519: %w", ErrBadSignature)
	}
	if !verifyMLDSA65(key.pq, input, sig.GetMldsa65()) {
		return fmt.Errorf("seal: ML-DSA-65: %w", ErrBadSignature)
	}
	return nil
}

// checkContext keeps an empty or misspelt realm or purpose from ever becoming a signature.
func checkContext(realm ident.Realm, purpose Purpose) error {
	if _, err := ident.ParseRealm(string(realm)); err != nil {
		return errors.New("seal: nothing is signed or verified without a realm")
	}
	if !purpose.known() {
		return fmt.Errorf("seal: nothing is signed or verified for the purpose %q", string(purpose))
	}
	return nil
}
