package gateway

import (
	"cmp"
	"context"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// receiveBatch reads what a peer has recorded of ours: the only thing that ever clears the
// outbox. docs/protocol.md §7.4, P4
func (g *Gateway) receiveBatch(ctx context.Context, o *seal.Opened) (Effects, error) {
	batch, ok := o.Message.(*valisev1.ReceiptBatch)
	unknown, flaw := checkPayload(g.validator, o.Message)
	if !ok || flaw != nil || unknown && o.Header.MinorVersion <= seal.MinorVersion {
		return Effects{Reason: valisev1.Reason_REASON_PAYLOAD}, nil
	}
	in := incoming{opened: o, keep: g.keepOnce(o.Header.From)}
	var effects Effects
	err := g.update(ctx, "receipt", func(w *work) error {
		effects = Effects{}
		return w.receiveBatch(in, batch, &effects)
	})
	if err != nil {
		return Effects{}, err
	}
	return effects, nil
}

func (w *work) receiveBatch(in incoming, batch *valisev1.ReceiptBatch, effects *Effects) error {
	p := Pair{Ours: in.opened.Header.To, Peer: in.opened.Header.From}
	if len(w.epochs) > 1 {
		// A peer that this record never heard may hold what a restore has forgotten, of both: it
		// gives back and sends again to whoever opens an epoch. docs/protocol.md §7.6
		if err := w.pairKnown(p); err != nil {
			return err
		}
	}
	if err := w.giveBackBatch(in, p, batch); err != nil {
		return err
	}
	newer, err := w.newerBatch(p, batch, in.opened.Header.Created)
	if err != nil || !newer {
		effects.Reason = valisev1.Reason_REASON_DUPLICATE
		return err
	}
	lines, reason, err := w.readBatch(p, batch)
	if err != nil {
		return err
	}
	if reason != valisev1.Reason_REASON_UNSPECIFIED {
		// What it names that we never sent is evidence, and clears nothing. What we did send, and
		// the peer has signed for, would otherwise wait for as long as the two records differ.
		if err := w.quarantine(in, reason, effects); err != nil {
			return err
		}
	}
	if err := w.save(tableBatch, p.key(), batch); err != nil {
		return err
	}
	if err := w.saveNumber(tableBatchMade, p.key(), uint64(max(in.opened.Header.Created.UnixNano(), 0))); err != nil {
		return err
	}
	if err := w.saveRelaySeen(p); err != nil {
		return err
	}
	changed := false
	for _, l := range lines {
		moved, err := w.clearLine(p, l, batch, in.opened.Header.Created)
		if err != nil {
			return err
		}
		changed = changed || moved
	}
	voided, err := w.voidUnreadable(p, batch)
	if err != nil {
		return err
	}
	filled, err := w.fillGaps(p, lines)
	if err != nil {
		return err
	}
	w.hear(p, batch, lines)
	if !changed && !voided && !filled {
		return nil
	}
	return w.keepReceipt(in, effects)
}

// saveRelaySeen writes what the relay last answered: a receipt may be faster than the record of the
// answer, and the answer is what shows, after a start, that a relay is another. docs/protocol.md §7.4
func (w *work) saveRelaySeen(p Pair) error {
	w.g.mu.Lock()
	sequence := w.g.relaySeen[p]
	w.g.mu.Unlock()
	if sequence == 0 {
		return nil
	}
	return w.saveNumber(tableRelay, p.key(), sequence)
}

// keepReceipt records the batch that changed what we know, as signed.
func (w *work) keepReceipt(in incoming, effects *Effects) error {
	d := in.opened.Digest
	number, err := w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_RECEIPT_IN, Digest: d[:], Signed: in.opened.Bytes, Kind: valisev1.Kind_KIND_RECEIPT_BATCH,
	})
	if err != nil {
		return err
	}
	effects.Item, effects.Recorded = number, true
	p := Pair{Ours: in.opened.Header.To, Peer: in.opened.Header.From}
	return w.saveNumber(tableBatchItem, p.key(), number)
}

// newerBatch: batches of one epoch are ordered by number, or by date where a record that went back
// without knowing it uses numbers again; an epoch that another has followed is over. Older ones are
// ignored. docs/protocol.md §7.4, §7.6
func (w *work) newerBatch(p Pair, batch *valisev1.ReceiptBatch, made time.Time) (bool, error) {
	e := ident.Epoch(batch.GetEpoch())
	last := new(valisev1.ReceiptBatch)
	found, err := w.load(tableBatch, p.key(), last)
	if err != nil {
		return false, err
	}
	over, err := w.epochList(tableBatchEpochs, p.key())
	if err != nil {
		return false, err
	}
	before := len(over)
	if at := slices.Index(over, e); at >= 0 {
		back, err := w.notOver(p, e, ident.Epoch(last.GetEpoch()), made)
		if err != nil || !back {
			return false, err
		}
		over = slices.Delete(over, at, at+1)
	}
	if !found || last.GetEpoch() == batch.GetEpoch() {
		if len(over) != before {
			err = w.saveEpochList(tableBatchEpochs, p.key(), over)
		}
		if err != nil || !found || batch.GetNumber() > last.GetNumber() {
			return err == nil, err
		}
		newest, err := w.loadNumber(tableBatchMade, p.key())
		return made.UnixNano() > int64(newest), err // its record went back, and numbers come again
	}
	if late, err := w.lateBatch(p, e, ident.Epoch(last.GetEpoch()), made); err != nil || late {
		return false, err
	}
	over = append(slices.DeleteFunc(over, func(x ident.Epoch) bool { return x == ident.Epoch(last.GetEpoch()) }), ident.Epoch(last.GetEpoch()))
	return true, w.saveEpochList(tableBatchEpochs, p.key(), over[max(len(over)-knownEpochs, 0):])
}

