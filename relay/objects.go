package relay

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Objects that a relay keeps for every connection of its Roster: sealed, so that it learns no more
// than how many there are and which of three sizes each has. docs/protocol.md §8.6
const (
	// ObjectsFile is their file; it stands in the folder of the Roster.
	ObjectsFile = "relay.objects"
	// HeadObject is the name of the one object whose replacement is told at once.
	HeadObject = "head"
	// MaxObjects is how many there can be.
	MaxObjects = 5120
	// MaxObjectsBytes is the largest file of them that is read: more than the largest directory
	// file makes when every part of it is padded.
	MaxObjectsBytes = 320 << 20
)

// Names on the server. docs/protocol.md §7.8
const (
	objectsStream = "OBJECTS"
	objectPrefix  = "o1."
	headSubject   = objectPrefix + HeadObject
	objectRequest = "object."
	objectGet     = "$JS.API.DIRECT.GET." + objectsStream + "." + objectPrefix
)

// IsObjectName reports whether s can be the name of an object. docs/protocol.md §8.6
func IsObjectName(s string) bool { return s == HeadObject || IsName(s) }

// ParseObjects reads a file of objects (at most MaxObjectsBytes) and refuses what is not exactly
// one: no realm or number, no head, names out of order or twice, an object that is empty or too
// large, fields that this relay does not know. docs/protocol.md §8.6
func ParseObjects(b []byte) (*valisev1.RelayObjects, error) {
	if len(b) > MaxObjectsBytes {
		return nil, fmt.Errorf("relay: a file of objects has at most %d bytes, this has %d", MaxObjectsBytes, len(b))
	}
	o := new(valisev1.RelayObjects)
	if err := proto.Unmarshal(b, o); err != nil {
		return nil, fmt.Errorf("relay: these bytes are no file of objects")
	}
	if err := CheckObjects(o); err != nil {
		return nil, err
	}
	return o, nil
}

// CheckObjects holds the rules of ParseObjects over objects in memory.
func CheckObjects(o *valisev1.RelayObjects) error {
	switch {
	case o == nil:
		return fmt.Errorf("relay: there are no objects")
	case o.GetNumber() == 0:
		return fmt.Errorf("relay: objects have a number from 1 on")
	case len(o.ProtoReflect().GetUnknown()) > 0:
		return fmt.Errorf("relay: the objects have fields that this relay does not know; update the relay")
	case len(o.GetObjects()) > MaxObjects:
		return fmt.Errorf("relay: there are at most %d objects", MaxObjects)
	}
	if _, err := ident.ParseRealm(o.GetRealm()); err != nil {
		return fmt.Errorf("relay: the objects are of no realm")
	}
	last, head := "", false
	for i, x := range o.GetObjects() {
		switch {
		case len(x.ProtoReflect().GetUnknown()) > 0:
			return fmt.Errorf("relay: object %d has fields that this relay does not know; update the relay", i)
		case !IsObjectName(x.GetName()):
			return fmt.Errorf("relay: object %d has no name of an object", i)
		case x.GetName() <= last:
			return fmt.Errorf("relay: objects stand in ascending order, each once")
		case len(x.GetData()) == 0 || len(x.GetData()) > MaxEnvelope:
			return fmt.Errorf("relay: object %d has %d bytes, not 1 to %d", i, len(x.GetData()), MaxEnvelope)
		}
		last = x.GetName()
		head = head || last == HeadObject
	}
	if !head {
		return fmt.Errorf("relay: the objects have no head, so nobody could find them")
	}
	return nil
}

// objectsBytes is the disk that objects need at worst: while newer ones take their place, both lie
// there. docs/protocol.md §7.8
func objectsBytes(o *valisev1.RelayObjects) uint64 {
	var sum uint64
	for _, x := range o.GetObjects() {
		sum += uint64(len(x.GetData()))
	}
	return 2 * sum
}
