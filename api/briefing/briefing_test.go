package briefing

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	valisev1 "valise.example/proto/valise/v1"
)

var at = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// fill puts a text into every string of a message, and one element into every list.
func fill(m protoreflect.Message, text string, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		one := func(v protoreflect.Value) protoreflect.Value {
			switch {
			case fd.Kind() == protoreflect.StringKind:
				return protoreflect.ValueOfString(text)
			case fd.Message() != nil && depth > 0:
				if stamp, ok := v.Message().Interface().(*timestamppb.Timestamp); ok {
					stamp.Seconds = at.Unix()
				} else {
					fill(v.Message(), text, depth-1)
				}
			}
			return v
		}
		switch {
		case fd.ContainingOneof() != nil && m.WhichOneof(fd.ContainingOneof()) != nil, fd.Kind() == protoreflect.BytesKind:
		case fd.IsList():
			list := m.Mutable(fd).List()
			list.Append(one(list.NewElement()))
		case fd.Message() != nil || fd.Kind() == protoreflect.StringKind:
			m.Set(fd, one(m.NewField(fd)))
		}
	}
}

// everyKind is a thread with a message of each kind, all of whose words are the same text.
func everyKind(text string) Briefing { return kindsOf(text, func(valisev1.Kind) bool { return true }) }

func kindsOf(text string, some func(valisev1.Kind) bool) Briefing {
	view := &valisev1.GetThreadResponse{Thread: &valisev1.ThreadView{
		Thread: strings.Repeat("ab", 16), Peer: "XB/technical", Ours: "XA/technical", Realm: "exercise:lab-00112233445566778899aabbccddeeff",
		Title: text, AgreedChannel: text, OurAgency: text, TheirAgency: text, Opened: timestamppb.New(at),
		Linked: []*valisev1.LinkedThread{{Thread: strings.Repeat("cd", 16), Peer: "XC/technical", Ours: "XA/technical", Title: text}},
	}}
	kinds := new(valisev1.Payload).ProtoReflect().Descriptor().Fields()
	for i := range kinds.Len() {
		if !some(valisev1.Kind(kinds.Get(i).Number())) {
			continue
		}
		p := new(valisev1.Payload)
		said := p.ProtoReflect().NewField(kinds.Get(i))
		fill(said.Message(), text, 4)
		p.ProtoReflect().Set(kinds.Get(i), said)
		view.Messages = append(view.Messages, &valisev1.MessageView{
			Message: strings.Repeat("ef", 16), Digest: strings.Repeat("01", 32), Kind: valisev1.Kind(kinds.Get(i).Number()), Outbound: i%2 == 0,
			From: "XB/technical", To: "XA/technical", Created: timestamppb.New(at), Payload: p, Officer: text, Role: text,
			Attachments: []*valisev1.AttachmentView{{Name: text, Sha256: strings.Repeat("23", 32)}},
			Steps:       []*valisev1.DraftStep{{Officer: text, Role: text, Note: text, At: timestamppb.New(at)}},
		})
	}
	view.Messages = append(view.Messages,
		&valisev1.MessageView{ContactLog: &valisev1.ContactLog{Person: text, Detail: text, Note: text, At: timestamppb.New(at)}, Officer: text, Created: timestamppb.New(at)},
		&valisev1.MessageView{Note: &valisev1.NoteView{Text: text, Officer: text, Role: text, Recorded: timestamppb.New(at)}},
		&valisev1.MessageView{Note: &valisev1.NoteView{Text: text, Officer: text, Type: valisev1.NoteType_NOTE_TYPE_ESCALATION, Recorded: timestamppb.New(at)}})
	return Briefing{Thread: view, Made: at.Add(time.Hour)}
}

func (b Briefing) must(t interface{ Fatal(...any) }, html bool) string {
	var out strings.Builder
	write := b.Text
	if html {
		write = b.HTML
	}
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var tag = regexp.MustCompile(`</?[a-zA-Z!][^\s>]*`)

// own are the lines of the text form that are not behind the bar.
func own(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "    | ") {
			lines = append(lines, line)
		}
	}
	return lines
}

// hostile is what a peer might write to be taken for the page.
var hostile = []string{
	"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "</dd></dl></section>", "{{.Label}}", "</style><b>", "javascript:x",
	"a\n== The thread ==\nstate: closed", "\n* forged", "\x1b[2J\x9b31m\x00\r\b", "\u202egpj.exe", "\u2066x\u2067", "\u2028x\u2029", "\ufeff\u200b\U000e0041",
	"e" + strings.Repeat("\u0301", 500), "\xff\xfe", "|", "TLP:CLEAR",
}

