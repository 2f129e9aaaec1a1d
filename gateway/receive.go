package gateway

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/proto/mutant"
	"valise.example/proto/notes"
	"valise.example/seal"
)

// Receive takes a message that passed every step of opening through sequence, thread and payload
// rules. Item, number, tree leaf and the receipt that is now due are one transaction; when it
// returns without error the relay may forget the envelope. What is refused is recorded and is no
// error; an error is always storage. docs/protocol.md §7.2, P4
func (g *Gateway) Receive(ctx context.Context, o *seal.Opened) (Effects, error) {
	if err := g.compareLists(ctx, o); err != nil {
		return Effects{}, err
	}
	if effects, held, err := g.holdForCallBack(ctx, o); held || err != nil {
		return effects, err
	}
	return g.receive(ctx, o, false)
}

// receive is Receive of what nobody need be called about; waited says that it was held before.
func (g *Gateway) receive(ctx context.Context, o *seal.Opened, waited bool) (Effects, error) {
	switch o.Header.Kind {
	case valisev1.Kind_KIND_RECEIPT_BATCH:
		return g.receiveBatch(ctx, o)
	case valisev1.Kind_KIND_KEY_NOTICE:
		return g.receiveKeyNotice(ctx, o)
	case valisev1.Kind_KIND_CANNOT_OPEN:
		return g.receiveHint(o)
	}
	if effects, away := g.turnAway(o); away {
		return effects, nil
	}
	in := incoming{opened: o, refused: g.judgeMessage(o), keep: g.keepOnce(o.Header.From), waited: waited}
	if in.refused == valisev1.Reason_REASON_UNSPECIFIED {
		in.back, in.refused = g.judgeReturn(o)
	}
	var effects Effects
	err := g.update(ctx, "receive", func(w *work) error {
		effects = Effects{}
		return w.receive(in, &effects)
	})
	if err != nil {
		return Effects{}, err
	}
	return effects, nil
}

// incoming is a numbered message and what could be judged of it without the store.
type incoming struct {
	opened   *seal.Opened
	refused  valisev1.Reason // consumed, but refused
	keep     func() bool     // may it be kept if it goes to quarantine; asked at most once
	unplaced bool            // its thread sequence belongs to another message
	opens    []ident.Epoch   // the open epochs once it is consumed; nil: as they are
	back     *seal.Opened    // what a Return gives back, verified; nil for nothing
	late     bool            // its sender has forgotten it
	waited   bool            // it was held until an officer had called back
}

func (in incoming) channel() channel {
	h := in.opened.Header
	return channel{from: h.From, to: h.To, lane: h.Lane, epoch: h.Epoch}
}

// arrival: a Void stands for the digest that it names. docs/protocol.md §7.3
func (in incoming) arrival() arrival {
	h := in.opened.Header
	return arrival{sequence: h.Sequence, digest: standsAt(in.opened), previous: h.Previous}
}

// standsFor is the digest that a Void names. One that names none fills its number as what it is:
// a message that is refused.
func standsFor(o *seal.Opened) (d ident.Digest, ok bool) {
	void, is := o.Message.(*valisev1.Void)
	if !is {
		return d, false
	}
	d, ok = ident.DigestFrom(void.GetDigest())
	return d, ok && !d.IsZero()
}

// judgeMessage applies the rules that need nothing but the message: may this kind be taken, and
// does its payload keep the contract. docs/protocol.md §5.1, §5.5
func (g *Gateway) judgeMessage(o *seal.Opened) valisev1.Reason {
	if o.Message == nil || !taken(o.Header.Kind) && o.Header.Kind != valisev1.Kind_KIND_ATTACHMENT_PART {
		return valisev1.Reason_REASON_UNSUPPORTED
	}
	if o.Header.From.Track != o.Header.To.Track && !passesToManager(o.Header.Kind) {
		return valisev1.Reason_REASON_NOT_FOR_US // A-9 s2, A-7b s2
	}
	unknown, flaw := checkPayload(g.validator, o.Message)
	if flaw != nil {
		return valisev1.Reason_REASON_PAYLOAD
	}
	// A choice that this version does not know is a part of a newer one, or a mistake.
	if unknown && o.Header.MinorVersion <= seal.MinorVersion {
		return valisev1.Reason_REASON_PAYLOAD
	}
	if _, ok := standsFor(o); o.Header.Kind == valisev1.Kind_KIND_VOID && !ok {
		return valisev1.Reason_REASON_PAYLOAD
	}
	if !attachmentsFit(attachmentsOf(o.Message)) {
		return valisev1.Reason_REASON_PAYLOAD
	}
	if r, is := o.Message.(*valisev1.Referral); is && !pointsWithin(Pair{Ours: o.Header.From, Peer: o.Header.To}, r) {
		return valisev1.Reason_REASON_PAYLOAD
	}
	if p := readPreamble(o.Message); !notes.Carried(o.Header.Kind, p.GetNotes()) {
		return valisev1.Reason_REASON_PAYLOAD // A-10 s4, s5
	}
	return valisev1.Reason_REASON_UNSPECIFIED
}

