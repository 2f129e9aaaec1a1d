package gateway

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func notice(title string) *valisev1.VoluntaryNotice {
	return &valisev1.VoluntaryNotice{
		Originator: &valisev1.Person{Name: "A. Officer", Affiliation: "CERT Alder", Phone: "+99900000001"},
		Type:       valisev1.NoticeType_NOTICE_TYPE_VULNERABILITY, Title: title, Narrative: "Something was found.",
	}
}

func noticeTo(n *valisev1.VoluntaryNotice, to ...string) *valisev1.SendNoticeRequest {
	return &valisev1.SendNoticeRequest{To: to, Notice: n}
}

func (h *home) inform(a Actor, r *valisev1.SendNoticeRequest) []*valisev1.Sent {
	h.w.t.Helper()
	out, err := h.g.SendNotice(context.Background(), a, r)
	if err != nil {
		h.w.t.Fatal(err)
	}
	return out.GetSent()
}

func (h *home) tryInform(a Actor, r *valisev1.SendNoticeRequest) error {
	_, err := h.g.SendNotice(context.Background(), a, r)
	return err
}

func (h *home) takeBack(message string) {
	h.w.t.Helper()
	if _, err := h.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: message}); err != nil {
		h.w.t.Fatal(err)
	}
}

// TestNoticeToSeveral: each recipient has a thread of its own, both with the territory note, linked at
// the sender alone; what one answers stays in its thread; and nothing that one of them got names the
// other. A-9b s3, A-10 s5
func TestNoticeToSeveral(t *testing.T) {
	w := newWorld(t, "XA", "XB", "XC")
	xa, xb, xc := w.homes["XA"], w.homes["XB"], w.homes["XC"]
	sent := xa.inform(officer, noticeTo(notice("flaw"), "XB/technical", "XC/technical"))
	if len(sent) != 2 || sent[0].GetThread() == sent[1].GetThread() || sent[0].GetKind() != valisev1.Kind_KIND_VOLUNTARY_NOTICE {
		t.Fatalf("sent %v", sent)
	}
	if len(sent[0].GetAdvice()) != 0 {
		t.Errorf("advice %v for a notice that says all", sent[0].GetAdvice())
	}
	b, c := sent[0].GetThread(), sent[1].GetThread()
	if !slices.Equal(xa.linkedWith(b), []string{c}) || !slices.Equal(xa.linkedWith(c), []string{b}) {
		t.Fatal("the threads of one notice are not linked at home")
	}
	w.converge()
	for _, at := range []struct {
		h      *home
		thread string
		other  string
	}{{xb, b, c}, {xc, c, b}} {
		view := at.h.thread(at.thread)
		th := view.GetThread()
		if th.GetState() != stateReceived || th.GetTitle() != "flaw" || th.GetOpening() != valisev1.Kind_KIND_VOLUNTARY_NOTICE || len(th.GetLinked()) != 0 || len(view.GetAdvice()) != 0 {
			t.Errorf("%s sees %v, advice %v", at.h.state, th, view.GetAdvice())
		}
		if notes := view.GetMessages()[0].GetPayload().GetVoluntaryNotice().GetPreamble().GetNotes(); len(notes) != 1 || notes[0].GetId() != "territory" {
			t.Errorf("%s reads the notes %v", at.h.state, notes)
		}
		if err := at.h.tryThread(officer, at.other); reasonOf(err) != valisev1.Reason_REASON_NOT_FOUND {
			t.Errorf("%s has the thread of the other: %v", at.h.state, err)
		}
	}
	xb.reply(b, &valisev1.Acknowledgement{})
	xb.reply(b, &valisev1.ClarificationRequest{Questions: []string{"Which version?"}})
	w.converge()
	if state := xa.thread(b).GetThread().GetState(); state != stateAcknowledged {
		t.Errorf("the thread with XB is %v", state)
	}
	if th := xa.thread(c); th.GetThread().GetState() != stateReceived || len(th.GetMessages()) != 1 {
		t.Errorf("the thread with XC is %v", th)
	}
	for _, at := range []struct {
		h     *home
		other string
	}{{xb, "XC"}, {xc, "XB"}} {
		for _, it := range at.h.store.items {
			if b, err := proto.Marshal(it); err != nil || bytes.Contains(b, []byte(at.other+"/technical")) {
				t.Errorf("item %d of %s names %s, %v", it.GetNumber(), at.h.state, at.other, err)
			}
		}
	}
}

