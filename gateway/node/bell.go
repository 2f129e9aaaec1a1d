package node

import "sync"

// Bell wakes everyone who listens; a listener that is slow loses nothing, since one waiting
// ring is enough to make it look again. Any number of goroutines may use it.
type Bell struct {
	mu        sync.Mutex
	listeners map[chan struct{}]bool
}

// NewBell makes one to which nobody listens yet.
func NewBell() *Bell { return &Bell{listeners: map[chan struct{}]bool{}} }

// Ring wakes all; it never waits for any.
func (b *Bell) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for l := range b.listeners {
		select {
		case l <- struct{}{}:
		default:
		}
	}
}

// Listen gives a channel that receives after each ring, and a function that ends it.
func (b *Bell) Listen() (<-chan struct{}, func()) {
	l := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listeners[l] = true
	return l, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.listeners, l)
	}
}
