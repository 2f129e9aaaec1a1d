package api

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"

	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// attachments are files on their way into a message and out of one. docs/protocol.md §6
type attachments interface {
	Upload(ctx context.Context, a gateway.Actor, file io.Reader) (*valisev1.UploadAttachmentResponse, error)
	Attachment(context.Context, gateway.Actor, *valisev1.GetAttachmentRequest) (*valisev1.AttachmentView, gateway.PartReader, error)
}

// UploadAttachment takes the bytes of a file piece by piece and answers once they are durable. If
// the caller hangs up nothing of it stays. docs/protocol.md §6, §12.1
func (s *inquiryService) UploadAttachment(stream grpc.ClientStreamingServer[valisev1.UploadAttachmentRequest, valisev1.UploadAttachmentResponse]) error {
	ctx := stream.Context()
	pieces := &pieces{next: func() ([]byte, error) {
		r, err := stream.Recv()
		return r.GetData(), err
	}}
	out, err := s.server.cfg.Gateway.Upload(ctx, s.server.actor(ctx), pieces)
	switch {
	case pieces.failed != nil:
		return pieces.failed // why it broke off, not that it did
	case err != nil:
		return err
	}
	return stream.SendAndClose(out)
}

// pieces makes a reader of the messages of a stream. It holds one message at a time.
type pieces struct {
	next   func() ([]byte, error)
	left   []byte
	failed error // what ended the stream, other than its end
}

func (p *pieces) Read(b []byte) (int, error) {
	for len(p.left) == 0 {
		piece, err := p.next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				p.failed = err
			}
			return 0, err
		}
		p.left = piece
	}
	n := copy(b, p.left)
	p.left = p.left[n:]
	return n, nil
}

// GetAttachment sends what is known of an attachment and then its bytes, one part a message.
// Nothing of it is opened, unpacked or rendered. docs/protocol.md §6, §12.1
func (s *inquiryService) GetAttachment(r *valisev1.GetAttachmentRequest, stream grpc.ServerStreamingServer[valisev1.GetAttachmentResponse]) error {
	if err := checkID("message", r.GetMessage()); err != nil {
		return err
	}
	ctx := stream.Context()
	view, part, err := s.server.cfg.Gateway.Attachment(ctx, s.server.actor(ctx), r)
	if err != nil {
		return err
	}
	if err := stream.Send(&valisev1.GetAttachmentResponse{Attachment: view}); err != nil {
		return err
	}
	for i := range view.GetParts() {
		data, err := part(ctx, i)
		if err != nil {
			return err
		}
		if err := stream.Send(&valisev1.GetAttachmentResponse{Data: data}); err != nil {
			return err
		}
	}
	return nil
}

// checkAttachments refuses names that are no plain file names before anything else is asked. That
// the bytes are there is the gateway's to know. docs/protocol.md §6
func checkAttachments(attachments []*valisev1.Attachment) error {
	for _, a := range attachments {
		if flaw := ident.FileNameFlaw(a.GetName()); flaw != "" {
			return refusal(valisev1.Reason_REASON_BAD_ATTACHMENT, flaw)
		}
	}
	return nil
}
