package draft

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	valisev1 "valise.example/proto/valise/v1"
)

// row is one key of a draft: where its value stands in the message, and how the template
// explains it.
type row struct {
	key     string // as written in the draft
	path    string // field of the message, "preamble.tlp"
	doc     string // one line for the template
	example string // value in the template, as TOML; empty for a table
	live    bool   // stands in the template without a comment sign
	shown   bool   // shown in a body, never read from a draft
	sub     *shape // keys of the table or of each table
}

// shape is the keys of one table: plain values first, then tables, as TOML wants it.
type shape struct {
	message proto.Message
	intro   string // first lines of the template
	rows    []row
}

func (s *shape) row(key string) (row, bool) {
	for _, r := range s.rows {
		if r.key == key {
			return r, true
		}
	}
	return row{}, false
}

// field is the descriptor of r's value below md; nil when the path leads nowhere.
func (r row) field(md protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	var fd protoreflect.FieldDescriptor
	for name := range strings.SplitSeq(r.path, ".") {
		if md == nil {
			return nil
		}
		if fd = md.Fields().ByName(protoreflect.Name(name)); fd == nil {
			return nil
		}
		md = fd.Message()
	}
	return fd
}

// owner is the message that holds r's field; with create, messages on the way are made, without,
// ok is false when one is absent.
func (r row) owner(m protoreflect.Message, create bool) (owner protoreflect.Message, ok bool) {
	names := strings.Split(r.path, ".")
	for _, name := range names[:len(names)-1] {
		fd := m.Descriptor().Fields().ByName(protoreflect.Name(name))
		if !create && !m.Has(fd) {
			return nil, false
		}
		m = m.Mutable(fd).Message()
	}
	return m, true
}

// isTable reports whether r is written as [key] or [[key]].
func (r row) isTable() bool { return r.sub != nil }

// shapeOf returns the shape of a kind that a draft can be written for, nil for any other.
func shapeOf(kind valisev1.Kind) *shape { return shapes[kind] }

// bodyShape returns the shape for showing any message: the draft's where there is one, else one
// key for each field of the contract.
func bodyShape(m proto.Message) *shape {
	if s := shapeOf(valisev1.KindOf(m)); s != nil {
		return s
	}
	return derive(m.ProtoReflect().Descriptor(), bounds.Depth)
}

// derive makes a shape with the names of the contract. The preamble's keys stand at the top, as
// in every draft.
func derive(md protoreflect.MessageDescriptor, depth int) *shape {
	s := &shape{}
	var tables []row
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		name := string(fd.Name())
		switch {
		case fd.Message() == nil || wellKnown[fd.Message().FullName()] || fd.IsMap():
			s.rows = append(s.rows, row{key: name, path: name, shown: true})
		case fd.Message().FullName() == "valise.v1.Preamble":
			s.rows = append(s.rows, preambleRows...)
			tables = append(tables, translationRow)
		case depth > 0:
			tables = append(tables, row{key: name, path: name, shown: true, sub: derive(fd.Message(), depth-1)})
		}
	}
	s.rows = append(s.rows, tables...)
	return s
}

// wellKnown are the messages that a draft writes as one value.
var wellKnown = map[protoreflect.FullName]bool{
	"google.protobuf.Timestamp": true,
	"valise.v1.TextFact":        true,
	"valise.v1.TimeFact":        true,
	"valise.v1.BoolFact":        true,
	"valise.v1.ListFact":        true,
	"valise.v1.ZonedTime":       true,
	"valise.v1.Estimate":        true,
	"valise.v1.Attachment":      true,
	"valise.v1.NoteReference":   true,
}
