package directory

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	"valise.example/proto/tomlkey"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// ManagerCardFile is the card of the manager who keeps the folder.
const ManagerCardFile = "manager.card"

// ManagerCard introduces a manager to the others before a set has them. docs/protocol.md §8.7
type ManagerCard struct {
	Key seal.PublicKey
	// ID is what the managers compare by another way than the card came.
	ID ident.KeyID
}

var aboutCard = subject{object: "manager card"}

// managerCardText is manager.card.
type managerCardText struct {
	Realm  string `toml:"realm"`
	Public string `toml:"public"`
}

// FormatManagerCard writes a card: text for people, with the fingerprint as it is read aloud, and
// the key for the machine. The same key gives the same bytes. docs/protocol.md §8.7
func FormatManagerCard(realm ident.Realm, key seal.PublicKey) ([]byte, error) {
	public, err := encode(key.Proto())
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("# Card of a manager of a directory, for the other managers. Nothing in it is secret.\n")
	b.WriteString("# Fingerprint, to be compared by another way than this file came:\n#\n")
	groups := strings.Fields(key.ID(realm).Fingerprint())
	for i := 0; i < len(groups); i += 4 {
		fmt.Fprintf(&b, "#     %s\n", strings.Join(groups[i:min(i+4, len(groups))], " "))
	}
	fmt.Fprintf(&b, "\nrealm = %s\npublic = %s\n", tomlkey.Quote(string(realm)), tomlkey.Quote(base64.StdEncoding.EncodeToString(public)))
	return b.Bytes(), nil
}

// ParseManagerCard reads a card strictly: what a person reads in its comment must be the key that
// it holds. The error is a *Refusal: FRAME for what is no card, WRONG_REALM or MIXED.
// docs/protocol.md §8.7
func ParseManagerCard(realm ident.Realm, b []byte) (ManagerCard, error) {
	none := ManagerCard{}
	if len(b) > MaxCardSize {
		return none, aboutCard.refuse(valisev1.Reason_REASON_TOO_LARGE, "%d bytes, at most %d are read", len(b), MaxCardSize)
	}
	var t managerCardText
	if err := decodeStrict(b, &t); err != nil {
		return none, aboutCard.refuse(valisev1.Reason_REASON_FRAME, "is no card of a manager: %w", err)
	}
	if t.Public == "" {
		return none, aboutCard.refuse(valisev1.Reason_REASON_FRAME, "is no card of a manager")
	}
	if err := inRealm(aboutCard, realm, t.Realm); err != nil {
		return none, err
	}
	public, err := base64.StdEncoding.Strict().DecodeString(t.Public)
	if err != nil {
		return none, aboutCard.refuse(valisev1.Reason_REASON_FRAME, "its key is not base64")
	}
	p := &valisev1.PublicKey{}
	if err := proto.Unmarshal(public, p); err != nil {
		return none, aboutCard.refuse(valisev1.Reason_REASON_FRAME, "its key cannot be read: %w", err)
	}
	key, err := seal.ParsePublicKey(p)
	if err != nil {
		return none, aboutCard.refuse(valisev1.Reason_REASON_FRAME, "its key cannot be read: %w", err)
	}
	made, err := FormatManagerCard(realm, key)
	if err != nil {
		return none, err
	}
	if !bytes.Equal(made, bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))) {
		return none, aboutCard.refuse(valisev1.Reason_REASON_MIXED, "its text was changed, so the fingerprint in it may be another key's")
	}
	return ManagerCard{Key: key, ID: key.ID(realm)}, nil
}

// LooksLikeManagerCard tells a card from a proposal, so that one verb takes both.
func LooksLikeManagerCard(b []byte) bool { return bytes.HasPrefix(b, []byte("#")) }