// notOver reports whether an epoch that was held for over speaks on. One that was made after the
// opening which ended its epoch shows that the opening was the older. Where none did, a batch of an
// older life came late and was taken for a newer one: the lives, once their openings are here, tell.
// docs/protocol.md §7.4, §7.6
func (w *work) notOver(p Pair, e, present ident.Epoch, made time.Time) (bool, error) {
	floor, err := w.loadNumber(tableBatchFloor, p.key())
	if err != nil || floor != 0 {
		return err == nil && made.UnixNano() > int64(floor), err
	}
	newest, err := w.loadNumber(tableBatchMade, p.key())
	if err != nil || made.UnixNano() <= int64(newest) {
		return false, err
	}
	all, err := w.lives(p, laneMessages)
	return err == nil && all.find(present) != nil && all.at(e) > all.at(present), err
}

// lateBatch: a batch of an epoch of which nothing else ever came here, made before the newest one
// that did, is of a life that is over. If it were taken for a newer life, no receipt of the present
// one would ever count again. A newer life whose clock is behind opens its epoch, and is known then.
// By a clock that stood still, one of a life that the present one has gone on from is late too.
// docs/protocol.md §7.4
func (w *work) lateBatch(p Pair, e, present ident.Epoch, made time.Time) (bool, error) {
	newest, err := w.loadNumber(tableBatchMade, p.key())
	if err != nil || made.UnixNano() > int64(newest) {
		return false, err
	}
	all, err := w.lives(p, laneMessages)
	if made.UnixNano() == int64(newest) {
		return all.find(present).GetTold() && all.descends(present, e), err
	}
	return all.find(e) == nil, err
}

// receiptLine is one channel of ours in a batch, read and checked.
type receiptLine struct {
	channel channel
	state   *valisev1.OutboundChannel
	line    *valisev1.ChannelReceipt
	covered []covered
	whole   bool // its mark is one that we know
}

// readBatch checks every line against what we know. A channel that we do not know is a bare claim
// about our past: it is not obeyed. In an epoch that is over a line may speak of numbers that a
// restore has forgotten and a Return will bring back; in the present one that is a contradiction,
// which reason names. docs/protocol.md §7.4, §7.6
func (w *work) readBatch(p Pair, batch *valisev1.ReceiptBatch) (lines []receiptLine, reason valisev1.Reason, err error) {
	for _, line := range batch.GetChannels() {
		mark := line.GetMark()
		c := channel{from: p.Ours, to: p.Peer, lane: mark.GetLane(), epoch: ident.Epoch(mark.GetEpoch())}
		l := receiptLine{channel: c, state: new(valisev1.OutboundChannel), line: line}
		found, err := w.load(tableOutChannel, c.key(), l.state)
		if err != nil {
			return nil, 0, err
		}
		if !found {
			continue
		}
		if l.state.GetDiverged() {
			if err := w.relearn(c, line); err != nil {
				return nil, 0, err
			}
		}
		var flaw valisev1.Reason
		l.covered, l.whole, flaw, err = readReceipt(l.state, line, w.ownDigestAt(c))
		if err != nil {
			return nil, 0, err
		}
		if c.epoch == w.epochs.present() {
			reason = cmp.Or(reason, flaw)
		}
		if err := w.linkedOnly(&l); err != nil {
			return nil, 0, err
		}
		lines = append(lines, l)
	}
	return lines, reason, nil
}

// clearLine lets go of everything a line covers and moves the window.
func (w *work) clearLine(p Pair, l receiptLine, batch *valisev1.ReceiptBatch, at time.Time) (changed bool, err error) {
	for _, c := range l.covered {
		cleared, err := w.clear(l.channel, c, at)
		if err != nil {
			return false, err
		}
		changed = changed || cleared
	}
	next := proto.CloneOf(l.state)
	if l.whole {
		next.Mark = max(next.GetMark(), min(l.line.GetMark().GetMark(), l.state.GetMark()+mostCovered))
	}
	next.BatchEpoch, next.BatchNumber, next.BusyUntil = batch.GetEpoch(), batch.GetNumber(), batch.GetBusyUntil()
	if err := w.save(tableOutChannel, l.channel.key(), next); err != nil {
		return false, err
	}
	if l.channel.lane == laneParts {
		w.after.parts = append(w.after.parts, p)
	}
	return changed, w.grantAll(p, l.channel.lane)
}

