package gateway

import (
	"context"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func following(to, thread string) *valisev1.SendInquiryRequest {
	return &valisev1.SendInquiryRequest{To: to, Inquiry: inquiry("taken up"), Follows: thread}
}

// Which Referral an inquiry takes up is for the node to say, which has it in its record, and not for
// whoever wrote the inquiry. A-9 s2
func TestNoInquiryClaimsAReferral(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	claim := inquiry("x")
	claim.Referral = make([]byte, 32)
	sent, err := xa.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: "XB/technical", Inquiry: claim})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range xa.thread(sent.GetThread()).GetMessages() {
		if got := m.GetPayload().GetInquiry().GetReferral(); len(got) != 0 {
			t.Errorf("the inquiry takes up %x", got)
		}
	}
}

// TestAReferralIsTakenUp: nothing crosses tracks by itself. Whoever of the track referred to sends anew
// has a thread of its own, which each side links at home with the one that was referred, whichever of
// both came first. A-9 s2, s3
func TestAReferralIsTakenUp(t *testing.T) {
	for _, c := range []struct {
		name   string
		refers ident.State
		to     string
	}{{"by whoever was asked", "XB", "XB/diplomatic"}, {"by whoever asked", "XA", "XA/diplomatic"}, {"to an agency", "XB", ""}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			xa, xb := w.homes["XA"], w.homes["XB"]
			asked := xa.inquire(xbTech, "x").GetThread()
			w.converge()
			m := &valisev1.Referral{To: c.to, Text: "This is for diplomats."}
			if c.to == "" {
				m.Agency = &valisev1.Agency{Name: "CERT Birch"}
			}
			w.homes[c.refers].reply(asked, m)
			w.converge()
			for _, h := range []*home{xa, xb} {
				if th := h.thread(asked).GetThread(); th.GetState() != stateReferred || len(th.GetLinked()) != 0 {
					t.Fatalf("%s sees %v", h.state, th)
				}
				if list, err := h.g.Threads(context.Background(), officer, &valisev1.ListThreadsRequest{Track: "diplomatic"}); err != nil || len(list.GetThreads()) != 0 {
					t.Fatalf("%s has %v on the other track, %v", h.state, list, err)
				}
			}
			sent, err := xa.g.Inquire(context.Background(), on(ident.Diplomatic), following("XB/diplomatic", asked))
			if c.to == "" { // no track is named: the thread does not exist for an officer of another one
				wantError(t, err, valisev1.Reason_REASON_NOT_FOUND, "")
				sent, err = xa.g.Inquire(context.Background(), officer, following("XB/diplomatic", asked))
			}
			if err != nil {
				t.Fatal(err)
			}
			w.converge()
			for _, h := range []*home{xa, xb} {
				h.start()
				if !slices.Equal(h.linkedWith(asked), []string{sent.GetThread()}) || !slices.Equal(h.linkedWith(sent.GetThread()), []string{asked}) {
					t.Errorf("%s has linked %v and %v", h.state, h.linkedWith(asked), h.linkedWith(sent.GetThread()))
				}
				if th := h.thread(sent.GetThread()).GetThread(); th.GetState() != stateReceived {
					t.Errorf("%s sees the new thread as %v", h.state, th.GetState())
				}
			}
		})
	}
}

// The Referral and the inquiry that takes it up go on two channels: either may be there first.
func TestAReferralThatComesLaterIsLinked(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	asked := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	xa.reply(asked, &valisev1.Referral{To: "XB/diplomatic"})
	sent, err := xa.g.Inquire(context.Background(), officer, following("XB/diplomatic", asked))
	if err != nil {
		t.Fatal(err)
	}
	referral := xa.store.items[len(xa.store.items)-4]
	if referral.GetKind() != valisev1.Kind_KIND_REFERRAL {
		t.Fatalf("the items end otherwise: %v", referral.GetKind())
	}
	for _, it := range xa.store.items {
		if string(it.GetThread()) != string(referral.GetThread()) && it.GetKind() == valisev1.Kind_KIND_INQUIRY {
			xb.mustTake(it.GetSigned())
		}
	}
	if n := len(xb.linkedWith(sent.GetThread())); n != 0 {
		t.Fatalf("linked with %d threads of nothing", n)
	}
	xb.start()
	w.converge()
	if !slices.Equal(xb.linkedWith(sent.GetThread()), []string{asked}) {
		t.Errorf("linked with %v", xb.linkedWith(sent.GetThread()))
	}
	if n := xb.rowsIn(tableReferred); n != 0 {
		t.Error("it still waits for its Referral")
	}
}

