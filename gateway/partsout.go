package gateway

import (
	"context"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

const (
	// partsAtOnce is how many parts one call of ReleaseParts numbers: that bounds memory and the
	// time that one transaction takes. P7
	partsAtOnce = 8
	// partsAhead is how many parts of a pair may have a number before their messages are receipted:
	// as many as a receiver must keep that has not got the message yet. docs/protocol.md §6
	partsAhead = 64
)

// ReleaseParts numbers, signs and records the next parts of attachments whose messages have left,
// at most eight a call and no more than fit the window, and puts them on their way. more says that
// it would do something again at once; otherwise the next durable change may bring something. The
// signatures are made outside the transaction, so that other acts do not wait for them. It may be
// called beside everything else. docs/protocol.md §6, §7.2
func (g *Gateway) ReleaseParts(ctx context.Context) (more bool, err error) {
	const op = "release parts"
	g.releasing.Lock()
	defer g.releasing.Unlock()
	p, ok := g.takePartsDue()
	if !ok {
		return false, nil
	}
	var plan partsPlan
	err = g.view(ctx, op, func(w *work) (err error) {
		plan, err = w.planParts(p)
		return err
	})
	if err != nil || len(plan.parts) == 0 {
		return g.partsDue(err != nil, p), err
	}
	if err := plan.sign(g.newWork(nil)); err != nil {
		return g.partsDue(true, p), asError(op, err, valisev1.Reason_REASON_INTERNAL)
	}
	err = g.update(ctx, op, func(w *work) error { return w.releaseParts(plan) })
	return g.partsDue(true, p), err
}

// takePartsDue takes the next pair that may have parts to number.
func (g *Gateway) takePartsDue() (p Pair, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.parts) == 0 {
		return p, false
	}
	p, g.parts = g.parts[0], g.parts[1:]
	return p, true
}

// partsDue lists a pair again, behind the others, and reports whether any is listed.
func (g *Gateway) partsDue(again bool, p Pair) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if again && !slices.Contains(g.parts, p) {
		g.parts = append(g.parts, p)
	}
	return len(g.parts) > 0
}

// releaseParts does what was planned, in one durable step, unless something has changed since:
// then it does nothing, and another plan is made. docs/protocol.md §7.1
func (w *work) releaseParts(plan partsPlan) error {
	ch := new(valisev1.OutboundChannel)
	if _, err := w.load(tableOutChannel, plan.channel.key(), ch); err != nil {
		return err
	}
	next, previous := assignNumber(ch)
	if next != plan.next || previous != plan.previous || w.epochs.present() != plan.channel.epoch {
		return nil
	}
	for _, part := range plan.parts {
		row, found, err := w.attachment(part.of.GetMessage(), part.of.GetAttachment())
		if err != nil {
			return err
		}
		if !found || row.GetRound() != part.of.GetRound() || !partSet(row.GetWanted()).has(part.of.GetIndex()) {
			return nil // those after it are chained to it
		}
		if ch, err = w.releasePart(plan.channel, ch, part, row); err != nil {
			return err
		}
	}
	return nil
}

// releasePart binds one part to its number, its item and its row in the outbox.
func (w *work) releasePart(c channel, ch *valisev1.OutboundChannel, part plannedPart, of *valisev1.AttachmentRow) (*valisev1.OutboundChannel, error) {
	ordinal := w.tx.Items()
	row := &valisev1.Outgoing{
		MessageId: part.header.MessageID[:], Digest: part.digest[:], From: c.from.String(), To: c.to.String(),
		Kind: part.header.Kind, Stage: valisev1.Stage_STAGE_RELEASED, Lane: c.lane, Epoch: uint64(c.epoch),
		Slot: noSlot, Created: timestamppb.New(w.now), Part: part.of,
	}
	var err error
	if row.Item, err = w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_SENT, Digest: part.digest[:], Signed: part.signed, Kind: row.GetKind(),
	}); err != nil {
		return nil, err
	}
	if err := w.takeNumber(c, ch, part.header, row, part.digest); err != nil {
		return nil, err
	}
	if err := w.savePlace(c.from, rowPlace(row, ordinal)); err != nil {
		return nil, err
	}
	if err := w.partNumbered(part, of, row.GetItem()); err != nil {
		return nil, err
	}
	if err := w.grantNow(c, row, ordinal); err != nil {
		return nil, err
	}
	row.Reason = w.deliveryReason(row)
	return numberUsed(ch, part.digest), w.saveRow(ordinal, row)
}

// partNumbered moves the bytes of a part from where they were brought into the record.
func (w *work) partNumbered(part plannedPart, of *valisev1.AttachmentRow, item uint64) error {
	d, index, at := part.of.GetMessage(), part.of.GetAttachment(), part.of.GetIndex()
	if err := w.partInRecord(d, index, of.GetUpload(), at, item); err != nil {
		return err
	}
	partSet(of.Wanted).remove(at)
	if err := w.saveAttachment(d, index, of); err != nil {
		return err
	}
	if part.ahead {
		if err := w.countAhead(of, part.ordinal); err != nil {
			return err
		}
	}
	return w.unqueueNumbered(d, index, of)
}
