package console

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// TestTakenByOurClock: what the peer sent says on the page and on paper when our record took it, beside what the
// peer's own clock says; what is ours has its four facts instead. docs/protocol.md §9.1
func TestTakenByOurClock(t *testing.T) {
	took := timestamppb.New(readAt.Add(-90 * time.Minute))
	said := func(ours bool) *valisev1.MessageView {
		return &valisev1.MessageView{
			Kind: valisev1.Kind_KIND_SUPPLEMENT, Outbound: ours, Recorded: took,
			Payload: &valisev1.Payload{Payload: &valisev1.Payload_Supplement{Supplement: &valisev1.Supplement{}}},
		}
	}
	note := &valisev1.MessageView{Note: &valisev1.NoteView{Text: "Ours."}, Recorded: took}
	refused := &valisev1.MessageView{Kind: valisev1.Kind_KIND_SUPPLEMENT, Refused: valisev1.Reason_REASON_PAYLOAD, Recorded: took}
	v := reader(t, locale.English)
	for name, c := range map[string]struct {
		m    *valisev1.MessageView
		want bool
	}{"theirs": {said(false), true}, "ours": {said(true), false}, "a note": {note, false}, "refused": {refused, true}} {
		r := threadOf(c.m)
		var paper bytes.Buffer
		p := &printPage{threadPage: &threadPage{frame: v.inner(v.t.Frame.Desk, ""), GetThreadResponse: r, x: newIndex(r)}}
		if err := v.c.views.write(&paper, "print", p); err != nil {
			t.Fatal(err)
		}
		for where, page := range map[string]string{"page": read(t, v, r, 0), "paper": paper.String()} {
			got := strings.Contains(page, "<dt>Taken into our record</dt><dd><time datetime=\"2026-05-12T07:30:00Z\"")
			if got != c.want {
				t.Errorf("the %s of %s says when it was taken: %v", where, name, got)
			}
		}
	}
}
