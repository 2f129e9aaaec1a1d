package lab

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"valise.example/gateway/node"
	"valise.example/proto/ident"
	"valise.example/relay"
)

// RunRelay runs the lab's relay until ctx ends. ready is called once, with the address.
func (l *Lab) RunRelay(ctx context.Context, log *slog.Logger, ready func(address string)) error {
	return relay.Run(ctx, relay.RunConfig{Dir: l.RelayHome(), RosterPath: l.RosterPath(), Logger: log, Ready: ready})
}

// RunNode runs one State's node until ctx ends. ready is called once, with its code.
func (l *Lab) RunNode(ctx context.Context, state ident.State, log *slog.Logger, ready func(state string)) error {
	return l.RunNodeWith(ctx, state, node.OpenConfig{Logger: log}, ready)
}

// RunNodeWith is RunNode with a clock of its own, or an exercise that its seats are told of. Where Now, Rand or
// Logger are not said they are those of the machine, and nothing is logged.
func (l *Lab) RunNodeWith(ctx context.Context, state ident.State, c node.OpenConfig, ready func(state string)) error {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	n, err := node.Open(l.Home(state), c)
	if err != nil {
		return err
	}
	return errors.Join(n.Run(ctx, ready), n.Close())
}

// Ready says which part of a running lab serves now: Address of the relay, or State of a node.
type Ready struct {
	Address string
	State   string
}

// Run runs relay and nodes in one process until ctx ends or one of them fails; then it ends
// all. ready may be called from several goroutines.
func (l *Lab) Run(ctx context.Context, log *slog.Logger, ready func(Ready)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var (
		parts  sync.WaitGroup
		mu     sync.Mutex
		failed error
	)
	part := func(run func() error) {
		parts.Go(func() {
			if err := run(); err != nil {
				mu.Lock()
				failed = errors.Join(failed, err)
				mu.Unlock()
				stop()
			}
		})
	}
	part(func() error {
		return l.RunRelay(ctx, log, func(address string) { ready(Ready{Address: address}) })
	})
	for _, s := range l.Parties() {
		part(func() error {
			return l.RunNode(ctx, s, log, func(state string) { ready(Ready{State: state}) })
		})
	}
	parts.Wait()
	return failed
}
