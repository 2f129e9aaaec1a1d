package gateway

import (
	"bytes"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// earlyAgain is how often parts of one attachment are sent again because the peer says that their
// message has not come: one who says so for ever is not believed for ever.
const earlyAgain = 1024

// partSettled is what a receipt says of a part: it is there, or why it was refused.
// docs/protocol.md §6
func (w *work) partSettled(part *valisev1.PartOf, refused valisev1.Reason) error {
	if part == nil {
		return nil // sent again for a peer that was restored: it was settled before
	}
	d, index := part.GetMessage(), part.GetAttachment()
	row, found, err := w.attachment(d, index)
	if err != nil || !found || row.GetRound() != part.GetRound() {
		return err // of an earlier round
	}
	arrived := refused == valisev1.Reason_REASON_UNSPECIFIED || refused == valisev1.Reason_REASON_DUPLICATE
	switch {
	case arrived && row.GetState() == valisev1.AttachmentState_ATTACHMENT_STATE_STOPPED:
		partSet(row.Arrived).add(part.GetIndex()) // it had its number when the others were stopped
		return w.saveAttachment(d, index, row)
	case !isOpen(row):
		return nil
	case arrived:
		return w.partArrived(d, index, row, part.GetIndex())
	}
	switch refused {
	case valisev1.Reason_REASON_ATTACHMENT_DAMAGED:
		return w.sendAgain(d, index, row)
	case valisev1.Reason_REASON_ATTACHMENT_EARLY:
		if row.Early++; row.Early <= earlyAgain {
			partSet(row.Wanted).add(part.GetIndex())
			if err := w.saveAttachment(d, index, row); err != nil {
				return err
			}
			return w.queueOnceReceipted(d, index, row)
		}
	}
	return w.stopAttachment(d, index, row, valisev1.AttachmentState_ATTACHMENT_STATE_REFUSED, refused)
}

// isOpen reports whether parts of an attachment may still come or go.
func isOpen(row *valisev1.AttachmentRow) bool {
	switch row.GetState() {
	case valisev1.AttachmentState_ATTACHMENT_STATE_UNDER_WAY:
		return true
	case valisev1.AttachmentState_ATTACHMENT_STATE_DAMAGED:
		return row.GetRound() < attachmentRounds
	}
	return false
}

func (w *work) partArrived(d []byte, index uint32, row *valisev1.AttachmentRow, part uint32) error {
	partSet(row.Arrived).add(part)
	if partSet(row.Arrived).count() < row.GetParts() {
		return w.saveAttachment(d, index, row)
	}
	row.State, row.Reason = valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE, valisev1.Reason_REASON_UNSPECIFIED
	if err := w.saveAttachment(d, index, row); err != nil {
		return err
	}
	return w.attachmentEnded(d, index, row)
}

// sendAgain sends an attachment of which the peer's node says that its SHA-256 is wrong, from the
// first part on and under new numbers, as long as there is a round left. docs/protocol.md §6
func (w *work) sendAgain(d []byte, index uint32, row *valisev1.AttachmentRow) error {
	row.Round++
	row.State, row.Reason = valisev1.AttachmentState_ATTACHMENT_STATE_DAMAGED, valisev1.Reason_REASON_ATTACHMENT_DAMAGED
	row.Arrived = noParts(row.GetParts())
	if isOpen(row) {
		row.Wanted = allParts(row.GetParts())
	}
	if err := w.saveAttachment(d, index, row); err != nil {
		return err
	}
	if err := w.attachmentEnded(d, index, row); err != nil {
		return err
	}
	return w.queueParts(d, index, row)
}

// queueOnceReceipted lets what came too early go again when its message is at the peer; if it is
// not yet, the receipt for it does.
func (w *work) queueOnceReceipted(d []byte, index uint32, row *valisev1.AttachmentRow) error {
	of, found, err := w.placeAt(tableDigest, d)
	if err != nil || !found || of.row > 0 {
		return err
	}
	return w.queueParts(d, index, row)
}

// messageSettled follows the receipt for a message that brings attachments: what waited for it
// goes, and of a message that was refused nothing follows. One that the peer has under its id from
// an epoch before may lack its parts there: they follow. docs/protocol.md §6, §7.6
func (w *work) messageSettled(row *valisev1.Outgoing, ordinal uint64, d ident.Digest, refused valisev1.Reason) error {
	if row.GetLeft() == nil {
		// The receipt overtook the relay's answer.
		if err := w.firstLeft(row, d); err != nil {
			return err
		}
	}
	if len(row.GetUploads()) == 0 {
		return nil
	}
	from, to, err := rowAddresses(row)
	if err != nil {
		return err
	}
	if err := w.tx.DeleteRow(tablePartAhead, Pair{Ours: from, Peer: to}.key(), ordinal); err != nil {
		return err
	}
	if refused != valisev1.Reason_REASON_UNSPECIFIED && refused != valisev1.Reason_REASON_DUPLICATE {
		return w.stopAttachments(d[:], valisev1.AttachmentState_ATTACHMENT_STATE_REFUSED, refused)
	}
	for i := range row.GetUploads() {
		out, found, err := w.attachment(d[:], uint32(i))
		if err != nil || !found {
			return err
		}
		if err := w.queueParts(d[:], uint32(i), out); err != nil {
			return err
		}
	}
	return nil
}

// stopAttachments ends all attachments of a message of ours that are not yet whole.
func (w *work) stopAttachments(d []byte, state valisev1.AttachmentState, reason valisev1.Reason) error {
	if len(d) != 32 {
		return nil
	}
	for i := range uint32(mostAttachments) {
		row, found, err := w.attachment(d, i)
		if err != nil || !found {
			return err
		}
		if !row.GetOutbound() || !isOpen(row) {
			continue
		}
		if state == valisev1.AttachmentState_ATTACHMENT_STATE_STOPPED && partSet(row.GetWanted()).count() == 0 {
			continue // all its parts have left
		}
		if err := w.stopAttachment(d, i, row, state, reason); err != nil {
			return err
		}
	}
	return nil
}

// stopAttachment ends an attachment of ours: parts that have no number get none, and their bytes
// are removed. What has a number goes its way. docs/protocol.md §6
func (w *work) stopAttachment(d []byte, index uint32, row *valisev1.AttachmentRow, state valisev1.AttachmentState, reason valisev1.Reason) error {
	row.State, row.Reason, row.Wanted = state, reason, noParts(row.GetParts())
	if err := w.dropUnnumbered(d, index, row); err != nil {
		return err
	}
	if err := w.saveAttachment(d, index, row); err != nil {
		return err
	}
	key := attachmentKey(d, index)
	if err := w.unqueueParts(row, func(queued []byte) bool { return bytes.Equal(queued, key) }); err != nil {
		return err
	}
	return w.attachmentEnded(d, index, row)
}

// dropDrafted removes the bytes of a message that was never released.
func (w *work) dropDrafted(row *valisev1.Outgoing) error {
	if len(row.GetUploads()) == 0 {
		return nil
	}
	m, known := valisev1.NewPayload(row.GetKind())
	if !known {
		return damaged("a message with attachments is of no known kind")
	}
	if err := unmarshalOwn(row.GetPayload(), m); err != nil {
		return err
	}
	for i, a := range attachmentsOf(m) {
		if err := w.dropBytes(row.GetUploads()[i], a.GetParts()); err != nil {
			return err
		}
	}
	return nil
}
