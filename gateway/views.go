package gateway

import (
	"context"
	"strconv"
	"strings"
	"time"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Pages of listings.
const (
	defaultPage = 100
	largestPage = 500
)

// undeliveredAfter is when an officer is reminded that a call or an email may be the faster way:
// nothing has signed for a message of theirs. It is local and says nothing of the peer. I-1
const undeliveredAfter = time.Hour

func parsePage(token string, first uint64) (uint64, error) {
	if token == "" {
		return first, nil
	}
	n, err := strconv.ParseUint(token, 10, 64)
	if err != nil {
		return 0, refuse(valisev1.Reason_REASON_BAD_REQUEST, "the page token is none of ours")
	}
	return n, nil
}

func pageSize(asked int32) int {
	if asked <= 0 {
		return defaultPage
	}
	return min(int(asked), largestPage)
}

// threadFilter reads which threads are asked for: a State, a POC, states of the view, a track of ours.
func threadFilter(r *valisev1.ListThreadsRequest) (func(*valisev1.Thread) bool, error) {
	peer := r.GetPeer()
	if peer != "" {
		_, errState := ident.ParseState(peer)
		_, errPOC := ident.ParseAddress(peer)
		if errState != nil && errPOC != nil {
			return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "the peer is no State and no address")
		}
	}
	states := map[valisev1.ThreadState]bool{}
	for _, s := range r.GetStates() {
		states[s] = true
	}
	return func(th *valisev1.Thread) bool {
		if len(states) > 0 && !states[th.GetState()] {
			return false
		}
		if r.GetTrack() != "" && !strings.HasSuffix(th.GetOurs(), "/"+r.GetTrack()) {
			return false
		}
		return peer == "" || th.GetPeer() == peer || strings.HasPrefix(th.GetPeer(), peer+"/")
	}, nil
}

// threadView is a thread as this officer sees it; flags are made at reading time.
func (w *work) threadView(a Actor, th *valisev1.Thread) (*valisev1.ThreadView, error) {
	v := &valisev1.ThreadView{
		Thread: idOf(th).String(), Outbound: th.GetOutbound(), Peer: th.GetPeer(), Ours: th.GetOurs(), Title: th.GetTitle(),
		State: th.GetState(), Realm: w.g.cfg.Realm.String(), Opened: th.GetOpened(), Changed: th.GetChanged(),
		Estimate: th.GetEstimate(), NeededBy: th.GetNeededBy(), AgreedChannel: th.GetAgreedChannel(),
		OurAgency: th.GetOurAgency(), TheirAgency: th.GetTheirAgency(), Pruned: th.GetPruned(),
		Opening:         openingOf(th),
		TimeSensitivity: valisev1.Urgency(valisev1.Urgency_value[th.GetTimeSensitivity()]),
		Check:           th.GetCheck(),
		UnopenedSince:   th.GetUnopenedSince(), Deadlines: deadlines(th, w.g.cfg.OwnRule, w.now),
	}
	if w.overdue(th) {
		v.Flags = append(v.Flags, "overdue")
	}
	out, err := w.leaving(th)
	if err != nil {
		return nil, err
	}
	v.Needs = needs(th, out, w.now)
	if out.stopped || out.late(w.now) {
		v.Flags = append(v.Flags, "undelivered")
	}
	if th.GetEscalated() {
		v.Flags = append(v.Flags, "escalated") // A-9a s2
	}
	if v.Gap, err = w.hasGap(th); err != nil {
		return nil, err
	}
	if v.Linked, err = w.linkedViews(a, th); err != nil {
		return nil, err
	}
	v.Delivery, err = w.inquiryDelivery(th)
	return v, err
}

// hasGap reports whether something from this State is still under way before what is shown: in
// this thread, which then waits for it, or in a number that nobody can know the thread of yet.
// docs/protocol.md §7.2
func (w *work) hasGap(th *valisev1.Thread) (gap bool, err error) {
	p, err := pairOf(th)
	if err != nil {
		return false, err
	}
	err = w.eachInbound(p, func(c channel, ch *valisev1.InboundChannel) error {
		if c.lane != laneMessages || len(ch.GetHeld()) == 0 {
			return nil
		}
		all, err := w.lives(p, c.lane)
		gap = gap || !all.lost(ch)
		return err
	})
	if err != nil || gap {
		return gap, err
	}
	open, err := w.epochList(tableInEpochs, p.key())
	if err != nil {
		return false, err
	}
	for _, e := range open {
		_, _, found, err := w.firstRow(tableThreadWaiting, threadEpochKey(idOf(th), e), 0, false)
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}

// inquiryDelivery is how far our inquiry has come; unspecified in threads of the peer.
func (w *work) inquiryDelivery(th *valisev1.Thread) (valisev1.Delivery, error) {
	if !th.GetOutbound() {
		return valisev1.Delivery_DELIVERY_UNSPECIFIED, nil
	}
	if len(th.GetInquiry()) == 0 {
		switch th.GetState() {
		case stateWithdrawn:
			return valisev1.Delivery_DELIVERY_WITHDRAWN, nil
		case stateQueued:
			return valisev1.Delivery_DELIVERY_WAITING_TO_LEAVE, nil
		}
		return valisev1.Delivery_DELIVERY_UNSPECIFIED, nil
	}
	fact := new(valisev1.DeliveryFact)
	_, err := w.load(tableFacts, th.GetInquiry(), fact)
	return fact.GetDelivery(), err
}

// Thread returns one thread with its messages, a peer's in the order in which it sent them, each with its four dated
// facts, and the advice on what the procedures still leave open. A-10a
func (g *Gateway) Thread(ctx context.Context, a Actor, r *valisev1.GetThreadRequest) (*valisev1.GetThreadResponse, error) {
	const op = "show thread"
	if _, err := a.as(mayRead); err != nil {
		return nil, asError(op, err, 0)
	}
	out := new(valisev1.GetThreadResponse)
	err := g.view(ctx, op, func(w *work) error {
		th, err := w.findThread(a, r.GetThread())
		if err != nil {
			return err
		}
		if out.Thread, err = w.threadView(a, th); err != nil {
			return err
		}
		out.Advice = adviceFor(th)
		out.Messages, err = w.messageViews(th)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
