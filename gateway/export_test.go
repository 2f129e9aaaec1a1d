package gateway

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	archive = valisev1.ExportForm_EXPORT_FORM_ARCHIVE
	table   = valisev1.ExportForm_EXPORT_FORM_TABLE
)

// export takes items out and gives every piece.
func (h *home) export(a Actor, r *valisev1.ExportRecordRequest) (pieces []*valisev1.ExportRecordResponse, err error) {
	err = h.g.Export(context.Background(), a, r, func(p *valisev1.ExportRecordResponse) error {
		pieces = append(pieces, proto.CloneOf(p))
		return nil
	})
	return pieces, err
}

func (h *home) mustExport(r *valisev1.ExportRecordRequest) []*valisev1.ExportRecordResponse {
	h.w.t.Helper()
	pieces, err := h.export(keeper, r)
	if err != nil {
		h.w.t.Fatal(err)
	}
	return pieces
}

// forCert asks for messages on behalf of the third party of the tests.
func forCert(messages ...string) *valisev1.ExportRecordRequest {
	return &valisev1.ExportRecordRequest{Form: archive, ThirdParty: cert, Messages: messages}
}

// noConsent wants an export refused, with the message that lacks a consent and why.
func (h *home) noConsent(t *testing.T, r *valisev1.ExportRecordRequest, message, why string) {
	t.Helper()
	wantReason(t, h, valisev1.Reason_REASON_NO_CONSENT, func() error {
		pieces, err := h.export(keeper, r)
		if len(pieces) > 0 {
			t.Error("something was handed out")
		}
		if e, is := errors.AsType[*Error](err); is && (!strings.Contains(e.Detail, message) || !strings.Contains(e.Detail, why)) {
			t.Errorf("the refusal says %q, want %s and %q", e.Detail, message, why)
		}
		return err
	})
}

// A message goes to a third party with a consent of the other State for that message and that third
// party, while it holds, and whichever side said it; the record tells of it before anything is handed
// out. A-11 s2
func TestExportToAThirdPartyNeedsAConsentThatHolds(t *testing.T) {
	w, xa, xb, sent := consentWorld(t)
	m, thread := sent.GetMessage(), sent.GetThread()
	own := xb.reply(thread, &valisev1.Supplement{Narrative: "ours"})
	w.converge()
	xb.noConsent(t, forCert(m), m, "none was asked")
	xb.noConsent(t, forCert(own.GetMessage()), own.GetMessage(), "none was asked")
	xb.replyTo(m, &valisev1.ConsentRequest{ThirdParty: cert})
	w.converge()
	xb.noConsent(t, forCert(m), m, "asked, not decided")
	grant := xa.reply(thread, &valisev1.ConsentDecision{Consents: true, Conditions: "once", Expires: timestamppb.New(w.now.Add(24 * time.Hour))})
	w.converge()

	pieces := xb.mustExport(forCert(m))
	head := pieces[0].GetHead()
	if len(pieces) != 2 || head.GetItems() != 1 || head.GetThirdParty() != cert || len(head.GetConsents()) != 1 || head.GetConsents()[0].GetDecision() != grant.GetMessage() {
		t.Fatalf("%d pieces, head %v", len(pieces), head)
	}
	item := pieces[1].GetItem()
	if item.GetPayload().GetInquiry().GetTitle() != "x" || item.GetKey() == nil || len(item.GetItem().GetItem().GetSigned()) == 0 {
		t.Errorf("the item is %v", item)
	}
	told := xb.store.items[head.GetItem()]
	fact := told.GetExport()
	if told.GetOfficer() != keeper.Name || fact.GetThirdParty() != cert || fact.GetItems() != 1 || fact.GetForm() != archive ||
		!bytes.Equal(fact.GetMessages()[0], xb.digestOfMessage(t, thread, m)) || !bytes.Equal(fact.GetConsents()[0], xb.digestOfMessage(t, thread, grant.GetMessage())) {
		t.Errorf("the record tells %v", told)
	}
	// Another message, another name, the other side: none of them was consented to.
	xb.noConsent(t, forCert(m, own.GetMessage()), own.GetMessage(), "none was asked")
	xb.noConsent(t, &valisev1.ExportRecordRequest{Form: archive, ThirdParty: cert + " ", Messages: []string{m}}, m, "none was asked")
	xb.noConsent(t, &valisev1.ExportRecordRequest{Form: valisev1.ExportForm_EXPORT_FORM_PROOF, ThirdParty: "x", Messages: []string{m}}, m, "none was asked")
	xa.noConsent(t, forCert(m), m, "none was asked")
	// A thread holds more than was consented to: what is missing is named, nothing is handed out.
	xb.noConsent(t, &valisev1.ExportRecordRequest{Form: archive, ThirdParty: cert, Threads: []string{thread}}, own.GetMessage(), "none was asked")

	xb.start()
	xb.mustExport(forCert(m))
	before := w.now
	w.now = w.now.Add(24 * time.Hour)
	xb.noConsent(t, forCert(m), m, "it has expired")
	w.now = before
	xa.reply(thread, &valisev1.ConsentWithdrawal{})
	w.converge()
	xb.noConsent(t, forCert(m), m, "it was withdrawn")
	assertPromises(t, w)
}

