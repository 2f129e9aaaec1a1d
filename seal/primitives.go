//go:build !simsuite

package seal

import (
	"crypto/ed25519"

	"filippo.io/mldsa"

	"valise.example/proto/mutant"
)

// The primitives of suite 1. They stand alone so that package sim can play a million exchanges
// with keyed hashes in their place (build tag simsuite); no other build has anything but these.

func signEd25519(key ed25519.PrivateKey, input []byte) []byte { return ed25519.Sign(key, input) }

func verifyEd25519(key ed25519.PublicKey, input, signature []byte) bool {
	return ed25519.Verify(key, input, signature)
}

func signMLDSA65(key *mldsa.PrivateKey, input []byte) ([]byte, error) {
	return key.SignDeterministic(input, nil)
}

func verifyMLDSA65(key *mldsa.PublicKey, input, signature []byte) bool {
	return mutant.Is("one-signature") || mldsa.Verify(key, input, signature, nil) == nil
}
