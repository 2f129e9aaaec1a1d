package console

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// What pages with tables and forms have beside what a thread has.
var (
	formElements   = append(slices.Clone(elements), strings.Fields("table thead tbody tr th td select option textarea label fieldset legend pre")...)
	formAttributes = append(slices.Clone(attributes), strings.Fields("scope data-label for required maxlength rows autocomplete selected checked open aria-hidden aria-describedby aria-invalid novalidate")...)
)

// unseen are characters that stand on no page as they are. Texts of ours in Arabic have U+2068 and U+2069.
var unseen = []string{"\u202e", "\u2066", "\u2067", "\u200b", "\u200f", "\x1b", "\x00", "\ufeff", "\U000e0041", strings.Repeat("\u0301", mostMarks+1)}

// TestNothingOfAnEntryBecomesMarkup fills every field of what a directory, another directory, a check, a logged call and a
// question of trust say, and the names of both States, with texts that want to be more; on the pages of contacts, of a
// thread and on paper they are text. A-7a, A-12
func TestNothingOfAnEntryBecomesMarkup(t *testing.T) {
	all := append(slices.Clone(hostile), strings.Repeat("w", 4000), "https://adversary.example/"+strings.Repeat("a", 400), "\u2067\u200fAlder (XA)\u2069")
	for i, l := range locale.Languages() {
		for n, text := range all {
			if l != locale.English && l != locale.Arabic && n%5 != i%5 {
				continue // the texts of the other languages stand in the same places
			}
			f := &filler{text: func(k int) string { return all[(k+n)%len(all)] }}
			for name, page := range entryPages(t, hostileDesk(t, l, text), f) {
				read := judge(t, page, formElements, formAttributes)
				for _, bad := range unseen {
					if strings.Contains(read, bad) {
						t.Fatalf("%s, %s: %q stands on the page as it is", l, name, bad)
					}
				}
			}
		}
	}
}

// hostileDesk is a desk whose States call themselves by a text.
func hostileDesk(t *testing.T, l locale.Language, text string) *visit {
	t.Helper()
	v := reader(t, l)
	v.c.officer.Roles = []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_RECORD_KEEPER}
	name := named{byLanguage: map[string]string{"en": text, l.String(): text}}
	v.c.names.known = map[string]named{"XA": name, "XB": name, "XC": name}
	return v
}

// entryPages are the pages on which an entry shows, by name.
func entryPages(t *testing.T, v *visit, f *filler) map[string]string {
	t.Helper()
	filled := func() *valisev1.ContactView {
		c := new(valisev1.ContactView)
		f.fill(c.ProtoReflect(), firstOf)
		c.Address = "XA/technical"
		return c
	}
	frame := v.inner(v.t.Frame.Contacts, "contacts")
	var questions []*valisev1.TrustQuestion
	for _, event := range []valisev1.TrustEvent{valisev1.TrustEvent_TRUST_EVENT_ROOT_IN_QUESTION, valisev1.TrustEvent_TRUST_EVENT_SPLIT_VIEW, valisev1.TrustEvent_TRUST_EVENT_OWN_ENTRY} {
		q := new(valisev1.TrustQuestion)
		f.fill(q.ProtoReflect(), firstOf)
		q.Event = event
		questions = append(questions, q)
	}
	check, logged, others, kept := new(valisev1.CheckView), new(valisev1.EntryContact), new(valisev1.CompareOthersResponse), new(valisev1.ListOthersResponse)
	campaign := new(valisev1.CampaignView)
	for _, m := range []proto.Message{check, logged, others, kept, campaign} {
		f.fill(m.ProtoReflect(), firstOf)
	}
	check.State = valisev1.CheckState_CHECK_STATE_NO_REPLY
	one := point{f: frame, ContactView: filled(), Check: &pointCheck{campaign, check}, Logged: []*valisev1.EntryContact{logged}}
	further := point{f: frame, ContactView: &valisev1.ContactView{Address: "XA/technical", PointOfContact: filled().GetPointOfContact()}}
	contact := &contactPage{frame: frame, Code: "XA", Points: []point{one, further}, Questions: questions, Others: others, InDoubt: true, NotCalled: true}
	thread := threadOf(&valisev1.MessageView{Kind: valisev1.Kind_KIND_CLOSURE, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Closure{Closure: &valisev1.Closure{}}}, Recorded: questions[0].GetSince()})
	x := newIndex(thread)
	pages := map[string]any{
		"contacts":      &contactsPage{frame: frame, Points: contact.Points, Questions: questions, Kept: kept},
		"contact":       contact,
		"contactcheck":  contact,
		"contactroot":   &rootPage{frame: frame, Code: "XA", Target: "called", Wrong: true, Fields: []formField{{Name: "person", Value: f.text(1), Label: "x"}, {Name: "fingerprint", Value: f.text(2), Label: "x"}}},
		"contactfollow": &followPage{frame: frame, Code: "XA", Address: "XA/technical", Campaign: f.text(3), Point: one, NoPerson: true, BadTime: true, typed: map[string]string{"person": f.text(4), "detail": f.text(5), "at": f.text(6), "note": "</textarea><script>alert(1)</script>", "means": f.text(8)}},
		"thread":        &threadPage{frame: frame, GetThreadResponse: thread, x: x},
		"print":         &printPage{threadPage: &threadPage{frame: frame, GetThreadResponse: thread, x: x}},
		"record":        &recordPage{frame: frame, Head: &valisev1.GetHeadResponse{Root: f.text(9), At: questions[0].GetSince()}, States: []string{"XA", "XC"}, Find: itemSearch{Period: period{Since: f.text(10), Until: f.text(11), BadSince: true, BadUntil: true}}},
	}
	out := map[string]string{}
	for name, data := range pages {
		var b bytes.Buffer
		if err := v.c.views.write(&b, name, data); err != nil {
			t.Fatal(fmt.Errorf("%s: %w", name, err))
		}
		out[name] = b.String()
	}
	return out
}
