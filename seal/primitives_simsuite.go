//go:build simsuite

package seal

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"

	"filippo.io/mldsa"
)

// Keyed hashes in the place of signatures, of the same lengths. Whoever has the public key can
// forge them, so nothing but package sim may ever be built with this tag: there everybody is us.

func signEd25519(key ed25519.PrivateKey, input []byte) []byte {
	return hashEd25519(ed25519.PublicKey(key[ed25519.SeedSize:]), input)
}

func verifyEd25519(key ed25519.PublicKey, input, signature []byte) bool {
	return subtle.ConstantTimeCompare(hashEd25519(key, input), signature) == 1
}

func hashEd25519(key ed25519.PublicKey, input []byte) []byte {
	h := sha512.New()
	h.Write(key)
	h.Write(input)
	return h.Sum(nil)
}

func signMLDSA65(key *mldsa.PrivateKey, input []byte) ([]byte, error) {
	return hashMLDSA65(key.PublicKey(), input), nil
}

func verifyMLDSA65(key *mldsa.PublicKey, input, signature []byte) bool {
	return subtle.ConstantTimeCompare(hashMLDSA65(key, input), signature) == 1
}

func hashMLDSA65(key *mldsa.PublicKey, input []byte) []byte {
	h := sha256.New()
	h.Write(key.Bytes())
	h.Write(input)
	out := make([]byte, mldsa.MLDSA65SignatureSize)
	h.Sum(out[:0])
	return out
}
