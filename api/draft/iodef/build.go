package iodef

import (
	"errors"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"valise.example/proto/ident"
	"valise.example/proto/notes"
	valisev1 "valise.example/proto/valise/v1"
)

// Source is what a document is made from: what one State has said in one thread.
type Source struct {
	// Thread is the id of the thread, 32 hexadecimal digits.
	Thread string
	// Realm as it is written everywhere.
	Realm ident.Realm
	// From says it, To was told.
	From, To ident.Address
	// Payload is the *valisev1.Inquiry or *valisev1.VoluntaryNotice that began the thread.
	Payload proto.Message
	// Supplements are those of the same State, oldest first.
	Supplements []*valisev1.Supplement
	// Corrections are those of the same State, oldest first: they are words, and change no fact.
	Corrections []*valisev1.Correction
	// Said is when Payload was made, Now when the document is.
	Said, Now time.Time
}

// ErrNoIncident says that a thread did not begin with a message that tells of an incident.
var ErrNoIncident = errors.New("the message that began the thread tells of no incident")

// telling is what Inquiry and VoluntaryNotice have in common.
type telling interface {
	proto.Message
	GetPreamble() *valisev1.Preamble
	GetOriginator() *valisev1.Person
	GetTitle() string
	GetNarrative() string
	GetIncident() *valisev1.Incident
	GetAttachments() []*valisev1.Attachment
	GetAbsent() []*valisev1.AbsentFact
}

// exercise stands first and last in what was said in an exercise. docs/protocol.md §2.2
const exercise = "EXERCISE EXERCISE EXERCISE"

// Build makes the document; ErrNoIncident is the only error. I-2
func Build(s Source) (*Document, error) {
	told, ok := s.Payload.(telling)
	if !ok {
		return nil, ErrNoIncident
	}
	preamble := told.GetPreamble()
	facts := merged(told.GetIncident(), s.Supplements)
	label, extLabel := restriction(strictest(s, preamble))
	incident := Incident{
		Purpose: "ext-value", ExtPurpose: purposes[valisev1.KindOf(told)], Lang: language(preamble),
		Restriction: label, ExtRestriction: extLabel,
		IncidentID:    IncidentID{ID: s.Thread, Name: issuer(s.From)},
		AlternativeID: references(s, preamble),
		DetectTime:    moment(facts.GetDetected()), StartTime: moment(facts.GetStarted()), EndTime: moment(facts.GetEnded()),
		ReportTime: stamp(s.Said), GenerationTime: stamp(s.Now),
		Description: descriptions(s, told), Assessment: assessment(s, facts),
		Contact: contacts(s, told),
	}
	incident.AdditionalData = additional(s, told, facts)
	return &Document{Version: Version, Lang: language(preamble), Incident: []Incident{incident}}, nil
}

// purposes are why a document was sent; of those that IODEF has words for, "other" refers to an
// Expectation, which no thread has. RFC 7970 s3.2
var purposes = map[valisev1.Kind]string{
	valisev1.Kind_KIND_INQUIRY: "inquiry", valisev1.Kind_KIND_VOLUNTARY_NOTICE: "voluntary-notice",
}

// issuer is the address as a name of the domain system that can never be anybody's: IODEF wants such a
// name, and a State's own is not known. RFC 2606
func issuer(a ident.Address) string {
	return strings.ToLower(a.Track.String() + "." + a.State.String() + ".invalid")
}

// strictest is the label of the document: that of any message in it may be the one that holds. A-11 s2
func strictest(s Source, first *valisev1.Preamble) valisev1.Tlp {
	label := handled(first)
	for _, more := range s.Supplements {
		label = max(label, handled(more.GetPreamble())) // the contract numbers them from open to strict
	}
	for _, more := range s.Corrections {
		label = max(label, handled(more.GetPreamble()))
	}
	return label
}

// handled is the label of a message, which an absent one has too.
func handled(p *valisev1.Preamble) valisev1.Tlp {
	if p.GetTlp() == valisev1.Tlp_TLP_UNSPECIFIED {
		return valisev1.Tlp_TLP_AMBER_STRICT
	}
	return p.GetTlp()
}

func references(s Source, p *valisev1.Preamble) *AlternativeID {
	var list []IncidentID
	if p.GetOwnReference() != "" {
		list = append(list, IncidentID{p.GetOwnReference(), issuer(s.From)})
	}
	if p.GetPeerReference() != "" {
		list = append(list, IncidentID{p.GetPeerReference(), issuer(s.To)})
	}
	if list == nil {
		return nil
	}
	return &AlternativeID{list}
}

