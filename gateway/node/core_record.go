package node

import (
	"context"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// Event is gateway.Event. A Watch outlives a storage error: it waits until the record is open
// again and goes on where it was.
func (c core) Event(ctx context.Context, a gateway.Actor, item uint64) (event *valisev1.WatchResponse, ok bool, err error) {
	for {
		event, ok, err = c.node.Gateway().Event(ctx, a, item)
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

// Consents is gateway.Consents.
func (c core) Consents(ctx context.Context, a gateway.Actor, r *valisev1.ListConsentsRequest) (*valisev1.ListConsentsResponse, error) {
	return c.node.Gateway().Consents(ctx, a, r)
}

// Prune is gateway.Prune.
func (c core) Prune(ctx context.Context, a gateway.Actor, r *valisev1.PruneRecordRequest) (*valisev1.PruneRecordResponse, error) {
	return c.node.Gateway().Prune(ctx, a, r)
}

// Export is gateway.Export.
func (c core) Export(ctx context.Context, a gateway.Actor, r *valisev1.ExportRecordRequest, send func(*valisev1.ExportRecordResponse) error) error {
	return c.node.Gateway().Export(ctx, a, r, send)
}

// Paper is gateway.Paper.
func (c core) Paper(ctx context.Context, a gateway.Actor, r *valisev1.GetPaperRequest) (*valisev1.GetPaperResponse, error) {
	return c.node.Gateway().Paper(ctx, a, r)
}

// CheckPaper is gateway.CheckPaper.
func (c core) CheckPaper(ctx context.Context, a gateway.Actor, r *valisev1.CheckPaperRequest) (*valisev1.CheckPaperResponse, error) {
	return c.node.Gateway().CheckPaper(ctx, a, r)
}
