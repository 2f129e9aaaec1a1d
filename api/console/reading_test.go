package console

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/locale"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

var readAt = time.Date(2026, 5, 12, 9, 0, 0, 0, time.UTC)

const threadID = "00112233445566778899aabbccddeeff"

// reader is a desk before which lies a thread that no node has to have taken: pages are made of it as of
// any other.
func reader(t *testing.T, l locale.Language) *visit {
	t.Helper()
	all, err := parseViews()
	if err != nil {
		t.Fatal(err)
	}
	realm, err := ident.ParseRealm("exercise:lantern-00112233445566778899aabbccddeeff")
	if err != nil {
		t.Fatal(err)
	}
	now, random := func() time.Time { return readAt }, bytes.NewReader(make([]byte, 1<<16))
	c := &Console{
		cfg:     Config{Rand: random, Now: now}.withDefaults(),
		shell:   &Shell{cfg: ShellConfig{Rand: random, Now: now}, base: "/desk/"},
		officer: &valisev1.Officer{Name: "amina", Roles: []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER}},
		state:   "XB", ours: []string{"XB/diplomatic"}, realm: realm, views: all,
		names: names{read: readAt, known: map[string]named{"XA": {byLanguage: map[string]string{"en": "Alder"}}}},
	}
	v := c.visit(httptest.NewRecorder(), httptest.NewRequest("GET", "/desk/thread/"+threadID, nil), l, readAt)
	v.status = &valisev1.GetStatusResponse{Link: &valisev1.Link{Up: true}}
	return v
}

// read is the page of a thread as the browser gets it.
func read(t *testing.T, v *visit, r *valisev1.GetThreadResponse, page int) string {
	t.Helper()
	p := &threadPage{frame: v.inner(v.t.Frame.Desk, ""), GetThreadResponse: r, x: newIndex(r)}
	if page > 0 {
		p.x.page = page - 1
	}
	var b bytes.Buffer
	if err := v.c.views.write(&b, "thread", p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func threadOf(messages ...*valisev1.MessageView) *valisev1.GetThreadResponse {
	for i, m := range messages {
		m.Item = uint64(i + 1)
		if m.GetNote() == nil && m.GetContactLog() == nil && m.GetMessage() == "" {
			m.Message, m.Digest = fmt.Sprintf("%032x", i+1), fmt.Sprintf("%064x", i+1)
		}
		if m.GetCreated() == nil {
			m.Created = timestamppb.New(readAt.Add(time.Duration(i) * time.Minute))
		}
		if m.From, m.To = "XA/diplomatic", "XB/diplomatic"; m.GetOutbound() {
			m.From, m.To = m.To, m.From
		}
	}
	return &valisev1.GetThreadResponse{
		Thread: &valisev1.ThreadView{
			Thread: threadID, Peer: "XA/diplomatic", Ours: "XB/diplomatic", Opening: valisev1.Kind_KIND_INQUIRY,
			State: valisev1.ThreadState_THREAD_STATE_RECEIVED, Changed: timestamppb.New(readAt),
		},
		Messages: messages,
	}
}

// payloads are all that the operator's API can show, empty.
func payloads() (all []*valisev1.Payload) {
	fields := new(valisev1.Payload).ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		p := new(valisev1.Payload)
		p.ProtoReflect().Set(fields.Get(i), p.ProtoReflect().NewField(fields.Get(i)))
		all = append(all, p)
	}
	return all
}

func kindOf(p *valisev1.Payload) valisev1.Kind {
	r := p.ProtoReflect()
	return valisev1.Kind(r.WhichOneof(r.Descriptor().Oneofs().Get(0)).Number())
}

// filler puts something into every field, a text of its own into each that takes one.
type filler struct {
	text  func(n int) string
	texts int
}

func (f *filler) fill(m protoreflect.Message, oneof func(protoreflect.OneofDescriptor) int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		if in := fd.ContainingOneof(); in != nil && in.Fields().Get(oneof(in)) != fd {
			continue
		}
		if !fd.IsList() {
			m.Set(fd, f.value(fd, m.NewField(fd), oneof))
			continue
		}
		l := m.Mutable(fd).List()
		for range 2 {
			l.Append(f.value(fd, l.NewElement(), oneof))
		}
	}
}

