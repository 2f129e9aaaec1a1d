package gateway

import (
	"context"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// keptAtReplay are the fields of a Thread that no message of it tells; steppedAtReplay are those
// that its messages tell anew.
var (
	keptAtReplay = []protoreflect.Name{
		"id", "ours", "peer", "outbound", "title", "opened", "sent_sequence", "sent_epoch", "received_sequence",
		"received_epoch", "awaits_inquiry", "opening", "unopened_since", "unopened_item", "escalated", "link", "pruned",
	}
	steppedAtReplay = []protoreflect.Name{
		"state", "changed", "last_seen", "unacknowledged", "estimate", "estimate_given", "needed_by", "ours_done", "theirs_done",
		"agreed_channel", "closed_by_us", "closed_by_peer", "before_closing", "inquiry", "our_agency", "their_agency",
		"time_sensitivity", "check", "consents_asked", "channel_asked", "followed",
	}
)

// What only this side knows of a thread, such as that it was escalated, survives a replay of its
// messages; and whoever adds a field must say which of both it is.
func TestReplayKeepsWhatNoMessageTells(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	id := xa.inquire(xbTech, "x").GetThread()
	err := xa.g.update(context.Background(), "test", func(wk *work) error {
		th, err := wk.findThread(officer, id)
		if err != nil {
			return err
		}
		th.SentSequence, th.ReceivedSequence, th.ReceivedEpoch, th.AwaitsInquiry = 7, 8, 9, true
		th.Opening, th.UnopenedSince, th.Escalated = valisev1.Kind_KIND_VOLUNTARY_NOTICE, timestamppb.New(start), true
		th.UnopenedItem = 7
		th.Link, th.Pruned = make([]byte, 16), timestamppb.New(start)
		before := th.ProtoReflect()
		again := &valisev1.Thread{}
		become(again, th)
		if err := wk.replayThread(again); err != nil {
			return err
		}
		fields := before.Descriptor().Fields()
		for i := range fields.Len() {
			fd := fields.Get(i)
			kept := slices.Contains(keptAtReplay, fd.Name())
			switch {
			case kept == slices.Contains(steppedAtReplay, fd.Name()):
				t.Errorf("%s is either kept or stepped anew", fd.Name())
			case kept && !before.Has(fd):
				t.Errorf("the test fills no %s", fd.Name())
			case kept && !before.Get(fd).Equal(again.ProtoReflect().Get(fd)):
				t.Errorf("%s is %v after a replay, was %v", fd.Name(), again.ProtoReflect().Get(fd), before.Get(fd))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestReplayOfACheck: what a Ping, its answers and a logged call say of a communication check comes again
// with a replay, and its campaign, which no message tells, stays. A-8
func TestReplayOfACheck(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	begun := xa.check("XB/technical")
	w.settle()
	if _, err := xa.g.LogContact(context.Background(), officer, &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{
		Peer: "XB/technical", Detail: "+99900000001", CheckAnswer: valisev1.CheckAnswer_CHECK_ANSWER_ENTRY_CORRECT,
	}}); err != nil {
		t.Fatal(err)
	}
	err := xa.g.update(context.Background(), "test", func(wk *work) error {
		th, err := wk.findThread(officer, begun.GetSent()[0].GetThread())
		if err != nil {
			return err
		}
		before := proto.CloneOf(th)
		if err := wk.replayThread(th); err != nil {
			return err
		}
		if !proto.Equal(before.GetCheck(), th.GetCheck()) || len(th.GetCheck().GetCampaign()) == 0 || th.GetCheck().GetWay() == "" || th.GetState() != before.GetState() {
			t.Errorf("after a replay it is %v, was %v", th, before)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
