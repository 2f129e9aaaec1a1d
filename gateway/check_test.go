package gateway

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

const global = ident.State("@global")

func (h *home) tryCheck(a Actor, r *valisev1.StartCheckRequest) (*valisev1.StartCheckResponse, error) {
	return h.g.StartCheck(context.Background(), a, r)
}

func (h *home) check(to ...string) *valisev1.StartCheckResponse {
	h.w.t.Helper()
	out, err := h.tryCheck(officer, &valisev1.StartCheckRequest{To: to, All: len(to) == 0, Detail: "node"})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return out
}

func (h *home) campaign(id string) *valisev1.GetCheckResponse {
	h.w.t.Helper()
	out, err := h.g.Check(context.Background(), officer, &valisev1.GetCheckRequest{Campaign: id})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return out
}

// states are how the checks of a campaign stand, by address.
func (h *home) checkStates(id string) map[string]valisev1.CheckState {
	h.w.t.Helper()
	out := map[string]valisev1.CheckState{}
	for _, v := range h.campaign(id).GetChecks() {
		out[v.GetAddress()] = v.GetState()
	}
	return out
}

// TestManagerChecksEverybody: the manager asks every POC of every State on both tracks; persons answer
// in time, late, that the entry needs change, or not at all, and each stands for what it is, in order of
// addresses. A receipt of a node is no answer. A-8 s1, s2
func TestManagerChecksEverybody(t *testing.T) {
	w := newWorld(t, "@global", "XA", "XB", "XC")
	manager, xa, xb, xc := w.homes[global], w.homes["XA"], w.homes["XB"], w.homes["XC"]
	begun := manager.check()
	w.settle()
	if at := begun.GetDeadline().AsTime(); at != w.now.Add(48*time.Hour) {
		t.Errorf("answers are asked for by %v", at)
	}
	of := map[string]*valisev1.Sent{}
	for _, v := range manager.campaign(begun.GetCampaign()).GetChecks() {
		if v.GetState() != valisev1.CheckState_CHECK_STATE_SENT || v.GetDelivery() != valisev1.Delivery_DELIVERY_REACHED || v.GetEntryNumber() != 1 {
			t.Errorf("%s is %v, %v", v.GetAddress(), v.GetState(), v.GetDelivery())
		}
		of[v.GetAddress()] = &valisev1.Sent{Thread: v.GetThread()}
	}
	order := []string{"XA/diplomatic", "XA/technical", "XB/diplomatic", "XB/technical", "XC/diplomatic", "XC/technical"}
	if len(of) != len(order) {
		t.Fatalf("%d POCs were asked", len(of))
	}
	seen := xa.thread(of["XA/technical"].GetThread()).GetThread()
	if seen.GetPeer() != "@global/manager" || seen.GetOurs() != "XA/technical" || seen.GetState() != stateReceived || seen.GetUnopenedSince() == nil || len(seen.GetDeadlines()) != 1 {
		t.Errorf("XA sees %v", seen)
	}
	w.skip(47 * time.Hour)
	xa.reply(of["XA/diplomatic"].GetThread(), &valisev1.PingReply{EntryCorrect: true})
	xa.reply(of["XA/technical"].GetThread(), &valisev1.PingReply{Text: "The telephone number is old."})
	w.settle()
	w.skip(2 * time.Hour)
	xb.reply(of["XB/technical"].GetThread(), &valisev1.PingReply{EntryCorrect: true})
	w.converge()
	_ = xc
	want := map[string]valisev1.CheckState{
		"XA/diplomatic": valisev1.CheckState_CHECK_STATE_REPLIED, "XA/technical": valisev1.CheckState_CHECK_STATE_REPLIED,
		"XB/technical": valisev1.CheckState_CHECK_STATE_REPLIED_LATE, "XB/diplomatic": valisev1.CheckState_CHECK_STATE_NO_REPLY,
		"XC/diplomatic": valisev1.CheckState_CHECK_STATE_NO_REPLY, "XC/technical": valisev1.CheckState_CHECK_STATE_NO_REPLY,
	}
	var listed []string
	for _, v := range manager.campaign(begun.GetCampaign()).GetChecks() {
		listed = append(listed, v.GetAddress())
		if v.GetState() != want[v.GetAddress()] {
			t.Errorf("%s is %v", v.GetAddress(), v.GetState())
		}
		if v.GetAddress() == "XA/technical" && (v.GetText() != "The telephone number is old." || v.GetCheck().GetAnswer() != valisev1.CheckAnswer_CHECK_ANSWER_NEEDS_CHANGE) {
			t.Errorf("XA/technical answered %v", v)
		}
	}
	if !slices.Equal(listed, order) {
		t.Errorf("the order is %v", listed)
	}
	answered := xa.thread(of["XA/diplomatic"].GetThread()).GetThread()
	if answered.GetState() != stateResponded || len(answered.GetDeadlines()) != 0 {
		t.Errorf("XA sees its answered check as %v", answered)
	}
	assertPromises(t, w)
}

