package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/locale"
	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

var statusAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func everyLine() *valisev1.GetStatusResponse {
	at := timestamppb.New(statusAt)
	return &valisev1.GetStatusResponse{
		State: "XA", Realm: "operational", Now: at, Link: &valisev1.Link{Since: at},
		Outbox:           []*valisev1.OutboxRow{{Message: "0123456789abcdef", To: "XB/technical", Since: at, Reason: valisev1.Reason_REASON_RELAY_DOWN}},
		Quarantine:       []*valisev1.QuarantineRow{{Item: 7, Reason: valisev1.Reason_REASON_BAD_SIGNATURE}},
		Gaps:             []*valisev1.GapRow{{From: "XB/technical"}},
		Attention:        &valisev1.Attention{Last: at, LastQuiet: at, Unopened: 2, Passed: 1},
		LastVerification: &valisev1.Verification{At: at},
		Keys: []*valisev1.KeyStatus{
			{Address: "XA/technical", Use: valisev1.KeyUse_KEY_USE_SEALING, KeyId: "0123456789", From: at, Until: at, WaitsFor: valisev1.KeyWait_KEY_WAIT_EVIDENCE, RanHours: 3},
			{Address: "XA/technical", Use: valisev1.KeyUse_KEY_USE_SEALING, KeyId: "0123456789", From: at, Until: at, WaitsFor: valisev1.KeyWait_KEY_WAIT_NEXT_KEY},
			{Address: "XA/technical", Use: valisev1.KeyUse_KEY_USE_SEALING, KeyId: "0123456789", From: at, Until: at, WaitsFor: valisev1.KeyWait_KEY_WAIT_CLOCK},
			{Address: "XA/technical", Use: valisev1.KeyUse_KEY_USE_SEALING, KeyId: "0123456789", From: at, Until: at, WaitsFor: valisev1.KeyWait_KEY_WAIT_DATE_AHEAD},
			{Address: "XA/technical", Use: valisev1.KeyUse_KEY_USE_SIGNING, KeyId: "0123456789", From: at, Until: at, Current: true},
			{Address: "XA/technical", Use: valisev1.KeyUse_KEY_USE_SIGNING, KeyId: "0123456789"},
			{Address: "XA/technical", Use: valisev1.KeyUse_KEY_USE_SIGNING, KeyId: "0123456789", From: at, Until: at, RevokedSince: at},
		},
		Questions: []*valisev1.TrustQuestion{
			{Event: valisev1.TrustEvent_TRUST_EVENT_ROOT_IN_QUESTION, State: "XB", Since: at, RootHeld: "00000 11111", RootOffered: "22222 33333", Telephones: []string{"+99900000001"}, Held: 4},
			{Event: valisev1.TrustEvent_TRUST_EVENT_SPLIT_VIEW, State: "XB", Since: at}, {Event: valisev1.TrustEvent_TRUST_EVENT_OWN_ENTRY, State: "XA", Since: at},
		},
		Standing: []*valisev1.StandingWarning{{Warning: valisev1.Warning_WARNING_NO_DIRECTORY, Text: "the node's own English"}},
	}
}

// english finds a word of English beside what is one word everywhere.
var english = regexp.MustCompile(`[A-Za-z]{2,}`)

// known are names, and what has no words in any language.
var known = regexp.MustCompile(`X[AB](?:/technical)?|UTC|operational|[0-9a-f]{8}|valise [a-z]+ [a-z]+`)

// TestStatusLeavesNoEnglish: every line that status can print, in the languages that have letters of their own.
func TestStatusLeavesNoEnglish(t *testing.T) {
	for _, l := range []locale.Language{locale.Arabic, locale.Chinese, locale.Russian} {
		lines := statusLines(speechOf(locale.Of(l)), everyLine())
		if len(lines) != 2+1+1+1+1+1+7+6+1 {
			t.Errorf("%s: %d lines", l, len(lines))
		}
		for _, line := range lines {
			if rest := known.ReplaceAllString(line, ""); english.MatchString(rest) {
				t.Errorf("%s: %q", l, line)
			}
			if l == locale.Arabic && !strings.Contains(line, "\u2067") {
				t.Errorf("the line %q can turn", line)
			}
		}
	}
}

// TestStatusInEnglish is what scripts of before read.
func TestStatusInEnglish(t *testing.T) {
	text := strings.Join(statusLines(inEnglish(), everyLine()), "\n")
	for _, want := range []string{
		"XA  operational\nrelay  not connected since 2026-03-01 12:00:00 UTC\n",
		"waiting  01234567 to XB/technical since 2026-03-01 12:00:00 UTC (",
		"quarantine  item 7: ", "gap  something from XB/technical is still under way\n",
		"key  XA/technical sealing 01234567, 2026-03-01 to 2026-03-01: mail is sealed to it now\n", "key  XA/technical signing 01234567: stands in no entry yet\n",
		"question  item 0, XB: root in question since 2026-03-01 12:00:00 UTC; 4 of its messages are held\n  root known  00000 11111\n  root shown  22222 33333\n  call        +99900000001\n",
		"warning  no directory has been imported: nobody can be written to yet",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("status does not say %q:\n%s", want, text)
		}
	}
}

// TestStatusOfANewerNode: what has no words here is in the English of the node, set apart.
func TestStatusOfANewerNode(t *testing.T) {
	for name, status := range map[string]*valisev1.GetStatusResponse{
		"a later value": {Standing: []*valisev1.StandingWarning{{Warning: 9999, Text: "the moon\x1b[2J is full"}}},
		"no value":      {Warnings: []string{"the moon\x1b[2J is full"}},
	} {
		lines := statusLines(speechOf(locale.Of(locale.Arabic)), status)
		if got := lines[len(lines)-1]; got != "\u2067تنبيه  \u2068the moon\ufffd[2J is full\u2069\u2069" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestDoctorLeavesNoEnglish but what is said of the very case, on a line of its own.
func TestDoctorLeavesNoEnglish(t *testing.T) {
	s := speechOf(locale.Of(locale.Arabic))
	lines := s.findings([]node.Finding{
		{Level: node.Bad, Found: locale.Found{Code: "keys_unreadable", Why: valisev1.Reason_REASON_KEY_CHANGED, Detail: "record.key is another home's"}},
		{Level: node.Good, Found: locale.Found{Code: "files_good"}},
	}, statusAt)
	if len(lines) != 4 || !strings.Contains(lines[1], "\u2068record.key is another home's\u2069") || english.MatchString(lines[0]+lines[2]+lines[3]) {
		t.Errorf("%q", lines)
	}
}
