package node

import (
	"sync"
	"sync/atomic"
	"testing"
)

// TestRoomHoldsNoMoreThanFits: large and small come together; all get in, never too many at once.
func TestRoomHoldsNoMoreThanFits(t *testing.T) {
	r := newRoom()
	var inside, most atomic.Int64
	var work sync.WaitGroup
	for i := range 400 {
		size := roomStep
		if i%3 == 0 {
			size = 16 * roomStep
		}
		work.Go(func() {
			leave := r.enter(size)
			defer leave()
			now := inside.Add(int64(size))
			defer inside.Add(-int64(size))
			for {
				before := most.Load()
				if now <= before || most.CompareAndSwap(before, now) {
					break
				}
			}
		})
	}
	work.Wait()
	if most.Load() > roomStep*roomSteps {
		t.Errorf("%d bytes were under way at once, room is for %d", most.Load(), roomStep*roomSteps)
	}
	if r.free != roomSteps {
		t.Errorf("%d steps are free at the end, want %d", r.free, roomSteps)
	}
	r.enter(1 << 30)() // larger than all of it: alone
}
