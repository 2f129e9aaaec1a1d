package node

import (
	"context"
	"time"
)

// Clock is a clock that is told what to do, as that of an exercise is: it stands, runs at another rate than the
// clock of the machine, or goes on at a later moment. Whatever a node dates, and every deadline, schedule and undo,
// goes by it. What waits for the machine itself, such as a connection or a folder that is looked at, does not.
// docs/protocol.md §12.6
type Clock interface {
	Now() time.Time
	// Rate is how many seconds it shows for each second of the machine, at least 1, and whether it runs now.
	Rate() (rate int, runs bool)
	// Turned gives a channel that receives after it stood, ran, or was set, and a function that ends it.
	Turned() (<-chan struct{}, func())
}

// longestWait bounds every wait for the clock of the node: it is looked at anew after that.
const longestWait = time.Hour

// standingLook is how often a node whose clock stands tries again what the relay did not take: by its own clock
// it would never be due.
const standingLook = 2 * time.Second

// wait is how long to wait, by the machine, until our clock shows d more.
func (n *Node) wait(d time.Duration) time.Duration {
	d = min(max(d, 0), longestWait*maxRate)
	if n.clock == nil || d == 0 {
		return min(d, longestWait)
	}
	rate, runs := n.clock.Rate()
	if !runs {
		return longestWait // whoever lets it run rings
	}
	return min(max(d/time.Duration(rate), time.Millisecond), longestWait)
}

// maxRate is how many seconds a clock shows at most for each second of the machine. docs/protocol.md §12.6
const maxRate = 1000

// pace is how many seconds our clock shows for each second of whoever acts.
func (n *Node) pace() int {
	if n.clock == nil {
		return 1
	}
	rate, _ := n.clock.Rate()
	return rate
}

// watchClock wakes whoever waits for a time, whenever the clock is told something, until ctx ends.
func (n *Node) watchClock(ctx context.Context) {
	turned, done := n.clock.Turned()
	defer done()
	tick := time.NewTicker(standingLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-turned:
			n.mail.wake.Ring()
		case <-tick.C:
			if _, runs := n.clock.Rate(); runs || !n.mail.linkUp() || !n.awaitRecord(ctx) {
				continue
			}
			n.Gateway().LinkChanged(true, false, n.now())
		}
		n.changes.Ring()
	}
}
