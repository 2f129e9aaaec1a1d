package console

import (
	"encoding/hex"
	"errors"
	"html/template"
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// block is one thing that was said under its label: a value, a list of them, or further blocks.
type block struct {
	Label   template.HTML
	Value   template.HTML
	Items   []template.HTML
	Ordered bool // the items have numbers
	Sub     []block
	List    [][]block
}

// sayer shows everything that a message says, by the contract itself, so that a field that is added to it
// is shown too.
type sayer struct {
	f    *frame
	x    *index
	m    *valisev1.MessageView
	lang string // of the text, as its sender says
	err  error
}

func (s *sayer) say(text locale.Text, pairs ...any) template.HTML {
	h, err := s.f.Say(text, pairs...)
	s.err = errors.Join(s.err, err)
	return h
}

func (s *sayer) count(text locale.Text, n int) template.HTML {
	h, err := s.f.Count(text, n)
	s.err = errors.Join(s.err, err)
	return h
}

// fieldNames are fields of the contract.
type fieldNames map[protoreflect.Name]bool

// walk shows every field that is there, in the order of the contract. A no is said as well as a yes.
func (s *sayer) walk(m protoreflect.Message, elsewhere fieldNames) (all []block) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		plainBool := fd.Kind() == protoreflect.BoolKind && !fd.HasPresence()
		if elsewhere[fd.Name()] || !m.Has(fd) && !plainBool {
			continue
		}
		b := s.field(fd, m.Get(fd))
		b.Label = s.label(fd.Name())
		all = append(all, b)
	}
	if n := len(m.GetUnknown()); n > 0 {
		all = append(all, block{Label: s.say(s.f.T.Reading.UnknownPart), Value: s.count(s.f.T.Reading.Bytes, n)})
	}
	return all
}

// label names a field; one that no catalog knows has the name of the contract.
func (s *sayer) label(name protoreflect.Name) template.HTML {
	key := string(name)
	if key == "sha256" {
		key = "file_digest"
	}
	if text, ok := s.f.T.Label.Of(key); ok {
		return s.say(text)
	}
	return fixed(string(name))
}

func (s *sayer) field(fd protoreflect.FieldDescriptor, v protoreflect.Value) block {
	switch {
	case fd.IsList():
		return s.list(fd, v.List())
	case fd.Message() != nil:
		return s.part(v.Message())
	}
	return block{Value: s.single(fd, v)}
}

func (s *sayer) list(fd protoreflect.FieldDescriptor, l protoreflect.List) (b block) {
	if b, ok := s.known(fd, l); ok {
		return b
	}
	for i := range l.Len() {
		if fd.Message() == nil {
			b.Items = append(b.Items, s.single(fd, l.Get(i)))
			continue
		}
		b.List = append(b.List, s.walk(l.Get(i).Message(), nil))
	}
	return b
}

// known are lists that are shown in a way of their own.
func (s *sayer) known(fd protoreflect.FieldDescriptor, l protoreflect.List) (block, bool) {
	switch fd.Name() {
	case "questions":
		return s.questions(l), true
	case "answers":
		return s.answers(l), true
	case "absent":
		return s.absent(l), true
	case "messages":
		if s.x.coversAll(s.m) {
			return block{Value: s.count(s.f.T.Reading.CoversAll, l.Len())}, true
		}
	}
	return block{}, false
}

// part is a fact, a moment, or something with fields of its own.
func (s *sayer) part(m protoreflect.Message) block {
	if value, ok := s.fact(m.Interface()); ok {
		if len(m.GetUnknown()) > 0 {
			value += " " + s.say(s.f.T.Reading.UnknownPart)
		}
		return block{Value: value}
	}
	return block{Sub: s.walk(m, nil)}
}

// leftToRight are fields that hold no sentence but what a person copies or a machine made.
var leftToRight = fieldNames{
	"own_reference": true, "peer_reference": true, "phone": true, "email": true, "address": true, "fingerprint": true,
	"to": true, "media_type": true, "links": true, "detail": true, "peer": true, "id": true,
}

func (s *sayer) single(fd protoreflect.FieldDescriptor, v protoreflect.Value) template.HTML {
	switch fd.Kind() {
	case protoreflect.StringKind:
		switch {
		case fd.Name() == "language":
			return tongue(v.String())
		case fd.Name() == "role":
			return s.f.roleWords(v.String())
		case leftToRight[fd.Name()]:
			return fixed(v.String())
		}
		return prose(v.String(), s.lang)
	case protoreflect.BoolKind:
		return s.yes(v.Bool())
	case protoreflect.EnumKind:
		return s.enum(fd.Enum(), v.Enum())
	case protoreflect.BytesKind:
		if fd.Name() == "sha256" {
			return groups(hex.EncodeToString(v.Bytes()))
		}
		return s.x.cite(s, hex.EncodeToString(v.Bytes()))
	}
	if fd.Name() == "within_seconds" {
		return s.within(v.Uint())
	}
	return fixed(v.String())
}

func (s *sayer) yes(b bool) template.HTML {
	if b {
		return s.say(s.f.T.Reading.Yes)
	}
	return s.say(s.f.T.Reading.No)
}

// enum is a value of a closed list in words, and by its number where this version does not know it.
func (s *sayer) enum(d protoreflect.EnumDescriptor, n protoreflect.EnumNumber) template.HTML {
	switch d.FullName() {
	case "valise.v1.Tlp", "valise.v1.Pap":
		if label := handling(d, n); label != "" {
			return fixed(label)
		}
	case "valise.v1.Urgency":
		if level := s.f.level(valisev1.Urgency(n)); level != "" {
			return template.HTML(template.HTMLEscapeString(level)) //nolint:gosec // escaped
		}
	}
	if v := d.Values().ByNumber(n); v != nil {
		if text, ok := s.f.T.Value.Of(lower(string(v.Name()))); ok {
			return s.say(text)
		}
	}
	return s.say(s.f.T.Reading.UnknownValue, "number", strconv.Itoa(int(n)))
}

// saidOf is what a message says; nil where it is not shown.
func saidOf(m *valisev1.MessageView) proto.Message {
	if m.GetPayload() == nil {
		return nil
	}
	r := m.GetPayload().ProtoReflect()
	fd := r.WhichOneof(r.Descriptor().Oneofs().Get(0))
	if fd == nil {
		return nil
	}
	return r.Get(fd).Message().Interface()
}
