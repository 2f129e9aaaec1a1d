package node

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// An answer of the relay waits as long as a receipt usually takes, so that it needs no commit of
// its own and none that the receipt must wait for: longer where publications take longer, but never
// longer than a second.
func TestAnswersWaitForReceipts(t *testing.T) {
	for _, c := range []struct{ publication, recorded time.Duration }{
		{0, leastDelay},
		{10 * time.Millisecond, 60 * time.Millisecond},
		{time.Minute, mostDelay},
	} {
		synctest.Test(t, func(t *testing.T) {
			began, recorded := time.Now(), make(chan time.Duration, 1)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			a := newAnswers(func(context.Context, []answer) { recorded <- time.Since(began) })
			go a.run(ctx)
			a.add(ctx, answer{}, c.publication)
			if got := <-recorded; got != c.recorded {
				t.Errorf("after publications of %v an answer was recorded at %v, want %v", c.publication, got, c.recorded)
			}
		})
	}
}

// What is not due yet goes on waiting for its receipt when older answers are recorded; what comes
// close together is one commit.
func TestAnswersAreRecordedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		recorded := make(chan int, 8)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		a := newAnswers(func(_ context.Context, list []answer) { recorded <- len(list) })
		go a.run(ctx)
		for range 3 {
			a.add(ctx, answer{}, 0)
			time.Sleep(time.Millisecond)
		}
		time.Sleep(12 * time.Millisecond)
		a.add(ctx, answer{}, 0)
		if first, second := <-recorded, <-recorded; first != 3 || second != 1 {
			t.Errorf("three answers and a late one were recorded as %d and %d", first, second)
		}
	})
}

// However many answers come, what waits is bounded: a full list is recorded at once. P7
func TestAnswersThatWaitAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, recorded := time.Now(), make(chan int, 8)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		a := newAnswers(func(_ context.Context, list []answer) { recorded <- len(list) })
		go a.run(ctx)
		for range answersAtOnce {
			a.add(ctx, answer{}, time.Minute)
		}
		if n := <-recorded; n != answersAtOnce || time.Since(began) != 0 {
			t.Errorf("%d answers were recorded after %v, want %d at once", n, time.Since(began), answersAtOnce)
		}
	})
}