// TestReferralsThatAreRefused: to where a Referral cannot point, and what cannot be taken up. A-9 s2
func TestReferralsThatAreRefused(t *testing.T) {
	w := newWorld(t, "XA", "XB", "XC")
	xa, xb := w.homes["XA"], w.homes["XB"]
	asked := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	for to, want := range map[string]valisev1.Reason{
		"XB/technical": valisev1.Reason_REASON_BAD_REQUEST, "XA/technical": valisev1.Reason_REASON_BAD_REQUEST,
		"XC/diplomatic": valisev1.Reason_REASON_BAD_REQUEST, "XB": valisev1.Reason_REASON_BAD_REQUEST, "": valisev1.Reason_REASON_PAYLOAD,
	} {
		wantReason(t, xb, want, func() error { return xb.tryReply(officer, asked, &valisev1.Referral{To: to}) })
	}
	take := func(name string, as Actor, want valisev1.Reason, r *valisev1.SendInquiryRequest) {
		t.Run(name, func(t *testing.T) { wantReason(t, xa, want, func() error { return xa.tryInquire(as, r) }) })
	}
	take("nothing was referred", officer, valisev1.Reason_REASON_NOT_IN_THIS_STATE, following("XB/diplomatic", asked))
	take("by an officer of another track", on(ident.Diplomatic), valisev1.Reason_REASON_NOT_FOUND, following("XB/diplomatic", asked))
	sent := xb.reply(asked, &valisev1.Referral{To: "XB/diplomatic"})
	w.converge()
	take("on the same track", officer, valisev1.Reason_REASON_WRONG_TRACK, following("XB/technical", asked))
	take("with a third State", officer, valisev1.Reason_REASON_BAD_REQUEST, following("XC/diplomatic", asked))
	take("with a third State, by an officer of another track", on(ident.Diplomatic), valisev1.Reason_REASON_NOT_FOUND, following("XC/diplomatic", asked))
	take("of a thread that never was", officer, valisev1.Reason_REASON_NOT_FOUND, following("XB/diplomatic", "00000000000000000000000000000000"))
	xb.takeBack(sent.GetMessage())
	w.converge()
	take("taken back", officer, valisev1.Reason_REASON_NOT_IN_THIS_STATE, following("XB/diplomatic", asked))
}

// An answer stays an answer, and a Referral that points to a third State, or an inquiry that claims what
// is no Referral between the two, links nothing. A-9 s2
func TestWhatAReferralDoesNot(t *testing.T) {
	w := newWorld(t, "XA", "XB", "XC")
	xa, xb, f := w.homes["XA"], w.homes["XB"], newForger(t)
	asked := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	xb.reply(asked, &valisev1.Response{Outcome: valisev1.Outcome_OUTCOME_FULL})
	xb.reply(asked, &valisev1.Referral{To: "XA/diplomatic"})
	w.converge()
	for _, h := range []*home{xa, xb} {
		if state := h.thread(asked).GetThread().GetState(); state != stateResponded {
			t.Errorf("%s sees %v", h.state, state)
		}
	}
	wantEffects(t, xb.mustTake(f.inquiry(1)), 0, true)
	third := f.sign(f.header(valisev1.Kind_KIND_REFERRAL, 1, 2), &valisev1.Referral{To: "XC/diplomatic"})
	wantEffects(t, xb.mustTake(third), valisev1.Reason_REASON_PAYLOAD, true)
	elsewhere := w.homes["XC"].inquire(xbTech, "another").GetThread()
	w.converge()
	xb.reply(elsewhere, &valisev1.Referral{To: "XB/diplomatic"})
	claims := 0
	for _, said := range append(xb.thread(elsewhere).GetMessages(), xa.thread(asked).GetMessages()[0]) {
		d, err := ident.ParseDigest(said.GetDigest())
		if err != nil {
			t.Fatal(err)
		}
		q := proto.CloneOf(f.inquiryPayload())
		q.Referral = d[:]
		claims++
		wantEffects(t, xb.mustTake(f.sign(f.header(valisev1.Kind_KIND_INQUIRY, byte(10+claims), 1), q)), 0, true)
		if linked := xb.linkedWith(ident.ThreadID{byte(10 + claims), 1}.String()); len(linked) != 0 {
			t.Errorf("a claim on a %v is linked with %v", said.GetKind(), linked)
		}
	}
	if n := len(xb.itemsOf(valisev1.ItemType_ITEM_TYPE_LINK)); n != 0 {
		t.Errorf("%d links are recorded", n)
	}
}
