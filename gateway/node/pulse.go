package node

import (
	"context"
	"sync"

	"valise.example/gateway"
)

// pulse asks the core whether it answers. Of several who ask at once one asks and all hear, so that
// a core that hangs holds one goroutine and not one for each question. P7
type pulse struct {
	beat func(context.Context)

	mu    sync.Mutex
	under chan struct{} // closed when the question that is under way has its answer; nil: none is
}

// answers reports whether the core answered before ctx ended. An answer that says no is one too.
func (p *pulse) answers(ctx context.Context) bool {
	p.mu.Lock()
	answered := p.under
	if answered == nil {
		answered = make(chan struct{})
		p.under = answered
		go p.ask(context.WithoutCancel(ctx), answered)
	}
	p.mu.Unlock()
	select {
	case <-answered:
		return true
	case <-ctx.Done():
		return false
	}
}

// ask goes on when whoever asked first has gone: the others still wait.
func (p *pulse) ask(ctx context.Context, answered chan struct{}) {
	p.beat(ctx)
	p.mu.Lock()
	p.under = nil
	p.mu.Unlock()
	close(answered)
}

// Answers reports whether the core and its record answer before ctx ends. While the record is opened
// again after a storage error the node works on it, and that is an answer. docs/protocol.md §12.3
func (n *Node) Answers(ctx context.Context) bool { return n.pulse.answers(ctx) }

// beat takes the core's lock and reads of the record.
func (n *Node) beat(ctx context.Context) {
	l := n.life.Load()
	if l.isOver() {
		return
	}
	l.gateway.WakeMessages(n.now())
	_ = keeper{l}.View(ctx, func(tx gateway.Tx) error { tx.Items(); return nil })
}
