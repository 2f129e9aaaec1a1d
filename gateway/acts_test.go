package gateway

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func reasonOf(err error) valisev1.Reason {
	var e *Error
	if !errors.As(err, &e) {
		return valisev1.Reason_REASON_UNSPECIFIED
	}
	return e.Reason
}

// wantReason asserts a typed refusal that leaves no trace in the store.
func wantReason(t *testing.T, h *home, want valisev1.Reason, act func() error) {
	t.Helper()
	items, keys := len(h.store.items), len(h.store.keys)
	err := act()
	if reasonOf(err) != want {
		t.Fatalf("%v, want %v", err, want)
	}
	if len(h.store.items) != items || len(h.store.keys) != keys {
		t.Error("a refusal left a trace")
	}
	var e *Error
	if errors.As(err, &e); e.Op == "" || e.Detail == "" {
		t.Errorf("refusal without act or sentence: %+v", e)
	}
}

func (h *home) tryInquire(a Actor, r *valisev1.SendInquiryRequest) error {
	_, err := h.g.Inquire(context.Background(), a, r)
	return err
}

func (h *home) tryReply(a Actor, thread string, m proto.Message) error {
	_, err := h.g.Reply(context.Background(), a, &valisev1.ReplyRequest{Thread: thread, Payload: payloadOf(m)})
	return err
}

