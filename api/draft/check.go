package draft

import (
	"errors"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
	valisev1 "valise.example/proto/valise/v1"
)

// maxMessageDepth is how deep the messages of the contract are nested at most, with room.
const maxMessageDepth = 16

// Check holds any message of the contract to what needs no knowledge of its meaning: no unknown
// fields (they would be passed on unread), text without control characters, lengths and counts
// of the contract, known enum values, real times. It does not ask for anything that is absent.
// The error is always *Error with REASON_BAD_REQUEST or REASON_BAD_TEXT; Key is the path of the
// field in the contract.
func Check(m proto.Message) error {
	if m == nil {
		return nil
	}
	return check(m.ProtoReflect(), "", maxMessageDepth)
}

func check(m protoreflect.Message, path string, depth int) error {
	if depth == 0 {
		return &Error{Key: path, Reason: valisev1.Reason_REASON_BAD_REQUEST, Detail: "is nested too deep"}
	}
	if len(m.GetUnknown()) > 0 {
		return &Error{Key: path, Reason: valisev1.Reason_REASON_BAD_REQUEST, Detail: "has a part that this version does not know"}
	}
	if t, ok := m.Interface().(*timestamppb.Timestamp); ok && t.CheckValid() != nil {
		return &Error{Key: path, Reason: valisev1.Reason_REASON_BAD_REQUEST, Detail: "is no time between the years 1 and 9999", Flaw: FlawTime}
	}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		if !m.Has(fd) {
			continue
		}
		if err := checkField(fd, m.Get(fd), join(path, string(fd.Name())), depth); err != nil {
			return err
		}
	}
	return checkAbsent(m, path)
}

func checkField(fd protoreflect.FieldDescriptor, v protoreflect.Value, path string, depth int) error {
	if !fd.IsList() {
		return checkValue(fd, v, path, depth)
	}
	if err := checkCount(fd, v.List().Len()); err != nil {
		return located(err, path)
	}
	for i := range v.List().Len() {
		if err := checkValue(fd, v.List().Get(i), index(path, i), depth); err != nil {
			return err
		}
	}
	return nil
}

func checkValue(fd protoreflect.FieldDescriptor, v protoreflect.Value, path string, depth int) error {
	switch {
	case fd.Message() != nil:
		return check(v.Message(), path, depth-1)
	case fd.Kind() == protoreflect.StringKind:
		return located(checkString(fd, v.String()), path)
	case fd.Enum() != nil && fd.Enum().Values().ByNumber(v.Enum()) == nil:
		return &Error{Key: path, Reason: valisev1.Reason_REASON_BAD_REQUEST, Detail: "is a value that this version does not know"}
	}
	return nil
}

func located(err error, path string) error {
	if e, ok := errors.AsType[*Error](err); ok {
		at := *e
		at.Key = path
		return &at
	}
	return err
}
