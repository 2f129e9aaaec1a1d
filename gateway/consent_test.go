package gateway

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

const cert = "Regional CERT"

func (h *home) consents(a Actor, r *valisev1.ListConsentsRequest) []*valisev1.ConsentView {
	h.w.t.Helper()
	out, err := h.g.Consents(context.Background(), a, r)
	if err != nil {
		h.w.t.Fatal(err)
	}
	return out.GetConsents()
}

// onlyConsent is the one line of a ledger.
func (h *home) onlyConsent() *valisev1.ConsentView {
	h.w.t.Helper()
	list := h.consents(officer, &valisev1.ListConsentsRequest{})
	if len(list) != 1 {
		h.w.t.Fatalf("%s lists %d consents", h.state, len(list))
	}
	return list[0]
}

// consentWorld is two States and an inquiry of XA that XB holds.
func consentWorld(t *testing.T) (w *world, xa, xb *home, sent *valisev1.Sent) {
	w = newWorld(t)
	xa, xb = w.homes["XA"], w.homes["XB"]
	sent = xa.inquire(xbTech, "x")
	w.converge()
	return w, xa, xb, sent
}

// Both sides read one ledger, each from its own end, through every state and over a restart. A-11 s2
func TestLedgerTellsWhereEachConsentStands(t *testing.T) {
	const (
		asked     = valisev1.ConsentState_CONSENT_STATE_ASKED
		granted   = valisev1.ConsentState_CONSENT_STATE_GRANTED
		refused   = valisev1.ConsentState_CONSENT_STATE_NOT_GRANTED
		expired   = valisev1.ConsentState_CONSENT_STATE_EXPIRED
		withdrawn = valisev1.ConsentState_CONSENT_STATE_WITHDRAWN
	)
	grant := &valisev1.ConsentDecision{Consents: true, Conditions: "without names"}
	brief := &valisev1.ConsentDecision{Consents: true, Expires: timestamppb.New(start.Add(time.Hour))}
	type step struct {
		by string
		m  proto.Message
	}
	for _, c := range []struct {
		name  string
		steps []step
		after time.Duration
		want  valisev1.ConsentState
	}{
		{"silence", nil, 0, asked},
		{"yes", []step{{"XA", grant}}, 0, granted},
		{"no", []step{{"XA", &valisev1.ConsentDecision{}}}, 0, refused},
		{"yes for an hour", []step{{"XA", brief}}, 2 * time.Hour, expired},
		{"ended by whoever gave it", []step{{"XA", grant}, {"XA", &valisev1.ConsentWithdrawal{}}}, 0, withdrawn},
		{"ended by whoever has it", []step{{"XA", grant}, {"XB", &valisev1.ConsentWithdrawal{}}}, 0, withdrawn},
		{"ended, and its time is over too", []step{{"XA", brief}, {"XA", &valisev1.ConsentWithdrawal{}}}, 2 * time.Hour, withdrawn},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, _, xb, sent := consentWorld(t)
			request := xb.reply(sent.GetThread(), &valisev1.ConsentRequest{ThirdParty: cert, Purpose: "To warn its members.", Conditions: "once"})
			w.converge()
			for _, s := range c.steps {
				w.homes[ident.State(s.by)].reply(sent.GetThread(), s.m)
				w.converge()
			}
			w.tick(c.after)
			w.converge()
			for _, h := range w.homes {
				h.start()
				v := h.onlyConsent()
				if v.GetState() != c.want || v.GetConsent() != request.GetMessage() || v.GetThirdParty() != cert || v.GetPurpose() == "" {
					t.Errorf("%s: %v, want %v", h.state, v, c.want)
				}
				if v.GetOutbound() != (h == xb) || len(v.GetMessages()) != 1 || v.GetMessages()[0] != sent.GetMessage() || v.GetConditions()[0] != "once" {
					t.Errorf("%s: %v", h.state, v)
				}
				if (v.GetDecision() != "") != (len(c.steps) > 0) || (v.GetWithdrawn() != nil) != (c.want == withdrawn) {
					t.Errorf("%s: %v", h.state, v)
				}
				if c.want == withdrawn && v.GetWithdrawnByUs() != (string(h.state) == c.steps[1].by) {
					t.Errorf("%s: withdrawn by us: %v", h.state, v.GetWithdrawnByUs())
				}
			}
			assertPromises(t, w)
		})
	}
}

