package seal

import (
	"encoding/binary"
	"sync"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// defaultItems bounds a list for which the contract names no limit.
const defaultItems = 1024

// value is one field as it stands on the wire.
type value struct {
	number   protowire.Number
	wire     protowire.Type
	number64 uint64 // of varint and fixed fields
	bytes    []byte // of length-delimited fields
}

// readField reads a tag and its value and returns how many bytes they took.
func readField(b []byte) (value, int, error) {
	tag, n, err := readVarint(b)
	if err != nil {
		return value{}, 0, err
	}
	number, wire := protowire.DecodeTag(tag)
	if tag>>3 > uint64(protowire.MaxValidNumber) || number < protowire.MinValidNumber {
		return value{}, 0, wireError("a field number is out of range")
	}
	v, size, err := readValue(b[n:], number, wire)
	return v, n + size, err
}

func readValue(b []byte, number protowire.Number, wire protowire.Type) (value, int, error) {
	v := value{number: number, wire: wire}
	switch wire {
	case protowire.VarintType:
		x, n, err := readVarint(b)
		v.number64 = x
		return v, n, err
	case protowire.Fixed32Type:
		if len(b) < 4 {
			return value{}, 0, wireError("field %d is cut short", number)
		}
		v.number64 = uint64(binary.LittleEndian.Uint32(b))
		return v, 4, nil
	case protowire.Fixed64Type:
		if len(b) < 8 {
			return value{}, 0, wireError("field %d is cut short", number)
		}
		v.number64 = binary.LittleEndian.Uint64(b)
		return v, 8, nil
	case protowire.BytesType:
		size, n, err := readVarint(b)
		if err != nil {
			return value{}, 0, err
		}
		if size > uint64(len(b)-n) {
			return value{}, 0, wireError("field %d is longer than the buffer", number)
		}
		v.bytes = b[n : n+int(size)]
		return v, n + int(size), nil
	case protowire.StartGroupType, protowire.EndGroupType:
		return value{}, 0, wireError("field %d is a group", number)
	}
	return value{}, 0, wireError("field %d has no wire type", number)
}

// readVarint takes the shortest form only, and no more than 64 bits.
func readVarint(b []byte) (uint64, int, error) {
	x, n := protowire.ConsumeVarint(b)
	if n < 0 {
		return 0, 0, wireError("a varint is cut short or has more than 64 bits")
	}
	if n != protowire.SizeVarint(x) {
		return 0, 0, wireError("a varint is over-long")
	}
	return x, n, nil
}

// wireType is the wire type of one element of a field of kind k.
func wireType(k protoreflect.Kind) protowire.Type {
	switch k {
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind, protoreflect.FloatKind:
		return protowire.Fixed32Type
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind:
		return protowire.Fixed64Type
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return protowire.BytesType
	case protoreflect.GroupKind:
		return protowire.StartGroupType
	}
	return protowire.VarintType
}

// itemLimits remembers what maxItems found, by full name of the field.
var itemLimits sync.Map

// maxItems is the limit that stands in the contract (protovalidate's repeated.max_items), so that
// a count is checked before any rule engine sees the list. docs/protocol.md §3
func maxItems(f protoreflect.FieldDescriptor) int {
	if limit, ok := itemLimits.Load(f.FullName()); ok {
		return limit.(int)
	}
	limit := defaultItems
	if rules, ok := proto.GetExtension(f.Options(), validate.E_Field).(*validate.FieldRules); ok {
		if n := rules.GetRepeated().GetMaxItems(); n > 0 && n < MaxFields {
			limit = int(n)
		}
	}
	itemLimits.Store(f.FullName(), limit)
	return limit
}
