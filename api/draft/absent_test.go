package draft

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	unknown  = valisev1.Absence_ABSENCE_UNKNOWN
	withheld = valisev1.Absence_ABSENCE_WITHHELD
)

// TestAbsentFacts: every fact but who asks and how to reach them may be absent for a reason, at
// the top, in a table and in one of several tables. A-10b
func TestAbsentFacts(t *testing.T) {
	m, _, err := ParseInquiry([]byte(`
title = { withheld = true }
narrative = { unknown = true }
questions = { not_applicable = true }
request_type = { not_applicable = true }
time_sensitivity = { unknown = true }
needed_by = { unknown = true }
attachments = { withheld = true }
reference = { withheld = true }
preferred_channel = [ { kind = "phone", address = "+000 555 0100" }, { kind = "signal", address = { withheld = true } } ]
nominated_agency = { withheld = true }
incident = { unknown = true }
[originator]
name = "A. Officer"
designation = { withheld = true }
phone = { withheld = true }
email = "duty@cert.example"
hours = { unknown = true }
`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range m.GetAbsent() {
		got = append(got, a.GetField()+" "+absenceName(a.GetWhy()))
	}
	want := []string{
		"title withheld", "narrative unknown", "questions not_applicable", "request_type not_applicable",
		"time_sensitivity unknown", "needed_by unknown", "attachments withheld", "reference withheld",
		"originator.designation withheld", "originator.phone withheld", "originator.hours unknown",
		"incident unknown", "preferred_channel[1].address withheld", "nominated_agency withheld",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	body := Body(m)
	if channels := body["preferred_channel"].([]map[string]any); asJSON(t, channels[1]["address"]) != `{"withheld":true}` {
		t.Errorf("the body shows %v", channels)
	}
	if _, ok := body["absent"]; ok || asJSON(t, body["nominated_agency"]) != `{"withheld":true}` {
		t.Errorf("the body shows %v", body)
	}
	if err := protovalidate.Validate(m); err != nil {
		t.Errorf("the contract refuses it: %v", err)
	}
	checkRoundTrip(t, valisev1.Kind_KIND_INQUIRY, m)
}

// TestAbsentInReplies: replies leave their facts open in the same way. A-10b, R-1, R-2
func TestAbsentInReplies(t *testing.T) {
	for kind, text := range map[valisev1.Kind]string{
		valisev1.Kind_KIND_HOLDING_REPLY: "estimate = { unknown = true }\ninterim_contact = { withheld = true }\n",
		valisev1.Kind_KIND_RESPONSE:      "outcome = \"partial\"\nfurther_expected = { unknown = true }\n[[answer]]\nquestion = 2\ntext = { withheld = true }\n",
	} {
		m, _, err := ParseText(kind, []byte(text))
		if err != nil {
			t.Errorf("%v: %v", kind, err)
			continue
		}
		if list, _ := absentFacts(m.ProtoReflect()); list.Len() != 2 {
			t.Errorf("%v: %v", kind, m)
		}
		checkRoundTrip(t, kind, m)
	}
}

// TestAbsentThatContradicts: what is sent past a draft is held to the same.
func TestAbsentThatContradicts(t *testing.T) {
	for name, c := range map[string]struct {
		absent []*valisev1.AbsentFact
		detail string
	}{
		"given":           {[]*valisev1.AbsentFact{{Field: "title", Why: withheld}}, "is given"},
		"given in a row":  {[]*valisev1.AbsentFact{{Field: "preferred_channel[0].address", Why: withheld}}, "is given"},
		"past the rows":   {[]*valisev1.AbsentFact{{Field: "preferred_channel[1].address", Why: withheld}}, "nothing"},
		"table not there": {[]*valisev1.AbsentFact{{Field: "nominated_agency.contact", Why: withheld}}, "nothing"},
		"mandatory":       {[]*valisev1.AbsentFact{{Field: "originator.name", Why: withheld}}, "nothing"},
		"label":           {[]*valisev1.AbsentFact{{Field: "tlp", Why: withheld}}, "nothing"},
		"no such fact":    {[]*valisev1.AbsentFact{{Field: "originator.phone.home", Why: withheld}}, "nothing"},
		"odd place":       {[]*valisev1.AbsentFact{{Field: "preferred_channel[+0].hours", Why: withheld}}, "nothing"},
		"huge place":      {[]*valisev1.AbsentFact{{Field: "preferred_channel[99999999999999999999].hours", Why: withheld}}, "nothing"},
		"place of a list": {[]*valisev1.AbsentFact{{Field: "questions[0]", Why: withheld}}, "nothing"},
		"itself":          {[]*valisev1.AbsentFact{{Field: "absent", Why: withheld}}, "nothing"},
		"no reason":       {[]*valisev1.AbsentFact{{Field: "narrative"}}, "why"},
		"twice":           {[]*valisev1.AbsentFact{{Field: "narrative", Why: withheld}, {Field: "narrative", Why: unknown}}, "second"},
	} {
		m := &valisev1.Inquiry{
			Title: "x", Originator: &valisev1.Person{Name: "A"},
			PreferredChannels: []*valisev1.Channel{{Kind: "phone", Address: "1"}}, Absent: c.absent,
		}
		e, ok := errors.AsType[*Error](Check(&valisev1.SendInquiryRequest{Inquiry: m}))
		if !ok || !strings.HasPrefix(e.Key, "inquiry.absent[") || !strings.Contains(e.Detail, c.detail) {
			t.Errorf("%s: %v", name, e)
		}
		// A peer's message is shown as it is: no absence is lost, and none covers what is given.
		body := Body(m)
		if body["title"] != "x" || name != "twice" && len(body["absent"].([]map[string]any)) != len(c.absent) {
			t.Errorf("%s is shown as %v", name, body)
		}
	}
}

// TestAbsentFieldOfTheContract: the field of an AbsentFact is a key and nothing else.
func TestAbsentFieldOfTheContract(t *testing.T) {
	for field, good := range map[string]bool{
		"title": true, "originator.phone": true, "preferred_channel[12].address": true,
		"": false, "a b": false, "Title": false, "a..b": false, "a.": false, "x\n": false, "a[]": false, "a[1": false,
		strings.Repeat("a", 81): false,
	} {
		if err := protovalidate.Validate(proto.Message(&valisev1.AbsentFact{Field: field, Why: unknown})); (err == nil) != good {
			t.Errorf("%q: %v", field, err)
		}
	}
	if protovalidate.Validate(&valisev1.AbsentFact{Field: "title"}) == nil {
		t.Error("an absence without a reason keeps the contract")
	}
}