// What may be said in the thread of a notice: no step of the procedure for responding, because nothing
// was asked. A-9b s3, A-10a
func TestWhatIsSaidToANotice(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.inform(officer, noticeTo(notice("flaw"), "XB/technical"))[0]
	w.converge()
	d, err := ident.ParseDigest(xa.thread(sent.GetThread()).GetMessages()[0].GetDigest())
	if err != nil {
		t.Fatal(err)
	}
	full := &valisev1.Response{Outcome: valisev1.Outcome_OUTCOME_FULL}
	revised := &valisev1.RevisedEstimate{Estimate: &valisev1.Estimate{Estimate: &valisev1.Estimate_WithinSeconds{WithinSeconds: 60}}}
	for _, h := range []*home{xa, xb} {
		for _, m := range []proto.Message{full, &valisev1.HoldingReply{}, revised, notice("again")} {
			want := valisev1.Reason_REASON_NOT_IN_THIS_STATE
			if valisev1.KindOf(m) == valisev1.Kind_KIND_VOLUNTARY_NOTICE {
				want = valisev1.Reason_REASON_BAD_REQUEST
			}
			wantReason(t, h, want, func() error { return h.tryReply(officer, sent.GetThread(), m) })
		}
	}
	xb.reply(sent.GetThread(), &valisev1.Acknowledgement{})
	xb.reply(sent.GetThread(), &valisev1.ClarificationRequest{Questions: []string{"Which version?"}})
	xb.reply(sent.GetThread(), &valisev1.Supplement{Narrative: "Seen here too."})
	w.converge()
	xa.reply(sent.GetThread(), &valisev1.Supplement{Narrative: "All versions."})
	xa.reply(sent.GetThread(), &valisev1.Correction{Message: d[:], Text: "Not the oldest."})
	xa.reply(sent.GetThread(), &valisev1.Closure{})
	w.converge()
	xb.reply(sent.GetThread(), &valisev1.Closure{})
	xa.reply(sent.GetThread(), &valisev1.Retraction{Message: d[:]})
	w.converge()
	view := xb.thread(sent.GetThread())
	if view.GetMessages()[0].GetRetractedBy() == "" || len(view.GetMessages()[0].GetCorrectedBy()) != 1 || len(view.GetMessages()) != 9 {
		t.Errorf("XB sees %v", view)
	}
	for _, it := range slices.Concat(xa.itemsOf(valisev1.ItemType_ITEM_TYPE_REFUSED), xb.itemsOf(valisev1.ItemType_ITEM_TYPE_REFUSED)) {
		t.Errorf("%v was refused: %v", it.GetKind(), it.GetReason())
	}
}