func (h *home) replyTo(message string, m proto.Message) *valisev1.Sent {
	h.w.t.Helper()
	out, err := h.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{InReplyTo: message, Payload: payloadOf(m)})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return out
}

// agreed is a world in which XB may pass on what XA said.
func agreed(t *testing.T, m *valisev1.Supplement) (w *world, xa, xb *home, said *valisev1.Sent) {
	w, xa, xb, sent := consentWorld(t)
	said = xa.reply(sent.GetThread(), m)
	w.converge()
	xb.replyTo(said.GetMessage(), &valisev1.ConsentRequest{ThirdParty: cert})
	w.converge()
	xa.reply(sent.GetThread(), &valisev1.ConsentDecision{Consents: true})
	w.converge()
	return w, xa, xb, said
}

// Of label and consent the stricter holds: what is red, or has a red attachment, goes to nobody.
// A-11 s2
func TestRedGoesToNoThirdParty(t *testing.T) {
	_, _, xb, said := agreed(t, &valisev1.Supplement{Narrative: "x", Preamble: &valisev1.Preamble{Tlp: valisev1.Tlp_TLP_RED}})
	wantReason(t, xb, valisev1.Reason_REASON_HANDLING, func() error { _, err := xb.export(keeper, forCert(said.GetMessage())); return err })
	for label, m := range map[valisev1.Tlp]proto.Message{
		valisev1.Tlp_TLP_RED:         &valisev1.Inquiry{Attachments: []*valisev1.Attachment{{Tlp: valisev1.Tlp_TLP_RED}}},
		valisev1.Tlp_TLP_CLEAR:       &valisev1.Inquiry{Preamble: &valisev1.Preamble{Tlp: valisev1.Tlp_TLP_CLEAR}},
		valisev1.Tlp(77):             &valisev1.Inquiry{Preamble: &valisev1.Preamble{Tlp: 77}},
		valisev1.Tlp_TLP_UNSPECIFIED: &valisev1.Inquiry{},
	} {
		if got := labelOf(m); got != label {
			t.Errorf("the label of %v is %v", m, got)
		}
	}
	if labelOf(&valisev1.Inquiry{Preamble: &valisev1.Preamble{Tlp: -3}}) != valisev1.Tlp_TLP_RED {
		t.Error("a label that cannot be is taken for a mild one")
	}
}

