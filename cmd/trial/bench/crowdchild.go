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

const crowdArgument = "crowd"

// runCrowd runs the nodes of labs whose relays run, all in this process, until ctx ends. When they
// are idle, a while after they started, it says "ready" and how many goroutines there are. Before that it gives the kernel back
// what starting threw away, as the runtime does by itself in the minutes after.
func runCrowd(ctx context.Context, settle string, dirs []string, out io.Writer) (err error) {
	while, err := time.ParseDuration(settle)
	if err != nil {
		return err
	}
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
	case <-time.After(while):
	}
	debug.FreeOSMemory()
	fmt.Fprintf(out, "ready %d\n", runtime.NumGoroutine())
	<-ctx.Done()
	return nil
}
