package seal

import (
	"crypto/sha256"
	"errors"

	"filippo.io/age"

	"valise.example/proto/ident"
)

// SealingKey opens what was sealed to a POC: an age hybrid identity, ML-KEM-768 with X25519.
// docs/protocol.md §4.4
type SealingKey struct {
	id        *age.HybridIdentity
	recipient Recipient
}

// GenerateSealingKey makes a new key from crypto/rand: age takes no other randomness.
func GenerateSealingKey() (SealingKey, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return SealingKey{}, errors.New("seal: no sealing key could be made")
	}
	return newSealingKey(id), nil
}

// ParseSealingKey reads "AGE-SECRET-KEY-PQ-1…"; the error never repeats what was read.
func ParseSealingKey(s string) (SealingKey, error) {
	id, err := age.ParseHybridIdentity(s)
	if err != nil || id.String() != s {
		return SealingKey{}, errors.New("seal: this is no hybrid age identity")
	}
	return newSealingKey(id), nil
}

func newSealingKey(id *age.HybridIdentity) SealingKey {
	r := id.Recipient()
	return SealingKey{id: id, recipient: newRecipient(r)}
}

// Recipient returns the public half.
func (k SealingKey) Recipient() Recipient { return k.recipient }

// Secret returns "AGE-SECRET-KEY-PQ-1…". Only a key file may hold it.
func (k SealingKey) Secret() string {
	if k.id == nil {
		return ""
	}
	return k.id.String()
}

// IsZero reports whether there is none.
func (k SealingKey) IsZero() bool { return k.id == nil }

// String hides the secret from logs and formatted output.
func (k SealingKey) String() string { return "sealing key (secret)" }

// GoString hides the secret from %#v.
func (k SealingKey) GoString() string { return k.String() }

// Recipient is what an envelope is sealed to. docs/protocol.md §8.4
type Recipient struct {
	r    *age.HybridRecipient
	text string
	id   [32]byte
}

// ParseRecipient reads "age1pq1…", 1,959 characters, in its canonical form. Every other kind of
// age recipient is refused: there is no classic fallback.
func ParseRecipient(s string) (Recipient, error) {
	r, err := age.ParseHybridRecipient(s)
	if err != nil || r.String() != s {
		return Recipient{}, errors.New("seal: this is no hybrid age recipient, so nothing is sealed to it")
	}
	return newRecipient(r), nil
}

func newRecipient(r *age.HybridRecipient) Recipient {
	text := r.String()
	return Recipient{r: r, text: text, id: sha256.Sum256([]byte(text))}
}

// String is the inverse of ParseRecipient.
func (r Recipient) String() string { return r.text }

// ID is the SHA-256 of the string, by which receipts and hints name it. docs/protocol.md §8.4
func (r Recipient) ID() [32]byte { return r.id }

// IsZero reports whether there is none.
func (r Recipient) IsZero() bool { return r.r == nil }

// HeldKey is a sealing key of ours and the POC it belongs to.
type HeldKey struct {
	Key     SealingKey
	Address ident.Address
}
