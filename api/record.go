package api

import (
	"context"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// items are the lines of the record. docs/protocol.md §9.1
type items interface {
	Items(context.Context, gateway.Actor, *valisev1.ListItemsRequest) (*valisev1.ListItemsResponse, error)
	Item(context.Context, gateway.Actor, *valisev1.GetItemRequest) (*valisev1.GetItemResponse, error)
}

// recordService reads the record; the gateway decides who may see items. A-11 s3
type recordService struct {
	valisev1.UnimplementedRecordServiceServer
	server *Server
}

var _ valisev1.RecordServiceServer = (*recordService)(nil)

func (s *recordService) ListItems(ctx context.Context, r *valisev1.ListItemsRequest) (*valisev1.ListItemsResponse, error) {
	if err := checkOptionalID("thread", r.GetThread()); err != nil {
		return nil, err
	}
	only, err := readMask(r.GetReadMask(), &valisev1.ItemView{})
	if err != nil {
		return nil, err
	}
	filter := &valisev1.ListItemsRequest{Thread: r.GetThread()}
	size, err := pageSize(r)
	if err != nil {
		return nil, err
	}
	place, err := openPage("items", filter, r.GetPageToken())
	if err != nil {
		return nil, err
	}
	out, err := s.server.cfg.Gateway.Items(ctx, s.server.actor(ctx), &valisev1.ListItemsRequest{
		PageSize: size, PageToken: place, Thread: r.GetThread(),
	})
	if err != nil {
		return nil, err
	}
	for _, item := range out.GetItems() {
		only.keep(item)
	}
	out.NextPageToken, err = sealPage("items", filter, out.GetNextPageToken())
	return out, err
}

func (s *recordService) GetItem(ctx context.Context, r *valisev1.GetItemRequest) (*valisev1.GetItemResponse, error) {
	only, err := readMask(r.GetReadMask(), &valisev1.ItemView{})
	if err != nil {
		return nil, err
	}
	out, err := s.server.cfg.Gateway.Item(ctx, s.server.actor(ctx), r)
	if err != nil {
		return nil, err
	}
	only.keep(out.GetItem())
	return out, nil
}

// VerifyRecord and GetHead tell numbers and hashes, no content: every officer may know whether
// the record is whole. P5
func (s *recordService) VerifyRecord(ctx context.Context, r *valisev1.VerifyRecordRequest) (*valisev1.VerifyRecordResponse, error) {
	return s.server.cfg.Record.VerifyRecord(ctx, r.GetHeads())
}

func (s *recordService) GetHead(ctx context.Context, _ *valisev1.GetHeadRequest) (*valisev1.GetHeadResponse, error) {
	return s.server.cfg.Record.GetHead(ctx)
}
