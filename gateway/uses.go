package gateway

import (
	valisev1 "valise.example/proto/valise/v1"
)

// shareUploads notes that the bytes of each attachment are brought once for several messages. They
// lie there until the last of these has let go of them. P1, docs/protocol.md §6
func (w *work) shareUploads(m outgoing, uses int) error {
	if uses < 2 {
		return nil
	}
	for i, a := range attachmentsOf(m.payload) {
		for n := range a.GetParts() {
			if err := w.tx.PutRow(tableUploadUses, m.uploads[i], uint64(n), appendNumber(nil, uint64(uses))); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropPart lets one message go of one part; the bytes go with the last message. Each message does so
// once for each part.
func (w *work) dropPart(id []byte, part uint32) error {
	value, err := w.row(tableUploadUses, id, uint64(part))
	if err != nil {
		return err
	}
	if value == nil {
		return w.tx.DeleteRow(tableUploadData, id, uint64(part))
	}
	uses, err := readNumber(value)
	if err != nil {
		return err
	}
	if uses > 2 {
		return w.tx.PutRow(tableUploadUses, id, uint64(part), appendNumber(nil, uses-1))
	}
	return w.tx.DeleteRow(tableUploadUses, id, uint64(part))
}

// partInRecord notes which item holds the bytes of a part. From the first time on its message needs
// them no longer where they were brought.
func (w *work) partInRecord(d []byte, index uint32, upload []byte, part uint32, item uint64) error {
	key := attachmentKey(d, index)
	before, err := w.row(tablePart, key, uint64(part))
	if err != nil {
		return err
	}
	if before == nil {
		if err := w.dropPart(upload, part); err != nil {
			return err
		}
	}
	return w.tx.PutRow(tablePart, key, uint64(part), appendNumber(nil, item))
}

// dropUnnumbered lets a message go of the parts that no item of its own holds.
func (w *work) dropUnnumbered(d []byte, index uint32, of *valisev1.AttachmentRow) error {
	for n := range of.GetParts() {
		held, err := w.row(tablePart, attachmentKey(d, index), uint64(n))
		if err != nil {
			return err
		}
		if held != nil {
			continue
		}
		if err := w.dropPart(of.GetUpload(), n); err != nil {
			return err
		}
	}
	return nil
}
