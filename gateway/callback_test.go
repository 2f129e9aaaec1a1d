package gateway

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// anotherRoot is one that XB shows, and that nobody was called about.
var anotherRoot = directory.RootChange{
	State: "XB", Held: ident.KeyID{1}, Offered: ident.KeyID{2}, Number: 2,
	Telephones: []string{"+99900000001"}, OnlyOffered: []string{"+99900000666"},
}

// shows makes the directory of a home say that a State shows other roots, or none.
func (h *home) shows(roots ...directory.RootChange) {
	h.w.t.Helper()
	h.dir.roots = roots
	if err := h.g.DirectoryChanged(context.Background()); err != nil {
		h.w.t.Fatal(err)
	}
}

func (h *home) questions() []*valisev1.TrustQuestion {
	h.w.t.Helper()
	list, err := h.g.Questions(context.Background())
	if err != nil {
		h.w.t.Fatal(err)
	}
	return list
}

func calledBack() *valisev1.ConfirmRootRequest {
	return &valisev1.ConfirmRootRequest{
		State: "XB", Fingerprint: anotherRoot.Offered.Fingerprint(), ReadAloud: "all of it, by them",
		Contact: &valisev1.ContactLog{Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, Person: "B. Alder", Detail: "+999 00 000 001"},
	}
}

// TestARootInQuestion: what XB sends is held under whichever key, is no thread and has no receipt, over a
// restart too; XA begins nothing with it; and once an officer has called, all of it is there, in order.
func TestARootInQuestion(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	before := xb.inquire(xaTech, "before").GetThread()
	w.settle()
	xa.shows(anotherRoot)
	after := xb.inquire(xaTech, "after").GetThread()
	xb.reply(before, &valisev1.Supplement{Narrative: "more"})
	for range 3 { // its sender has no receipt
		w.settle()
		w.tick(time.Hour)
	}
	if err := xa.tryThread(officer, after); err == nil {
		t.Error("what came after is shown as XB's")
	}
	if n := len(xa.thread(before).GetMessages()); n != 1 {
		t.Errorf("the thread from before shows %d messages", n)
	}
	if n := len(xb.outbox()); n != 2 {
		t.Errorf("XB's outbox has %d rows, want both of what nobody has receipted", n)
	}
	wantReason(t, xa, valisev1.Reason_REASON_KEY_CHANGED, func() error {
		return xa.tryInquire(officer, &valisev1.SendInquiryRequest{To: "XB/technical", Inquiry: inquiry("x")})
	})
	wantReason(t, xa, valisev1.Reason_REASON_KEY_CHANGED, func() error { return xa.tryReply(officer, before, &valisev1.Acknowledgement{}) })
	xa.start()
	if list := xa.questions(); len(list) != 1 || list[0].GetHeld() != 2 || list[0].GetState() != "XB" || !slices.Equal(list[0].GetTelephones(), anotherRoot.Telephones) {
		t.Fatalf("questions after a restart: %v", list)
	}
	if n := len(xa.itemsOf(valisev1.ItemType_ITEM_TYPE_TRUST)); n != 1 {
		t.Errorf("%d items tell that the root came into question", n)
	}

	out, err := xa.g.ConfirmRoot(context.Background(), officer, calledBack())
	if err != nil || out.GetHeld() != 2 {
		t.Fatalf("%v, %v", out, err)
	}
	xa.shows()
	if list := xa.thread(after).GetMessages(); len(list) != 1 || !slices.Contains(list[0].GetMarks(), valisev1.Mark_MARK_HELD_FOR_CALL_BACK) {
		t.Errorf("what was held is shown as %v", list)
	}
	if n := len(xa.thread(before).GetMessages()); n != 2 {
		t.Errorf("the thread from before shows %d messages", n)
	}
	w.settle()
	if n := len(xb.outbox()); n != 0 {
		t.Errorf("XB's outbox still has %d rows", n)
	}
	if n := len(xa.questions()); n != 0 || xa.rowsIn(tableHeldMail) != 0 || xa.rowsIn(tableQuarantine) != 0 {
		t.Errorf("%d questions are left, %d held, %d in quarantine", n, xa.rowsIn(tableHeldMail), xa.rowsIn(tableQuarantine))
	}
	last := xa.itemsOf(valisev1.ItemType_ITEM_TYPE_TRUST)[1]
	if f := last.GetTrust(); f.GetEvent() != valisev1.TrustEvent_TRUST_EVENT_CALLED_BACK || last.GetOfficer() != "duty" ||
		f.GetContact().GetSource() != valisev1.ContactSource_CONTACT_SOURCE_REGISTERED || f.GetOutcome() != valisev1.TrustOutcome_TRUST_OUTCOME_CONFIRMED {
		t.Errorf("the call is recorded as %v", last)
	}
}