// A notice that cannot go to all of its recipients goes to none. A-9 s2, A-9b s3
func TestNoticesThatAreRefused(t *testing.T) {
	w := newWorld(t, "XA", "XB", "XC")
	xa := w.homes["XA"]
	xa.dir.left["XC"] = start
	nobody, unreachable := notice("x"), notice("x")
	nobody.Originator.Name, unreachable.Originator.Phone = "", ""
	for _, c := range []struct {
		name string
		as   Actor
		r    *valisev1.SendNoticeRequest
		want valisev1.Reason
	}{
		{"to nobody", officer, noticeTo(notice("x")), valisev1.Reason_REASON_BAD_REQUEST},
		{"to 33", officer, noticeTo(notice("x"), slices.Repeat([]string{"XB/technical"}, 33)...), valisev1.Reason_REASON_BAD_REQUEST},
		{"to one twice", officer, noticeTo(notice("x"), "XB/technical", "XB/technical"), valisev1.Reason_REASON_BAD_REQUEST},
		{"to two tracks", officer, noticeTo(notice("x"), "XB/technical", "XB/diplomatic"), valisev1.Reason_REASON_WRONG_TRACK},
		{"from another track", officer, &valisev1.SendNoticeRequest{To: []string{"XB/technical"}, From: "XA/diplomatic", Notice: notice("x")}, valisev1.Reason_REASON_WRONG_TRACK},
		{"to one that left", officer, noticeTo(notice("x"), "XB/technical", "XC/technical"), valisev1.Reason_REASON_STATE_LEFT},
		{"to one that is not known", officer, noticeTo(notice("x"), "XB/technical", "XD/technical"), valisev1.Reason_REASON_NOT_FOUND},
		{"to ourselves", officer, noticeTo(notice("x"), "XB/technical", "XA/technical"), valisev1.Reason_REASON_BAD_REQUEST},
		{"to a real State", officer, noticeTo(notice("x"), "XB/technical", "AA/technical"), valisev1.Reason_REASON_WRONG_REALM},
		{"of nothing", officer, noticeTo(nil, "XB/technical"), valisev1.Reason_REASON_BAD_REQUEST},
		{"by nobody", officer, noticeTo(nobody, "XB/technical"), valisev1.Reason_REASON_BAD_REQUEST},
		{"by somebody who cannot be reached", officer, noticeTo(unreachable, "XB/technical"), valisev1.Reason_REASON_BAD_REQUEST},
		{"with a title of two lines", officer, noticeTo(notice("x\ny"), "XB/technical"), valisev1.Reason_REASON_BAD_TEXT},
		{"by a reader", keeper, noticeTo(notice("x"), "XB/technical"), valisev1.Reason_REASON_NOT_PERMITTED},
		{"by an officer of the other track", on(ident.Diplomatic), noticeTo(notice("x"), "XB/technical"), valisev1.Reason_REASON_NOT_PERMITTED},
		{"with a file that was not brought", officer, noticeTo(&valisev1.VoluntaryNotice{
			Originator: notice("x").Originator, Attachments: []*valisev1.Attachment{{Name: "a", Sha256: make([]byte, 32)}},
		}, "XB/technical"), valisev1.Reason_REASON_BAD_ATTACHMENT},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantReason(t, xa, c.want, func() error { return xa.tryInform(c.as, c.r) })
		})
	}
}

// The same request is one notice, to whomever it went, also after a start; another one under its id is
// refused. docs/protocol.md §12
func TestANoticeIsSentOnce(t *testing.T) {
	w := newWorld(t, "XA", "XB", "XC")
	xa := w.homes["XA"]
	r := noticeTo(notice("flaw"), "XB/technical", "XC/technical")
	r.Options = &valisev1.SendOptions{RequestId: "one"}
	first := xa.inform(officer, r)
	items := len(xa.store.items)
	xa.start()
	again := xa.inform(officer, r)
	if !slices.EqualFunc(first, again, func(a, b *valisev1.Sent) bool { return proto.Equal(a, b) }) || len(xa.store.items) != items {
		t.Fatalf("asked again: %v and %v", first, again)
	}
	other := proto.CloneOf(r)
	other.To = other.GetTo()[:1]
	wantReason(t, xa, valisev1.Reason_REASON_REQUEST_ID_CONFLICT, func() error { return xa.tryInform(officer, other) })
}

