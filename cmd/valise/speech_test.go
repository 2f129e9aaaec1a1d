package main

import (
	"strings"
	"testing"

	"valise.example/api/campaign"
	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// TestEnglishWordsOfTheContract: scripts read English output, whose words are the names of the contract. So
// the texts are these names, and every value has one.
func TestEnglishWordsOfTheContract(t *testing.T) {
	s := speechOf(locale.Of(locale.English))
	for prefix, c := range map[string]struct {
		names map[int32]string
		group any
	}{
		"KIND_":           {valisev1.Kind_name, s.Kind},
		"OTHER_FIELD_":    {valisev1.OtherField_name, s.OtherField},
		"DRAFT_ACT_":      {valisev1.DraftAct_name, s.Act},
		"MARK_":           {valisev1.Mark_name, s.Mark},
		"CONTACT_MEANS_":  {valisev1.ContactMeans_name, s.Means},
		"NOTE_TYPE_":      {valisev1.NoteType_name, s.NoteKind},
		"ITEM_TYPE_":      {valisev1.ItemType_name, s.Item},
		"CONSENT_STATE_":  {valisev1.ConsentState_name, s.ConsentState},
		"ATTENTION_STEP_": {valisev1.AttentionStep_name, s.AttentionStep},
		"TRUST_EVENT_":    {valisev1.TrustEvent_name, s.TrustEvent},
		"TRUST_OUTCOME_":  {valisev1.TrustOutcome_name, s.TrustOutcome},
		"CHECK_ANSWER_":   {valisev1.CheckAnswer_name, s.CheckAnswer},
		"CONTACT_RESULT_": {valisev1.ContactResult_name, s.ContactResult},
		"CHECK_OUTCOME_":  {valisev1.CheckOutcome_name, s.CheckOutcome},
	} {
		for number, full := range c.names {
			name := lowerName(full, prefix)
			if number == 0 {
				continue
			}
			text, ok := locale.Named(c.group, name)
			if want := strings.ReplaceAll(name, "_", " "); !ok || text.String() != want {
				t.Errorf("%s is %q in English, %t; want %q", full, text, ok, want)
			}
		}
	}
	if got := s.word(s.Kind, "of_a_later\u202eversion"); got != "of a later\ufffdversion" {
		t.Errorf("a kind that has no text is %q", got)
	}
}

// TestCheckStatesAreThoseOfTheReport: a check is told at the terminal in the words of the report. A-8
func TestCheckStatesAreThoseOfTheReport(t *testing.T) {
	s := inEnglish()
	for number := range valisev1.CheckState_name {
		state := valisev1.CheckState(number)
		if got, want := s.checkState(state), campaign.Words(state); got != want {
			t.Errorf("%v is %q, and in the report %q", state, got, want)
		}
		if number == 0 {
			continue
		}
		for _, l := range locale.Languages() {
			if got := speechOf(locale.Of(l)).checkState(state); l != locale.English && got == s.checkState(state) {
				t.Errorf("%s: %v is %q", l, state, got)
			}
		}
	}
}

// Each language takes its own word and "yes", and no other.
func TestYes(t *testing.T) {
	for _, c := range []struct {
		l    locale.Language
		yes  []string
		no   []string
		says string
	}{
		{locale.English, []string{"yes"}, []string{"", "y", "Yes", "oui", "yes yes"}, "yes"},
		{locale.French, []string{"yes", "oui"}, []string{"", "o", "sí", "да"}, "oui / yes"},
		{locale.Spanish, []string{"yes", "sí", "si\u0301"}, []string{"s", "si", "oui"}, "sí / yes"},
		{locale.Arabic, []string{"yes", "نعم"}, []string{"لا", "да"}, "نعم / \u2068yes\u2069"},
	} {
		s := speechOf(locale.Of(c.l))
		for _, word := range c.yes {
			if !s.meansYes(word) {
				t.Errorf("%q is no yes in %s", word, c.l)
			}
		}
		for _, word := range c.no {
			if s.meansYes(word) {
				t.Errorf("%q is a yes in %s", word, c.l)
			}
		}
		if got := s.yes(); got != c.says {
			t.Errorf("in %s the words are %q", c.l, got)
		}
	}
}

// Labels stand under each other; from right to left each line is isolated, and what is not Arabic in it.
func TestTable(t *testing.T) {
	for l, want := range map[locale.Language]string{
		locale.English: "To:    XB/technical\nRealm: \ufffdx",
		locale.Chinese: "收件方： XB/technical\n环境：   \ufffdx",
		locale.Arabic:  "\u2067إلى:    \u2068XB/technical\u2069\u2069\n\u2067البيئة: \u2068\ufffdx\u2069\u2069",
	} {
		s := speechOf(locale.Of(l))
		got := s.table(labelled{s.Check.To, s.theirs("XB/technical")}, labelled{s.Check.Realm, s.theirs("\u202ex")})
		if strings.Join(got, "\n") != want {
			t.Errorf("in %s the table is %q, want %q", l, got, want)
		}
	}
}