func (f *filler) value(fd protoreflect.FieldDescriptor, v protoreflect.Value, oneof func(protoreflect.OneofDescriptor) int) protoreflect.Value {
	switch fd.Kind() {
	case protoreflect.MessageKind:
		if fd.Message().FullName() == "google.protobuf.Timestamp" {
			return protoreflect.ValueOfMessage(timestamppb.New(readAt).ProtoReflect())
		}
		f.fill(v.Message(), oneof)
		return v
	case protoreflect.StringKind:
		f.texts++
		return protoreflect.ValueOfString(f.text(f.texts))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(bytes.Repeat([]byte{0xab}, 32))
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(1)
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(1)
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(77)
	case protoreflect.Sint32Kind:
		return protoreflect.ValueOfInt32(180)
	}
	return v
}

// firstOf and lastOf choose which member of a oneof is there.
func firstOf(protoreflect.OneofDescriptor) int    { return 0 }
func lastOf(d protoreflect.OneofDescriptor) int   { return d.Fields().Len() - 1 }
func secondOf(d protoreflect.OneofDescriptor) int { return min(1, d.Fields().Len()-1) }

// elements and attributes that a page of ours has.
var (
	elements   = strings.Fields("html head meta title link body a p strong span header form button nav ul li main h1 h2 h3 h4 input dl div dt dd article section aside ol bdi code time br footer small details summary")
	attributes = strings.Fields("lang dir class charset name content rel href type method action value aria-current aria-label aria-labelledby aria-pressed role id tabindex datetime download media")
)

// judgePage fails where a text of somebody has become markup, and gives what a person reads.
func judgePage(t *testing.T, page string) string {
	t.Helper()
	return judge(t, page, elements, attributes)
}

// judge is judgePage for pages that have these elements and attributes.
func judge(t *testing.T, page string, elements, attributes []string) string {
	t.Helper()
	var text strings.Builder
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				t.Fatal(z.Err())
			}
			return text.String()
		case html.TextToken:
			text.WriteString(z.Token().Data)
		case html.CommentToken:
			t.Fatal("the page has a comment")
		case html.StartTagToken, html.SelfClosingTagToken:
			checkTag(t, z.Token(), elements, attributes)
		}
	}
}

func checkTag(t *testing.T, tag html.Token, elements, attributes []string) {
	t.Helper()
	if !slices.Contains(elements, tag.Data) {
		t.Fatalf("the page has a <%s>", tag.Data)
	}
	for _, a := range tag.Attr {
		if !slices.Contains(attributes, a.Key) {
			t.Fatalf("<%s> has %s=%q", tag.Data, a.Key, a.Val)
		}
		if (a.Key == "href" || a.Key == "action") && !strings.HasPrefix(a.Val, "/desk/") && !strings.HasPrefix(a.Val, "#") && !dialled.MatchString(a.Val) {
			t.Fatalf("<%s> leads to %q", tag.Data, a.Val)
		}
	}
}

// dialled is a link that dials a number.
var dialled = regexp.MustCompile(`^tel:\+[1-9][0-9]{6,14}$`)

// hostile are texts that want to be more than text. reliability.md §5, 32 to 42
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`,
	`https://adversary.example/`, `<svg/onload=alert(1)>`, `</article></main><h1>Node</h1>`, `<style>*{display:none}</style>`,
	`{{.Base}}`, "\u202egnp.exe", "\u2066\u2069\u200b\u200f\ufeff", "\x1b]0;title\x07\x1b[2J", "a\r\nSet-Cookie: x=1",
	"\U000e0041\U000e0042", "e\ufe0f\ufe0e", "\u00e9 e\u0301", "\u0410lder", "\xff\xfe", strings.Repeat("e"+strings.Repeat("\u0301", 100), 3),
	"00112233-1/2 & <!-- -->", "tel:+999", "data:text/html,x", "\x00", "=1+1", "en\" onload=\"x", "../../etc/passwd",
}