// claimed lets a key of XB's stand in the entry in quarantine alone.
func (h *home) claimed(a ident.Address) (id ident.KeyID, put func(unconfirmed bool)) {
	key := h.keys[a].Public()
	id = key.ID(realm)
	return id, func(unconfirmed bool) {
		h.dir.who[id] = seal.Speaker{Key: key, Address: a, ValidFrom: start.AddDate(0, -1, 0), ValidUntil: start.AddDate(1, 0, 0), Unconfirmed: unconfirmed}
	}
}

// TestARootThatIsNotTheirs: what came under its keys is nobody's word, and batches under them clear nothing.
func TestARootThatIsNotTheirs(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	waits := xa.inquire(xbTech, "asked before").GetThread()
	_, put := xa.claimed(xbTech)
	put(true)
	xa.shows(anotherRoot)
	forged := xb.inquire(xaTech, "forged").GetThread()
	w.settle()
	if got := xa.thread(waits).GetThread().GetDelivery(); got != valisev1.Delivery_DELIVERY_LEFT {
		t.Errorf("a batch under a key that nobody confirmed says %v", got)
	}
	if list := xa.questions(); len(list) != 1 || list[0].GetHeld() != 1 {
		t.Fatalf("questions: %v", list)
	}
	denied := calledBack()
	denied.NotTheirs = true
	if _, err := xa.g.ConfirmRoot(context.Background(), officer, denied); err != nil {
		t.Fatal(err)
	}
	gone := anotherRoot
	gone.Denied = true
	// The key is in nobody's entry now.
	theirs := mustKey("the key that XB has")
	xa.dir.who[xa.keys[xbTech].Public().ID(realm)] = seal.Speaker{Key: theirs.Public(), Address: xbTech}
	xa.shows(gone)
	if err := xa.tryThread(officer, forged); err == nil {
		t.Error("what was signed under a root that is not theirs is shown as XB's")
	}
	list, err := xa.g.Quarantine(context.Background())
	if err != nil || !slices.ContainsFunc(list, func(q *valisev1.QuarantineRow) bool { return q.GetReason() == valisev1.Reason_REASON_UNKNOWN_KEY }) {
		t.Errorf("quarantine: %v, %v", list, err)
	}
	if xa.rowsIn(tableHeldMail) != 0 {
		t.Error("it is still held")
	}
	wantReason(t, xa, valisev1.Reason_REASON_NOT_FOUND, func() error {
		_, err := xa.g.ConfirmRoot(context.Background(), officer, denied)
		return err
	})
}

// TestOpenedBeforeTheAnswer: a message that was opened while the root was in question, and comes to the
// core after it was denied, is taken for nobody's.
func TestOpenedBeforeTheAnswer(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	id, put := xa.claimed(xbTech)
	put(true)
	f := newForger(t)
	f.from, f.to = xbTech, xaTech
	for name, c := range map[string]struct {
		now  func()
		want valisev1.Reason
	}{
		"denied":    {func() { xa.dir.who[id] = seal.Speaker{RevokedSince: start} }, valisev1.Reason_REASON_UNKNOWN_KEY},
		"confirmed": {func() { put(false) }, 0},
	} {
		put(true)
		o, err := xa.opener().VerifySigned(f.sign(f.header(valisev1.Kind_KIND_INQUIRY, 8, 1), f.inquiryPayload()))
		if err != nil {
			t.Fatal(err)
		}
		c.now()
		f.sequence, f.previous = 0, ident.Digest{}
		if effects, err := xa.g.Receive(context.Background(), o); err != nil || effects.Reason != c.want {
			t.Errorf("%s: %v, %v", name, effects, err)
		}
	}
}

