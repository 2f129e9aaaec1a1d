package node

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// batchRelay stores what waits one after another and answers when all of it is stored, as a stream
// of the relay does; the way there and back takes its own time.
type batchRelay struct {
	way, store time.Duration
	came       chan chan struct{}
}

func newBatchRelay(ctx context.Context, way, store time.Duration) *batchRelay {
	r := &batchRelay{way: way, store: store, came: make(chan chan struct{}, 1024)}
	go func() {
		for {
			var batch []chan struct{}
			select {
			case x := <-r.came:
				batch = append(batch, x)
			case <-ctx.Done():
				return
			}
			for more := true; more; {
				select {
				case x := <-r.came:
					batch = append(batch, x)
				default:
					more = false
				}
			}
			time.Sleep(time.Duration(len(batch)) * r.store)
			for _, x := range batch {
				close(x)
			}
		}
	}()
	return r
}

func (r *batchRelay) publish() time.Duration {
	began, done := time.Now(), make(chan struct{})
	time.Sleep(r.way / 2)
	r.came <- done
	<-done
	time.Sleep(r.way / 2)
	return time.Since(began)
}

// A relay that is slow to store gets few publications at once and still never waits for one; a
// relay that is far away gets many.
func TestPaceFindsHowManyPublicationsAreEnough(t *testing.T) {
	for _, c := range []struct {
		name        string
		way, store  time.Duration
		begin       float64
		least, most int
		busy        float64 // the least part of the time that the relay is to store
	}{
		{"a slow disk next door", time.Millisecond, 2 * time.Millisecond, widest, manyQueued, 16, 0.85},
		{"a fast disk far away", 100 * time.Millisecond, 100 * time.Microsecond, firstPace, 48, widest, 0},
		{"a slow disk far away", 40 * time.Millisecond, 2 * time.Millisecond, firstPace, 16, 40, 0.7},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				relay, p, began := newBatchRelay(ctx, c.way, c.store), newPace(), time.Now()
				p.width = c.begin
				const count = 6000
				var work sync.WaitGroup
				for range 64 { // each with one message under way
					work.Go(func() {
						for range count / 64 {
							if err := p.enter(ctx); err != nil {
								t.Error(err)
								return
							}
							p.leave(relay.publish())
						}
					})
				}
				work.Wait()
				if w := int(p.width); w < c.least || w > c.most {
					t.Errorf("%d publications at once, want %d to %d", w, c.least, c.most)
				}
				if busy := float64(count/64*64) * float64(c.store) / float64(time.Since(began)); busy < c.busy {
					t.Errorf("the relay stored %.2f of the time, want %.2f", busy, c.busy)
				}
			})
		})
	}
}

// Publications leave in the order in which they came. One that gives up takes nobody's place, also
// when its turn comes in that moment, and a relay that does not answer teaches nothing.
func TestPaceGivesTurnsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace()
		for range firstPace {
			if err := p.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		order := make(chan int, 3)
		impatient, giveUp := context.WithCancel(t.Context())
		for i := range 3 {
			ctx := t.Context()
			if i == 1 {
				ctx = impatient
			}
			go func() {
				if err := p.enter(ctx); err == nil {
					order <- i
				} else if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			}()
			synctest.Wait()
		}
		giveUp()
		synctest.Wait()
		for range firstPace {
			p.leave(0)
			synctest.Wait()
		}
		if first, second := <-order, <-order; first != 0 || second != 2 {
			t.Errorf("the turns went to %d and %d, want 0 and 2", first, second)
		}
		if p.under != 2 || p.width != firstPace {
			t.Errorf("%d places are taken of %v, want 2 of %d", p.under, p.width, firstPace)
		}
		turn := make(chan struct{})
		p.giveUp(turn) // as if its turn had come in the moment of giving up
		if p.under != 1 {
			t.Errorf("%d places are taken after a turn was given back, want 1", p.under)
		}
	})
}
