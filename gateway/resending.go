package gateway

import (
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// lackedBy lists what the opener has not got of ours: all above the marks that it names, and all
// of an epoch of ours that it never heard of. Its receipts of the life before count no more.
// docs/protocol.md §7.6
func (w *work) lackedBy(p Pair, e ident.Epoch, o *valisev1.EpochOpening) ([]*valisev1.Duty, error) {
	batch := new(valisev1.ReceiptBatch)
	if _, err := w.load(tableBatch, p.key(), batch); err != nil {
		return nil, err
	}
	// A receipt of the same life may have overtaken its first message, and knows more.
	said := append([]*valisev1.ChannelMark{}, o.GetMarks()...)
	if batch.GetEpoch() == uint64(e) {
		for _, line := range batch.GetChannels() {
			said = append(said, line.GetMark())
		}
	}
	var out []*valisev1.Duty
	for _, lane := range []uint32{laneMessages, laneParts} {
		list, err := w.lackedIn(p, lane, o.GetMarks(), said)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// lackedIn walks our epochs in one lane, newest first, down to the oldest that the opener names if
// it names as many as can be open: what is older is closed there. One that names fewer has closed
// none, and may never have heard of the older ones. docs/protocol.md §7.6
func (w *work) lackedIn(p Pair, lane uint32, named, said []*valisev1.ChannelMark) (out []*valisev1.Duty, err error) {
	own, err := w.ownLives(p)
	if err != nil {
		return nil, err
	}
	left, used := 0, 0
	open := map[uint64]bool{}
	for _, m := range named {
		open[m.GetEpoch()] = true
		if m.GetLane() == lane {
			left++
		}
	}
	bounded := left > 0 && len(open) >= openEpochs
	for _, x := range own {
		if bounded && left == 0 || used == openEpochs {
			break
		}
		c := channel{from: p.Ours, to: p.Peer, lane: lane, epoch: x}
		ch := new(valisev1.OutboundChannel)
		if found, err := w.load(tableOutChannel, c.key(), ch); err != nil {
			return nil, err
		} else if !found {
			continue
		}
		used++
		mark := uint64(0)
		for _, m := range said {
			if m.GetLane() == lane && m.GetEpoch() == uint64(x) {
				mark = max(mark, m.GetMark())
			}
		}
		for _, m := range named {
			if m.GetLane() == lane && m.GetEpoch() == uint64(x) {
				left--
			}
		}
		d, err := w.above(c, ch, mark)
		if err != nil {
			return nil, err
		}
		if d != nil {
			out = append(out, d)
		}
	}
	return out, nil
}

// above takes back what we believed of a channel, and is the duty to send again what lies above
// the mark that the peer names; nil where there is nothing.
func (w *work) above(c channel, ch *valisev1.OutboundChannel, mark uint64) (*valisev1.Duty, error) {
	last, err := w.lastOfOurs(c, ch)
	if err != nil || mark >= last {
		return nil, err
	}
	if ch.GetMark() > mark {
		if err := w.leaveWindow(c, ch.GetMark(), mark); err != nil {
			return nil, err
		}
		next := proto.CloneOf(ch)
		next.Mark = mark
		if err := w.save(tableOutChannel, c.key(), next); err != nil {
			return nil, err
		}
	}
	return &valisev1.Duty{Kind: valisev1.DutyKind_DUTY_KIND_RESEND, Lane: c.lane, Epoch: uint64(c.epoch), Next: mark + 1, Last: last}, nil
}

// lastOfOurs is the highest number of a channel that may be sent again. What came back may have gaps
// below it; what is no part of the chain that the peer holds is made again.
func (w *work) lastOfOurs(c channel, ch *valisev1.OutboundChannel) (uint64, error) {
	last := max(ch.GetNext(), 1) - 1
	if ch.GetDiverged() {
		return last, nil
	}
	n, _, _, err := w.firstRow(tableOutNumber, c.key(), highest, true)
	return max(n, last), err
}

// resendSome puts messages that had their receipt back into the outbox: same number, same
// message. No more than the peer's window, so that as much waits as a restore of the peer costs
// and no more. docs/protocol.md §7.2, §7.6
func (w *work) resendSome(p Pair, c channel, d *valisev1.Duty) (waits bool, err error) {
	ch := new(valisev1.OutboundChannel)
	if _, err := w.load(tableOutChannel, c.key(), ch); err != nil {
		return false, err
	}
	taken, err := w.loadSlots(p)
	if err != nil {
		return false, err
	}
	d.Next = max(d.GetNext(), ch.GetMark()+1)
	limit := min(d.GetLast(), ch.GetMark()+window(c.lane))
	for range numbersAtOnce {
		if d.GetNext() > limit {
			break
		}
		slot, free := taken.take(c.lane)
		if !free {
			return true, w.tx.Put(tableSlots, p.key(), taken[:])
		}
		used, err := w.resendOne(c, d.GetNext(), slot)
		if err != nil {
			return false, err
		}
		if !used {
			taken.free(slot)
		}
		d.Next++
	}
	return d.GetNext() > limit && limit < d.GetLast(), w.tx.Put(tableSlots, p.key(), taken[:])
}

// resendOne is false for a number that needs no slot: it waits already, the record has no message
// for it, or that has another number since, and its old place in the outbox.
func (w *work) resendOne(c channel, n uint64, slot int) (used bool, err error) {
	own, known, err := w.ownNumber(c, n)
	if err != nil || !known || own.id.IsZero() {
		return false, err
	}
	if again, err := w.madeAgain(c, own); err != nil || again {
		return false, err
	}
	at, found, err := w.placeAt(tableDigest, own.digest[:])
	if err != nil || !found || at.row != 0 {
		return false, err
	}
	item, err := w.kept(at.item)
	if err == nil && item == nil {
		own, at, item, err = w.emptied(c, n, own)
	}
	if err != nil || item == nil {
		return false, err
	}
	row := &valisev1.Outgoing{
		MessageId: own.id[:], Digest: own.digest[:], From: c.from.String(), To: c.to.String(), Kind: item.GetKind(),
		Stage: valisev1.Stage_STAGE_RELEASED, Lane: c.lane, Epoch: uint64(c.epoch), Sequence: n, Slot: int32(slot),
		Created: item.GetRecorded(), Officer: item.GetOfficer(), Role: item.GetRole(), Item: at.item, Again: true,
	}
	if !at.thread.IsZero() {
		row.Thread = at.thread[:]
	}
	// The number of the item was free as a place in the outbox: it was this message's own.
	ordinal := at.item
	if err := w.moved(c.from, row, ordinal+1); err != nil {
		return false, err
	}
	if err := w.saveRow(ordinal, row); err != nil {
		return false, err
	}
	w.after.publish = append(w.after.publish, rowEntry(c, row, ordinal))
	fresh, err := w.keySpeaks(row)
	if err != nil || fresh {
		return true, err
	}
	return true, w.signAgain(ordinal)
}

// moved notes where in the outbox a message stands, or that it stands there no more. The id of a
// message that was made again leads to the newer one. docs/protocol.md §7.6
func (w *work) moved(from ident.Address, row *valisev1.Outgoing, place uint64) error {
	p := rowPlace(row, 0)
	p.row = place
	known, found, err := w.placeAt(tableMessage, messageKey(from, p.id))
	if err != nil {
		return err
	}
	if found && known.digest != p.digest {
		return w.tx.Put(tableDigest, p.digest[:], p.marshal())
	}
	return w.savePlace(from, p)
}
