package seal

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// ErrWireForm is wrapped by every error of ScanWire: these bytes come from no honest encoder.
var ErrWireForm = errors.New("bytes that no honest encoder makes")

// Limits of the wire scan. docs/protocol.md §3
const (
	// MaxNesting is how deep messages may stand in messages; the outermost counts as 1.
	MaxNesting = 16
	// MaxFields is how many fields and list elements one scan passes in all.
	MaxFields = 65_536
)

// ScanWire reads b as a message of type d without making one, and refuses whatever two decoders
// could read differently: a singular field twice, two members of a oneof, varints that are
// over-long or too large for their field, groups, a wire type that is not the field's, lengths
// beyond the buffer, text that is not UTF-8, NaN, impossible timestamps, more than MaxNesting
// levels, more list elements than the contract allows. unknown is true when there was a field or
// an enum value that d does not have; whether that is allowed is the caller's rule. A nil d means
// an unknown type: then only the form of the outermost fields is checked. docs/protocol.md §3
func ScanWire(b []byte, d protoreflect.MessageDescriptor) (unknown bool, err error) {
	s := scanner{budget: MaxFields}
	if err := s.message(b, d, 1); err != nil {
		return false, err
	}
	return s.unknown, nil
}

type scanner struct {
	budget  int
	unknown bool
}

func (s *scanner) message(b []byte, d protoreflect.MessageDescriptor, depth int) error {
	if depth > MaxNesting {
		return wireError("nesting is deeper than %d", MaxNesting)
	}
	whole := b
	var counts []int
	if d != nil {
		counts = make([]int, d.Fields().Len())
	}
	for len(b) > 0 {
		v, n, err := readField(b)
		if err != nil {
			return err
		}
		b = b[n:]
		if err := s.spend(1); err != nil {
			return err
		}
		if d == nil {
			continue
		}
		field := d.Fields().ByNumber(v.number)
		if field == nil {
			s.unknown = true
			continue
		}
		if err := s.field(field, v, counts, depth); err != nil {
			return err
		}
	}
	return wellKnown(whole, d)
}

func (s *scanner) spend(n int) error {
	if s.budget -= n; s.budget < 0 {
		return wireError("more than %d fields", MaxFields)
	}
	return nil
}

// field checks one occurrence of a known field against what the message has held so far.
func (s *scanner) field(f protoreflect.FieldDescriptor, v value, counts []int, depth int) error {
	n := 1
	var err error
	switch {
	case f.IsList() && v.wire == protowire.BytesType && wireType(f.Kind()) != protowire.BytesType:
		n, err = s.packed(f, v.bytes)
	default:
		err = s.single(f, v, depth)
	}
	if err != nil {
		return err
	}
	counts[f.Index()] += n
	switch {
	case f.IsMap():
		return wireError("field %d is a map, and the contract has none", f.Number())
	case f.IsList():
		if limit := maxItems(f); counts[f.Index()] > limit {
			return wireError("field %d has more than %d elements", f.Number(), limit)
		}
	case counts[f.Index()] > 1:
		return wireError("field %d stands twice", f.Number())
	}
	return oneMember(f, counts)
}

// oneMember refuses two members of a oneof: decoders disagree on which of them holds.
func oneMember(f protoreflect.FieldDescriptor, counts []int) error {
	oneof := f.ContainingOneof()
	if oneof == nil {
		return nil
	}
	for i := range oneof.Fields().Len() {
		other := oneof.Fields().Get(i)
		if other.Number() != f.Number() && counts[other.Index()] > 0 {
			return wireError("fields %d and %d exclude each other", other.Number(), f.Number())
		}
	}
	return nil
}

// packed checks the elements of a packed list; each costs as much as a field of its own, so a few
// bytes cannot become a large list unseen.
func (s *scanner) packed(f protoreflect.FieldDescriptor, b []byte) (n int, err error) {
	limit := maxItems(f)
	for len(b) > 0 {
		if n++; n > limit {
			return 0, wireError("field %d has more than %d elements", f.Number(), limit)
		}
		v, size, err := readValue(b, f.Number(), wireType(f.Kind()))
		if err != nil {
			return 0, err
		}
		if err := s.scalar(f, v); err != nil {
			return 0, err
		}
		b = b[size:]
	}
	return n, s.spend(n)
}

func (s *scanner) single(f protoreflect.FieldDescriptor, v value, depth int) error {
	if v.wire != wireType(f.Kind()) {
		return wireError("field %d has wire type %d", f.Number(), v.wire)
	}
	switch f.Kind() {
	case protoreflect.MessageKind:
		return s.message(v.bytes, f.Message(), depth+1)
	case protoreflect.StringKind:
		if !utf8.Valid(v.bytes) {
			return wireError("field %d is not UTF-8", f.Number())
		}
	case protoreflect.BytesKind:
	default:
		return s.scalar(f, v)
	}
	return nil
}

// scalar refuses numbers that a decoder would silently cut to the size of their field.
func (s *scanner) scalar(f protoreflect.FieldDescriptor, v value) error {
	ok := true
	switch f.Kind() {
	case protoreflect.BoolKind:
		ok = v.number64 <= 1
	case protoreflect.Uint32Kind, protoreflect.Sint32Kind:
		ok = v.number64 <= math.MaxUint32
	case protoreflect.Int32Kind:
		ok = v.number64 == uint64(int64(int32(v.number64)))
	case protoreflect.EnumKind:
		ok = v.number64 == uint64(int64(int32(v.number64)))
		if ok && f.FullName() != headerKind && f.Enum().Values().ByNumber(protoreflect.EnumNumber(int32(v.number64))) == nil {
			s.unknown = true
		}
	case protoreflect.FloatKind:
		ok = isFinite(float64(math.Float32frombits(uint32(v.number64))))
	case protoreflect.DoubleKind:
		ok = isFinite(math.Float64frombits(v.number64))
	}
	if !ok {
		return wireError("field %d does not fit its type", f.Number())
	}
	return nil
}

// headerKind alone may hold a number that this version does not know: such a message is consumed
// and both officers are told. docs/protocol.md §7.3
const headerKind protoreflect.FullName = "valise.v1.Header.kind"

// wellKnown refuses times that no clock shows: nanoseconds outside one second, years outside 1 to
// 9999.
func wellKnown(b []byte, d protoreflect.MessageDescriptor) error {
	if d == nil {
		return nil
	}
	switch d.FullName() {
	case "google.protobuf.Timestamp":
		t := new(timestamppb.Timestamp)
		if proto.Unmarshal(b, t) != nil || t.CheckValid() != nil {
			return wireError("a timestamp is impossible")
		}
	case "google.protobuf.Duration":
		t := new(durationpb.Duration)
		if proto.Unmarshal(b, t) != nil || t.CheckValid() != nil {
			return wireError("a duration is impossible")
		}
	}
	return nil
}

func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func wireError(format string, args ...any) error {
	return fmt.Errorf("seal: %s: %w", fmt.Sprintf(format, args...), ErrWireForm)
}
