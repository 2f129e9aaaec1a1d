package iodef

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"
)

// class is what RFC 8727 demands of one object (s6, appendix B): which members it may have, what each
// may hold, and which must be there. What stands in none of them is no member of that class.
type class map[string]member

type member struct {
	must bool
	many bool // a list that is not empty
	of   class
	one  []string // one of these words
	time bool     // RFC 7970 s2.7
	host bool
	tag  bool   // a language, RFC 8727 s6
	ml   bool   // words: a text or an object with its language, RFC 8727 s2.2.2
	need string // the member without which a word beside it must not be "ext-value", RFC 7970 s5.1.1
}

var (
	restrictionWords = []string{"public", "partner", "need-to-know", "private", "default", "white", "green", "amber", "red", "ext-value"}
	mlString         = class{"value": {must: true}, "lang": {tag: true}, "translation-id": {}}
	// RFC 7970 s2.16, RFC 8727 s2.2.6
	extension = class{
		"value": {must: true}, "name": {}, "meaning": {}, "formatid": {}, "observable-id": {},
		"restriction": {one: restrictionWords, need: "ext-restriction"}, "ext-restriction": {}, "ext-dtype": {},
		"dtype": {must: true, need: "ext-dtype", one: []string{
			"boolean", "byte", "bytes", "character", "json", "date-time", "ntpstamp", "integer", "portlist", "real", "string", "file", "path",
			"frame", "packet", "ipv4-packet", "ipv6-packet", "url", "csv", "winreg", "xml", "ext-value",
		}},
	}
	// RFC 7970 s3.4
	incidentID = class{
		"id": {must: true}, "name": {must: true, host: true}, "instance": {},
		"restriction": {one: restrictionWords, need: "ext-restriction"}, "ext-restriction": {},
	}
	// RFC 7970 s3.9
	contact = class{
		"role": {must: true, need: "ext-role", one: []string{
			"creator", "reporter", "admin", "tech", "provider", "user", "billing", "legal", "irt", "abuse", "cc", "cc-irt", "leo",
			"vendor", "vendor-support", "victim", "victim-notified", "ext-value",
		}},
		"ext-role": {}, "type": {must: true, need: "ext-type", one: []string{"person", "organization", "ext-value"}}, "ext-type": {},
		"ContactName": {many: true, ml: true}, "ContactTitle": {many: true, ml: true}, "Description": {many: true, ml: true},
		"Email":     {many: true, of: class{"EmailTo": {must: true}, "type": {one: []string{"direct", "hot" + "line", "ext-value"}}, "ext-type": {}, "Description": {many: true, ml: true}}},
		"Telephone": {many: true, of: class{"TelephoneNumber": {must: true}, "type": {one: []string{"wired", "mobile", "fax", "hot" + "line", "ext-value"}}, "ext-type": {}, "Description": {many: true, ml: true}}},
	}
	// RFC 7970 s3.12: an impact must be there; s3.12.5: a Confidence has a number, and so stands in none of ours.
	assess = class{
		"occurrence": {one: []string{"actual", "potential"}}, "IncidentCategory": {many: true, ml: true},
		"Impact": {must: true, many: true, of: class{"SystemImpact": {must: true, of: class{
			"severity": {one: []string{"low", "medium", "high"}}, "completion": {one: []string{"failed", "succeeded"}},
			"type": {must: true, need: "ext-type", one: []string{
				"takeover-account", "takeover-service", "takeover-system", "cps-manipulation", "cps-damage", "availability-data", "availability-account",
				"availability-service", "availability-system", "damaged-system", "damaged-data", "breach-proprietary", "breach-privacy",
				"breach-credential", "breach-configuration", "integrity-data", "integrity-configuration", "integrity-hardware",
				"traffic-redirection", "monitoring-traffic", "monitoring-host", "policy", "unknown", "ext-value",
			}},
			"ext-type": {}, "Description": {many: true, ml: true},
		}}}},
	}
	// RFC 7970 s3.2
	incidentClass = class{
		"purpose":     {must: true, need: "ext-purpose", one: []string{"traceback", "mitigation", "reporting", "watch", "other", "ext-value"}},
		"ext-purpose": {}, "lang": {tag: true}, "restriction": {one: restrictionWords, need: "ext-restriction"}, "ext-restriction": {},
		"IncidentID": {must: true, of: incidentID}, "AlternativeID": {of: class{"IncidentID": {must: true, many: true, of: incidentID}}},
		"DetectTime": {time: true}, "StartTime": {time: true}, "EndTime": {time: true}, "RecoveryTime": {time: true},
		"ReportTime": {time: true}, "GenerationTime": {must: true, time: true},
		"Description": {many: true, ml: true}, "Assessment": {many: true, of: assess}, "Contact": {must: true, many: true, of: contact},
		"AdditionalData": {many: true, of: extension},
	}
	// RFC 7970 s3.1
	documentClass = class{
		"version": {must: true, one: []string{"2.0"}}, "lang": {tag: true}, "format-id": {}, "private-enum-name": {}, "private-enum-id": {},
		"Incident": {must: true, many: true, of: incidentClass}, "AdditionalData": {many: true, of: extension},
	}
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
		// RFC 7970 s5.1.1: the word of our own stands beside "ext-value" and beside nothing else.
		if _, extended := o[m.need]; m.need != "" && extended != (value == "ext-value") {
			problems = append(problems, at+" and "+m.need+" do not go together")
		}
	}
	return problems
}

func (m member) check(place string, v any) []string {
	if _, isText := v.(string); m.ml && !isText {
		return mlString.check(place, v)
	}
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
	case m.tag && !languageTag.MatchString(text):
		return []string{place + " is no language"}
	case m.host && !hostName.MatchString(text):
		return []string{place + " is no name of the domain system"}
	}
	return nil
}

// TestTheRulesBite: what breaks RFC 8727 s6 is found.
func TestTheRulesBite(t *testing.T) {
	for _, c := range []struct {
		what  string
		spoil func(incident map[string]any)
	}{
		{"no id", func(i map[string]any) { delete(i, "IncidentID") }},
		{"no time of generation", func(i map[string]any) { delete(i, "GenerationTime") }},
		{"no contact", func(i map[string]any) { i["Contact"] = []any{} }},
		{"an assessment without an impact", func(i map[string]any) { delete(i["Assessment"].([]any)[0].(map[string]any), "Impact") }},
		{"an impact without a kind", func(i map[string]any) {
			delete(i["Assessment"].([]any)[0].(map[string]any)["Impact"].([]any)[0].(map[string]any)["SystemImpact"].(map[string]any), "type")
		}},
		{"a confidence without a number", func(i map[string]any) {
			i["Assessment"].([]any)[0].(map[string]any)["Confidence"] = map[string]any{"rating": "medium"}
		}},
		{"a word of our own that no ext-value announces", func(i map[string]any) { i["ext-restriction"] = "TLP:GREEN" }},
		{"an ext-value without a word", func(i map[string]any) { delete(i, "ext-purpose") }},
		{"no language", func(i map[string]any) { i["lang"] = "en_GB!" }},
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