// form is a page whose words are all the same text.
type form func(text string) Briefing

type fataler interface {
	Fatal(...any)
	Fatalf(string, ...any)
}

// holds compares the page of a text with that of a harmless one.
func (f form) holds(t fataler, text string) {
	plain, b := f("harmless"), f(text)
	page, paper := b.must(t, true), b.must(t, false)
	if want, got := tag.FindAllString(plain.must(t, true), -1), tag.FindAllString(page, -1); !slices.Equal(got, want) {
		t.Fatalf("%q changes the elements of the page: %d, want %d", text, len(got), len(want))
	}
	if want, got := len(own(plain.must(t, false))), len(own(paper)); got != want {
		t.Fatalf("%q changes the lines of the page: %d, want %d", text, got, want)
	}
	for _, out := range []string{page, paper} {
		if i := strings.IndexFunc(out, steers); i >= 0 {
			t.Fatalf("%q leaves %q", text, out[i:min(i+4, len(out))])
		}
		if strings.Contains(out, strings.Repeat("\u0301", 31)) {
			t.Fatalf("%d marks stand on one letter", 31)
		}
	}
}

func steers(r rune) bool {
	return r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 ||
		r == 0x2028 || r == 0x2029 || r >= 0xe0000 && r < 0xe0080
}

// Whatever a peer writes, wherever a message has words: the page has the same elements, the text the
// same number of lines of its own, and neither has a character that steers or hides.
func TestNothingThatAPeerWroteIsObeyed(t *testing.T) {
	plain := everyKind("harmless")
	if tags, lines := len(tag.FindAllString(plain.must(t, true), -1)), len(own(plain.must(t, false))); tags < 500 || lines < 200 {
		t.Fatalf("the page has %d tags and %d lines: too little is shown", tags, lines)
	}
	for _, text := range hostile {
		form(everyKind).holds(t, text)
	}
	answer := form(func(text string) Briefing {
		return kindsOf(text, func(k valisev1.Kind) bool { return k == valisev1.Kind_KIND_RESPONSE })
	})
	rapid.Check(t, func(rt *rapid.T) {
		answer.holds(rt, "x"+strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(hostile), rapid.String()), 1, 4).Draw(rt, "text"), ""))
	})
}

// The page needs nothing from elsewhere, runs nothing and leads nowhere.
func TestThePageIsWholeByItself(t *testing.T) {
	page := everyKind("https://host.example/x").must(t, true)
	for _, no := range []string{"<script", "<a ", "<img", "<link", "<iframe", "<form", "src=", "href=", "url(", "@import", " on"} {
		if i := strings.Index(strings.ToLower(page), no); i >= 0 && no != " on" {
			t.Errorf("the page has %q: %.60s", no, page[i:])
		}
	}
	for _, want := range []string{"default-src 'none'", "<html lang=\"en\" dir=\"ltr\">", "dir=\"auto\" lang=\""} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
}

// Each sheet of an exercise says so at both ends, because only the first has the head of the page and only the last its
// foot. None of operation does.
func TestEverySheetSaysWhichExercise(t *testing.T) {
	for realm, want := range map[string]int{"exercise:lantern-ward-00112233445566778899aabbccddeeff": 1, "operational": 0} {
		b := everyKind("x")
		b.Thread.Thread.Realm = realm
		page := b.must(t, true)
		for _, end := range []string{"@top-center", "@bottom-left"} {
			if got := strings.Count(page, end+` { content: "EXERCISE lantern-ward"; font-weight: bold; }`); got != want {
				t.Errorf("%s: %s says it %d times", realm, end, got)
			}
		}
	}
}