// Where four eyes are wanted each recipient's notice waits for its own clearance, and one that is sent
// back is written anew without touching the other. A-9 s4
func TestANoticeIsCleared(t *testing.T) {
	w := newWorld(t, "XA", "XB", "XC")
	xa, xb, xc := w.homes["XA"], w.homes["XB"], w.homes["XC"]
	xa.four[ident.Technical] = true
	n := notice("flaw")
	n.Attachments = []*valisev1.Attachment{xa.bring(officer, "a.bin", []byte("bytes"))}
	sent := xa.inform(officer, noticeTo(n, "XB/technical", "XC/technical"))
	for _, s := range sent {
		if !s.GetPendingClearance() || xa.stateOf(s) != statePending {
			t.Fatalf("it is %v", s)
		}
	}
	if _, err := xa.clear(clearer, sent[0].GetMessage()); err != nil {
		t.Fatal(err)
	}
	if err := xa.trySendBack(clearer, sent[1].GetMessage(), "say less"); err != nil {
		t.Fatal(err)
	}
	if xa.stateOf(sent[1]) != stateDraft {
		t.Error("what was sent back is no draft")
	}
	xa.start()
	w.converge()
	if len(xc.store.items) != 0 {
		t.Error("something reached XC that nobody cleared")
	}
	xb.wantBytes(sent[0].GetMessage(), 0, []byte("bytes"))
	revise := func(n *valisev1.VoluntaryNotice) error {
		_, err := xa.g.Revise(context.Background(), officer, &valisev1.ReviseMessageRequest{Message: sent[1].GetMessage(), Payload: payloadOf(n)})
		return err
	}
	wantReason(t, xa, valisev1.Reason_REASON_BAD_REQUEST, func() error { return revise(&valisev1.VoluntaryNotice{Title: "by nobody"}) })
	if err := revise(notice("less")); err != nil {
		t.Fatal(err)
	}
	for _, by := range []Actor{officer, clearer} {
		if _, err := xa.clear(by, sent[1].GetMessage()); err != nil {
			t.Fatal(err)
		}
	}
	w.converge()
	if title := xc.thread(sent[1].GetThread()).GetThread().GetTitle(); title != "less" {
		t.Errorf("XC reads %q", title)
	}
	if n := xa.rowsIn(tableUploadData) + xa.rowsIn(tableUploadUses); n != 0 {
		t.Errorf("%d rows are left of a file that has arrived", n)
	}
}

// TestOneFileForSeveral: the bytes lie there once for all recipients, for as long as one of them needs
// them: one notice is withdrawn, one is refused by nobody and comes late, one is taken back on its way.
func TestOneFileForSeveral(t *testing.T) {
	oneGoroutine(t)
	file := fileOf("big", 70*PartSize)
	for _, c := range []struct {
		name string
		then func(xa *home, sent []*valisev1.Sent)
	}{
		{"all of them get it", func(*home, []*valisev1.Sent) {}},
		{"one was never sent", func(xa *home, sent []*valisev1.Sent) {
			xa.takeBack(sent[1].GetMessage())
		}},
		{"one is taken back on its way", func(xa *home, sent []*valisev1.Sent) {
			for range 4 {
				xa.post()
			}
			xa.takeBack(sent[1].GetMessage())
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "XA", "XB", "XC")
			xa := w.homes["XA"]
			n := notice("flaw")
			n.Attachments = []*valisev1.Attachment{xa.bring(officer, "a.bin", file), {Name: "empty", Sha256: emptyFile[:]}}
			sent := xa.inform(officer, noticeTo(n, "XB/technical", "XC/technical"))
			if rows := xa.rowsIn(tableUploadData); rows != 70 {
				t.Fatalf("%d parts lie there for two recipients, want 70", rows)
			}
			if rows := xa.rowsIn(tableUploads); rows != 0 {
				t.Error("the file still waits for a message")
			}
			c.then(xa, sent)
			xa.start() // what is of no use is forgotten at a start
			xa.wantBytes(sent[0].GetMessage(), 0, file)
			w.pass(25 * time.Hour)
			w.converge()
			w.homes["XB"].wantFile(sent[0].GetThread(), 0, whole, 70)
			w.homes["XB"].wantBytes(sent[0].GetMessage(), 0, file)
			if c.name == "all of them get it" {
				w.homes["XC"].wantBytes(sent[1].GetMessage(), 0, file)
			}
			xa.wantBytes(sent[0].GetMessage(), 0, file)
			if n := xa.rowsIn(tableUploadData) + xa.rowsIn(tableUploadUses); n != 0 {
				t.Errorf("%d rows are left of a file that nobody waits for", n)
			}
		})
	}
}

