package node

import (
	"context"
	"slices"
	"sync"
	"time"
)

// How many publications to one mailbox are under way at once. A relay stores what waits for a
// mailbox one after another, and says and passes on nothing until all that waited is stored: with
// 64 under way the peer idles while they are stored, and then the relay idles while the peer reads.
const (
	widest    = 64
	firstPace = 16
	// fewQueued and manyQueued are how many may stand before the relay's disk: as many as keep it
	// busy, and no more. There are never fewer at once than manyQueued: no more can stand there.
	fewQueued  = 4
	manyQueued = 8
)

// pace lets publications to one mailbox out, in the order in which they came. It learns from the
// least time that one took how many only wait for others: more of them make none faster. Where the
// way is long, many are under way; where the disk is slow, few.
type pace struct {
	mu      sync.Mutex
	width   float64
	under   int
	waiting []chan struct{}
	least   time.Duration
}

func newPace() *pace { return &pace{width: firstPace} }

// enter waits for a place; it gives the error of ctx where that ends first.
func (p *pace) enter(ctx context.Context) error {
	p.mu.Lock()
	if p.hasPlace() && len(p.waiting) == 0 {
		p.under++
		p.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	p.waiting = append(p.waiting, turn)
	p.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		p.giveUp(turn)
		return ctx.Err()
	}
}

// leave gives the place back; took is how long the relay's answer took, 0 for none.
func (p *pace) leave(took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.learn(took)
	p.under--
	p.admit()
}

func (p *pace) giveUp(turn chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := slices.Index(p.waiting, turn); at >= 0 {
		p.waiting = slices.Delete(p.waiting, at, at+1)
		return
	}
	p.under-- // the turn came in the moment of giving up
	p.admit()
}

func (p *pace) hasPlace() bool { return p.under < int(p.width) }

func (p *pace) admit() {
	for len(p.waiting) > 0 && p.hasPlace() {
		close(p.waiting[0])
		p.waiting = p.waiting[1:]
		p.under++
	}
}

// learn moves the width by one while as many are answered as it has places.
func (p *pace) learn(took time.Duration) {
	if took <= 0 {
		return
	}
	if p.least == 0 || took < p.least {
		p.least = took
	}
	queued := p.width * float64(took-p.least) / float64(took)
	switch {
	case queued < fewQueued && len(p.waiting) > 0:
		p.width = min(p.width+1/p.width, widest)
	case queued > manyQueued:
		p.width = max(p.width-1/p.width, manyQueued)
	}
}
