package vectors

import (
	"embed"
	"encoding/json"
	"fmt"
)

// FS holds index.json and the files that it names. docs/protocol.md §4
//
//go:embed index.json keys signed envelopes objects directory
var FS embed.FS

// Head is how an index begins. docs/protocol.md §3
type Head struct {
	// Format of the file: 1.
	Format int `json:"format"`
	// Realm of the opener or reader, and of every key.
	Realm string `json:"realm"`
}

// PublicKey is a public key of suite 1. docs/protocol.md §4.2
type PublicKey struct {
	KeyID   string `json:"key_id"`
	Ed25519 string `json:"ed25519"`
	MLDSA65 string `json:"mldsa65"`
}

// Index is index.json. Every byte string is lower-case hexadecimal, every 64-bit number is a
// decimal string, every time is RFC 3339 in UTC. docs/protocol.md §3
type Index struct {
	Head
	// Mine lists the addresses of the opener.
	Mine []string `json:"mine"`
	// SigningKeys that the opener's directory knows, and one that it does not.
	SigningKeys []SigningKey `json:"signing_keys"`
	// SealingKeys, held by the opener or by others.
	SealingKeys []SealingKey `json:"sealing_keys"`
	// Messages are envelopes and Signed.
	Messages []Message `json:"messages"`
	// Objects are SignedObjects.
	Objects []Object `json:"objects"`
}

// SigningKey is a key of suite 1. docs/protocol.md §4.2
type SigningKey struct {
	Name string `json:"name"`
	// File is the private key in the format of package seal.
	File string `json:"file"`
	// Address is the POC it speaks for.
	Address string `json:"address"`
	PublicKey
	// Known is false for a key that the opener must not find.
	Known bool `json:"known"`
	// Revoked keys are known and refused.
	Revoked bool `json:"revoked"`
}

// SealingKey is an age hybrid identity. docs/protocol.md §8.4
type SealingKey struct {
	Name string `json:"name"`
	// File is an age identity file.
	File    string `json:"file"`
	Address string `json:"address"`
	// Recipient is "age1pq1…", RecipientID the SHA-256 of it.
	Recipient   string `json:"recipient"`
	RecipientID string `json:"recipient_id"`
	// Held is false for a key that the opener does not have.
	Held bool `json:"held"`
}

// Message is one vector. docs/protocol.md §4.4
type Message struct {
	Name string `json:"name"`
	// Layer is "envelope", to be opened wholly, or "signed", to be verified from the frame on.
	Layer string `json:"layer"`
	File  string `json:"file"`
	// Size of the file in bytes.
	Size int `json:"size"`
	// Expect is "ok" or the step that must refuse it: size, profile, decrypt, padding, frame, key,
	// signature, wire, header, addressee.
	Expect string `json:"expect"`
	// Reason is the name in valise.v1.Reason; empty with "ok".
	Reason string `json:"reason,omitempty"`
	// Note says what is special about it.
	Note string `json:"note"`
	// Digest is D; empty when refused before the frame was read.
	Digest string `json:"digest,omitempty"`
	// The rest stands only with "ok".
	KeyID        string  `json:"key_id,omitempty"`
	OpenedFor    string  `json:"opened_for,omitempty"`
	Header       *Header `json:"header,omitempty"`
	HeaderSHA256 string  `json:"header_sha256,omitempty"`
	BodySHA256   string  `json:"body_sha256,omitempty"`
	// PayloadType is the message type that the kind decides; empty when the kind is unknown.
	PayloadType string `json:"payload_type,omitempty"`
	// Payload is given up to 1,024 bytes.
	Payload       string `json:"payload,omitempty"`
	PayloadSize   int    `json:"payload_size,omitempty"`
	PayloadSHA256 string `json:"payload_sha256,omitempty"`
	UnknownParts  bool   `json:"unknown_parts,omitempty"`
}

// Header is what must be read out of the header bytes. docs/protocol.md §4.1
type Header struct {
	Version         uint32   `json:"version"`
	MinorVersion    uint32   `json:"minor_version"`
	Realm           string   `json:"realm"`
	Kind            int32    `json:"kind"`
	From            string   `json:"from"`
	To              string   `json:"to"`
	Lane            uint32   `json:"lane"`
	Epoch           string   `json:"epoch"`
	Sequence        string   `json:"sequence"`
	Previous        string   `json:"previous"`
	Thread          string   `json:"thread"`
	ThreadSequence  string   `json:"thread_sequence"`
	InReplyTo       string   `json:"in_reply_to"`
	LastSeen        string   `json:"last_seen"`
	MessageID       string   `json:"message_id"`
	Created         string   `json:"created"`
	DirectoryNumber string   `json:"directory_number"`
	DirectoryHash   string   `json:"directory_hash"`
	Opening         *Opening `json:"opening,omitempty"`
}

// Opening is what the first message of an epoch says of the one before. docs/protocol.md §7.6
type Opening struct {
	PreviousEpoch string `json:"previous_epoch"`
	LastSequence  string `json:"last_sequence"`
	LastDigest    string `json:"last_digest"`
	Marks         []Mark `json:"marks"`
}

// Mark is one inbound channel. docs/protocol.md §7.4
type Mark struct {
	Lane   uint32 `json:"lane"`
	Epoch  string `json:"epoch"`
	Mark   string `json:"mark"`
	Digest string `json:"digest"`
}

// Object is a SignedObject, to be verified with the known signing keys. docs/protocol.md §4.3
type Object struct {
	Name string `json:"name"`
	File string `json:"file"`
	// Purpose is the one it was signed for; for every other purpose it must be refused.
	Purpose string `json:"purpose"`
	// Expect is "ok", "frame" (the bytes cannot be read) or "signature".
	Expect string `json:"expect"`
	// Object is the exact object bytes.
	Object string `json:"object,omitempty"`
	// KeyIDs are the distinct known keys whose signatures verify, in order; unknown ones are passed
	// over.
	KeyIDs []string `json:"key_ids,omitempty"`
	Note   string   `json:"note"`
}

// Load reads index.json. The error says that it is not there or cannot be read.
func Load() (Index, error) { return read[Index]("index.json") }

// LoadDirectory reads directory/index.json. The error says that it is not there or cannot be read.
func LoadDirectory() (Directory, error) { return read[Directory]("directory/index.json") }

// read reads one of the embedded indexes.
func read[T Index | Directory](file string) (x T, err error) {
	b, err := FS.ReadFile(file)
	if err != nil {
		return x, fmt.Errorf("vectors: there is no index: %w", err)
	}
	if err := json.Unmarshal(b, &x); err != nil {
		return *new(T), fmt.Errorf("vectors: %s cannot be read: %w", file, err)
	}
	return x, nil
}
