package gateway

import (
	"bytes"
	"slices"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/seal"
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
// those that come back too, and what lies with the draft of it, if a backup held that; no others can
// be sent. docs/protocol.md §6, §7.6
func (w *work) attachmentsRecovered(list []*valisev1.Attachment, draft *valisev1.Outgoing, h seal.Header, d ident.Digest) error {
	if !attachmentsFit(list) {
		list = nil
	}
	uploads, err := w.draftedBytes(draft, list)
	if err != nil {
		return err
	}
	for i, a := range list {
		row := &valisev1.AttachmentRow{
			Ours: h.From.String(), Peer: h.To.String(), Outbound: true, Thread: h.Thread[:], Size: a.GetSize(), Sha256: a.GetSha256(),
			Parts: a.GetParts(), State: valisev1.AttachmentState_ATTACHMENT_STATE_UNDER_WAY,
			Arrived: noParts(a.GetParts()), Wanted: noParts(a.GetParts()), Upload: uploads[i],
		}
		if a.GetParts() == 0 {
			row.State = valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE
		}
		if row.Upload != nil {
			row.Wanted = allParts(a.GetParts())
		}
		if err := w.saveAttachment(d[:], uint32(i), row); err != nil {
			return err
		}
		if err := w.queueParts(d[:], uint32(i), row); err != nil {
			return err
		}
	}
	return nil
}

// draftedBytes is, for each attachment of a message that came back, where the bytes lie that were
// brought with the draft of it. What the draft had and the message has not is let go.
func (w *work) draftedBytes(draft *valisev1.Outgoing, list []*valisev1.Attachment) (uploads [][]byte, err error) {
	uploads = make([][]byte, len(list))
	if len(draft.GetUploads()) == 0 {
		return uploads, nil
	}
	m, known := valisev1.NewPayload(draft.GetKind())
	if !known {
		return nil, damaged("a message with attachments is of no known kind")
	}
	if err := unmarshalOwn(draft.GetPayload(), m); err != nil {
		return nil, err
	}
	for i, a := range attachmentsOf(m) {
		at := slices.IndexFunc(list, func(x *valisev1.Attachment) bool {
			return x.GetSize() == a.GetSize() && bytes.Equal(x.GetSha256(), a.GetSha256())
		})
		if at >= 0 && uploads[at] == nil {
			uploads[at] = draft.GetUploads()[i]
			continue
		}
		if err := w.dropBytes(draft.GetUploads()[i], a.GetParts()); err != nil {
			return nil, err
		}
	}
	return uploads, nil
}
