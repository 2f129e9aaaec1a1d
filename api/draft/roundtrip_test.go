package draft

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"
	valisev1 "valise.example/proto/valise/v1"
)

// kinds are those a draft can be written for, in order.
func kinds() []valisev1.Kind { return slices.Sorted(maps.Keys(shapes)) }

// TestShapesFitTheContract walks every row: its path leads to a field, its key stands once, its
// table has a shape, and what can be written has one line of explanation and an example.
func TestShapesFitTheContract(t *testing.T) {
	var walk func(kind valisev1.Kind, path string, s *shape)
	walk = func(kind valisev1.Kind, path string, s *shape) {
		seen := map[string]bool{}
		for _, r := range s.rows {
			at := join(path, r.key)
			fd := r.field(s.message.ProtoReflect().Descriptor())
			if fd == nil {
				t.Errorf("%v %s: %s leads nowhere", kind, at, r.path)
				continue
			}
			if seen[r.key] {
				t.Errorf("%v %s stands twice", kind, at)
			}
			seen[r.key] = true
			if r.shown {
				continue
			}
			if r.doc == "" || strings.Contains(r.doc, "\n") {
				t.Errorf("%v %s has no one-line explanation", kind, at)
			}
			if r.isTable() {
				if got, want := r.sub.message.ProtoReflect().Descriptor(), fd.Message(); got != want {
					t.Errorf("%v %s is a %s, its shape a %s", kind, at, want.FullName(), got.FullName())
				}
				walk(kind, at, r.sub)
			} else if r.example == "" {
				t.Errorf("%v %s has no example", kind, at)
			}
		}
	}
	for _, kind := range kinds() {
		s := shapes[kind]
		if valisev1.KindOf(s.message) != kind {
			t.Errorf("%v has the shape of a %T", kind, s.message)
		}
		walk(kind, "", s)
	}
}

// TestEveryFieldHasAKey finds fields of the contract that no draft can show or write.
func TestEveryFieldHasAKey(t *testing.T) {
	var walk func(s *shape)
	walk = func(s *shape) {
		md := s.message.ProtoReflect().Descriptor()
		paths := map[string]bool{}
		for _, r := range s.rows {
			paths[r.path] = true
			if r.sub != nil {
				walk(r.sub)
			}
		}
		for i := range md.Fields().Len() {
			fd := md.Fields().Get(i)
			switch name := string(fd.Name()); {
			case paths[name]:
			case fd.Message() != nil && (name == "preamble" || name == "time_sensitivity"):
				for j := range fd.Message().Fields().Len() {
					if sub := name + "." + string(fd.Message().Fields().Get(j).Name()); !paths[sub] {
						t.Errorf("%s.%s has no key", md.Name(), sub)
					}
				}
			default:
				t.Errorf("%s.%s has no key", md.Name(), name)
			}
		}
	}
	for _, kind := range kinds() {
		walk(shapes[kind])
	}
}

// TestTemplates parses every template as it stands, and again with every comment sign taken
// away, so that no example in it is wrong.
func TestTemplates(t *testing.T) {
	for _, kind := range kinds() {
		template := Template(kind)
		if _, _, err := Parse(kind, []byte(template)); err != nil {
			t.Errorf("%v as it stands: %v\n%s", kind, err, template)
		}
		var full []string
		for line := range strings.SplitSeq(template, "\n") {
			if strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "# ") {
				line = line[1:]
			}
			full = append(full, line)
		}
		m, _, err := Parse(kind, []byte(strings.Join(full, "\n")))
		if err != nil {
			t.Errorf("%v with every key: %v\n%s", kind, err, strings.Join(full, "\n"))
			continue
		}
		for _, r := range shapes[kind].rows {
			if _, ok := Body(m)[r.key]; !ok && !r.shown {
				t.Errorf("%v: the template shows no %s", kind, r.key)
			}
		}
		checkRoundTrip(t, kind, m)
	}
	if Template(valisev1.Kind_KIND_PING) != "" {
		t.Error("there is a template for a kind that is not built")
	}
}