func TestInquiriesThatAreRefused(t *testing.T) {
	ask := func(change func(*valisev1.SendInquiryRequest)) *valisev1.SendInquiryRequest {
		r := &valisev1.SendInquiryRequest{To: "XB/technical", Inquiry: inquiry("x")}
		change(r)
		return r
	}
	for _, c := range []struct {
		name string
		as   Actor
		r    *valisev1.SendInquiryRequest
		want valisev1.Reason
	}{
		{"no officer", Actor{}, ask(func(*valisev1.SendInquiryRequest) {}), valisev1.Reason_REASON_NOT_PERMITTED},
		{"node admin", nodeAdmin, ask(func(*valisev1.SendInquiryRequest) {}), valisev1.Reason_REASON_NOT_PERMITTED},
		{"record keeper", keeper, ask(func(*valisev1.SendInquiryRequest) {}), valisev1.Reason_REASON_NOT_PERMITTED},
		{"no address", officer, ask(func(r *valisev1.SendInquiryRequest) { r.To = "XB" }), valisev1.Reason_REASON_BAD_REQUEST},
		{"ourselves", officer, ask(func(r *valisev1.SendInquiryRequest) { r.To = "XA/technical" }), valisev1.Reason_REASON_BAD_REQUEST},
		{"from another State", officer, ask(func(r *valisev1.SendInquiryRequest) { r.From = "XC/technical" }), valisev1.Reason_REASON_BAD_REQUEST},
		{"across tracks", officer, ask(func(r *valisev1.SendInquiryRequest) { r.From = "XA/diplomatic" }), valisev1.Reason_REASON_WRONG_TRACK},
		{"a manager's desk", officer, ask(func(r *valisev1.SendInquiryRequest) { r.To = "@global/manager" }), valisev1.Reason_REASON_WRONG_TRACK},
		{"another realm", officer, ask(func(r *valisev1.SendInquiryRequest) { r.To = "AA/technical" }), valisev1.Reason_REASON_WRONG_REALM},
		{"not in the directory", officer, ask(func(r *valisev1.SendInquiryRequest) { r.To = "XZ/technical" }), valisev1.Reason_REASON_NOT_FOUND},
		{"nothing", officer, ask(func(r *valisev1.SendInquiryRequest) { r.Inquiry = nil }), valisev1.Reason_REASON_BAD_REQUEST},
		{"nobody asks", officer, ask(func(r *valisev1.SendInquiryRequest) { r.Inquiry.Originator = nil }), valisev1.Reason_REASON_BAD_REQUEST},
		{"no way to reach them", officer, ask(func(r *valisev1.SendInquiryRequest) {
			r.Inquiry.Originator.Phone, r.Inquiry.PreferredChannels = "", nil
		}), valisev1.Reason_REASON_BAD_REQUEST},
		{"two lines in the title", officer, ask(func(r *valisev1.SendInquiryRequest) { r.Inquiry.Title = "a\nb" }), valisev1.Reason_REASON_BAD_TEXT},
		{"two lines in a channel", officer, ask(func(r *valisev1.SendInquiryRequest) { r.Inquiry.PreferredChannels[0].Kind = "a\nb" }), valisev1.Reason_REASON_BAD_TEXT},
		{"an escape sequence", officer, ask(func(r *valisev1.SendInquiryRequest) { r.Inquiry.Narrative = "\x1b[2J" }), valisev1.Reason_REASON_BAD_TEXT},
		{"not UTF-8", officer, ask(func(r *valisev1.SendInquiryRequest) { r.Inquiry.Narrative = "\xff" }), valisev1.Reason_REASON_BAD_TEXT},
		{"a narrative of 121 KiB", officer, ask(func(r *valisev1.SendInquiryRequest) { r.Inquiry.Narrative = strings.Repeat("x", 124_000) }), valisev1.Reason_REASON_PAYLOAD},
		{"a choice that does not exist", officer, ask(func(r *valisev1.SendInquiryRequest) { r.Inquiry.RequestType = 99 }), valisev1.Reason_REASON_PAYLOAD},
		{"all that fits each field is too much together", officer, ask(func(r *valisev1.SendInquiryRequest) {
			r.Inquiry.Narrative = strings.Repeat("x", 119_000)
			r.Inquiry.Preamble = &valisev1.Preamble{Translations: []*valisev1.Translation{{Language: "fr", Text: strings.Repeat("x", 119_000)}, {Language: "es", Text: strings.Repeat("x", 119_000)}}}
		}), valisev1.Reason_REASON_TOO_LARGE},
		{"an attachment whose bytes nobody brought", officer, ask(func(r *valisev1.SendInquiryRequest) {
			r.Inquiry.Attachments = []*valisev1.Attachment{{Name: "x", Sha256: make([]byte, 32)}}
		}), valisev1.Reason_REASON_BAD_ATTACHMENT},
		{"undo of a day", officer, ask(func(r *valisev1.SendInquiryRequest) { r.Options = &valisev1.SendOptions{UndoSeconds: 86_400} }), valisev1.Reason_REASON_BAD_REQUEST},
		{"not before the year 9000", officer, ask(func(r *valisev1.SendInquiryRequest) {
			r.Options = &valisev1.SendOptions{NotBefore: timestamppb.New(start.AddDate(7000, 0, 0))}
		}), valisev1.Reason_REASON_BAD_REQUEST},
		{"a request id of 1 KiB", officer, ask(func(r *valisev1.SendInquiryRequest) {
			r.Options = &valisev1.SendOptions{RequestId: strings.Repeat("x", 1024)}
		}), valisev1.Reason_REASON_BAD_REQUEST},
	} {
		t.Run(c.name, func(t *testing.T) {
			xa := newWorld(t).homes["XA"]
			wantReason(t, xa, c.want, func() error { return xa.tryInquire(c.as, c.r) })
		})
	}
}

func TestStateThatLeft(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	sent := xa.inquire(xbTech, "before")
	left := start.AddDate(0, 0, -1)
	xa.dir.left["XB"] = left
	act := func() error { return xa.tryReply(officer, sent.GetThread(), &valisev1.Supplement{}) }
	wantReason(t, xa, valisev1.Reason_REASON_STATE_LEFT, act)
	var e *Error
	if errors.As(act(), &e); !e.At.Equal(left) {
		t.Fatalf("left on %v, want %v", e.At, left)
	}
	if xa.thread(sent.GetThread()).GetThread().GetTitle() != "before" {
		t.Fatal("the thread is not readable any more")
	}
}

