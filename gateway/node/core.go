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

// Event is gateway.Event. A Watch outlives a storage error: it waits until the record is open
// again and goes on where it was.
func (c core) Event(ctx context.Context, item uint64) (event *valisev1.WatchResponse, ok bool, err error) {
	for {
		event, ok, err = c.node.Gateway().Event(ctx, item)
		if ReasonOf(err) != valisev1.Reason_REASON_NOT_ACCEPTING || !c.node.awaitRecord(ctx) {
			return event, ok, err
		}
	}
}

// Items is gateway.Items.
func (c core) Items(ctx context.Context, a gateway.Actor, r *valisev1.ListItemsRequest) (*valisev1.ListItemsResponse, error) {
	return c.node.Gateway().Items(ctx, a, r)
}

// Item is gateway.Item.
func (c core) Item(ctx context.Context, a gateway.Actor, r *valisev1.GetItemRequest) (*valisev1.GetItemResponse, error) {
	return c.node.Gateway().Item(ctx, a, r)
}

func (c core) Upload(ctx context.Context, a gateway.Actor, file io.Reader) (*valisev1.UploadAttachmentResponse, error) {
	return c.node.Gateway().Upload(ctx, a, file)
}

func (c core) Attachment(ctx context.Context, a gateway.Actor, r *valisev1.GetAttachmentRequest) (*valisev1.AttachmentView, gateway.PartReader, error) {
	return c.node.Gateway().Attachment(ctx, a, r)
}

// ResumeSending is gateway.ResumeSending.
func (c core) ResumeSending(ctx context.Context, a gateway.Actor) error {
	return c.node.Gateway().ResumeSending(ctx, a)
}

// Epoch is gateway.Epoch.
func (c core) Epoch() ident.Epoch { return c.node.Gateway().Epoch() }
