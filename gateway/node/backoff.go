package node

import (
	"context"
	"time"
)

// How long to wait between two tries to open the record, and how long it must have lasted to be
// tried at once again: a disk that fails with every commit must not keep the node busy.
const (
	firstReopen = time.Second
	lastReopen  = 30 * time.Second
	lasted      = time.Minute
)

// backoff spaces what is tried again: at once, then after a second doubling to half a minute.
type backoff struct {
	delay time.Duration
	last  time.Time
}

// wait returns true when it is time for the next try, false when ctx has ended.
func (b *backoff) wait(ctx context.Context) bool {
	if time.Since(b.last) > b.delay+lasted {
		b.delay = 0
	}
	timer := time.NewTimer(b.delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	}
	b.delay = min(max(2*b.delay, firstReopen), lastReopen)
	b.last = time.Now()
	return true
}