// TestLaterAnswerCorrects: one answer counts; a later one says what is so now, and makes nothing late. A-8 s2
func TestLaterAnswerCorrects(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	begun := xa.check("XB/technical")
	w.settle()
	thread := begun.GetSent()[0].GetThread()
	xb.reply(thread, &valisev1.PingReply{Text: "The number is old."})
	w.settle()
	w.skip(72 * time.Hour)
	xb.reply(thread, &valisev1.PingReply{EntryCorrect: true})
	w.settle()
	v := xa.campaign(begun.GetCampaign()).GetChecks()[0]
	if v.GetState() != valisev1.CheckState_CHECK_STATE_REPLIED || v.GetCheck().GetAnswer() != valisev1.CheckAnswer_CHECK_ANSWER_ENTRY_CORRECT || v.GetText() != "" {
		t.Errorf("the check is %v", v)
	}
	m := xa.thread(thread).GetMessages()[0]
	if m.GetDelivery() != valisev1.Delivery_DELIVERY_ACKNOWLEDGED {
		t.Errorf("a person answered, and the question is %v", m.GetDelivery())
	}
}

// TestSlowRelayMakesNobodyLate: what the State signed in time was answered in time, whenever it comes;
// a time that cannot be true does not count. docs/protocol.md §5.2
func TestSlowRelayMakesNobodyLate(t *testing.T) {
	for _, c := range []struct {
		name  string
		clock time.Duration // by which XB's clock is wrong when it answers
		after time.Duration // true time of the answer
		want  valisev1.CheckState
	}{
		{"an honest clock", 0, 40 * time.Hour, valisev1.CheckState_CHECK_STATE_REPLIED},
		{"an honest clock, later", 0, 49 * time.Hour, valisev1.CheckState_CHECK_STATE_REPLIED_LATE},
		{"a clock before the question", -60 * time.Hour, 49 * time.Hour, valisev1.CheckState_CHECK_STATE_REPLIED_LATE},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			xa, xb := w.homes["XA"], w.homes["XB"]
			begun := xa.check("XB/technical")
			w.settle()
			xa.setLink(false)
			w.skip(c.after + c.clock)
			xb.reply(begun.GetSent()[0].GetThread(), &valisev1.PingReply{EntryCorrect: true})
			w.skip(-c.clock)
			w.settle()
			w.skip(20 * time.Hour)
			if got := xa.checkStates(begun.GetCampaign())["XB/technical"]; c.after > 48*time.Hour && got != valisev1.CheckState_CHECK_STATE_NO_REPLY {
				t.Errorf("before it comes it is %v", got)
			}
			xa.setLink(true)
			w.settle()
			if got := xa.checkStates(begun.GetCampaign())["XB/technical"]; got != c.want {
				t.Errorf("it is %v", got)
			}
		})
	}
}

