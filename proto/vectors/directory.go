package vectors

import "encoding/json"

// Directory is directory/index.json: directory files, key bundles of KeyNotices and objects at a relay,
// each taken or refused by a reader of whom all is known. Byte strings, numbers and times are written as
// in Index. docs/protocol.md §8
type Directory struct {
	Head
	// Managers are the key ids that the reader was given from outside, for its first file.
	Managers []string `json:"managers"`
	// Identities are age identities that the reader holds.
	Identities []DirectoryIdentity `json:"identities"`
	// Objects are signed objects by themselves.
	Objects []DirectoryObject `json:"objects"`
	// Files are directory files.
	Files []DirectoryFile `json:"files"`
	// Notices are key bundles that come with a KeyNotice.
	Notices []DirectoryNotice `json:"notices"`
	// Layouts are what relays keep.
	Layouts []DirectoryLayout `json:"layouts"`
	// Relays are what a reader finds at a relay.
	Relays []DirectoryRelay `json:"relays"`
	// NotHere are refusals that have no vector, and why.
	NotHere []DirectoryNotHere `json:"not_here"`
}

// DirectoryIdentity opens objects at a relay. docs/protocol.md §8.6
type DirectoryIdentity struct {
	Name string `json:"name"`
	// Address is whose sealing key it is, empty for a reading key.
	Address string `json:"address,omitempty"`
	// Identity is an age identity, RecipientID the SHA-256 of its recipient.
	Identity    string `json:"identity"`
	RecipientID string `json:"recipient_id"`
}

// DirectoryObject is one SignedObject and what it says. docs/protocol.md §4.3
type DirectoryObject struct {
	Name string `json:"name"`
	File string `json:"file"`
	// Purpose it is signed for.
	Purpose string `json:"purpose"`
	// Type of the message in it, SHA256 of its exact bytes.
	Type   string `json:"type"`
	SHA256 string `json:"sha256"`
	// Signers are the distinct keys, of those in Keys, whose signatures verify.
	Keys    []PublicKey `json:"keys"`
	Signers []string    `json:"signers"`
	// Says is the message in the JSON form of protobuf, with the names of the contract.
	Says json.RawMessage `json:"says"`
	Note string          `json:"note"`
}

// Outcome is what a reader must say of a vector.
type Outcome struct {
	// Expect is "ok" or "refused".
	Expect string `json:"expect"`
	// Reason is the name in valise.v1.Reason; empty with "ok". docs/protocol.md §10
	Reason string `json:"reason,omitempty"`
	// Why is one sentence, Source where the rule stands.
	Why    string `json:"why"`
	Source string `json:"source"`
	// InForce is the directory after it; where it is refused, what was in force before stays.
	InForce *DirectoryInForce `json:"in_force,omitempty"`
}

// DirectoryFile is one directory file. docs/protocol.md §8.6
type DirectoryFile struct {
	Name string `json:"name"`
	// Before are the files that the reader has taken, in order.
	Before []string `json:"before"`
	// Trust are the key ids known from outside, where they are not Managers.
	Trust []string `json:"trust,omitempty"`
	// Parts give the file, one after the other.
	Parts  []string `json:"parts"`
	Size   int      `json:"size"`
	SHA256 string   `json:"sha256"`
	Outcome
}

// DirectoryNotice is a key bundle that a KeyNotice brings. docs/protocol.md §8.4
type DirectoryNotice struct {
	Name string `json:"name"`
	// Before are the files that the reader has taken, in order.
	Before []string `json:"before"`
	// File is a SignedObject.
	File string `json:"file"`
	Outcome
}

// DirectoryLayout is one relay.objects. docs/protocol.md §8.6
type DirectoryLayout struct {
	Name    string           `json:"name"`
	Number  string           `json:"number"`
	Objects []DirectoryPlace `json:"objects"`
	// SHA256 of the RelayObjects that holds them in order of names.
	SHA256 string `json:"sha256"`
}

// DirectoryPlace is one sealed object under its name.
type DirectoryPlace struct {
	Name string `json:"name"`
	File string `json:"file"`
}

// DirectoryRelay is a layout with changes, and a reader of it. docs/protocol.md §8.6
type DirectoryRelay struct {
	Name string `json:"name"`
	// Before are the files that the reader has taken, in order.
	Before []string `json:"before"`
	// ReadingKey names the identity that the reader holds as reading key.
	ReadingKey string `json:"reading_key"`
	// Mailbox is the reader's own and Identity opens what lies there; empty: it looks at neither.
	Mailbox  string `json:"mailbox,omitempty"`
	Identity string `json:"identity,omitempty"`
	// Layout is what lies there; Without is taken away first, then With is put in its place.
	Layout  string           `json:"layout"`
	Without []string         `json:"without,omitempty"`
	With    []DirectoryPlace `json:"with,omitempty"`
	// File is the SHA-256 of the directory file put together; empty where nothing is to be fetched.
	File string `json:"file,omitempty"`
	Outcome
}

// DirectoryInForce is a directory as it stands.
type DirectoryInForce struct {
	// Number and Hash are those of the list.
	Number string `json:"number"`
	Hash   string `json:"hash"`
	// Expires is when it becomes stale.
	Expires    string              `json:"expires"`
	ManagerSet string              `json:"manager_set"`
	Threshold  int                 `json:"threshold"`
	Managers   []string            `json:"managers"`
	States     []DirectoryState    `json:"states"`
	Left       []string            `json:"left"`
	Bundles    []DirectoryBundle   `json:"bundles"`
	Relays     []string            `json:"relays"`
	InQuestion []DirectoryQuestion `json:"in_question"`
}

// DirectoryState is one member and its entry in force; where it has none, both are empty.
type DirectoryState struct {
	State       string `json:"state"`
	Root        string `json:"root"`
	EntryNumber string `json:"entry_number"`
	EntrySHA256 string `json:"entry_sha256"`
}

// DirectoryBundle is the key bundle in use of one address.
type DirectoryBundle struct {
	Address     string `json:"address"`
	EntryNumber string `json:"entry_number"`
	Number      string `json:"number"`
	SHA256      string `json:"sha256"`
}

// DirectoryQuestion is a root that waits for a call-back. docs/protocol.md §8.5
type DirectoryQuestion struct {
	State string `json:"state"`
	Root  string `json:"root"`
}

// DirectoryNotHere is a refusal without a vector.
type DirectoryNotHere struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}
