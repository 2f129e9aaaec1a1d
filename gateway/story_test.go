package gateway

import (
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// TestWholeExchange is the main job: asked while the peer is away, acknowledged, held, a channel
// and agencies agreed, answered, closed by both.
func TestWholeExchange(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xb.setLink(false)
	sent := xa.inquire(xbTech, "Odd traffic")
	if sent.GetDelivery() != valisev1.Delivery_DELIVERY_WAITING_TO_LEAVE || sent.GetDeliveryReason() != 0 {
		t.Fatalf("sent is %v", sent)
	}
	w.settle()
	check := func(side *home, state valisev1.ThreadState, delivery valisev1.Delivery) {
		t.Helper()
		v := side.thread(sent.GetThread()).GetThread()
		if v.GetState() != state || v.GetDelivery() != delivery {
			t.Fatalf("%s sees %v, %v; want %v, %v", side.state, v.GetState(), v.GetDelivery(), state, delivery)
		}
	}
	check(xa, stateQueued, valisev1.Delivery_DELIVERY_LEFT)
	w.now = w.now.Add(time.Minute)
	xb.setLink(true)
	w.settle()
	check(xa, stateReceived, valisev1.Delivery_DELIVERY_REACHED)
	check(xb, stateReceived, 0)
	w.now = w.now.Add(time.Minute)
	ack := xb.reply(sent.GetThread(), &valisev1.Acknowledgement{})
	if len(ack.GetCovers()) != 1 || ack.GetCovers()[0] != sent.GetMessage() {
		t.Fatalf("covers %v", ack.GetCovers())
	}
	w.settle()
	check(xa, stateAcknowledged, valisev1.Delivery_DELIVERY_ACKNOWLEDGED)
	facts := xa.thread(sent.GetThread()).GetMessages()[0].GetFacts()
	for i, at := range []time.Time{facts.GetWaiting().AsTime(), facts.GetLeft().AsTime(), facts.GetReached().AsTime(), facts.GetAcknowledged().AsTime()} {
		if at.Before(start) || at.After(w.now) {
			t.Errorf("fact %d is dated %v", i, at)
		}
	}
	if !facts.GetAcknowledged().AsTime().After(facts.GetReached().AsTime()) {
		t.Error("acknowledged is not after reached")
	}
	holding := xb.reply(sent.GetThread(), &valisev1.HoldingReply{Text: "We look into it.",
		Estimate: &valisev1.Estimate{Estimate: &valisev1.Estimate_WithinSeconds{WithinSeconds: 3600}}})
	if len(holding.GetAdvice()) != 2 || holding.GetAdvice()[0].GetStep() != "R-3" {
		t.Fatalf("advice %v", holding.GetAdvice())
	}
	w.settle()
	check(xa, stateHolding, valisev1.Delivery_DELIVERY_ACKNOWLEDGED)
	xb.reply(sent.GetThread(), &valisev1.ChannelAnswer{Decision: valisev1.ChannelDecision_CHANNEL_DECISION_ACCEPT})
	nominated := xb.reply(sent.GetThread(), &valisev1.AgencyNomination{Agency: &valisev1.Agency{Name: "CERT Birch"}})
	if len(nominated.GetAdvice()) != 0 {
		t.Fatalf("R-2 and R-3 are done, but advice is %v", nominated.GetAdvice())
	}
	w.settle()
	for _, side := range []*home{xa, xb} {
		v := side.thread(sent.GetThread()).GetThread()
		if v.GetAgreedChannel() != "valise" || v.GetState() != stateHolding {
			t.Fatalf("%s sees %v", side.state, v)
		}
	}
	xb.reply(sent.GetThread(), &valisev1.Response{Outcome: valisev1.Outcome_OUTCOME_FULL, Narrative: "It was ours."})
	w.settle()
	check(xa, stateResponded, valisev1.Delivery_DELIVERY_ACKNOWLEDGED)
	xa.reply(sent.GetThread(), &valisev1.Acknowledgement{})
	xa.reply(sent.GetThread(), &valisev1.Closure{})
	xb.reply(sent.GetThread(), &valisev1.Closure{})
	w.converge()
	check(xa, stateClosed, valisev1.Delivery_DELIVERY_ACKNOWLEDGED)
	check(xb, stateClosed, 0)
	assertPromises(t, w)
}