// taken are the numbered kinds that this node understands. docs/protocol.md §5.1
func taken(k valisev1.Kind) bool {
	switch k {
	case valisev1.Kind_KIND_VOID, valisev1.Kind_KIND_RETURN:
		return true
	}
	return k >= valisev1.Kind_KIND_INQUIRY && k <= valisev1.Kind_KIND_PING_REPLY
}

func (w *work) receive(in incoming, effects *Effects) error {
	c, p := in.channel(), Pair{Ours: in.opened.Header.To, Peer: in.opened.Header.From}
	if !w.g.cfg.speaksFor(p.Ours) {
		return w.quarantine(in, valisev1.Reason_REASON_NOT_FOR_US, effects)
	}
	ch, opens, reason, err := w.openInbound(in, c)
	if err != nil {
		return err
	}
	in.opens = opens
	a := in.arrival()
	near, err := w.near(c, a.sequence)
	if err != nil {
		return err
	}
	if judged := judgeArrival(ch, a, near); judged != valisev1.Reason_REASON_UNSPECIFIED {
		// A duplicate is one on a closed epoch too.
		if reason == valisev1.Reason_REASON_UNSPECIFIED || judged == valisev1.Reason_REASON_DUPLICATE {
			reason = judged
		}
		if err := w.contradicted(c, a, judged, near); err != nil {
			return err
		}
	}
	if reason == valisev1.Reason_REASON_UNSPECIFIED {
		reason, err = w.judgeIdentity(&in)
		if err != nil {
			return err
		}
	}
	switch reason {
	case valisev1.Reason_REASON_SEQUENCE:
		if err := w.heedProof(in); err != nil {
			return err
		}
	case valisev1.Reason_REASON_UNSPECIFIED:
		if in.opened.Header.Kind == valisev1.Kind_KIND_ATTACHMENT_PART {
			return w.consumePart(in, c, ch, a, effects)
		}
		return w.consume(in, c, ch, a, effects)
	case valisev1.Reason_REASON_DUPLICATE:
		if mutant.Is("dedupe-by-time-window") && w.longAgo(near.at) {
			return w.consume(in, c, ch, a, effects)
		}
		effects.Reason, effects.ReceiptTo = reason, []Pair{p}
		w.after.repeat = append(w.after.repeat, p)
		return w.cameAfterAll(in, c, near)
	}
	return w.quarantine(in, reason, effects)
}

// judgeIdentity: one id is one message. With another digest in the same epoch it is a
// contradiction; in another epoch it is the same message made again, which is consumed and not
// shown twice. docs/protocol.md §7.5, §7.6, P2
func (w *work) judgeIdentity(in *incoming) (valisev1.Reason, error) {
	h := in.opened.Header
	known, found, err := w.placeAt(tableMessage, messageKey(h.From, h.MessageID))
	if err != nil || !found {
		return valisev1.Reason_REASON_UNSPECIFIED, err
	}
	if known.epoch == h.Epoch {
		return valisev1.Reason_REASON_EQUIVOCATION, nil
	}
	in.refused = valisev1.Reason_REASON_DUPLICATE
	return valisev1.Reason_REASON_UNSPECIFIED, nil
}

// consume records a message under its number, accepted or refused: from here on a receipt tells
// the sender, and it never comes again. docs/protocol.md §7.2, §7.3
func (w *work) consume(in incoming, c channel, ch *valisev1.InboundChannel, a arrival, effects *Effects) error {
	h, p := in.opened.Header, Pair{Ours: in.opened.Header.To, Peer: in.opened.Header.From}
	all, err := w.lives(p, h.Lane)
	if err != nil {
		return err
	}
	in.late = all.forgotten(h.Epoch, h.Sequence)
	th, err := w.threadFor(&in)
	if err != nil {
		return err
	}
	number, err := w.recordReceived(in, th, all.lost(ch) && h.Sequence > ch.GetMark().GetMark()+1)
	if err != nil {
		return err
	}
	before := all
	if all, err = w.takeIn(in, c, a, number); err != nil {
		return err
	}
	next, closed := takeArrival(ch, a, in.refused)
	if err := w.save(tableInChannel, c.key(), next); err != nil {
		return err
	}
	if err := w.stepThreads(th, in, c, next, closed, number, all.lost(next)); err != nil {
		return err
	}
	if err := w.expect(in, th.GetId()); err != nil {
		return err
	}
	if err := w.stepLives(in, c, before, all); err != nil {
		return err
	}
	w.after.dirty = append(w.after.dirty, p)
	*effects = Effects{Reason: in.refused, Item: number, Recorded: true, ReceiptTo: []Pair{p}}
	return nil
}

