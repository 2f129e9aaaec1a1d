package api

import (
	"context"

	"google.golang.org/protobuf/proto"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// inquiries are the steps of the two procedures, and the threads that they make. I-1..I-4, R-1..R-3
type inquiries interface {
	Inquire(context.Context, gateway.Actor, *valisev1.SendInquiryRequest) (*valisev1.Sent, error)
	Reply(context.Context, gateway.Actor, *valisev1.ReplyRequest) (*valisev1.Sent, error)
	LogContact(context.Context, gateway.Actor, *valisev1.LogContactRequest) (*valisev1.LogContactResponse, error)
	Retract(context.Context, gateway.Actor, *valisev1.RetractMessageRequest) (*valisev1.RetractMessageResponse, error)
	Clear(context.Context, gateway.Actor, *valisev1.ClearMessageRequest) (*valisev1.ClearMessageResponse, error)
	SendBack(context.Context, gateway.Actor, *valisev1.SendBackMessageRequest) (*valisev1.SendBackMessageResponse, error)
	Threads(context.Context, gateway.Actor, *valisev1.ListThreadsRequest) (*valisev1.ListThreadsResponse, error)
	Thread(context.Context, gateway.Actor, *valisev1.GetThreadRequest) (*valisev1.GetThreadResponse, error)
}

// inquiryService lets officers take the steps of the two procedures. What an officer may do is
// decided by the gateway. I-1..I-4, R-1..R-3
type inquiryService struct {
	valisev1.UnimplementedInquiryServiceServer
	server *Server
}

var _ valisev1.InquiryServiceServer = (*inquiryService)(nil)

// commit runs an act that changes the record. It is not broken off when its caller hangs up:
// whether it became durable would then hang on a race. The same request id tells later what
// came of it.
func commit[Request, Response any](
	ctx context.Context, request Request, check func(Request) error,
	act func(context.Context, Request) (Response, error),
) (response Response, err error) {
	if err := check(request); err != nil {
		return response, err
	}
	if err := ctx.Err(); err != nil {
		return response, err
	}
	return act(context.WithoutCancel(ctx), request)
}

func (s *inquiryService) SendInquiry(ctx context.Context, r *valisev1.SendInquiryRequest) (*valisev1.SendInquiryResponse, error) {
	return commit(ctx, r, checkSendInquiry, func(ctx context.Context, r *valisev1.SendInquiryRequest) (*valisev1.SendInquiryResponse, error) {
		sent, err := s.server.cfg.Gateway.Inquire(ctx, s.server.actor(ctx), r)
		return &valisev1.SendInquiryResponse{Sent: sent}, err
	})
}

func (s *inquiryService) Reply(ctx context.Context, r *valisev1.ReplyRequest) (*valisev1.ReplyResponse, error) {
	return commit(ctx, r, checkReply, func(ctx context.Context, r *valisev1.ReplyRequest) (*valisev1.ReplyResponse, error) {
		sent, err := s.server.cfg.Gateway.Reply(ctx, s.server.actor(ctx), r)
		return &valisev1.ReplyResponse{Sent: sent}, err
	})
}

func (s *inquiryService) LogContact(ctx context.Context, r *valisev1.LogContactRequest) (*valisev1.LogContactResponse, error) {
	return commit(ctx, r, checkLogContact, func(ctx context.Context, r *valisev1.LogContactRequest) (*valisev1.LogContactResponse, error) {
		return s.server.cfg.Gateway.LogContact(ctx, s.server.actor(ctx), r)
	})
}

func (s *inquiryService) RetractMessage(ctx context.Context, r *valisev1.RetractMessageRequest) (*valisev1.RetractMessageResponse, error) {
	return commit(ctx, r, checkRetract, func(ctx context.Context, r *valisev1.RetractMessageRequest) (*valisev1.RetractMessageResponse, error) {
		return s.server.cfg.Gateway.Retract(ctx, s.server.actor(ctx), r)
	})
}

func (s *inquiryService) ClearMessage(ctx context.Context, r *valisev1.ClearMessageRequest) (*valisev1.ClearMessageResponse, error) {
	return commit(ctx, r, checkClear, func(ctx context.Context, r *valisev1.ClearMessageRequest) (*valisev1.ClearMessageResponse, error) {
		return s.server.cfg.Gateway.Clear(ctx, s.server.actor(ctx), r)
	})
}

func (s *inquiryService) SendBackMessage(ctx context.Context, r *valisev1.SendBackMessageRequest) (*valisev1.SendBackMessageResponse, error) {
	return commit(ctx, r, checkSendBack, func(ctx context.Context, r *valisev1.SendBackMessageRequest) (*valisev1.SendBackMessageResponse, error) {
		return s.server.cfg.Gateway.SendBack(ctx, s.server.actor(ctx), r)
	})
}

func (s *inquiryService) ListThreads(ctx context.Context, r *valisev1.ListThreadsRequest) (*valisev1.ListThreadsResponse, error) {
	if err := checkListThreads(r); err != nil {
		return nil, err
	}
	only, err := readMask(r.GetReadMask(), &valisev1.ThreadView{})
	if err != nil {
		return nil, err
	}
	filter := &valisev1.ListThreadsRequest{
		Peer: r.GetPeer(), States: r.GetStates(), Track: r.GetTrack(), NeedsUs: r.GetNeedsUs(), Order: r.GetOrder(),
	}
	size, err := pageSize(r)
	if err != nil {
		return nil, err
	}
	place, err := openPage("threads", filter, r.GetPageToken())
	if err != nil {
		return nil, err
	}
	asked := proto.CloneOf(filter)
	asked.PageSize, asked.PageToken = size, place
	out, err := s.server.cfg.Gateway.Threads(ctx, s.server.actor(ctx), asked)
	if err != nil {
		return nil, err
	}
	for _, thread := range out.GetThreads() {
		only.keep(thread)
	}
	out.NextPageToken, err = sealPage("threads", filter, out.GetNextPageToken())
	return out, err
}

func (s *inquiryService) GetThread(ctx context.Context, r *valisev1.GetThreadRequest) (*valisev1.GetThreadResponse, error) {
	if err := checkID("thread", r.GetThread()); err != nil {
		return nil, err
	}
	only, err := readMask(r.GetReadMask(), &valisev1.GetThreadResponse{})
	if err != nil {
		return nil, err
	}
	out, err := s.server.cfg.Gateway.Thread(ctx, s.server.actor(ctx), r)
	if err != nil {
		return nil, err
	}
	only.keep(out)
	return out, nil
}
