package draft

import (
	"unicode/utf8"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	valisev1 "valise.example/proto/valise/v1"
)

// MaxPayload is how many bytes the marshalled payload of a draft may have, so that it fits into
// a message of at most 250,000 bytes with its header and nonce. docs/protocol.md §4.1
const MaxPayload = 245_000

// MaxDraft is how many bytes a draft may have as TOML.
const MaxDraft = 512 << 10

// rules are the field rules of the contract; nil when a field has none.
func rules(fd protoreflect.FieldDescriptor) *validate.FieldRules {
	options := fd.Options()
	if options == nil || !proto.HasExtension(options, validate.E_Field) {
		return nil
	}
	r, _ := proto.GetExtension(options, validate.E_Field).(*validate.FieldRules)
	return r
}

// stringRules are the rules for one string of fd, whether it is repeated or not.
func stringRules(fd protoreflect.FieldDescriptor) *validate.StringRules {
	r := rules(fd)
	if fd.IsList() {
		r = r.GetRepeated().GetItems()
	}
	return r.GetString()
}

// MostBytes is how many bytes the contract lets a string field of a message have; 0: it says none, or there is no such
// field.
func MostBytes(m proto.Message, field string) int {
	fd := m.ProtoReflect().Descriptor().Fields().ByName(protoreflect.Name(field))
	if fd == nil {
		return 0
	}
	return MostBytesOf(fd)
}

// MostBytesOf is how many bytes the contract lets one string of a field have; 0: it says none.
func MostBytesOf(fd protoreflect.FieldDescriptor) int {
	return int(stringRules(fd).GetMaxBytes())
}

// checkString holds one text of fd to the contract: characters, then length.
func checkString(fd protoreflect.FieldDescriptor, s string) error {
	if err := checkText(s, paragraphs[fd.FullName()]); err != nil {
		return err
	}
	r := stringRules(fd)
	if r.GetMaxBytes() > 0 && uint64(len(s)) > r.GetMaxBytes() {
		e := flawed(FlawTooLong, valisev1.Reason_REASON_BAD_REQUEST, "has %d bytes, at most %d may be sent", len(s), r.GetMaxBytes())
		e.Most = r.GetMaxBytes()
		return e
	}
	if uint64(utf8.RuneCountInString(s)) < r.GetMinLen() && (s != "" || fd.IsList()) {
		return refuse(valisev1.Reason_REASON_BAD_REQUEST, "is too short")
	}
	return nil
}

// checkCount holds the number of elements of fd to the contract.
func checkCount(fd protoreflect.FieldDescriptor, n int) error {
	if most := rules(fd).GetRepeated().GetMaxItems(); most > 0 && uint64(n) > most {
		e := flawed(FlawTooMany, valisev1.Reason_REASON_BAD_REQUEST, "has %d elements, at most %d may be sent", n, most)
		e.Most = most
		return e
	}
	return nil
}

// mandatory reports whether the contract demands a value for fd.
func mandatory(fd protoreflect.FieldDescriptor) bool {
	r := rules(fd)
	if fd.IsList() {
		return r.GetRepeated().GetMinItems() > 0
	}
	return r.GetRequired() || r.GetString().GetMinLen() > 0 || r.GetUint32().GetGte() > 0 ||
		len(r.GetEnum().GetNotIn()) > 0
}
