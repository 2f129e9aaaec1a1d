package gateway

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// third may write and clear, which the next one may too.
var (
	third  = Actor{Name: "third", Roles: []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_CLEARER}}
	fourth = Actor{Name: "fourth", Roles: third.Roles}
)

func (h *home) revise(a Actor, message string, q *valisev1.Inquiry) error {
	_, err := h.g.Revise(context.Background(), a, &valisev1.ReviseMessageRequest{Message: message, Payload: payloadOf(q)})
	return err
}

// stepsOf is what officers did to the first message of a thread: "drafted by duty", in order.
func (h *home) stepsOf(thread string) string {
	var out []string
	for _, s := range h.thread(thread).GetMessages()[0].GetSteps() {
		name := strings.ToLower(strings.TrimPrefix(s.GetAct().String(), "DRAFT_ACT_"))
		if s.GetNote() != "" {
			name += " (" + s.GetNote() + ")"
		}
		out = append(out, fmt.Sprintf("%s by %s", name, s.GetOfficer()))
	}
	return strings.Join(out, ", ")
}

// TestTheRecordNamesWhoDidWhat: what B submits is submitted by B, though A wrote it. A-9 s4
func TestTheRecordNamesWhoDidWhat(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	xa.four[ident.Technical] = true
	sent := xa.send(drafter, &valisev1.SendOptions{Draft: true})
	if _, err := xa.clear(officer, sent.GetMessage()); err != nil {
		t.Fatal(err)
	}
	if _, err := xa.clear(clearer, sent.GetMessage()); err != nil {
		t.Fatal(err)
	}
	w.converge()
	if got, want := xa.stepsOf(sent.GetThread()), "drafted by drafter, submitted by duty, cleared by clearer"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestWhoWroteAnyOfItIsNoSecondPerson: sent back, written anew by another, and cleared by neither
// of the two. A-9 s4
func TestWhoWroteAnyOfItIsNoSecondPerson(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xa.four[ident.Technical] = true
	sent := xa.send(fourth, nil)
	id := sent.GetMessage()
	wantReason(t, xa, valisev1.Reason_REASON_NOT_IN_THIS_STATE, func() error { return xa.revise(third, id, inquiry("early")) })
	if err := xa.trySendBack(clearer, id, "say less"); err != nil {
		t.Fatal(err)
	}
	wantReason(t, xa, valisev1.Reason_REASON_NOT_PERMITTED, func() error { return xa.revise(drafter, id, inquiry("not mine")) })
	wantReason(t, xa, valisev1.Reason_REASON_NOT_PERMITTED, func() error { return xa.revise(clearer, id, inquiry("no writer")) })
	wantReason(t, xa, valisev1.Reason_REASON_BAD_REQUEST, func() error {
		_, err := xa.g.Revise(context.Background(), third, &valisev1.ReviseMessageRequest{Message: id, Payload: payloadOf(&valisev1.Closure{})})
		return err
	})
	wantReason(t, xa, valisev1.Reason_REASON_BAD_REQUEST, func() error { return xa.revise(third, id, &valisev1.Inquiry{Title: "nobody asks"}) })
	if err := xa.revise(third, id, inquiry("less")); err != nil {
		t.Fatal(err)
	}
	xa.start()
	if again, err := xa.clear(officer, id); err != nil || !again.GetPendingClearance() {
		t.Fatalf("%v, %v", again, err)
	}
	for _, author := range []Actor{third, fourth} {
		wantReason(t, xa, valisev1.Reason_REASON_NEEDS_SECOND_PERSON, func() error { _, err := xa.clear(author, id); return err })
		wantReason(t, xa, valisev1.Reason_REASON_NEEDS_SECOND_PERSON, func() error { return xa.trySendBack(author, id, "") })
	}
	if _, err := xa.clear(clearer, id); err != nil {
		t.Fatal(err)
	}
	w.converge()
	if got := xb.thread(sent.GetThread()).GetThread().GetTitle(); got != "less" {
		t.Errorf("the peer reads %q", got)
	}
	want := "submitted by fourth, sent_back (say less) by clearer, revised by third, submitted by duty, cleared by clearer"
	if got := xa.stepsOf(sent.GetThread()); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if m := xa.thread(sent.GetThread()).GetMessages()[0]; m.GetOfficer() != third.Name {
		t.Errorf("written by %s", m.GetOfficer())
	}
}

// TestRevisedFiles: the files of before are gone, the new ones travel.
func TestRevisedFiles(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	q := inquiry("x")
	q.Attachments = []*valisev1.Attachment{xa.bring(officer, "a.bin", []byte("before"))}
	sent, err := xa.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: xbTech.String(), Inquiry: q, Options: &valisev1.SendOptions{Draft: true}})
	if err != nil {
		t.Fatal(err)
	}
	wantReason(t, xa, valisev1.Reason_REASON_BAD_ATTACHMENT, func() error { return xa.revise(officer, sent.GetMessage(), q) })
	q.Attachments = []*valisev1.Attachment{xa.bring(officer, "b.bin", []byte("after"))}
	if err := xa.revise(officer, sent.GetMessage(), q); err != nil {
		t.Fatal(err)
	}
	if n := xa.rowsIn(tableUploadData); n != 1 {
		t.Errorf("%d pieces lie there, want that of the new file alone", n)
	}
	if _, err := xa.clear(officer, sent.GetMessage()); err != nil {
		t.Fatal(err)
	}
	w.converge()
	if got, err := xb.read(officer, sent.GetMessage(), 0); err != nil || !bytes.Equal(got, []byte("after")) {
		t.Errorf("the peer reads %q, %v", got, err)
	}
}