// recordReceived appends the item that tells of a message.
func (w *work) recordReceived(in incoming, th *valisev1.Thread, afterLoss bool) (uint64, error) {
	d := in.opened.Digest
	item := &valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_RECEIVED, Digest: d[:], Signed: in.opened.Bytes, Kind: in.opened.Header.Kind,
		Marks: w.marks(in.opened), Reason: in.refused,
	}
	if in.refused != valisev1.Reason_REASON_UNSPECIFIED {
		item.Type = valisev1.ItemType_ITEM_TYPE_REFUSED
	}
	if in.waited {
		item.Marks = append(item.Marks, valisev1.Mark_MARK_HELD_FOR_CALL_BACK)
	}
	if afterLoss {
		item.Marks = append(item.Marks, valisev1.Mark_MARK_AFTER_LOSS)
	}
	if th != nil {
		item.Thread = th.GetId()
		th.Changed = timestamppb.New(w.now)
	}
	return w.append(item)
}

// stepLives does what a message means for the lives of its sender and for our own: an opening, a
// Return, something that its sender has forgotten, a gap that can no longer be filled.
// docs/protocol.md §7.6
func (w *work) stepLives(in incoming, c channel, before, all lives) error {
	h, p := in.opened.Header, Pair{Ours: c.to, Peer: c.from}
	if err := w.livesChanged(in, p, before, all); err != nil {
		return err
	}
	if all.forgotten(h.Epoch, h.Sequence) {
		if err := w.addDuty(p, &valisev1.Duty{
			Kind: valisev1.DutyKind_DUTY_KIND_RETURN, Lane: h.Lane, Epoch: uint64(h.Epoch), Next: h.Sequence, Last: h.Sequence,
		}); err != nil {
			return err
		}
		if err := w.outlived(c, h.Created, all); err != nil {
			return err
		}
	}
	if err := w.closeLoss(c, all); err != nil {
		return err
	}
	more, err := w.unblock(p)
	if err != nil {
		return err
	}
	if more {
		if err := w.addDuty(p, &valisev1.Duty{Kind: valisev1.DutyKind_DUTY_KIND_UNBLOCK}); err != nil {
			return err
		}
	}
	if in.back == nil {
		return nil
	}
	return w.takeBack(in)
}

// takeIn writes every index by which the message can be found again, and by which a second one
// is known for what it is.
func (w *work) takeIn(in incoming, c channel, a arrival, item uint64) (lives, error) {
	pair := Pair{Ours: c.to, Peer: c.from}
	if err := w.spend(c.from, len(in.opened.Bytes)); err != nil {
		return nil, err
	}
	if err := w.pairKnown(pair); err != nil {
		return nil, err
	}
	if in.opens != nil {
		if err := w.saveEpochList(tableInEpochs, pair.key(), in.opens); err != nil {
			return nil, err
		}
	}
	all, err := w.noteLife(in)
	if err != nil {
		return nil, err
	}
	return all, w.placeReceived(in, c, a, item)
}

func (w *work) placeReceived(in incoming, c channel, a arrival, item uint64) error {
	h, d := in.opened.Header, in.opened.Digest
	n := numbered{digest: a.digest, previous: a.previous, item: item}
	if err := w.tx.PutRow(tableInNumber, c.key(), a.sequence, n.marshal()); err != nil {
		return err
	}
	if a.digest != d {
		if err := w.readableAgain(Pair{Ours: c.to, Peer: c.from}, a.digest); err != nil {
			return err
		}
	}
	p := place{thread: h.Thread, id: h.MessageID, digest: d, item: item, epoch: h.Epoch}
	if in.refused == valisev1.Reason_REASON_DUPLICATE {
		return w.tx.Put(tableDigest, d[:], p.marshal()) // the id keeps leading to the first
	}
	if h.Kind == valisev1.Kind_KIND_ATTACHMENT_PART || h.Kind == valisev1.Kind_KIND_RETURN {
		return w.savePlace(h.From, p) // nobody looks for these by their id
	}
	if err := w.addPrefix(prefixMessage, named{id: h.MessageID, from: h.From}); err != nil {
		return err
	}
	return w.savePlace(h.From, p)
}

// stepThreads lets the view follow: this message in its thread's order, and whatever a closed gap
// has shown to be last.
func (w *work) stepThreads(th *valisev1.Thread, in incoming, c channel, ch *valisev1.InboundChannel, closed []uint64, item uint64, lost bool) error {
	h := in.opened.Header
	if th != nil {
		last := lost || ch.GetMark().GetMark() >= h.Sequence
		if !in.unplaced {
			if err := w.applyInOrder(th, h, item, last); err != nil {
				return err
			}
		}
		if err := w.saveThread(th); err != nil {
			return err
		}
	}
	if c.lane == laneParts {
		return nil // parts stand in no thread
	}
	for _, n := range closed {
		if err := w.nothingEarlier(c, n); err != nil {
			return err
		}
	}
	return nil
}

// longAgo is what a mistake of package mutant takes for long enough to forget a number.
func (w *work) longAgo(n *numbered) bool {
	item, err := w.kept(n.item)
	return err == nil && w.now.Sub(item.GetRecorded().AsTime()) > time.Hour
}
