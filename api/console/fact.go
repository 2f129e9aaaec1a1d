package console

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// fact shows what has a value or the reason why there is none. A-10b
func (s *sayer) fact(m proto.Message) (template.HTML, bool) {
	switch m := m.(type) {
	case *valisev1.TextFact:
		if v, ok := m.GetFact().(*valisev1.TextFact_Value); ok {
			return prose(v.Value, s.lang), true
		}
		return s.absence(m.GetAbsence()), true
	case *valisev1.TimeFact:
		if m.GetValue() != nil {
			return s.zoned(m.GetValue()), true
		}
		return s.absence(m.GetAbsence()), true
	case *valisev1.BoolFact:
		if v, ok := m.GetFact().(*valisev1.BoolFact_Value); ok {
			return s.yes(v.Value), true
		}
		return s.absence(m.GetAbsence()), true
	case *valisev1.ListFact:
		return s.texts(m), true
	case *valisev1.ZonedTime:
		return s.zoned(m), true
	case *timestamppb.Timestamp:
		return s.moment(m), true
	}
	return "", false
}

func (s *sayer) texts(m *valisev1.ListFact) template.HTML {
	var b strings.Builder
	for _, text := range m.GetValues() {
		b.WriteString("<li>" + string(prose(text, s.lang)) + "</li>")
	}
	list := template.HTML("")
	if b.Len() > 0 {
		list = template.HTML("<ul>" + b.String() + "</ul>") //nolint:gosec // made of escaped parts
	}
	if m.GetAbsence() != valisev1.Absence_ABSENCE_UNSPECIFIED || b.Len() == 0 {
		list += s.absence(m.GetAbsence())
	}
	return list
}

func (s *sayer) absence(a valisev1.Absence) template.HTML {
	if a == valisev1.Absence_ABSENCE_UNSPECIFIED {
		return s.say(s.f.T.Reading.NotSaid)
	}
	return s.enum(a.Descriptor(), a.Number())
}

// moment is a time that was said; one that no calendar has is shown by its seconds.
func (s *sayer) moment(at *timestamppb.Timestamp) template.HTML {
	if at.CheckValid() != nil {
		return s.say(s.f.T.Reading.UnknownValue, "number", fmt.Sprint(at.GetSeconds()))
	}
	h, err := s.f.MomentWith(at.AsTime(), s.x.peer)
	if err != nil {
		s.err = err
	}
	return h
}

// zoned is a time with the clock by which it was written. I-2
func (s *sayer) zoned(z *valisev1.ZonedTime) template.HTML {
	h := s.moment(z.GetAt())
	if z.GetOffsetMinutes() == 0 || z.GetAt().CheckValid() != nil {
		return h
	}
	at := z.GetAt().AsTime()
	there := at.In(time.FixedZone("", 60*int(z.GetOffsetMinutes())))
	words := s.f.clockOn(there, at.UTC()) + ` <bdi dir="ltr">` + template.HTML(there.Format("-07:00")) + `</bdi>` //nolint:gosec // digits and a colon
	return h + ` · <span class="clock">` + s.say(s.f.T.Reading.AsWritten, "clock", words) + `</span>`
}

// mostSeconds is beyond what the contract allows, and far from what a duration can hold.
const mostSeconds = 1 << 32

func (s *sayer) within(seconds uint64) template.HTML {
	if seconds > mostSeconds {
		return s.say(s.f.T.Reading.UnknownValue, "number", fmt.Sprint(seconds))
	}
	h, err := s.f.duration(time.Duration(seconds) * time.Second)
	if err != nil {
		s.err = err
	}
	return h
}

// absent lists facts that are not there, by their labels, each with the reason. A-10b
func (s *sayer) absent(l protoreflect.List) (b block) {
	for i := range l.Len() {
		fact, ok := l.Get(i).Message().Interface().(*valisev1.AbsentFact)
		if !ok {
			continue
		}
		b.Sub = append(b.Sub, block{Label: s.path(fact.GetField()), Value: s.absence(fact.GetWhy())})
	}
	return b
}

// path reads the key of a draft, "preferred_channel[0].address", in words.
func (s *sayer) path(key string) template.HTML {
	parts := make([]string, 0, 2)
	for piece := range strings.SplitSeq(key, ".") {
		name, number, counted := strings.Cut(strings.TrimSuffix(piece, "]"), "[")
		label := fixed(piece)
		for _, known := range []string{name, name + "s"} {
			if text, ok := s.f.T.Label.Of(known); ok {
				label = s.say(text)
				break
			}
		}
		if n := number; counted && label != fixed(piece) {
			label += ` ` + ordinal(n)
		}
		parts = append(parts, string(label))
	}
	return template.HTML(strings.Join(parts, " · ")) //nolint:gosec // made of escaped parts
}

// ordinal is a place in a list as people count, from 1.
func ordinal(index string) template.HTML {
	var n int
	if _, err := fmt.Sscan(index, &n); err != nil {
		return fixed(index)
	}
	return fixed(fmt.Sprint(n + 1))
}

// handling is a label of TLP or PAP as everybody writes it, never translated; empty where none was given or
// this version does not know it. A-11 s2
func handling(d protoreflect.EnumDescriptor, n protoreflect.EnumNumber) string {
	v := d.Values().ByNumber(n)
	if v == nil || n == 0 {
		return ""
	}
	scheme, rest, _ := strings.Cut(string(v.Name()), "_")
	return scheme + ":" + strings.ReplaceAll(rest, "_", "+")
}

func lower(name string) string { return strings.ToLower(name) }

// words of a text as HTML.
func (f *frame) words(t locale.Text) template.HTML {
	return template.HTML(template.HTMLEscapeString(t.String())) //nolint:gosec // escaped
}