// TestARevisedRetractionIsAboutTheSameMessage: a draft of what takes something back keeps what.
func TestARevisedRetractionIsAboutTheSameMessage(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.inquire(xbTech, "x")
	w.settle()
	draft, err := xa.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{
		InReplyTo: sent.GetMessage(), Payload: payloadOf(&valisev1.Retraction{}), Options: &valisev1.SendOptions{Draft: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := xa.g.Revise(context.Background(), officer, &valisev1.ReviseMessageRequest{
		Message: draft.GetMessage(), Payload: payloadOf(&valisev1.Retraction{Reason: "the wrong State"}),
	}); err != nil {
		t.Fatal(err)
	}
	if first := xa.thread(sent.GetThread()).GetMessages()[0]; first.GetRetractedBy() != "" {
		t.Error("a draft has taken it back")
	}
	if _, err := xa.clear(officer, draft.GetMessage()); err != nil {
		t.Fatal(err)
	}
	w.converge()
	for _, h := range []*home{xa, xb} {
		if first := h.thread(sent.GetThread()).GetMessages()[0]; first.GetRetractedBy() != draft.GetMessage() {
			t.Errorf("marked as taken back by %q", first.GetRetractedBy())
		}
	}
}

// TestNobodyTakesBackWhatAnotherSaid: a mark is of the message's own sender. docs/protocol.md §5.2
func TestNobodyTakesBackWhatAnotherSaid(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.inquire(xbTech, "x")
	w.settle()
	ack := xb.reply(sent.GetThread(), &valisev1.Acknowledgement{})
	w.settle()
	first := xa.thread(sent.GetThread()).GetMessages()[0]
	own := xb.reply(sent.GetThread(), &valisev1.Correction{Message: xb.digestOf(ack.GetMessage()), Text: "of ours"})
	r := &reader{list: []*valisev1.MessageView{first, {
		Message: "theirs", Digest: "d", Payload: payloadOf(&valisev1.Retraction{Message: xa.digestOf(sent.GetMessage())}),
	}}, byD: map[ident.Digest]*valisev1.MessageView{}}
	d, _ := ident.DigestFrom(xa.digestOf(sent.GetMessage()))
	r.byD[d] = first
	r.disowned()
	if first.GetRetractedBy() != "" {
		t.Error("the peer has taken back what we said")
	}
	w.converge()
	for _, m := range xa.thread(sent.GetThread()).GetMessages() {
		want := 0
		if m.GetMessage() == ack.GetMessage() {
			want = 1
		}
		if len(m.GetCorrectedBy()) != want || want == 1 && m.GetCorrectedBy()[0] != own.GetMessage() {
			t.Errorf("%v is put right by %v", m.GetKind(), m.GetCorrectedBy())
		}
	}
}

func (h *home) digestOf(message string) (d []byte) {
	h.w.t.Helper()
	err := h.g.view(context.Background(), "test", func(w *work) error {
		p, err := w.findMessage(officer, message)
		d = digestOf(p.digest)
		return err
	})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return d
}
