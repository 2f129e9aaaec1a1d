package iodef

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"valise.example/api/draft"
	"valise.example/proto/ident"
	"valise.example/proto/notes"
	valisev1 "valise.example/proto/valise/v1"
)

const thread = "00112233445566778899aabbccddeeff"

func address(s string) ident.Address {
	a, err := ident.ParseAddress(s)
	if err != nil {
		panic(err)
	}
	return a
}

// source is a thread that began with the draft.
func source(text string) Source {
	inquiry, _, err := draft.ParseInquiry([]byte(text))
	if err != nil {
		panic(err)
	}
	inquiry.Preamble.Notes = notes.References(valisev1.Kind_KIND_INQUIRY)
	return Source{
		Thread: thread, Realm: "exercise:lab-00112233445566778899aabbccddeeff", From: address("XA/technical"), To: address("XB/technical"), Payload: inquiry,
		Said: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), Now: time.Date(2026, 11, 21, 7, 30, 5, 0, time.UTC),
	}
}

const who = "\n[originator]\nname = \"N. Oduya\"\nphone = \"+999 000 0002\"\n"

func full() Source {
	return source(`title = "Scans of energy operators"
narrative = "Seen since Wednesday."
reference = "XA-2026-0117"
peer_reference = "REF-42"
language = "en"
tlp = "TLP:GREEN"
pap = "PAP:AMBER"
questions = { withheld = true }
attachments = ["event.json"]
[originator]
name = "N. Oduya"
designation = "Duty officer"
affiliation = "CERT-XA"
phone = "+999 000 0002"
email = "duty@cert.xa.example"
hours = "24/7"
[incident]
nature = "intrusions"
occurrence = "actual"
detected = "2026-11-18T06:41:00+01:00"
started = "2026-11-17T22:00:00.5-03:30"
ended = { not_applicable = true }
affected_sectors = ["energy", "transport"]
cross_border = false
observed_infrastructure = ["192.0.2.10"]
confidence = "medium"
severity = { withheld = true }
[nominated_agency]
name = "Energy CERT of XA"
contact = "energy@cert.xa.example"
[[attachment]]
name = "event.json"
media_type = "application/vnd.misp+json"
tlp = "TLP:RED"
`)
}