// TestChecksThatAreRefused: who may ask and answer, whom, and how. s2, s4
func TestChecksThatAreRefused(t *testing.T) {
	w := newWorld(t, "@global", "XA", "XB")
	manager, xa, xb := w.homes[global], w.homes["XA"], w.homes["XB"]
	ask := func(to ...string) *valisev1.StartCheckRequest { return &valisev1.StartCheckRequest{To: to} }
	diplomat := Actor{Name: "dip", Roles: officer.Roles, Tracks: []ident.Track{ident.Diplomatic}}
	for _, c := range []struct {
		name string
		at   *home
		by   Actor
		r    *valisev1.StartCheckRequest
		want valisev1.Reason
	}{
		{"a drafter", xa, drafter, ask("XB/technical"), valisev1.Reason_REASON_NOT_PERMITTED},
		{"nobody", xa, officer, ask(), valisev1.Reason_REASON_BAD_REQUEST},
		{"twice", xa, officer, ask("XB/technical", "XB/technical"), valisev1.Reason_REASON_BAD_REQUEST},
		{"no address", xa, officer, ask("XB"), valisev1.Reason_REASON_BAD_REQUEST},
		{"ourselves", xa, officer, ask("XA/technical"), valisev1.Reason_REASON_BAD_REQUEST},
		{"the manager", xa, officer, ask("@global/manager"), valisev1.Reason_REASON_BAD_REQUEST},
		{"a State that is not there", manager, officer, ask("XD/technical"), valisev1.Reason_REASON_NOT_FOUND},
		{"another track", xa, diplomat, ask("XB/technical"), valisev1.Reason_REASON_NOT_PERMITTED},
		{"too short", xa, officer, &valisev1.StartCheckRequest{To: []string{"XB/technical"}, WithinSeconds: 60}, valisev1.Reason_REASON_BAD_REQUEST},
		{"too long", xa, officer, &valisev1.StartCheckRequest{To: []string{"XB/technical"}, WithinSeconds: 1 << 62}, valisev1.Reason_REASON_BAD_REQUEST},
		{"all and some", xa, officer, &valisev1.StartCheckRequest{All: true, To: []string{"XB/technical"}}, valisev1.Reason_REASON_BAD_REQUEST},
		{"two lines", xa, officer, &valisev1.StartCheckRequest{To: []string{"XB/technical"}, Detail: "a\nb"}, valisev1.Reason_REASON_BAD_TEXT},
	} {
		before := len(c.at.store.items)
		if _, err := c.at.tryCheck(c.by, c.r); reasonOf(err) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
		if len(c.at.store.items) != before {
			t.Errorf("%s left something in the record", c.name)
		}
	}
	begun := manager.check("XB/technical")
	w.settle()
	thread := begun.GetSent()[0].GetThread()
	yes := payloadOf(&valisev1.PingReply{EntryCorrect: true})
	for _, c := range []struct {
		name string
		at   *home
		by   Actor
		r    *valisev1.ReplyRequest
		want valisev1.Reason
	}{
		{"by a drafter", xb, drafter, &valisev1.ReplyRequest{Payload: yes}, valisev1.Reason_REASON_NOT_PERMITTED},
		{"of another track", xb, diplomat, &valisev1.ReplyRequest{Payload: yes}, valisev1.Reason_REASON_NOT_FOUND},
		{"by who asked", manager, officer, &valisev1.ReplyRequest{Payload: yes}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"as a draft", xb, officer, &valisev1.ReplyRequest{Payload: yes, Options: &valisev1.SendOptions{Draft: true}}, valisev1.Reason_REASON_BAD_REQUEST},
		{"at a later hour by itself", xb, officer, &valisev1.ReplyRequest{Payload: yes, Options: &valisev1.SendOptions{NotBefore: timestamppb.New(w.now.Add(time.Hour))}}, valisev1.Reason_REASON_BAD_REQUEST},
		{"by an acknowledgement", xb, officer, &valisev1.ReplyRequest{Payload: payloadOf(&valisev1.Acknowledgement{})}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
		{"by something about an incident", xb, officer, &valisev1.ReplyRequest{Payload: payloadOf(&valisev1.Supplement{Narrative: "x"})}, valisev1.Reason_REASON_NOT_IN_THIS_STATE},
	} {
		c.r.Thread = thread
		if _, err := c.at.g.Reply(context.Background(), c.by, c.r); reasonOf(err) != c.want {
			t.Errorf("answered %s: %v", c.name, err)
		}
	}
}

// TestAnswerNeedsNoSecondPerson: it says that the desk is awake and what the State has published; with
// four eyes asked for, an answer leaves at once all the same, and can still be held for undo. A-8 s2
func TestAnswerNeedsNoSecondPerson(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xa.four[ident.Technical], xb.four[ident.Technical] = true, true
	begun := xa.check("XB/technical")
	w.settle()
	sent, err := xb.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{
		Thread: begun.GetSent()[0].GetThread(), Payload: payloadOf(&valisev1.PingReply{EntryCorrect: true}), Options: &valisev1.SendOptions{UndoSeconds: 10},
	})
	if err != nil || sent.GetPendingClearance() {
		t.Fatalf("%v, %v", sent, err)
	}
	w.settle()
	if got := xa.checkStates(begun.GetCampaign())["XB/technical"]; got != valisev1.CheckState_CHECK_STATE_SENT {
		t.Errorf("within undo it is %v", got)
	}
	w.skip(11 * time.Second)
	w.settle()
	if got := xa.checkStates(begun.GetCampaign())["XB/technical"]; got != valisev1.CheckState_CHECK_STATE_REPLIED {
		t.Errorf("after undo it is %v", got)
	}
}