// clear ends the way of one message: the peer's node has signed for it, as recorded or as
// refused. docs/protocol.md §7.4
func (w *work) clear(c channel, what covered, at time.Time) (bool, error) {
	n, has, err := w.ownNumber(c, what.sequence)
	if err != nil || !has {
		return false, err
	}
	known, found, err := w.placeAt(tableDigest, n.digest[:])
	if err != nil || !found || known.row == 0 {
		return false, err
	}
	row, err := w.loadRow(known.row - 1)
	if err != nil {
		return false, err
	}
	if err := w.leaveOutbox(known.row-1, row); err != nil {
		return false, err
	}
	switch {
	case row.GetKind() == valisev1.Kind_KIND_VOID:
		return true, nil // what it stands for was told when it was withdrawn
	case !saidByOfficer(row):
		return true, w.partSettled(row.GetPart(), what.refused)
	}
	if err := w.tellReached(row, n.digest, what.refused, at); err != nil {
		return false, err
	}
	return true, w.messageSettled(row, known.row-1, n.digest, what.refused)
}

// tellReached records the facts, and lets the thread know that its inquiry has arrived.
func (w *work) tellReached(row *valisev1.Outgoing, d ident.Digest, refused valisev1.Reason, at time.Time) error {
	if row.GetLeft() == nil {
		// The receipt overtook the relay's answer: it left, whatever the relay said.
		if err := w.deliver(row.GetThread(), d, valisev1.Delivery_DELIVERY_LEFT, time.Time{}, 0); err != nil {
			return err
		}
	}
	fact := valisev1.Delivery_DELIVERY_REACHED
	if refused == valisev1.Reason_REASON_DUPLICATE {
		refused = valisev1.Reason_REASON_UNSPECIFIED // the peer has it, under its id, from an epoch before
	}
	if refused != valisev1.Reason_REASON_UNSPECIFIED {
		fact = valisev1.Delivery_DELIVERY_REFUSED
	}
	if err := w.deliver(row.GetThread(), d, fact, at, refused); err != nil {
		return err
	}
	th, found, err := w.thread(ident.ThreadID(row.GetThread()))
	if err != nil || !found {
		return err
	}
	if fact == valisev1.Delivery_DELIVERY_REACHED {
		become(th, applyReached(th, d))
	}
	th.Changed = timestamppb.New(w.now)
	return w.saveThread(th)
}

// voidUnreadable fills the numbers of messages that the peer could not read: their officers are
// told that they were refused, and a Void takes their place. docs/protocol.md §7.3
func (w *work) voidUnreadable(p Pair, batch *valisev1.ReceiptBatch) (changed bool, err error) {
	for _, line := range batch.GetChannels() {
		for _, b := range line.GetUnreadable() {
			known, found, err := w.placeAt(tableDigest, b)
			if err != nil {
				return false, err
			}
			if !found || !known.ours || known.row == 0 {
				continue
			}
			row, err := w.loadRow(known.row - 1)
			if err != nil {
				return false, err
			}
			if row.GetKind() == valisev1.Kind_KIND_VOID || row.GetTo() != p.Peer.String() || row.GetFrom() != p.Ours.String() {
				continue
			}
			changed = true
			if err := w.tellUnreadable(row, known.digest); err != nil {
				return false, err
			}
			if err := w.void(row, known.row-1); err != nil {
				return false, err
			}
			w.after.again = append(w.after.again, known.digest)
		}
	}
	return changed, nil
}

// tellUnreadable tells our officers of what the peer's node cannot read.
func (w *work) tellUnreadable(row *valisev1.Outgoing, d ident.Digest) error {
	const why = valisev1.Reason_REASON_WIRE_FORM
	if !saidByOfficer(row) {
		return w.partSettled(row.GetPart(), why)
	}
	if err := w.deliver(row.GetThread(), d, valisev1.Delivery_DELIVERY_REFUSED, time.Time{}, why); err != nil {
		return err
	}
	return w.stopAttachments(d[:], valisev1.AttachmentState_ATTACHMENT_STATE_REFUSED, why)
}

// hear is what a batch tells beside receipts: the peer lives, may be busy, and does not show
// what was lost. docs/protocol.md §7.4, §7.7
func (w *work) hear(p Pair, batch *valisev1.ReceiptBatch, lines []receiptLine) {
	w.after.alive = append(w.after.alive, p)
	until := time.Time{}
	if t := batch.GetBusyUntil(); t != nil && t.AsTime().After(w.now) {
		until = w.now.Add(min(t.AsTime().Sub(w.now), longestBusy))
	}
	if w.after.busy == nil {
		w.after.busy = map[Pair]time.Time{}
	}
	w.after.busy[p] = until
	if !until.IsZero() {
		return
	}
	for _, l := range lines {
		m := missing{channel: l.channel}
		for _, h := range l.line.GetHeld() {
			m.held = max(m.held, h.GetSequence())
		}
		w.after.missing = append(w.after.missing, m)
	}
}
