package gateway

import (
	"context"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Reply adds a message to a thread: the Procedure for responding, and whatever else either side
// has to say. It is durable when it returns, and done once for each request id. The error is an
// *Error: NOT_PERMITTED, NOT_FOUND, AMBIGUOUS, NOT_IN_THIS_STATE, UNIMPLEMENTED, STATE_LEFT,
// BAD_REQUEST, BAD_TEXT, PAYLOAD, TOO_LARGE, REQUEST_ID_CONFLICT or STORAGE_UNKNOWN. R-1..R-3
func (g *Gateway) Reply(ctx context.Context, a Actor, r *valisev1.ReplyRequest) (*valisev1.Sent, error) {
	const op = "reply"
	role, err := a.as(maySend)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetOptions().GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	payload, err := said(r.GetPayload())
	if err == nil {
		role, err = answersCheck(a, role, payload, r.GetOptions())
	}
	if err != nil {
		return nil, asError(op, err, 0)
	}
	m := outgoing{actor: a, role: roleName(role), options: r.GetOptions()}
	if err := g.newIDs(&m.id, nil); err != nil {
		return nil, asError(op, err, 0)
	}
	sent := new(valisev1.Sent)
	err = g.update(ctx, op, func(w *work) error {
		m := m
		m.payload = proto.Clone(payload)
		return w.onceWithRoom(req, sent, func() error {
			th, err := w.threadOf(a, r.GetThread(), r.GetInReplyTo())
			if err != nil {
				return err
			}
			return w.reply(th, m, r.GetInReplyTo(), sent)
		})
	})
	if err != nil {
		return nil, err
	}
	return sent, nil
}

// said unwraps the payload of the operator's API and refuses kinds that officers cannot send yet.
func said(p *valisev1.Payload) (proto.Message, error) {
	r := p.ProtoReflect()
	fd := r.WhichOneof(r.Descriptor().Oneofs().ByName("payload"))
	if fd == nil {
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "there is nothing to send")
	}
	kind := valisev1.Kind(fd.Number())
	switch {
	case opensThread(kind):
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "an inquiry, a notice or a communication check begins its own thread")
	case !taken(kind):
		return nil, refuse(valisev1.Reason_REASON_UNIMPLEMENTED, "this kind of message has its number, but this version cannot send it yet")
	}
	return r.Get(fd).Message().Interface(), nil
}

// threadOf finds the thread by its id, or by a message of it.
func (w *work) threadOf(a Actor, thread, message string) (*valisev1.Thread, error) {
	if thread != "" || message == "" {
		return w.findThread(a, thread)
	}
	p, err := w.findMessage(a, message)
	if err != nil {
		return nil, err
	}
	th, found, err := w.thread(p.thread)
	if err == nil && !found {
		err = refuse(valisev1.Reason_REASON_NOT_FOUND, "this message belongs to no thread")
	}
	return th, err
}

func (w *work) reply(th *valisev1.Thread, m outgoing, inReplyTo string, sent *valisev1.Sent) error {
	var err error
	if m.pair, err = pairOf(th); err != nil {
		return err
	}
	if err := w.reachable(m.pair); err != nil {
		return err
	}
	var target place
	if inReplyTo != "" {
		if target, err = w.targetIn(m.actor, th, inReplyTo); err != nil {
			return err
		}
		m.inReplyTo = target.digest
	} else {
		m.inReplyTo, _ = ident.DigestFrom(th.GetLastSeen())
	}
	if err := w.fits(th, m.payload, target); err != nil {
		return err
	}
	if _, ok := m.payload.(*valisev1.Acknowledgement); ok {
		th.UnopenedSince, th.UnopenedItem = nil, 0 // it is the officer's own word that all of it arrived. docs/protocol.md §12.7
	}
	return w.submit(th, m, sent)
}

// targetIn finds a message of this thread that has a digest.
func (w *work) targetIn(a Actor, th *valisev1.Thread, id string) (place, error) {
	p, err := w.findMessage(a, id)
	if err != nil {
		return place{}, err
	}
	if p.thread != idOf(th) {
		return place{}, refuse(valisev1.Reason_REASON_BAD_REQUEST, "the message answered belongs to another thread")
	}
	if p.digest.IsZero() {
		return place{}, refuse(valisev1.Reason_REASON_NOT_IN_THIS_STATE, "the message answered has not been released")
	}
	return p, nil
}

