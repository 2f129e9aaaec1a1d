package gateway

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// A thread is to be stepped anew in five seconds, by a clock that is a month ahead; then the
// clock is put right. Nobody waits for a month.
func TestAClockThatWentBackPutsNothingOffForLong(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	backup := xa.store.backup()
	xa.reply(thread, &valisev1.Supplement{Narrative: "more"})
	w.settle()
	xb.reply(thread, outcome(valisev1.Outcome_OUTCOME_FULL))
	w.converge()
	right := w.now.Add(time.Minute)
	w.now = right.AddDate(0, 1, 0)
	xa.restore(backup)
	w.settle()
	if len(xa.g.duties) == 0 {
		t.Fatal("nothing was put off, so that this shows nothing")
	}
	w.now = right
	xa.start()
	w.converge()
	if days := w.now.Sub(right); days > 2*longestPutOff {
		t.Fatalf("it was done after %v", days)
	}
	assertSameMail(t, w)
}

// TestOneChannelIsSentAgainInOrder: of two spans of a channel the lower one comes first, whichever
// was asked for first: the window goes up only by what is lowest.
func TestOneChannelIsSentAgainInOrder(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	p := Pair{Ours: xaTech, Peer: xbTech}
	duty := func(next, last uint64) *valisev1.Duty {
		return &valisev1.Duty{Kind: valisev1.DutyKind_DUTY_KIND_RESEND, Epoch: 7, Next: next, Last: last}
	}
	err := xa.g.update(context.Background(), "test", func(k *work) error {
		for _, d := range []*valisev1.Duty{duty(303, 353), duty(400, 652), duty(10, 200)} {
			if err := k.addDuty(p, d); err != nil {
				return err
			}
		}
		var spans []*valisev1.Duty
		err := k.tx.Rows(tableDuty, dutyQueue{p, valisev1.DutyKind_DUTY_KIND_RESEND}.group(), 0, false, func(_ uint64, value []byte) (bool, error) {
			d := new(valisev1.Duty)
			spans = append(spans, d)
			return true, unmarshalOwn(value, d)
		})
		if len(spans) != 1 || spans[0].GetNext() != 10 || spans[0].GetLast() != 652 {
			t.Errorf("what is sent again of one channel is %v", spans)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWhatMayNotBeginYetHoldsNothingUp: of two spans to give back the first may begin tomorrow only,
// and the second now.
func TestWhatMayNotBeginYetHoldsNothingUp(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	q := dutyQueue{Pair{Ours: xaTech, Peer: xbTech}, valisev1.DutyKind_DUTY_KIND_RETURN}
	left := func() (epochs []uint64) {
		err := xa.g.view(context.Background(), "test", func(k *work) error {
			return k.tx.Rows(tableDuty, q.group(), 0, false, func(_ uint64, value []byte) (bool, error) {
				d := new(valisev1.Duty)
				err := unmarshalOwn(value, d)
				epochs = append(epochs, d.GetEpoch())
				return true, err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		return epochs
	}
	err := xa.g.update(context.Background(), "test", func(k *work) error {
		tomorrow := &valisev1.Duty{Kind: q.kind, Epoch: 7, Next: 1, Last: 1, NotBefore: timestamppb.New(w.now.Add(20 * time.Hour))}
		return errors.Join(k.addDuty(q.pair, tomorrow), k.addDuty(q.pair, &valisev1.Duty{Kind: q.kind, Epoch: 8, Next: 1, Last: 1}))
	})
	if err != nil {
		t.Fatal(err)
	}
	w.settle()
	if got := left(); !slices.Equal(got, []uint64{7}) {
		t.Fatalf("what is left to do today is of the epochs %v", got)
	}
	w.tick(21 * time.Hour)
	if got := left(); len(got) != 0 {
		t.Fatalf("what is left to do tomorrow is of the epochs %v", got)
	}
}