// checkRoundTrip asserts that what a draft says comes back from Format, and that Body is the
// same as that draft read as plain TOML and as JSON.
func checkRoundTrip(t interface {
	Helper()
	Fatalf(string, ...any)
}, kind valisev1.Kind, m proto.Message,
) {
	t.Helper()
	text := Format(m)
	back, _, err := Parse(kind, []byte(text))
	if err != nil {
		t.Fatalf("%v: what Format wrote does not parse: %v\n%s", kind, err, text)
	}
	unresolved := forgetLines(m)
	forgetLines(back)
	if !proto.Equal(m, back) {
		t.Fatalf("%v came back changed:\n%v\n%v\n%s", kind, m, back, text)
	}
	var table map[string]any
	if _, err := toml.Decode(text, &table); err != nil {
		t.Fatalf("%v", err)
	}
	if got, want := asJSON(t, Body(m)), asJSON(t, table); got != want {
		t.Fatalf("%v: body and draft differ:\n%s\n%s", kind, got, want)
	}
	if err := Check(m); (err != nil) != unresolved {
		t.Fatalf("%v: Check says of what Parse took: %v", kind, err)
	}
}

func asJSON(t interface{ Fatalf(string, ...any) }, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(b)
}

// TestRoundTrip makes payloads of every kind from the rules of the contract, writes them as
// drafts and reads them back.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		kind := rapid.SampledFrom(kinds()).Draw(rt, "kind")
		m := proto.Clone(shapes[kind].message)
		fill(rt, shapes[kind], m.ProtoReflect())
		switch m := m.(type) {
		case *valisev1.Inquiry:
			m.Originator = &valisev1.Person{Name: "A. Officer", Email: "duty@cert.example"}
		case *valisev1.VoluntaryNotice:
			m.Originator = &valisev1.Person{Name: "A. Officer", Phone: "+000 555 0100"}
		}
		setDefaultLabel(m)
		if fd := m.ProtoReflect().Descriptor().Fields().ByName(absentField); fd != nil {
			leaveOut(rt, shapes[kind], m.ProtoReflect(), "", m.ProtoReflect().Mutable(fd).List())
		}
		if proto.Size(m) > MaxPayload || checkAnswers(m) != nil || CheckSubstance(m) != nil {
			rt.Skip()
		}
		checkRoundTrip(rt, kind, m)
	})
}

// leaveOut says of some facts that are not given why they are not, in the order of a draft.
func leaveOut(rt *rapid.T, s *shape, m protoreflect.Message, path string, absent protoreflect.List) {
	for _, r := range s.rows {
		fd, at := r.field(m.Descriptor()), join(path, r.key)
		owner, there := r.owner(m, false)
		switch given := there && owner.Has(fd); {
		case given && r.isTable() && fd.IsList():
			for i := range owner.Get(fd).List().Len() {
				leaveOut(rt, r.sub, owner.Get(fd).List().Get(i).Message(), index(at, i), absent)
			}
		case given && r.isTable():
			leaveOut(rt, r.sub, owner.Get(fd).Message(), at, absent)
		case !given && mayBeAbsent(r, fd) && rapid.Bool().Draw(rt, "leave out "+at):
			why := valisev1.Absence(rapid.Int32Range(1, 3).Draw(rt, "why"))
			absent.Append(protoreflect.ValueOfMessage((&valisev1.AbsentFact{Field: at, Why: why}).ProtoReflect()))
		}
	}
}

// fill sets a random choice of the keys of s, and always those that the contract demands.
func fill(rt *rapid.T, s *shape, m protoreflect.Message) {
	for _, r := range s.rows {
		fd := r.field(m.Descriptor())
		if r.shown || !mandatory(fd) && !rapid.Bool().Draw(rt, "set "+r.key) {
			continue
		}
		owner, _ := r.owner(m, true)
		switch {
		case r.describes():
			for i := range owner.Get(fd).List().Len() {
				say(rt, owner.Get(fd).List().Get(i).Message().Interface().(*valisev1.Attachment))
			}
		case fd.IsList():
			list := owner.Mutable(fd).List()
			for i := range rapid.IntRange(1, 3).Draw(rt, "count") {
				if !r.isTable() {
					list.Append(element(rt, fd, i))
					continue
				}
				e := list.NewElement()
				fill(rt, r.sub, e.Message())
				list.Append(e)
			}
		case r.isTable():
			fill(rt, r.sub, owner.Mutable(fd).Message())
			if isEmpty(owner.Get(fd).Message()) {
				owner.Clear(fd)
			}
		default:
			owner.Set(fd, element(rt, fd, 0))
		}
	}
	// A message on the way to a value that was not set is not there in a parsed draft either.
	for _, name := range []protoreflect.Name{"preamble", "time_sensitivity"} {
		if fd := m.Descriptor().Fields().ByName(name); fd != nil && m.Has(fd) && isEmpty(m.Get(fd).Message()) {
			m.Clear(fd)
		}
	}
}

