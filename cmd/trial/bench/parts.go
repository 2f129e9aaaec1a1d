package main

import (
	"context"
	"errors"
	"sync"
)

// parts are goroutines that end together: the first that fails ends them all.
type parts struct {
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	mu     sync.Mutex
	failed error
}

func newParts(ctx context.Context) *parts {
	p := &parts{}
	p.ctx, p.cancel = context.WithCancel(ctx)
	return p
}

func (p *parts) run(part func(context.Context) error) {
	p.work.Go(func() {
		if err := part(p.ctx); err != nil && p.ctx.Err() == nil {
			p.mu.Lock()
			p.failed = errors.Join(p.failed, err)
			p.mu.Unlock()
			p.cancel()
		}
	})
}

// ended is closed when the parts are to end.
func (p *parts) ended() <-chan struct{} { return p.ctx.Done() }

// stop ends all parts, waits for them and gives what failed.
func (p *parts) stop() error {
	p.cancel()
	p.work.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed
}