func TestRepliesThatAreRefused(t *testing.T) {
	full := &valisev1.Response{Outcome: valisev1.Outcome_OUTCOME_FULL}
	for _, c := range []struct {
		name    string
		inbound bool // at the side that was asked
		before  []proto.Message
		m       proto.Message
		want    valisev1.Reason
	}{
		{"an inquiry", false, nil, inquiry("x"), valisev1.Reason_REASON_BAD_REQUEST},
		{"a kind not built yet", false, nil, &valisev1.TermView{}, valisev1.Reason_REASON_UNIMPLEMENTED},
		{"a communication check", false, nil, &valisev1.Ping{}, valisev1.Reason_REASON_BAD_REQUEST},
		{"an answer to no communication check", true, nil, &valisev1.PingReply{EntryCorrect: true}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"a notice", false, nil, &valisev1.VoluntaryNotice{}, valisev1.Reason_REASON_BAD_REQUEST},
		{"nothing to acknowledge", false, nil, &valisev1.Acknowledgement{}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"acknowledged twice", true, []proto.Message{&valisev1.Acknowledgement{}}, &valisev1.Acknowledgement{}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"an answer by whoever asked", false, nil, full, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"holding by whoever asked", false, nil, &valisev1.HoldingReply{}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"an answer without outcome", true, nil, &valisev1.Response{}, valisev1.Reason_REASON_PAYLOAD},
		{"nothing to revise", true, nil, &valisev1.RevisedEstimate{Estimate: &valisev1.Estimate{}}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"no proposal to answer", false, nil, &valisev1.ChannelAnswer{Decision: 1}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"a proposal of our own", false, []proto.Message{&valisev1.ChannelProposal{Channels: []*valisev1.Channel{{Kind: "phone"}}}}, &valisev1.ChannelAnswer{Decision: 1}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"a counter without a channel", true, nil, &valisev1.ChannelAnswer{Decision: 2}, valisev1.Reason_REASON_BAD_REQUEST},
		{"closed twice", false, []proto.Message{&valisev1.Closure{}}, &valisev1.Closure{}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"reopened though open", false, nil, &valisev1.Reopen{}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"a correction of nothing", false, nil, &valisev1.Correction{Text: "x"}, valisev1.Reason_REASON_NOT_FOUND},
		{"a correction of the peer", true, nil, &valisev1.Correction{Text: "x", Message: make([]byte, 32)}, valisev1.Reason_REASON_NOT_FOUND},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			sent := w.homes["XA"].inquire(xbTech, "x")
			w.settle()
			side := w.homes["XA"]
			if c.inbound {
				side = w.homes["XB"]
			}
			for _, m := range c.before {
				side.reply(sent.GetThread(), m)
			}
			wantReason(t, side, c.want, func() error { return side.tryReply(officer, sent.GetThread(), c.m) })
		})
	}
}

func TestFindingByPrefix(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	sent := xa.inquire(xbTech, "x")
	id := sent.GetThread()
	for _, n := range []int{8, 9, 15, 31, 32} {
		if got := xa.thread(id[:n]).GetThread().GetThread(); got != id {
			t.Errorf("%d digits find %s", n, got)
		}
	}
	for prefix, want := range map[string]valisev1.Reason{
		id[:7]:                      valisev1.Reason_REASON_BAD_REQUEST,
		strings.ToUpper("ABCDEF00"): valisev1.Reason_REASON_BAD_REQUEST,
		"zzzzzzzz":                  valisev1.Reason_REASON_BAD_REQUEST,
		id + "0":                    valisev1.Reason_REASON_BAD_REQUEST,
		"00000000":                  valisev1.Reason_REASON_NOT_FOUND,
		"":                          valisev1.Reason_REASON_BAD_REQUEST,
	} {
		if _, err := xa.g.Thread(context.Background(), officer, &valisev1.GetThreadRequest{Thread: prefix}); reasonOf(err) != want {
			t.Errorf("%q: %v, want %v", prefix, err, want)
		}
	}
	// A peer chooses its ids: two that begin alike, even for 24 digits, are told apart.
	xb, f := w.homes["XB"], newForger(t)
	for i := range byte(2) {
		h := f.header(valisev1.Kind_KIND_INQUIRY, 1, 1)
		h.Thread = ident.ThreadID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, i}
		xb.mustTake(f.sign(h, f.inquiryPayload()))
	}
	alike := "0102030405060708090a0b0c0d0e0f"
	if _, err := xb.g.Thread(context.Background(), officer, &valisev1.GetThreadRequest{Thread: alike[:12]}); reasonOf(err) != valisev1.Reason_REASON_AMBIGUOUS {
		t.Errorf("a short id that fits two: %v", err)
	}
	if got := xb.thread(alike + "01").GetThread().GetThread(); got != alike+"01" {
		t.Errorf("the whole id finds %s", got)
	}
}