// say says more of a file than its name, or nothing.
func say(rt *rapid.T, a *valisev1.Attachment) {
	a.MediaType = rapid.SampledFrom([]string{"", "text/plain", "application/stix+json;version=2.1", `text/plain; charset="utf-8"`}).Draw(rt, "media type")
	a.Tlp = valisev1.Tlp(rapid.Int32Range(0, 5).Draw(rt, "tlp"))
	a.Pap = valisev1.Pap(rapid.Int32Range(0, 4).Draw(rt, "pap"))
}

func element(rt *rapid.T, fd protoreflect.FieldDescriptor, i int) protoreflect.Value {
	switch {
	case fd.Message() != nil:
		return protoreflect.ValueOfMessage(fact(rt, fd, i).ProtoReflect())
	case fd.Enum() != nil:
		n := rapid.IntRange(1, fd.Enum().Values().Len()-1).Draw(rt, "enum")
		return protoreflect.ValueOfEnum(fd.Enum().Values().Get(n).Number())
	case fd.Kind() == protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case fd.Kind() == protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(rapid.Uint32Range(1, 64).Draw(rt, "number"))
	case fd.Name() == "language":
		return protoreflect.ValueOfString(rapid.SampledFrom([]string{"en", "ar", "zh-Hans", "fr-FR"}).Draw(rt, "language"))
	}
	return protoreflect.ValueOfString(text(rt, fd))
}

func fact(rt *rapid.T, fd protoreflect.FieldDescriptor, i int) proto.Message {
	zoned := &valisev1.ZonedTime{
		At:            timestamppb.New(time.Unix(rapid.Int64Range(-60e9, 250e9).Draw(rt, "seconds"), rapid.Int64Range(0, 999999999).Draw(rt, "nanos"))),
		OffsetMinutes: rapid.Int32Range(-1080, 1080).Draw(rt, "offset"),
	}
	absence := valisev1.Absence(rapid.Int32Range(0, 3).Draw(rt, "absence"))
	switch fd.Message().FullName() {
	case "google.protobuf.Timestamp":
		return zoned.At
	case "valise.v1.Attachment":
		return &valisev1.Attachment{Name: "file" + string(rune('a'+i)) + ".txt"}
	case "valise.v1.Estimate":
		switch absence {
		case 0:
			return &valisev1.Estimate{Estimate: &valisev1.Estimate_By{By: zoned}}
		case 1:
			return &valisev1.Estimate{Estimate: &valisev1.Estimate_WithinSeconds{WithinSeconds: rapid.Uint64Range(1, maxEstimate).Draw(rt, "span")}}
		}
		return &valisev1.Estimate{Estimate: &valisev1.Estimate_Words{Words: "when the logs are here"}}
	case "valise.v1.TextFact":
		if absence != 0 {
			return &valisev1.TextFact{Fact: &valisev1.TextFact_Absence{Absence: absence}}
		}
		return &valisev1.TextFact{Fact: &valisev1.TextFact_Value{Value: text(rt, fd.Message().Fields().ByName("value"))}}
	case "valise.v1.TimeFact":
		if absence != 0 {
			return &valisev1.TimeFact{Fact: &valisev1.TimeFact_Absence{Absence: absence}}
		}
		return &valisev1.TimeFact{Fact: &valisev1.TimeFact_Value{Value: zoned}}
	case "valise.v1.BoolFact":
		if absence != 0 {
			return &valisev1.BoolFact{Fact: &valisev1.BoolFact_Absence{Absence: absence}}
		}
		return &valisev1.BoolFact{Fact: &valisev1.BoolFact_Value{Value: rapid.Bool().Draw(rt, "yes")}}
	}
	if absence != 0 {
		return &valisev1.ListFact{Absence: absence}
	}
	return &valisev1.ListFact{Values: []string{text(rt, fd.Message().Fields().ByName("values")), "b"}}
}

// text draws honest text of several scripts, with what TOML must escape.
func text(rt *rapid.T, fd protoreflect.FieldDescriptor) string {
	pieces := []string{"a", "é", "ش", "漢", `"`, `""`, `\`, "'", "#", "[x]", "=", "{", " ", "x y", "\u200d", "0"}
	if paragraphs[fd.FullName()] {
		pieces = append(pieces, "\n", "\t", "\n\n", `"""`, "\u202b", "\u2066")
	}
	return "t" + strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(rt, "text"), "")
}
