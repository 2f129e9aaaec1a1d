package gateway

import (
	"context"
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// TestRecordedIsByOurClock: what stands in a thread says when our record took the item of its number, whatever the
// clock of the sender says. docs/protocol.md §9.1
func TestRecordedIsByOurClock(t *testing.T) {
	w := newWorld(t)
	xb, f := w.homes["XB"], newForger(t)
	f.now = start.Add(-3 * time.Hour)
	signed := f.inquiry(1)
	w.now = start.Add(7 * time.Minute)
	xb.mustTake(signed)
	thread := ident.ThreadID{1, 1}.String()
	w.now = start.Add(9 * time.Minute)
	xb.reply(thread, &valisev1.Acknowledgement{})
	if _, err := xb.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{
		Thread: thread, Payload: payloadOf(&valisev1.Supplement{Narrative: "Later."}), Options: &valisev1.SendOptions{Draft: true},
	}); err != nil {
		t.Fatal(err)
	}
	w.now = start.Add(11 * time.Minute)
	xb.note(officer, &valisev1.AddNoteRequest{Thread: thread, Text: "Ours."})
	all := xb.thread(thread).GetMessages()
	if len(all) != 4 {
		t.Fatalf("the thread shows %d", len(all))
	}
	if m := all[0]; !m.GetCreated().AsTime().Equal(f.now) || !m.GetRecorded().AsTime().Equal(start.Add(7*time.Minute)) {
		t.Errorf("made %v and recorded %v", m.GetCreated().AsTime(), m.GetRecorded().AsTime())
	}
	for _, m := range all {
		item, err := xb.g.Item(context.Background(), keeper, &valisev1.GetItemRequest{Item: m.GetItem()})
		if err != nil {
			t.Fatal(err)
		}
		if want := item.GetItem().GetItem().GetRecorded().AsTime(); m.GetRecorded() == nil || !m.GetRecorded().AsTime().Equal(want) {
			t.Errorf("item %d is recorded %v, and its message %v", m.GetItem(), want, m.GetRecorded())
		}
	}
}
