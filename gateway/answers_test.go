package gateway

import (
	"context"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
)

// TestManyAnswersAreOneCommit: what the relay said of several messages is recorded at once.
func TestManyAnswersAreOneCommit(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	var sent []*valisev1.Sent
	for _, title := range []string{"one", "two", "three"} {
		sent = append(sent, xa.inquire(xbTech, title))
	}
	var answers []Answer
	for _, p := range xa.g.Due(w.now) {
		a, ok := xa.g.Answered(p.Digest, w.relay.publish(p))
		if !ok {
			t.Fatal("a message that waits for its receipt gets no answer")
		}
		answers = append(answers, a)
	}
	writes := xa.store.writes
	if err := xa.g.RecordAnswers(context.Background(), answers); err != nil {
		t.Fatal(err)
	}
	if cost := xa.store.writes - writes; len(answers) != 3 || cost != 1 {
		t.Errorf("%d answers cost %d commits, want 3 and 1", len(answers), cost)
	}
	for _, s := range sent {
		if m := xa.thread(s.GetThread()).GetMessages()[0]; m.GetDelivery() != valisev1.Delivery_DELIVERY_LEFT {
			t.Errorf("a message that left stands as %s", m.GetDelivery())
		}
	}
}

// TestReceiptFasterThanTheRecordOfTheAnswer: then the answer costs no commit, the message left
// all the same, and after a restart a relay that was wiped is still known by its first answer.
func TestReceiptFasterThanTheRecordOfTheAnswer(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	for range 5 { // so that the relay has counted further than a new one soon will
		xa.inquire(xbTech, "before")
		w.settle()
	}
	sent := xa.inquire(xbTech, "fast")
	p := xa.g.Due(w.now)[0]
	answer, ok := xa.g.Answered(p.Digest, w.relay.publish(p))
	if !ok {
		t.Fatal("no answer to record")
	}
	xb.mustTake(p.Signed)
	receipts, err := xb.g.ReceiptsDue(context.Background())
	if err != nil || len(receipts) != 1 {
		t.Fatalf("%d receipts, %v", len(receipts), err)
	}
	xa.mustTake(receipts[0].Signed)
	writes := xa.store.writes
	if err := xa.g.RecordAnswers(context.Background(), []Answer{answer}); err != nil {
		t.Fatal(err)
	}
	if xa.store.writes != writes {
		t.Error("an answer that a receipt has overtaken costs a commit")
	}
	facts := xa.thread(sent.GetThread()).GetMessages()[0].GetFacts()
	if facts.GetLeft() == nil || facts.GetReached() == nil {
		t.Errorf("facts %v, want both that it left and that it reached XB", facts)
	}
	last := w.relay.sequence[xbTech]
	xa.inquire(xbTech, "still waits")
	xa.start()
	if known := xa.g.schedule.relay[Pair{Ours: xaTech, Peer: xbTech}]; known < last {
		t.Errorf("after a restart the relay's answer %d is remembered as %d", last, known)
	}
}
