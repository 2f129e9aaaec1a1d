package gateway

import (
	"bytes"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// partsFollow lets the attachments of a message that was made again have their bytes: from where
// they were brought, or from the parts that have been sent under its old digest.
// docs/protocol.md §6, §7.6
func (w *work) partsFollow(row *valisev1.Outgoing, before ident.Digest, ordinal uint64) error {
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
	for i := range uint32(len(row.GetUploads())) {
		old, found, err := w.attachment(before[:], i)
		if err != nil || !found {
			return err
		}
		key := attachmentKey(before[:], i)
		for part := range old.GetParts() {
			value, err := w.row(tablePart, key, uint64(part))
			if err != nil {
				return err
			}
			if value == nil {
				continue
			}
			if err := w.tx.PutRow(tablePart, attachmentKey(row.GetDigest(), i), uint64(part), value); err != nil {
				return err
			}
		}
		old.State, old.Wanted = valisev1.AttachmentState_ATTACHMENT_STATE_STOPPED, noParts(old.GetParts())
		if err := w.saveAttachment(before[:], i, old); err != nil {
			return err
		}
		if err := w.unqueueParts(old, func(queued []byte) bool { return bytes.Equal(queued, key) }); err != nil {
			return err
		}
	}
	return nil
}

// partAgain lets a part that lost its number have another. docs/protocol.md §7.6
func (w *work) partAgain(part *valisev1.PartOf) error {
	if part == nil {
		return nil
	}
	d, index := part.GetMessage(), part.GetAttachment()
	row, found, err := w.attachment(d, index)
	if err != nil || !found || row.GetRound() != part.GetRound() || !isOpen(row) {
		return err
	}
	partSet(row.Wanted).add(part.GetIndex())
	if err := w.saveAttachment(d, index, row); err != nil {
		return err
	}
	return w.queueParts(d, index, row)
}

// partRecovered notes that a part of a message of ours is at the peer: it came back.
func (w *work) partRecovered(m *valisev1.AttachmentPart, item uint64) error {
	d, index := m.GetMessage(), m.GetAttachment()
	row, found, err := w.attachment(d, index)
	if err != nil || !found || !row.GetOutbound() || m.GetIndex() >= row.GetParts() {
		return err
	}
	if !isOpen(row) {
		return w.tx.PutRow(tablePart, attachmentKey(d, index), uint64(m.GetIndex()), appendNumber(nil, item))
	}
	if err := w.partInRecord(d, index, row.GetUpload(), m.GetIndex(), item); err != nil {
		return err
	}
	partSet(row.Wanted).remove(m.GetIndex())
	if err := w.unqueueNumbered(d, index, row); err != nil {
		return err
	}
	return w.partArrived(d, index, row, m.GetIndex())
}

// attachmentsRecovered notes what a message that came back names: of its parts this record has
// those that come back too, and no others can be sent. docs/protocol.md §6, §7.6
func (w *work) attachmentsRecovered(list []*valisev1.Attachment, p Pair, thread []byte, d ident.Digest) error {
	if !attachmentsFit(list) {
		return nil
	}
	for i, a := range list {
		row := &valisev1.AttachmentRow{
			Ours: p.Ours.String(), Peer: p.Peer.String(), Outbound: true, Thread: thread, Size: a.GetSize(), Sha256: a.GetSha256(),
			Parts: a.GetParts(), State: valisev1.AttachmentState_ATTACHMENT_STATE_UNDER_WAY,
			Arrived: noParts(a.GetParts()), Wanted: noParts(a.GetParts()),
		}
		if a.GetParts() == 0 {
			row.State = valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE
		}
		if err := w.saveAttachment(d[:], uint32(i), row); err != nil {
			return err
		}
	}
	return nil
}