// The earlier of what was asked and what was granted ends a consent; a clock that went back does not
// bring it to life again. A-11 s2
func TestConsentEndsAtTheEarlierTimeAndForGood(t *testing.T) {
	w, xa, xb, sent := consentWorld(t)
	xb.reply(sent.GetThread(), &valisev1.ConsentRequest{ThirdParty: cert, Expires: timestamppb.New(start.Add(time.Hour))})
	w.converge()
	xa.reply(sent.GetThread(), &valisev1.ConsentDecision{Consents: true, Expires: timestamppb.New(start.Add(2 * time.Hour))})
	w.converge()
	if v := xb.onlyConsent(); v.GetState() != valisev1.ConsentState_CONSENT_STATE_GRANTED || !v.GetExpires().AsTime().Equal(start.Add(time.Hour)) {
		t.Fatalf("%v", v)
	}
	w.now = start.Add(time.Hour)
	if v := xb.onlyConsent(); v.GetState() != valisev1.ConsentState_CONSENT_STATE_EXPIRED {
		t.Fatalf("at its end: %v", v)
	}
	xb.reply(sent.GetThread(), &valisev1.Supplement{Narrative: "later"})
	w.now = start.Add(time.Minute)
	if v := xb.onlyConsent(); v.GetState() != valisev1.ConsentState_CONSENT_STATE_EXPIRED {
		t.Fatalf("by a clock that went back: %v", v)
	}
}

// What its own sender took back is no consent, and no second decision makes a refusal undone. A-11 s2
func TestLedgerTakesTheStricter(t *testing.T) {
	w, xa, xb, sent := consentWorld(t)
	xb.reply(sent.GetThread(), &valisev1.ConsentRequest{ThirdParty: cert})
	w.converge()
	decision := xa.reply(sent.GetThread(), &valisev1.ConsentDecision{Consents: true})
	w.converge()
	if _, err := xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: decision.GetMessage()}); err != nil {
		t.Fatal(err)
	}
	w.converge()
	for _, h := range w.homes {
		if v := h.onlyConsent(); v.GetState() != valisev1.ConsentState_CONSENT_STATE_WITHDRAWN {
			t.Errorf("%s: a decision that was sent in error: %v", h.state, v)
		}
	}
}

// Whatever a peer says, only a plain yes of whoever was asked is one. A-11 s2
func TestFoldGrantsOnlyAPlainYes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		asker := rapid.Bool().Draw(t, "asker")
		at := func() time.Time { return start.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "at")) * time.Minute) }
		until := func() *timestamppb.Timestamp {
			if rapid.Bool().Draw(t, "for ever") {
				return nil
			}
			return timestamppb.New(at())
		}
		said := func(m proto.Message) statement {
			return statement{ours: rapid.Bool().Draw(t, "ours"), at: at(), says: m, waits: rapid.Bool().Draw(t, "waits")}
		}
		h, asked, now := consentHistory{}, &valisev1.ConsentRequest{Expires: until()}, at()
		may, no := false, rapid.IntRange(0, 5).Draw(t, "back") == 0
		if no {
			h.requestBack = []statement{{ours: asker, at: at()}}
		}
		live := asked.GetExpires() == nil || now.Before(asked.GetExpires().AsTime())
		for range rapid.IntRange(0, 3).Draw(t, "decisions") {
			m := &valisev1.ConsentDecision{Consents: rapid.Bool().Draw(t, "consents"), Expires: until()}
			d := decided{statement: said(m)}
			counts := d.ours != asker && (!m.GetConsents() || !d.waits)
			may, no = may || counts && m.GetConsents(), no || counts && !m.GetConsents()
			live = live && (!counts || !m.GetConsents() || m.GetExpires() == nil || now.Before(m.GetExpires().AsTime()))
			for range rapid.IntRange(0, 2).Draw(t, "withdrawals") {
				d.withdrawals = append(d.withdrawals, said(&valisev1.ConsentWithdrawal{}))
				no = no || counts && m.GetConsents()
			}
			h.decisions = append(h.decisions, d)
		}
		got := foldConsent(asker, asked, h, now)
		if want := may && !no && live; (got.state == valisev1.ConsentState_CONSENT_STATE_GRANTED) != want {
			t.Fatalf("%v, want a consent: %v", got, want)
		}
	})
}