// The label is the strictest of all that is shown; what this version does not know reads as such.
func TestLabel(t *testing.T) {
	inquiry := func(l valisev1.Tlp, attached ...valisev1.Tlp) *valisev1.MessageView {
		m := &valisev1.Inquiry{Preamble: &valisev1.Preamble{Tlp: l}}
		for _, a := range attached {
			m.Attachments = append(m.Attachments, &valisev1.Attachment{Tlp: a})
		}
		return &valisev1.MessageView{Payload: &valisev1.Payload{Payload: &valisev1.Payload_Inquiry{Inquiry: m}}}
	}
	for name, c := range map[string]struct {
		messages []*valisev1.MessageView
		want     string
	}{
		"nothing":            {nil, "TLP:AMBER+STRICT"},
		"clear":              {[]*valisev1.MessageView{inquiry(valisev1.Tlp_TLP_CLEAR)}, "TLP:AMBER+STRICT"},
		"red":                {[]*valisev1.MessageView{inquiry(0), inquiry(valisev1.Tlp_TLP_RED), inquiry(0)}, "TLP:RED"},
		"a red attachment":   {[]*valisev1.MessageView{inquiry(0, valisev1.Tlp_TLP_CLEAR, valisev1.Tlp_TLP_RED)}, "TLP:RED"},
		"of a later version": {[]*valisev1.MessageView{inquiry(9)}, "TLP:RED"},
	} {
		b := Briefing{Thread: &valisev1.GetThreadResponse{Thread: &valisev1.ThreadView{Realm: "operational"}, Messages: c.messages}, Made: at}
		paper := b.must(t, false)
		if b.Label() != c.want || !strings.HasPrefix(paper, c.want+"\n") || !strings.HasSuffix(paper, "\n"+c.want+"\n") {
			t.Errorf("%s: the label is %s, want %s, at both ends", name, b.Label(), c.want)
		}
		page := b.must(t, true)
		if strings.Count(page, `<p class="label">`+strings.ReplaceAll(c.want, "+", "&#43;")+"</p>") != 2 || !strings.Contains(page, `content: "`+c.want+`";`) || strings.Contains(page, "ZgotmplZ") {
			t.Errorf("%s: the page does not carry %s at both ends and at the foot of each sheet:\n%.600s", name, c.want, page)
		}
		if strings.Contains(paper, "eyes of those") != (c.want == "TLP:RED") {
			t.Errorf("%s: the rule of %s", name, c.want)
		}
		if strings.Contains(paper, "EXERCISE") || strings.Count(paper, "realm operational") != 2 {
			t.Errorf("%s: the realm is not shown at both ends", name)
		}
	}
	if exercise := everyKind("x").must(t, true); strings.Count(exercise, "EXERCISE EXERCISE EXERCISE") != 2 {
		t.Error("an exercise is not called one at both ends")
	}
}

// Each step of the procedures names the first message that took it, on the side whose step it is; a
// draft takes none, and what is not there is said without blame.
func TestProcedures(t *testing.T) {
	message := func(ours bool, digest string, m proto.Message) *valisev1.MessageView {
		p := new(valisev1.Payload)
		kind := valisev1.KindOf(m)
		p.ProtoReflect().Set(p.ProtoReflect().Descriptor().Fields().ByNumber(protoreflect.FieldNumber(kind)), protoreflect.ValueOfMessage(m.ProtoReflect()))
		from := "XB/technical"
		if ours {
			from = "XA/technical"
		}
		return &valisev1.MessageView{Kind: kind, Outbound: ours, Digest: digest, From: from, Created: timestamppb.New(at), Payload: p}
	}
	thread := &valisev1.GetThreadResponse{Thread: &valisev1.ThreadView{
		Peer: "XB/technical", Ours: "XA/technical", NeededBy: timestamppb.New(at), Estimate: timestamppb.New(at.Add(24 * time.Hour)),
	}, Messages: []*valisev1.MessageView{
		message(false, "d1", &valisev1.Inquiry{Originator: &valisev1.Person{Name: "x"}, Questions: []string{"x"}}),
		message(true, "", &valisev1.Response{}),
		message(true, "d2", &valisev1.HoldingReply{NominatedAgency: &valisev1.Agency{Name: "x"}}),
		message(false, "d3", &valisev1.Response{}),
	}}
	b := Briefing{Thread: thread, Made: at.Add(time.Hour)}
	var got []string
	for _, f := range append(b.inquiry(), b.responding()...) {
		short, _, _ := strings.Cut(f.Name, ",")
		what, _, _ := strings.Cut(f.Text, " of ")
		got = append(got, short+"="+what)
	}
	want := []string{
		"I-1=inquiry", "I-2=nothing is recorded", "I-3=inquiry", "I-4=nothing is recorded",
		"receipt acknowledged=nothing is recorded", "R-1=nothing is recorded", "R-2=holding reply", "R-3=holding reply",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the steps are %q, want %q", got, want)
	}
	paper := b.must(t, false)
	for _, words := range []string{
		"an answer is wished for by XB/technical:\n    | Sun 1 Mar 2026 09:00:00 UTC (has passed)", "estimate of XA/technical, which binds nobody:\n    | Mon 2 Mar 2026 09:00:00 UTC\n",
	} {
		if !strings.Contains(paper, words) {
			t.Errorf("the page does not say %q:\n%s", words, paper)
		}
	}
}