// A consent covers a message as it stood: what its sender takes back later needs another one. A-11 s2
func TestWhatWasTakenBackNeedsAnotherConsent(t *testing.T) {
	w, xa, xb, said := agreed(t, &valisev1.Supplement{Narrative: "x"})
	xb.mustExport(forCert(said.GetMessage()))
	if _, err := xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: said.GetMessage()}); err != nil {
		t.Fatal(err)
	}
	w.converge()
	xb.noConsent(t, forCert(said.GetMessage()), said.GetMessage(), "took it back")
	xb.replyTo(said.GetMessage(), &valisev1.ConsentRequest{ThirdParty: cert})
	w.converge()
	xa.reply(said.GetThread(), &valisev1.ConsentDecision{Consents: true})
	w.converge()
	xb.mustExport(forCert(said.GetMessage()))
}

// The State's own archive is no third party: it gets the whole record, of the officer's tracks, with
// the parts of attachments. A third party gets messages and nothing of what was noted of them. A-11 s2
func TestArchiveHasAllAndAThirdPartyMessagesOnly(t *testing.T) {
	w, xa, xb, sent := consentWorld(t)
	file := bytes.Repeat([]byte("abc"), PartSize)
	said := xa.sendFiles(file)
	w.converge()
	if _, err := xb.g.LogContact(context.Background(), officer, &valisev1.LogContactRequest{Thread: said.GetThread(), Contact: &valisev1.ContactLog{
		Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, At: timestamppb.New(w.now), Note: "called",
	}}); err != nil {
		t.Fatal(err)
	}
	items := len(xb.store.items)
	pieces := xb.mustExport(&valisev1.ExportRecordRequest{Form: archive})
	if head := pieces[0].GetHead(); head.GetItems() != uint64(items) || len(pieces) != items+1 || head.GetItem() != uint64(items) || len(head.GetHeads()) != 2 {
		t.Fatalf("%d pieces of %d items, head %v", len(pieces), items, head)
	}
	for i, p := range pieces[1:] {
		if !proto.Equal(p.GetItem().GetItem().GetItem(), xb.store.items[i]) {
			t.Errorf("item %d is %v", i, p.GetItem())
		}
	}
	bound := keeper
	bound.Tracks = []ident.Track{ident.Diplomatic}
	if pieces, err := xb.export(bound, &valisev1.ExportRecordRequest{Form: archive}); err != nil || slices.ContainsFunc(pieces, func(p *valisev1.ExportRecordResponse) bool { return p.GetItem().GetPayload() != nil }) {
		t.Errorf("an officer of another track gets %d pieces, %v", len(pieces), err)
	}
	rows := xb.mustExport(&valisev1.ExportRecordRequest{Form: table, Threads: []string{sent.GetThread(), said.GetThread()}})
	for _, p := range rows[1:] {
		if it := p.GetItem().GetItem().GetItem(); len(it.GetSigned()) > 0 || it.GetKind() == valisev1.Kind_KIND_ATTACHMENT_PART {
			t.Errorf("a table holds %v", it)
		}
	}
	xb.replyTo(said.GetMessage(), &valisev1.ConsentRequest{ThirdParty: cert})
	w.converge()
	xa.reply(said.GetThread(), &valisev1.ConsentDecision{Consents: true})
	w.converge()
	parts := 0
	for _, p := range xb.mustExport(forCert(said.GetMessage()))[1:] {
		it := p.GetItem().GetItem().GetItem()
		if it.GetKind() == valisev1.Kind_KIND_ATTACHMENT_PART {
			parts++
		}
		if it.GetOfficer() != "" || it.GetNote() != "" || len(it.GetMarks()) > 0 {
			t.Errorf("a third party reads %v", it)
		}
	}
	if parts != 3 {
		t.Errorf("%d parts came, want 3", parts)
	}
	call := slices.IndexFunc(xb.store.items, func(i *valisev1.Item) bool { return i.GetContactLog() != nil })
	wantReason(t, xb, valisev1.Reason_REASON_HANDLING, func() error {
		_, err := xb.export(keeper, &valisev1.ExportRecordRequest{Form: archive, ThirdParty: cert, Items: []uint64{uint64(call)}})
		return err
	})
}

