package iodef

import (
	"errors"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"valise.example/api/draft"
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
	incident := Incident{
		Purpose: "other", Lang: preamble.GetLanguage(),
		Restriction: "ext-value", ExtRestriction: draft.EnumName(strictest(s, preamble)),
		IncidentID:    IncidentID{ID: s.Thread, Name: issuer(s.From)},
		AlternativeID: references(s, preamble),
		DetectTime:    moment(facts.GetDetected()), StartTime: moment(facts.GetStarted()), EndTime: moment(facts.GetEnded()),
		ReportTime: stamp(s.Said), GenerationTime: stamp(s.Now),
		Description: descriptions(s, told), Assessment: assessment(facts),
		Contact: contacts(s, told),
	}
	incident.AdditionalData = additional(s, told, facts)
	return &Document{Version: Version, Lang: preamble.GetLanguage(), Incident: []Incident{incident}}, nil
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

func descriptions(s Source, told telling) (lines []string) {
	lines = texts(told.GetTitle(), strings.TrimSpace(told.GetNarrative()))
	for _, more := range s.Supplements {
		lines = append(lines, texts(strings.TrimSpace(more.GetNarrative()))...)
	}
	for _, c := range s.Corrections {
		lines = append(lines, texts(strings.TrimSpace(c.GetText()))...)
	}
	if !s.Realm.IsOperational() {
		lines = append([]string{exercise}, append(lines, exercise)...)
	}
	return lines
}

// texts are those that are not empty.
func texts(all ...string) (some []string) {
	for _, text := range all {
		if text != "" {
			some = append(some, text)
		}
	}
	return some
}

// assessment holds what IODEF has its own words for; other words stand in AdditionalData.
func assessment(facts *valisev1.Incident) []Assessment {
	a := Assessment{IncidentCategory: texts(facts.GetNature().GetValue())}
	if hasWord(facts.GetOccurrence(), occurrences) {
		a.Occurrence = facts.GetOccurrence().GetValue()
	}
	if hasWord(facts.GetConfidence(), ratings) {
		a.Confidence = &Confidence{facts.GetConfidence().GetValue()}
	}
	if a.Occurrence == "" && a.Confidence == nil && a.IncidentCategory == nil {
		return nil
	}
	return []Assessment{a}
}

var (
	occurrences = []string{"actual", "potential"}
	ratings     = []string{"low", "medium", "high"}
)

func contacts(s Source, told telling) []Contact {
	person := told.GetOriginator()
	first := Contact{Role: "creator", Type: "organization", ContactName: []string{s.From.String()}}
	if person.GetName() != "" {
		first = Contact{
			Role: "creator", Type: "person", ContactName: []string{person.GetName()},
			ContactTitle: texts(person.GetDesignation()), Description: texts(person.GetAffiliation(), person.GetHours()),
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
		list = append(list, Contact{Role: "irt", Type: "organization", ContactName: []string{agency.GetName()}, Description: texts(agency.GetContact())})
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