func TestRequestIDs(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	ask := func(a Actor, title string) (*valisev1.Sent, error) {
		return xa.g.Inquire(context.Background(), a, &valisev1.SendInquiryRequest{
			To: "XB/technical", Inquiry: inquiry(title), Options: &valisev1.SendOptions{RequestId: "one"},
		})
	}
	first, err := ask(officer, "x")
	if err != nil {
		t.Fatal(err)
	}
	items := len(xa.store.items)
	xa.start()
	w.now = w.now.AddDate(1, 0, 0)
	again, err := ask(officer, "x")
	if err != nil || !proto.Equal(first, again) || len(xa.store.items) != items {
		t.Fatalf("the same request again: %v, %v", again, err)
	}
	other := officer
	other.Name = "another"
	for name, act := range map[string]func() error{
		"another body":    func() error { _, err := ask(officer, "y"); return err },
		"another officer": func() error { _, err := ask(other, "x"); return err },
		"another act": func() error {
			_, err := xa.g.LogContact(context.Background(), officer, &valisev1.LogContactRequest{RequestId: "one", Contact: &valisev1.ContactLog{Peer: "XB/technical"}})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { wantReason(t, xa, valisev1.Reason_REASON_REQUEST_ID_CONFLICT, act) })
	}
}

// TestUnknownOutcome: a storage error says nothing about what is durable; the request id does.
func TestUnknownOutcome(t *testing.T) {
	for _, durable := range []bool{false, true} {
		w := newWorld(t)
		xa := w.homes["XA"]
		broken := errors.New("EIO")
		xa.store.fail = func() (error, error) {
			if durable {
				return nil, broken
			}
			return broken, nil
		}
		r := &valisev1.SendInquiryRequest{To: "XB/technical", Inquiry: inquiry("x"), Options: &valisev1.SendOptions{RequestId: "one"}}
		if err := xa.tryInquire(officer, r); reasonOf(err) != valisev1.Reason_REASON_STORAGE_UNKNOWN || !errors.Is(err, broken) {
			t.Fatalf("%v", err)
		}
		xa.heal()
		if err := xa.tryInquire(officer, r); err != nil {
			t.Fatal(err)
		}
		if got := len(xa.itemsOf(valisev1.ItemType_ITEM_TYPE_SENT)); got != 1 {
			t.Fatalf("asked again after an unknown outcome (durable: %v): %d messages", durable, got)
		}
		w.converge()
		assertPromises(t, w)
	}
}

// TestFunctionsMayRunTwice: a group commit may run a transaction's function again.
func TestFunctionsMayRunTwice(t *testing.T) {
	w := newWorld(t)
	for _, s := range w.order {
		w.homes[s].store.again = true
	}
	sent := w.homes["XA"].inquire(xbTech, "x")
	w.settle()
	w.homes["XB"].reply(sent.GetThread(), &valisev1.Acknowledgement{})
	w.converge()
	assertPromises(t, w)
	if got := w.homes["XA"].thread(sent.GetThread()).GetThread().GetDelivery(); got != valisev1.Delivery_DELIVERY_ACKNOWLEDGED {
		t.Fatalf("delivery %v", got)
	}
}

