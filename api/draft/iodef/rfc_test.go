package iodef

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"
)

// class is what RFC 8727 demands of one object: which members it may have, what each may hold, and
// which must be there.
type class map[string]member

type member struct {
	must bool
	many bool // a list that is not empty
	of   class
	one  []string // one of these words
	time bool
	host bool
}

// extension and the classes after it are those of RFC 8727 that a document of ours may have. What
// stands in none of them is no member of that class.
var (
	extension = class{
		"value": {must: true}, "name": {}, "meaning": {},
		"dtype": {must: true, one: []string{"boolean", "byte", "bytes", "character", "date-time", "integer", "real", "string", "file", "url", "csv", "xml"}},
	}
	incidentID = class{"id": {must: true}, "name": {must: true, host: true}, "instance": {}}
	contact    = class{
		"role":        {must: true, one: []string{"creator", "reporter", "admin", "tech", "provider", "user", "billing", "legal", "irt", "abuse", "cc", "cc-irt", "leo", "vendor", "vendor-support", "victim", "victim-notified"}},
		"type":        {must: true, one: []string{"person", "organization"}},
		"ContactName": {many: true}, "ContactTitle": {many: true}, "Description": {many: true},
		"Email":     {many: true, of: class{"EmailTo": {must: true}}},
		"Telephone": {many: true, of: class{"TelephoneNumber": {must: true}}},
	}
	assess = class{
		"occurrence": {one: []string{"actual", "potential"}}, "IncidentCategory": {many: true},
		"Confidence": {of: class{"rating": {must: true, one: []string{"low", "medium", "high", "numeric", "unknown"}}}},
	}
	incidentClass = class{
		"purpose": {must: true, one: []string{"traceback", "mitigation", "reporting", "watch", "other"}},
		"lang":    {}, "restriction": {one: []string{"ext-value"}}, "ext-restriction": {},
		"IncidentID": {must: true, of: incidentID}, "AlternativeID": {of: class{"IncidentID": {must: true, many: true, of: incidentID}}},
		"DetectTime": {time: true}, "StartTime": {time: true}, "EndTime": {time: true}, "RecoveryTime": {time: true},
		"ReportTime": {time: true}, "GenerationTime": {must: true, time: true},
		"Description": {many: true}, "Assessment": {many: true, of: assess}, "Contact": {must: true, many: true, of: contact},
		"AdditionalData": {many: true, of: extension},
	}
	documentClass = class{"version": {must: true, one: []string{"2.0"}}, "lang": {}, "Incident": {must: true, many: true, of: incidentClass}}
)

var hostName = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`)

func (c class) check(place string, v any) (problems []string) {
	o, ok := v.(map[string]any)
	if !ok {
		return []string{place + " is no object"}
	}
	for name := range o {
		if _, known := c[name]; !known {
			problems = append(problems, place+" has no member "+name)
		}
	}
	for name, m := range c {
		at := place + "." + name
		value, there := o[name]
		switch {
		case !there && m.must:
			problems = append(problems, at+" is missing")
		case there && m.many:
			list, _ := value.([]any)
			if len(list) == 0 {
				problems = append(problems, at+" is no list, or an empty one")
			}
			for i, element := range list {
				problems = append(problems, m.check(fmt.Sprintf("%s[%d]", at, i), element)...)
			}
		case there:
			problems = append(problems, m.check(at, value)...)
		}
	}
	return problems
}

func (m member) check(place string, v any) []string {
	if m.of != nil {
		return m.of.check(place, v)
	}
	text, ok := v.(string)
	_, err := time.Parse(time.RFC3339, text)
	switch {
	case !ok || text == "":
		return []string{place + " is no text, or an empty one"}
	case m.one != nil && !slices.Contains(m.one, text):
		return []string{fmt.Sprintf("%s is %q, which is none of %v", place, text, m.one)}
	case m.time && err != nil:
		return []string{place + " is no time with a zone"}
	case m.host && !hostName.MatchString(text):
		return []string{place + " is no name of the domain system"}
	}
	return nil
}

// TestTheRulesBite: what breaks RFC 8727 is found.
func TestTheRulesBite(t *testing.T) {
	for _, c := range []struct {
		what  string
		spoil func(incident map[string]any)
	}{
		{"no id", func(i map[string]any) { delete(i, "IncidentID") }},
		{"no time of generation", func(i map[string]any) { delete(i, "GenerationTime") }},
		{"no contact", func(i map[string]any) { i["Contact"] = []any{} }},
		{"no purpose", func(i map[string]any) { i["purpose"] = "inquiry" }},
		{"a contact without a role", func(i map[string]any) { delete(i["Contact"].([]any)[0].(map[string]any), "role") }},
		{"a time without a zone", func(i map[string]any) { i["StartTime"] = "2026-11-18T06:41:00" }},
		{"an empty text", func(i map[string]any) { i["Description"] = []any{""} }},
		{"a member of our own", func(i map[string]any) { i["Attribution"] = "x" }},
	} {
		whole := decoded(t, full())
		c.spoil(whole["Incident"].([]any)[0].(map[string]any))
		if len(documentClass.check("document", whole)) == 0 {
			t.Errorf("%s goes unseen", c.what)
		}
	}
}
