package iodef

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

// additional holds what IODEF has no member for, under the keys of the draft.
func additional(s Source, told telling, facts *valisev1.Incident) []Extension {
	list := []Extension{
		text("realm", s.Realm.String(), ""),
		text("from", s.From.String(), "Who says this."),
		text("to", s.To.String(), "Whom it was told."),
	}
	list = append(list, noteTexts(told.GetPreamble())...)
	if p := told.GetPreamble().GetPap(); p != valisev1.Pap_PAP_UNSPECIFIED {
		list = append(list, text("pap", draft.EnumName(p), ""))
	}
	list = append(list, plainFacts(facts)...)
	list = append(list, absences(told, facts)...)
	for _, a := range told.GetAttachments() {
		list = append(list, attachment(a))
	}
	for _, more := range s.Supplements {
		for _, a := range more.GetAttachments() {
			list = append(list, attachment(a))
		}
	}
	return list
}

func text(name, value, meaning string) Extension {
	return Extension{Value: value, Name: name, DType: "string", Meaning: meaning}
}

func note(id, words string) Extension { return text("note", words, id) }

// plainFacts are given and have no place of their own: addresses and names are not sorted into kinds of
// indicators, because nobody said which they are.
func plainFacts(facts *valisev1.Incident) (list []Extension) {
	if !hasWord(facts.GetOccurrence(), occurrences) && facts.GetOccurrence().GetValue() != "" {
		list = append(list, text("occurrence", facts.GetOccurrence().GetValue(), ""))
	}
	if v := facts.GetConfidence().GetValue(); v != "" {
		list = append(list, text("confidence", v, ""))
	}
	if v := facts.GetSeverity().GetValue(); v != "" {
		list = append(list, text("severity", v, "A national label."))
	}
	for _, v := range facts.GetAffectedSectors().GetValues() {
		list = append(list, text("affected_sectors", v, ""))
	}
	if v, ok := facts.GetCrossBorder().GetFact().(*valisev1.BoolFact_Value); ok {
		list = append(list, Extension{Value: strconv.FormatBool(v.Value), Name: "cross_border", DType: "boolean"})
	}
	for _, v := range facts.GetObservedInfrastructure().GetValues() {
		list = append(list, text("observed_infrastructure", v, "Seen; to name it blames nobody."))
	}
	return list
}

func hasWord(f *valisev1.TextFact, words []string) bool { return slices.Contains(words, f.GetValue()) }

// absences say which facts are not there and why, where that was said. A-10b
func absences(told telling, facts *valisev1.Incident) (list []Extension) {
	add := func(key string, why valisev1.Absence) {
		if why != valisev1.Absence_ABSENCE_UNSPECIFIED {
			name := strings.ToLower(strings.TrimPrefix(why.String(), "ABSENCE_"))
			list = append(list, text("absent", key+": "+name, "Why a fact is not here."))
		}
	}
	for _, a := range told.GetAbsent() {
		add(a.GetField(), a.GetWhy())
	}
	m := facts.ProtoReflect()
	for i := range m.Descriptor().Fields().Len() {
		fd := m.Descriptor().Fields().Get(i)
		if m.Has(fd) {
			add(string(fd.Name()), absenceIn(m.Get(fd).Message()))
		}
	}
	return list
}

func absenceIn(fact protoreflect.Message) valisev1.Absence {
	fd := fact.Descriptor().Fields().ByName("absence")
	return valisev1.Absence(fact.Get(fd).Enum())
}

// attachment names a file and what it is said to be. docs/protocol.md §6
func attachment(a *valisev1.Attachment) Extension {
	what := []string{fmt.Sprintf("%d bytes", a.GetSize()), fmt.Sprintf("SHA-256 %x", a.GetSha256())}
	if a.GetMediaType() != "" {
		what = append([]string{a.GetMediaType()}, what...)
	}
	if a.GetTlp() != valisev1.Tlp_TLP_UNSPECIFIED {
		what = append(what, draft.EnumName(a.GetTlp()))
	}
	if a.GetPap() != valisev1.Pap_PAP_UNSPECIFIED {
		what = append(what, draft.EnumName(a.GetPap()))
	}
	return text("attachment", a.GetName(), strings.Join(what, ", "))
}
