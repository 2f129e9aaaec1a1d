package conduct

import (
	"testing"
	"time"

	"valise.example/gateway/node"
)

// TestWhatWasDoneIsNotToldAsUndone: the last line is written, and with it the exercise is over: whoever waited for that
// line learns that it is there, whichever of the two wakes it.
func TestWhatWasDoneIsNotToldAsUndone(t *testing.T) {
	for range 200 {
		e := &Exercise{news: node.NewBell(), over: make(chan struct{})}
		closed, line := make(chan bool), make(chan bool)
		go func() {
			_, there := e.awaitClosed(t.Context())
			closed <- there
		}()
		go func() { line <- e.durable(t.Context(), 1) }()
		time.Sleep(time.Millisecond) // most of the time both wait by then
		e.mu.Lock()
		e.closed, e.lines = true, make([]written, 1)
		e.mu.Unlock()
		close(e.over)
		if !<-closed || !<-line {
			t.Fatal("what is in the recording is told as if it were not")
		}
	}
}

// TestNobodyWaitsForWhatNoLongerComes: an exercise that ends without the line ends the waiting too.
func TestNobodyWaitsForWhatNoLongerComes(t *testing.T) {
	e := &Exercise{news: node.NewBell(), over: make(chan struct{})}
	close(e.over)
	if e.durable(t.Context(), 1) {
		t.Error("a line is there that nobody wrote")
	}
}
