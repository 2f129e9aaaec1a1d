package gateway

import (
	"context"
	"encoding/hex"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// attachmentViews says how far the attachments of a message are. digest is nil before its release.
// docs/protocol.md §6
func (w *work) attachmentViews(m proto.Message, digest []byte) (views []*valisev1.AttachmentView, err error) {
	for i, a := range attachmentsOf(m) {
		v := &valisev1.AttachmentView{
			Index: uint32(i), Name: a.GetName(), SaveAs: ident.SafeFileName(a.GetName()), Size: a.GetSize(),
			Sha256: hex.EncodeToString(a.GetSha256()), Parts: a.GetParts(), MediaType: a.GetMediaType(),
			Tlp: a.GetTlp(), Pap: a.GetPap(),
		}
		if digest != nil {
			row, _, err := w.attachment(digest, v.GetIndex())
			if err != nil {
				return nil, err
			}
			v.State, v.Reason, v.Arrived = row.GetState(), row.GetReason(), partSet(row.GetArrived()).count()
		}
		views = append(views, v)
	}
	return views, nil
}

// PartReader reads one part of an attachment, from 0, at most PartSize bytes. Each call is one
// consistent read of the store, so that a long file holds nothing up.
type PartReader func(ctx context.Context, part uint32) ([]byte, error)

// Attachment says what is known of one attachment and gives its bytes, part by part: a peer's once
// it is whole, ours from the moment it was brought. Nothing is opened, unpacked or rendered. The
// error is an *Error: NOT_PERMITTED, NOT_FOUND, AMBIGUOUS, NOT_IN_THIS_STATE while parts are under
// way, ATTACHMENT_DAMAGED. docs/protocol.md §6
func (g *Gateway) Attachment(ctx context.Context, a Actor, r *valisev1.GetAttachmentRequest) (*valisev1.AttachmentView, PartReader, error) {
	const op = "attachment"
	if _, err := a.as(mayRead); err != nil {
		return nil, nil, asError(op, err, 0)
	}
	var found foundAttachment
	err := g.view(ctx, op, func(w *work) (err error) {
		found, err = w.findAttachment(a, r.GetMessage(), r.GetIndex())
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return found.view, func(ctx context.Context, part uint32) (data []byte, err error) {
		err = g.view(ctx, op, func(w *work) (err error) {
			data, err = w.readAttachment(found, part)
			return err
		})
		return data, err
	}, nil
}

// foundAttachment is an attachment and where its bytes lie.
type foundAttachment struct {
	view   *valisev1.AttachmentView
	digest []byte // of its message; nil before the release
	upload []byte // of ours: where parts without a number lie
}

func (w *work) findAttachment(a Actor, message string, index uint32) (f foundAttachment, err error) {
	p, err := w.findMessage(a, message)
	if err != nil {
		return f, err
	}
	m, uploads, err := w.messageWithFiles(p)
	if err != nil {
		return f, err
	}
	if !p.digest.IsZero() {
		f.digest = digestOf(p.digest)
	}
	views, err := w.attachmentViews(m, f.digest)
	if err != nil {
		return f, err
	}
	if index >= uint32(len(views)) {
		return f, refuse(valisev1.Reason_REASON_NOT_FOUND, "the message has no such attachment")
	}
	f.view = views[index]
	if f.digest == nil {
		f.upload = uploads[index]
		return f, nil
	}
	row, _, err := w.attachment(f.digest, index)
	f.upload = row.GetUpload()
	if err == nil {
		err = mayBeRead(row, f.view)
	}
	return f, err
}

// messageWithFiles reads a message that an officer may see: from the record, or a draft of ours.
func (w *work) messageWithFiles(p place) (proto.Message, [][]byte, error) {
	if p.digest.IsZero() {
		if p.row == 0 {
			return nil, nil, notNow("this message was withdrawn before it was released")
		}
		row, err := w.loadRow(p.row - 1)
		if err != nil {
			return nil, nil, err
		}
		m, known := valisev1.NewPayload(row.GetKind())
		if !known {
			return nil, nil, nil
		}
		return m, row.GetUploads(), unmarshalOwn(row.GetPayload(), m)
	}
	item, err := w.kept(p.item)
	if err == nil && item == nil {
		err = removed()
	}
	if err != nil || item.GetType() == valisev1.ItemType_ITEM_TYPE_REFUSED {
		return nil, nil, err
	}
	_, m, err := readItem(item)
	return m, nil, err
}

// mayBeRead: a peer's attachment is handed out when it is whole, never before; ours as long as all
// of it is here.
func mayBeRead(row *valisev1.AttachmentRow, v *valisev1.AttachmentView) error {
	switch {
	case row.GetState() == valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE:
		return nil
	case !row.GetOutbound() && row.GetState() == valisev1.AttachmentState_ATTACHMENT_STATE_DAMAGED:
		return refuse(valisev1.Reason_REASON_ATTACHMENT_DAMAGED, "all parts came, and together they are not the file that the message names")
	case !row.GetOutbound():
		return refuse(valisev1.Reason_REASON_NOT_IN_THIS_STATE, "%d of %d parts have arrived", v.GetArrived(), v.GetParts())
	case row.GetState() == valisev1.AttachmentState_ATTACHMENT_STATE_STOPPED, row.GetState() == valisev1.AttachmentState_ATTACHMENT_STATE_REFUSED:
		return notNow("what had not left when this attachment was stopped is not kept")
	}
	return nil
}

func (w *work) readAttachment(f foundAttachment, part uint32) ([]byte, error) {
	if part >= f.view.GetParts() {
		return nil, refuse(valisev1.Reason_REASON_NOT_FOUND, "the attachment has no such part")
	}
	if f.digest == nil {
		// It may have been released since: then the parts still lie there, or in their items.
		data, err := w.row(tableUploadData, f.upload, uint64(part))
		if err == nil && data == nil {
			err = notNow("the message was released or withdrawn meanwhile; ask again")
		}
		return data, err
	}
	if len(f.upload) > 0 {
		return w.outboundBytes(f.digest, f.view.GetIndex(), &valisev1.AttachmentRow{Upload: f.upload}, part)
	}
	return w.recordedPart(f.digest, f.view.GetIndex(), part)
}
