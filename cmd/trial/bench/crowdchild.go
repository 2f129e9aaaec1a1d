package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"time"

	"valise.example/exercise/lab"
)

const (
	crowdArgument = "crowd"
	// settle is how long nodes have to become idle: they connect, look for mail, and compare what
	// they hold with the relay.
	settle = 5 * time.Second
)

// runCrowd runs the nodes of labs whose relays run, all in this process, until ctx ends. When they
// are idle it says "ready" and how many goroutines there are. Before that it gives the kernel back
// what starting threw away, as the runtime does by itself in the minutes after.
func runCrowd(ctx context.Context, dirs []string, settle time.Duration, out io.Writer) (err error) {
	var nodes []*running
	defer func() {
		for _, n := range nodes {
			err = errors.Join(err, n.stop())
		}
	}()
	for _, dir := range dirs {
		l, err := lab.Open(dir)
		if err != nil {
			return err
		}
		for _, s := range l.Parties() {
			n, err := startNode(l, s)
			if err != nil {
				return err
			}
			nodes = append(nodes, n)
		}
	}
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(settle):
	}
	debug.FreeOSMemory()
	fmt.Fprintf(out, "ready %d\n", runtime.NumGoroutine())
	<-ctx.Done()
	return nil
}
