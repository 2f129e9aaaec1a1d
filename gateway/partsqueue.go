package gateway

import (
	"bytes"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// announce notes what a message that was just released will bring. docs/protocol.md §6
func (w *work) announce(row *valisev1.Outgoing, d ident.Digest) error {
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
		out := &valisev1.AttachmentRow{
			Ours: row.GetFrom(), Peer: row.GetTo(), Outbound: true, Thread: row.GetThread(), Size: a.GetSize(),
			Sha256: a.GetSha256(), Parts: a.GetParts(), State: valisev1.AttachmentState_ATTACHMENT_STATE_UNDER_WAY,
			Arrived: noParts(a.GetParts()), Wanted: allParts(a.GetParts()), Upload: row.GetUploads()[i],
		}
		if a.GetParts() == 0 {
			out.State = valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE
		}
		if err := w.saveAttachment(d[:], uint32(i), out); err != nil {
			return err
		}
	}
	return nil
}

// firstLeft is what follows when a message is on its way for the first time: its parts may be
// numbered now. What a Retraction asks to disregard need not follow. docs/protocol.md §6
func (w *work) firstLeft(row *valisev1.Outgoing, d ident.Digest) error {
	if row.GetKind() == valisev1.Kind_KIND_RETRACTION {
		_, m, err := w.messageAt(d[:])
		if err != nil {
			return err
		}
		retraction, _ := m.(*valisev1.Retraction)
		return w.stopAttachments(retraction.GetMessage(), valisev1.AttachmentState_ATTACHMENT_STATE_STOPPED, 0)
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

// queueParts lets an attachment wait for numbers of its parts, behind those that wait already.
func (w *work) queueParts(d []byte, index uint32, row *valisev1.AttachmentRow) error {
	if partSet(row.GetWanted()).count() == 0 {
		return nil
	}
	p, err := pairOfAttachment(row)
	if err != nil {
		return err
	}
	w.after.parts = append(w.after.parts, p)
	key, listed, next := attachmentKey(d, index), false, uint64(0)
	err = w.tx.Rows(tablePartQueue, p.key(), 0, false, func(n uint64, value []byte) (bool, error) {
		listed, next = listed || bytes.Equal(value, key), n+1
		return !listed, nil
	})
	if err != nil || listed {
		return err
	}
	return w.tx.PutRow(tablePartQueue, p.key(), next, key)
}

func pairOfAttachment(row *valisev1.AttachmentRow) (Pair, error) {
	ours, err1 := ident.ParseAddress(row.GetOurs())
	peer, err2 := ident.ParseAddress(row.GetPeer())
	if err1 != nil || err2 != nil {
		return Pair{}, damaged("an attachment has no pair of addresses")
	}
	return Pair{Ours: ours, Peer: peer}, nil
}

// countAhead counts a part whose message has no receipt yet.
func (w *work) countAhead(of *valisev1.AttachmentRow, ordinal uint64) error {
	p, err := pairOfAttachment(of)
	if err != nil {
		return err
	}
	value, err := w.row(tablePartAhead, p.key(), ordinal)
	if err != nil {
		return err
	}
	count := uint64(0)
	if value != nil {
		if count, err = readNumber(value); err != nil {
			return err
		}
	}
	return w.tx.PutRow(tablePartAhead, p.key(), ordinal, appendNumber(nil, count+1))
}

// unqueueNumbered takes an attachment out of the queue when none of its parts waits for a number.
func (w *work) unqueueNumbered(d []byte, index uint32, of *valisev1.AttachmentRow) error {
	if partSet(of.GetWanted()).count() > 0 {
		return nil
	}
	key := attachmentKey(d, index)
	return w.unqueueParts(of, func(queued []byte) bool { return bytes.Equal(queued, key) })
}

// unqueueParts takes the attachments that match out of the queue of their pair.
func (w *work) unqueueParts(of *valisev1.AttachmentRow, match func(key []byte) bool) error {
	p, err := pairOfAttachment(of)
	if err != nil {
		return err
	}
	return w.tx.Rows(tablePartQueue, p.key(), 0, false, func(n uint64, value []byte) (bool, error) {
		if !match(value) {
			return true, nil
		}
		return true, w.tx.DeleteRow(tablePartQueue, p.key(), n)
	})
}