// The ledger is read in pages, newest request first, by peer, thread and state, and by nobody who may
// not read the thread. A-11 s2
func TestLedgerInPagesAndByFilter(t *testing.T) {
	w := newWorld(t, "XA", "XB", "XC")
	xa := w.homes["XA"]
	var want, threads []string
	for i := range 5 {
		peer := xbTech
		if i%2 == 1 {
			peer = xcTech
		}
		sent := xa.inquire(peer, "x")
		w.converge()
		threads = append(threads, sent.GetThread())
		want = append(want, xa.replyAbout(sent, &valisev1.ConsentRequest{ThirdParty: cert}))
		w.converge()
	}
	slices.Reverse(want)
	w.homes["XC"].reply(threads[1], &valisev1.ConsentDecision{Consents: true})
	w.converge()
	got, token := []string{}, ""
	for {
		out, err := xa.g.Consents(context.Background(), keeper, &valisev1.ListConsentsRequest{PageSize: 2, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range out.GetConsents() {
			got = append(got, v.GetConsent())
		}
		if token = out.GetNextPageToken(); token == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("pages give %v, want %v", got, want)
	}
	for name, c := range map[string]struct {
		a Actor
		r *valisev1.ListConsentsRequest
		n int
	}{
		"a State":       {officer, &valisev1.ListConsentsRequest{Peer: "XC"}, 2},
		"a POC":         {officer, &valisev1.ListConsentsRequest{Peer: "XB/technical"}, 3},
		"a thread":      {officer, &valisev1.ListConsentsRequest{Thread: threads[0]}, 1},
		"a state":       {officer, &valisev1.ListConsentsRequest{States: []valisev1.ConsentState{valisev1.ConsentState_CONSENT_STATE_GRANTED}}, 1},
		"another track": {Actor{Name: "d", Roles: officer.Roles, Tracks: []ident.Track{ident.Diplomatic}}, &valisev1.ListConsentsRequest{}, 0},
	} {
		if list := xa.consents(c.a, c.r); len(list) != c.n {
			t.Errorf("%s: %d lines, want %d", name, len(list), c.n)
		}
	}
	wantReason(t, xa, valisev1.Reason_REASON_NOT_PERMITTED, func() error {
		_, err := xa.g.Consents(context.Background(), nodeAdmin, &valisev1.ListConsentsRequest{})
		return err
	})
	wantReason(t, xa, valisev1.Reason_REASON_BAD_REQUEST, func() error {
		_, err := xa.g.Consents(context.Background(), officer, &valisev1.ListConsentsRequest{Peer: "nobody"})
		return err
	})
}

// replyAbout says something about the message that began a thread of ours.
func (h *home) replyAbout(sent *valisev1.Sent, m proto.Message) string {
	h.w.t.Helper()
	out, err := h.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{InReplyTo: sent.GetMessage(), Payload: payloadOf(m)})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return out.GetMessage()
}

// Of two drafts that decide one request, or end one consent, only the first goes on: whether it has
// left, is held for a moment, or was cleared by a second person. A-11 s2
func TestARequestIsDecidedOnceByWhicheverDraftGoesFirst(t *testing.T) {
	for _, four := range []bool{false, true} {
		for _, ended := range []bool{false, true} {
			w, xa, xb, sent := consentWorld(t)
			xb.reply(sent.GetThread(), &valisev1.ConsentRequest{ThirdParty: cert})
			w.converge()
			var m proto.Message = &valisev1.ConsentDecision{Consents: true}
			if ended {
				xa.reply(sent.GetThread(), m)
				w.converge()
				m = &valisev1.ConsentWithdrawal{}
			}
			xa.four[ident.Technical] = four
			draft := func(o *valisev1.SendOptions) string {
				t.Helper()
				out, err := xa.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{Thread: sent.GetThread(), Payload: payloadOf(m), Options: o})
				if err != nil {
					t.Fatal(err)
				}
				return out.GetMessage()
			}
			kept := &valisev1.SendOptions{Draft: true}
			if four {
				kept = nil
			}
			first, second, held := draft(kept), draft(kept), draft(&valisev1.SendOptions{Draft: true, UndoSeconds: 60})
			by := officer
			if four {
				by = clearer
			}
			if _, err := xa.clear(by, held); err != nil {
				t.Fatal(err)
			}
			wantReason(t, xa, valisev1.Reason_REASON_NOT_IN_THIS_STATE, func() error { _, err := xa.clear(by, first); return err })
			wantReason(t, xa, valisev1.Reason_REASON_NOT_IN_THIS_STATE, func() error { return xa.tryReply(officer, sent.GetThread(), m) })
			w.tick(2 * time.Minute)
			w.settle()
			wantReason(t, xa, valisev1.Reason_REASON_NOT_IN_THIS_STATE, func() error { _, err := xa.clear(by, second); return err })
			assertPromises(t, w)
		}
	}
}
