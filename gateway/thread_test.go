package gateway

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// step is one message for a thread table: by the side that asked, or by the side that is asked.
type step struct {
	asker bool
	m     proto.Message
}

func asker(m proto.Message) step    { return step{true, m} }
func answerer(m proto.Message) step { return step{false, m} }

// view plays messages as one side sees them.
func view(outbound bool, steps ...step) *valisev1.Thread {
	th := &valisev1.Thread{Id: make([]byte, 16), Outbound: outbound}
	for i, s := range steps {
		d := ident.Digest{byte(i + 1)}
		e := event{ours: s.asker == outbound, kind: valisev1.KindOf(s.m), message: s.m, digest: d, created: start}
		if a, ok := s.m.(*valisev1.ChannelAnswer); ok && a.GetDecision() == valisev1.ChannelDecision_CHANNEL_DECISION_ACCEPT {
			e.agreed = a.GetChannel()
		}
		th = applyMessage(th, e)
		if i == 0 {
			th = applyReached(th, d)
		}
	}
	return th
}

func outcome(o valisev1.Outcome) *valisev1.Response { return &valisev1.Response{Outcome: o} }

// TestThreadStates is the table of domain.md section 5, for both sides at once.
func TestThreadStates(t *testing.T) {
	ask := asker(inquiry("x"))
	ack, hold := answerer(&valisev1.Acknowledgement{}), answerer(&valisev1.HoldingReply{})
	full := answerer(outcome(valisev1.Outcome_OUTCOME_FULL))
	accept := func(kind string) step {
		return asker(&valisev1.ChannelAnswer{Decision: valisev1.ChannelDecision_CHANNEL_DECISION_ACCEPT, Channel: &valisev1.Channel{Kind: kind}})
	}
	for _, c := range []struct {
		name         string
		steps        []step
		asker, asked valisev1.ThreadState
	}{
		{"asked", []step{ask}, stateReceived, stateReceived},
		{"acknowledged", []step{ask, ack}, stateAcknowledged, stateAcknowledged},
		{"held", []step{ask, hold}, stateHolding, stateHolding},
		{"acknowledged and held", []step{ask, ack, hold}, stateHolding, stateHolding},
		{"acknowledged after holding", []step{ask, hold, ack}, stateHolding, stateHolding},
		{"answered at once", []step{ask, full}, stateResponded, stateResponded},
		{"answered in part", []step{ask, answerer(outcome(valisev1.Outcome_OUTCOME_PARTIAL))}, stateResponded, stateResponded},
		{"nothing found", []step{ask, answerer(outcome(valisev1.Outcome_OUTCOME_NO_INFORMATION_FOUND))}, stateResponded, stateResponded},
		{"declined", []step{ask, ack, answerer(outcome(valisev1.Outcome_OUTCOME_DECLINED))}, stateDeclined, stateDeclined},
		{"declined and answered all the same", []step{ask, answerer(outcome(valisev1.Outcome_OUTCOME_DECLINED)), full}, stateResponded, stateResponded},
		{"referred", []step{ask, answerer(outcome(valisev1.Outcome_OUTCOME_REFERRED))}, stateReferred, stateReferred},
		{"a channel within", []step{ask, hold, accept("valise")}, stateHolding, stateHolding},
		{"a channel outside", []step{ask, hold, accept("phone")}, stateOffPlatform, stateOffPlatform},
		{"a channel outside after the answer", []step{ask, full, accept("phone")}, stateResponded, stateResponded},
		{"answered off the platform", []step{ask, hold, accept("phone"), full}, stateResponded, stateResponded},
		{"closed by the asker", []step{ask, full, asker(&valisev1.Closure{})}, stateClosedByUs, stateClosedByPeer},
		{"closed by the asked", []step{ask, full, answerer(&valisev1.Closure{})}, stateClosedByPeer, stateClosedByUs},
		{"closed by both", []step{ask, full, answerer(&valisev1.Closure{}), asker(&valisev1.Closure{})}, stateClosed, stateClosed},
		{"a late answer", []step{ask, hold, asker(&valisev1.Closure{}), full}, stateResponded, stateResponded},
		{"a late supplement", []step{ask, hold, asker(&valisev1.Closure{}), asker(&valisev1.Supplement{})}, stateHolding, stateHolding},
		{"an acknowledgement does not reopen", []step{ask, asker(&valisev1.Closure{}), ack}, stateClosedByUs, stateClosedByPeer},
		{"reopened", []step{ask, full, asker(&valisev1.Closure{}), answerer(&valisev1.Closure{}), asker(&valisev1.Reopen{})}, stateResponded, stateResponded},
		{"a Retraction changes nothing", []step{ask, asker(&valisev1.Retraction{})}, stateReceived, stateReceived},
		{"questions change nothing", []step{ask, ack, answerer(&valisev1.ClarificationRequest{Questions: []string{"?"}}), asker(&valisev1.Supplement{})}, stateAcknowledged, stateAcknowledged},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := view(true, c.steps...).GetState(); got != c.asker {
				t.Errorf("the asker sees %v, want %v", got, c.asker)
			}
			if got := view(false, c.steps...).GetState(); got != c.asked {
				t.Errorf("the asked sees %v, want %v", got, c.asked)
			}
		})
	}
}