// merged is the incident with what its own sender added since; a later word on a fact takes the place
// of the earlier one. I-2
func merged(first *valisev1.Incident, later []*valisev1.Supplement) *valisev1.Incident {
	all := &valisev1.Incident{}
	if first != nil {
		all = proto.CloneOf(first)
	}
	for _, s := range later {
		s.GetIncident().ProtoReflect().Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			all.ProtoReflect().Set(fd, v)
			return true
		})
	}
	return all
}

// moment is a time in the offset in which it was written; "" where there is none.
func moment(f *valisev1.TimeFact) string {
	v := f.GetValue()
	if v == nil {
		return ""
	}
	return v.GetAt().AsTime().In(time.FixedZone("", int(v.GetOffsetMinutes())*60)).Format(time.RFC3339Nano)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func descriptions(s Source, told telling) (lines []Words) {
	lines = words(language(told.GetPreamble()), told.GetTitle(), strings.TrimSpace(told.GetNarrative()))
	for _, more := range s.Supplements {
		lines = append(lines, words(language(more.GetPreamble()), strings.TrimSpace(more.GetNarrative()))...)
	}
	for _, c := range s.Corrections {
		lines = append(lines, words(language(c.GetPreamble()), strings.TrimSpace(c.GetText()))...)
	}
	if !s.Realm.IsOperational() {
		mark := words("en", exercise)
		lines = append(append(mark, lines...), mark...)
	}
	return lines
}

// assessment holds what IODEF has its own words for; other words stand in AdditionalData. It has to
// name an impact, and a thread sorts none into kinds: the kind is the one that is meant where none is
// given. RFC 8727 s6
func assessment(s Source, facts *valisev1.Incident) []Assessment {
	a := Assessment{
		IncidentCategory: words(natureLanguage(s), facts.GetNature().GetValue()),
		Impact:           []Impact{{SystemImpact: SystemImpact{Type: "unknown"}}},
	}
	if hasWord(facts.GetOccurrence(), occurrences) {
		a.Occurrence = facts.GetOccurrence().GetValue()
	}
	if a.Occurrence == "" && a.IncidentCategory == nil {
		return nil
	}
	return []Assessment{a}
}

// natureLanguage is the language of the message that said last what happened.
func natureLanguage(s Source) string {
	for _, more := range slices.Backward(s.Supplements) {
		if more.GetIncident().GetNature() != nil {
			return language(more.GetPreamble())
		}
	}
	told, ok := s.Payload.(telling)
	if !ok {
		return ""
	}
	return language(told.GetPreamble())
}

var occurrences = []string{"actual", "potential"}

func contacts(s Source, told telling) []Contact {
	person, lang := told.GetOriginator(), language(told.GetPreamble())
	first := Contact{Role: "creator", Type: "organization", ContactName: words("en", s.From.String())}
	if person.GetName() != "" {
		first = Contact{
			Role: "creator", Type: "person", ContactName: words(lang, person.GetName()),
			ContactTitle: words(lang, person.GetDesignation()), Description: words(lang, person.GetAffiliation(), person.GetHours()),
		}
	}
	if person.GetEmail() != "" {
		first.Email = []Email{{person.GetEmail()}}
	}
	if person.GetPhone() != "" {
		first.Telephone = []Telephone{{person.GetPhone()}}
	}
	list := []Contact{first}
	if inquiry, ok := told.(*valisev1.Inquiry); ok && inquiry.GetNominatedAgency().GetName() != "" {
		agency := inquiry.GetNominatedAgency()
		list = append(list, Contact{Role: "irt", Type: "organization", ContactName: words(lang, agency.GetName()), Description: words(lang, agency.GetContact())})
	}
	return list
}

// noteTexts are the notes under a message: no document is without them. A-10 s4, s5
func noteTexts(p *valisev1.Preamble) (list []Extension) {
	for _, n := range p.GetNotes() {
		text, ok := notes.Text(n.GetId(), n.GetVersion(), "en")
		if !ok {
			text = "a note of a later version of the protocol that this program has no text for"
		}
		list = append(list, note(n.GetId(), strings.TrimSpace(text)))
	}
	return list
}
