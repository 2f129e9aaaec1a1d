package console

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// ofTheirOwn are messages that are shown in a way of their own, so that their fields need no label.
var ofTheirOwn = map[protoreflect.FullName]bool{
	"valise.v1.TextFact": true, "valise.v1.TimeFact": true, "valise.v1.BoolFact": true, "valise.v1.ListFact": true,
	"valise.v1.AbsentFact": true, "valise.v1.ZonedTime": true, "valise.v1.NoteReference": true, "valise.v1.Answer": true,
	"google.protobuf.Timestamp": true,
}

// heads are fields that stand for a place on the page and not for a line of it.
var heads = map[protoreflect.Name]bool{"preamble": true}

// inWords are enums that have words of another table, or labels that are never translated.
var inWords = map[protoreflect.FullName]bool{"valise.v1.Urgency": true, "valise.v1.Tlp": true, "valise.v1.Pap": true}

// contract is every field and enum that the page of a thread can come to show.
func contract() (fields map[string]bool, enums map[protoreflect.EnumDescriptor]bool) {
	fields, enums = map[string]bool{}, map[protoreflect.EnumDescriptor]bool{}
	seen := map[protoreflect.FullName]bool{}
	var walk func(d protoreflect.MessageDescriptor)
	walk = func(d protoreflect.MessageDescriptor) {
		if seen[d.FullName()] {
			return
		}
		seen[d.FullName()] = true
		for i := range d.Fields().Len() {
			fd := d.Fields().Get(i)
			if !ofTheirOwn[d.FullName()] && !heads[fd.Name()] && d.Name() != "Payload" {
				fields[string(fd.Name())] = true
			}
			if fd.Enum() != nil && !inWords[fd.Enum().FullName()] {
				enums[fd.Enum()] = true
			}
			if fd.Message() != nil {
				walk(fd.Message())
			}
		}
	}
	walk(new(valisev1.Payload).ProtoReflect().Descriptor())
	walk(new(valisev1.ContactLog).ProtoReflect().Descriptor())
	enums[valisev1.AttachmentState(0).Descriptor()] = true
	enums[valisev1.DraftAct(0).Descriptor()] = true
	return fields, enums
}

// TestEveryFieldHasALabel: whatever a message can say has a name in the language of the reader, and no name
// is left of what it cannot say.
func TestEveryFieldHasALabel(t *testing.T) {
	fields, enums := contract()
	if len(fields) < 80 || len(enums) < 10 {
		t.Fatalf("only %d fields and %d enums are found", len(fields), len(enums))
	}
	for _, l := range locale.Languages() {
		page := locale.Of(l).Page()
		for name := range fields {
			if name == "sha256" {
				name = "file_digest"
			}
			if _, ok := page.Label.Of(name); !ok {
				t.Errorf("%s: the field %s has no label", l, name)
			}
		}
		for d := range enums {
			checkValues(t, page, d)
		}
	}
	for _, key := range []string{"nothing_like_it", ""} {
		if _, ok := locale.Of(locale.English).Page().Label.Of(key); ok {
			t.Errorf("%q has a label", key)
		}
	}
}

func checkValues(t *testing.T, page *locale.Page, d protoreflect.EnumDescriptor) {
	t.Helper()
	for i := range d.Values().Len() {
		v := d.Values().Get(i)
		if v.Number() == 0 && d.Name() != "AttachmentState" {
			continue // nothing was said
		}
		if _, ok := page.Value.Of(strings.ToLower(string(v.Name()))); !ok {
			t.Errorf("%s has no words", v.Name())
		}
	}
}

// TestEveryMarkHasASentence: each mark and each role has words of its own; kinds have theirs in api/locale.
func TestEveryMarkHasASentence(t *testing.T) {
	page := locale.Of(locale.English).Page()
	for number, name := range valisev1.Mark_name {
		if _, ok := page.Mark.Of(strings.ToLower(strings.TrimPrefix(name, "MARK_"))); number != 0 && !ok {
			t.Errorf("%s has no sentence", name)
		}
	}
	for number, name := range valisev1.Role_name {
		if _, ok := page.Value.Of(strings.ToLower(name)); number != 0 && !ok {
			t.Errorf("%s has no words", name)
		}
	}
}

// TestHandlingLabels are written as everybody writes them, in every language. A-11 s2
func TestHandlingLabels(t *testing.T) {
	for tlp, want := range map[valisev1.Tlp]string{
		valisev1.Tlp_TLP_UNSPECIFIED: "TLP:AMBER+STRICT", valisev1.Tlp_TLP_CLEAR: "TLP:CLEAR", valisev1.Tlp_TLP_AMBER: "TLP:AMBER",
		valisev1.Tlp_TLP_AMBER_STRICT: "TLP:AMBER+STRICT", valisev1.Tlp_TLP_RED: "TLP:RED", 9: "TLP:RED",
	} {
		m := &valisev1.MessageView{Payload: &valisev1.Payload{Payload: &valisev1.Payload_Closure{Closure: &valisev1.Closure{Preamble: &valisev1.Preamble{Tlp: tlp}}}}}
		if got := (article{MessageView: m}).Label(); got != want {
			t.Errorf("%v is shown as %q, want %q", tlp, got, want)
		}
	}
}