// TestAdvice. It advises our own side only and never blocks.
func TestAdvice(t *testing.T) {
	ask := asker(inquiry("x"))
	hold := answerer(&valisev1.HoldingReply{})
	timed := answerer(&valisev1.HoldingReply{Estimate: &valisev1.Estimate{Estimate: &valisev1.Estimate_Words{Words: "soon"}}})
	channel := answerer(&valisev1.ChannelProposal{Channels: []*valisev1.Channel{{Kind: "phone"}}})
	agency := answerer(&valisev1.AgencyNomination{Agency: &valisev1.Agency{Name: "x"}})
	bare := asker(&valisev1.Inquiry{Originator: &valisev1.Person{Name: "A"}})
	for _, c := range []struct {
		name     string
		outbound bool
		steps    []step
		want     []string
	}{
		{"asked", false, []step{ask}, []string{"R-1", "R-2"}},
		{"acknowledged", false, []step{ask, answerer(&valisev1.Acknowledgement{})}, []string{"R-1", "R-2"}},
		{"answered at once", false, []step{ask, answerer(outcome(valisev1.Outcome_OUTCOME_FULL))}, nil},
		{"declined", false, []step{ask, answerer(outcome(valisev1.Outcome_OUTCOME_DECLINED))}, nil},
		{"held", false, []step{ask, hold}, []string{"R-2", "R-3", "R-3"}},
		{"held with an estimate", false, []step{ask, timed}, []string{"R-3", "R-3"}},
		{"held, channel", false, []step{ask, timed, channel}, []string{"R-3"}},
		{"R-2 and R-3", false, []step{ask, timed, channel, agency}, nil},
		{"an inquiry with everything", true, []step{ask}, nil},
		{"an inquiry with a name only", true, []step{bare}, []string{"I-1", "I-2", "I-3", "I-4", "I-4"}},
		{"told later", true, []step{bare, asker(&valisev1.Supplement{Narrative: "x"}), asker(&valisev1.ClarificationRequest{Questions: []string{"?"}})}, []string{"I-1", "I-4", "I-4"}},
		{"silence of the peer is no matter of ours", true, []step{ask, hold}, nil},
		{"closed", false, []step{ask, answerer(&valisev1.Closure{})}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, a := range adviceFor(view(c.outbound, c.steps...)) {
				got = append(got, a.GetStep())
				if a.GetText() == "" {
					t.Error("advice without a sentence")
				}
			}
			if len(got) != len(c.want) {
				t.Fatalf("advice %v, want %v", got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Fatalf("advice %v, want %v", got, c.want)
				}
			}
		})
	}
}

func TestEstimates(t *testing.T) {
	by := timestamppb.New(start.Add(time.Hour))
	for name, c := range map[string]struct {
		e    *valisev1.Estimate
		want *timestamppb.Timestamp
	}{
		"by":     {&valisev1.Estimate{Estimate: &valisev1.Estimate_By{By: &valisev1.ZonedTime{At: by}}}, by},
		"within": {&valisev1.Estimate{Estimate: &valisev1.Estimate_WithinSeconds{WithinSeconds: 3600}}, by},
		"words":  {&valisev1.Estimate{Estimate: &valisev1.Estimate_Words{Words: "tomorrow"}}, nil},
	} {
		th := view(true, asker(inquiry("x")), answerer(&valisev1.HoldingReply{Estimate: &valisev1.Estimate{Estimate: &valisev1.Estimate_WithinSeconds{WithinSeconds: 1}}}), answerer(&valisev1.RevisedEstimate{Estimate: c.e}))
		if !proto.Equal(th.GetEstimate(), c.want) {
			t.Errorf("%s: %v, want %v", name, th.GetEstimate(), c.want)
		}
	}
}