func decoded(t testing.TB, s Source) map[string]any {
	t.Helper()
	document, err := Build(s)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func holdRules(t testing.TB, s Source) {
	t.Helper()
	for _, problem := range documentClass.check("document", decoded(t, s)) {
		t.Error(problem)
	}
}

// TestFull: everything that has a counterpart stands there, in its own zone and in its own words.
func TestFull(t *testing.T) {
	holdRules(t, full())
	document, err := Build(full())
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(document, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"id": "` + thread + `",` + "\n    \"name\": \"technical.xa.invalid\"", `"id": "REF-42",` + "\n      \"name\": \"technical.xb.invalid\"",
		`"DetectTime": "2026-11-18T06:41:00+01:00"`, `"StartTime": "2026-11-17T22:00:00.5-03:30"`, `"GenerationTime": "2026-11-21T07:30:05Z"`,
		`"occurrence": "actual"`, `"value": "medium",` + "\n     \"name\": \"confidence\"", `"intrusions"`, `"restriction": "green"`, `"ext-purpose": "inquiry"`,
		`"type": "unknown"`,
		`"value": "false",` + "\n     \"name\": \"cross_border\",\n     \"dtype\": \"boolean\"", `"ended: not_applicable"`, `"severity: withheld"`, `"questions: withheld"`,
		`"application/vnd.misp+json, 0 bytes, SHA-256 , TLP:RED"`, `"PAP:AMBER"`, `"name": "note"`, `"Energy CERT of XA"`,
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Contains(string(got), "EndTime") {
		t.Error("an end that does not apply has a time")
	}
	lines := document.Incident[0].Description
	if lines[0].Value != exercise || lines[len(lines)-1].Value != exercise {
		t.Errorf("an exercise is not named at both ends: %q", lines)
	}
}

// TestNothingIsInvented: what nobody said, or said to be absent, has no member. A-10b
func TestNothingIsInvented(t *testing.T) {
	for _, s := range []Source{
		source(who),
		source("title = { withheld = true }" + who + "[incident]\n" +
			"nature = { unknown = true }\noccurrence = { withheld = true }\ndetected = { unknown = true }\nstarted = { unknown = true }\nended = { not_applicable = true }\n" +
			"affected_sectors = { withheld = true }\ncross_border = { unknown = true }\nobserved_infrastructure = { withheld = true }\nconfidence = { unknown = true }\nseverity = { withheld = true }\n"),
	} {
		s.Realm = ident.Operational
		holdRules(t, s)
		incident := decoded(t, s)["Incident"].([]any)[0].(map[string]any)
		for _, name := range []string{"DetectTime", "StartTime", "EndTime", "Assessment", "Description", "lang", "AlternativeID"} {
			if _, there := incident[name]; there {
				t.Errorf("%s is made up: %v", name, incident[name])
			}
		}
		for _, v := range incident["AdditionalData"].([]any) {
			switch name := v.(map[string]any)["name"]; name {
			case "realm", "from", "to", "note", "absent":
			default:
				t.Errorf("%v is made up", v)
			}
		}
	}
}

// TestOtherWords: words that IODEF does not know are kept as text and never fitted in.
func TestOtherWords(t *testing.T) {
	s := source(who + "[incident]\noccurrence = \"maybe\"\nconfidence = \"rather high\"\n")
	holdRules(t, s)
	document, err := Build(s)
	if err != nil || document.Incident[0].Assessment != nil {
		t.Fatalf("%v, %+v", err, document)
	}
	b, _ := json.Marshal(document)
	if !strings.Contains(string(b), `"value":"rather high","name":"confidence"`) || !strings.Contains(string(b), `"value":"maybe","name":"occurrence"`) {
		t.Errorf("the words are lost: %s", b)
	}
}

// TestSupplements: a later word of the same State replaces the earlier one, and the stricter label of
// all messages holds. I-2, A-11 s2
func TestSupplements(t *testing.T) {
	s := full()
	began := proto.CloneOf(s.Payload.(*valisev1.Inquiry))
	for _, text := range []string{
		"narrative = \"Also in two harbours.\"\ntlp = \"TLP:RED\"\n[incident]\nended = \"2026-11-19T00:00:00Z\"\ncross_border = true\n",
		"tlp = \"TLP:GREEN\"\n[incident]\nconfidence = { unknown = true }\n",
	} {
		more, _, err := draft.Parse(valisev1.Kind_KIND_SUPPLEMENT, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		s.Supplements = append(s.Supplements, more.(*valisev1.Supplement))
	}
	holdRules(t, s)
	s.Corrections = []*valisev1.Correction{{Text: "It was Tuesday."}}
	document, err := Build(s)
	if err != nil {
		t.Fatal(err)
	}
	incident := document.Incident[0]
	if last := incident.Description[len(incident.Description)-2]; last.Value != "It was Tuesday." {
		t.Errorf("the correction is not the last word but %q", last)
	}
	if incident.EndTime != "2026-11-19T00:00:00Z" || incident.Restriction != "red" || incident.ExtRestriction != "" {
		t.Errorf("%+v", incident)
	}
	if !proto.Equal(began, s.Payload) {
		t.Error("the message itself was changed")
	}
}

// TestLabels: a label stands in the word of IODEF that means the same, and in its own where there is
// none: RFC 7970 s3.3.1 is older than TLP:AMBER+STRICT. A-11 s2
func TestLabels(t *testing.T) {
	for label, want := range map[string][2]string{
		"TLP:CLEAR": {"white"}, "TLP:GREEN": {"green"}, "TLP:AMBER": {"amber"}, "TLP:RED": {"red"},
		"TLP:AMBER+STRICT": {"ext-value", "TLP:AMBER+STRICT"},
	} {
		s := source("tlp = \"" + label + "\"" + who)
		holdRules(t, s)
		document, err := Build(s)
		if err != nil {
			t.Fatal(err)
		}
		if i := document.Incident[0]; i.Restriction != want[0] || i.ExtRestriction != want[1] {
			t.Errorf("%s is %q, %q", label, i.Restriction, i.ExtRestriction)
		}
	}
}

// TestWordsKeepTheirLanguage: a text alone is read as English, so what is not English, or of no known
// language, is an object; each message's words have its own language. RFC 8727 s2.2.2, s3.2
func TestWordsKeepTheirLanguage(t *testing.T) {
	s := source("title = \"Balayages\"\nlanguage = \"fr\"" + who + "[incident]\nnature = \"intrusions\"\n")
	for _, text := range []string{"narrative = \"Also two harbours.\"\nlanguage = \"en\"\n", "narrative = \"???\"\n", "narrative = \"!!!\"\n[incident]\nnature = \"more\"\n"} {
		more, _, err := draft.Parse(valisev1.Kind_KIND_SUPPLEMENT, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		s.Supplements = append(s.Supplements, more.(*valisev1.Supplement))
	}
	s.Supplements[2].Preamble.Language = "no language" // as a peer may write
	holdRules(t, s)
	document, err := Build(s)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(document.Incident[0].Description)
	if err != nil {
		t.Fatal(err)
	}
	want := `["` + exercise + `",{"value":"Balayages","lang":"fr"},"Also two harbours.",{"value":"???"},{"value":"!!!"},"` + exercise + `"]`
	if string(b) != want {
		t.Errorf("%s, want %s", b, want)
	}
	if got := document.Incident[0]; got.Lang != "fr" || got.Assessment[0].IncidentCategory[0].Lang != "" || got.Contact[0].ContactName[0].Lang != "fr" {
		t.Errorf("%+v", got)
	}
}

func TestKindsWithoutAnIncident(t *testing.T) {
	for _, payload := range []proto.Message{nil, &valisev1.Closure{}, &valisev1.Supplement{}, &valisev1.Response{}} {
		if _, err := Build(Source{Payload: payload}); !errors.Is(err, ErrNoIncident) {
			t.Errorf("%T gave %v", payload, err)
		}
	}
	s := full()
	s.Payload = &valisev1.VoluntaryNotice{Title: "A notice", Incident: &valisev1.Incident{}}
	holdRules(t, s)
}

// TestAnyWords: whatever a peer wrote, the document keeps to the rules and repeats it as data.
func TestAnyWords(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := full()
		words := rapid.String().Draw(rt, "words")
		fact := &valisev1.TextFact{Fact: &valisev1.TextFact_Value{Value: words}}
		s.Payload = &valisev1.Inquiry{
			Title: words, Narrative: words, Originator: &valisev1.Person{Name: words, Email: words, Phone: words, Designation: words},
			Incident:    &valisev1.Incident{Nature: fact, Occurrence: fact, Confidence: fact, Severity: fact},
			Attachments: []*valisev1.Attachment{{Name: "a" + words, MediaType: words}},
		}
		holdRules(t, s)
		if t.Failed() {
			rt.Fatalf("%q", words)
		}
	})
}
