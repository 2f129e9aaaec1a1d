package iodef

// Version is the version of IODEF that a document has. RFC 7970
const Version = "2.0"

// Document is the top of a document. Members that are empty are left out; docs/cli.md says what each
// is made from. The types below are those of RFC 8727 that a thread can fill.
type Document struct {
	Version  string     `json:"version"`
	Lang     string     `json:"lang,omitempty"`
	Incident []Incident `json:"Incident"`
}

// Incident is one incident as one State has told it.
type Incident struct {
	Purpose        string         `json:"purpose"`
	ExtPurpose     string         `json:"ext-purpose"`
	Lang           string         `json:"lang,omitempty"`
	Restriction    string         `json:"restriction"`
	ExtRestriction string         `json:"ext-restriction,omitempty"`
	IncidentID     IncidentID     `json:"IncidentID"`
	AlternativeID  *AlternativeID `json:"AlternativeID,omitempty"`
	DetectTime     string         `json:"DetectTime,omitempty"`
	StartTime      string         `json:"StartTime,omitempty"`
	EndTime        string         `json:"EndTime,omitempty"`
	ReportTime     string         `json:"ReportTime"`
	GenerationTime string         `json:"GenerationTime"`
	Description    []Words        `json:"Description,omitempty"`
	Assessment     []Assessment   `json:"Assessment,omitempty"`
	Contact        []Contact      `json:"Contact"`
	AdditionalData []Extension    `json:"AdditionalData,omitempty"`
}

// IncidentID names an incident among those of whoever issued the name.
type IncidentID struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// AlternativeID is the references of both sides.
type AlternativeID struct {
	IncidentID []IncidentID `json:"IncidentID"`
}

// Assessment is what was said of the kind of an incident. It has no Confidence, which would need a
// number that nobody has said. RFC 8727 s6
type Assessment struct {
	Occurrence       string   `json:"occurrence,omitempty"`
	IncidentCategory []Words  `json:"IncidentCategory,omitempty"`
	Impact           []Impact `json:"Impact"`
}

// Impact is one consequence.
type Impact struct {
	SystemImpact SystemImpact `json:"SystemImpact"`
}

// SystemImpact is one on a system, of a kind.
type SystemImpact struct {
	Type string `json:"type"`
}

// Contact is a person or an organisation.
type Contact struct {
	Role         string      `json:"role"`
	Type         string      `json:"type"`
	ContactName  []Words     `json:"ContactName,omitempty"`
	ContactTitle []Words     `json:"ContactTitle,omitempty"`
	Description  []Words     `json:"Description,omitempty"`
	Email        []Email     `json:"Email,omitempty"`
	Telephone    []Telephone `json:"Telephone,omitempty"`
}

// Email is an address.
type Email struct {
	EmailTo string `json:"EmailTo"`
}

// Telephone is a number.
type Telephone struct {
	TelephoneNumber string `json:"TelephoneNumber"`
}

// Extension is a value that has no counterpart; Name is the key of the draft.
type Extension struct {
	Value   string `json:"value"`
	Name    string `json:"name"`
	DType   string `json:"dtype"`
	Meaning string `json:"meaning,omitempty"`
}