func TestWhatTheNodeAddsToAMessage(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	q := inquiry("x")
	q.Preamble = &valisev1.Preamble{OwnReference: "XA-1", Officer: "somebody else", Role: "minister", Notes: []*valisev1.NoteReference{{Id: "another", Version: 1}}}
	sent, err := xa.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: "XB/technical", Inquiry: q})
	if err != nil {
		t.Fatal(err)
	}
	w.settle()
	got := xb.thread(sent.GetThread()).GetMessages()[0].GetPayload().GetInquiry().GetPreamble()
	if got.GetOfficer() != "Duty Officer" || got.GetRole() != "duty_officer" || got.GetTlp() != valisev1.Tlp_TLP_AMBER_STRICT {
		t.Errorf("preamble %v", got)
	}
	if len(got.GetNotes()) != 1 || got.GetNotes()[0].GetId() != "territory" {
		t.Errorf("notes %v", got.GetNotes())
	}
	hold := &valisev1.HoldingReply{Preamble: &valisev1.Preamble{OwnReference: "XB-7", Tlp: valisev1.Tlp_TLP_GREEN}}
	xb.reply(sent.GetThread(), hold)
	w.settle()
	messages := xa.thread(sent.GetThread()).GetMessages()
	reply := messages[len(messages)-1].GetPayload().GetHoldingReply().GetPreamble()
	if reply.GetPeerReference() != "XA-1" || reply.GetOwnReference() != "XB-7" || reply.GetTlp() != valisev1.Tlp_TLP_GREEN {
		t.Errorf("reply's preamble %v", reply)
	}
	if len(reply.GetNotes()) != 1 || reply.GetNotes()[0].GetId() != "without-prejudice" {
		t.Errorf("notes %v", reply.GetNotes())
	}
	xa.reply(sent.GetThread(), &valisev1.Supplement{Narrative: "more"})
	w.settle()
	messages = xb.thread(sent.GetThread()).GetMessages()
	more := messages[len(messages)-1].GetPayload().GetSupplement().GetPreamble()
	if more.GetPeerReference() != "XB-7" || more.GetOwnReference() != "XA-1" {
		t.Errorf("supplement's preamble %v", more)
	}
	if !messages[0].GetCreated().AsTime().Equal(start) || messages[2].GetInReplyTo() != messages[1].GetMessage() {
		t.Errorf("created %v, in reply to %s", messages[0].GetCreated(), messages[2].GetInReplyTo())
	}
}

func TestContactLog(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	sent := xa.inquire(xbTech, "x")
	log := func(a Actor, r *valisev1.LogContactRequest) error {
		_, err := xa.g.LogContact(context.Background(), a, r)
		return err
	}
	w.now = w.now.Add(time.Minute)
	r := &valisev1.LogContactRequest{Thread: sent.GetThread()[:8], Contact: &valisev1.ContactLog{
		Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, Person: "B. Birch", Detail: "+99900000002", Note: "They know.\nThey call back.",
	}}
	if err := log(officer, r); err != nil {
		t.Fatal(err)
	}
	view := xa.thread(sent.GetThread())
	got := view.GetMessages()[len(view.GetMessages())-1].GetContactLog()
	if got.GetPeer() != "XB/technical" || !got.GetAt().AsTime().Equal(w.now) || !view.GetThread().GetChanged().AsTime().Equal(w.now) {
		t.Fatalf("logged %v", got)
	}
	if err := log(officer, &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{Peer: "XC/technical"}}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		a    Actor
		r    *valisev1.LogContactRequest
		want valisev1.Reason
	}{
		"nobody to log":     {officer, &valisev1.LogContactRequest{}, valisev1.Reason_REASON_BAD_REQUEST},
		"no peer":           {officer, &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{}}, valisev1.Reason_REASON_BAD_REQUEST},
		"no such thread":    {officer, &valisev1.LogContactRequest{Thread: "00000000", Contact: &valisev1.ContactLog{}}, valisev1.Reason_REASON_NOT_FOUND},
		"an escape":         {officer, &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{Peer: "XB/technical", Note: "\x1b[2J"}}, valisev1.Reason_REASON_BAD_TEXT},
		"two lines in name": {officer, &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{Peer: "XB/technical", Person: "a\nb"}}, valisev1.Reason_REASON_BAD_TEXT},
		"1 MiB":             {officer, &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{Peer: "XB/technical", Note: strings.Repeat("x", 1<<20)}}, valisev1.Reason_REASON_BAD_REQUEST},
		"unknown means":     {officer, &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{Peer: "XB/technical", Means: 50}}, valisev1.Reason_REASON_BAD_REQUEST},
		"impossible time":   {officer, &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{Peer: "XB/technical", At: &timestamppb.Timestamp{Nanos: -5}}}, valisev1.Reason_REASON_BAD_REQUEST},
		"record keeper":     {keeper, r, valisev1.Reason_REASON_NOT_PERMITTED},
	} {
		t.Run(name, func(t *testing.T) { wantReason(t, xa, c.want, func() error { return log(c.a, c.r) }) })
	}
	w.settle()
	if got := len(w.homes["XB"].thread(sent.GetThread()).GetMessages()); got != 1 {
		t.Fatal("a logged call was sent")
	}
}
