package main

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	valisev1 "valise.example/proto/valise/v1"
)

// await follows one message of ours until it has come as far as goal. Events come from the
// record and begin at the message's own item, so none is missed between asking and listening.
// It writes what it saw into sent.
func (d *desk) await(ctx context.Context, sent *valisev1.Sent, goal valisev1.Delivery, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cursor, reached, err := d.progress(ctx, sent, goal)
	if err != nil || reached {
		return timedOut(ctx, err)
	}
	stream, err := d.inquiry.Watch(ctx, &valisev1.WatchRequest{Cursor: cursor, Replay: cursor == 0})
	if err != nil {
		return timedOut(ctx, err)
	}
	for {
		event, err := stream.Recv()
		if err != nil {
			return timedOut(ctx, err)
		}
		if event.GetThread() != sent.GetThread() {
			continue
		}
		if _, reached, err := d.progress(ctx, sent, goal); err != nil || reached {
			return timedOut(ctx, err)
		}
	}
}

// progress reads how far the message is now.
func (d *desk) progress(ctx context.Context, sent *valisev1.Sent, goal valisev1.Delivery) (item uint64, reached bool, err error) {
	view, err := d.inquiry.GetThread(ctx, &valisev1.GetThreadRequest{Thread: sent.GetThread()})
	if err != nil {
		return 0, false, err
	}
	for _, m := range view.GetMessages() {
		if m.GetMessage() != sent.GetMessage() {
			continue
		}
		sent.Delivery, sent.DeliveryReason = m.GetDelivery(), m.GetDeliveryReason()
		if isStopped(m) {
			return m.GetItem(), false, refuse(m.GetDeliveryReason(), "it was stopped while waiting, and is a draft again", "")
		}
		switch m.GetDelivery() {
		case valisev1.Delivery_DELIVERY_REFUSED, valisev1.Delivery_DELIVERY_WITHDRAWN:
			reason := m.GetDeliveryReason()
			if reason == valisev1.Reason_REASON_UNSPECIFIED {
				reason = valisev1.Reason_REASON_NOT_IN_THIS_STATE
			}
			return m.GetItem(), false, refuse(reason, "it was "+lowerName(m.GetDelivery().String(), "DELIVERY_")+" while waiting", "")
		}
		return m.GetItem(), m.GetDelivery() >= goal, nil
	}
	return 0, false, nil
}

// isStopped tells what may not leave any more, and is a draft again, from a draft that somebody wrote.
// docs/protocol.md §9.4
func isStopped(m *valisev1.MessageView) bool {
	return m.GetStage() == valisev1.Stage_STAGE_DRAFT && m.GetDeliveryReason() != valisev1.Reason_REASON_UNSPECIFIED
}

// timedOut tells a wait that ran out from every other end.
func timedOut(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) || status.Code(err) == codes.DeadlineExceeded {
		return refuse(valisev1.Reason_REASON_TIMED_OUT, "it is durable, but did not get that far in time", "ask again with valise inquiry show")
	}
	if errors.Is(err, io.EOF) {
		return refuse(valisev1.Reason_REASON_NODE_UNREACHABLE, "the node ended while waiting", "")
	}
	return err
}