// TestNothingSaidBecomesMarkup fills every field of every kind with such texts, in each language.
func TestNothingSaidBecomesMarkup(t *testing.T) {
	for i, l := range locale.Languages() {
		v := reader(t, l)
		for n := range hostile {
			if l != locale.English && l != locale.Arabic && n%5 != i%5 {
				continue // the texts of the other languages stand in the same places
			}
			var all []*valisev1.MessageView
			f := &filler{text: func(k int) string { return hostile[(k+n)%len(hostile)] }}
			for k, p := range payloads() {
				f.fill(saidOf(&valisev1.MessageView{Payload: p}).ProtoReflect(), []func(protoreflect.OneofDescriptor) int{firstOf, lastOf, secondOf}[(k+n)%3])
				all = append(all, &valisev1.MessageView{Kind: kindOf(p), Payload: p, Outbound: (k+i)%2 == 0, Officer: hostile[n], Role: hostile[n]})
			}
			all = append(all, around(hostile[n])...)
			r := threadOf(all...)
			r.Thread.Title, r.Thread.AgreedChannel, r.Thread.OurAgency, r.Thread.TheirAgency = hostile[n], hostile[n], hostile[n], hostile[n]
			r.Thread.Flags, r.Thread.Linked = []string{hostile[n]}, []*valisev1.LinkedThread{{Thread: threadID, Peer: "XC/diplomatic", Ours: "XB/diplomatic", Title: hostile[n]}}
			read := judgePage(t, read(t, v, r, 0))
			for _, bad := range []string{"\u202e", "\u2066", "\u200b", "\x1b", "\x00", "\ufeff", "\U000e0041", strings.Repeat("\u0301", mostMarks+1)} {
				if strings.Contains(read, bad) {
					t.Fatalf("%s: %q stands on the page as it is", l, bad)
				}
			}
		}
	}
}

// around is what else of a message holds somebody's words.
func around(text string) []*valisev1.MessageView {
	at := timestamppb.New(readAt)
	return []*valisev1.MessageView{
		{ContactLog: &valisev1.ContactLog{Person: text, Detail: text, Note: text, At: at, Means: 1, Result: 2, Source: 1, CheckAnswer: 2}, Officer: text, Role: text},
		{Note: &valisev1.NoteView{Text: text, Officer: text, Role: text, Recorded: at, To: "XB/technical", Message: fmt.Sprintf("%032x", 1)}, Officer: text},
		{
			Kind: valisev1.Kind_KIND_SUPPLEMENT, Outbound: true, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Supplement{Supplement: &valisev1.Supplement{}}},
			Attachments: []*valisev1.AttachmentView{{Name: text, SaveAs: text, MediaType: text, Sha256: strings.Repeat("ab", 32), State: 2, Parts: 1, Arrived: 1}},
			Steps:       []*valisev1.DraftStep{{Act: 5, Officer: text, Role: text, Note: text, At: at}},
			Facts:       &valisev1.DeliveryFacts{Waiting: at}, LegalBasis: []uint64{25},
		},
		{Kind: valisev1.Kind_KIND_RESPONSE, Refused: valisev1.Reason_REASON_PAYLOAD, Officer: text},
		{Kind: 99, Officer: text, Marks: []valisev1.Mark{1, 2, 3, 4, 5, 6, 7, 8, 9, 77}},
	}
}

// TestNothingSaidIsHidden: each text of each field of each kind is read on the page, whichever member of a
// oneof is there.
func TestNothingSaidIsHidden(t *testing.T) {
	v := reader(t, locale.Arabic)
	for _, oneof := range []func(protoreflect.OneofDescriptor) int{firstOf, secondOf, lastOf} {
		for _, p := range payloads() {
			f := &filler{text: func(k int) string { return fmt.Sprintf("word%dend", k) }}
			m := &valisev1.MessageView{Kind: kindOf(p), Payload: p}
			f.fill(saidOf(m).ProtoReflect(), oneof)
			m.Officer, m.Role = preambleOf(m).GetOfficer(), preambleOf(m).GetRole()
			seen := judgePage(t, read(t, v, threadOf(m), 0))
			for k := range f.texts {
				if word := fmt.Sprintf("word%dend", k+1); !strings.Contains(seen, word) {
					t.Errorf("%s: %s is not shown", kindOf(p), word)
				}
			}
		}
	}
	// What a later version added is said to be there.
	m := &valisev1.MessageView{Kind: valisev1.Kind_KIND_CLOSURE, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Closure{Closure: &valisev1.Closure{}}}}
	saidOf(m).ProtoReflect().SetUnknown([]byte{0xd2, 0x0f, 1, 'x'})
	if page := read(t, reader(t, locale.English), threadOf(m), 0); !strings.Contains(page, "A part of it is of a later version") {
		t.Error("unknown fields are left out")
	}
}
