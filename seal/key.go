package seal

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"

	"filippo.io/mldsa"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// SuiteEd25519MLDSA65 is suite 1: Ed25519 and ML-DSA-65 over the same input; both must verify.
// docs/protocol.md §4.2
const SuiteEd25519MLDSA65 uint16 = 1

const seedSize = ed25519.SeedSize + mldsa.PrivateKeySize

// PublicKey verifies what one signing key signed. The zero value verifies nothing. Compare two
// with Equal or by ID. docs/protocol.md §4.2
type PublicKey struct {
	ed ed25519.PublicKey
	pq *mldsa.PublicKey
}

// ParsePublicKey reads a suite-1 key of the contract; any other suite or length is refused.
func ParsePublicKey(p *valisev1.PublicKey) (PublicKey, error) {
	if p.GetSuite() != uint32(SuiteEd25519MLDSA65) {
		return PublicKey{}, fmt.Errorf("seal: public key of suite %d cannot be used: %w", p.GetSuite(), ErrUnknownSuite)
	}
	if len(p.GetEd25519()) != ed25519.PublicKeySize {
		return PublicKey{}, fmt.Errorf("seal: Ed25519 public key has %d bytes, not %d", len(p.GetEd25519()), ed25519.PublicKeySize)
	}
	pq, err := mldsa.NewPublicKey(mldsa.MLDSA65(), p.GetMldsa65())
	if err != nil {
		return PublicKey{}, fmt.Errorf("seal: ML-DSA-65 public key cannot be read: %w", err)
	}
	return PublicKey{ed: append(ed25519.PublicKey(nil), p.GetEd25519()...), pq: pq}, nil
}

// Proto returns the key as the contract carries it; nil for the zero key.
func (k PublicKey) Proto() *valisev1.PublicKey {
	if k.IsZero() {
		return nil
	}
	return &valisev1.PublicKey{
		Suite:   uint32(SuiteEd25519MLDSA65),
		Ed25519: append([]byte(nil), k.ed...),
		Mldsa65: k.pq.Bytes(),
	}
}

// ID is the key's name in one realm; the same key has another in another realm.
// docs/protocol.md §4.2
func (k PublicKey) ID(realm ident.Realm) ident.KeyID {
	if k.IsZero() {
		return ident.KeyID{}
	}
	return keyID(realm, SuiteEd25519MLDSA65, k.ed, k.pq.Bytes())
}

// IsZero reports whether there is none.
func (k PublicKey) IsZero() bool { return k.pq == nil }

// Equal reports whether both halves are the same.
func (k PublicKey) Equal(other PublicKey) bool {
	if k.IsZero() || other.IsZero() {
		return k.IsZero() && other.IsZero()
	}
	return k.ed.Equal(other.ed) && k.pq.Equal(other.pq)
}

// SigningKey is a POC's, root's or manager's private key of suite 1. docs/protocol.md §8.2
type SigningKey struct {
	seed   [seedSize]byte
	ed     ed25519.PrivateKey
	pq     *mldsa.PrivateKey
	public PublicKey
}

// GenerateSigningKey takes 64 bytes from rand, which must be cryptographically random: 32 seed
// the Ed25519 key and 32 the ML-DSA-65 key.
func GenerateSigningKey(rand io.Reader) (*SigningKey, error) {
	var seed [seedSize]byte
	if _, err := io.ReadFull(rand, seed[:]); err != nil {
		return nil, fmt.Errorf("seal: no signing key without randomness: %w", err)
	}
	return signingKeyFromSeed(seed)
}

func signingKeyFromSeed(seed [seedSize]byte) (*SigningKey, error) {
	pq, err := mldsa.NewPrivateKey(mldsa.MLDSA65(), seed[ed25519.SeedSize:])
	if err != nil {
		return nil, fmt.Errorf("seal: no ML-DSA-65 key can be made of this seed: %w", err)
	}
	ed := ed25519.NewKeyFromSeed(seed[:ed25519.SeedSize])
	edPublic, ok := ed.Public().(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("seal: no Ed25519 key can be made of this seed")
	}
	return &SigningKey{seed: seed, ed: ed, pq: pq, public: PublicKey{ed: edPublic, pq: pq.PublicKey()}}, nil
}

// Public returns the key that verifies.
func (k *SigningKey) Public() PublicKey { return k.public }

// String hides the secret from logs and formatted output.
func (k *SigningKey) String() string { return "signing key (secret)" }

// GoString hides the secret from %#v.
func (k *SigningKey) GoString() string { return k.String() }