// A sender that goes back to a backup gets its notice back from its peer, as a thread that a notice began.
// docs/protocol.md §7.6
func TestANoticeComesBack(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xa.inquire(xbTech, "before")
	w.converge()
	backup := xa.store.backup()
	sent := xa.inform(officer, noticeTo(notice("flaw"), "XB/technical"))[0]
	w.converge()
	xb.reply(sent.GetThread(), &valisev1.Acknowledgement{})
	xa.restore(backup)
	w.converge()
	for _, h := range []*home{xa, xb} {
		view := h.thread(sent.GetThread())
		th := view.GetThread()
		if th.GetState() != stateAcknowledged || th.GetTitle() != "flaw" || th.GetOpening() != valisev1.Kind_KIND_VOLUNTARY_NOTICE || th.GetOutbound() != (h == xa) || len(view.GetMessages()) != 2 {
			t.Errorf("%s sees %v", h.state, view)
		}
	}
}

// A second notice, or an inquiry after it, begins no thread that has begun; a notice that claims to ask
// is no inquiry. docs/protocol.md §5.2
func TestANoticeBeginsItsThreadAlone(t *testing.T) {
	w := newWorld(t)
	xb, f := w.homes["XB"], newForger(t)
	n := notice("forged")
	wantEffects(t, xb.mustTake(f.sign(f.header(valisev1.Kind_KIND_VOLUNTARY_NOTICE, 1, 1), n)), valisev1.Reason_REASON_PAYLOAD, true)
	n.Preamble = f.inquiryPayload().GetPreamble()
	wantEffects(t, xb.mustTake(f.sign(f.header(valisev1.Kind_KIND_VOLUNTARY_NOTICE, 2, 1), n)), 0, true)
	wantEffects(t, xb.mustTake(f.sign(f.header(valisev1.Kind_KIND_VOLUNTARY_NOTICE, 2, 2), n)), valisev1.Reason_REASON_THREAD, true)
	wantEffects(t, xb.mustTake(f.sign(f.header(valisev1.Kind_KIND_INQUIRY, 2, 3), f.inquiryPayload())), valisev1.Reason_REASON_THREAD, true)
	wantEffects(t, xb.mustTake(f.supplement(2, 4)), 0, true)
	wantEffects(t, xb.mustTake(f.sign(f.header(valisev1.Kind_KIND_RESPONSE, 2, 5), &valisev1.Response{})), valisev1.Reason_REASON_PAYLOAD, true)
}

// What is sent to one recipient again needs no bytes that another one still waits for. docs/protocol.md §6
func TestOneFileSentAgain(t *testing.T) {
	oneGoroutine(t)
	w := newWorld(t, "XA", "XB", "XC")
	xa, xb, xc := w.homes["XA"], w.homes["XB"], w.homes["XC"]
	file := fileOf("big", 70*PartSize)
	n := notice("flaw")
	n.Attachments = []*valisev1.Attachment{xa.bring(officer, "a.bin", file)}
	sent := xa.inform(officer, noticeTo(n, "XB/technical", "XC/technical"))
	xc.setLink(false)
	xa.post()
	xb.fetch()
	right, err := ident.ParseDigest(xb.files(sent[0].GetThread())[0].GetSha256())
	if err != nil {
		t.Fatal(err)
	}
	xb.expectSum(sent[0].GetMessage(), make([]byte, 32))
	for range 300 {
		if len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_REFUSED)) > 0 {
			break
		}
		for _, h := range []*home{xa, xb} {
			h.post()
			h.fetch()
		}
	}
	xb.wantFile(sent[0].GetThread(), 0, spoiled, 0)
	xb.expectSum(sent[0].GetMessage(), right[:])
	w.settle()
	if left := xa.rowsIn(tableUploadData); left != 6 || xa.rowsIn(tableUploadUses) != 0 {
		t.Errorf("%d parts lie there for XC, want the 6 that are beyond what may be ahead", left)
	}
	xc.setLink(true)
	w.converge()
	xb.wantBytes(sent[0].GetMessage(), 0, file)
	xc.wantBytes(sent[1].GetMessage(), 0, file)
	if n := xa.rowsIn(tableUploadData) + xa.rowsIn(tableUploadUses); n != 0 {
		t.Errorf("%d rows are left of a file that nobody waits for", n)
	}
}
