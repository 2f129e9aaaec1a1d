package draft

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	valisev1 "valise.example/proto/valise/v1"
)

// absentField lists the facts of a message that are not there and why. A-10b
const absentField protoreflect.Name = "absent"

// absentRow shows what a draft writes in the place of the fact itself. docs/protocol.md §5.4
var absentRow = row{key: "absent", path: "absent", shown: true}

// labels say how to treat a message. They are no facts, and an absent label has a meaning of its
// own. A-11 s2
var labels = map[protoreflect.FullName]bool{
	"valise.v1.Preamble.tlp":           true,
	"valise.v1.Preamble.pap":           true,
	"valise.v1.Preamble.handling_note": true,
	"valise.v1.Preamble.translations":  true,
	"valise.v1.Translation.status":     true,
	"valise.v1.Translation.title":      true,
	"valise.v1.Translation.text":       true,
	"valise.v1.Attachment.media_type":  true,
	"valise.v1.Attachment.tlp":         true,
	"valise.v1.Attachment.pap":         true,
}

// facts say themselves why they have no value. A-10b
var facts = map[protoreflect.FullName]bool{
	"valise.v1.TextFact": true, "valise.v1.TimeFact": true, "valise.v1.BoolFact": true, "valise.v1.ListFact": true,
}

func isFact(fd protoreflect.FieldDescriptor) bool {
	return fd.Message() != nil && facts[fd.Message().FullName()]
}

// mayBeAbsent: who speaks and how to reach them must be said, every other fact may be absent for
// a reason. docs/protocol.md §5.4
func mayBeAbsent(row row, fd protoreflect.FieldDescriptor) bool {
	return !row.shown && !row.describes() && !mandatory(fd) && !isFact(fd) && !labels[fd.FullName()]
}

// absentFacts is the list in m, invalid for a message that has none. A-10b
func absentFacts(m protoreflect.Message) (protoreflect.List, bool) {
	fd := m.Descriptor().Fields().ByName(absentField)
	if fd == nil {
		return nil, false
	}
	return m.Get(fd).List(), true
}

// absenceOf reads a value that is one of the three ways to give none, and nothing else. A-10b
func absenceOf(v any) (valisev1.Absence, bool) {
	a, ok, err := absence(v)
	return a, ok && err == nil
}

// absent notes that the fact at path is not there, and why. A-10b
func (r *reader) absent(path string, why valisev1.Absence, row row, fd protoreflect.FieldDescriptor) {
	list := r.root.Descriptor().Fields().ByName(absentField)
	switch {
	case mandatory(fd):
		r.wrong(path, flawed(FlawMissing, valisev1.Reason_REASON_BAD_DRAFT, "must have a value"))
	case list == nil:
		r.wrong(path, refuse(valisev1.Reason_REASON_BAD_DRAFT, "cannot say why it has no value in this kind: leave it out"))
	case !mayBeAbsent(row, fd):
		r.wrong(path, refuse(valisev1.Reason_REASON_BAD_DRAFT, "must have a value or be left out"))
	default:
		facts := r.root.Mutable(list).List()
		if err := checkCount(list, facts.Len()+1); err != nil {
			r.wrong(path, err)
			return
		}
		fact := &valisev1.AbsentFact{Field: path, Why: why}
		facts.Append(protoreflect.ValueOfMessage(fact.ProtoReflect()))
	}
}

// locate finds the fact that path names below m. ok is false when no draft could say of it that
// it is absent: there is no such key, it must have a value, or its table is not there.
func locate(s *shape, m protoreflect.Message, path string) (given, ok bool) {
	for {
		name, rest, deeper := strings.Cut(path, ".")
		key, i, indexed := place(name)
		row, known := s.row(key)
		if !known {
			return false, false
		}
		fd := row.field(m.Descriptor())
		owner, there := row.owner(m, false)
		given = there && owner.Has(fd)
		if !deeper {
			return given, !indexed && mayBeAbsent(row, fd)
		}
		if !row.isTable() || !given || indexed != fd.IsList() {
			return false, false
		}
		if !indexed {
			m = owner.Get(fd).Message()
		} else if list := owner.Get(fd).List(); i < list.Len() {
			m = list.Get(i).Message()
		} else {
			return false, false
		}
		s, path = row.sub, rest
	}
}

// place splits "preferred_channel[1]" into key and place; indexed is false without one.
func place(name string) (key string, i int, indexed bool) {
	key, number, found := strings.Cut(name, "[")
	if !found {
		return name, 0, false
	}
	i, err := strconv.Atoi(strings.TrimSuffix(number, "]"))
	if err != nil || index(key, i) != name || i < 0 {
		return name, 0, false
	}
	return key, i, true
}

// showAbsent puts each absence where its fact would stand. What a peer says of no fact that we
// know, or of one that it gives as well, is shown as a list beside them: nothing said is hidden,
// and nothing is said twice in one place. docs/protocol.md §5.4
func showAbsent(out map[string]any, s *shape, m proto.Message) {
	list, ok := absentFacts(m.ProtoReflect())
	if !ok {
		return
	}
	delete(out, absentRow.key)
	var beside []map[string]any
	for i := range list.Len() {
		fact := list.Get(i).Message().Interface().(*valisev1.AbsentFact)
		shown := bodyAbsence(fact.GetWhy())
		given, known := locate(s, m.ProtoReflect(), fact.GetField())
		if shown != nil && known && !given && put(out, fact.GetField(), shown) {
			continue
		}
		why := fact.ProtoReflect().Descriptor().Fields().ByName("why").Enum()
		beside = append(beside, map[string]any{"field": fact.GetField(), "why": enumName(why, protoreflect.EnumNumber(fact.GetWhy()))})
	}
	if len(beside) > 0 {
		out[absentRow.key] = beside
	}
}

// put sets the value at path; false when something stands there already.
func put(out map[string]any, path string, v any) bool {
	for {
		name, rest, deeper := strings.Cut(path, ".")
		key, i, indexed := place(name)
		if !deeper {
			if _, taken := out[key]; taken {
				return false
			}
			out[key] = v
			return true
		}
		switch table := out[key].(type) {
		case map[string]any:
			out = table
		case []map[string]any:
			if !indexed || i >= len(table) {
				return false
			}
			out = table[i]
		default:
			return false
		}
		path = rest
	}
}

// checkAbsent refuses what contradicts itself: a fact both given and absent, one said twice, and
// one that must be given. A-10b
func checkAbsent(m protoreflect.Message, path string) error {
	list, ok := absentFacts(m)
	s := shapeOf(valisev1.KindOf(m.Interface()))
	if !ok || s == nil {
		return nil
	}
	seen := map[string]bool{}
	for i := range list.Len() {
		fact := list.Get(i).Message().Interface().(*valisev1.AbsentFact)
		detail := ""
		switch given, known := locate(s, m, fact.GetField()); {
		case !known:
			detail = "names nothing that may be absent here"
		case given:
			detail = "names a fact that is given"
		case seen[fact.GetField()]:
			detail = "names a fact for the second time"
		case fact.GetWhy() == valisev1.Absence_ABSENCE_UNSPECIFIED:
			detail = "does not say why"
		}
		if detail != "" {
			return &Error{Key: index(join(path, absentRow.key), i), Reason: valisev1.Reason_REASON_BAD_REQUEST, Detail: detail}
		}
		seen[fact.GetField()] = true
	}
	return nil
}