// The same request id takes out the same and is recorded once; when the consent has ended it takes out
// nothing any more. A-11 s2
func TestExportAskedForAgain(t *testing.T) {
	w, xa, xb, said := agreed(t, &valisev1.Supplement{Narrative: "x"})
	r := forCert(said.GetMessage())
	r.RequestId = "once"
	first := xb.mustExport(r)
	xb.start()
	items := len(xb.store.items)
	again := xb.mustExport(r)
	if len(xb.store.items) != items || first[0].GetHead().GetItem() != again[0].GetHead().GetItem() || !proto.Equal(first[1], again[1]) || len(first) != len(again) {
		t.Errorf("asked again: %v, first %v", again, first)
	}
	other := proto.CloneOf(r)
	other.Form = table
	wantReason(t, xb, valisev1.Reason_REASON_REQUEST_ID_CONFLICT, func() error { _, err := xb.export(keeper, other); return err })
	xa.reply(said.GetThread(), &valisev1.ConsentWithdrawal{})
	w.converge()
	xb.noConsent(t, r, said.GetMessage(), "it was withdrawn")
}

// What cannot be taken out is refused, and whoever may not is told nothing. A-9 s4
func TestExportsThatAreRefused(t *testing.T) {
	_, _, xb, sent := consentWorld(t)
	for name, c := range map[string]struct {
		a    Actor
		r    *valisev1.ExportRecordRequest
		want valisev1.Reason
	}{
		"no keeper":        {officer, &valisev1.ExportRecordRequest{Form: archive}, valisev1.Reason_REASON_NOT_PERMITTED},
		"an administrator": {nodeAdmin, &valisev1.ExportRecordRequest{Form: archive}, valisev1.Reason_REASON_NOT_PERMITTED},
		"no form":          {keeper, &valisev1.ExportRecordRequest{}, valisev1.Reason_REASON_BAD_REQUEST},
		"no such form":     {keeper, &valisev1.ExportRecordRequest{Form: 9}, valisev1.Reason_REASON_BAD_REQUEST},
		"no such thread":   {keeper, &valisev1.ExportRecordRequest{Form: archive, Threads: []string{"00000000"}}, valisev1.Reason_REASON_NOT_FOUND},
		"no such message":  {keeper, &valisev1.ExportRecordRequest{Form: archive, Messages: []string{"00000000"}}, valisev1.Reason_REASON_NOT_FOUND},
		"no such item":     {keeper, &valisev1.ExportRecordRequest{Form: archive, Items: []uint64{1 << 40}}, valisev1.Reason_REASON_NOT_FOUND},
		"nothing of then":  {keeper, &valisev1.ExportRecordRequest{Form: archive, Messages: []string{sent.GetMessage()}, Until: timestamppb.New(start.AddDate(-1, 0, 0))}, valisev1.Reason_REASON_NOT_FOUND},
		"a name of a bell": {keeper, &valisev1.ExportRecordRequest{Form: archive, ThirdParty: "\a", Messages: []string{sent.GetMessage()}}, valisev1.Reason_REASON_BAD_TEXT},
	} {
		t.Run(name, func(t *testing.T) {
			wantReason(t, xb, c.want, func() error { _, err := xb.export(c.a, c.r); return err })
		})
	}
	broken := errors.New("the caller hung up")
	items := len(xb.store.items)
	if err := xb.g.Export(context.Background(), keeper, &valisev1.ExportRecordRequest{Form: archive}, func(*valisev1.ExportRecordResponse) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if len(xb.store.items) != items+1 {
		t.Error("what was begun is not recorded")
	}
}

// Of a thread a third party gets what was exchanged in it and nothing else: no call, no fact, nothing
// that was taken back before it left; and of an item nothing that is the State's own. A-11 s2
func TestOfAThreadAThirdPartyGetsWhatWasExchanged(t *testing.T) {
	w, xa, xb, sent := consentWorld(t)
	own := xb.reply(sent.GetThread(), &valisev1.Supplement{Narrative: "ours"})
	w.converge()
	xb.setLink(false)
	back := xb.reply(sent.GetThread(), &valisev1.Supplement{Narrative: "never left"})
	if out, err := xb.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: back.GetMessage()}); err != nil || !out.GetWithdrawn() {
		t.Fatalf("%v, %v", out, err)
	}
	xb.setLink(true)
	if _, err := xb.g.LogContact(context.Background(), officer, &valisev1.LogContactRequest{Thread: sent.GetThread(), Contact: &valisev1.ContactLog{
		Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, At: timestamppb.New(w.now), Note: "called",
	}}); err != nil {
		t.Fatal(err)
	}
	w.converge()
	w.now = w.now.Add(time.Hour)
	until := timestamppb.New(w.now)
	xb.reply(sent.GetThread(), &valisev1.ConsentRequest{ThirdParty: cert, Messages: [][]byte{xb.digestOf(sent.GetMessage()), xb.digestOf(own.GetMessage())}})
	w.converge()
	xa.reply(sent.GetThread(), &valisev1.ConsentDecision{Consents: true})
	w.converge()
	r := &valisev1.ExportRecordRequest{Form: archive, ThirdParty: cert, Threads: []string{sent.GetThread()}, Until: until}
	pieces := xb.mustExport(r)
	var got []string
	for _, p := range pieces[1:] {
		got = append(got, p.GetItem().GetItem().GetMessage())
		if it := p.GetItem().GetItem().GetItem(); it.GetOfficer() != "" || it.GetRole() != "" || it.GetDelivery() != nil {
			t.Errorf("a third party reads %v", it)
		}
	}
	if want := []string{sent.GetMessage(), own.GetMessage()}; !slices.Equal(got, want) || pieces[0].GetHead().GetOfficer() != keeper.ShownAs {
		t.Errorf("the third party gets %v by %q, want %v", got, pieces[0].GetHead().GetOfficer(), want)
	}
	wantReason(t, xb, valisev1.Reason_REASON_NOT_FOUND, func() error { _, err := xb.export(keeper, forCert(back.GetMessage())); return err })
}

