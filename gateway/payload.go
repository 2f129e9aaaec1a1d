package gateway

import (
	"errors"
	"fmt"
	"sync"
	"unicode/utf8"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// maxList bounds a list for which the contract names no bound of its own. docs/protocol.md §3
const maxList = 4096

// flaw is one thing that is wrong with a payload. The field is named as in the contract, never
// quoted from the message.
type flaw struct {
	reason valisev1.Reason
	field  string
	what   string
	path   string // from the payload to the field
}

func (f *flaw) err() error {
	return refuseAt(f.path, f.reason, "%s %s", f.field, f.what)
}

// below notes through which field the flaw was reached; nil stays nil.
func (f *flaw) below(name string) *flaw {
	switch {
	case f == nil:
	case f.path == "":
		f.path = name
	default:
		f.path = name + "." + f.path
	}
	return f
}

// checkPayload holds a payload against the contract: sizes and counts first, so that a hostile
// message costs nothing, then text and times, then the rules of the contract. unknown is true
// where an enum holds a number that this version does not know. docs/protocol.md §5.1
func checkPayload(v protovalidate.Validator, m proto.Message) (unknown bool, f *flaw) {
	s := sifter{}
	if f := s.message(m.ProtoReflect()); f != nil {
		return false, f
	}
	if err := v.Validate(m, protovalidate.WithFailFast()); err != nil {
		at := fieldOf(err)
		return false, &flaw{valisev1.Reason_REASON_PAYLOAD, at, "breaks a rule of the contract", at}
	}
	return s.unknown, nil
}

// fieldOf names the field that breaks a rule, without its value.
func fieldOf(err error) string {
	v, ok := errors.AsType[*protovalidate.ValidationError](err)
	if !ok || len(v.Violations) == 0 {
		return "the payload"
	}
	return protovalidate.FieldPathString(v.Violations[0].Proto.GetField())
}

// sifter walks every field of a payload once.
type sifter struct{ unknown bool }

func (s *sifter) message(m protoreflect.Message) (f *flaw) {
	if t, ok := m.Interface().(*timestamppb.Timestamp); ok {
		if !t.IsValid() {
			return &flaw{reason: valisev1.Reason_REASON_PAYLOAD, field: "a time", what: "is not between the years 1 and 9999"}
		}
		return nil
	}
	fields := m.Descriptor().Fields()
	for i := 0; i < fields.Len() && f == nil; i++ {
		fd := fields.Get(i)
		if !m.Has(fd) {
			continue
		}
		if fd.IsList() {
			f = s.list(fd, m.Get(fd).List())
		} else {
			f = s.value(fd, m.Get(fd), boundsOf(fd).field).below(string(fd.Name()))
		}
	}
	return f
}

func (s *sifter) list(fd protoreflect.FieldDescriptor, l protoreflect.List) *flaw {
	b := boundsOf(fd)
	if uint64(l.Len()) > b.items {
		return &flaw{valisev1.Reason_REASON_PAYLOAD, string(fd.Name()), "has too many elements", string(fd.Name())}
	}
	for i := range l.Len() {
		if f := s.value(fd, l.Get(i), b.item); f != nil {
			return f.below(fmt.Sprintf("%s[%d]", fd.Name(), i))
		}
	}
	return nil
}

func (s *sifter) value(fd protoreflect.FieldDescriptor, v protoreflect.Value, b size) *flaw {
	switch fd.Kind() {
	case protoreflect.MessageKind:
		return s.message(v.Message())
	case protoreflect.EnumKind:
		if fd.Enum().Values().ByNumber(v.Enum()) == nil {
			s.unknown = true
		}
	case protoreflect.BytesKind:
		if uint64(len(v.Bytes())) > b.bytes {
			return &flaw{reason: valisev1.Reason_REASON_PAYLOAD, field: string(fd.Name()), what: "is too long"}
		}
	case protoreflect.StringKind:
		text := v.String()
		if uint64(len(text)) > b.bytes {
			return &flaw{reason: valisev1.Reason_REASON_PAYLOAD, field: string(fd.Name()), what: "is too long"}
		}
		if !isText(text) {
			return &flaw{reason: valisev1.Reason_REASON_BAD_TEXT, field: string(fd.Name()), what: "holds control characters, or is not UTF-8"}
		}
	}
	return nil
}

// isText: UTF-8 without control characters but line feed and tab. What directions, joiners and
// look-alikes do on a screen is the screen's to make safe: they are part of how people write.
// docs/protocol.md §3
func isText(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return false
		}
	}
	return true
}

// oneLine are the fields of ours that hold a single line. docs/protocol.md §3
var oneLine = map[protoreflect.Name]bool{
	"title": true, "name": true, "affiliation": true, "designation": true, "phone": true,
	"email": true, "hours": true, "kind": true, "address": true, "fingerprint": true,
	"contact": true, "language": true, "own_reference": true, "peer_reference": true,
	"officer": true, "role": true, "media_type": true, "third_party": true, "term": true,
	"person": true, "detail": true, "peer": true, "to": true,
}

// checkLines holds what we write to a stricter rule than what we take: titles, names and
// addresses have one line.
func checkLines(m protoreflect.Message) (f *flaw) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case fd.Kind() == protoreflect.StringKind && !fd.IsList() && oneLine[fd.Name()]:
			for _, r := range v.String() {
				if r == '\n' || r == '\t' || r == 0x2028 || r == 0x2029 {
					f = &flaw{valisev1.Reason_REASON_BAD_TEXT, string(fd.Name()), "has more than one line", string(fd.Name())}
				}
			}
		case fd.Kind() == protoreflect.MessageKind && fd.IsList():
			for i := 0; i < v.List().Len() && f == nil; i++ {
				f = checkLines(v.List().Get(i).Message()).below(fmt.Sprintf("%s[%d]", fd.Name(), i))
			}
		case fd.Kind() == protoreflect.MessageKind:
			f = checkLines(v.Message()).below(string(fd.Name()))
		}
		return f == nil
	})
	return f
}

// size is a bound in bytes.
type size struct{ bytes uint64 }

// bounds are the sizes and counts that the contract sets for one field.
type bounds struct {
	items uint64
	field size
	item  size
}

var boundsKnown sync.Map // protoreflect.FullName → bounds; the contract never changes while we run

func boundsOf(fd protoreflect.FieldDescriptor) bounds {
	if b, ok := boundsKnown.Load(fd.FullName()); ok {
		return b.(bounds)
	}
	b := bounds{items: maxList, field: size{maxText}, item: size{maxText}}
	if rules, err := protovalidate.ResolveFieldRules(fd); err == nil && rules != nil {
		b.field = sizeOf(rules)
		if r := rules.GetRepeated(); r != nil {
			if r.HasMaxItems() {
				b.items = r.GetMaxItems()
			}
			b.item = sizeOf(r.GetItems())
		}
	}
	boundsKnown.Store(fd.FullName(), b)
	return b
}

// maxText is the whole content: nothing in it is longer. docs/protocol.md §4.1
const maxText = 250_000

func sizeOf(rules *validate.FieldRules) size {
	if s := rules.GetString(); s != nil && s.HasMaxBytes() {
		return size{s.GetMaxBytes()}
	}
	if b := rules.GetBytes(); b != nil {
		if b.HasMaxLen() {
			return size{b.GetMaxLen()}
		}
		if b.HasLen() {
			return size{b.GetLen()}
		}
	}
	return size{maxText}
}
