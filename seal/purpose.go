package seal

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"valise.example/proto/ident"
)

// Purpose says what a signature is for. It is part of the signature input and always the
// verifier's own choice, so a signature made for one purpose verifies for no other.
// docs/protocol.md §4.3
type Purpose string

// The purposes; the list is closed. docs/protocol.md §4.3
const (
	PurposeContent    Purpose = "content"
	PurposeEntry      Purpose = "entry"
	PurposeList       Purpose = "list"
	PurposeManagerSet Purpose = "manager-set"
	PurposeKeyBundle  Purpose = "key-bundle"
	PurposeRelayCard  Purpose = "relay-card"
	PurposeTreeHead   Purpose = "tree-head"
	PurposeTranscript Purpose = "transcript"
	PurposeProposal   Purpose = "proposal"
)

// Purposes lists all of them, in the order of docs/protocol.md §4.3.
func Purposes() []Purpose {
	return []Purpose{
		PurposeContent, PurposeEntry, PurposeList, PurposeManagerSet,
		PurposeKeyBundle, PurposeRelayCard, PurposeTreeHead, PurposeTranscript,
		PurposeProposal,
	}
}

func (p Purpose) known() bool { return slices.Contains(Purposes(), p) }

const (
	keyIDTag   = "valise/v1/key-id"
	contentTag = "valise/v1/content"
)

// signatureInput is what both algorithms of a suite sign: every variable part has a length or a
// fixed size, so no two inputs share bytes. docs/protocol.md §4.2
func signatureInput(realm ident.Realm, purpose Purpose, suite uint16, key ident.KeyID, digest ident.Digest) []byte {
	b := make([]byte, 0, 128+len(realm))
	b = append(b, "valise/v1/"...)
	b = append(b, purpose...)
	b = append(b, 0)
	b = appendRealm(b, realm)
	b = binary.BigEndian.AppendUint16(b, suite)
	b = append(b, key[:]...)
	return append(b, digest[:]...)
}

func appendRealm(b []byte, realm ident.Realm) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(realm)))
	return append(b, realm...)
}

// keyID binds a key to its realm and its suite, so that keys cannot be mixed and the suite cannot
// be lowered. docs/protocol.md §4.2
func keyID(realm ident.Realm, suite uint16, ed, pq []byte) ident.KeyID {
	b := make([]byte, 0, 256+len(ed)+len(pq))
	b = append(b, keyIDTag...)
	b = append(b, 0)
	b = appendRealm(b, realm)
	b = binary.BigEndian.AppendUint16(b, suite)
	b = append(b, ed...)
	b = append(b, pq...)
	return sha256.Sum256(b)
}

// ContentDigest is D, of the header's exact bytes and the SHA-256 of the body: with it, who and when can
// be proven without showing the body. docs/protocol.md §4.1
func ContentDigest(header []byte, bodyHash [sha256.Size]byte) ident.Digest {
	h := sha256.Sum256(header)
	in := make([]byte, 0, len(contentTag)+1+len(h)+len(bodyHash))
	in = append(in, contentTag...)
	in = append(in, 0)
	in = append(in, h[:]...)
	in = append(in, bodyHash[:]...)
	return sha256.Sum256(in)
}

// ObjectDigest is the SHA-256 of an object's exact bytes, which stands in the place of D in the
// signature input of everything that is no message. docs/protocol.md §4.3
func ObjectDigest(object []byte) ident.Digest { return sha256.Sum256(object) }
