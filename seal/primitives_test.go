//go:build !simsuite

package seal

import (
	"crypto/ed25519"
	"go/build"
	"testing"

	"filippo.io/mldsa"
)

// TestSignaturesAreReal: what Sign makes verifies by the libraries alone, so that no build but the
// simulation's has anything in their place.
func TestSignaturesAreReal(t *testing.T) {
	for name, want := range map[string]bool{"primitives.go": true, "primitives_simsuite.go": false} {
		if in, err := build.Default.MatchFile(".", name); err != nil || in != want {
			t.Errorf("%s is in an ordinary build: %v, %v", name, in, err)
		}
	}
	key, err := GenerateSigningKey(zeros{})
	if err != nil {
		t.Fatal(err)
	}
	input := []byte("what is signed")
	if !ed25519.Verify(key.public.ed, input, signEd25519(key.ed, input)) {
		t.Error("this is no Ed25519 signature")
	}
	pq, err := signMLDSA65(key.pq, input)
	if err != nil || mldsa.Verify(key.public.pq, input, pq, nil) != nil {
		t.Errorf("this is no ML-DSA-65 signature, %v", err)
	}
	other := []byte("something else")
	if verifyEd25519(key.public.ed, other, signEd25519(key.ed, input)) || verifyMLDSA65(key.public.pq, other, pq) {
		t.Error("a signature verifies over something else")
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }
