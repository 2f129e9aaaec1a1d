package draft

import (
	"encoding/hex"
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
	valisev1 "valise.example/proto/valise/v1"
)

// Body shows a payload with the keys of its draft, ready for encoding/json: strings, bools,
// int64 and uint64 numbers, []string, map[string]any and []map[string]any. What only the node
// fills in is shown too (officer, role, notes, digests in hexadecimal); Format leaves that out.
// A fact that is absent for a reason stands in its place as {"withheld": true} (A-10b).
// A payload of any kind can be shown, also one that no draft is written for. An absent label
// reads TLP:AMBER+STRICT (A-11 s2). A nil payload has an empty body.
func Body(payload proto.Message) map[string]any {
	if payload == nil || !payload.ProtoReflect().IsValid() {
		return map[string]any{}
	}
	s := bodyShape(payload)
	out := body(s, payload.ProtoReflect())
	showAbsent(out, s, payload)
	return out
}

func body(s *shape, m protoreflect.Message) map[string]any {
	out := map[string]any{}
	for _, row := range s.rows {
		fd := row.field(m.Descriptor())
		owner, ok := row.owner(m, false)
		if !ok || !owner.Has(fd) {
			if row.path == "preamble.tlp" {
				out[row.key] = enumName(fd.Enum(), valisev1.Tlp_TLP_AMBER_STRICT.Number())
			}
			if words, _, ok := questionWords(m); ok && fd.FullName() == questionField {
				out[row.key] = words
			}
			continue
		}
		if v := bodyValue(row, fd, owner.Get(fd)); v != nil {
			out[row.key] = v
		}
	}
	return out
}

func bodyValue(row row, fd protoreflect.FieldDescriptor, v protoreflect.Value) any {
	switch {
	case fd.IsList() && row.isTable():
		tables := make([]map[string]any, 0, v.List().Len())
		for i := range v.List().Len() {
			if row.describes() && !isDescribed(v.List().Get(i).Message()) {
				continue
			}
			tables = append(tables, body(row.sub, v.List().Get(i).Message()))
		}
		if row.describes() && len(tables) == 0 {
			return nil
		}
		return tables
	case fd.IsList():
		texts := make([]string, 0, v.List().Len())
		for i := range v.List().Len() {
			texts = append(texts, elementText(fd, v.List().Get(i)))
		}
		return texts
	case row.isTable():
		return body(row.sub, v.Message())
	}
	return bodyScalar(fd, v)
}

// elementText shows one element of a plain list as text.
func elementText(fd protoreflect.FieldDescriptor, v protoreflect.Value) string {
	switch {
	case fd.Message() != nil:
		switch m := v.Message().Interface().(type) {
		case *valisev1.Attachment:
			return m.GetName()
		case *valisev1.NoteReference:
			return m.GetId() + "/" + strconv.FormatUint(uint64(m.GetVersion()), 10)
		}
		return ""
	case fd.Kind() == protoreflect.BytesKind:
		return hex.EncodeToString(v.Bytes())
	case fd.Enum() != nil:
		return enumName(fd.Enum(), v.Enum())
	}
	return v.String()
}

func bodyScalar(fd protoreflect.FieldDescriptor, v protoreflect.Value) any {
	switch fd.Kind() {
	case protoreflect.MessageKind:
		return bodyMessage(v.Message().Interface())
	case protoreflect.EnumKind:
		return enumName(fd.Enum(), v.Enum())
	case protoreflect.BytesKind:
		return hex.EncodeToString(v.Bytes())
	case protoreflect.Uint32Kind:
		return int64(v.Uint())
	}
	return v.Interface()
}

// bodyMessage shows what a draft writes as one value; nil when it says nothing.
func bodyMessage(m proto.Message) any {
	switch m := m.(type) {
	case *timestamppb.Timestamp:
		return formatTime(m, 0)
	case *valisev1.Estimate:
		if s := FormatEstimate(m); s != "" {
			return s
		}
	case *valisev1.TextFact:
		if v, ok := m.GetFact().(*valisev1.TextFact_Value); ok {
			return v.Value
		}
		return bodyAbsence(m.GetAbsence())
	case *valisev1.TimeFact:
		if v, ok := m.GetFact().(*valisev1.TimeFact_Value); ok {
			return formatTime(v.Value.GetAt(), v.Value.GetOffsetMinutes())
		}
		return bodyAbsence(m.GetAbsence())
	case *valisev1.BoolFact:
		if v, ok := m.GetFact().(*valisev1.BoolFact_Value); ok {
			return v.Value
		}
		return bodyAbsence(m.GetAbsence())
	case *valisev1.ListFact:
		if len(m.GetValues()) > 0 {
			return m.GetValues()
		}
		return bodyAbsence(m.GetAbsence())
	}
	return nil
}

func bodyAbsence(a valisev1.Absence) any {
	if name := absenceName(a); name != "" {
		return map[string]any{name: true}
	}
	return nil
}