// TestNothingAnswersByItself: whatever comes and however often nodes start, no PingReply is made
// without an officer, and no second Ping. A-8 s2
func TestNothingAnswersByItself(t *testing.T) {
	w := newWorld(t, "@global", "XA", "XB", "XC")
	manager := w.homes[global]
	begun := manager.check()
	for range 8 {
		w.settle()
		w.skip(5 * 24 * time.Hour)
		for _, s := range w.order {
			w.homes[s].start()
		}
	}
	w.converge()
	for _, s := range w.order {
		pings := 0
		for _, item := range w.homes[s].store.items {
			if item.GetKind() == valisev1.Kind_KIND_PING_REPLY {
				t.Fatalf("%s holds an answer that nobody gave", s)
			}
			if item.GetType() == valisev1.ItemType_ITEM_TYPE_SENT && item.GetKind() == valisev1.Kind_KIND_PING {
				pings++
			}
		}
		if want := map[ident.State]int{global: 6}[s]; pings != want {
			t.Errorf("%s asked %d times", s, pings)
		}
	}
	for address, state := range manager.checkStates(begun.GetCampaign()) {
		if state != valisev1.CheckState_CHECK_STATE_NO_REPLY {
			t.Errorf("%s is %v", address, state)
		}
	}
}

// TestManagerHearsOnlyOfEntries: nothing of an incident passes between a POC and a manager, whatever a
// node sends. A-7b s2
func TestManagerHearsOnlyOfEntries(t *testing.T) {
	for k := valisev1.Kind(1); k <= 23; k++ {
		want := map[valisev1.Kind]bool{
			valisev1.Kind_KIND_PING: true, valisev1.Kind_KIND_PING_REPLY: true, valisev1.Kind_KIND_RETRACTION: true,
			valisev1.Kind_KIND_CLOSURE: true, valisev1.Kind_KIND_REOPEN: true,
		}[k]
		if passesToManager(k) != want {
			t.Errorf("%v: %v", k, !want)
		}
	}
	w := newWorld(t, "@global", "XA")
	f := newForger(t)
	h := f.header(valisev1.Kind_KIND_INQUIRY, 1, 1)
	h.To = mustAddress("@global/manager")
	wantEffects(t, w.homes[global].mustTake(f.sign(h, proto.Message(f.inquiryPayload()))), valisev1.Reason_REASON_NOT_FOR_US, true)
}

// skip lets time pass at once.
func (w *world) skip(d time.Duration) { w.now = w.now.Add(d) }
