package console_test

import (
	"fmt"
	"strings"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
)

// TestOneMoreOfEach: channels and translations are added by a button that keeps all that was typed, as many
// as a message holds, and what is left empty does not travel.
func TestOneMoreOfEach(t *testing.T) {
	s := newStage(t, "XA", "XB")
	alder := s.opened(t, "XA", "en", undoSoon)
	alder.begins("inquiry", "XB/technical")
	alder.step("step-2", "originator.name", "N. Oduya", "originator.email", "desk@cert.example")
	alder.seesNot("Add another channel")
	first := []string{"title", "Scans", "translation[0].language", "fr", "translation[0].title", "Balayages", "translation[0].text", "Le contexte. Nos questions."}
	alder.step("another-translation", first...)
	alder.sees(`value="Balayages"`, "Nos questions.", `name="translation[1].language"`, `value="Scans"`)
	alder.seesNot(`role="alert"`)
	alder.step("step-4", append(first, "translation[1].language", "es", "translation[1].title", "Exploraciones", "translation[1].status", "courtesy")...)
	channels := []string{"preferred_channel[0].kind", "phone", "preferred_channel[0].address", "+999 000 0001", "preferred_channel[1].kind", "email", "preferred_channel[1].address", "desk@cert.example"}
	alder.step("another-preferred_channel", channels...)
	alder.sees(`name="preferred_channel[2].fingerprint"`, "desk@cert.example")
	for n := 3; n < 8; n++ {
		alder.step("another-preferred_channel", append(channels, "preferred_channel[2].kind", "meeting", "preferred_channel[2].hours", "At noon")...)
		alder.sees(fmt.Sprintf(`name="preferred_channel[%d].kind"`, n))
	}
	alder.seesNot("Add another channel")
	alder.step("another-preferred_channel", channels...)
	alder.seesNot(`name="preferred_channel[8].kind"`)
	alder.step("another-nothing", append(channels, "preferred_channel[2].kind", "meeting", "preferred_channel[2].hours", "At noon")...)
	alder.sees("Check before it leaves", "At noon", "Exploraciones")
	alder.press("/send")
	_, m := s.heard(t, "XB", "Scans")
	said := m.GetPayload().GetInquiry()
	if all := said.GetPreferredChannels(); len(all) != 3 || all[2].GetHours() != "At noon" {
		t.Fatalf("XB reads the channels %v", all)
	}
	if all := said.GetPreamble().GetTranslations(); len(all) != 2 || all[1].GetTitle() != "Exploraciones" || all[1].GetStatus() != valisev1.TranslationStatus_TRANSLATION_STATUS_COURTESY {
		t.Fatalf("XB reads the translations %v", all)
	}
}

// TestOneMoreOfAReply: the same on a form of one page, and a draft that is pasted brings its own number.
func TestOneMoreOfAReply(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans")
	birch := s.opened(t, "XB", "fr", undoSoon)
	birch.until("", "Scans")
	birch.get("thread/" + thread)
	birch.press("/write/channel")
	birch.press(birch.url[strings.LastIndex(birch.url, "/draft/"):], "next", "another-preferred_channel", "preferred_channel[0].kind", "phone", "preferred_channel[0].address", "+999 000 0001")
	birch.sees("99 000 0001", "Ajouter un autre canal", "Ajouter une autre traduction")
	birch.fills("preferred_channel[0].kind", "phone", "preferred_channel[0].address", "+999 000 0001", "preferred_channel[1].kind", "meeting")
	birch.press("/send")
	birch.untilHeard(thread, "XA", s, valisev1.Kind_KIND_CHANNEL_PROPOSAL)
	_, m := s.last(t, "XA", thread)
	if all := m.GetPayload().GetChannelProposal().GetChannels(); len(all) != 2 {
		t.Fatalf("XA reads %v", all)
	}
	birch.begins("inquiry", "XA/technical")
	birch.step("paste")
	birch.press("/paste", "draft", "title = \"Three ways\"\n[originator]\nname = \"N. Oduya\"\nphone = \"+999 000 0002\"\n"+strings.Repeat("[[preferred_channel]]\nkind = \"phone\"\naddress = \"+999 000 0002\"\n", 3))
	birch.step("step-4", "originator.name", "N. Oduya", "originator.phone", "+999 000 0002")
	birch.sees(`name="preferred_channel[2].kind" value="phone"`)
}
