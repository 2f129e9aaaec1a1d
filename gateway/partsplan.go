package gateway

import (
	"bytes"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
)

// partsPlan is what one call of ReleaseParts will do, if the store still is as it was.
type partsPlan struct {
	channel  channel
	next     uint64
	previous ident.Digest
	opening  *valisev1.EpochOpening
	parts    []plannedPart
}

// plannedPart is a part that gets the next number.
type plannedPart struct {
	of      *valisev1.PartOf
	data    []byte
	ordinal uint64 // of its message in the outbox; only when ahead
	ahead   bool   // its message has no receipt yet
	header  seal.Header
	digest  ident.Digest
	signed  []byte
}

// planParts finds the parts that may be numbered now: in the order of the queue, as many as the
// window and the slots allow, and before the receipt of their message no more than a receiver
// must keep. docs/protocol.md §6, §7.2
func (w *work) planParts(p Pair) (plan partsPlan, err error) {
	plan.channel = channel{from: p.Ours, to: p.Peer, lane: laneParts, epoch: w.epochs.present()}
	ch := new(valisev1.OutboundChannel)
	if _, err := w.load(tableOutChannel, plan.channel.key(), ch); err != nil {
		return plan, err
	}
	plan.next, plan.previous = assignNumber(ch)
	room, err := w.roomForParts(p, ch)
	if err != nil || room == 0 {
		return plan, err
	}
	if plan.next == 1 {
		if plan.opening, err = w.opening(plan.channel); err != nil {
			return plan, err
		}
	}
	ahead, err := w.partsAheadOf(p)
	if err != nil {
		return plan, err
	}
	err = w.tx.Rows(tablePartQueue, p.key(), 0, false, func(_ uint64, value []byte) (bool, error) {
		d, index, err := parseAttachmentKey(value)
		if err != nil {
			return false, err
		}
		return w.planAttachment(&plan, d, index, room, &ahead)
	})
	return plan, err
}

// roomForParts is how many parts fit the window and have a slot. An opening always has.
func (w *work) roomForParts(p Pair, ch *valisev1.OutboundChannel) (int, error) {
	s, err := w.loadSlots(p)
	if err != nil {
		return 0, err
	}
	under := max(ch.GetNext(), 1) - 1 - ch.GetMark()
	if under >= window(laneParts) {
		return 0, nil
	}
	free := s.freeIn(laneParts)
	if ch.GetNext() <= 1 {
		free = max(free, 1)
	}
	return min(int(window(laneParts)-under), free, partsAtOnce), nil
}

// partsAheadOf counts the parts of a pair whose messages have no receipt yet.
func (w *work) partsAheadOf(p Pair) (count uint64, err error) {
	err = w.tx.Rows(tablePartAhead, p.key(), 0, false, func(_ uint64, value []byte) (bool, error) {
		n, err := readNumber(value)
		count += n
		return true, err
	})
	return count, err
}

// planAttachment adds the parts of one attachment; more is true while there is room for others.
func (w *work) planAttachment(plan *partsPlan, d []byte, index uint32, room int, ahead *uint64) (more bool, err error) {
	row, found, err := w.attachment(d, index)
	if err != nil || !found {
		return true, err
	}
	of, _, err := w.placeAt(tableDigest, d)
	if err != nil {
		return false, err
	}
	for i := range row.GetParts() {
		if !partSet(row.GetWanted()).has(i) {
			continue
		}
		if len(plan.parts) >= room || of.row > 0 && *ahead >= partsAhead {
			return false, nil
		}
		data, err := w.outboundBytes(d, index, row, i)
		if err != nil {
			return false, err
		}
		next := plannedPart{
			of:   &valisev1.PartOf{Message: bytes.Clone(d), Attachment: index, Index: i, Round: row.GetRound()},
			data: data,
		}
		if of.row > 0 {
			next.ahead, next.ordinal = true, of.row-1
			*ahead++
		}
		plan.parts = append(plan.parts, next)
	}
	return len(plan.parts) < room, nil
}

// outboundBytes reads one part of an attachment of ours: from where it was brought, or from the
// item in which it was sent before.
func (w *work) outboundBytes(d []byte, index uint32, row *valisev1.AttachmentRow, part uint32) ([]byte, error) {
	data, err := w.row(tableUploadData, row.GetUpload(), uint64(part))
	if err != nil || data != nil {
		return data, err
	}
	return w.recordedPart(d, index, part)
}

// recordedPart reads the bytes of a part from the item that holds it.
func (w *work) recordedPart(d []byte, index, part uint32) ([]byte, error) {
	value, err := w.row(tablePart, attachmentKey(d, index), uint64(part))
	if err != nil {
		return nil, err
	}
	if value == nil {
		return nil, damaged("a part that is listed is not there")
	}
	number, err := readNumber(value)
	if err != nil {
		return nil, err
	}
	item, err := w.kept(number)
	if err == nil && item == nil {
		err = removed()
	}
	if err != nil {
		return nil, err
	}
	_, m, err := readItem(item)
	if err != nil {
		return nil, err
	}
	said, ok := m.(*valisev1.AttachmentPart)
	if !ok {
		return nil, damaged("an item that is listed as a part is none")
	}
	return said.GetData(), nil
}

// sign makes the contents, each chained to the one before, and their signatures.
func (plan *partsPlan) sign(w *work) error {
	previous := plan.previous
	for i := range plan.parts {
		part := &plan.parts[i]
		part.header = seal.Header{
			MinorVersion: seal.MinorVersion, Realm: w.g.cfg.Realm, Kind: valisev1.Kind_KIND_ATTACHMENT_PART,
			From: plan.channel.from, To: plan.channel.to, Lane: laneParts, Epoch: plan.channel.epoch,
			Sequence: plan.next + uint64(i), Previous: previous, Created: w.now.UTC(),
			DirectoryNumber: w.dir.Number(), DirectoryHash: w.dir.Hash(),
		}
		if part.header.Sequence == 1 {
			part.header.Opening = plan.opening
		}
		if err := w.g.fill(part.header.MessageID[:]); err != nil {
			return err
		}
		payload, err := proto.Marshal(&valisev1.AttachmentPart{
			Message: part.of.GetMessage(), Attachment: part.of.GetAttachment(), Index: part.of.GetIndex(), Data: part.data,
		})
		if err != nil {
			return err
		}
		signed, err := w.sign(part.header, payload)
		if err != nil {
			return err
		}
		part.digest, part.signed, part.data = signed.Content.Digest(), signed.Marshal(), nil
		previous = part.digest
	}
	return nil
}
