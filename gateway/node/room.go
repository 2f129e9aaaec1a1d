package node

import "sync"

// Room is counted in steps of the smallest envelope. What is under way at once fits about 1.3 MB of
// envelopes, whatever their sizes, so that 64 messages go side by side and 64 parts of an
// attachment do not fill the memory. P7
const (
	roomStep  = 20 << 10
	roomSteps = 64
)

// room lets work in for as long as there is space, in the order in which it came.
type room struct {
	turn sync.Mutex // held by the one that waits for space; the others queue behind it
	mu   sync.Mutex
	free int
	left chan struct{} // a token when somebody left
}

func newRoom() *room { return &room{free: roomSteps, left: make(chan struct{}, 1)} }

// enter waits for the space that so many bytes take and gives the function that returns it.
func (r *room) enter(bytes int) (leave func()) {
	steps := min(max((bytes+roomStep-1)/roomStep, 1), roomSteps)
	r.turn.Lock()
	defer r.turn.Unlock()
	for !r.take(steps) {
		<-r.left
	}
	return sync.OnceFunc(func() { r.give(steps) })
}

func (r *room) take(steps int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.free < steps {
		return false
	}
	r.free -= steps
	return true
}

func (r *room) give(steps int) {
	r.mu.Lock()
	r.free += steps
	r.mu.Unlock()
	select {
	case r.left <- struct{}{}:
	default:
	}
}