func TestOverdueIsLocal(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	sent := xa.inquire(xbTech, "x")
	w.settle()
	xb.reply(sent.GetThread(), &valisev1.HoldingReply{Estimate: &valisev1.Estimate{Estimate: &valisev1.Estimate_WithinSeconds{WithinSeconds: 3600}}})
	w.settle()
	items := len(xa.store.items) + len(xb.store.items)
	w.tick(2 * time.Hour)
	for _, h := range []*home{xa, xb} {
		v := h.thread(sent.GetThread()).GetThread()
		if len(v.GetFlags()) != 1 || v.GetFlags()[0] != "overdue" || v.GetState() != stateHolding {
			t.Errorf("%s sees %v, %v", h.state, v.GetFlags(), v.GetState())
		}
	}
	if len(xa.store.items)+len(xb.store.items) != items {
		t.Error("an estimate that passed sent something by itself")
	}
}

// TestSilenceAndOrderOfViews: whatever comes in whatever order, a view never leaves the table,
// never panics, keeps what is unacknowledged within bounds, and an event never changes its input.
func TestViewsHold(t *testing.T) {
	kinds := []valisev1.Kind{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 18, 19, 102}
	rapid.Check(t, func(t *rapid.T) {
		th := &valisev1.Thread{Id: make([]byte, 16), Outbound: rapid.Bool().Draw(t, "outbound")}
		for i := range rapid.IntRange(1, 60).Draw(t, "steps") {
			kind := rapid.SampledFrom(kinds).Draw(t, "kind")
			m, _ := valisev1.NewPayload(kind)
			if r, ok := m.(*valisev1.Response); ok {
				r.Outcome = valisev1.Outcome(rapid.IntRange(0, 6).Draw(t, "outcome"))
			}
			e := event{ours: rapid.Bool().Draw(t, "ours"), kind: kind, message: m, digest: ident.Digest{byte(i), 1}, created: start}
			if kind == valisev1.Kind_KIND_CHANNEL_ANSWER && rapid.Bool().Draw(t, "agreed") {
				e.agreed = &valisev1.Channel{Kind: rapid.SampledFrom([]string{"valise", "phone"}).Draw(t, "channel")}
			}
			before := proto.CloneOf(th)
			next := applyMessage(th, e)
			if !proto.Equal(before, th) {
				t.Fatal("an event changed the view it was given")
			}
			closed := next.GetState() == stateClosed || next.GetState() == stateClosedByUs || next.GetState() == stateClosedByPeer
			if closed != isClosed(next) {
				t.Fatalf("state %v, closed by us %v, by the peer %v", next.GetState(), next.GetClosedByUs(), next.GetClosedByPeer())
			}
			if isClosed(next) && isClosed(&valisev1.Thread{State: lastOpen(next)}) {
				t.Fatal("the state before closing is a closed one")
			}
			if _, known := valisev1.ThreadState_name[int32(next.GetState())]; !known {
				t.Fatalf("state %v", next.GetState())
			}
			th = next
		}
	})
}

func TestUnacknowledgedIsBounded(t *testing.T) {
	th := view(true, asker(inquiry("x")))
	for i := range maxUnacknowledged + 100 {
		th = applyMessage(th, event{kind: valisev1.Kind_KIND_SUPPLEMENT, message: &valisev1.Supplement{}, digest: ident.Digest{byte(i), byte(i >> 8), 1}})
	}
	if len(th.GetUnacknowledged()) != maxUnacknowledged {
		t.Fatalf("%d are kept, want %d", len(th.GetUnacknowledged()), maxUnacknowledged)
	}
	ack := &valisev1.Acknowledgement{Messages: th.GetUnacknowledged()[:10]}
	th = applyMessage(th, event{ours: true, kind: valisev1.Kind_KIND_ACKNOWLEDGEMENT, message: ack, digest: ident.Digest{9}})
	if len(th.GetUnacknowledged()) != maxUnacknowledged-10 {
		t.Fatalf("%d are left", len(th.GetUnacknowledged()))
	}
}
