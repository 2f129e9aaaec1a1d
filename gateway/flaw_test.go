package gateway

import (
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// TestRefusalsNameTheirField as the contract writes it, so that nobody reads the English for it.
func TestRefusalsNameTheirField(t *testing.T) {
	at := timestamppb.New(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	log := func(change func(*valisev1.ContactLog)) error {
		c := &valisev1.ContactLog{Peer: "XB/technical", At: at, Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, Person: "N. Oduya"}
		change(c)
		return checkContact(c)
	}
	inquiry := &valisev1.Inquiry{
		Preamble:          &valisev1.Preamble{Translations: []*valisev1.Translation{{}, {Text: "\x07"}}},
		PreferredChannels: []*valisev1.Channel{{Kind: "phone"}, {Address: "a\nb"}},
	}
	s := sifter{}
	for want, err := range map[string]error{
		"contact.peer":                  log(func(c *valisev1.ContactLog) { c.Peer = "XB" }),
		"contact.at":                    log(func(c *valisev1.ContactLog) { c.At = nil }),
		"contact.person":                log(func(c *valisev1.ContactLog) { c.Person = "two\nlines" }),
		"contact.detail":                log(func(c *valisev1.ContactLog) { c.Detail = strings.Repeat("x", 301) }),
		"contact.note":                  log(func(c *valisev1.ContactLog) { c.Note = "\x07" }),
		"preamble.translations[1].text": s.message(inquiry.ProtoReflect()).err(),
		"preferred_channels[1].address": checkLines(inquiry.ProtoReflect()).err(),
		"originator.name":               requireOriginator(&valisev1.Inquiry{}),
		"originator":                    requireOriginator(&valisev1.VoluntaryNotice{Originator: &valisev1.Person{Name: "N. Oduya"}}),
	} {
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Field != want {
			t.Errorf("%v names %+v, want %s", err, e, want)
		}
	}
}