// TestWhatIsNoCallBack: a root is believed only after a call that our side made, by a number that the
// entry in question does not alone name.
func TestWhatIsNoCallBack(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	xa.shows(anotherRoot)
	for name, c := range map[string]struct {
		by     Actor
		change func(*valisev1.ConfirmRootRequest)
		want   valisev1.Reason
	}{
		"a drafter":            {by: drafter, want: valisev1.Reason_REASON_NOT_PERMITTED},
		"nobody answered":      {change: func(r *valisev1.ConfirmRootRequest) { r.Contact.Person = "" }, want: valisev1.Reason_REASON_BAD_REQUEST},
		"no number":            {change: func(r *valisev1.ConfirmRootRequest) { r.Contact.Detail = "" }, want: valisev1.Reason_REASON_BAD_REQUEST},
		"a mail":               {change: func(r *valisev1.ConfirmRootRequest) { r.Contact.Means = valisev1.ContactMeans_CONTACT_MEANS_EMAIL }, want: valisev1.Reason_REASON_BAD_REQUEST},
		"they called":          {change: func(r *valisev1.ConfirmRootRequest) { r.Contact.Inbound = true }, want: valisev1.Reason_REASON_BAD_REQUEST},
		"the new entry's":      {change: func(r *valisev1.ConfirmRootRequest) { r.Contact.Detail = "+999 00-000 666" }, want: valisev1.Reason_REASON_BAD_REQUEST},
		"no contact":           {change: func(r *valisev1.ConfirmRootRequest) { r.Contact = nil }, want: valisev1.Reason_REASON_BAD_REQUEST},
		"an escape sequence":   {change: func(r *valisev1.ConfirmRootRequest) { r.ReadAloud = "\x1b[2J" }, want: valisev1.Reason_REASON_BAD_TEXT},
		"another root":         {change: func(r *valisev1.ConfirmRootRequest) { r.Fingerprint = ident.KeyID{3}.Fingerprint() }, want: valisev1.Reason_REASON_KEY_CHANGED},
		"no fingerprint":       {change: func(r *valisev1.ConfirmRootRequest) { r.Fingerprint = "12345" }, want: valisev1.Reason_REASON_BAD_REQUEST},
		"another State":        {change: func(r *valisev1.ConfirmRootRequest) { r.State = "XC" }, want: valisev1.Reason_REASON_NOT_FOUND},
		"another State's root": {change: func(r *valisev1.ConfirmRootRequest) { r.State = "XB "; r.NotTheirs = true }, want: valisev1.Reason_REASON_NOT_FOUND},
	} {
		by := c.by
		if by.Name == "" {
			by = officer
		}
		r := calledBack()
		if c.change != nil {
			c.change(r)
		}
		t.Run(name, func(t *testing.T) {
			wantReason(t, xa, c.want, func() error {
				_, err := xa.g.ConfirmRoot(context.Background(), by, r)
				return err
			})
		})
	}
	if len(xa.questions()) != 1 {
		t.Fatal("the question is over without a call")
	}
	known := calledBack()
	known.Contact.Detail, known.Source, known.RequestId = "+99900000666", "note verbale 12/2032", "once"
	first, err := xa.g.ConfirmRoot(context.Background(), nodeAdmin, known)
	if err != nil {
		t.Fatal(err)
	}
	xa.shows()
	again, err := xa.g.ConfirmRoot(context.Background(), nodeAdmin, proto.CloneOf(known))
	if err != nil || again.GetItem() != first.GetItem() {
		t.Errorf("the same request: %v, %v", again, err)
	}
}

// TestHeldMailIsBounded: a State whose root is in question fills no disk; what is not held stays in its
// outbox and comes when somebody has called. P7
func TestHeldMailIsBounded(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	xa.shows(anotherRoot)
	f := newForger(t)
	f.from, f.to = xbTech, xaTech
	var all [][]byte
	for range maxHeldMail + 3 {
		all = append(all, f.sign(f.header(valisev1.Kind_KIND_INQUIRY, 1, 1), inquiry("x")))
	}
	for _, signed := range slices.Concat(all, all) {
		if effects := xa.mustTake(signed); effects.Reason != valisev1.Reason_REASON_CALL_BACK_DUE || len(effects.ReceiptTo) > 0 {
			t.Fatalf("effects %v", effects)
		}
	}
	if n := xa.rowsIn(tableHeldMail); n != maxHeldMail {
		t.Errorf("%d messages are held", n)
	}
	xa.setSpace(SpaceLast)
	f.from = xbDip
	f.to = xaDip
	xa.mustTake(f.sign(f.header(valisev1.Kind_KIND_INQUIRY, 2, 1), inquiry("x")))
	if n := xa.rowsIn(tableHeldMail); n != maxHeldMail {
		t.Error("a message is held on the last of the disk")
	}
}

// TestPeopleAreCalledForAQuestion: until somebody has called back, or the question has ended by itself.
func TestPeopleAreCalledForAQuestion(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	w.callsOf(xa, nobodyQuiet)
	xa.shows(anotherRoot)
	xa.wantCalls("a root in question", "first")
	w.skip(nobodyQuiet.Steps[1].After)
	xa.wantCalls("nobody has called back", "second")
	xa.shows()
	w.skip(nobodyQuiet.Steps[2].After)
	xa.wantCalls("a later list has ended it", "")
	if all := xa.itemsOf(valisev1.ItemType_ITEM_TYPE_TRUST); len(all) != 2 || all[1].GetTrust().GetEvent() != valisev1.TrustEvent_TRUST_EVENT_SETTLED {
		t.Errorf("items: %v", all)
	}
}
