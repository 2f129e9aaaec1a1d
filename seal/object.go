package seal

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Limits of a signed object. docs/protocol.md §4.3
const (
	// MaxObject is the largest object in bytes.
	MaxObject = 1 << 20
	// MaxSignatures is the largest number of signatures on one object.
	MaxSignatures = 32
)

// SignObject signs the exact bytes of an Entry, List, KeyBundle, ManagerSet, relay card, tree
// head or transcript with each key. docs/protocol.md §4.3
func SignObject(realm ident.Realm, purpose Purpose, object []byte, keys ...*SigningKey) (*valisev1.SignedObject, error) {
	if len(object) > MaxObject {
		return nil, fmt.Errorf("seal: an object of %d bytes is not signed: the limit is %d", len(object), MaxObject)
	}
	o := &valisev1.SignedObject{Object: append([]byte(nil), object...)}
	for _, k := range keys {
		if err := AddSignature(realm, purpose, o, k); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// AddSignature adds key's signature to o. A key that stands on o already is refused: a quorum
// counts distinct keys. docs/protocol.md §8.3
func AddSignature(realm ident.Realm, purpose Purpose, o *valisev1.SignedObject, key *SigningKey) error {
	if purpose == PurposeContent {
		return errors.New("seal: an object is never signed as the content of a message")
	}
	if len(o.GetSignatures()) >= MaxSignatures {
		return fmt.Errorf("seal: an object takes no more than %d signatures", MaxSignatures)
	}
	sig, err := Sign(realm, purpose, ObjectDigest(o.GetObject()), key)
	if err != nil {
		return err
	}
	for _, have := range o.GetSignatures() {
		if string(have.GetKeyId()) == string(sig.GetKeyId()) {
			return errors.New("seal: this key has signed the object already")
		}
	}
	o.Signatures = append(o.Signatures, sig)
	return nil
}

// VerifyObject returns the ids of the trusted keys that signed o, each once, in the order of
// their signatures. Signatures of keys that trusted does not know are passed over; a bad one of a
// trusted key is an error, because nothing honest makes it. How many keys are enough is the
// caller's rule. docs/protocol.md §4.3
func VerifyObject(realm ident.Realm, purpose Purpose, o *valisev1.SignedObject, trusted func(ident.KeyID) (PublicKey, bool)) (distinct []ident.KeyID, err error) {
	if purpose == PurposeContent {
		return nil, errors.New("seal: an object is never verified as the content of a message")
	}
	if len(o.GetObject()) > MaxObject || len(o.GetSignatures()) > MaxSignatures {
		return nil, errors.New("seal: the object is over its limits and is not verified")
	}
	digest := ObjectDigest(o.GetObject())
	seen := make(map[ident.KeyID]bool, len(o.GetSignatures()))
	for _, sig := range o.GetSignatures() {
		id, ok := ident.KeyIDFrom(sig.GetKeyId())
		if !ok {
			return nil, fmt.Errorf("seal: a signature names no key: %w", ErrBadSignature)
		}
		key, ok := trusted(id)
		if !ok {
			continue
		}
		if err := Verify(realm, purpose, digest, key, sig); err != nil {
			return nil, err
		}
		if !seen[id] {
			seen[id] = true
			distinct = append(distinct, id)
		}
	}
	return distinct, nil
}

// ParseSignedObject reads a SignedObject strictly: the wire scan and the limits above come before
// anything else, and no unknown field is taken. It verifies nothing. docs/protocol.md §4.3
func ParseSignedObject(b []byte) (*valisev1.SignedObject, error) {
	o := new(valisev1.SignedObject)
	unknown, err := ScanWire(b, o.ProtoReflect().Descriptor())
	if err != nil {
		return nil, err
	}
	if unknown {
		return nil, fmt.Errorf("seal: a signed object holds an unknown field: %w", ErrWireForm)
	}
	if err := proto.Unmarshal(b, o); err != nil {
		return nil, fmt.Errorf("seal: a signed object cannot be read: %w", ErrWireForm)
	}
	if len(o.GetObject()) > MaxObject {
		return nil, fmt.Errorf("seal: a signed object has %d bytes, the limit is %d: %w", len(o.GetObject()), MaxObject, ErrWireForm)
	}
	return o, nil
}
