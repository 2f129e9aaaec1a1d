package node

import (
	"slices"
	"sync"
	"time"

	"valise.example/proto/ident"
)

// clocksFor is how long mail says something of a clock: since then either may have been set.
const clocksFor = 24 * time.Hour

// clocks compares our clock with the dates that peers sign. It is told to people and nothing is ever
// done because of it: a peer may be wrong, or lie. docs/protocol.md §8.5
type clocks struct {
	mu   sync.Mutex
	last map[ident.Address]lead // by peer, of whom a directory names so many
}

// lead is how far ahead of our clock the last mail of a peer was signed.
type lead struct {
	by   time.Duration
	came time.Time
}

// heard takes the date of mail that has just come and whose signatures verify.
func (c *clocks) heard(from ident.Address, created, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil {
		c.last = map[ident.Address]lead{}
	}
	c.last[from] = lead{by: created.Sub(now), came: now}
}

// behind is by how much more than half of the peers whose mail came within a day say, at least, that
// our clock is behind theirs: mail is never signed after it came. One peer whose clock is ahead changes
// nothing where others write too, and mail that was long under way says nothing. False where none came.
func (c *clocks) behind(now time.Time) (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var leads []time.Duration
	for _, l := range c.last {
		if age := now.Sub(l.came); age > -clocksFor && age < clocksFor {
			leads = append(leads, l.by)
		}
	}
	if len(leads) == 0 {
		return 0, false
	}
	slices.Sort(leads)
	return max(leads[(len(leads)-1)/2], 0), true
}