// What the retention rule removed counts for nothing: no consent comes of it, the archive passes over
// it, and what names it is refused. docs/protocol.md §9.3
func TestExportOfWhatWasRemoved(t *testing.T) {
	_, _, xb, said := agreed(t, &valisev1.Supplement{Narrative: "x"})
	whole := len(xb.mustExport(&valisev1.ExportRecordRequest{Form: archive}))
	gone := func(kind valisev1.Kind) {
		for i, item := range xb.store.items {
			if item.GetKind() == kind {
				xb.store.items[i] = nil
			}
		}
	}
	gone(valisev1.Kind_KIND_CONSENT_DECISION)
	if v := xb.onlyConsent(); v.GetState() != valisev1.ConsentState_CONSENT_STATE_ASKED {
		t.Errorf("%v", v)
	}
	xb.noConsent(t, forCert(said.GetMessage()), said.GetMessage(), "asked, not decided")
	gone(valisev1.Kind_KIND_CONSENT_REQUEST)
	if list := xb.consents(officer, &valisev1.ListConsentsRequest{}); len(list) != 0 {
		t.Errorf("%v", list)
	}
	xb.noConsent(t, forCert(said.GetMessage()), said.GetMessage(), "none was asked")
	// The export before is an item more, two are gone.
	if got := xb.mustExport(&valisev1.ExportRecordRequest{Form: archive}); len(got) != whole-1 || got[0].GetHead().GetItems() != uint64(whole-2) {
		t.Errorf("%d pieces, before %d", len(got), whole)
	}
	gone(valisev1.Kind_KIND_SUPPLEMENT)
	wantReason(t, xb, valisev1.Reason_REASON_NOT_FOUND, func() error { _, err := xb.export(keeper, forCert(said.GetMessage())); return err })
}
