package node

import (
	"context"
	"errors"
	"net"
	"sync"
)

// task is what a node does by itself, beside answering at its door, until ctx ends. An error says
// that the node cannot go on.
type task func(ctx context.Context) error

// tasks are all of them; none waits for another.
func (n *Node) tasks(door *door, health net.Listener) []task {
	all := []task{
		endless(n.mail.run),
		endless(n.watchDirectory),
		endless(n.watchDisk),
		endless(n.callPeople),
		endless(n.lookAtRecord),
		endless(n.keepKeys),
		func(ctx context.Context) error { return n.watchRecord(ctx, door.service.SetServing) },
	}
	if n.clock != nil {
		all = append(all, endless(n.watchClock))
	}
	if health != nil {
		all = append(all, func(ctx context.Context) error { return n.serveHealth(ctx, health) })
	}
	return all
}

// endless is a task that nothing but the end of its node ends.
func endless(do func(context.Context)) task {
	return func(ctx context.Context) error {
		do(ctx)
		return nil
	}
}

// start lets tasks run, and stop once one of them cannot go on. wait returns when all have ended,
// with what they say.
func start(ctx context.Context, stop context.CancelFunc, tasks []task) (wait func() error) {
	var work sync.WaitGroup
	said := make([]error, len(tasks))
	for i, do := range tasks {
		work.Go(func() {
			if said[i] = do(ctx); said[i] != nil {
				stop()
			}
		})
	}
	return func() error {
		work.Wait()
		return errors.Join(said...)
	}
}
