package seal

import (
	"crypto/sha256"
	"errors"
	"sync"

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
	return SealingKey{id: id, recipient: newRecipient(id.Recipient().String())}
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

// Recipient is what an envelope is sealed to. It costs little until the first sealing, since a directory holds
// many to whom nobody writes; copies share what is made then. docs/protocol.md §8.4
type Recipient struct {
	r  *readied
	id [32]byte
}

// ParseRecipient reads "age1pq1…", 1,959 characters, in its canonical form. Every other kind of
// age recipient is refused: there is no classic fallback.
func ParseRecipient(s string) (Recipient, error) {
	r, err := age.ParseHybridRecipient(s)
	if err != nil || r.String() != s {
		return Recipient{}, errors.New("seal: this is no hybrid age recipient, so nothing is sealed to it")
	}
	return newRecipient(s), nil
}

func newRecipient(text string) Recipient {
	return Recipient{r: &readied{text: text}, id: sha256.Sum256([]byte(text))}
}

// readied is a recipient that is made ready when it is first sealed to: expanded, it holds some 7 KiB.
type readied struct {
	text string
	once sync.Once
	r    *age.HybridRecipient
	err  error
}

// Wrap makes readied an age.Recipient.
func (r *readied) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	stanzas, _, err := r.WrapWithLabels(fileKey)
	return stanzas, err
}

// WrapWithLabels keeps what age says of a hybrid recipient: it stands beside no other kind.
func (r *readied) WrapWithLabels(fileKey []byte) ([]*age.Stanza, []string, error) {
	r.once.Do(func() { r.r, r.err = age.ParseHybridRecipient(r.text) })
	if r.err != nil {
		return nil, nil, r.err
	}
	return r.r.WrapWithLabels(fileKey)
}

// String is the inverse of ParseRecipient.
func (r Recipient) String() string {
	if r.r == nil {
		return ""
	}
	return r.r.text
}

// ID is the SHA-256 of the string, by which receipts and hints name it. docs/protocol.md §8.4
func (r Recipient) ID() [32]byte { return r.id }

// IsZero reports whether there is none.
func (r Recipient) IsZero() bool { return r.r == nil }

// HeldKey is a sealing key of ours and the POC it belongs to.
type HeldKey struct {
	Key     SealingKey
	Address ident.Address
}
