package node

import (
	"context"
	"io"

	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// core is the way from the operator's door to whatever core there is now; it fills api.Core. What
// is asked while the record is being opened again is refused as NOT_ACCEPTING and has not
// happened. P6
type core struct{ node *Node }

// Inquire is gateway.Inquire.
func (c core) Inquire(ctx context.Context, a gateway.Actor, r *valisev1.SendInquiryRequest) (*valisev1.Sent, error) {
	return c.node.Gateway().Inquire(ctx, a, r)
}

// Reply is gateway.Reply.
func (c core) Reply(ctx context.Context, a gateway.Actor, r *valisev1.ReplyRequest) (*valisev1.Sent, error) {
	return c.node.Gateway().Reply(ctx, a, r)
}

// LogContact is gateway.LogContact.
func (c core) LogContact(ctx context.Context, a gateway.Actor, r *valisev1.LogContactRequest) (*valisev1.LogContactResponse, error) {
	return c.node.Gateway().LogContact(ctx, a, r)
}

// Retract is gateway.Retract.
func (c core) Retract(ctx context.Context, a gateway.Actor, r *valisev1.RetractMessageRequest) (*valisev1.RetractMessageResponse, error) {
	return c.node.Gateway().Retract(ctx, a, r)
}

// Clear is gateway.Clear.
func (c core) Clear(ctx context.Context, a gateway.Actor, r *valisev1.ClearMessageRequest) (*valisev1.ClearMessageResponse, error) {
	return c.node.Gateway().Clear(ctx, a, r)
}

// SendBack is gateway.SendBack.
func (c core) SendBack(ctx context.Context, a gateway.Actor, r *valisev1.SendBackMessageRequest) (*valisev1.SendBackMessageResponse, error) {
	return c.node.Gateway().SendBack(ctx, a, r)
}

// Threads is gateway.Threads.
func (c core) Threads(ctx context.Context, a gateway.Actor, r *valisev1.ListThreadsRequest) (*valisev1.ListThreadsResponse, error) {
	return c.node.Gateway().Threads(ctx, a, r)
}

// Thread is gateway.Thread.
func (c core) Thread(ctx context.Context, a gateway.Actor, r *valisev1.GetThreadRequest) (*valisev1.GetThreadResponse, error) {
	return c.node.Gateway().Thread(ctx, a, r)
}

// SendNotice is gateway.SendNotice.
func (c core) SendNotice(ctx context.Context, a gateway.Actor, r *valisev1.SendNoticeRequest) (*valisev1.SendNoticeResponse, error) {
	return c.node.Gateway().SendNotice(ctx, a, r)
}

// Revise is gateway.Revise.
func (c core) Revise(ctx context.Context, a gateway.Actor, r *valisev1.ReviseMessageRequest) (*valisev1.ReviseMessageResponse, error) {
	return c.node.Gateway().Revise(ctx, a, r)
}

// AddNote is gateway.AddNote.
func (c core) AddNote(ctx context.Context, a gateway.Actor, r *valisev1.AddNoteRequest) (*valisev1.AddNoteResponse, error) {
	return c.node.Gateway().AddNote(ctx, a, r)
}

// Notes is gateway.Notes.
func (c core) Notes(ctx context.Context, a gateway.Actor, r *valisev1.ListNotesRequest) (*valisev1.ListNotesResponse, error) {
	return c.node.Gateway().Notes(ctx, a, r)
}

// LinkThreads is gateway.LinkThreads.
func (c core) LinkThreads(ctx context.Context, a gateway.Actor, r *valisev1.LinkThreadsRequest) (*valisev1.LinkThreadsResponse, error) {
	return c.node.Gateway().LinkThreads(ctx, a, r)
}

// OpenThread is gateway.OpenThread.
func (c core) OpenThread(ctx context.Context, a gateway.Actor, r *valisev1.OpenThreadRequest) (*valisev1.OpenThreadResponse, error) {
	return c.node.Gateway().OpenThread(ctx, a, r)
}

// Upload is gateway.Upload.
func (c core) Upload(ctx context.Context, a gateway.Actor, file io.Reader) (*valisev1.UploadAttachmentResponse, error) {
	return c.node.Gateway().Upload(ctx, a, file)
}

// Attachment is gateway.Attachment.
func (c core) Attachment(ctx context.Context, a gateway.Actor, r *valisev1.GetAttachmentRequest) (*valisev1.AttachmentView, gateway.PartReader, error) {
	return c.node.Gateway().Attachment(ctx, a, r)
}

// ResumeSending is gateway.ResumeSending.
func (c core) ResumeSending(ctx context.Context, a gateway.Actor) error {
	return c.node.Gateway().ResumeSending(ctx, a)
}

// Epoch is gateway.Epoch.
func (c core) Epoch() ident.Epoch { return c.node.Gateway().Epoch() }