// fits holds a message against what the thread is now, and fills in what it leaves to the node.
// Only what would make no sense is refused: the procedures advise, they never block. A-10a
func (w *work) fits(th *valisev1.Thread, m proto.Message, target place) error {
	switch {
	case th.GetState() == stateWithdrawn:
		return notNow("the inquiry was withdrawn before it left")
	case th.GetOutbound() && len(th.GetInquiry()) == 0:
		return notNow("the inquiry itself has not been released")
	}
	if done, err := fitsCheck(th, m); done || err != nil {
		return err
	}
	switch m := m.(type) {
	case *valisev1.Acknowledgement:
		if len(th.GetUnacknowledged()) == 0 {
			return notNow("there is nothing to acknowledge")
		}
		m.Messages = th.GetUnacknowledged()
	case *valisev1.HoldingReply, *valisev1.Response:
		return onlyAnswering(th)
	case *valisev1.RevisedEstimate:
		if err := onlyAnswering(th); err != nil {
			return err
		}
		if !th.GetOursDone().GetHolding() {
			return notNow("there is no estimate to revise: a holding reply gives the first one")
		}
	case *valisev1.ChannelAnswer:
		return w.fitsChannel(th, m)
	case *valisev1.Referral:
		return fitsReferral(th, m)
	case *valisev1.Correction:
		return w.fitsOwn(th, &m.Message, target)
	case *valisev1.Retraction:
		return w.fitsOwn(th, &m.Message, target)
	case *valisev1.ConsentRequest:
		return w.fitsConsentRequest(th, m, target)
	case *valisev1.ConsentDecision:
		return w.fitsConsentDecision(th, m, target)
	case *valisev1.ConsentWithdrawal:
		return w.fitsConsentWithdrawal(th, m, target)
	case *valisev1.Closure:
		if th.GetClosedByUs() {
			return notNow("our side has closed this thread already")
		}
	case *valisev1.Reopen:
		if !isClosed(th) {
			return notNow("this thread is not closed")
		}
	}
	return nil
}

func notNow(text string) error { return refuse(valisev1.Reason_REASON_NOT_IN_THIS_STATE, "%s", text) }

// onlyAnswering: whoever was asked answers; whoever asked adds a supplement.
func onlyAnswering(th *valisev1.Thread) error {
	if th.GetOpening() == valisev1.Kind_KIND_VOLUNTARY_NOTICE {
		return notNow("a notice asks nothing; acknowledge it, ask further questions, or add a supplement")
	}
	if th.GetOutbound() {
		return notNow("our side asked in this thread; a supplement answers what the peer asks")
	}
	return nil
}

// fitsOwn: one's own statement is corrected or retracted, in the thread where it stands.
// docs/protocol.md §5.2
func (w *work) fitsOwn(th *valisev1.Thread, digest *[]byte, target place) error {
	if len(*digest) == 0 && !target.digest.IsZero() {
		*digest = digestOf(target.digest)
	}
	p, found, err := w.placeAt(tableDigest, *digest)
	if err != nil {
		return err
	}
	if !found || !p.ours || p.thread != idOf(th) {
		return refuse(valisev1.Reason_REASON_NOT_FOUND, "this thread has no such message of ours")
	}
	return nil
}

// fitsChannel: a channel answer answers a proposal of the peer; without one named, the last. R-3
func (w *work) fitsChannel(th *valisev1.Thread, a *valisev1.ChannelAnswer) error {
	if len(a.GetProposal()) == 0 {
		d, err := w.lastProposal(th)
		if err != nil {
			return err
		}
		a.Proposal = d
	}
	p, m, err := w.messageAt(a.GetProposal())
	if err != nil {
		return err
	}
	proposed, _ := nominated(m)
	if p.ours || p.thread != idOf(th) || len(proposed) == 0 {
		return notNow("the peer has proposed no channel here")
	}
	if a.GetDecision() == valisev1.ChannelDecision_CHANNEL_DECISION_ACCEPT && a.GetChannel() == nil && proposed[0].GetKind() != "" {
		a.Channel = proto.CloneOf(proposed[0])
	}
	if a.GetDecision() == valisev1.ChannelDecision_CHANNEL_DECISION_COUNTER && a.GetChannel() == nil {
		return refuseAt("channel", valisev1.Reason_REASON_BAD_REQUEST, "a counter-proposal names a channel")
	}
	return nil
}

// lastProposalWithin is how far back a proposal is looked for.
const lastProposalWithin = 1000

// lastProposal finds the peer's newest message that names a channel.
func (w *work) lastProposal(th *valisev1.Thread) (digest []byte, err error) {
	looked := 0
	err = w.tx.Rows(tableThreadItems, th.GetId(), highest, true, func(n uint64, _ []byte) (bool, error) {
		item, err := w.kept(n)
		if err != nil {
			return false, err
		}
		looked++
		if item.GetType() != valisev1.ItemType_ITEM_TYPE_RECEIVED || !mayPropose(item.GetKind()) {
			return looked < lastProposalWithin, nil
		}
		_, m, err := readItem(item)
		if err != nil {
			return false, err
		}
		if proposed, _ := nominated(m); len(proposed) > 0 {
			digest = item.GetDigest()
		}
		return digest == nil && looked < lastProposalWithin, nil
	})
	if err == nil && digest == nil {
		err = notNow("the peer has proposed no channel here")
	}
	return digest, err
}

func mayPropose(k valisev1.Kind) bool {
	switch k {
	case valisev1.Kind_KIND_INQUIRY, valisev1.Kind_KIND_HOLDING_REPLY, valisev1.Kind_KIND_CHANNEL_PROPOSAL, valisev1.Kind_KIND_CHANNEL_ANSWER:
		return true
	}
	return false
}
