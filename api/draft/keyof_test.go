package draft

import (
	"errors"
	"strings"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
)

// TestKeyOf leads from the contract to what an officer writes, and from nowhere to nothing.
func TestKeyOf(t *testing.T) {
	for path, want := range map[string]string{
		"narrative":                           "narrative",
		"preamble.tlp":                        "tlp",
		"preamble.own_reference":              "reference",
		"preamble.translations[1].text":       "translation[1].text",
		"preferred_channels[0].kind":          "preferred_channel[0].kind",
		"preferred_channels":                  "preferred_channel",
		"incident.detected.value.at":          "incident.detected",
		"incident.affected_sectors.values[2]": "incident.affected_sectors",
		"questions[2]":                        "questions[2]",
		"attachments[0].name":                 "attachments[0]",
		"originator":                          "originator",
		"originator.nothing":                  "originator",
		"nothing":                             "",
		"narrativ":                            "",
		"narrative[":                          "",
		"":                                    "",
	} {
		if got := KeyOf(valisev1.Kind_KIND_INQUIRY, path); got != want {
			t.Errorf("%q leads to %q, want %q", path, got, want)
		}
	}
	if got := KeyOf(valisev1.Kind_KIND_PING, "text"); got != "" {
		t.Errorf("a kind without a draft has the key %q", got)
	}
}

// TestFlaws: what is often wrong says itself what it is, so that nobody reads the English for it.
func TestFlaws(t *testing.T) {
	for name, c := range map[string]struct {
		kind      valisev1.Kind
		text      string
		flaw      Flaw
		most      uint64
		character rune
	}{
		"missing":     {valisev1.Kind_KIND_CHANNEL_PROPOSAL, "[[preferred_channel]]\naddress = \"x\"", FlawMissing, 0, 0},
		"nothing":     {valisev1.Kind_KIND_SUPPLEMENT, "", FlawMissing, 0, 0},
		"unreachable": {valisev1.Kind_KIND_INQUIRY, "[originator]\nname = \"N. Oduya\"", FlawUnreachable, 0, 0},
		"unheard":     {valisev1.Kind_KIND_VOLUNTARY_NOTICE, "[originator]\nname = \"N. Oduya\"", FlawUnreachable, 0, 0},
		"long":        {valisev1.Kind_KIND_RESPONSE, "outcome = \"full\"\nreference = \"" + strings.Repeat("x", 121) + "\"", FlawTooLong, 120, 0},
		"many":        {valisev1.Kind_KIND_HOLDING_REPLY, "preferred_channel = [{}, {}, {}, {}, {}, {}, {}, {}, {}]", FlawTooMany, 8, 0},
		"turned":      {valisev1.Kind_KIND_HOLDING_REPLY, "reference = \"\\u202e\"", FlawCharacter, 0, 0x202e},
		"control":     {valisev1.Kind_KIND_HOLDING_REPLY, "reference = \"\x07\"", FlawCharacter, 0, 7},
		"choice":      {valisev1.Kind_KIND_RESPONSE, "outcome = \"perhaps\"", FlawNoChoice, 0, 0},
		"span":        {valisev1.Kind_KIND_HOLDING_REPLY, "estimate = \"PT0S\"", FlawTime, 0, 0},
		"time":        {valisev1.Kind_KIND_HOLDING_REPLY, "estimate = \"2026-02-30T10:00:00Z\"", FlawTime, 0, 0},
		"other":       {valisev1.Kind_KIND_HOLDING_REPLY, "language = \"?\"", FlawOther, 0, 0},
	} {
		_, _, err := Parse(c.kind, []byte(c.text))
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Flaw != c.flaw || e.Most != c.most || e.Character != c.character {
			t.Errorf("%s: %+v", name, err)
		}
	}
}
