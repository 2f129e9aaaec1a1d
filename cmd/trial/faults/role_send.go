//go:build linux

package main

import (
	"context"
	"fmt"
	"slices"

	"valise.example/gateway/history"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// send makes one message durable. What was answered is marked before anything else is done.
func (s *seat) send(ctx context.Context, o order) answer {
	sent, err := s.sendKind(ctx, o)
	if err != nil {
		return answer{Reason: reasonOf(err)}
	}
	if s.marks != nil {
		if _, err := fmt.Fprintln(s.marks, sent.GetMessage()); err != nil {
			return answer{Reason: err.Error()}
		}
	}
	return answer{OK: true, Message: sent.GetMessage(), Thread: sent.GetThread()}
}

func (s *seat) sendKind(ctx context.Context, o order) (*valisev1.Sent, error) {
	options := &valisev1.SendOptions{RequestId: o.Request}
	if o.Kind == "inquiry" {
		out, err := s.inquiry.SendInquiry(ctx, &valisev1.SendInquiryRequest{
			To: o.To, Options: options,
			Inquiry: &valisev1.Inquiry{
				Originator: &valisev1.Person{Name: "A. Rowan", Affiliation: "CERT", Email: "duty@cert.example"},
				Title:      "Trial " + o.Request, Narrative: "Something was seen in " + o.Request + ".",
			},
		})
		return out.GetSent(), err
	}
	payload := &valisev1.Payload{}
	switch o.Kind {
	case "supplement":
		payload.Payload = &valisev1.Payload_Supplement{Supplement: &valisev1.Supplement{Narrative: "More of " + o.Request + "."}}
	case "hold":
		payload.Payload = &valisev1.Payload_HoldingReply{HoldingReply: &valisev1.HoldingReply{}}
	case "acknowledge":
		payload.Payload = &valisev1.Payload_Acknowledgement{Acknowledgement: &valisev1.Acknowledgement{}}
	}
	out, err := s.inquiry.Reply(ctx, &valisev1.ReplyRequest{Thread: o.Thread, Payload: payload, Options: options})
	return out.GetSent(), err
}

// tell gives what the record holds from an item on, what the threads in it show, and whether the
// record verifies.
func (s *seat) tell(ctx context.Context, o order) answer {
	items, err := s.items(ctx)
	if err != nil {
		return answer{Reason: reasonOf(err)}
	}
	out := answer{OK: true, Items: items}
	seen := map[string]history.Event{} // by message
	var threads []string
	for n := o.From; n < items; n++ {
		it, err := s.record.GetItem(ctx, &valisev1.GetItemRequest{Item: n})
		if err != nil {
			return answer{Reason: reasonOf(err)}
		}
		e, ok := itemEvent(it.GetItem())
		if !ok {
			continue
		}
		out.Events = append(out.Events, e)
		if e.Event == history.Recorded && e.Thread != "" {
			if !slices.Contains(threads, e.Thread) {
				threads = append(threads, e.Thread)
			}
			seen[e.Message] = e
		}
	}
	for _, t := range threads {
		th, err := s.inquiry.GetThread(ctx, &valisev1.GetThreadRequest{Thread: t})
		if err != nil {
			return answer{Reason: reasonOf(err)}
		}
		out.Events = append(out.Events, views(th, t, seen)...)
	}
	verified, err := s.record.VerifyRecord(ctx, &valisev1.VerifyRecordRequest{})
	if err != nil {
		return answer{Reason: reasonOf(err)}
	}
	out.Events = append(out.Events, history.Event{
		Event: history.Verified, Good: verified.GetOk(), Size: verified.GetTreeSize(), Root: verified.GetRoot(),
		Detail: fmt.Sprint(verified.GetProblems()),
	})
	return out
}

func itemEvent(v *valisev1.ItemView) (history.Event, bool) {
	it := v.GetItem()
	e := history.Event{Event: history.Recorded, Place: it.GetNumber(), Digest: v.GetDigest(), Kind: int32(it.GetKind())}
	switch it.GetType() {
	case valisev1.ItemType_ITEM_TYPE_SENT:
		e.Direction = history.Sent
	case valisev1.ItemType_ITEM_TYPE_RECEIVED:
		e.Direction = history.Received
	case valisev1.ItemType_ITEM_TYPE_REFUSED:
		e.Direction = history.Refused
	case valisev1.ItemType_ITEM_TYPE_DELIVERY:
		if it.GetDelivery().GetDelivery() != valisev1.Delivery_DELIVERY_REACHED {
			return e, false
		}
		e.Event = history.Cleared
		if d, ok := ident.DigestFrom(it.GetDelivery().GetDigest()); ok {
			e.Digest = d.String()
		}
		return e, true
	default:
		return e, false
	}
	signed, err := seal.ParseSigned(it.GetSigned())
	if err != nil {
		return e, true // the judge says what is missing
	}
	h, err := seal.ParseHeader(signed.Content.Header)
	if err != nil {
		return e, true
	}
	e.Message, e.Thread, e.From = h.MessageID.String(), h.Thread.String(), string(h.From.State)
	e.Epoch, e.Sequence = h.Epoch.String(), h.ThreadSequence
	return e, true
}

func views(th *valisev1.GetThreadResponse, thread string, seen map[string]history.Event) []history.Event {
	var out []history.Event
	for i, m := range th.GetMessages() {
		e, known := seen[m.GetMessage()]
		if !known {
			continue
		}
		out = append(out, history.Event{
			Event: history.Shown, Thread: thread, Message: m.GetMessage(), Place: uint64(i),
			From: e.From, Epoch: e.Epoch, Sequence: e.Sequence,
		})
	}
	return out
}
