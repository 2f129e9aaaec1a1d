package console

import (
	"fmt"
	"strings"
	"testing"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

const mebibyte = 1 << 20

// TestLongThread: 2,000 messages are read in pages of at most 50 and 1 MiB, the newest first at hand, and
// what one answers is found on its page.
func TestLongThread(t *testing.T) {
	var all []*valisev1.MessageView
	for i := range 2000 {
		said := &valisev1.Supplement{Preamble: &valisev1.Preamble{Language: "fr"}, Narrative: strings.Repeat("\u202e<", i*i%(300+9000*(i%20/19))) + fmt.Sprintf("word%dend", i)}
		m := &valisev1.MessageView{Kind: valisev1.Kind_KIND_SUPPLEMENT, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Supplement{Supplement: said}}, Outbound: i%2 == 0}
		if i > 0 {
			m.InReplyTo = fmt.Sprintf("%032x", 1)
		}
		all = append(all, m)
	}
	r := threadOf(all...)
	x := newIndex(r)
	v := reader(t, locale.Arabic)
	newest := read(t, v, r, 0)
	seen := 0
	for page := range x.pages {
		if page%19 != 0 && page != len(x.pages)-1 {
			continue
		}
		got := read(t, v, r, page+1)
		articles := strings.Count(got, "<article")
		if len(got) > mebibyte || articles > mostArticles || articles == 0 {
			t.Errorf("page %d has %d bytes and %d messages", page+1, len(got), articles)
		}
		for i := x.pages[page].from; i < x.pages[page].to; i++ {
			if seen++; !strings.Contains(got, fmt.Sprintf("word%dend", i)) {
				t.Errorf("message %d is not on its page %d", i, page+1)
			}
		}
	}
	if seen < 100 || !strings.Contains(newest, "word1999end") || !strings.Contains(newest, `?page=1#i1"`) || !strings.Contains(newest, fmt.Sprintf("?page=%d#said", len(x.pages)-1)) {
		t.Errorf("%d messages are seen; the newest page does not lead on:\n%.3000s", seen, newest)
	}
}

// TestOneMessageIsWhole: what is larger than a page has one of its own, and none of it is cut.
func TestOneMessageIsWhole(t *testing.T) {
	line := strings.Repeat("a", mebibyte) + "lastword"
	long := func(text string) *valisev1.MessageView {
		return &valisev1.MessageView{Kind: valisev1.Kind_KIND_CORRECTION, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Correction{Correction: &valisev1.Correction{Text: text}}}}
	}
	r := threadOf(long("one"), long(line), long("three"))
	x := newIndex(r)
	if len(x.pages) != 3 || !strings.Contains(read(t, reader(t, locale.English), r, 2), line) {
		t.Errorf("%d pages", len(x.pages))
	}
	marks := "e" + strings.Repeat("\u0301", 10_000)
	if got := string(peerText(marks)); !strings.Contains(got, "⟨U+0301⟩×9970") || strings.Count(got, "\u0301") != mostMarks {
		t.Errorf("10,000 marks are shown as %.200q", got)
	}
}

// TestAcknowledgedAll: an acknowledgement of everything says so in one line, and any other names each.
func TestAcknowledgedAll(t *testing.T) {
	inquiry := &valisev1.MessageView{Kind: valisev1.Kind_KIND_INQUIRY, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Inquiry{Inquiry: &valisev1.Inquiry{}}}}
	more := &valisev1.MessageView{Kind: valisev1.Kind_KIND_CLOSURE, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Closure{Closure: &valisev1.Closure{}}}}
	ack := &valisev1.Acknowledgement{Messages: [][]byte{digestOf(1), digestOf(2)}}
	m := &valisev1.MessageView{Outbound: true, Kind: valisev1.Kind_KIND_ACKNOWLEDGEMENT, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Acknowledgement{Acknowledgement: ack}}}
	r := threadOf(inquiry, more, m)
	v := reader(t, locale.English)
	all := read(t, v, r, 0)
	if !strings.Contains(all, "everything from the other side that had arrived by then (2)") || strings.Contains(all, "Acknowledge receipt</button>") {
		t.Error("it does not say that it covers all")
	}
	ack.Messages = ack.Messages[:1]
	part := read(t, v, r, 0)
	if strings.Contains(part, "everything from the other side") || !strings.Contains(part, `<li><a href="#i1">`) || !strings.Contains(part, "Acknowledge receipt</button>") {
		t.Error("it does not name the one that it covers")
	}
	v.c.officer.Roles = []valisev1.Role{valisev1.Role_ROLE_RECORD_KEEPER}
	if strings.Contains(read(t, v, r, 0), "<button>") {
		t.Error("an officer who may not acknowledge is offered to")
	}
}

func digestOf(n byte) []byte { return append(make([]byte, 31), n) }
