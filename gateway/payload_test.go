package gateway

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

func TestMarks(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(xb *home, f *forger, h *seal.Header)
		want valisev1.Mark
	}{
		{"key past its date", func(_ *home, f *forger, h *seal.Header) { h.Created = start.AddDate(2, 0, 0) }, valisev1.Mark_MARK_KEY_OUTSIDE_VALIDITY},
		{"key before its date", func(_ *home, f *forger, h *seal.Header) { h.Created = start.AddDate(-2, 0, 0) }, valisev1.Mark_MARK_KEY_OUTSIDE_VALIDITY},
		{"clock ahead", func(_ *home, f *forger, h *seal.Header) { h.Created = start.Add(3 * time.Minute) }, valisev1.Mark_MARK_CLOCK_SKEW},
		{"stale list", func(xb *home, f *forger, h *seal.Header) { xb.dir.stale = true }, valisev1.Mark_MARK_STALE_DIRECTORY},
		{"split view", func(xb *home, f *forger, h *seal.Header) {
			h.DirectoryNumber, h.DirectoryHash = xb.dir.Number(), [32]byte{5}
		}, valisev1.Mark_MARK_SPLIT_VIEW},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			xb, f := w.homes["XB"], newForger(t)
			h := f.header(valisev1.Kind_KIND_INQUIRY, 1, 1)
			c.set(xb, f, &h)
			wantEffects(t, xb.mustTake(f.sign(h, f.inquiryPayload())), 0, true)
			marks := xb.thread(ident.ThreadID{1, 1}.String()).GetMessages()[0].GetMarks()
			found := false
			for _, m := range marks {
				found = found || m == c.want
			}
			if !found {
				t.Fatalf("marks %v, want %v", marks, c.want)
			}
		})
	}
}

func TestHonestMessageHasNoMark(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.inquire(xbTech, "plain")
	w.now = w.now.Add(time.Hour)
	w.settle()
	m := xb.thread(sent.GetThread()).GetMessages()[0]
	if len(m.GetMarks()) != 0 {
		t.Fatalf("marks %v", m.GetMarks())
	}
	// The key is revoked afterwards, for a time before this was recorded.
	s, err := seal.ParseSigned(xb.store.items[m.GetItem()].GetSigned())
	if err != nil {
		t.Fatal(err)
	}
	speaker, _ := xb.dir.Speaker(s.KeyID)
	speaker.RevokedSince = start
	xb.dir.who[s.KeyID] = speaker
	if got := xb.thread(sent.GetThread()).GetMessages()[0].GetMarks(); len(got) != 1 || got[0] != valisev1.Mark_MARK_KEY_REVOKED_SINCE {
		t.Fatalf("marks %v", got)
	}
}

// TestPayloadRules: the gateway's own rules on a payload, whatever the seal has let through.
func TestPayloadRules(t *testing.T) {
	g := newWorld(t).homes["XB"].g
	for _, c := range []struct {
		name    string
		set     func(*valisev1.Inquiry)
		want    valisev1.Reason
		unknown bool
	}{
		{"negative nanoseconds", func(q *valisev1.Inquiry) {
			q.TimeSensitivity = &valisev1.TimeSensitivity{NeededBy: &timestamppb.Timestamp{Nanos: -1}}
		}, valisev1.Reason_REASON_PAYLOAD, false},
		{"a year beyond 9999", func(q *valisev1.Inquiry) {
			q.TimeSensitivity = &valisev1.TimeSensitivity{NeededBy: &timestamppb.Timestamp{Seconds: 1 << 60}}
		}, valisev1.Reason_REASON_PAYLOAD, false},
		{"a choice of a newer version", func(q *valisev1.Inquiry) { q.RequestType = 77 }, 0, true},
		{"too many questions", func(q *valisev1.Inquiry) { q.Questions = make([]string, 100_000) }, valisev1.Reason_REASON_PAYLOAD, false},
		{"an empty question", func(q *valisev1.Inquiry) { q.Questions = []string{""} }, valisev1.Reason_REASON_PAYLOAD, false},
		{"a question of 5,000 bytes", func(q *valisev1.Inquiry) { q.Questions = []string{strings.Repeat("x", 5000)} }, valisev1.Reason_REASON_PAYLOAD, false},
		{"10,000 marks on a letter", func(q *valisev1.Inquiry) { q.Title = "e" + strings.Repeat("\u0301", 10_000) }, valisev1.Reason_REASON_PAYLOAD, false},
		{"NUL", func(q *valisev1.Inquiry) { q.Narrative = "a\x00b" }, valisev1.Reason_REASON_BAD_TEXT, false},
		{"an escape sequence", func(q *valisev1.Inquiry) { q.Title = "\x1b]0;title\x07" }, valisev1.Reason_REASON_BAD_TEXT, false},
		{"a C1 control", func(q *valisev1.Inquiry) { q.Title = "\u009b31m" }, valisev1.Reason_REASON_BAD_TEXT, false},
		{"a carriage return", func(q *valisev1.Inquiry) { q.Title = "x\r\nBcc: y" }, valisev1.Reason_REASON_BAD_TEXT, false},
		{"not UTF-8", func(q *valisev1.Inquiry) { q.Title = "\xff" }, valisev1.Reason_REASON_BAD_TEXT, false},
		{"nobody asks", func(q *valisev1.Inquiry) { q.Originator = nil }, valisev1.Reason_REASON_PAYLOAD, false},
		{"directions and look-alikes are data", func(q *valisev1.Inquiry) { q.Title = "\u202eХВ\u2066 \u200de\u0301" }, 0, false},
		{"markup and formulas are data", func(q *valisev1.Inquiry) { q.Title = "<script>=cmd" }, 0, false},
		{"paragraphs and tabs", func(q *valisev1.Inquiry) { q.Narrative = "a\n\n\tb" }, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := (&forger{}).inquiryPayload()
			c.set(q)
			unknown, f := checkPayload(g.validator, q)
			got := valisev1.Reason_REASON_UNSPECIFIED
			if f != nil {
				got = f.reason
				if strings.Contains(f.err().Error(), q.GetTitle()) && q.GetTitle() != "" {
					t.Error("the refusal repeats the text")
				}
			}
			if got != c.want || unknown != c.unknown {
				t.Fatalf("%v, unknown %v; want %v, %v", got, unknown, c.want, c.unknown)
			}
		})
	}
}

// TestHostilePayloadIsConsumed: what the seal lets through and the contract does not is refused,
// told, and never shown.
func TestHostilePayloadIsConsumed(t *testing.T) {
	for _, title := range []string{"\x1b]0;title\x07", "x\r\nBcc: y", "a\x00b"} {
		w := newWorld(t)
		xb, f := w.homes["XB"], newForger(t)
		q := f.inquiryPayload()
		q.Title = title
		wantEffects(t, xb.mustTake(f.sign(f.header(valisev1.Kind_KIND_INQUIRY, 1, 1), q)), valisev1.Reason_REASON_PAYLOAD, true)
		if list, err := xb.g.Threads(context.Background(), officer, &valisev1.ListThreadsRequest{}); err != nil || len(list.GetThreads()) != 0 {
			t.Fatalf("threads %v, %v", list, err)
		}
	}
}
