package api

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

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
	if err := checkListItems(r); err != nil {
		return nil, err
	}
	only, err := readMask(r.GetReadMask(), &valisev1.ItemView{})
	if err != nil {
		return nil, err
	}
	filter := &valisev1.ListItemsRequest{
		Thread: r.GetThread(), Since: r.GetSince(), Until: r.GetUntil(), Kinds: r.GetKinds(), Types: r.GetTypes(),
	}
	size, err := pageSize(r)
	if err != nil {
		return nil, err
	}
	place, err := openPage("items", filter, r.GetPageToken())
	if err != nil {
		return nil, err
	}
	asked := proto.CloneOf(filter)
	asked.PageSize, asked.PageToken = size, place
	out, err := s.server.cfg.Gateway.Items(ctx, s.server.actor(ctx), asked)
	if err != nil {
		return nil, err
	}
	for _, item := range out.GetItems() {
		only.keep(item)
	}
	out.NextPageToken, err = sealPage("items", filter, out.GetNextPageToken())
	return out, err
}

// maxFiltered is how many kinds, or types, a list of items may name.
const maxFiltered = 64

func checkListItems(r *valisev1.ListItemsRequest) error {
	switch {
	case r.GetSince() != nil && r.GetSince().CheckValid() != nil:
		return refuseField("since", "is no time")
	case r.GetUntil() != nil && r.GetUntil().CheckValid() != nil:
		return refuseField("until", "is no time")
	case r.GetSince() != nil && r.GetUntil() != nil && !r.GetSince().AsTime().Before(r.GetUntil().AsTime()):
		return refuseField("until", "is not after since")
	case len(r.GetKinds()) > maxFiltered:
		return refuseField("kinds", fmt.Sprintf("are %d, at most %d are taken", len(r.GetKinds()), maxFiltered))
	case len(r.GetTypes()) > maxFiltered:
		return refuseField("types", fmt.Sprintf("are %d, at most %d are taken", len(r.GetTypes()), maxFiltered))
	case slices.Contains(r.GetKinds(), valisev1.Kind_KIND_UNSPECIFIED):
		return refuseField("kinds", "name none")
	case slices.Contains(r.GetTypes(), valisev1.ItemType_ITEM_TYPE_UNSPECIFIED):
		return refuseField("types", "name none")
	}
	return checkOptionalID("thread", r.GetThread())
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
